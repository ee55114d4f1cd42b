/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/vcpu-id.h"

#include "../vcpu-internal.h"

static bool read_value(KvmVcpu *vcpu, uint64_t id, uint64_t *ret, GError **errp)
{
    *ret = 0; /* narrow registers fill a part of it */
    return kvm_arm_get_reg(vcpu, id, ret, errp);
}

GArray *kvm_vcpu_read_id_registers(KvmVcpu *vcpu, GError **errp)
{
    g_autofree struct kvm_reg_list *list = kvm_arm_list_regs(vcpu, errp);
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(ArmIdValue));

    for (uint64_t i = 0; list && i < list->n; i++) {
        ArmIdValue row = {.id = list->reg[i]};

        if (arm_id_kind(row.id) == ARM_ID_NONE) {
            continue;
        }
        if (!read_value(vcpu, row.id, &row.value, errp)) {
            return NULL;
        }
        g_array_append_val(values, row);
    }
    return list ? g_steal_pointer(&values) : NULL;
}

static bool try_one(KvmVcpu *vcpu, ArmIdTrial *trial, GError **errp)
{
    struct kvm_one_reg reg = {.id = trial->id, .addr = (uintptr_t)&trial->asked};

    if (!read_value(vcpu, trial->id, &trial->own, errp)) {
        return false;
    }
    trial->is_written = trial->own != trial->asked;
    if (trial->is_written) {
        trial->error = -kvm_ioctl_errno(vcpu->sys, vcpu->fd, KVM_SET_ONE_REG, &reg);
    }
    return true;
}

GArray *kvm_vcpu_try_id_registers(KvmVcpu *vcpu, const GArray *wanted, GError **errp)
{
    g_autofree struct kvm_reg_list *list = kvm_arm_list_regs(vcpu, errp);
    g_autoptr(GArray) trials = g_array_new(FALSE, FALSE, sizeof(ArmIdTrial));

    for (unsigned i = 0; list && i < wanted->len; i++) {
        const ArmIdValue *row = &g_array_index(wanted, ArmIdValue, i);
        ArmIdTrial trial = {.id = row->id,
                            .asked = row->value,
                            .is_listed = kvm_arm_lists_reg(list, row->id)};

        if (trial.is_listed && !try_one(vcpu, &trial, errp)) {
            return NULL;
        }
        g_array_append_val(trials, trial);
    }
    /* After all of them were written: a write may change another register. */
    for (unsigned i = 0; list && i < trials->len; i++) {
        ArmIdTrial *trial = &g_array_index(trials, ArmIdTrial, i);

        if (trial->is_listed && !read_value(vcpu, trial->id, &trial->kept, errp)) {
            return NULL;
        }
    }
    return list ? g_steal_pointer(&trials) : NULL;
}
