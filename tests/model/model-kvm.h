/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A modelled kernel: x86 KVM behind the ioctl door, as far as CPUID, MSRs and the PMU go.
 *
 * It stands in for hosts nobody here has (PEBS, LBR, topdown) and enforces the rules KVM
 * documents; each rule has its source beside it.  Results from it are labelled modelled.
 * Nothing runs in it: KVM_RUN only makes a vCPU one that has run.
 */
#ifndef TESTS_MODEL_KVM_H
#define TESTS_MODEL_KVM_H

#include "accel/kvm-sys.h"
#include "target/host-profile.h"

typedef struct ModelKvm ModelKvm;

/*
 * model_kvm_new - a kernel on @host, which is borrowed, behind a new door.
 * @ret_model: for the functions below; lives as long as the door
 */
KvmSys *model_kvm_new(const HostProfile *host, ModelKvm **ret_model);

/* What went through KVM_SET_MSRS and KVM_GET_MSRS on vCPUs since the last clear. */
typedef struct ModelMsrUse {
    uint32_t index;
    uint64_t value;
    bool is_write;
    bool is_refused;
} ModelMsrUse;

/* model_kvm_uses - ModelMsrUse in order, owned by the model. */
const GArray *model_kvm_uses(const ModelKvm *model);

/* model_kvm_clear_uses - forget them. */
void model_kvm_clear_uses(ModelKvm *model);

/*
 * model_kvm_twist_cpuid - from now on the kernel flips the register bits set in @twist
 * in that leaf, as some modules do; a leaf nobody told is added.
 */
void model_kvm_twist_cpuid(ModelKvm *model, const X86CpuidEntry *twist);

/*
 * model_kvm_twist_msr - from now on the kernel keeps MSR @index with the bits of @flips
 * turned over, without a word; 0 ends it.
 */
void model_kvm_twist_msr(ModelKvm *model, uint32_t index, uint64_t flips);

/* model_kvm_open_fds - descriptors handed out and not closed, the system's included. */
unsigned model_kvm_open_fds(const ModelKvm *model);

/* model_kvm_pmu_disabled - KVM_CAP_PMU_CAPABILITY(DISABLE) was given to the newest VM. */
bool model_kvm_pmu_disabled(const ModelKvm *model);

/* model_kvm_disabled_quirks - what KVM_CAP_DISABLE_QUIRKS2 switched off in the newest VM.
 */
uint64_t model_kvm_disabled_quirks(const ModelKvm *model);

/*
 * model_kvm_guest_write - the newest vCPU's guest writes @page of @slot while the log is
 * on.  False: its ring is full, and it leaves the guest for that.
 */
bool model_kvm_guest_write(ModelKvm *model, uint32_t slot, uint64_t page);

/* model_kvm_guest_overrun - the same by a kernel that does not look whether it is full.
 */
void model_kvm_guest_overrun(ModelKvm *model, uint32_t slot, uint64_t page);

/*
 * model_kvm_guest_wrmsr, model_kvm_guest_rdmsr - the newest vCPU's guest uses an MSR.
 * False is a #GP.
 */
bool model_kvm_guest_wrmsr(ModelKvm *model, uint32_t index, uint64_t value);
bool model_kvm_guest_rdmsr(ModelKvm *model, uint32_t index, uint64_t *ret);

#endif
