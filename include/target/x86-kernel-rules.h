/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the version of the host's kernel decides about the PMU of x86 guests.
 *
 * Deriving a host, the causes of findings and the manual read these rows.
 */
#ifndef TARGET_X86_KERNEL_RULES_H
#define TARGET_X86_KERNEL_RULES_H

#include "target/host-profile.h"
#include "util/kernel-version.h"

typedef enum X86KernelRule {
    X86_KERNEL_PMU_CAPABILITY,
    X86_KERNEL_PEBS,
    X86_KERNEL_MASKED_EVENTS,
    X86_KERNEL_PERFMON_V2,
    X86_KERNEL_PEBS_TIMING,
    X86_KERNEL_STATUS_SET,
    X86_KERNEL_MEDIATED,
    X86_KERNEL_RULE_COUNT,
} X86KernelRule;

typedef struct X86KernelRuleRow {
    KernelVersion since;
    const char *what; /* guests can have */
} X86KernelRuleRow;

extern const X86KernelRuleRow x86_kernel_rules[X86_KERNEL_RULE_COUNT];

/* The rules of these are known: every release from the oldest to the newest that was
 * read. */
extern const KernelVersion x86_kernel_oldest, x86_kernel_newest;

/* x86_kernel_has - a kernel of @version has what @rule is about. */
bool x86_kernel_has(KernelVersion version, X86KernelRule rule);

/* x86_host_kernel_lacks - @host's kernel is known, and too old for @rule. */
bool x86_host_kernel_lacks(const HostProfile *host, X86KernelRule rule);

#endif
