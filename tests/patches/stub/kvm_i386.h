/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_KVM_I386_H
#define STUB_KVM_I386_H

#include "system/kvm.h"

uint64_t kvm_arch_get_supported_msr_feature(KVMState *s, uint32_t index);
uint32_t kvm_arch_get_supported_cpuid(KVMState *s, uint32_t function, uint32_t index,
                                      int reg);

#endif
