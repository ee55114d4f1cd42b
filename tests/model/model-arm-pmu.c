/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The attributes of a vCPU's PMU: which are there, in which order, refused with what. */
#include <errno.h>
#include <string.h>

#include "model-arm-internal.h"
#include "target/cpu-contract.h"
#include "util/bits.h"

/* Numbers.  Source: Linux uapi of arm64, asm/kvm.h; the last one of a series that is not
 * merged. */
enum {
    ATTR_IRQ,
    ATTR_INIT,
    ATTR_FILTER,
    ATTR_SET_PMU,
    ATTR_SET_NR_COUNTERS,
    ATTR_FIXED_COUNTERS_ONLY,
};

#define COUNTERS_DEFAULT 6 /* where the profile does not tell */
#define PPI_FIRST        16
#define SPI_FIRST        32
#define SPI_LIMIT        1020
#define EVENT_BITS       16

void model_arm_take_pmu(ModelArmVm *vm, const PmuSource *source)
{
    unsigned told = vm->model->host->arm.pmu_counters;

    vm->pmu = source;
    vm->counters = source->counters ? source->counters : told ? told : COUNTERS_DEFAULT;
}

static bool has_attr(const ModelArmVcpu *vcpu, uint64_t attr)
{
    const ArmHost *arm = &vcpu->vm->model->host->arm;

    switch (attr) {
    case ATTR_IRQ:
    case ATTR_INIT:
    case ATTR_FILTER:
        return true;
    case ATTR_SET_PMU:
        return arm->has_pmu_attr[ARM_ATTR_SET_PMU];
    case ATTR_SET_NR_COUNTERS:
        return arm->has_pmu_attr[ARM_ATTR_NR_COUNTERS];
    case ATTR_FIXED_COUNTERS_ONLY:
        return arm->has_pmu_attr[ARM_ATTR_FIXED_COUNTERS_ONLY];
    default:
        return false;
    }
}

/* LD devices/vcpu.rst 1.1; LX kvm_arm_pmu_v3_set_attr, KVM_ARM_VCPU_PMU_V3_IRQ.  Of PPIs
 * all vCPUs have the same. */
static int set_irq(ModelArmVcpu *vcpu, int irq)
{
    ModelArmVm *vm = vcpu->vm;
    bool is_ppi = irq >= PPI_FIRST && irq < SPI_FIRST;

    if (!vm->gic || (!is_ppi && (irq < SPI_FIRST || irq >= SPI_LIMIT)) ||
        (is_ppi && vm->ppi && vm->ppi != irq)) {
        return model_fail(EINVAL);
    }
    if (vcpu->irq) {
        return model_fail(EBUSY);
    }
    vcpu->irq = irq;
    vm->ppi = is_ppi ? irq : vm->ppi;
    return 0;
}

/* LD devices/vcpu.rst 1.2: the GIC first, then the interrupt. */
static int init_pmu(ModelArmVcpu *vcpu)
{
    ModelArmVm *vm = vcpu->vm;
    bool is_strict = model_arm_has(vcpu, ARM_VCPU_PMU_V3_STRICT);

    if (vm->gic && !vm->gic->is_ready) {
        return model_fail(ENODEV);
    }
    if ((vm->gic && !vcpu->irq) || (is_strict && !vm->pmu)) { /* the latter seen, 7.3 */
        return model_fail(ENXIO);
    }
    vcpu->is_pmu_ready = true;
    return 0;
}

/* LD devices/vcpu.rst 1.3, order of the checks as seen on 6.1 to 7.3. */
static int set_filter(ModelArmVm *vm, const struct kvm_pmu_event_filter *filter)
{
    if (!vm->pmu && !vm->is_fixed) {
        return model_fail(ENXIO);
    }
    if (filter->base_event + filter->nevents > 1 << EVENT_BITS ||
        filter->action > KVM_PMU_EVENT_DENY) {
        return model_fail(EINVAL);
    }
    if (vm->has_run || vm->is_fixed) {
        return model_fail(EBUSY);
    }
    vm->has_filter = true;
    return 0;
}

/* LD devices/vcpu.rst 1.4.  That the PMU in effect may be named again beside a filter was
 * seen; the document says EBUSY for any. */
static int set_pmu(ModelArmVm *vm, int type)
{
    const GArray *sources = vm->model->host->sources;
    const PmuSource *found = NULL;

    for (unsigned i = 0; i < sources->len; i++) {
        const PmuSource *source = &g_array_index(sources, PmuSource, i);

        if (source->cpus && type >= 0 && source->type == (unsigned)type &&
            source->trial <= 0) {
            found = source;
        }
    }
    if (!found) {
        return model_fail(ENXIO);
    }
    if (vm->has_run || vm->is_fixed || (vm->has_filter && found != vm->pmu)) {
        return model_fail(EBUSY);
    }
    model_arm_take_pmu(vm, found); /* the last one wins; seen: with all its counters */
    vm->is_explicit = true;
    return 0;
}

/* LD devices/vcpu.rst 1.5.  Seen on 7.2: a default PMU will do; and another vCPU of a VM
 * that has run can still set it, which later kernels end. */
static int set_nr_counters(ModelArmVm *vm, unsigned count)
{
    unsigned most = vm->counters;

    if (vm->pmu) {
        ModelArmVm whole = *vm;

        model_arm_take_pmu(&whole, vm->pmu);
        most = whole.counters;
    }
    if (!vm->pmu || count > most) {
        return model_fail(EINVAL);
    }
    if (vm->has_run) {
        return model_fail(EBUSY);
    }
    vm->counters = count;
    return 0;
}

/* The series "KVM: arm64: PMU: Use multiple host PMUs", version 8. */
static int set_fixed(ModelArmVm *vm)
{
    if (vm->has_run || vm->has_filter || vm->is_explicit) {
        return model_fail(EBUSY);
    }
    vm->is_fixed = true;
    vm->pmu = NULL;
    vm->counters = 0;
    return 0;
}

static int set_attr(ModelArmVcpu *vcpu, uint64_t attr, const void *arg)
{
    int number = 0;

    if (attr != ATTR_INIT && attr != ATTR_FIXED_COUNTERS_ONLY && !arg) {
        return model_fail(EFAULT);
    }
    if (attr == ATTR_IRQ || attr == ATTR_SET_PMU || attr == ATTR_SET_NR_COUNTERS) {
        memcpy(&number, arg, sizeof(number));
    }
    switch (attr) {
    case ATTR_IRQ:
        return set_irq(vcpu, number);
    case ATTR_INIT:
        return init_pmu(vcpu);
    case ATTR_FILTER:
        return set_filter(vcpu->vm, arg);
    case ATTR_SET_PMU:
        return set_pmu(vcpu->vm, number);
    case ATTR_SET_NR_COUNTERS:
        return set_nr_counters(vcpu->vm, (unsigned)number);
    default:
        return set_fixed(vcpu->vm);
    }
}

int model_arm_pmu_attr(ModelArmVcpu *vcpu, const struct kvm_device_attr *attr,
                       bool is_set)
{
    bool has_pmu = vcpu->is_initialised && model_arm_has(vcpu, ARM_VCPU_PMU_V3);

    if (attr->group != KVM_ARM_VCPU_PMU_V3_CTRL) {
        return model_fail(ENXIO);
    }
    if (!is_set) {
        return has_pmu && has_attr(vcpu, attr->attr) ? 0 : model_fail(ENXIO);
    }
    if (!has_pmu) {
        return model_fail(ENODEV);
    }
    if (vcpu->is_pmu_ready) {
        return model_fail(EBUSY);
    }
    return has_attr(vcpu, attr->attr)
               ? set_attr(vcpu, attr->attr, (const void *)(uintptr_t)attr->addr)
               : model_fail(ENXIO);
}
