/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cache leaves of a guest: fixed sizes that any host can show, or the host's own.
 * Sharing between processors is filled in per vCPU.
 */
#ifndef TARGET_I386_CACHE_H
#define TARGET_I386_CACHE_H

#include "target/x86-cpu.h"

/*
 * Where leaf 4 of a contract holds the X86CacheScope of a cache, two bits: those are
 * reserved, and no guest sees them.
 */
#define X86_CACHE_SCOPE_SHIFT 10

/* x86_cache_add_intel - leaves 2 and 4 of a guest whose highest basic leaf is @level. */
void x86_cache_add_intel(const X86Cpu *cpu, const HostProfile *host, uint32_t level,
                         GArray *leaves);

/* x86_cache_add_extended - leaves 0x80000005 (AMD) and 0x80000006. */
void x86_cache_add_extended(const X86Cpu *cpu, const HostProfile *host, bool is_amd,
                            GArray *leaves);

/* x86_cache_add_amd - leaf 0x8000001d. */
void x86_cache_add_amd(const X86Cpu *cpu, const HostProfile *host, GArray *leaves);

#endif
