/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of the modelled kernel, for its files. */
#ifndef TESTS_MODEL_INTERNAL_H
#define TESTS_MODEL_INTERNAL_H

#include "model-kvm.h"
#include "target/x86-cpuid.h"

#define MSR_PERF_CAPABILITIES 0x345

/* Pairs of requests that hold what was set, and the frequency of the host's TSC. */
#define MODEL_VCPU_PAIRS 5
#define MODEL_VM_PAIRS   2
#define MODEL_TSC_KHZ    2000000

typedef struct ModelVm {
    uint8_t chips[3][512]; /* of struct kvm_irqchip, by number */
    GByteArray *held[MODEL_VM_PAIRS];
    bool pmu_disabled;
    bool has_irqchip;
    unsigned vcpu_count;
    uint64_t disabled_quirks;
    uint64_t ring_bytes; /* dirty ring of each vCPU; 0: bitmaps */
} ModelVm;

typedef struct ModelVcpu {
    const HostProfile *host;
    ModelVm *vm;
    GArray *cpuid;    /* X86CpuidEntry */
    GHashTable *msrs; /* index -> uint64_t * */
    bool has_run;
    uint32_t tsc_khz; /* 0: the host's */
    GByteArray *held[MODEL_VCPU_PAIRS];
    struct kvm_dirty_gfn *ring; /* where user space has mapped it */
    uint32_t ring_in, ring_reset;
    struct kvm_regs regs;
    struct kvm_sregs sregs;
    struct kvm_lapic_state lapic;
} ModelVcpu;

/* model_vcpu_init_msrs - reset values, after creation. */
void model_vcpu_init_msrs(ModelVcpu *vcpu);

/* model_vm_has_vpmu - its vCPUs can have a PMU, as far as their CPUID does not matter. */
bool model_vm_has_vpmu(const HostProfile *host, const ModelVm *vm);

/* model_vcpu_refresh_pmu - what KVM does where CPUID or PERF_CAPABILITIES changed. */
void model_vcpu_refresh_pmu(ModelVcpu *vcpu);

/* model_set_msr, model_get_msr - false where KVM refuses. @is_host: by ioctl */
bool model_set_msr(ModelVcpu *vcpu, uint32_t index, uint64_t value, bool is_host);
bool model_get_msr(ModelVcpu *vcpu, uint32_t index, uint64_t *ret, bool is_host);

/* model_vcpu_state_ioctl, model_vm_state_ioctl - registers that only are kept; ENOTTY for
 * others. */
int model_vcpu_state_ioctl(ModelVcpu *vcpu, unsigned long request, void *arg);
int model_vm_state_ioctl(ModelVm *vm, unsigned long request, void *arg);

/* model_vcpu_state_clear, model_vm_state_clear - release what was kept. */
void model_vcpu_state_clear(ModelVcpu *vcpu);
void model_vm_state_clear(ModelVm *vm);

#endif
