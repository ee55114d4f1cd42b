/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * KVM_GET_REG_LIST, KVM_GET_ONE_REG and KVM_SET_ONE_REG: the registers a vCPU has, and
 * what the kernel does with a value it is given.  It has fewer than a real one, of each
 * kind some.
 */
#include <errno.h>
#include <string.h>

#include "model-arm-internal.h"
#include "target/arm-registers.h"
#include "target/cpu-contract.h"
#include "util/bits.h"

#define SYS ARM64_SYS_REG

#define MIDR_EL1         SYS(3, 0, 0, 0, 0)
#define MPIDR_EL1        SYS(3, 0, 0, 0, 5)
#define ID_FIRST         SYS(3, 0, 0, 1, 0)
#define ID_LAST          SYS(3, 0, 0, 7, 7)
#define ID_AA64PFR0_EL1  SYS(3, 0, 0, 4, 0)
#define ID_AA64DFR0_EL1  SYS(3, 0, 0, 5, 0)
#define ID_AA64ISAR0_EL1 SYS(3, 0, 0, 6, 0)
#define ID_AA64MMFR0_EL1 SYS(3, 0, 0, 7, 0)
#define PMCR_EL0         SYS(3, 3, 9, 12, 0)
#define PMCNTENSET_EL0   SYS(3, 3, 9, 12, 1)
#define PMCNTENCLR_EL0   SYS(3, 3, 9, 12, 2)
#define PMOVSCLR_EL0     SYS(3, 3, 9, 12, 3)
#define PMINTENSET_EL1   SYS(3, 0, 9, 14, 1)
#define PMINTENCLR_EL1   SYS(3, 0, 9, 14, 2)
#define PMOVSSET_EL0     SYS(3, 3, 9, 14, 3)
#define PMMIR_EL1        SYS(3, 0, 9, 14, 6)

#define CORE(class_size, field)                                                          \
    (KVM_REG_ARM64 | (class_size) | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(field))
#define FW_PSCI_VERSION (KVM_REG_ARM64 | KVM_REG_SIZE_U64 | 0x14 << 16)

#define EVENT_COUNTERS_MOST 31
#define RESET_UNKNOWN       0x1de7ec7edbadc0de /* LX reset_unknown */
#define REG_BYTES_MOST      16

/* Registers that follow one another in steps of their numbers. */
typedef struct RegRun {
    uint64_t first;
    unsigned count, step;
    bool is_pmu; /* listed for a vCPU with a PMU; seen, 6.1 to 7.2 */
} RegRun;

static const RegRun runs[] = {
    {CORE(KVM_REG_SIZE_U64, regs.regs), 34, 2, false}, /* x0 to x30, sp, pc, pstate */
    {CORE(KVM_REG_SIZE_U64, sp_el1), 7, 2, false},     /* sp_el1, elr_el1, spsr */
    {CORE(KVM_REG_SIZE_U128, fp_regs.vregs), 32, 4, false},
    {CORE(KVM_REG_SIZE_U32, fp_regs.fpsr), 2, 1, false},
    {FW_PSCI_VERSION, 1, 1, false},
    {MIDR_EL1, 1, 1, false},
    {MPIDR_EL1, 1, 1, false},
    {ID_AA64PFR0_EL1, 2, 1, false},
    {ID_AA64DFR0_EL1, 2, 1, false},
    {ID_AA64ISAR0_EL1, 2, 1, false},
    {ID_AA64MMFR0_EL1, 3, 1, false},
    {SYS(3, 0, 1, 0, 0), 1, 1, false},  /* SCTLR_EL1 */
    {SYS(3, 0, 12, 0, 0), 1, 1, false}, /* VBAR_EL1 */
    {KVM_REG_ARM_TIMER_CVAL, 1, 1, false},
    {KVM_REG_ARM_TIMER_CNT, 1, 1, false},
    {SYS(3, 3, 14, 3, 1), 1, 1, false}, /* CNTV_CTL_EL0 */
    {PMCR_EL0, 4, 1, true},             /* PMCR, PMCNTENSET, PMCNTENCLR, PMOVSCLR */
    {SYS(3, 3, 9, 12, 5), 1, 1, true},  /* PMSELR_EL0 */
    {SYS(3, 3, 9, 13, 0), 1, 1, true},  /* PMCCNTR_EL0 */
    {SYS(3, 3, 9, 14, 0), 1, 1, true},  /* PMUSERENR_EL0 */
    {PMOVSSET_EL0, 1, 1, true},
    {PMINTENSET_EL1, 2, 1, true},
    {PMMIR_EL1, 1, 1, true},
    {SYS(3, 3, 14, 8, 0), EVENT_COUNTERS_MOST, 1, true},      /* PMEVCNTRn_EL0 */
    {SYS(3, 3, 14, 12, 0), EVENT_COUNTERS_MOST + 1, 1, true}, /* PMEVTYPERn, PMCCFILTR */
};

/* Reading either gives all bits; writing sets those, or clears them: LX set_pmreg, 6.7
 * and later. */
static const struct {
    uint64_t set, clear;
} pairs[] = {
    {PMCNTENSET_EL0, PMCNTENCLR_EL0},
    {PMINTENSET_EL1, PMINTENCLR_EL1},
    {PMOVSSET_EL0, PMOVSCLR_EL0},
};

static unsigned reg_bytes(uint64_t id)
{
    return 1u << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT);
}

static bool lists(const ModelArmVcpu *vcpu, uint64_t id)
{
    for (unsigned i = 0; i < ARRAY_LEN(runs); i++) {
        uint64_t past = id - runs[i].first;

        if ((!runs[i].is_pmu || model_arm_has(vcpu, ARM_VCPU_PMU_V3)) &&
            id >= runs[i].first && past % runs[i].step == 0 &&
            past / runs[i].step < runs[i].count) {
            return id != vcpu->vm->model->hidden;
        }
    }
    return false;
}

/* LD api.rst 4.84: E2BIG with the number where there is too little room. */
int model_arm_list_regs(const ModelArmVcpu *vcpu, struct kvm_reg_list *list)
{
    uint64_t room = list->n;

    if (!vcpu->is_initialised) {
        return model_fail(ENOEXEC);
    }
    if (model_arm_has(vcpu, ARM_VCPU_SVE) && !vcpu->is_finalized) {
        return model_fail(EPERM);
    }
    list->n = 0;
    for (unsigned i = 0; i < ARRAY_LEN(runs); i++) {
        for (unsigned k = 0; k < runs[i].count; k++) {
            uint64_t id = runs[i].first + (uint64_t)k * runs[i].step;

            if (!lists(vcpu, id)) {
                continue;
            }
            if (list->n < room) {
                list->reg[list->n] = id;
            }
            list->n++;
        }
    }
    return list->n > room ? model_fail(E2BIG) : 0;
}

/* ---- ID registers: of the whole VM, and writable until a vCPU has run ---- */

static bool is_id(uint64_t id)
{
    return id >= ID_FIRST && id <= ID_LAST;
}

/* What the profile says of the host; 0 where it says nothing. */
static uint64_t host_id(const ModelArmVm *vm, uint64_t id)
{
    const GArray *regs = vm->model->host->arm.id_regs;
    g_autofree char *name = arm_register_name(id);

    for (unsigned i = 0; i < regs->len; i++) {
        const ArmIdReg *reg = &g_array_index(regs, ArmIdReg, i);

        if (strcmp(reg->name, name) == 0) {
            return reg->value;
        }
    }
    return 0;
}

/* LX sys_regs.c, read_sanitised_id_aa64dfr0_el1: at most PMUv3 for Armv8.5, and none for
 * a vCPU without a PMU. */
static uint64_t limit_id(const ModelArmVm *vm, uint64_t id)
{
    uint64_t value = host_id(vm, id);

    if (id == ID_AA64DFR0_EL1) {
        uint64_t version = MIN(bits_get(value, 8, 4), 6);

        value &= ~(UINT64_C(0xf) << 8);
        if (vm->features & BIT64(ARM_VCPU_PMU_V3)) {
            value |= (version ? version : 1) << 8;
        }
    }
    return value;
}

static uint64_t read_id(const ModelArmVm *vm, uint64_t id)
{
    const uint64_t *written = g_hash_table_lookup(vm->ids, &id);

    return written ? *written : limit_id(vm, id);
}

/* LX set_id_reg, arm64_check_features: no field above what the host has.  PMUVer 15 is
 * taken for 0: seen, 6.12. */
static int write_id(ModelArmVm *vm, uint64_t id, uint64_t value)
{
    uint64_t limit = limit_id(vm, id);

    if (vm->has_run) {
        return value == read_id(vm, id) ? 0 : model_fail(EBUSY);
    }
    if (id == ID_AA64DFR0_EL1 && bits_get(value, 8, 4) == 15) {
        value &= ~(UINT64_C(0xf) << 8);
    }
    for (unsigned field = 0; field < 64; field += 4) {
        if (bits_get(value, field, 4) > bits_get(limit, field, 4)) {
            return model_fail(EINVAL);
        }
    }
    g_hash_table_replace(vm->ids, g_memdup2(&id, sizeof(id)),
                         g_memdup2(&value, sizeof(value)));
    return 0;
}

/* ---- the others ---- */

static void read_stored(const ModelArmVcpu *vcpu, uint64_t id, void *ret)
{
    const uint8_t *bytes = g_hash_table_lookup(vcpu->regs, &id);

    memset(ret, 0, reg_bytes(id));
    if (bytes) {
        memcpy(ret, bytes, reg_bytes(id));
    }
}

static uint64_t stored(const ModelArmVcpu *vcpu, uint64_t id)
{
    uint64_t value = 0;

    read_stored(vcpu, id, &value);
    return value;
}

static void store(ModelArmVcpu *vcpu, uint64_t id, const void *value)
{
    uint8_t *bytes = g_malloc0(REG_BYTES_MOST);

    memcpy(bytes, value, reg_bytes(id));
    g_hash_table_replace(vcpu->regs, g_memdup2(&id, sizeof(id)), bytes);
}

/* LX reset_mpidr: sixteen vCPUs to a cluster. */
static uint64_t reset_mpidr(unsigned index)
{
    return BIT64(31) | (uint64_t)(index >> 4) << 8 | (index & 15);
}

static bool find_pair(uint64_t id, unsigned *ret)
{
    for (*ret = 0; *ret < ARRAY_LEN(pairs); (*ret)++) {
        if (id == pairs[*ret].set || id == pairs[*ret].clear) {
            return true;
        }
    }
    return false;
}

static uint64_t counter_mask(const ModelArmVm *vm)
{
    return (BIT64(vm->counters) - 1) | BIT64(31); /* the cycle counter */
}

static uint64_t read_pair(const ModelArmVcpu *vcpu, unsigned pair)
{
    uint64_t id = pairs[pair].set;

    return g_hash_table_contains(vcpu->regs, &id)
               ? stored(vcpu, id)
               : RESET_UNKNOWN & counter_mask(vcpu->vm);
}

static uint64_t read_word(const ModelArmVcpu *vcpu, uint64_t id)
{
    const ModelArmVm *vm = vcpu->vm;
    unsigned pair;

    if (is_id(id)) {
        return read_id(vm, id);
    }
    if (find_pair(id, &pair)) {
        return read_pair(vcpu, pair);
    }
    switch (id) {
    case MIDR_EL1:
        return vm->model->host->arm.midr;
    case MPIDR_EL1:
        return g_hash_table_contains(vcpu->regs, &id) ? stored(vcpu, id)
                                                      : reset_mpidr(vcpu->index);
    case PMCR_EL0:
        return (stored(vcpu, id) & ~(UINT64_C(31) << 11)) | (uint64_t)vm->counters << 11;
    case KVM_REG_ARM_TIMER_CNT:
        return vm->count;
    default:
        return stored(vcpu, id);
    }
}

/* Too many counters, and any number once the VM has run, are not refused but left alone;
 * STRICT leaves all alone: seen, 6.12 to 7.3. */
static void write_pmcr(ModelArmVcpu *vcpu, uint64_t value)
{
    ModelArmVm *vm = vcpu->vm;
    unsigned counters = (unsigned)bits_get(value, 11, 5);

    if (!vm->has_run && counters <= vm->counters &&
        !model_arm_has(vcpu, ARM_VCPU_PMU_V3_STRICT)) {
        vm->counters = counters;
    }
    store(vcpu, PMCR_EL0, &value);
}

static int write_pair(ModelArmVcpu *vcpu, unsigned pair, uint64_t id, uint64_t bits)
{
    uint64_t now = read_pair(vcpu, pair);

    bits &= counter_mask(vcpu->vm);
    now = id == pairs[pair].set ? now | bits : now & ~bits;
    store(vcpu, pairs[pair].set, &now);
    return 0;
}

static int write_word(ModelArmVcpu *vcpu, uint64_t id, uint64_t value)
{
    unsigned pair;

    if (is_id(id)) {
        return write_id(vcpu->vm, id, value);
    }
    if (find_pair(id, &pair)) {
        return write_pair(vcpu, pair, id, value);
    }
    switch (id) {
    case MIDR_EL1: /* LX set_imp_id_reg: the host's, unless the VMM opted in */
        return value == vcpu->vm->model->host->arm.midr ? 0 : model_fail(EINVAL);
    case PMMIR_EL1: /* seen, 7.3 */
        return value == 0 ? 0 : model_fail(EINVAL);
    case PMCR_EL0:
        write_pmcr(vcpu, value);
        return 0;
    case KVM_REG_ARM_TIMER_CNT:
        vcpu->vm->count = value;
        return 0;
    default:
        store(vcpu, id, &value);
        return 0;
    }
}

int model_arm_one_reg(ModelArmVcpu *vcpu, const struct kvm_one_reg *reg, bool is_set)
{
    const ModelArm *model = vcpu->vm->model;
    void *place = (void *)(uintptr_t)reg->addr; /* NOLINT(performance-no-int-to-ptr) */
    uint64_t value;

    if (!vcpu->is_initialised) {
        return model_fail(ENOEXEC);
    }
    if (model_arm_has(vcpu, ARM_VCPU_SVE) && !vcpu->is_finalized) {
        return model_fail(EPERM);
    }
    if (!lists(vcpu, reg->id)) {
        return model_fail(ENOENT);
    }
    if (reg_bytes(reg->id) != sizeof(value)) {
        if (is_set) {
            store(vcpu, reg->id, place);
        } else {
            read_stored(vcpu, reg->id, place);
        }
        return 0;
    }
    if (is_set) {
        memcpy(&value, place, sizeof(value));
        return write_word(vcpu, reg->id, value);
    }
    value = read_word(vcpu, reg->id) ^ (reg->id == model->twisted ? model->flips : 0);
    memcpy(place, &value, sizeof(value));
    return 0;
}
