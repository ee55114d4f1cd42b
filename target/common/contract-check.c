/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/contract-check.h"

#include <string.h>

#include "checks.h"
#include "util/bits.h"

const char *relation_name(Relation relation)
{
    static const char *const names[RELATION_COUNT] = {
        "subset", "equal", "at-most", "equal-or-absent", "group", "coverage"};

    return names[relation];
}

void check_fail(Report *report, Relation relation, const char *row, const char *guest,
                const char *host, const char *why)
{
    g_autofree char *cause = g_strdup_printf("%s: %s", relation_name(relation), why);

    report_add(report,
               &(Finding){.level = FINDING_ERROR,
                          .row = (char *)row,
                          .asked = (char *)guest,
                          .offered = (char *)host,
                          .cause = cause,
                          .remedy = (char *)"use another host, or start the guest "
                                            "with less"});
}

void check_number(Report *report, Relation relation, const char *row, uint64_t guest,
                  uint64_t host, const char *why)
{
    bool holds = relation == RELATION_AT_MOST           ? guest <= host
                 : relation == RELATION_EQUAL_OR_ABSENT ? !guest || guest == host
                                                        : guest == host;

    if (!holds) {
        g_autofree char *asked = g_strdup_printf("%" G_GUINT64_FORMAT, guest);
        g_autofree char *offered = g_strdup_printf("%" G_GUINT64_FORMAT, host);

        check_fail(report, relation, row, asked, offered, why);
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
        check_fail(report, RELATION_COVERAGE, "pmu.source", arm->pmu_source, NULL,
                   "the host has no such event source for KVM");
        return;
    }
    if (!arm->is_partial &&
        !(host->possible && cpu_set_covers(source->cpus, host->possible))) {
        g_autofree char *cpus = cpu_set_format(source->cpus);

        check_fail(report, RELATION_COVERAGE, "pmu.cpus", "every possible CPU", cpus,
                   "the guest was promised a source that covers the whole host");
    }
}

static uint32_t host_counters(const ArmContract *arm, const HostProfile *host)
{
    const PmuSource *source = arm->pmu_source ? find_source(host, arm->pmu_source) : NULL;

    return source && source->counters ? source->counters : host->arm.pmu_counters;
}

static void check_arm(const ArmContract *arm, const HostProfile *host, Report *report)
{
    static const struct {
        const char *row;
        ArmVcpuFeature feature;
        KvmCapId cap;
    } rows[] = {
        {"sve",        ARM_VCPU_SVE,             KVM_CAPID_ARM_SVE            },
        {"pauth",      ARM_VCPU_PTRAUTH_ADDRESS, KVM_CAPID_ARM_PTRAUTH_ADDRESS},
        {"pmu",        ARM_VCPU_PMU_V3,          KVM_CAPID_ARM_PMU_V3         },
        {"pmu.strict", ARM_VCPU_PMU_V3_STRICT,   KVM_CAPID_ARM_PMU_V3_STRICT  },
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        if (arm->vcpu_features & BIT64(rows[i].feature) && !host->caps[rows[i].cap]) {
            check_fail(report, RELATION_SUBSET, rows[i].row, "on", "off",
                       "KVM on the host does not have it");
        }
    }
    if (arm->midr != host->arm.midr) {
        g_autofree char *asked = g_strdup_printf("0x%" G_GINT64_MODIFIER "x", arm->midr);
        g_autofree char *offered =
            g_strdup_printf("0x%" G_GINT64_MODIFIER "x", host->arm.midr);

        check_fail(report, RELATION_EQUAL, "midr", asked, offered,
                   "the guest knows its processor by this number");
    }
    if (arm->pmu_kind == ARM_PMU_EVENT_SOURCE) {
        check_arm_source(arm, host, report);
    }
    if (arm->pmu_kind == ARM_PMU_FIXED_COUNTERS_ONLY &&
        !host->arm.has_fixed_counters_only) {
        check_fail(report, RELATION_EQUAL, "pmu.kind", "fixed-counters-only", NULL,
                   "KVM on the host does not have this backend");
    }
    if (arm->pmu_kind != ARM_PMU_NONE && arm->pmu_counters >= 0) {
        check_number(report, arm->set_nr_counters ? RELATION_AT_MOST : RELATION_EQUAL,
                     "pmu.counters", (uint64_t)arm->pmu_counters,
                     host_counters(arm, host), "event counters of the host's PMU");
    }
}

bool contract_check_host(const CpuContract *contract, const HostProfile *host,
                         Report *report)
{
    g_autoptr(Report) own = report_new();
    Report *into = report ? report : own;
    unsigned before = report_count(into, FINDING_ERROR);

    if (contract->arch != host->arch) {
        check_fail(into, RELATION_EQUAL, "arch", target_arch_name(contract->arch),
                   target_arch_name(host->arch), "another architecture");
    } else if (contract->arch == TARGET_ARCH_X86_64) {
        x86_contract_check_host(contract, host, into);
    } else {
        check_arm(&contract->arm, host, into);
    }
    return report_count(into, FINDING_ERROR) == before;
}
