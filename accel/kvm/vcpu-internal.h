/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a vCPU, for the files of this folder that add an architecture's
 * registers. */
#ifndef ACCEL_VCPU_INTERNAL_H
#define ACCEL_VCPU_INTERNAL_H

#include "accel/kvm-vcpu.h"

struct KvmVcpu {
    KvmSys *sys;
    KvmVm *vm;
    unsigned long id;
    int fd;
    struct kvm_run *run;
    size_t run_bytes;
    struct kvm_dirty_gfn *ring; /* NULL: pages are logged in bitmaps */
    bool has_overrun;           /* the kernel wrote over entries nobody had taken */
    uint32_t ring_next;         /* entry to be taken next, counted on for ever */
};

#if defined(KVM_ARCH_ARM64)
/* kvm_arm_list_regs - the numbers KVM lists; the caller frees the block. */
struct kvm_reg_list *kvm_arm_list_regs(KvmVcpu *vcpu, GError **errp);

/* kvm_arm_lists_reg - is @id among them? */
bool kvm_arm_lists_reg(const struct kvm_reg_list *list, uint64_t id);

/* kvm_arm_get_reg - KVM_GET_ONE_REG of any width, little endian, with an error that names
 * the register. */
bool kvm_arm_get_reg(KvmVcpu *vcpu, uint64_t id, void *ret, GError **errp);
#endif

#endif
