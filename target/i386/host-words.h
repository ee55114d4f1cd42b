/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host offers, in the shape of feature words, and why it does not offer more.
 */
#ifndef TARGET_I386_HOST_WORDS_H
#define TARGET_I386_HOST_WORDS_H

#include "target/cpu-resolve.h"
#include "target/x86-features.h"

/* The vPMU KVM would give a guest on this host. */
typedef struct X86HostPmu {
    bool is_there;
    bool is_amd;
    bool is_mediated;
    X86Pmu pmu;
    uint64_t perf_capabilities;
    const char *missing_cause; /* where is_there is false */
    const char *missing_remedy;
} X86HostPmu;

/* x86_host_words - every word KVM supports on @in's host, with what KVM leaves unsaid. */
void x86_host_words(const CpuResolveInput *in, uint64_t ret[X86_WORD_COUNT]);

/* x86_host_pmu - the PMU KVM offers, or why there is none. */
X86HostPmu x86_host_pmu(const CpuResolveInput *in);

/* x86_host_phys_bits - width of the host's physical addresses; 36 where no leaf says. */
unsigned x86_host_phys_bits(const HostProfile *host);

/*
 * x86_host_missing - why the host does not offer @bit of @word.
 * @ret_remedy: what to do, constant text; NULL where only doing without it is left
 * Returns a constant phrase.
 */
const char *x86_host_missing(const HostProfile *host, X86Word word, unsigned bit,
                             const char **ret_remedy);

#endif
