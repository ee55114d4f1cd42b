/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What holds for every contract of an x86 guest, whatever was asked and on which host.
 * Each law returns NULL where it holds, else what is wrong; g_free().
 */
#ifndef TESTS_X86_LAWS_H
#define TESTS_X86_LAWS_H

#include "target/cpu-resolve.h"

/* x86_law_words_are_seen - each word is what CPUID and the MSRs show the guest. */
char *x86_law_words_are_seen(const CpuContract *contract);

/*
 * x86_law_sound - every bit is one that KVM offers on @in's host, PEBS is whole or off,
 * and the PMU is no larger than KVM's.  Not for x-force-features.
 */
char *x86_law_sound(const CpuResolveInput *in, const CpuContract *contract);

#endif
