/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/kvm-vm.h"

#include "util/error.h"
#include "vm-internal.h"

KvmVm *kvm_vm_new(KvmSys *sys, unsigned long type, GError **errp)
{
    int fd = kvm_ioctl_value(sys, kvm_sys_fd(sys), KVM_CREATE_VM, type, errp);
    KvmVm *vm;

    if (fd < 0) {
        return NULL;
    }
    vm = g_new0(KvmVm, 1);
    vm->sys = sys;
    vm->fd = fd;
    vm->vcpus = g_ptr_array_new();
    vm->msis = g_ptr_array_new();
    vm->has_bitmap = true;
    return vm;
}

void kvm_vm_free(KvmVm *vm)
{
    if (vm) {
        kvm_sys_close(vm->sys, vm->fd);
        g_ptr_array_unref(vm->vcpus);
        g_ptr_array_unref(vm->msis);
        g_free(vm);
    }
}

KvmSys *kvm_vm_sys(const KvmVm *vm)
{
    return vm->sys;
}

int kvm_vm_fd(const KvmVm *vm)
{
    return vm->fd;
}

int kvm_vm_check_extension(KvmVm *vm, int capability)
{
    int ret = kvm_ioctl_errno_(vm->sys, vm->fd, KVM_CHECK_EXTENSION,
                               "KVM_CHECK_EXTENSION", (void *)(uintptr_t)capability);

    return ret < 0 ? 0 : ret;
}

bool kvm_vm_enable_cap(KvmVm *vm, uint32_t capability, uint64_t arg, GError **errp)
{
    struct kvm_enable_cap cap = {.cap = capability, .args = {arg}};

    return kvm_ioctl(vm->sys, vm->fd, KVM_ENABLE_CAP, &cap, errp) >= 0;
}

bool kvm_vm_disable_quirks(KvmVm *vm, uint64_t quirks, GError **errp)
{
    quirks &= (uint64_t)kvm_vm_check_extension(vm, KVM_CAP_DISABLE_QUIRKS2);
    if (quirks && !kvm_vm_enable_cap(vm, KVM_CAP_DISABLE_QUIRKS2, quirks, errp)) {
        return false;
    }
    vm->disabled_quirks = quirks;
    return true;
}

uint64_t kvm_vm_disabled_quirks(const KvmVm *vm)
{
    return vm->disabled_quirks;
}

bool kvm_vm_set_memory(KvmVm *vm, uint32_t slot, uint32_t flags, uint64_t gpa,
                       uint64_t bytes, void *hva, GError **errp)
{
    struct kvm_userspace_memory_region region = {
        .slot = slot,
        .flags = flags,
        .guest_phys_addr = gpa,
        .memory_size = bytes,
        .userspace_addr = (uintptr_t)hva,
    };

    return kvm_ioctl(vm->sys, vm->fd, KVM_SET_USER_MEMORY_REGION, &region, errp) >= 0;
}

bool kvm_vm_get_dirty_log(KvmVm *vm, uint32_t slot, uint64_t *bitmap, GError **errp)
{
    struct kvm_dirty_log log = {.slot = slot, .dirty_bitmap = bitmap};

    return kvm_ioctl(vm->sys, vm->fd, KVM_GET_DIRTY_LOG, &log, errp) >= 0;
}

bool kvm_vm_set_irq(KvmVm *vm, uint32_t irq, bool level, GError **errp)
{
    struct kvm_irq_level line = {.irq = irq, .level = level};

    return kvm_ioctl(vm->sys, vm->fd, KVM_IRQ_LINE, &line, errp) >= 0;
}
