/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/kvm-vm.h"

#include "util/bits.h"

bool kvm_vm_create_irqchip(KvmVm *vm, uint64_t reserved_gpa, GError **errp)
{
    KvmSys *sys = kvm_vm_sys(vm);
    int fd = kvm_vm_fd(vm);
    uint64_t identity_map = reserved_gpa;

    /* The TSS fills the three pages behind the identity map. */
    return kvm_ioctl(sys, fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map, errp) >= 0 &&
           kvm_ioctl_value(sys, fd, KVM_SET_TSS_ADDR, reserved_gpa + 4 * KIB, errp) >=
               0 &&
           kvm_ioctl_value(sys, fd, KVM_CREATE_IRQCHIP, 0, errp) >= 0;
}

bool kvm_vm_create_pit(KvmVm *vm, GError **errp)
{
    struct kvm_pit_config config = {.flags = KVM_PIT_SPEAKER_DUMMY};

    return kvm_ioctl(kvm_vm_sys(vm), kvm_vm_fd(vm), KVM_CREATE_PIT2, &config, errp) >= 0;
}
