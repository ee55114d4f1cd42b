/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/vcpu-id.h"

GArray *kvm_vcpu_read_id_registers(KvmVcpu *vcpu, GError **errp)
{
    (void)vcpu;
    (void)errp;
    return g_array_new(FALSE, FALSE, sizeof(ArmIdValue));
}

GArray *kvm_vcpu_try_id_registers(KvmVcpu *vcpu, const GArray *wanted, GError **errp)
{
    (void)vcpu;
    (void)wanted;
    (void)errp;
    return g_array_new(FALSE, FALSE, sizeof(ArmIdTrial));
}
