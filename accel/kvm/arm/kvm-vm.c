/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/kvm-vm.h"

uint32_t kvm_arm_irq_spi(unsigned spi)
{
    return ((uint32_t)KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT) | (spi + 32);
}

unsigned long kvm_arm_vm_type(KvmSys *sys)
{
    int bits = kvm_sys_check_extension(sys, KVM_CAP_ARM_VM_IPA_SIZE);

    return bits > 0 ? (unsigned long)MIN(bits, 48) : 0;
}

bool kvm_vm_get_preferred_target(KvmVm *vm, struct kvm_vcpu_init *ret, GError **errp)
{
    return kvm_ioctl(kvm_vm_sys(vm), kvm_vm_fd(vm), KVM_ARM_PREFERRED_TARGET, ret,
                     errp) >= 0;
}
