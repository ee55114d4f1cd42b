/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/kvm-vm.h"

#include "util/error.h"

struct KvmDevice {
    KvmSys *sys;
    int fd;
};

bool kvm_vm_has_device(KvmVm *vm, uint32_t type)
{
    struct kvm_create_device create = {.type = type, .flags = KVM_CREATE_DEVICE_TEST};

    return kvm_ioctl_errno(kvm_vm_sys(vm), kvm_vm_fd(vm), KVM_CREATE_DEVICE, &create) ==
           0;
}

KvmDevice *kvm_device_new(KvmVm *vm, uint32_t type, GError **errp)
{
    struct kvm_create_device create = {.type = type};
    KvmDevice *device;

    if (kvm_ioctl(kvm_vm_sys(vm), kvm_vm_fd(vm), KVM_CREATE_DEVICE, &create, errp) < 0) {
        return NULL;
    }
    device = g_new0(KvmDevice, 1);
    device->sys = kvm_vm_sys(vm);
    device->fd = (int)create.fd;
    return device;
}

void kvm_device_free(KvmDevice *device)
{
    if (device) {
        kvm_sys_close(device->sys, device->fd);
        g_free(device);
    }
}

bool kvm_device_has_attr(KvmDevice *device, uint32_t group, uint64_t attr)
{
    struct kvm_device_attr request = {.group = group, .attr = attr};

    return kvm_ioctl_errno(device->sys, device->fd, KVM_HAS_DEVICE_ATTR, &request) == 0;
}

bool kvm_device_set_attr(KvmDevice *device, uint32_t group, uint64_t attr,
                         const void *value, const char *what, GError **errp)
{
    struct kvm_device_attr request = {
        .group = group, .attr = attr, .addr = (uintptr_t)value};

    if (kvm_ioctl(device->sys, device->fd, KVM_SET_DEVICE_ATTR, &request, errp) < 0) {
        g_prefix_error(errp, "cannot set %s: ", what);
        return false;
    }
    return true;
}

bool kvm_device_get_attr(KvmDevice *device, uint32_t group, uint64_t attr, void *value,
                         const char *what, GError **errp)
{
    struct kvm_device_attr request = {
        .group = group, .attr = attr, .addr = (uintptr_t)value};

    if (kvm_ioctl(device->sys, device->fd, KVM_GET_DEVICE_ATTR, &request, errp) < 0) {
        g_prefix_error(errp, "cannot get %s: ", what);
        return false;
    }
    return true;
}
