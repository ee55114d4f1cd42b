/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose KVM this is compiled for: KVM_ARCH_X86 or KVM_ARCH_ARM64.
 *
 * It is that of the compiler.  Tests compile the arm64 side on x86, too, over a modelled
 * kernel: tests/model/meson.build defines VPMU_MODEL_ARM64 then.
 */
#ifndef ACCEL_KVM_ARCH_H
#define ACCEL_KVM_ARCH_H

#if defined(__aarch64__) || defined(VPMU_MODEL_ARM64)
#define KVM_ARCH_ARM64
#else
#define KVM_ARCH_X86
#endif

#endif
