/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "common/checks.h"
#include "common/unavailable.h"
#include "target/arm-cpu.h"
#include "target/arm-registers.h"
#include "target/pmu-select.h"
#include "util/bits.h"

/* ID_AA64DFR0_EL1.PMUVer; KVM shows guests at most PMUv3 for Armv8.5. */
#define PMUVER_SHIFT   8
#define PMUVER_IMPDEF  0xf
#define PMUVER_KVM_MAX 6

/* False where the profile does not have the register. */
static bool id_reg(const HostProfile *host, const char *name, uint64_t *ret)
{
    for (unsigned i = 0; i < host->arm.id_regs->len; i++) {
        const ArmIdReg *reg = &g_array_index(host->arm.id_regs, ArmIdReg, i);

        if (strcmp(reg->name, name) == 0) {
            *ret = reg->value;
            return true;
        }
    }
    return false;
}

/* What a guest sees; where the register is unknown, the least KVM ever gives. */
unsigned arm_host_pmu_version(const HostProfile *host)
{
    uint64_t dfr0;
    unsigned version;

    if (!host->caps[KVM_CAPID_ARM_PMU_V3]) {
        return 0;
    }
    if (!id_reg(host, "ID_AA64DFR0_EL1", &dfr0)) {
        return 1;
    }
    version = (unsigned)bits_get(dfr0, PMUVER_SHIFT, 4);
    return version == PMUVER_IMPDEF ? 1 : MIN(version, PMUVER_KVM_MAX);
}

/* Features of KVM_ARM_VCPU_INIT that follow a switch, where KVM has them. */
static const struct {
    const char *name;
    size_t offset; /* the switch, OnOffAuto */
    ArmVcpuFeature feature;
} switch_rows[] = {
    {"sve", offsetof(ArmCpu, sve), ARM_VCPU_SVE},
    {"pauth", offsetof(ArmCpu, pauth), ARM_VCPU_PTRAUTH_ADDRESS},
    {"pauth", offsetof(ArmCpu, pauth), ARM_VCPU_PTRAUTH_GENERIC},
};

/* Accepted by name, as management software knows them, but not to be had yet. */
static const UnavailableRow unavailable[] = {
    {"kvm-no-adjvtime", "virtual time stands still while the guest does"},
    {"kvm-steal-time", "stolen time is not told to guests"},
};

static void resolve_switches(const ArmCpu *cpu, const HostProfile *host, ArmContract *arm,
                             Report *report)
{
    size_t refused = 0; /* one switch may have two features */

    for (unsigned i = 0; i < ARRAY_LEN(switch_rows); i++) {
        int asked = *(const int *)((const char *)cpu + switch_rows[i].offset);

        if (asked == ON_OFF_AUTO_OFF) {
            continue;
        }
        if (arm_host_has_feature(host, switch_rows[i].feature)) {
            arm->vcpu_features |= (uint32_t)BIT64(switch_rows[i].feature);
        } else if (asked == ON_OFF_AUTO_ON && refused != switch_rows[i].offset) {
            refused = switch_rows[i].offset;
            report_add(report, &(Finding){.level = FINDING_ERROR,
                                          .row = switch_rows[i].name,
                                          .asked = "on",
                                          .offered = "off",
                                          .given = "off",
                                          .cause = "KVM does not offer it on this host",
                                          .remedy = "leave it out"});
        }
    }
    if (!cpu->aarch64) {
        report_add(report, &(Finding){.level = FINDING_ERROR,
                                      .row = "aarch64",
                                      .asked = "off",
                                      .cause = "guests start in 64-bit state only",
                                      .remedy = "leave aarch64=off out"});
    }
}

static void refuse_counters(const ArmCpu *cpu, const char *offered, const char *cause,
                            Report *report)
{
    g_autofree char *asked = g_strdup_printf("%" G_GUINT64_FORMAT, cpu->pmu_counters);

    report_add(report, &(Finding){.level = FINDING_ERROR,
                                  .row = "pmu-counters",
                                  .asked = asked,
                                  .offered = offered,
                                  .cause = cause,
                                  .remedy = "leave pmu-counters out"});
}

static void resolve_counters(const ArmCpu *cpu, const HostProfile *host,
                             const PmuSource *source, ArmContract *arm, Report *report)
{
    unsigned most = arm_host_counters(host, source);
    g_autofree char *offered = NULL;
    const char *cause = NULL;
    bool is_settable;

    arm->pmu_counters = most ? (int)most : -1;
    if (arm->pmu_kind == ARM_PMU_FIXED_COUNTERS_ONLY) {
        arm->pmu_counters = 0;
    }
    is_settable = arm->pmu_kind == ARM_PMU_EVENT_SOURCE &&
                  host->arm.has_pmu_attr[ARM_ATTR_NR_COUNTERS];
    if (cpu->pmu_counters == UINT64_MAX ||
        (!is_settable && arm->pmu_counters >= 0 &&
         cpu->pmu_counters == (uint64_t)arm->pmu_counters)) {
        return;
    }
    if (most) {
        offered = is_settable ? g_strdup_printf("0 to %u", most)
                              : g_strdup_printf("%d", arm->pmu_counters);
    }
    if (arm->pmu_kind != ARM_PMU_EVENT_SOURCE) {
        cause = "only a chosen event source has a settable number of counters";
    } else if (!host->arm.has_pmu_attr[ARM_ATTR_NR_COUNTERS]) {
        cause = "the kernel cannot set the number of counters: it is older than 6.16";
    } else if (cpu->pmu_counters > (most ? most : 31)) {
        cause = "the event source has fewer counters";
    }
    if (cause) {
        refuse_counters(cpu, offered, cause, report);
        return;
    }
    arm->pmu_counters = (int)cpu->pmu_counters;
    arm->set_nr_counters = true;
}

static void take_source(const PmuChoice *choice, ArmContract *arm)
{
    if (!choice->source) {
        return;
    }
    arm->pmu_source = g_strdup(choice->source->name);
    arm->midr = choice->source->midr ? choice->source->midr : arm->midr;
    arm->is_partial = choice->is_partial;
}

static void resolve_pmu(const ArmCpu *cpu, const CpuResolveInput *in,
                        CpuContract *contract, Report *report)
{
    ArmContract *arm = &contract->arm;
    PmuSelectInput select = {
        .host = in->host,
        .request = &in->accel->pmu,
        .backcompat = in->accel->backcompat_pmu,
        .allow_fixed_counters = in->accel->x_fixed_counters_only,
        .is_explicit_on = cpu->pmu == ON_OFF_AUTO_ON,
        .leaves_threads = in->accel->pmu_affinity == PMU_AFFINITY_OFF,
    };
    PmuChoice choice = pmu_select(&select, report);

    arm->pmu_kind = choice.kind;
    contract->pmu_enabled = choice.kind != ARM_PMU_NONE;
    if (!contract->pmu_enabled) {
        return;
    }
    contract->pmu_mode = host_profile_mode(in->host);
    arm->vcpu_features |= (uint32_t)BIT64(ARM_VCPU_PMU_V3);
    arm->pmu_version = arm_host_pmu_version(in->host);
    if (cpu->x_pmu_strict && arm_host_has_feature(in->host, ARM_VCPU_PMU_V3_STRICT) &&
        choice.kind == ARM_PMU_EVENT_SOURCE) {
        arm->vcpu_features |= (uint32_t)BIT64(ARM_VCPU_PMU_V3_STRICT);
    }
    take_source(&choice, arm);
    resolve_counters(cpu, in->host, choice.source, arm, report);
}

/* Named in -accel while the CPU has no PMU: harmless, but worth a word. */
static void note_unused_request(const KvmAccel *accel, Report *report)
{
    if (accel->pmu.kind != PMU_REQUEST_UNSET && accel->pmu.kind != PMU_REQUEST_NONE &&
        accel->pmu.kind != PMU_REQUEST_AUTO) {
        report_add(report,
                   &(Finding){.level = FINDING_WARNING,
                              .row = "accel.pmu",
                              .given = "none",
                              .cause = "-cpu …,pmu=off leaves the guest without a "
                                       "PMU, whatever -accel kvm,pmu= names",
                              .remedy = "drop one of the two"});
    }
}

CpuContract *arm_cpu_resolve(const ArmCpu *cpu, const CpuResolveInput *in, Report *report)
{
    CpuContract *contract = cpu_contract_new(TARGET_ARCH_AARCH64);
    const char *type = cpu->parent.type->name;

    contract->machine = g_strdup(in->machine);
    contract->cpu_model = g_strndup(type, strlen(type) - strlen(ARM_CPU_TYPE_SUFFIX));
    contract->arm.midr = in->host->arm.midr;
    contract->arm.vcpu_features = (uint32_t)BIT64(ARM_VCPU_PSCI_0_2);
    check_unavailable((const Object *)cpu, unavailable, ARRAY_LEN(unavailable), report);
    check_unavailable((const Object *)in->accel, accel_unavailable,
                      accel_unavailable_count, report);
    resolve_switches(cpu, in->host, &contract->arm, report);
    if (cpu->pmu == ON_OFF_AUTO_OFF) {
        note_unused_request(in->accel, report);
    } else {
        resolve_pmu(cpu, in, contract, report);
    }
    if (!contract->pmu_enabled && cpu->pmu_counters != UINT64_MAX && cpu->pmu_counters) {
        refuse_counters(cpu, NULL, "the guest has no PMU", report);
    }
    arm_registers_take(contract->arm.registers, in->host->arm.registers,
                       contract->pmu_enabled);
    return contract;
}
