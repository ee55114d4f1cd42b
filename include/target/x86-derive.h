/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What KVM would offer on an x86 host of which only raw CPUID facts are known.
 *
 * Nothing here was measured: the profile is marked as derived and says from what.
 */
#ifndef TARGET_X86_DERIVE_H
#define TARGET_X86_DERIVE_H

#include "target/host-profile.h"
#include "util/kernel-version.h"

typedef struct X86DeriveOptions {
    KernelVersion kernel; /* whose rules apply; 0.0: 6.12 */
    bool has_perf_capabilities;
    uint64_t perf_capabilities; /* the hardware's MSR 0x345 */
    bool is_mediated;           /* kvm_intel or kvm_amd with enable_mediated_pmu=1 */
    bool has_topdown; /* patched to give fixed counter 3 and perf-metrics then */
    bool no_pmu;      /* kvm with enable_pmu=0 */
} X86DeriveOptions;

/* x86_derive_kernel_parse - a version whose rules are known, see
 * kernel_version_parse(). */
bool x86_derive_kernel_parse(const char *text, KernelVersion *ret, GError **errp);

/*
 * x86_host_derive - the profile of the host whose raw facts are @json:
 * {"name", "source", "cpuid": {"0xLEAF.SUB": [4 x "0x…"]}, "msr": {"0x…": "0x…"}}.
 * What the kernel's version decides about the PMU is a row with a "since"; the other
 * rules are those of 6.12.  Options that the kernel cannot have are an error. Source of
 * the rules: Linux arch/x86/kvm (cpuid.c, pmu.c, vmx, svm).
 */
HostProfile *x86_host_derive(json_object *json, const X86DeriveOptions *options,
                             GError **errp);

#endif
