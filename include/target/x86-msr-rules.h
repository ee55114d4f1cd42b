/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which values KVM takes of user space for the MSRs a contract or a state sets. */
#ifndef TARGET_X86_MSR_RULES_H
#define TARGET_X86_MSR_RULES_H

#include <stdint.h>

typedef struct X86MsrRule {
    uint32_t first;
    unsigned count;
    const char *name;  /* of MSRs no other table names, or NULL */
    const char *takes; /* one phrase: "the bits ..." */
    unsigned stride;   /* between numbers of neighbours */
} X86MsrRule;

/*
 * x86_msr_rule - the rule for MSR @index, or NULL where KVM takes every value.
 *
 * Source: Linux arch/x86/kvm: vmx/vmx.c vmx_set_msr(), vmx/pmu_intel.c, svm/pmu.c,
 * x86.c kvm_set_msr_common(); the same rules the modelled kernel enforces.
 */
const X86MsrRule *x86_msr_rule(uint32_t index);

#endif
