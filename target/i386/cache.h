/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cache leaves of a guest: fixed sizes that any host can show, or the host's own.
 * Sharing between processors is filled in per vCPU.
 */
#ifndef TARGET_I386_CACHE_H
#define TARGET_I386_CACHE_H

#include "target/x86-cpu.h"

/* x86_model_has_caches - @model has caches of its own, so it need not show old ones. */
bool x86_model_has_caches(const X86CpuModel *model);

/* x86_cache_add_intel - leaves 2 and 4 of a guest whose highest basic leaf is @level. */
void x86_cache_add_intel(const X86Cpu *cpu, const HostProfile *host, uint32_t level,
                         GArray *leaves);

/* x86_cache_add_extended - leaves 0x80000005 (AMD) and 0x80000006. */
void x86_cache_add_extended(const X86Cpu *cpu, const HostProfile *host, bool is_amd,
                            GArray *leaves);

/* x86_cache_add_amd - leaf 0x8000001d. */
void x86_cache_add_amd(const X86Cpu *cpu, const HostProfile *host, GArray *leaves);

#endif
