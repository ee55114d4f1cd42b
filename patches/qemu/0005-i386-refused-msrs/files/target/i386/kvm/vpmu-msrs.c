/*
 * x86 virtual PMU: its MSRs, as KVM takes and gives them
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "vpmu-msrs.h"

/*
 * MSRs of the PMU by number, and what KVM takes when QEMU sets them.
 * Sources: Intel SDM volume 4, AMD APM volume 2, KVM's API document.
 */
static const struct {
    uint32_t first;
    uint32_t count;
    const char *name;
    const char *rule;
} vpmu_msrs[] = {
    { 0xc1, 8, "PMC", "any value, of a counter the guest has" },
    { 0x186, 8, "PERFEVTSEL", "defined bits, of a counter the guest has" },
    { 0x1c8, 1, "LBR_SELECT", "any value, with lbr-fmt" },
    { 0x1c9, 1, "LBR_TOS", "any value, with lbr-fmt" },
    { 0x1d9, 1, "DEBUGCTL", "LBR and freeze bits, with lbr-fmt" },
    { 0x309, 7, "FIXED_CTR", "any value, of a counter the guest has" },
    { 0x329, 1, "PERF_METRICS", "any value, with perf-metrics" },
    { 0x345, 1, "PERF_CAPABILITIES", "with pdcm: features KVM offers; lbr-fmt "
      "and PEBS as the host has them or absent; no change once it has run" },
    { 0x38d, 1, "FIXED_CTR_CTRL", "bits of fixed counters the guest has" },
    { 0x38e, 1, "PERF_GLOBAL_STATUS", "bits of counters the guest has" },
    { 0x38f, 1, "PERF_GLOBAL_CTRL", "bits of counters the guest has" },
    { 0x3f1, 1, "PEBS_ENABLE", "bits of counters, with pebs-fmt" },
    { 0x3f2, 1, "PEBS_DATA_CFG", "bits 0-3 and 24-31, with pebs-baseline" },
    { 0x4c1, 8, "A_PMC", "a value as wide as the counter, with "
      "full-width-write" },
    { 0x600, 1, "DS_AREA", "a canonical address, with ds" },
    { 0x680, 32, "LBR_FROM", "any value, with lbr-fmt" },
    { 0x6c0, 32, "LBR_TO", "any value, with lbr-fmt" },
    { 0xdc0, 32, "LBR_INFO", "any value, with lbr-fmt of 5 or more" },
    { 0xc0000300, 4, "PERF_CNTR_GLOBAL", "any value, with perfmon-v2" },
    { 0xc0010000, 8, "K7_PMC", "any value, with an AMD PMU" },
    { 0xc0010200, 12, "PERF_CTL/CTR", "any value, with perfctr-core" },
};

void x86_vpmu_report_refused(uint32_t index, uint64_t value)
{
    for (int i = 0; i < ARRAY_SIZE(vpmu_msrs); i++) {
        if (index - vpmu_msrs[i].first < vpmu_msrs[i].count) {
            error_report("KVM refused MSR 0x%" PRIx32 " (%s) = 0x%" PRIx64
                         "; it takes: %s", index, vpmu_msrs[i].name, value,
                         vpmu_msrs[i].rule);
            return;
        }
    }
    error_report("KVM refused MSR 0x%" PRIx32 " = 0x%" PRIx64, index, value);
}
