/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUID as a value: a list of leaves, as KVM reports and takes them.
 *
 * The layout follows struct kvm_cpuid_entry2 without its padding, so that target/ needs
 * no kernel header and works the same on every host.
 */
#ifndef TARGET_X86_CPUID_H
#define TARGET_X86_CPUID_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The leaf has sub-leaves and @index counts (KVM_CPUID_FLAG_SIGNIFCANT_INDEX). */
#define X86_CPUID_HAS_INDEX 1u

typedef enum X86Reg {
    X86_EAX,
    X86_EBX,
    X86_ECX,
    X86_EDX,
    X86_REG_COUNT,
} X86Reg;

typedef struct X86CpuidEntry {
    uint32_t function; /* leaf */
    uint32_t index;    /* sub-leaf, 0 where the leaf has none */
    uint32_t flags;
    uint32_t eax, ebx, ecx, edx;
} X86CpuidEntry;

typedef struct X86Msr {
    uint32_t index;
    uint64_t value;
} X86Msr;

/* How many registers of a row a guest has: as many as the row says. */
#define X86_MSR_ALL UINT_MAX

/* x86_cpuid_find - the entry of @function.@index in @table (of X86CpuidEntry), or NULL.
 */
X86CpuidEntry *x86_cpuid_find(const GArray *table, uint32_t function, uint32_t index);

/* x86_cpuid_reg - one register of a leaf; 0 where @table lacks the leaf. */
uint32_t x86_cpuid_reg(const GArray *table, uint32_t function, uint32_t index,
                       X86Reg reg);

/* x86_entry_reg - where the register @reg of @entry lives. */
uint32_t *x86_entry_reg(X86CpuidEntry *entry, X86Reg reg);

/* x86_reg_name - "eax" and so on. */
const char *x86_reg_name(X86Reg reg);

/* x86_leaf_has_index - the architecture gives @function sub-leaves. */
bool x86_leaf_has_index(uint32_t function);

/* x86_leaf_is_pmu - @function is about the PMU and tracing and nothing else. */
bool x86_leaf_is_pmu(uint32_t function);

/* x86_signature_family - displayed family of CPUID.1:EAX. */
unsigned x86_signature_family(uint32_t signature);

/*
 * x86_signature_model - displayed model of CPUID.1:EAX.  The extended model counts from
 * family 6 on: Zhaoxin uses it in family 7, and who does not leaves it 0.
 */
unsigned x86_signature_model(uint32_t signature);

/* x86_signature_encode - CPUID.1:EAX of a displayed family, model and stepping. */
uint32_t x86_signature_encode(unsigned family, unsigned model, unsigned stepping);

#endif
