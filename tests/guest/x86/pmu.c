/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this CPU says about its performance monitoring unit, and what it does.
 * Sources: Intel SDM volume 3 chapter 20 and volume 4; AMD APM volume 2 section 13.2.
 */
#include "x86.h"

#define MSR_PERF_CAPABILITIES 0x345
#define MSR_MISC_ENABLE       0x1a0
#define MSR_FIXED_CTRL        0x38d
#define MSR_GLOBAL_CTRL       0x38f
#define MSR_FIXED0            0x309
#define MSR_EVTSEL0           0x186
#define MSR_GP0               0xc1
#define MSR_K7_EVTSEL0        0xc0010000
#define MSR_K7_CTR0           0xc0010004
#define MSR_AMD_CTL0          0xc0010200
#define MSR_AMD_CTR0          0xc0010201
#define MSR_AMD_GLOBAL_CTL    0xc0000301

/* Instructions retired, user and kernel, enabled: the same code on both vendors. */
#define EVTSEL_INSTRUCTIONS 0x4300c0u

typedef struct MsrGroup {
    const char *key;
    uint32_t first;
    unsigned count;
    unsigned step;
} MsrGroup;

/* The value is the list of those that can be read, counted from 0. */
static const MsrGroup intel_groups[] = {
    {"msr.gp-counters", 0xc1, 8, 1},    {"msr.gp-full-width", 0x4c1, 8, 1},
    {"msr.event-selects", 0x186, 8, 1}, {"msr.fixed", 0x309, 7, 1},
    {"msr.fixed-ctrl", 0x38d, 1, 1},    {"msr.global-status", 0x38e, 1, 1},
    {"msr.global-ctrl", 0x38f, 1, 1},   {"msr.pebs-enable", 0x3f1, 1, 1},
    {"msr.pebs-data-cfg", 0x3f2, 1, 1}, {"msr.ds-area", 0x600, 1, 1},
    {"msr.perf-metrics", 0x329, 1, 1},  {"msr.lbr-tos", 0x1c9, 1, 1},
    {"msr.arch-lbr-ctl", 0x14ce, 1, 1},
};

static const MsrGroup amd_groups[] = {
    {"msr.amd-k7-event-selects", 0xc0010000, 4, 1},
    {"msr.amd-k7-counters", 0xc0010004, 4, 1},
    {"msr.amd-core-event-selects", 0xc0010200, 6, 2},
    {"msr.amd-core-counters", 0xc0010201, 6, 2},
    {"msr.amd-global-status", 0xc0000300, 1, 1},
    {"msr.amd-global-ctl", 0xc0000301, 1, 1},
    {"msr.amd-global-status-clr", 0xc0000302, 1, 1},
};

static void report_leaf(const char *key, uint32_t leaf, uint32_t subleaf)
{
    CpuidLeaf r = cpuid(leaf, subleaf);
    uint64_t values[4] = {r.eax, r.ebx, r.ecx, r.edx};

    report_hex_list(key, values, 4);
}

static void report_leaves(void)
{
    uint32_t max = cpuid(0, 0).eax;
    uint32_t max_ext = cpuid(0x80000000u, 0).eax;
    CpuidLeaf one = cpuid(1, 0);

    report_dec("cpuid.1.pdcm", one.ecx >> 15 & 1);
    report_dec("cpuid.1.ds", one.edx >> 21 & 1);
    report_dec("cpuid.1.dtes64", one.ecx >> 2 & 1);
    report_dec("cpuid.1.ds-cpl", one.ecx >> 4 & 1);
    if (max >= 0xa) {
        CpuidLeaf a = cpuid(0xa, 0);

        report_leaf("cpuid.a", 0xa, 0);
        report_dec("cpuid.a.version", a.eax & 0xff);
        report_dec("cpuid.a.gp-counters", a.eax >> 8 & 0xff);
        report_dec("cpuid.a.gp-width", a.eax >> 16 & 0xff);
        report_dec("cpuid.a.event-bits", a.eax >> 24);
        report_hex("cpuid.a.events-missing", a.ebx);
        report_hex("cpuid.a.fixed-mask", a.ecx);
        report_dec("cpuid.a.fixed-counters", a.edx & 0x1f);
        report_dec("cpuid.a.fixed-width", a.edx >> 5 & 0xff);
        report_dec("cpuid.a.anythread-deprecated", a.edx >> 15 & 1);
    }
    if (max >= 0x1c) {
        report_leaf("cpuid.1c", 0x1c, 0);
    }
    if (max >= 0x23) {
        report_leaf("cpuid.23.0", 0x23, 0);
        report_leaf("cpuid.23.1", 0x23, 1);
        report_leaf("cpuid.23.2", 0x23, 2);
        report_leaf("cpuid.23.3", 0x23, 3);
        report_leaf("cpuid.23.4", 0x23, 4);
        report_leaf("cpuid.23.5", 0x23, 5);
    }
    if (max_ext >= 0x80000001u) {
        CpuidLeaf ext = cpuid(0x80000001u, 0);

        report_dec("cpuid.80000001.perfctr-core", ext.ecx >> 23 & 1);
        report_dec("cpuid.80000001.perfctr-nb", ext.ecx >> 24 & 1);
        report_dec("cpuid.80000001.perfctr-llc", ext.ecx >> 28 & 1);
    }
    if (max_ext >= 0x80000022u) {
        report_leaf("cpuid.80000022", 0x80000022u, 0);
    }
}

static void report_msr(const char *key, uint32_t msr)
{
    uint64_t value;

    if (try_rdmsr(msr, &value)) {
        report_hex(key, value);
    } else {
        report_text(key, "fault");
    }
}

/* A guest cannot write this register: not the value it reads, not 0, not with any bit
 * changed. */
static void report_capability_writes(void)
{
    uint64_t value = 0;
    bool is_taken;

    (void)try_rdmsr(MSR_PERF_CAPABILITIES, &value);
    is_taken =
        try_wrmsr(MSR_PERF_CAPABILITIES, value) || try_wrmsr(MSR_PERF_CAPABILITIES, 0);
    for (unsigned bit = 0; bit < 64; bit++) {
        is_taken = try_wrmsr(MSR_PERF_CAPABILITIES, value ^ 1ull << bit) || is_taken;
    }
    report_text("perf-capabilities.write", is_taken ? "taken" : "fault");
}

static uint64_t report_groups(const MsrGroup *groups, unsigned count)
{
    uint64_t first_found = 0;

    for (unsigned i = 0; i < count; i++) {
        uint64_t mask = 0;
        uint64_t value;

        for (unsigned n = 0; n < groups[i].count; n++) {
            if (try_rdmsr(groups[i].first + n * groups[i].step, &value)) {
                mask |= 1ull << n;
            }
        }
        report_set(groups[i].key, mask);
        first_found |= (mask & 1) << i;
    }
    return first_found;
}

typedef struct CounterTrial {
    const char *key;
    uint32_t counter;
    uint32_t select;
    uint64_t select_value;
    uint32_t global; /* 0: this generation has no such register */
    uint64_t global_value;
} CounterTrial;

/* Ends with everything that was enabled switched off again. */
static void try_counter(const CounterTrial *trial, bool has_global)
{
    uint64_t before = 0;
    uint64_t after = 0;
    bool exists =
        try_wrmsr(trial->counter, 0) && try_wrmsr(trial->select, trial->select_value);

    if (exists && has_global) {
        exists = try_wrmsr(trial->global, trial->global_value);
    }
    exists = exists && try_rdmsr(trial->counter, &before);
    if (exists) {
        run_loop(LOOP_ROUNDS);
        exists = try_rdmsr(trial->counter, &after);
    }
    if (exists && has_global) {
        (void)try_wrmsr(trial->global, 0);
    }
    (void)try_wrmsr(trial->select, 0);
    report_count(trial->key, exists, after - before);
}

static void report_counting_intel(void)
{
    static const CounterTrial trials[] = {
        {"counts.fixed0", MSR_FIXED0, MSR_FIXED_CTRL, 0x3, MSR_GLOBAL_CTRL, 1ull << 32},
        {"counts.fixed1", MSR_FIXED0 + 1, MSR_FIXED_CTRL, 0x30, MSR_GLOBAL_CTRL,
         1ull << 33},
        {"counts.gp0", MSR_GP0, MSR_EVTSEL0, EVTSEL_INSTRUCTIONS, MSR_GLOBAL_CTRL, 1},
    };
    unsigned version = cpuid(0, 0).eax >= 0xa ? cpuid(0xa, 0).eax & 0xff : 0;

    for (unsigned i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
        try_counter(&trials[i], version >= 2);
    }
}

static void report_counting_amd(void)
{
    static const CounterTrial trials[] = {
        {"counts.amd-k7-0", MSR_K7_CTR0, MSR_K7_EVTSEL0, EVTSEL_INSTRUCTIONS,
         MSR_AMD_GLOBAL_CTL, 1},
        {"counts.amd-core-0", MSR_AMD_CTR0, MSR_AMD_CTL0, EVTSEL_INSTRUCTIONS,
         MSR_AMD_GLOBAL_CTL, 1},
    };
    bool has_v2 =
        cpuid(0x80000000u, 0).eax >= 0x80000022u && cpuid(0x80000022u, 0).eax & 1;

    for (unsigned i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
        try_counter(&trials[i], has_v2);
    }
}

void pmu_report(uint64_t repeat)
{
    bool is_amd = cpuid(0, 0).ecx == 0x444d4163u || /* "cAMD" of AuthenticAMD */
                  cpuid(0, 0).ecx == 0x656e6975u;   /* "uine" of HygonGenuine */

    report_leaves();
    report_msr("perf-capabilities", MSR_PERF_CAPABILITIES);
    report_capability_writes();
    report_msr("misc-enable", MSR_MISC_ENABLE);
    (void)report_groups(intel_groups, sizeof(intel_groups) / sizeof(intel_groups[0]));
    if (is_amd) {
        (void)report_groups(amd_groups, sizeof(amd_groups) / sizeof(amd_groups[0]));
    }
    for (uint64_t i = 0; i < repeat; i++) {
        report_counting_intel();
        if (is_amd) {
            report_counting_amd();
        }
    }
}
