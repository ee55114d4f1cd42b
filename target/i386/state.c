/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/x86-state.h"

#include "common/cpuid-json.h"
#include "target/compat.h"
#include "target/host-profile.h"
#include "util/bits.h"
#include "util/json.h"

#define MCE_BANKS     32 /* KVM's own number; each has four MSRs */
#define MTRR_VARIABLE 8  /* pairs */
#define TRACE_RANGES  8  /* MSRs: a begin and an end each */

static unsigned all_if(bool has)
{
    return has ? X86_MSR_ALL : 0;
}

static unsigned always(const CpuContract *c)
{
    (void)c;
    return X86_MSR_ALL;
}

/* STAR, LSTAR, CSTAR and FMASK follow one another. */
static unsigned with_syscall(const CpuContract *c)
{
    return x86_contract_has(c, X86_LM) ? X86_MSR_ALL : 1;
}

static unsigned with_long_mode(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_LM));
}

static unsigned with_rdtscp(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_RDTSCP) || x86_contract_has(c, X86_RDPID));
}

static unsigned with_tsc_adjust(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_TSC_ADJUST));
}

static unsigned with_tsc_deadline(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_TSC_DEADLINE));
}

static unsigned with_mtrr(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_MTRR));
}

static unsigned with_mca(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_MCA));
}

static unsigned with_spec_ctrl(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_SPEC_CTRL) || x86_contract_has(c, X86_IBRS));
}

static unsigned with_virt_ssbd(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_VIRT_SSBD));
}

static unsigned with_tsx_ctrl(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_TSX_CTRL));
}

static unsigned with_waitpkg(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_WAITPKG));
}

static unsigned with_trace(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_INTEL_PT));
}

/* ADDRn_A and ADDRn_B of as many ranges as the processor has. */
static unsigned with_trace_ranges(const CpuContract *c)
{
    return with_trace(c) ? 2 * (x86_cpuid_reg(c->x86.cpuid, 0x14, 1, X86_EAX) & 7) : 0;
}

static unsigned with_mpx(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_MPX));
}

static unsigned with_ibt(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_CET_IBT));
}

static unsigned with_xsaves(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_XSAVES));
}

static unsigned with_xfd(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_XFD));
}

static unsigned with_vmx(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_VMX));
}

static unsigned with_svm(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_SVM));
}

static unsigned with_osvw(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_OSVW));
}

static unsigned on_amd(const CpuContract *c)
{
    return all_if(x86_vendor_is_amd(c->x86.vendor));
}

static unsigned with_kvmclock(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_KVMCLOCK));
}

static unsigned with_asyncpf(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_KVM_ASYNCPF));
}

static unsigned with_asyncpf_int(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_KVM_ASYNCPF_INT));
}

static unsigned with_steal_time(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_KVM_STEAL_TIME));
}

static unsigned with_pv_eoi(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_KVM_PV_EOI));
}

static unsigned with_poll_control(const CpuContract *c)
{
    return all_if(x86_contract_has(c, X86_KVM_POLL_CONTROL));
}

/* Sources: SDM volume 4; APM volume 2, appendix A; Linux virt/kvm/x86/msr.rst. */
/* clang-format off */
const X86StateRow x86_state_rows[] = {
    {"tsc",              0x10,       1,                  false, always,               "always"},
    {"tsc-adjust",       0x3b,       1,                  false, with_tsc_adjust,      "tsc-adjust"},
    {"sysenter",         0x174,      3,                  false, always,               "always"},
    {"pat",              0x277,      1,                  false, always,               "always"},
    {"syscall",          0xc0000081, 4,                  false, with_syscall,
             "always; all four with lm"},
    {"kernel-gs-base",   0xc0000102, 1,                  false, with_long_mode,       "lm"},
    {"tsc-aux",          0xc0000103, 1,                  true,  with_rdtscp,
              "rdtscp or rdpid"},
    {"misc-enable",      0x1a0,      1,                  true,  always,               "always"},
    {"misc-features",    0x140,      1,                  true,  always,               "always"},
    {"debugctl",         0x1d9,      1,                  true,  always,               "always"},
    {"smi-count",        0x34,       1,                  true,  always,               "always"},
    {"mtrr-fixed-64k",   0x250,      1,                  false, with_mtrr,            "mtrr"},
    {"mtrr-fixed-16k",   0x258,      2,                  false, with_mtrr,            "mtrr"},
    {"mtrr-fixed-4k",    0x268,      8,                  false, with_mtrr,            "mtrr"},
    {"mtrr-variable",    0x200,      2 * MTRR_VARIABLE,  false, with_mtrr,            "mtrr"},
    {"mtrr-default",     0x2ff,      1,                  false, with_mtrr,            "mtrr"},
    {"mcg-status",       0x17a,      1,                  true,  with_mca,             "mca"},
    {"mcg-ctl",          0x17b,      1,                  true,  with_mca,             "mca"},
    {"mce-bank",         0x400,      4 * MCE_BANKS,      true,  with_mca,             "mca"},
    {"feature-control",  0x3a,       1,                  true,  with_vmx,             "vmx"},
    {"spec-ctrl",        0x48,       1,                  true,  with_spec_ctrl,
           "spec-ctrl or ibrs"},
    {"virt-spec-ctrl",   0xc001011f, 1,                  true,  with_virt_ssbd,       "virt-ssbd"},
    {"tsx-ctrl",         0x122,      1,                  true,  with_tsx_ctrl,        "tsx-ctrl"},
    {"umwait-control",   0xe1,       1,                  true,  with_waitpkg,         "waitpkg"},
    {"xss",              0xda0,      1,                  true,  with_xsaves,          "xsaves"},
    {"xfd",              0x1c4,      2,                  true,  with_xfd,             "xfd"},
    {"bndcfgs",          0xd90,      1,                  false, with_mpx,             "mpx"},
    {"user-cet",         0x6a0,      1,                  false, with_ibt,             "cet-ibt"},
    {"supervisor-cet",   0x6a2,      1,                  false, with_ibt,             "cet-ibt"},
    {"trace-output",     0x560,      2,                  false, with_trace,           "intel-pt"},
    {"trace-cr3",        0x572,      1,                  false, with_trace,           "intel-pt"},
    {"trace-ranges",     0x580,      TRACE_RANGES,       false, with_trace_ranges,
        "intel-pt; as many as leaf 0x14 says"},
    {"trace-status",     0x571,      1,                  false, with_trace,           "intel-pt"},
    /* After the others: while it is on they are not written.  Source: SDM volume 3C. */
    {"trace-ctl",        0x570,      1,                  false, with_trace,           "intel-pt"},
    {"hwcr",             0xc0010015, 1,                  true,  on_amd,               "AMD"},
    {"vm-cr",            0xc0010114, 1,                  true,  with_svm,             "svm"},
    {"vm-hsave-pa",      0xc0010117, 1,                  true,  with_svm,             "svm"},
    {"osvw",             0xc0010140, 2,                  true,  with_osvw,            "osvw"},
    {"kvm-clock",        0x4b564d00, 2,                  true,  with_kvmclock,        "kvmclock"},
    {"kvm-async-pf-int", 0x4b564d06, 1,                  true,  with_asyncpf_int,
         "kvm-asyncpf-int"},
    {"kvm-async-pf",     0x4b564d02, 1,                  true,  with_asyncpf,
             "kvm-asyncpf"},
    {"kvm-steal-time",   0x4b564d03, 1,                  true,  with_steal_time,
          "kvm-steal-time"},
    {"kvm-pv-eoi",       0x4b564d04, 1,                  true,  with_pv_eoi,          "kvm-pv-eoi"},
    {"kvm-poll-control", 0x4b564d05, 1,                  true,  with_poll_control,
        "kvm-poll-control"},
    /* Last: it starts a timer that the TSC above has to be right for. */
    {"tsc-deadline",     0x6e0,      1,                  true,  with_tsc_deadline,
        "tsc-deadline"},
};
/* clang-format on */

const unsigned x86_state_row_count = ARRAY_LEN(x86_state_rows);

static unsigned count_of(const X86StateRow *row, const CpuContract *contract)
{
    return machine_is_since(contract->machine, row->machine)
               ? MIN(row->count(contract), row->most)
               : 0;
}

unsigned x86_state_list(const CpuContract *contract, X86Msr *msrs)
{
    unsigned n = 0;

    for (unsigned i = 0; i < x86_state_row_count; i++) {
        unsigned count = count_of(&x86_state_rows[i], contract);

        for (unsigned k = 0; k < count && n < X86_STATE_MAX; k++) {
            msrs[n++] = (X86Msr){x86_state_rows[i].index + k, 0};
        }
    }
    return n;
}

const X86StateRow *x86_state_row(const CpuContract *contract, uint32_t index)
{
    for (unsigned i = 0; i < x86_state_row_count; i++) {
        const X86StateRow *row = &x86_state_rows[i];

        if (index >= row->index && index - row->index < count_of(row, contract)) {
            return row;
        }
    }
    return NULL;
}

static char *state_name(const void *context, uint32_t group, uint64_t number)
{
    const CpuContract *contract = context;
    const X86StateRow *row = contract && contract->arch == TARGET_ARCH_X86_64
                                 ? x86_state_row(contract, (uint32_t)number)
                                 : NULL;

    (void)group;
    return g_strdup(row ? row->name : NULL);
}

static json_object *state_describe(void)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < x86_state_row_count; i++) {
        json_object_array_add(
            array, msr_row_describe(x86_state_rows[i].name, x86_state_rows[i].index,
                                    x86_state_rows[i].most, x86_state_rows[i].when));
    }
    return array;
}

const StateList x86_state_saved = {
    .section = "x86-vcpu",
    .row = "msrs",
    .number_bytes = sizeof(uint32_t),
    .value_bytes = sizeof(uint64_t),
    .name = state_name,
    .describe = state_describe,
};
