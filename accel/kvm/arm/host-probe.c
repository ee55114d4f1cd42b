/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The facts of an arm64 host: a scratch VM with one vCPU answers what only a vCPU can.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "accel/host-affinity.h"
#include "accel/host-probe.h"
#include "accel/kvm-vm.h"
#include "util/bits.h"
#include "util/error.h"

#define SYSREG(op0, op1, crn, crm, op2) ARM64_SYS_REG(op0, op1, crn, crm, op2)

/* Sorted by encoding.  Source: Arm ARM, D19.2. */
static const struct {
    const char *name;
    uint64_t id;
} id_reg_rows[] = {
    {"MIDR_EL1", SYSREG(3, 0, 0, 0, 0)},
    {"ID_AA64PFR0_EL1", SYSREG(3, 0, 0, 4, 0)},
    {"ID_AA64PFR1_EL1", SYSREG(3, 0, 0, 4, 1)},
    {"ID_AA64DFR0_EL1", SYSREG(3, 0, 0, 5, 0)},
    {"ID_AA64DFR1_EL1", SYSREG(3, 0, 0, 5, 1)},
    {"ID_AA64ISAR0_EL1", SYSREG(3, 0, 0, 6, 0)},
    {"ID_AA64ISAR1_EL1", SYSREG(3, 0, 0, 6, 1)},
    {"ID_AA64MMFR0_EL1", SYSREG(3, 0, 0, 7, 0)},
    {"ID_AA64MMFR1_EL1", SYSREG(3, 0, 0, 7, 1)},
    {"ID_AA64MMFR2_EL1", SYSREG(3, 0, 0, 7, 2)},
};

/* No vCPU has more. */
#define REGISTERS_MAX 4096

/* A throw-away VM and vCPU; every descriptor is closed by scratch_clear(). */
typedef struct Scratch {
    KvmSys *sys;
    KvmVm *vm;
    int vcpu; /* -1: none */
} Scratch;

static void scratch_clear(Scratch *scratch)
{
    if (scratch->vcpu >= 0) {
        kvm_sys_close(scratch->sys, scratch->vcpu);
    }
    kvm_vm_free(scratch->vm);
    *scratch = (Scratch){.sys = scratch->sys, .vcpu = -1};
}

/* Returns 0, or the errno of KVM_ARM_VCPU_INIT where that alone failed. */
static int scratch_init(Scratch *scratch, bool with_pmu, GError **errp)
{
    struct kvm_vcpu_init init;
    int ret;

    scratch->vm = kvm_vm_new(scratch->sys, 0, errp);
    if (!scratch->vm) {
        return -1;
    }
    scratch->vcpu =
        kvm_ioctl_value(scratch->sys, kvm_vm_fd(scratch->vm), KVM_CREATE_VCPU, 0, errp);
    if (scratch->vcpu < 0 || !kvm_vm_get_preferred_target(scratch->vm, &init, errp)) {
        return -1;
    }
    init.features[0] = BIT64(KVM_ARM_VCPU_PSCI_0_2);
    if (with_pmu) {
        init.features[0] |= BIT64(KVM_ARM_VCPU_PMU_V3);
    }
    ret = kvm_ioctl_errno(scratch->sys, scratch->vcpu, KVM_ARM_VCPU_INIT, &init);
    if (ret < 0) {
        error_set_errno(errp, -ret, "KVM_ARM_VCPU_INIT%s", with_pmu ? " with a PMU" : "");
        return -ret;
    }
    return 0;
}

/*
 * A scratch vCPU with a PMU.  Since Linux 6.12 its initialisation fails with ENODEV where
 * the thread happens to sit on a CPU that no PMU covers, so it is tried again on the
 * first CPU of each source, and the thread's affinity restored.
 */
static bool scratch_init_pmu(Scratch *scratch, const HostProfile *host, GError **errp)
{
    g_autoptr(GError) err = NULL;
    int status = scratch_init(scratch, true, &err);
    cpu_set_t before;
    bool ok = status == 0;

    if (status != ENODEV || sched_getaffinity(0, sizeof(before), &before) < 0) {
        if (!ok) {
            g_propagate_error(errp, g_steal_pointer(&err));
        }
        return ok;
    }
    for (unsigned i = 0; !ok && i < host->sources->len; i++) {
        const PmuSource *source = &g_array_index(host->sources, PmuSource, i);
        int first = source->cpus ? cpu_set_next(source->cpus, 0) : -1;
        cpu_set_t one;

        if (first < 0 || first >= CPU_SETSIZE) {
            continue;
        }
        CPU_ZERO(&one);
        CPU_SET((unsigned)first, &one);
        scratch_clear(scratch);
        g_clear_error(&err);
        ok = sched_setaffinity(0, sizeof(one), &one) == 0 &&
             scratch_init(scratch, true, &err) == 0;
    }
    if (sched_setaffinity(0, sizeof(before), &before) < 0) {
        error_set_errno(errp, errno, "restoring the CPU affinity after probing");
        return false;
    }
    if (!ok) {
        if (err) {
            g_propagate_error(errp, g_steal_pointer(&err));
        } else {
            error_set(errp, "no host CPU is covered by a PMU that KVM can use");
        }
    }
    return ok;
}

static bool read_reg(const Scratch *scratch, uint64_t id, uint64_t *ret)
{
    struct kvm_one_reg reg = {.id = id, .addr = (uintptr_t)ret};

    return kvm_ioctl_errno(scratch->sys, scratch->vcpu, KVM_GET_ONE_REG, &reg) >= 0;
}

static void probe_id_regs(const Scratch *scratch, HostProfile *host)
{
    for (unsigned i = 0; i < ARRAY_LEN(id_reg_rows); i++) {
        ArmIdReg reg = {0};

        if (!read_reg(scratch, id_reg_rows[i].id, &reg.value)) {
            continue;
        }
        if (i == 0) {
            host->arm.midr = reg.value;
        } else {
            reg.name = g_strdup(id_reg_rows[i].name);
            g_array_append_val(host->arm.id_regs, reg);
        }
    }
}

static int register_order(gconstpointer a, gconstpointer b)
{
    uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;

    return one < two ? -1 : one > two;
}

/* Which registers a saved vCPU has.  Unknown where KVM does not say. */
static void probe_registers(const Scratch *scratch, HostProfile *host)
{
    g_autofree struct kvm_reg_list *list =
        g_malloc0(sizeof(*list) + REGISTERS_MAX * sizeof(list->reg[0]));

    list->n = REGISTERS_MAX;
    if (kvm_ioctl_errno(scratch->sys, scratch->vcpu, KVM_GET_REG_LIST, list) == 0) {
        for (uint64_t i = 0; i < list->n; i++) {
            uint64_t id = list->reg[i];

            g_array_append_val(host->arm.registers, id);
        }
        g_array_sort(host->arm.registers, register_order);
    }
}

static void probe_gic(const Scratch *scratch, HostProfile *host)
{
    if (kvm_vm_has_device(scratch->vm, KVM_DEV_TYPE_ARM_VGIC_V3)) {
        host->arm.gic_version = 3;
    } else if (kvm_vm_has_device(scratch->vm, KVM_DEV_TYPE_ARM_VGIC_V2)) {
        host->arm.gic_version = 2;
    }
}

static bool has_attr(const Scratch *scratch, uint64_t attr)
{
    struct kvm_device_attr request = {.group = KVM_ARM_VCPU_PMU_V3_CTRL, .attr = attr};

    return kvm_ioctl_errno(scratch->sys, scratch->vcpu, KVM_HAS_DEVICE_ATTR, &request) ==
           0;
}

static int set_pmu(const Scratch *scratch, int type)
{
    struct kvm_device_attr request = {.group = KVM_ARM_VCPU_PMU_V3_CTRL,
                                      .attr = arm_pmu_attr_rows[ARM_ATTR_SET_PMU].number,
                                      .addr = (uintptr_t)&type};

    return -kvm_ioctl_errno(scratch->sys, scratch->vcpu, KVM_SET_DEVICE_ATTR, &request);
}

/* PMCR_EL0.N; it depends on the source in effect. */
static uint32_t read_counters(const Scratch *scratch)
{
    uint64_t pmcr = 0;

    return read_reg(scratch, SYSREG(3, 3, 9, 12, 0), &pmcr)
               ? (uint32_t)bits_get(pmcr, 11, 5)
               : 0;
}

/*
 * Sources were found in sysfs; here each that looks like a CPU PMU is shown to KVM once,
 * so that a refusal is known before a guest depends on it.
 */
static void probe_pmu(const Scratch *scratch, HostProfile *host)
{
    for (unsigned i = 0; i < ARM_ATTR_COUNT; i++) {
        host->arm.has_pmu_attr[i] = has_attr(scratch, arm_pmu_attr_rows[i].number);
    }
    host->arm.pmu_counters = read_counters(scratch);
    for (unsigned i = 0;
         host->arm.has_pmu_attr[ARM_ATTR_SET_PMU] && i < host->sources->len; i++) {
        PmuSource *source = &g_array_index(host->sources, PmuSource, i);

        if (source->cpus && source->type <= INT32_MAX) {
            source->trial = MAX(set_pmu(scratch, (int)source->type), 0);
            source->counters = source->trial ? 0 : read_counters(scratch);
        }
    }
}

static bool probe_scratch(KvmSys *sys, HostProfile *host, GError **errp)
{
    bool with_pmu = host->caps[KVM_CAPID_ARM_PMU_V3];
    Scratch scratch = {.sys = sys, .vcpu = -1};
    g_autoptr(GError) err = NULL;
    bool ok;

    if (with_pmu && scratch_init_pmu(&scratch, host, &err)) {
        probe_id_regs(&scratch, host);
        probe_registers(&scratch, host);
        probe_gic(&scratch, host);
        probe_pmu(&scratch, host);
        scratch_clear(&scratch);
        return true;
    }
    if (err) {
        host->cpus_problem =
            host->cpus_problem ? host->cpus_problem : g_strdup(err->message);
    }
    scratch_clear(&scratch);
    ok = scratch_init(&scratch, false, errp) == 0;
    if (ok) {
        probe_id_regs(&scratch, host);
        probe_registers(&scratch, host);
        probe_gic(&scratch, host);
    }
    scratch_clear(&scratch);
    return ok;
}

/*
 * The mode KVM runs in, where the kernel was told one; it says so nowhere else that can
 * be read without privileges.  Source: Linux kernel-parameters.txt, kvm-arm.mode.
 */
static void probe_mode(FileSys *fs, HostProfile *host)
{
    g_autofree char *line = file_read_line(fs, "/proc/cmdline", NULL);
    g_auto(GStrv) words = line ? g_strsplit(line, " ", -1) : NULL;

    for (unsigned i = 0; words && words[i]; i++) {
        if (strcmp(words[i], "kvm-arm.mode=protected") == 0) {
            host->arm.mode = HOST_MODE_PROTECTED;
        } else if (strcmp(words[i], "kvm-arm.mode=nvhe") == 0) {
            host->arm.mode = HOST_MODE_NVHE;
        } else if (strcmp(words[i], "kvm-arm.mode=nested") == 0) {
            host->arm.mode = HOST_MODE_VHE;
        }
    }
}

HostProfile *kvm_host_profile_probe(KvmSys *sys, FileSys *fs, GError **errp)
{
    g_autoptr(HostProfile) host = host_profile_new(TARGET_ARCH_AARCH64);

    host->origin = HOST_LIVE;
    for (unsigned i = 0; i < KVM_CAPID_COUNT; i++) {
        if (kvm_cap_rows[i].is_arm) {
            host->caps[i] = kvm_sys_check_extension(sys, (int)kvm_cap_rows[i].number);
        }
    }
    host_probe_sysfs(fs, "/sys", host, NULL);
    host_probe_cores(fs, "/sys", host);
    host->allowed = host_affinity_allowed();
    host_probe_kernel(fs, host);
    probe_mode(fs, host);
    if (!probe_scratch(sys, host, errp)) {
        return NULL;
    }
    return g_steal_pointer(&host);
}
