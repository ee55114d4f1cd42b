/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_SYSTEM_KVM_H
#define STUB_SYSTEM_KVM_H

#include "cpu.h"
#include "qemu/osdep.h"

typedef struct KVMState KVMState;

extern KVMState *kvm_state;

#define KVM_PUT_RUNTIME_STATE 1
#define KVM_PUT_RESET_STATE   2
#define KVM_PUT_FULL_STATE    3

bool kvm_enabled(void);
int kvm_vcpu_ioctl(CPUState *cpu, unsigned long type, ...);
int kvm_ioctl(KVMState *s, unsigned long type, ...);
int kvm_check_extension(KVMState *s, unsigned int extension);

#endif
