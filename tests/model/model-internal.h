/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of the modelled kernel, for its files. */
#ifndef TESTS_MODEL_INTERNAL_H
#define TESTS_MODEL_INTERNAL_H

#include "model-kvm.h"
#include "target/x86-cpuid.h"

#define MSR_PERF_CAPABILITIES 0x345

typedef struct ModelVm {
    bool pmu_disabled;
    unsigned vcpu_count;
    uint64_t disabled_quirks;
} ModelVm;

typedef struct ModelVcpu {
    const HostProfile *host;
    ModelVm *vm;
    GArray *cpuid;    /* X86CpuidEntry */
    GHashTable *msrs; /* index -> uint64_t * */
    bool has_run;
    struct kvm_regs regs;
    struct kvm_sregs sregs;
    struct kvm_lapic_state lapic;
} ModelVcpu;

/* model_vcpu_init_msrs - reset values, after creation. */
void model_vcpu_init_msrs(ModelVcpu *vcpu);

/* model_set_msr, model_get_msr - false where KVM refuses. @is_host: by ioctl */
bool model_set_msr(ModelVcpu *vcpu, uint32_t index, uint64_t value, bool is_host);
bool model_get_msr(ModelVcpu *vcpu, uint32_t index, uint64_t *ret, bool is_host);

#endif
