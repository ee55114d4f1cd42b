/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between the monitors of the two architectures, outside hw/ and target/. */
#ifndef SYSTEM_PLAN_HOST_ARCH_H
#define SYSTEM_PLAN_HOST_ARCH_H

#include "accel/kvm-arch.h"
#include "qapi/types.h"
#include "target/arm-cpu.h"
#include "target/x86-cpu.h"

#if defined(KVM_ARCH_ARM64)
#define HOST_ARCH       TARGET_ARCH_AARCH64
#define HOST_QMP_TARGET SYS_EMU_TARGET_AARCH64
#define DEFAULT_MACHINE "virt"
#define TYPE_CPU        TYPE_ARM_CPU
#define CPU_TYPE_SUFFIX ARM_CPU_TYPE_SUFFIX
#else
#define HOST_ARCH       TARGET_ARCH_X86_64
#define HOST_QMP_TARGET SYS_EMU_TARGET_X86_64
#define DEFAULT_MACHINE "q35"
#define TYPE_CPU        TYPE_X86_CPU
#define CPU_TYPE_SUFFIX X86_CPU_TYPE_SUFFIX
#endif

#endif
