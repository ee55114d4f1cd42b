/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The leaves a vCPU was told against the leaves KVM kept, the read-back of
 * KVM_SET_CPUID2. Pure.
 */
#ifndef TARGET_X86_CPUID_KEPT_H
#define TARGET_X86_CPUID_KEPT_H

#include "target/x86-cpuid.h"
#include "util/report.h"

/*
 * x86_cpuid_check_kept - report what differs.
 * @told, @kept: of X86CpuidEntry
 *
 * Bits the guest switches with registers of its own (CR4, XCR0, IA32_APIC_BASE,
 * IA32_MISC_ENABLE) are left out.  Each register that changes the guest's PMU is an error
 * with the row "CPUID 0xLEAF.SUB reg".  Everything else is two warnings at most:
 * "cpuid-lost" names what the guest was told and does not get, "cpuid-added" what it gets
 * and was not told.
 */
void x86_cpuid_check_kept(const GArray *told, const GArray *kept, Report *report);

#endif
