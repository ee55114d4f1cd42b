/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/x86-kernel-rules.h"

/*
 * Sources: Linux arch/x86/kvm, Documentation/virt/kvm/api.rst and their
 * history; 6.1, 6.12, 7.2 and 7.3 were read whole.  What none of them gives has no row:
 * bit 14 of PERF_CAPABILITIES, topdown metrics, architectural LBR and PEBS.
 */
const X86KernelRuleRow x86_kernel_rules[X86_KERNEL_RULE_COUNT] = {
    [X86_KERNEL_PMU_CAPABILITY] = {{5, 18}, "no PMU on AMD (KVM_CAP_PMU_CAPABILITY)"},
    [X86_KERNEL_PEBS] = {{6, 0}, "PEBS, where it works with nested paging"},
    [X86_KERNEL_MASKED_EVENTS] = {{6, 2}, "event filters with masks"},
    [X86_KERNEL_PERFMON_V2] = {{6, 5}, "AMD's PerfMonV2"},
    [X86_KERNEL_PEBS_TIMING] = {{6, 18}, "pebs-timing-info, as part of the PEBS group"},
    [X86_KERNEL_STATUS_SET] = {{6, 18}, "AMD's MSR 0xc0000303, which sets status bits"},
    [X86_KERNEL_MEDIATED] = {{7, 0}, "the mediated PMU (enable_mediated_pmu)"},
};

const KernelVersion x86_kernel_oldest = {5, 10}, x86_kernel_newest = {7, 3};

bool x86_kernel_has(KernelVersion version, X86KernelRule rule)
{
    return kernel_version_is_at_least(version, x86_kernel_rules[rule].since);
}

bool x86_host_kernel_lacks(const HostProfile *host, X86KernelRule rule)
{
    KernelVersion version;

    return host->kernel && kernel_version_parse(host->kernel, &version) &&
           !x86_kernel_has(version, rule);
}
