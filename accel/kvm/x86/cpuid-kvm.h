/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CPUID leaf in the form KVM takes and gives, for the files of this folder. */
#ifndef ACCEL_CPUID_KVM_H
#define ACCEL_CPUID_KVM_H

#include "accel/kvm-sys.h"
#include "target/x86-cpuid.h"

/* x86_cpuid_from_kvm, x86_cpuid_to_kvm - without sub-leaves the index is 0. */
X86CpuidEntry x86_cpuid_from_kvm(const struct kvm_cpuid_entry2 *from);
struct kvm_cpuid_entry2 x86_cpuid_to_kvm(const X86CpuidEntry *from);

#endif
