/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both architectures do with their saved forms: the tables know the sizes. */
#include "accel/vcpu-state.h"

static void state_free(const StateTable *table, void *state)
{
    if (state) {
        state_table_clear(table, state);
        g_free(state);
    }
}

VcpuState *vcpu_state_new(void)
{
    return g_malloc0(kvm_vcpu_state_table()->size);
}

void vcpu_state_free(VcpuState *state)
{
    state_free(kvm_vcpu_state_table(), state);
}

KvmVmState *kvm_vm_state_new(void)
{
    return g_malloc0(kvm_vm_state_table()->size);
}

void kvm_vm_state_free(KvmVmState *state)
{
    state_free(kvm_vm_state_table(), state);
}
