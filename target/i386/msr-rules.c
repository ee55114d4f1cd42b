/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/x86-msr-rules.h"

#include <stddef.h>

#include "target/x86-features.h"
#include "util/bits.h"

static const char feature_bits[] = "only bits this host offers, before the first run";
static const char metrics_rule[] = "any value, where PERF_CAPABILITIES has perf-metrics";
static const char full_width[] =
    "values no wider than the counter (leaf 0xa), with full-width-write";
static const char select_bits[] = "event-select bits but 21 and those from 32 on";
/* Source: APM volume 2, 13.2; Linux arch/x86/kvm/svm/pmu.c. */
static const char amd_select_bits[] =
    "event-select bits but 19, 21 and those from 36 on, which are dropped; with the "
    "mediated vPMU and svm in CPUID bits 40 and 41 (guest only, host only) too";
static const char counters[] =
    "bits of counters the guest has (leaf 0xa), and bit 48 with perf-metrics";
static const char statuses[] =
    "bits of counters the guest has (leaf 0xa), bit 48 with perf-metrics, 62 and 63";
static const char capabilities[] =
    "bits this host offers; lbr-fmt equal to the host's; with a pebs-fmt the whole PEBS "
    "group equal to the host's, and ds and dtes64 in CPUID; both formats on the host's "
    "family and model alone; before the first run";

static const X86MsrRule rules[] = {
    {X86_MSR_PERF_CAPABILITIES, 1, "perf-capabilities", capabilities, 1},
    {X86_MSR_ARCH_CAPABILITIES, 1, "arch-capabilities", "any value, before the first run",
     1},
    {X86_MSR_CORE_CAPABILITY, 1, "core-capability", feature_bits, 1},
    {X86_MSR_MISC_ENABLE, 1, "misc-enable", "any value", 1},
    {0x186, 18, NULL, select_bits, 1},
    {0x329, 1, NULL, metrics_rule, 1},
    {0x38d, 1, NULL, "four bits a fixed counter, and bit 32+4n with pebs-baseline", 1},
    {0x38e, 1, NULL, statuses, 1},
    {0x38f, 1, NULL, counters, 1},
    {0x3f1, 1, NULL, "bits of general counters, with pebs-baseline of fixed ones too", 1},
    {0x3f2, 1, NULL, "bits 0-3 and 24-31, with pebs-baseline", 1},
    {0x4c1, 18, NULL, full_width, 1},
    {0x600, 1, NULL, "canonical addresses, with ds in CPUID", 1},
    {0xc0010000, 4, NULL, amd_select_bits, 1},
    {0xc0010200, 6, NULL, amd_select_bits, 2},
};

const X86MsrRule *x86_msr_rule(uint32_t index)
{
    for (unsigned i = 0; i < ARRAY_LEN(rules); i++) {
        const X86MsrRule *rule = &rules[i];

        if (index >= rule->first && (index - rule->first) % rule->stride == 0 &&
            (index - rule->first) / rule->stride < rule->count) {
            return rule;
        }
    }
    return NULL;
}
