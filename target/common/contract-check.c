/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/contract-check.h"

#include <inttypes.h>
#include <string.h>

#include "checks.h"
#include "target/arm-registers.h"
#include "util/bits.h"

void check_number(Report *report, CheckReason reason, const char *row, uint64_t guest,
                  uint64_t host)
{
    Relation relation = check_reason_rows[reason].relation;
    bool holds = relation == RELATION_AT_MOST           ? guest <= host
                 : relation == RELATION_EQUAL_OR_ABSENT ? !guest || guest == host
                                                        : guest == host;

    if (!holds) {
        g_autofree char *asked = g_strdup_printf("%" G_GUINT64_FORMAT, guest);
        g_autofree char *offered = g_strdup_printf("%" G_GUINT64_FORMAT, host);

        check_fail(report, reason, row, asked, offered, NULL);
    }
}

static const PmuSource *find_source(const HostProfile *host, const char *name)
{
    for (unsigned i = 0; i < host->sources->len; i++) {
        const PmuSource *source = &g_array_index(host->sources, PmuSource, i);

        if (strcmp(source->name, name) == 0 && source->cpus && source->trial <= 0) {
            return source;
        }
    }
    return NULL;
}

static void check_arm_source(const ArmContract *arm, const HostProfile *host,
                             Report *report)
{
    const PmuSource *source = find_source(host, arm->pmu_source);

    if (!source || !host->arm.has_set_pmu) {
        check_fail(report, CHECK_SOURCE_MISSING, "pmu.source", arm->pmu_source, NULL,
                   source ? "the kernel of the host cannot select an event source: it is "
                            "older than 5.18"
                          : NULL);
        return;
    }
    if (!arm->is_partial &&
        !(host->possible && cpu_set_covers(source->cpus, host->possible))) {
        g_autofree char *cpus = cpu_set_format(source->cpus);

        check_fail(report, CHECK_SOURCE_PARTIAL, "pmu.cpus", "every possible CPU", cpus,
                   NULL);
    }
}

static uint32_t host_counters(const ArmContract *arm, const HostProfile *host)
{
    const PmuSource *source = arm->pmu_source ? find_source(host, arm->pmu_source) : NULL;

    return source && source->counters ? source->counters : host->arm.pmu_counters;
}

/* What a guest on its source's CPUs reads there. */
static uint64_t host_midr(const ArmContract *arm, const HostProfile *host)
{
    const PmuSource *source = arm->pmu_source ? find_source(host, arm->pmu_source) : NULL;

    return source && source->midr ? source->midr : host->arm.midr;
}

/* Features of a vCPU, and the capability that says KVM has them. */
static const struct {
    const char *row;
    ArmVcpuFeature feature;
    KvmCapId cap;
    const char *property; /* of -cpu, that leaves it out */
} arm_rows[] = {
    {"sve",        ARM_VCPU_SVE,             KVM_CAPID_ARM_SVE,             "sve"         },
    {"pauth",      ARM_VCPU_PTRAUTH_ADDRESS, KVM_CAPID_ARM_PTRAUTH_ADDRESS, "pauth"       },
    {"pmu",        ARM_VCPU_PMU_V3,          KVM_CAPID_ARM_PMU_V3,          "pmu"         },
    {"pmu.strict", ARM_VCPU_PMU_V3_STRICT,   KVM_CAPID_ARM_PMU_V3_STRICT,   "x-pmu-strict"},
};

static void check_registers(const ArmContract *arm, const HostProfile *host,
                            Report *report)
{
    g_autofree char *missing = arm_registers_missing(arm->registers, host->arm.registers);

    if (missing) {
        check_fail(report, CHECK_REGISTER_MISSING, "registers", missing, NULL, NULL);
    }
}

static void check_counters(const ArmContract *arm, const HostProfile *host,
                           Report *report)
{
    uint64_t asked = (uint64_t)arm->pmu_counters, offered = host_counters(arm, host);
    g_autofree char *asked_text = g_strdup_printf("%" PRIu64, asked);
    g_autofree char *offered_text = g_strdup_printf("%" PRIu64, offered);

    if (!arm->set_nr_counters) {
        check_number(report, CHECK_COUNTERS_DIFFER, "pmu.counters", asked, offered);
    } else if (!host->arm.has_nr_counters) {
        check_fail_as(
            report, CHECK_COUNTERS_DIFFER,
            &(Finding){.row = (char *)"pmu.counters",
                       .asked = asked_text,
                       .offered = offered_text,
                       .cause = (char *)"the kernel of the host cannot set the number of "
                                        "counters: it is older than 6.16",
                       .remedy = (char *)"use a host with Linux 6.16 or later"});
    } else if (asked > offered) {
        check_fail_less(report, CHECK_COUNTERS_FEWER, "pmu.counters", asked_text,
                        offered_text, "pmu-counters", offered_text);
    }
}

static void check_arm(const ArmContract *arm, const HostProfile *host, Report *report)
{
    for (unsigned i = 0; i < ARRAY_LEN(arm_rows); i++) {
        if (arm->vcpu_features & BIT64(arm_rows[i].feature) &&
            !host->caps[arm_rows[i].cap]) {
            check_fail_less(report, CHECK_VCPU_FEATURE_MISSING, arm_rows[i].row, "on",
                            "off", arm_rows[i].property, "off");
        }
    }
    if (arm->midr != host_midr(arm, host)) {
        g_autofree char *asked = g_strdup_printf("0x%" G_GINT64_MODIFIER "x", arm->midr);
        g_autofree char *offered =
            g_strdup_printf("0x%" G_GINT64_MODIFIER "x", host_midr(arm, host));

        check_fail(report, CHECK_MIDR_DIFFERS, "midr", asked, offered, NULL);
    }
    check_registers(arm, host, report);
    if (arm->pmu_kind == ARM_PMU_EVENT_SOURCE) {
        check_arm_source(arm, host, report);
    }
    if (arm->pmu_kind == ARM_PMU_FIXED_COUNTERS_ONLY &&
        !host->arm.has_fixed_counters_only) {
        check_fail(report, CHECK_BACKEND_MISSING, "pmu.kind", "fixed-counters-only", NULL,
                   NULL);
    }
    if (arm->pmu_kind != ARM_PMU_NONE && host->caps[KVM_CAPID_ARM_PMU_V3]) {
        check_number(report, CHECK_PMUVER_DIFFERS, "pmu.version", arm->pmu_version,
                     arm_host_pmu_version(host));
    }
    if (arm->pmu_kind != ARM_PMU_NONE && arm->pmu_counters >= 0) {
        check_counters(arm, host, report);
    }
}

/* Unknown on either side holds: contracts and profiles from before there was a mode. */
static void check_mode(const CpuContract *contract, const HostProfile *host,
                       Report *report)
{
    HostMode mode = host_profile_mode(host);
    HostMode needed = contract->arch == TARGET_ARCH_X86_64
                          ? x86_contract_needs_mode(contract)
                          : HOST_MODE_UNKNOWN;
    HostMode had = needed ? needed : contract->pmu_mode;

    if (contract->pmu_enabled && had && mode && had != mode) {
        check_fail(report, needed ? CHECK_MODE_DIFFERS : CHECK_MODE_CHANGES, "pmu.mode",
                   host_mode_name(had), host_mode_name(mode), NULL);
    }
}

static unsigned arm_surplus(const ArmContract *arm, const HostProfile *host)
{
    uint32_t counters = host_counters(arm, host);
    unsigned surplus = 0;

    for (unsigned i = 0; i < ARRAY_LEN(arm_rows); i++) {
        surplus += host->caps[arm_rows[i].cap] &&
                   !(arm->vcpu_features & BIT64(arm_rows[i].feature));
    }
    for (unsigned i = 0; i < host->sources->len; i++) {
        const PmuSource *source = &g_array_index(host->sources, PmuSource, i);

        surplus += source->cpus && g_strcmp0(source->name, arm->pmu_source) != 0;
    }
    if (arm->pmu_counters >= 0 && counters > (uint32_t)arm->pmu_counters) {
        surplus += counters - (uint32_t)arm->pmu_counters;
    }
    return surplus;
}

unsigned contract_host_surplus(const CpuContract *contract, const HostProfile *host)
{
    if (contract->arch != host->arch) {
        return 0;
    }
    return contract->arch == TARGET_ARCH_X86_64 ? x86_contract_surplus(contract, host)
                                                : arm_surplus(&contract->arm, host);
}

void contract_settle(CpuContract *contract, const HostProfile *host)
{
    contract->pmu_mode =
        contract->pmu_enabled ? host_profile_mode(host) : HOST_MODE_UNKNOWN;
    if (contract->arch == TARGET_ARCH_AARCH64) {
        g_array_set_size(contract->arm.registers, 0);
        arm_registers_take(contract->arm.registers, host->arm.registers,
                           contract->pmu_enabled);
    }
    contract->x86.disable_pmu = contract->arch == TARGET_ARCH_X86_64 &&
                                !contract->pmu_enabled &&
                                host->caps[KVM_CAPID_PMU_CAPABILITY] & 1;
}

bool contract_check_ties(const CpuContract *contract, Report *report)
{
    bool is_tied = false;

    for (unsigned i = 0; contract->arch == TARGET_ARCH_X86_64 && i < X86_FEATURE_COUNT;
         i++) {
        g_autofree char *why = x86_contract_tie(contract, i);

        if (why) {
            check_fail(report, CHECK_TIED_TO_HOST, x86_feature_rows[i].name, "on", NULL,
                       why);
            is_tied = true;
        }
    }
    return !is_tied;
}

bool contract_check_host(const CpuContract *contract, const HostProfile *host,
                         Report *report)
{
    g_autoptr(Report) own = report_new();
    Report *into = report ? report : own;
    unsigned before = report_count(into, FINDING_ERROR);

    if (contract->arch != host->arch) {
        check_fail(into, CHECK_ARCH_DIFFERS, "arch", target_arch_name(contract->arch),
                   target_arch_name(host->arch), NULL);
    } else if (contract->arch == TARGET_ARCH_X86_64) {
        (void)contract_check_ties(contract, into); /* counted below */
        x86_contract_check_host(contract, host, into);
        check_mode(contract, host, into);
    } else {
        check_arm(&contract->arm, host, into);
        check_mode(contract, host, into);
    }
    return report_count(into, FINDING_ERROR) == before;
}
