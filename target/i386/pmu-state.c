/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/x86-pmu-state.h"

#include "common/cpuid-json.h"
#include "target/compat.h"
#include "target/x86-features.h"
#include "util/json.h"

#define LBR_FMT_INFO       5 /* the first format with an INFO MSR per entry */
#define LBR_ENTRIES        32
#define LBR_ENTRIES_BEFORE 16 /* before that format */
/* Registers there is room for.  Source: SDM vol 4, table 2-2; APM vol 2, 13.2. */
#define GP_COUNTERS    18
#define FIXED_COUNTERS 16
#define K7_COUNTERS    4
#define CORE_COUNTERS  16

static unsigned all_if(bool has)
{
    return has ? X86_MSR_ALL : 0;
}

static bool has_intel_pmu(const CpuContract *c)
{
    return c->pmu_enabled && !c->x86.is_amd_pmu;
}

static bool has_amd_pmu(const CpuContract *c)
{
    return c->pmu_enabled && c->x86.is_amd_pmu;
}

static bool has_pebs(const CpuContract *c)
{
    return has_intel_pmu(c) &&
           (c->x86.words[X86_WORD_PERF_CAPABILITIES] & X86_PEBS_FMT_MASK);
}

static unsigned lbr_format(const CpuContract *c)
{
    return has_intel_pmu(c)
               ? (unsigned)(c->x86.words[X86_WORD_PERF_CAPABILITIES] & X86_LBR_FMT_MASK)
               : 0;
}

static unsigned count_pebs(const CpuContract *c)
{
    return all_if(has_pebs(c));
}

static unsigned count_pebs_data_cfg(const CpuContract *c)
{
    return all_if(has_pebs(c) && x86_contract_has(c, X86_PEBS_BASELINE));
}

static unsigned count_fixed(const CpuContract *c)
{
    return has_intel_pmu(c) && c->x86.pmu.version > 1 ? c->x86.pmu.fixed_counters : 0;
}

static unsigned count_metrics(const CpuContract *c)
{
    return all_if(has_intel_pmu(c) && x86_contract_has(c, X86_PERF_METRICS));
}

static unsigned count_gp(const CpuContract *c)
{
    return has_intel_pmu(c) ? c->x86.pmu.gp_counters : 0;
}

static unsigned count_gp_narrow(const CpuContract *c)
{
    return x86_contract_has(c, X86_FULL_WIDTH_WRITE) ? 0 : count_gp(c);
}

static unsigned count_gp_full(const CpuContract *c)
{
    return x86_contract_has(c, X86_FULL_WIDTH_WRITE) ? count_gp(c) : 0;
}

static unsigned count_global(const CpuContract *c)
{
    return all_if(has_intel_pmu(c) && c->x86.pmu.version > 1);
}

static unsigned count_k7(const CpuContract *c)
{
    return has_amd_pmu(c) && !x86_contract_has(c, X86_PERFCTR_CORE)
               ? c->x86.pmu.gp_counters
               : 0;
}

static unsigned count_amd_core(const CpuContract *c)
{
    return has_amd_pmu(c) && x86_contract_has(c, X86_PERFCTR_CORE)
               ? c->x86.pmu.gp_counters
               : 0;
}

static unsigned count_amd_global(const CpuContract *c)
{
    return all_if(has_amd_pmu(c) && x86_contract_has(c, X86_PERFMON_V2));
}

static unsigned count_lbr(const CpuContract *c)
{
    return all_if(lbr_format(c) != 0);
}

static unsigned count_lbr_entries(const CpuContract *c)
{
    unsigned format = lbr_format(c);

    return format == 0 ? 0 : format >= LBR_FMT_INFO ? X86_MSR_ALL : LBR_ENTRIES_BEFORE;
}

static unsigned count_lbr_info(const CpuContract *c)
{
    return all_if(lbr_format(c) >= LBR_FMT_INFO);
}

static unsigned count_arch_lbr(const CpuContract *c)
{
    return all_if(has_intel_pmu(c) && x86_contract_has(c, X86_ARCH_LBR));
}

/* Sources: SDM vol 4, tables 2-2 and 2-39 (arch LBR); APM vol 2, 13.2 and appendix A. */
/* clang-format off */
const X86MsrRow x86_pmu_msr_rows[] = {
    {"ds-area",               0x600,      1, 1,              X86_MSR_PHASE_PEBS,     false,
     count_pebs,          "pebs-fmt"},
    {"pebs-enable",           0x3f1,      1, 1,              X86_MSR_PHASE_PEBS,     false,
     count_pebs,          "pebs-fmt"},
    {"pebs-data-cfg",         0x3f2,      1, 1,              X86_MSR_PHASE_PEBS,     false,
     count_pebs_data_cfg, "pebs-fmt and pebs-baseline"},
    {"perf-fixed-counter",    0x309,      1, FIXED_COUNTERS, X86_MSR_PHASE_FIXED,    false,
     count_fixed,         "each fixed counter"},
    {"perf-metrics",          0x329,      1, 1,              X86_MSR_PHASE_METRICS,  false,
     count_metrics,       "perf-metrics"},
    {"perf-gp-counter",       0xc1,       1, GP_COUNTERS,    X86_MSR_PHASE_COUNTER,  false,
     count_gp_narrow,     "each counter, without full-width-write"},
    {"perf-gp-counter",       0x4c1,      1, GP_COUNTERS,    X86_MSR_PHASE_COUNTER,  false,
     count_gp_full,       "each counter, with full-width-write"},
    {"amd-k7-counter",        0xc0010004, 1, K7_COUNTERS,    X86_MSR_PHASE_COUNTER,  false,
     count_k7,            "AMD, each counter, without perfctr-core"},
    {"amd-core-counter",      0xc0010201, 2, CORE_COUNTERS,  X86_MSR_PHASE_COUNTER,  false,
     count_amd_core,      "AMD, each counter, with perfctr-core"},
    {"perf-event-select",     0x186,      1, GP_COUNTERS,    X86_MSR_PHASE_SELECT,   false,
     count_gp,            "each counter"},
    {"amd-k7-event-select",   0xc0010000, 1, K7_COUNTERS,    X86_MSR_PHASE_SELECT,   true,
      count_k7,            "AMD, each counter, without perfctr-core"},
    {"amd-core-event-select", 0xc0010200, 2, CORE_COUNTERS,  X86_MSR_PHASE_SELECT,   true,
      count_amd_core,      "AMD, each counter, with perfctr-core"},
    {"lbr-select",            0x1c8,      1, 1,              X86_MSR_PHASE_BRANCH,   false,
     count_lbr,           "lbr-fmt"},
    {"lbr-tos",               0x1c9,      1, 1,              X86_MSR_PHASE_BRANCH,   false,
     count_lbr,           "lbr-fmt"},
    {"lbr-from",              0x680,      1, LBR_ENTRIES,    X86_MSR_PHASE_BRANCH,   false,
     count_lbr_entries,   "lbr-fmt"},
    {"lbr-to",                0x6c0,      1, LBR_ENTRIES,    X86_MSR_PHASE_BRANCH,   false,
     count_lbr_entries,   "lbr-fmt"},
    {"lbr-info",              0xdc0,      1, LBR_ENTRIES,    X86_MSR_PHASE_BRANCH,   false,
     count_lbr_info,      "lbr-fmt of 5 or more"},
    {"arch-lbr-depth",        0x14cf,     1, 1,              X86_MSR_PHASE_BRANCH,   false,
     count_arch_lbr,      "arch-lbr"},
    {"arch-lbr-from",         0x1500,     1, LBR_ENTRIES,    X86_MSR_PHASE_BRANCH,   false,
     count_arch_lbr,      "arch-lbr"},
    {"arch-lbr-to",           0x1600,     1, LBR_ENTRIES,    X86_MSR_PHASE_BRANCH,   false,
     count_arch_lbr,      "arch-lbr"},
    {"arch-lbr-info",         0x1200,     1, LBR_ENTRIES,    X86_MSR_PHASE_BRANCH,   false,
     count_arch_lbr,      "arch-lbr"},
    {"perf-global-status",    0x38e,      1, 1,              X86_MSR_PHASE_STATUS,   false,
     count_global,        "version above 1"},
    {"amd-global-status",     0xc0000300, 1, 1,              X86_MSR_PHASE_STATUS,   false,
     count_amd_global,    "perfmon-v2"},
    {"perf-fixed-ctrl",       0x38d,      1, 1,              X86_MSR_PHASE_CONTROL,  true,
      count_global,        "version above 1"},
    {"arch-lbr-ctl",          0x14ce,     1, 1,              X86_MSR_PHASE_ENABLE,   true,
      count_arch_lbr,      "arch-lbr"},
    {"perf-global-ctrl",      0x38f,      1, 1,              X86_MSR_PHASE_ENABLE,   true,
      count_global,        "version above 1"},
    {"amd-global-ctrl",       0xc0000301, 1, 1,              X86_MSR_PHASE_ENABLE,   true,
      count_amd_global,    "perfmon-v2"},
};
/* clang-format on */

const unsigned x86_pmu_msr_row_count = ARRAY_LEN(x86_pmu_msr_rows);

unsigned x86_pmu_msr_count(const X86MsrRow *row, const CpuContract *contract)
{
    return machine_is_since(contract->machine, row->machine)
               ? MIN(row->count(contract), row->most)
               : 0;
}

const char *x86_msr_phase_name(X86MsrPhase phase)
{
    static const char *const names[] = {"pebs",    "fixed",   "metrics",
                                        "counter", "select",  "branch",
                                        "status",  "control", "enable"};

    return names[phase];
}

unsigned x86_pmu_state_list(const CpuContract *contract, X86Msr *msrs)
{
    unsigned n = 0;

    for (unsigned i = 0; i < x86_pmu_msr_row_count; i++) {
        const X86MsrRow *row = &x86_pmu_msr_rows[i];
        unsigned count = x86_pmu_msr_count(row, contract);

        for (unsigned k = 0; k < count; k++) {
            msrs[n++] = (X86Msr){.index = row->index + k * row->stride};
        }
    }
    return n;
}

/* Zeros for what could count meanwhile. */
static unsigned encode_stops(const CpuContract *contract, X86Msr *writes)
{
    unsigned n = 0;

    for (unsigned i = 0; i < x86_pmu_msr_row_count; i++) {
        const X86MsrRow *row = &x86_pmu_msr_rows[i];
        unsigned count = row->is_stopped_first ? x86_pmu_msr_count(row, contract) : 0;

        for (unsigned k = 0; k < count; k++) {
            writes[n++] = (X86Msr){.index = row->index + k * row->stride};
        }
    }
    return n;
}

unsigned x86_pmu_state_encode(const CpuContract *contract, const X86Msr *state,
                              unsigned count, X86Msr *writes)
{
    unsigned n = encode_stops(contract, writes);

    for (unsigned i = 0; i < count; i++) {
        writes[n++] = state[i];
    }
    return n;
}

unsigned x86_pmu_state_reset(const CpuContract *contract, X86Msr *writes)
{
    X86Msr zeros[X86_PMU_STATE_MAX];

    return x86_pmu_state_encode(contract, zeros, x86_pmu_state_list(contract, zeros),
                                writes);
}

const X86MsrRow *x86_pmu_msr_row(const CpuContract *contract, uint32_t index)
{
    for (unsigned i = 0; i < x86_pmu_msr_row_count; i++) {
        const X86MsrRow *row = &x86_pmu_msr_rows[i];
        unsigned count = x86_pmu_msr_count(row, contract);

        if (index >= row->index && (index - row->index) % row->stride == 0 &&
            (index - row->index) / row->stride < count) {
            return row;
        }
    }
    return NULL;
}

static char *state_name(const void *context, uint32_t group, uint64_t number)
{
    const CpuContract *contract = context;
    const X86MsrRow *row = contract && contract->arch == TARGET_ARCH_X86_64
                               ? x86_pmu_msr_row(contract, (uint32_t)number)
                               : NULL;

    (void)group;
    return g_strdup(row ? row->name : NULL);
}

static json_object *state_describe(void)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < x86_pmu_msr_row_count; i++) {
        json_object_array_add(
            array, msr_row_describe(x86_pmu_msr_rows[i].name, x86_pmu_msr_rows[i].index,
                                    x86_pmu_msr_rows[i].most, x86_pmu_msr_rows[i].when));
    }
    return array;
}

const StateList x86_pmu_state_saved = {
    .section = "x86-vcpu",
    .row = "pmu-msrs",
    .number_bytes = sizeof(uint32_t),
    .value_bytes = sizeof(uint64_t),
    .name = state_name,
    .describe = state_describe,
};
