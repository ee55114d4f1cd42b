/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/x86-state.h"

#include "util/bits.h"

/* LBR formats from this one on keep a third MSR per entry, and 32 entries. */
#define LBR_FMT_INFO 5

static bool has_intel_pmu(const CpuContract *c)
{
    return c->pmu_enabled && !c->x86.is_amd_pmu;
}

static bool has_amd_pmu(const CpuContract *c)
{
    return c->pmu_enabled && c->x86.is_amd_pmu;
}

static bool has_full_width(const CpuContract *c)
{
    return x86_contract_has(c, X86_FULL_WIDTH_WRITE);
}

static bool has_pebs(const CpuContract *c)
{
    return has_intel_pmu(c) && c->x86.perf_capabilities & X86_PEBS_FMT_MASK;
}

static unsigned lbr_fmt(const CpuContract *c)
{
    return has_intel_pmu(c) ? (unsigned)(c->x86.perf_capabilities & X86_LBR_FMT_MASK) : 0;
}

static unsigned always(const CpuContract *c)
{
    (void)c;
    return 1;
}

static unsigned with_long_mode(const CpuContract *c)
{
    return x86_contract_has(c, X86_LM);
}

static unsigned with_tsc_adjust(const CpuContract *c)
{
    return x86_contract_has(c, X86_TSC_ADJUST);
}

static unsigned with_tsc_deadline(const CpuContract *c)
{
    return x86_contract_has(c, X86_TSC_DEADLINE);
}

static unsigned with_rdtscp(const CpuContract *c)
{
    return x86_contract_has(c, X86_RDTSCP) || x86_contract_has(c, X86_RDPID);
}

static unsigned with_spec_ctrl(const CpuContract *c)
{
    return x86_contract_has(c, X86_SPEC_CTRL) || x86_contract_has(c, X86_IBRS);
}

static unsigned with_xsaves(const CpuContract *c)
{
    return x86_contract_has(c, X86_XSAVES);
}

static unsigned with_kvmclock(const CpuContract *c)
{
    return x86_contract_has(c, X86_KVMCLOCK) ? 2 : 0;
}

static unsigned with_asyncpf(const CpuContract *c)
{
    return x86_contract_has(c, X86_KVM_ASYNCPF);
}

static unsigned with_asyncpf_int(const CpuContract *c)
{
    return x86_contract_has(c, X86_KVM_ASYNCPF_INT);
}

static unsigned with_steal_time(const CpuContract *c)
{
    return x86_contract_has(c, X86_KVM_STEAL_TIME);
}

static unsigned with_pv_eoi(const CpuContract *c)
{
    return x86_contract_has(c, X86_KVM_PV_EOI);
}

static unsigned with_poll_control(const CpuContract *c)
{
    return x86_contract_has(c, X86_KVM_POLL_CONTROL);
}

static unsigned pebs(const CpuContract *c)
{
    return has_pebs(c);
}

static unsigned debug_store(const CpuContract *c)
{
    return has_intel_pmu(c) && x86_contract_has(c, X86_DS) && has_pebs(c);
}

static unsigned pebs_baseline(const CpuContract *c)
{
    return has_pebs(c) && x86_contract_has(c, X86_PEBS_BASELINE);
}

static unsigned fixed_counters(const CpuContract *c)
{
    return has_intel_pmu(c) ? c->x86.pmu.fixed_counters : 0;
}

static unsigned metrics(const CpuContract *c)
{
    return has_intel_pmu(c) && x86_contract_has(c, X86_PERF_METRICS);
}

static unsigned selects(const CpuContract *c)
{
    return has_intel_pmu(c) ? c->x86.pmu.gp_counters : 0;
}

static unsigned narrow_counters(const CpuContract *c)
{
    return has_full_width(c) ? 0 : selects(c);
}

static unsigned wide_counters(const CpuContract *c)
{
    return has_full_width(c) ? selects(c) : 0;
}

static unsigned version_2(const CpuContract *c)
{
    return has_intel_pmu(c) && c->x86.pmu.version > 1;
}

static unsigned k7_counters(const CpuContract *c)
{
    return has_amd_pmu(c) && !x86_contract_has(c, X86_PERFCTR_CORE)
               ? c->x86.pmu.gp_counters
               : 0;
}

static unsigned core_counters(const CpuContract *c)
{
    return has_amd_pmu(c) && x86_contract_has(c, X86_PERFCTR_CORE)
               ? c->x86.pmu.gp_counters
               : 0;
}

static unsigned amd_version_2(const CpuContract *c)
{
    return has_amd_pmu(c) && x86_contract_has(c, X86_PERFMON_V2);
}

static unsigned lbr(const CpuContract *c)
{
    return lbr_fmt(c) != 0;
}

static unsigned lbr_entries(const CpuContract *c)
{
    return lbr_fmt(c) == 0 ? 0 : lbr_fmt(c) >= LBR_FMT_INFO ? 32 : 16;
}

static unsigned lbr_infos(const CpuContract *c)
{
    return lbr_fmt(c) >= LBR_FMT_INFO ? 32 : 0;
}

/* Sources: SDM volume 4; APM volume 2, 13.2 and appendix A; Linux msr-index.h. */
/* clang-format off */
const X86MsrRow x86_msr_rows[] = {
    {"tsc",             0x10,       1, X86_MSR_PHASE_GENERAL, 0, always, "always", false},
    {"sysenter-cs",     0x174,      1, X86_MSR_PHASE_GENERAL, 0, always, "always", false},
    {"sysenter-esp",    0x175,      1, X86_MSR_PHASE_GENERAL, 0, always, "always", false},
    {"sysenter-eip",    0x176,      1, X86_MSR_PHASE_GENERAL, 0, always, "always", false},
    {"pat",             0x277,      1, X86_MSR_PHASE_GENERAL, 0x0007040600070406, always,
     "always", false},
    {"star",            0xc0000081, 1, X86_MSR_PHASE_GENERAL, 0, always, "always", false},
    {"lstar",           0xc0000082, 1, X86_MSR_PHASE_GENERAL, 0, with_long_mode, "lm", false},
    {"cstar",           0xc0000083, 1, X86_MSR_PHASE_GENERAL, 0, with_long_mode, "lm", false},
    {"fmask",           0xc0000084, 1, X86_MSR_PHASE_GENERAL, 0, with_long_mode, "lm", false},
    {"kernel-gs-base",  0xc0000102, 1, X86_MSR_PHASE_GENERAL, 0, with_long_mode, "lm", false},
    {"tsc-aux",         0xc0000103, 1, X86_MSR_PHASE_GENERAL, 0, with_rdtscp,
     "rdtscp or rdpid", true},
    {"tsc-adjust",      0x3b,       1, X86_MSR_PHASE_GENERAL, 0, with_tsc_adjust,
     "tsc-adjust", false},
    {"tsc-deadline",    0x6e0,      1, X86_MSR_PHASE_GENERAL, 0, with_tsc_deadline,
     "tsc-deadline", false},
    {"spec-ctrl",       0x48,       1, X86_MSR_PHASE_GENERAL, 0, with_spec_ctrl,
     "spec-ctrl or ibrs", true},
    {"xss",             0xda0,      1, X86_MSR_PHASE_GENERAL, 0, with_xsaves, "xsaves", true},
    {"kvm-wall-clock",  0x4b564d00, 1, X86_MSR_PHASE_GENERAL, 0, with_kvmclock,
     "kvmclock", false},
    {"kvm-async-pf",    0x4b564d02, 1, X86_MSR_PHASE_GENERAL, 0, with_asyncpf,
     "kvm-asyncpf", false},
    {"kvm-steal-time",  0x4b564d03, 1, X86_MSR_PHASE_GENERAL, 0, with_steal_time,
     "kvm-steal-time", false},
    {"kvm-pv-eoi",      0x4b564d04, 1, X86_MSR_PHASE_GENERAL, 0, with_pv_eoi,
     "kvm-pv-eoi", false},
    {"kvm-poll-control", 0x4b564d05, 1, X86_MSR_PHASE_GENERAL, 1, with_poll_control,
     "kvm-poll-control", false},
    {"kvm-async-pf-int", 0x4b564d06, 1, X86_MSR_PHASE_GENERAL, 0, with_asyncpf_int,
     "kvm-asyncpf-int", false},

    {"ds-area",         0x600,      1, X86_MSR_PHASE_PEBS, 0, debug_store,
     "ds and pebs-fmt", false},
    {"pebs-enable",     0x3f1,      1, X86_MSR_PHASE_PEBS, 0, pebs, "pebs-fmt", false},
    {"pebs-data-cfg",   0x3f2,      1, X86_MSR_PHASE_PEBS, 0, pebs_baseline,
     "pebs-fmt and pebs-baseline", false},
    {"fixed-ctr",       0x309,      1, X86_MSR_PHASE_FIXED, 0, fixed_counters,
     "each fixed counter", false},
    {"perf-metrics",    0x329,      1, X86_MSR_PHASE_METRICS, 0, metrics,
     "perf-metrics", false},
    {"pmc",             0xc1,       1, X86_MSR_PHASE_VALUE, 0, narrow_counters,
     "each counter, without full-width-write", false},
    {"a-pmc",           0x4c1,      1, X86_MSR_PHASE_VALUE, 0, wide_counters,
     "each counter, with full-width-write", true},
    {"perf-evtsel",     0x186,      1, X86_MSR_PHASE_VALUE, 0, selects,
     "each counter", false},
    {"k7-perf-ctr",     0xc0010004, 1, X86_MSR_PHASE_VALUE, 0, k7_counters,
     "AMD, each counter, without perfctr-core", false},
    {"core-perf-ctr",   0xc0010201, 2, X86_MSR_PHASE_VALUE, 0, core_counters,
     "AMD, each counter, with perfctr-core", false},
    {"lbr-from",        0x680,      1, X86_MSR_PHASE_LBR, 0, lbr_entries, "lbr-fmt", true},
    {"lbr-to",          0x6c0,      1, X86_MSR_PHASE_LBR, 0, lbr_entries, "lbr-fmt", true},
    {"lbr-info",        0xdc0,      1, X86_MSR_PHASE_LBR, 0, lbr_infos,
     "lbr-fmt of 5 or more", true},
    {"lbr-select",      0x1c8,      1, X86_MSR_PHASE_LBR, 0, lbr, "lbr-fmt", true},
    {"lbr-tos",         0x1c9,      1, X86_MSR_PHASE_LBR, 0, lbr, "lbr-fmt", true},
    {"perf-global-status", 0x38e,   1, X86_MSR_PHASE_STATUS, 0, version_2,
     "version above 1", false},
    {"amd-global-status", 0xc0000300, 1, X86_MSR_PHASE_STATUS, 0, amd_version_2,
     "perfmon-v2", false},
    {"k7-evntsel",      0xc0010000, 1, X86_MSR_PHASE_ENABLE, 0, k7_counters,
     "AMD, each counter, without perfctr-core", false},
    {"core-evntsel",    0xc0010200, 2, X86_MSR_PHASE_ENABLE, 0, core_counters,
     "AMD, each counter, with perfctr-core", false},
    {"debugctl",        0x1d9,      1, X86_MSR_PHASE_ENABLE, 0, lbr, "lbr-fmt", true},
    {"fixed-ctr-ctrl",  0x38d,      1, X86_MSR_PHASE_ENABLE, 0, version_2,
     "version above 1", false},
    {"perf-global-ctrl", 0x38f,     1, X86_MSR_PHASE_ENABLE, 0, version_2,
     "version above 1", false},
    {"amd-global-ctl",  0xc0000301, 1, X86_MSR_PHASE_ENABLE, 0, amd_version_2,
     "perfmon-v2", false},
};
/* clang-format on */
const unsigned x86_msr_row_count = ARRAY_LEN(x86_msr_rows);

const char *x86_msr_phase_name(X86MsrPhase phase)
{
    static const char *const names[] = {"general", "pebs", "fixed",  "metrics",
                                        "value",   "lbr",  "status", "enable"};

    return names[phase];
}

/* Rows of the phases @first to @last. */
static unsigned list_phases(const CpuContract *contract, X86MsrPhase first,
                            X86MsrPhase last, X86Msr *ret)
{
    unsigned count = 0;

    for (unsigned i = 0; i < x86_msr_row_count; i++) {
        const X86MsrRow *row = &x86_msr_rows[i];
        unsigned members =
            row->phase >= first && row->phase <= last ? row->count(contract) : 0;

        for (unsigned k = 0; k < members && count < X86_STATE_MSRS_MAX; k++) {
            ret[count++] = (X86Msr){row->index + k * row->stride, row->reset};
        }
    }
    return count;
}

unsigned x86_state_list_msrs(const CpuContract *contract, X86Msr *ret)
{
    return list_phases(contract, X86_MSR_PHASE_GENERAL, X86_MSR_PHASE_ENABLE, ret);
}

unsigned x86_state_order_msrs(const CpuContract *contract, const X86Msr *values,
                              unsigned count, X86Msr *ret)
{
    unsigned stops =
        list_phases(contract, X86_MSR_PHASE_ENABLE, X86_MSR_PHASE_ENABLE, ret);

    for (unsigned i = 0; i < stops; i++) {
        ret[i].value = 0;
    }
    for (unsigned i = 0; i < count && stops < X86_STATE_MSRS_MAX; i++) {
        ret[stops++] = values[i];
    }
    return stops;
}

unsigned x86_state_reset_msrs(const CpuContract *contract, X86Msr *ret)
{
    X86Msr values[X86_STATE_MSRS_MAX];
    unsigned count =
        list_phases(contract, X86_MSR_PHASE_PEBS, X86_MSR_PHASE_ENABLE, values);

    return x86_state_order_msrs(contract, values, count, ret);
}
