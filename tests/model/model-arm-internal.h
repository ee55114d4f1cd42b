/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of the modelled arm64 kernel, for its files. */
#ifndef TESTS_MODEL_ARM_INTERNAL_H
#define TESTS_MODEL_ARM_INTERNAL_H

#include "handles.h"
#include "model-arm.h"

typedef struct ModelArmVm {
    ModelArm *model;
    unsigned vcpu_count;
    bool has_features; /* of its first vCPU: those of all */
    uint32_t features;
    bool has_run;
    const PmuSource *pmu; /* that serves its guests; NULL: none */
    bool is_explicit;     /* SET_PMU named it */
    bool is_fixed;        /* FIXED_COUNTERS_ONLY */
    bool has_filter;
    unsigned counters; /* PMCR_EL0.N */
    int ppi;           /* the overflow interrupt of its vCPUs; 0: none yet */
    GHashTable *ids;   /* ID registers that were written: number -> uint64_t * */
    uint64_t count;    /* of the virtual timer */
    struct ModelArmGic *gic;
} ModelArmVm;

typedef struct ModelArmVcpu {
    ModelArmVm *vm;
    unsigned index;
    bool is_initialised, is_finalized;
    uint32_t features;
    int irq; /* of its PMU; 0: not set */
    bool is_pmu_ready;
    struct kvm_run *run;
    GHashTable *regs; /* number -> 16 bytes, of what was written */
    struct kvm_mp_state mp;
    struct kvm_vcpu_events events;
} ModelArmVcpu;

typedef struct ModelArmGic {
    ModelArmVm *vm;
    uint32_t type;
    uint32_t irqs; /* 0: not set */
    uint64_t places[4];
    bool is_ready;
    GHashTable *regs; /* group and attribute -> uint64_t * */
} ModelArmGic;

struct ModelArm {
    const HostProfile *host;
    GPtrArray *handles;
    GPtrArray *vms, *vcpus, *gics;
    int cpu;
    uint64_t twisted, flips; /* a register, and the bits this kernel keeps otherwise */
    uint64_t hidden;         /* a register this kernel does not have; 0: none */
    unsigned entries, refused;
};

/* model_fail - -1 with errno. */
int model_fail(int errnum);

/* model_arm_cpu - the host CPU of the calling thread. */
unsigned model_arm_cpu(const ModelArm *model);

/* model_arm_source_of - the event source of host CPU @cpu; NULL: none has it. */
const PmuSource *model_arm_source_of(const ModelArm *model, unsigned cpu);

/* model_arm_has - @vcpu was made with KVM_ARM_VCPU_INIT's bit @feature. */
bool model_arm_has(const ModelArmVcpu *vcpu, unsigned feature);

/* model_arm_take_pmu - @source serves the VM from here on, with all its counters. */
void model_arm_take_pmu(ModelArmVm *vm, const PmuSource *source);

/* model_arm_pmu_attr - KVM_{HAS,SET}_DEVICE_ATTR on a vCPU. */
int model_arm_pmu_attr(ModelArmVcpu *vcpu, const struct kvm_device_attr *attr,
                       bool is_set);

/* model_arm_list_regs, model_arm_one_reg - KVM_GET_REG_LIST, KVM_{GET,SET}_ONE_REG. */
int model_arm_list_regs(const ModelArmVcpu *vcpu, struct kvm_reg_list *list);
int model_arm_one_reg(ModelArmVcpu *vcpu, const struct kvm_one_reg *reg, bool is_set);

/* model_arm_gic_new, model_arm_gic_free, model_arm_gic_ioctl - the device. */
ModelArmGic *model_arm_gic_new(ModelArmVm *vm, uint32_t type);
void model_arm_gic_free(gpointer gic);
int model_arm_gic_ioctl(ModelArmGic *gic, unsigned long request,
                        const struct kvm_device_attr *attr);

#endif
