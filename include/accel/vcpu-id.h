/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers by which an arm64 guest knows its processor, as KVM shows them.  On x86
 * there are none: there CPUID says it, and that is the contract's.
 */
#ifndef ACCEL_VCPU_ID_H
#define ACCEL_VCPU_ID_H

#include <glib.h>
#include <stdbool.h>

#include "accel/kvm-vcpu.h"
#include "target/arm-id-registers.h"

/*
 * kvm_vcpu_read_id_registers - those of @vcpu that KVM lists and arm_id_kind() knows, of
 * ArmIdValue; the caller owns the array.  @vcpu does not run.
 */
GArray *kvm_vcpu_read_id_registers(KvmVcpu *vcpu, GError **errp);

/*
 * kvm_vcpu_try_id_registers - give @vcpu, which has not run, the values of @wanted
 * (ArmIdValue) and look what KVM keeps.  Where it takes one, the vCPU has it from then
 * on, and with most kernels all vCPUs of the VM have.
 *
 * Returns one ArmIdTrial for each; the caller owns the array.  NULL where a register
 * cannot be read.
 */
GArray *kvm_vcpu_try_id_registers(KvmVcpu *vcpu, const GArray *wanted, GError **errp);

#endif
