/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The GIC's state: its registers are the rows of target/arm-gic-state.h. */
#include "accel/vcpu-setup.h"
#include "accel/vcpu-state.h"
#include "target/arm-gic-state.h"
#include "util/bits.h"
#include "util/error.h"

#define GIC_BYTES_MAX (256 * 1024)

_Static_assert(ARM_GIC_DIST == KVM_DEV_ARM_VGIC_GRP_DIST_REGS, "group");
_Static_assert(ARM_GIC_CPU == KVM_DEV_ARM_VGIC_GRP_CPU_REGS, "group");
_Static_assert(ARM_GIC_REDIST == KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, "group");
_Static_assert(ARM_GIC_SYSREG == KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, "group");
_Static_assert(ARM_GIC_LEVEL == KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, "group");

struct KvmVmState {
    GByteArray *gic;
};

static const StateRow vm_rows[] = {
    {"gic", STATE_BLOB, offsetof(KvmVmState, gic), GIC_BYTES_MAX,
     .doc = "group, attribute and value of each register", .list = &arm_gic_saved},
};

static const StateTable vm_table = {
    .name = "arm64-vm",
    .version = 1,
    .size = sizeof(KvmVmState),
    .rows = vm_rows,
    .row_count = ARRAY_LEN(vm_rows),
};

const StateTable *kvm_vm_state_table(void)
{
    return &vm_table;
}

/* What says which CPU an attribute speaks of: with GICv3 its affinity, else its number.
 */
static bool cpu_attr(KvmVcpu *vcpu, unsigned index, unsigned version, uint64_t *ret,
                     GError **errp)
{
    uint64_t mpidr = index;

    if (version == 3 && !kvm_arm_vcpu_mpidr(vcpu, &mpidr, errp)) {
        return false;
    }
    /* Aff3 moves down next to Aff2. */
    *ret = (bits_get(mpidr, 32, 8) << 24 | bits_get(mpidr, 0, 24)) << 32;
    return true;
}

/* The registers of @gic, none of them there. */
static GArray *list_registers(KvmDevice *gic, const CpuContract *contract,
                              KvmVcpu *const *vcpus, unsigned count, GError **errp)
{
    unsigned version = kvm_device_has_attr(gic, ARM_GIC_REDIST, 0) ? 3 : 2;
    g_autofree uint64_t *cpus = g_new0(uint64_t, count);
    uint32_t irqs = 0;

    if (!kvm_device_get_attr(gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &irqs,
                             "number of interrupts", errp)) {
        return NULL;
    }
    for (unsigned i = 0; i < count; i++) {
        if (!cpu_attr(vcpus[i], i, version, &cpus[i], errp)) {
            return NULL;
        }
    }
    return arm_gic_list(version, irqs, contract->machine, cpus, count);
}

static bool read_register(KvmDevice *gic, ArmGicRegister *reg, GError **errp)
{
    g_autofree char *name = arm_gic_register_name(reg->row->group, reg->attr);
    g_autoptr(GError) cause = NULL;

    /* The value is wide enough for both sizes of register. */
    reg->is_there =
        kvm_device_get_attr(gic, reg->row->group, reg->attr, &reg->value, name, &cause);
    if (!reg->is_there && !reg->row->is_optional) {
        g_propagate_error(errp, g_steal_pointer(&cause));
        return false;
    }
    return true;
}

static bool write_register(KvmDevice *gic, const ArmGicRegister *reg, GError **errp)
{
    g_autofree char *name = arm_gic_register_name(reg->row->group, reg->attr);
    uint64_t value = reg->value;

    return !reg->is_there ||
           kvm_device_set_attr(gic, reg->row->group, reg->attr, &value, name, errp);
}

bool kvm_vm_save_state(KvmVm *vm, const CpuContract *contract, KvmDevice *irqchip,
                       KvmVcpu *const *vcpus, unsigned count, KvmVmState *state,
                       GError **errp)
{
    g_autoptr(GArray) list = list_registers(irqchip, contract, vcpus, count, errp);

    (void)vm;
    state->gic = g_byte_array_new();
    for (unsigned i = 0; list && i < list->len; i++) {
        if (!read_register(irqchip, &g_array_index(list, ArmGicRegister, i), errp)) {
            return false;
        }
    }
    if (list) {
        arm_gic_encode(list, state->gic);
    }
    return list;
}

bool kvm_vm_load_state(KvmVm *vm, const CpuContract *contract, KvmDevice *irqchip,
                       KvmVcpu *const *vcpus, unsigned count, const KvmVmState *state,
                       GError **errp)
{
    g_autoptr(GArray) list = list_registers(irqchip, contract, vcpus, count, errp);

    (void)vm;
    if (!list || !arm_gic_decode(list, state->gic->data, state->gic->len, errp)) {
        return false;
    }
    for (unsigned i = 0; i < list->len; i++) {
        if (!write_register(irqchip, &g_array_index(list, ArmGicRegister, i), errp)) {
            return false;
        }
    }
    return true;
}
