/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The working value the passes of the x86 resolver share.
 */
#ifndef TARGET_I386_RESOLVE_H
#define TARGET_I386_RESOLVE_H

#include "host-words.h"
#include "target/x86-cpu.h"

#define MODEL_WITHOUT_PMU "CPU model: it has no PMU unless pmu=on is said"

/* Which pass took a bit away; the findings explain it. */
typedef enum X86Cause {
    X86_CAUSE_NONE,
    X86_CAUSE_HOST,       /* the host does not offer it */
    X86_CAUSE_PMU_OFF,    /* the guest has no PMU, by choice */
    X86_CAUSE_NO_PMU,     /* the guest has no PMU, for want of one */
    X86_CAUSE_DEPENDENCY, /* a feature it needs is gone */
    X86_CAUSE_GROUP,      /* the PEBS group is off */
    X86_CAUSE_FORMAT,     /* the PEBS format was refused */
    X86_CAUSE_SLOTS,      /* no fixed counter 3 */
    X86_CAUSE_HIDDEN,     /* kvm=off */
    X86_CAUSE_STATE,      /* XSAVE state component missing */
    X86_CAUSE_LEVEL,      /* its CPUID leaf is above the highest one; arg: word */
} X86Cause;

typedef struct X86Work {
    const X86Cpu *cpu;
    const CpuResolveInput *in;
    const X86CpuModel *model;
    Report *report;
    FindingLevel level; /* of a feature that is not given */
    bool is_silent;     /* check=off and enforce=off: no such findings */
    bool is_host_model; /* host or max */
    bool pmu_wanted;
    bool pmu_on;
    X86HostPmu host_pmu;
    uint64_t model_words[X86_WORD_COUNT];
    uint64_t host[X86_WORD_COUNT];    /* what KVM offers */
    uint64_t implied[X86_WORD_COUNT]; /* set because of another setting */
    /* The CPU's; of PEBS the host's where one of its features is asked for. */
    X86Format formats[X86_FIELD_COUNT];
    bool pebs_by_name;               /* … by its name alone */
    uint64_t wanted_formats;         /* fields of PERF_CAPABILITIES: asked, taken over */
    uint64_t forced[X86_WORD_COUNT]; /* kept although the host lacks them */
    uint64_t cause_mask[X86_WORD_COUNT]; /* bits a pass took away */
    uint8_t cause[X86_WORD_COUNT][64];   /* X86Cause */
    uint16_t cause_arg[X86_WORD_COUNT][64];
    CpuContract *contract;
    uint64_t *words; /* the contract's */
} X86Work;

/* x86_work_remove - take @mask of @word away; the first cause of a bit stands. */
void x86_work_remove(X86Work *work, X86Word word, uint64_t mask, X86Cause cause,
                     unsigned arg);

/* x86_work_asked - bits of @word that the model, the machine or the user wants on. */
uint64_t x86_work_asked(const X86Work *work, X86Word word);

/*
 * x86_work_level - highest leaf the guest is shown of the range of @leaf, as far as that
 * is said: UINT32_MAX where the features decide it.
 */
uint32_t x86_work_level(const X86Work *work, uint32_t leaf);

/* x86_resolve_check_identity - an error for what CPUID cannot say of vendor, family, … */
void x86_resolve_check_identity(X86Work *work);

/* x86_resolve_identity - vendor, family, model, stepping and name of the contract. */
void x86_resolve_identity(X86Work *work);

/* x86_resolve_numbers - highest leaves, width of addresses, TSC frequency. */
void x86_resolve_numbers(X86Work *work);

/* x86_resolve_pmu_switch - decide whether there is a PMU, and what its absence removes.
 */
void x86_resolve_pmu_switch(X86Work *work);

/* x86_resolve_formats - put lbr-fmt and pebs-fmt in; decide the PEBS group whole. */
void x86_resolve_formats(X86Work *work);

/* x86_resolve_pmu_finish - judge the formats, fix the geometry and MISC_ENABLE. */
void x86_resolve_pmu_finish(X86Work *work);

/*
 * x86_resolve_geometry - the counters of the contract: KVM's, or fewer where the user
 * asked for that.  More than there are is an error finding, whatever check= says.
 */
void x86_resolve_geometry(X86Work *work);

/*
 * x86_resolve_pebs_reason - why a guest of a host with PEBS and a PMU has no PEBS, and
 * what to say on the command line to have it.
 * @ret_cause, @ret_remedy: g_free()
 */
void x86_resolve_pebs_reason(X86Work *work, char **ret_cause, char **ret_remedy);

/* x86_resolve_xsave - the state components that the features need. */
void x86_resolve_xsave(X86Work *work);

/* ECX of the only sub-leaf 0x1f of a contract that shows it with every topology: the type
 * of its first level. */
#define X86_LEAF_1F_ALWAYS 0x100u

/* x86_resolve_findings - one finding for every bit asked for and not given. */
void x86_resolve_findings(X86Work *work);

/* x86_contract_build_cpuid - fill contract->x86.cpuid and msrs from all the rest. */
void x86_contract_build_cpuid(CpuContract *contract, const X86Cpu *cpu,
                              const CpuResolveInput *in);

/*
 * x86_contract_build_own - the leaves that the rest of @contract decides alone.
 * @shows_amd: leaf 0x80000000 names the vendor
 */
void x86_contract_build_own(const CpuContract *contract, bool shows_amd, GArray *leaves);

/* x86_contract_build_msrs - the MSRs that the rest of @x86 decides: all of them. */
void x86_contract_build_msrs(const X86Contract *x86, GArray *msrs);

/* x86_contract_add_vmx_msrs - into @x86 those of VMX that this KVM has; what it gives
 * without a word stays where nobody read them. */
void x86_contract_add_vmx_msrs(X86Contract *x86, const X86Cpu *cpu,
                               const HostProfile *host);

#endif
