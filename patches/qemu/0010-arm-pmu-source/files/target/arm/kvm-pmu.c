/*
 * Arm PMU of a KVM guest: the host PMU behind it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include <sys/ioctl.h>
#include <linux/kvm.h>
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qom/object.h"
#include "system/kvm.h"
#include "system/kvm_int.h"
#include "trace.h"
#include "kvm-pmu.h"

/* What the command line and the machine say, and what came of it. */
static struct {
    char *asked;
    bool backcompat;
    bool decided;
    GPtrArray *sources;
    ArmPmuChoice choice;
} pmu = { .backcompat = BACKCOMPAT_PMU };

static bool still_open(const char *name, Error **errp)
{
    if (pmu.decided) {
        error_setg(errp, "%s cannot change once KVM is in use", name);
    }
    return !pmu.decided;
}

static char *get_pmu(Object *obj, Error **errp)
{
    return g_strdup(pmu.asked ?: "auto");
}

static void set_pmu(Object *obj, const char *value, Error **errp)
{
    if (!*value) {
        error_setg(errp, "pmu= is empty; it takes the type or the name of a "
                   "host PMU, 'auto' or 'none'");
    } else if (still_open("pmu", errp)) {
        g_free(pmu.asked);
        pmu.asked = g_strdup(value);
    }
}

static bool get_backcompat(Object *obj, Error **errp)
{
    return pmu.backcompat;
}

static void set_backcompat(Object *obj, bool value, Error **errp)
{
    if (still_open("backcompat-pmu", errp)) {
        pmu.backcompat = value;
    }
}

void kvm_arm_pmu_add_properties(ObjectClass *oc)
{
    object_class_property_add_str(oc, "pmu", get_pmu, set_pmu);
    object_class_property_set_description(oc, "pmu",
        "Host PMU of guests: its type or name, auto or none (default: auto)");
    object_class_property_add_bool(oc, "backcompat-pmu", get_backcompat,
                                   set_backcompat);
    object_class_property_set_description(oc, "backcompat-pmu",
        "Leave the choice of a host PMU to KVM, which takes any");
}

const ArmPmuChoice *kvm_arm_pmu_choice(void)
{
    return &pmu.choice;
}

static struct kvm_device_attr set_pmu_attr(int *type)
{
    return (struct kvm_device_attr) {
        .group = KVM_ARM_VCPU_PMU_V3_CTRL,
        .attr = KVM_ARM_VCPU_PMU_V3_SET_PMU,
        .addr = (uintptr_t)type,
    };
}

/* A VM with one vCPU, to ask KVM what it takes. */
typedef struct Scratch {
    int vm;
    int vcpu;
} Scratch;

static void scratch_close(Scratch *scratch)
{
    if (scratch->vcpu >= 0) {
        close(scratch->vcpu);
    }
    if (scratch->vm >= 0) {
        close(scratch->vm);
    }
    *scratch = (Scratch) { -1, -1 };
}

static bool scratch_open(KVMState *s, Scratch *scratch)
{
    int ipa_bits = kvm_check_extension(s, KVM_CAP_ARM_VM_IPA_SIZE);
    struct kvm_vcpu_init init = { 0 };

    *scratch = (Scratch) { -1, -1 };
    do {
        scratch->vm = kvm_ioctl(s, KVM_CREATE_VM, MAX(ipa_bits, 0));
    } while (scratch->vm == -EINTR);
    if (scratch->vm >= 0) {
        scratch->vcpu = ioctl(scratch->vm, KVM_CREATE_VCPU, 0);
    }
    if (scratch->vcpu < 0 ||
        ioctl(scratch->vm, KVM_ARM_PREFERRED_TARGET, &init) < 0) {
        scratch_close(scratch);
        return false;
    }
    /*
     * Its result does not count: on a CPU without a PMU it fails, and the
     * attributes can be asked for all the same.
     */
    init.features[0] |= 1 << KVM_ARM_VCPU_PMU_V3;
    ioctl(scratch->vcpu, KVM_ARM_VCPU_INIT, &init);
    return true;
}

static int scratch_try(void *opaque, uint32_t type)
{
    Scratch *scratch = opaque;
    int number = type;
    struct kvm_device_attr attr = set_pmu_attr(&number);
    int ret = ioctl(scratch->vcpu, KVM_SET_DEVICE_ATTR, &attr) < 0 ? -errno
                                                                   : 0;

    trace_kvm_arm_set_pmu(type, ret);
    return ret;
}

int kvm_arm_pmu_choose(KVMState *s)
{
    g_autofree ArmPmuCpus *possible = g_new0(ArmPmuCpus, 1);
    g_autofree ArmPmuCpus *present = g_new0(ArmPmuCpus, 1);
    Scratch scratch = { -1, -1 };
    ArmPmuFacts facts = {
        .asked = pmu.asked,
        .backcompat = pmu.backcompat,
        .has_pmu = kvm_check_extension(s, KVM_CAP_ARM_PMU_V3) > 0,
        .possible = possible,
        .present = present,
        .try = scratch_try,
        .opaque = &scratch,
    };
    Error *err = NULL;

    pmu.decided = true;
    pmu.sources = arm_pmu_read_sources("/sys");
    facts.sources = pmu.sources;
    arm_pmu_read_cpus("/sys", "possible", possible);
    arm_pmu_read_cpus("/sys", "present", present);

    if (facts.has_pmu && !(facts.backcompat && !facts.asked) &&
        scratch_open(s, &scratch)) {
        int type = 0;
        struct kvm_device_attr attr = set_pmu_attr(&type);

        facts.can_set = !ioctl(scratch.vcpu, KVM_HAS_DEVICE_ATTR, &attr);
    }
    if (!arm_pmu_choose(&facts, &pmu.choice, &err)) {
        error_report_err(err);
    }
    scratch_close(&scratch);
    trace_kvm_arm_pmu_choice(pmu.choice.kind, pmu.choice.source ?
                             pmu.choice.source->name : "");
    return err ? -EINVAL : 0;
}

int kvm_arm_pmu_set(int vcpu_fd)
{
    Scratch vcpu = { -1, vcpu_fd };
    int ret;

    if (pmu.choice.kind != ARM_PMU_SOURCE) {
        return 0;
    }
    ret = scratch_try(&vcpu, pmu.choice.source->type);
    if (ret < 0) {
        error_report("KVM refuses PMU %s, type %" PRIu32 ": %s",
                     pmu.choice.source->name, pmu.choice.source->type,
                     strerror(-ret));
    }
    return ret;
}
