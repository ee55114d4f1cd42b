/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a stopped vCPU, and of what the kernel emulates beside the vCPUs, as
 * structs that state tables describe.
 *
 * The kernel owns registers; a VcpuState is a copy that is being moved or shown.  Which
 * registers there are is asked of the contract, never of the host.
 */
#ifndef ACCEL_VCPU_STATE_H
#define ACCEL_VCPU_STATE_H

#include <glib.h>
#include <stdbool.h>

#include "accel/kvm-vcpu.h"
#include "target/cpu-contract.h"
#include "util/state-table.h"

typedef struct VcpuState VcpuState;
typedef struct KvmVmState KvmVmState;

/* kvm_vcpu_state_table, kvm_vm_state_table - their saved forms.  The context of the rows
 * is the CpuContract. */
const StateTable *kvm_vcpu_state_table(void);
const StateTable *kvm_vm_state_table(void);

/* vcpu_state_new, kvm_vm_state_new - empty. */
VcpuState *vcpu_state_new(void);
KvmVmState *kvm_vm_state_new(void);

/* vcpu_state_free, kvm_vm_state_free - NULL is nothing. */
void vcpu_state_free(VcpuState *state);
void kvm_vm_state_free(KvmVmState *state);

/*
 * kvm_vcpu_state_blocker - why a vCPU of @contract could not be saved on this host, as
 * far as that is known before; NULL: nothing is known against it.
 */
const char *kvm_vcpu_state_blocker(KvmSys *sys, const CpuContract *contract);

/*
 * kvm_vcpu_save_state - every register of @vcpu, which is stopped and has no access
 * pending.
 * @state: empty
 */
bool kvm_vcpu_save_state(KvmVcpu *vcpu, const CpuContract *contract, VcpuState *state,
                         GError **errp);

/*
 * kvm_vcpu_load_state - the inverse, into a vCPU set up with the same contract that has
 * not run; after the RAM is there.  What KVM is known to ignore silently is read back.
 * @state: untrusted: a register the contract does not give the guest is an error
 */
bool kvm_vcpu_load_state(KvmVcpu *vcpu, const CpuContract *contract,
                         const VcpuState *state, GError **errp);

/*
 * kvm_vm_save_state - interrupt controllers, timers and clocks outside the vCPUs.
 * @irqchip: arm64: the GIC; x86: NULL
 * @vcpus: all of the VM, in order
 */
bool kvm_vm_save_state(KvmVm *vm, const CpuContract *contract, KvmDevice *irqchip,
                       KvmVcpu *const *vcpus, unsigned count, KvmVmState *state,
                       GError **errp);

/* kvm_vm_load_state - the inverse, after the vCPUs, before the devices' lines. */
bool kvm_vm_load_state(KvmVm *vm, const CpuContract *contract, KvmDevice *irqchip,
                       KvmVcpu *const *vcpus, unsigned count, const KvmVmState *state,
                       GError **errp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VcpuState, vcpu_state_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KvmVmState, kvm_vm_state_free)

#endif
