/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/kvm-vm.h"

/* GICv2 and v3 differ in the type of the device and in what stands beside the
 * distributor.  Source: Linux virt/kvm/devices/arm-vgic.rst and arm-vgic-v3.rst. */
typedef struct GicKind {
    const char *name;
    uint32_t type;
    uint64_t dist, cpu_side;
} GicKind;

static const GicKind gic_v2 = {"GICv2", KVM_DEV_TYPE_ARM_VGIC_V2,
                               KVM_VGIC_V2_ADDR_TYPE_DIST, KVM_VGIC_V2_ADDR_TYPE_CPU};
static const GicKind gic_v3 = {"GICv3", KVM_DEV_TYPE_ARM_VGIC_V3,
                               KVM_VGIC_V3_ADDR_TYPE_DIST, KVM_VGIC_V3_ADDR_TYPE_REDIST};

/* Interrupts that are not shared. */
#define PRIVATE_INTERRUPTS 32

static bool set_addr(KvmDevice *gic, uint64_t type, uint64_t gpa, const char *what,
                     GError **errp)
{
    return kvm_device_set_attr(gic, KVM_DEV_ARM_VGIC_GRP_ADDR, type, &gpa, what, errp);
}

KvmDevice *kvm_gic_new(KvmVm *vm, const KvmGicPlace *place, GError **errp)
{
    const GicKind *kind = place->is_v3 ? &gic_v3 : &gic_v2;
    uint32_t irqs = place->spis + PRIVATE_INTERRUPTS;
    g_autoptr(KvmDevice) gic = kvm_device_new(vm, kind->type, errp);

    if (!gic) {
        g_prefix_error(errp, "%s: ", kind->name);
        return NULL;
    }
    return kvm_device_set_attr(gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &irqs,
                               "number of interrupts", errp) &&
                   set_addr(gic, kind->dist, place->dist_gpa, "GIC distributor address",
                            errp) &&
                   set_addr(gic, kind->cpu_side, place->cpu_side_gpa,
                            "GIC CPU side address", errp) &&
                   kvm_device_set_attr(gic, KVM_DEV_ARM_VGIC_GRP_CTRL,
                                       KVM_DEV_ARM_VGIC_CTRL_INIT, NULL,
                                       "GIC initialisation", errp)
               ? g_steal_pointer(&gic)
               : NULL;
}
