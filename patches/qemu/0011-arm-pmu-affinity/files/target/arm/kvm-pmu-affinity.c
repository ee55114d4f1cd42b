/*
 * Arm PMU of a KVM guest: vCPUs stay where their PMU is
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include <sched.h>
#include <linux/kvm.h>
#include "qapi/error.h"
#include "qapi/qapi-events-kvm-pmu.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "exec/cpu-common.h"
#include "system/runstate.h"
#include "kvm-pmu.h"
#include "kvm-pmu-affinity.h"

/* KVM_EXIT_FAIL_ENTRY_CPU_UNSUPPORTED of arm64's headers. */
#define CPU_UNSUPPORTED 1ull

static bool affinity_off;

/* What the calling thread was allowed before, and how often it was caught. */
static __thread struct {
    uint64_t *before;
    bool caught;
} thread;

static char *get_affinity(Object *obj, Error **errp)
{
    return g_strdup(affinity_off ? "off" : "auto");
}

static void set_affinity(Object *obj, const char *value, Error **errp)
{
    if (!g_str_equal(value, "auto") && !g_str_equal(value, "off")) {
        error_setg(errp, "pmu-affinity=%s is not 'auto' or 'off'", value);
        return;
    }
    affinity_off = g_str_equal(value, "off");
}

void kvm_arm_pmu_add_affinity(ObjectClass *oc)
{
    object_class_property_add_str(oc, "pmu-affinity", get_affinity,
                                  set_affinity);
    object_class_property_set_description(oc, "pmu-affinity",
        "Keep vCPUs on the CPUs of a PMU that covers only some: auto or off "
        "(default: auto)");
}

static bool must_confine(void)
{
    const ArmPmuChoice *choice = kvm_arm_pmu_choice();

    return choice->kind == ARM_PMU_SOURCE && choice->partial && !affinity_off;
}

int kvm_arm_pmu_confine(void)
{
    const ArmPmuSource *source = kvm_arm_pmu_choice()->source;
    g_autofree ArmPmuCpus *allowed = g_new0(ArmPmuCpus, 1);
    size_t size = sizeof(allowed->words);
    uint64_t any = 0;

    if (!must_confine()) {
        return 0;
    }
    if (!thread.before) {
        if (sched_getaffinity(0, size, (cpu_set_t *)allowed->words) < 0) {
            return -errno;
        }
        thread.before = g_memdup2(allowed->words, size);
    }
    memcpy(allowed->words, thread.before, size);
    for (int i = 0; i < ARRAY_SIZE(allowed->words); i++) {
        allowed->words[i] &= source->cpus.words[i];
        any |= allowed->words[i];
    }
    if (!any) {
        error_report("PMU %s covers CPUs %s, and this vCPU may run on none of "
                     "them", source->name, source->cpu_list);
        return -EINVAL;
    }
    return sched_setaffinity(0, size, (cpu_set_t *)allowed->words) < 0 ?
           -errno : 0;
}

void kvm_arm_pmu_release(void)
{
    if (thread.before) {
        sched_setaffinity(0, sizeof(((ArmPmuCpus *)0)->words),
                          (cpu_set_t *)thread.before);
        g_clear_pointer(&thread.before, g_free);
    }
}

int kvm_arm_pmu_entry_failed(CPUState *cs, struct kvm_run *run)
{
    uint64_t reason = run->fail_entry.hardware_entry_failure_reason;
    int host_cpu = run->fail_entry.cpu;
    const ArmPmuSource *source = kvm_arm_pmu_choice()->source;

    if (!source || reason != CPU_UNSUPPORTED) {
        error_report("KVM: vCPU %d cannot enter the guest on CPU %d, reason "
                     "0x%" PRIx64, cs->cpu_index, host_cpu, reason);
        return -1;
    }
    if (must_confine() && !thread.caught && kvm_arm_pmu_confine() == 0) {
        thread.caught = true;
        return 0;
    }
    thread.caught = false;
    error_report("vCPU %d is on CPU %d, and PMU %s covers CPUs %s only: the "
                 "guest is paused", cs->cpu_index, host_cpu, source->name,
                 source->cpu_list);
    bql_lock();
    qapi_event_send_vpmu_cpu_unsupported(cs->cpu_index, host_cpu,
                                         source->name, source->cpu_list);
    vm_stop(RUN_STATE_PAUSED);
    bql_unlock();
    return EXCP_INTERRUPT;
}
