/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/kvm-vcpu.h"

#include <inttypes.h>

#include "../vcpu-internal.h"
#include "util/error.h"

bool kvm_vcpu_init(KvmVcpu *vcpu, const struct kvm_vcpu_init *init, GError **errp)
{
    if (kvm_ioctl(vcpu->sys, vcpu->fd, KVM_ARM_VCPU_INIT, init, errp) < 0) {
        g_prefix_error(errp, "vCPU %lu, features 0x%" PRIx32 ": ", vcpu->id,
                       init->features[0]);
        return false;
    }
    return true;
}

bool kvm_vcpu_finalize(KvmVcpu *vcpu, int feature, GError **errp)
{
    if (kvm_ioctl(vcpu->sys, vcpu->fd, KVM_ARM_VCPU_FINALIZE, &feature, errp) < 0) {
        g_prefix_error(errp, "vCPU %lu, feature %d: ", vcpu->id, feature);
        return false;
    }
    return true;
}

bool kvm_vcpu_get_reg(KvmVcpu *vcpu, uint64_t id, uint64_t *ret, GError **errp)
{
    struct kvm_one_reg reg = {.id = id, .addr = (uintptr_t)ret};

    if (kvm_ioctl(vcpu->sys, vcpu->fd, KVM_GET_ONE_REG, &reg, errp) < 0) {
        g_prefix_error(errp, "vCPU %lu, register 0x%" PRIx64 ": ", vcpu->id, id);
        return false;
    }
    return true;
}

bool kvm_vcpu_set_reg(KvmVcpu *vcpu, uint64_t id, uint64_t value, GError **errp)
{
    struct kvm_one_reg reg = {.id = id, .addr = (uintptr_t)&value};

    if (kvm_ioctl(vcpu->sys, vcpu->fd, KVM_SET_ONE_REG, &reg, errp) < 0) {
        g_prefix_error(errp, "vCPU %lu, register 0x%" PRIx64 " = 0x%" PRIx64 ": ",
                       vcpu->id, id, value);
        return false;
    }
    return true;
}

int kvm_vcpu_set_attr_errno(KvmVcpu *vcpu, uint32_t group, uint64_t attr,
                            const void *value)
{
    struct kvm_device_attr request = {
        .group = group, .attr = attr, .addr = (uintptr_t)value};

    /* A name of its own, so that a trace can tell it from attributes of devices. */
    return kvm_ioctl_errno_(vcpu->sys, vcpu->fd, KVM_SET_DEVICE_ATTR,
                            KVM_SET_VCPU_ATTR_NAME, &request);
}

bool kvm_vcpu_set_attr(KvmVcpu *vcpu, uint32_t group, uint64_t attr, const void *value,
                       const char *what, GError **errp)
{
    int ret = kvm_vcpu_set_attr_errno(vcpu, group, attr, value);

    if (ret < 0) {
        error_set_errno(errp, -ret, "vCPU %lu: KVM refuses %s", vcpu->id, what);
        return false;
    }
    return true;
}
