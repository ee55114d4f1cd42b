/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The GIC as a device of the modelled kernel: size, places, initialisation, in that
 * order, then registers that keep what they are given.
 * Source: LD devices/arm-vgic-v3.rst and arm-vgic.rst.
 */
#include <errno.h>
#include <string.h>

#include "model-arm-internal.h"
#include "target/arm-gic-state.h"
#include "util/bits.h"

#define IRQS_LEAST 64
#define IRQS_MOST  1024
#define PLACE_MASK 0xffff /* GICv3: on 64 KiB; GICv2: on 4 KiB */

ModelArmGic *model_arm_gic_new(ModelArmVm *vm, uint32_t type)
{
    ModelArmGic *gic = g_new0(ModelArmGic, 1);

    gic->vm = vm;
    gic->type = type;
    gic->regs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return gic;
}

void model_arm_gic_free(gpointer data)
{
    ModelArmGic *gic = data;

    g_hash_table_unref(gic->regs);
    g_free(gic);
}

static bool is_v3(const ModelArmGic *gic)
{
    return gic->type == KVM_DEV_TYPE_ARM_VGIC_V3;
}

static int set_irqs(ModelArmGic *gic, uint32_t irqs)
{
    if (irqs < IRQS_LEAST || irqs > IRQS_MOST || irqs % 32) {
        return model_fail(EINVAL);
    }
    if (gic->irqs) {
        return model_fail(EBUSY);
    }
    gic->irqs = irqs;
    return 0;
}

static int set_place(ModelArmGic *gic, uint64_t type, uint64_t gpa)
{
    uint64_t first = is_v3(gic) ? KVM_VGIC_V3_ADDR_TYPE_DIST : KVM_VGIC_V2_ADDR_TYPE_DIST;

    if (type < first || type > first + 1) {
        return model_fail(ENODEV);
    }
    if (gpa & (is_v3(gic) ? PLACE_MASK : PLACE_MASK >> 4)) {
        return model_fail(EINVAL);
    }
    if (gic->places[type]) {
        return model_fail(EEXIST);
    }
    gic->places[type] = gpa;
    return 0;
}

static int init_gic(ModelArmGic *gic)
{
    if (!gic->vm->vcpu_count) {
        return model_fail(ENODEV);
    }
    if (gic->is_ready) {
        return model_fail(EBUSY);
    }
    gic->irqs = gic->irqs ? gic->irqs : IRQS_LEAST;
    gic->is_ready = true;
    return 0;
}

static bool has_group(const ModelArmGic *gic, uint32_t group)
{
    switch (group) {
    case ARM_GIC_DIST:
        return true;
    case ARM_GIC_CPU:
        return !is_v3(gic);
    case ARM_GIC_REDIST:
    case ARM_GIC_SYSREG:
    case ARM_GIC_LEVEL:
        return is_v3(gic);
    default:
        return false;
    }
}

/* Registers are 32 bits wide, system registers 64. */
static int use_register(ModelArmGic *gic, const struct kvm_device_attr *attr, bool is_set)
{
    void *place = (void *)(uintptr_t)attr->addr; /* NOLINT(performance-no-int-to-ptr) */
    size_t bytes = attr->group == ARM_GIC_SYSREG ? sizeof(uint64_t) : sizeof(uint32_t);
    char *key = g_strdup_printf("%u:%llx", attr->group, (unsigned long long)attr->attr);
    uint64_t *value = g_hash_table_lookup(gic->regs, key);

    if (!value) {
        value = g_new0(uint64_t, 1);
        g_hash_table_insert(gic->regs, key, value);
    } else {
        g_free(key);
    }
    if (is_set) {
        memcpy(value, place, bytes);
    } else {
        memcpy(place, value, bytes);
    }
    return 0;
}

static int set_attr(ModelArmGic *gic, const struct kvm_device_attr *attr)
{
    const void *place = (const void *)(uintptr_t)attr->addr;
    uint64_t gpa;
    uint32_t irqs;

    switch (attr->group) {
    case KVM_DEV_ARM_VGIC_GRP_NR_IRQS:
        memcpy(&irqs, place, sizeof(irqs));
        return set_irqs(gic, irqs);
    case KVM_DEV_ARM_VGIC_GRP_ADDR:
        memcpy(&gpa, place, sizeof(gpa));
        return set_place(gic, attr->attr, gpa);
    case KVM_DEV_ARM_VGIC_GRP_CTRL:
        return attr->attr == KVM_DEV_ARM_VGIC_CTRL_INIT ? init_gic(gic)
                                                        : model_fail(ENXIO);
    default:
        break;
    }
    if (!has_group(gic, attr->group)) {
        return model_fail(ENXIO);
    }
    return gic->is_ready ? use_register(gic, attr, true) : model_fail(EBUSY);
}

static int get_attr(ModelArmGic *gic, const struct kvm_device_attr *attr)
{
    if (attr->group == KVM_DEV_ARM_VGIC_GRP_NR_IRQS) {
        memcpy((void *)(uintptr_t)attr->addr, /* NOLINT(performance-no-int-to-ptr) */
               &gic->irqs, sizeof(gic->irqs));
        return 0;
    }
    if (!has_group(gic, attr->group)) {
        return model_fail(ENXIO);
    }
    return gic->is_ready ? use_register(gic, attr, false) : model_fail(EBUSY);
}

int model_arm_gic_ioctl(ModelArmGic *gic, unsigned long request,
                        const struct kvm_device_attr *attr)
{
    switch (request) {
    case KVM_HAS_DEVICE_ATTR:
        return has_group(gic, attr->group) ? 0 : model_fail(ENXIO);
    case KVM_SET_DEVICE_ATTR:
        return set_attr(gic, attr);
    case KVM_GET_DEVICE_ATTR:
        return get_attr(gic, attr);
    default:
        return model_fail(ENOTTY);
    }
}
