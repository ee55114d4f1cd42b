/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An arm64 vCPU's state is the list of registers KVM gives for it.
 *
 * Rules of loading:
 *   - A register that has its value already is not written: KVM refuses some writes even
 *     of the same value.
 *   - A register this host does not list is an error, but for PMMIR_EL1, which reads 0
 *     for guests and is listed by newer kernels only.
 *   - The virtual and physical counts belong to the VM, not to the vCPU; that of vCPU 0
 *     is taken.
 *   - KVM answers 0 to writes of PMCR_EL0.N and of ID registers that it ignores, so they
 *     are read back and compared.
 *   - Enables and overflows of counters are registers in pairs, one to set bits, one to
 *     clear them.  Reading either gives all bits.  What writing does is the kernel's
 *     affair: before Linux 6.7 it stores, from then on it sets or clears, and a vCPU that
 *     has not run has bits of its own in them.  To clear, then to set is right for both.
 * Counters are stopped meanwhile, because no counter of a vCPU that never ran counts.
 */
#include "accel/vcpu-state.h"

#include <inttypes.h>
#include <string.h>

#include "../vcpu-internal.h"
#include "target/arm-id-registers.h"
#include "target/arm-registers.h"
#include "util/bits.h"
#include "util/error.h"

#define REG_BYTES_MAX                                                                    \
    256 /* the size field of a register's number allows for 2048 bits                    \
         */
#define REGS_BYTES_MAX (256 * 1024)

#define REG_PMMIR_EL1 ARM64_SYS_REG(3, 0, 9, 14, 6)
#define REG_PMCR_EL0  ARM64_SYS_REG(3, 3, 9, 12, 0)
#ifndef KVM_REG_ARM_PTIMER_CNT
#define KVM_REG_ARM_PTIMER_CNT ARM64_SYS_REG(3, 3, 14, 0, 1)
#endif

/* Source: Arm Architecture Reference Manual, D19.5. */
static const struct {
    uint64_t set, clear;
} pairs[] = {
    {ARM64_SYS_REG(3, 3, 9, 12, 1), ARM64_SYS_REG(3, 3, 9, 12, 2)}, /* PMCNTEN… */
    {ARM64_SYS_REG(3, 0, 9, 14, 1), ARM64_SYS_REG(3, 0, 9, 14, 2)}, /* PMINTEN… */
    {ARM64_SYS_REG(3, 3, 9, 14, 3), ARM64_SYS_REG(3, 3, 9, 12, 3)}, /* PMOVS… */
};

struct VcpuState {
    GByteArray *regs; /* number (8 bytes), then as many bytes as the number says */
    struct kvm_mp_state mp;
    struct kvm_vcpu_events events;
};

/* clang-format off */
static const StateRow vcpu_rows[] = {
    {"regs", STATE_BLOB, offsetof(VcpuState, regs), REGS_BYTES_MAX,
     .doc = "what KVM_GET_REG_LIST lists: number and value",
     .list = &arm_registers_saved},
    {"mp-state", STATE_U32, offsetof(VcpuState, mp.mp_state), .doc = "PSCI: on or off"},
    {"serror.pending", STATE_U8, offsetof(VcpuState, events.exception.serror_pending)},
    {"serror.has-esr", STATE_U8, offsetof(VcpuState, events.exception.serror_has_esr)},
    {"serror.esr", STATE_U64, offsetof(VcpuState, events.exception.serror_esr)},
};
/* clang-format on */

static const StateTable vcpu_table = {
    .name = "arm64-vcpu",
    .version = 1,
    .size = sizeof(VcpuState),
    .rows = vcpu_rows,
    .row_count = ARRAY_LEN(vcpu_rows),
};

const StateTable *kvm_vcpu_state_table(void)
{
    return &vcpu_table;
}

static unsigned reg_bytes(uint64_t id)
{
    return 1u << bits_get(id, KVM_REG_SIZE_SHIFT, 4);
}

bool kvm_arm_get_reg(KvmVcpu *vcpu, uint64_t id, void *ret, GError **errp)
{
    struct kvm_one_reg reg = {.id = id, .addr = (uintptr_t)ret};

    if (kvm_ioctl(vcpu->sys, vcpu->fd, KVM_GET_ONE_REG, &reg, errp) < 0) {
        g_autofree char *name = arm_register_name(id);

        g_prefix_error(errp, "register %s (0x%" PRIx64 "): ", name, id);
        return false;
    }
    return true;
}

static bool set_reg(KvmVcpu *vcpu, uint64_t id, const void *value, GError **errp)
{
    struct kvm_one_reg reg = {.id = id, .addr = (uintptr_t)value};

    if (kvm_ioctl(vcpu->sys, vcpu->fd, KVM_SET_ONE_REG, &reg, errp) < 0) {
        g_autofree char *name = arm_register_name(id);
        uint64_t shown = 0;

        memcpy(&shown, value, MIN(reg_bytes(id), sizeof(shown)));
        g_prefix_error(errp, "register %s (0x%" PRIx64 ") = 0x%" PRIx64 ": ", name, id,
                       shown);
        return false;
    }
    return true;
}

/* The numbers KVM lists; the caller frees the block. */
struct kvm_reg_list *kvm_arm_list_regs(KvmVcpu *vcpu, GError **errp)
{
    struct kvm_reg_list probe = {0};
    g_autofree struct kvm_reg_list *list = NULL;

    /* With room for none KVM answers E2BIG and the number. */
    (void)kvm_ioctl_errno(vcpu->sys, vcpu->fd, KVM_GET_REG_LIST, &probe);
    if (probe.n > REGS_BYTES_MAX / sizeof(uint64_t)) {
        error_set(errp, "KVM_GET_REG_LIST: %" PRIu64 " registers are too many",
                  (uint64_t)probe.n);
        return NULL;
    }
    list = g_malloc0(sizeof(*list) + probe.n * sizeof(list->reg[0]));
    list->n = probe.n;
    if (kvm_ioctl(vcpu->sys, vcpu->fd, KVM_GET_REG_LIST, list, errp) < 0) {
        return NULL;
    }
    return g_steal_pointer(&list);
}

const char *kvm_vcpu_state_blocker(KvmSys *sys, const CpuContract *contract)
{
    (void)sys;
    (void)contract;
    return NULL; /* every register KVM lists can be read */
}

bool kvm_vcpu_save_state(KvmVcpu *vcpu, const CpuContract *contract, VcpuState *state,
                         GError **errp)
{
    g_autofree struct kvm_reg_list *list = kvm_arm_list_regs(vcpu, errp);

    (void)contract; /* the list depends on the features the vCPU was made with */
    state->regs = g_byte_array_new();
    for (uint64_t i = 0; list && i < list->n; i++) {
        uint8_t value[1u << 15] = {0};

        if (reg_bytes(list->reg[i]) > REG_BYTES_MAX) {
            error_set(errp, "register 0x%" PRIx64 " is too wide", (uint64_t)list->reg[i]);
            return false;
        }
        if (!kvm_arm_get_reg(vcpu, list->reg[i], value, errp)) {
            return false;
        }
        state_list_add(&arm_registers_saved, state->regs, 0, list->reg[i], value);
    }
    return list &&
           kvm_ioctl(vcpu->sys, vcpu->fd, KVM_GET_MP_STATE, &state->mp, errp) >= 0 &&
           kvm_ioctl(vcpu->sys, vcpu->fd, KVM_GET_VCPU_EVENTS, &state->events, errp) >= 0;
}

bool kvm_arm_lists_reg(const struct kvm_reg_list *list, uint64_t id)
{
    for (uint64_t i = 0; i < list->n; i++) {
        if (list->reg[i] == id) {
            return true;
        }
    }
    return false;
}

static bool is_zero(const uint8_t *value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        if (value[i]) {
            return false;
        }
    }
    return true;
}

static bool belongs_to_vm(uint64_t id)
{
    return id == KVM_REG_ARM_TIMER_CNT || id == KVM_REG_ARM_PTIMER_CNT;
}

/* The pair @id is of; -1: none. */
static int find_pair(uint64_t id)
{
    for (unsigned i = 0; i < ARRAY_LEN(pairs); i++) {
        if (id == pairs[i].set || id == pairs[i].clear) {
            return (int)i;
        }
    }
    return -1;
}

/* Either register of the pair has the value of both. */
static bool load_pair(KvmVcpu *vcpu, int pair, uint64_t now, const uint8_t *bytes,
                      GError **errp)
{
    uint64_t value, surplus;

    memcpy(&value, bytes, sizeof(value));
    surplus = now & ~value;
    return (!surplus || set_reg(vcpu, pairs[pair].clear, &surplus, errp)) &&
           (now == value || set_reg(vcpu, pairs[pair].set, &value, errp));
}

static bool load_reg(KvmVcpu *vcpu, const struct kvm_reg_list *list, uint64_t id,
                     const uint8_t *value, GError **errp)
{
    uint8_t now[REG_BYTES_MAX] = {0};
    int pair = find_pair(id);

    if (!kvm_arm_lists_reg(list, id)) {
        g_autofree char *name = arm_register_name(id);

        if (id == REG_PMMIR_EL1 && is_zero(value, reg_bytes(id))) {
            return true;
        }
        error_set(errp, "register %s (0x%" PRIx64 "): KVM on this host does not have it",
                  name, id);
        return false;
    }
    if (belongs_to_vm(id) && vcpu->id != 0) {
        return true;
    }
    if (!kvm_arm_get_reg(vcpu, id, now, errp)) {
        return false;
    }
    if (pair >= 0) {
        uint64_t bits;

        memcpy(&bits, now, sizeof(bits));
        return load_pair(vcpu, pair, bits, value, errp);
    }
    return memcmp(now, value, reg_bytes(id)) == 0 || set_reg(vcpu, id, value, errp);
}

static bool compare_whole(KvmVcpu *vcpu, uint64_t id, uint64_t value, GError **errp)
{
    g_autofree char *name = arm_register_name(id);
    g_autofree char *fields = NULL;
    uint64_t now = 0;
    bool is_kept;

    if (!kvm_arm_get_reg(vcpu, id, &now, errp)) {
        return false;
    }
    is_kept = arm_id_is_kept(id, value, now);
    if (!is_kept) {
        fields = arm_id_fields(id, value, now);
        error_set(errp, "%s: the guest has 0x%" PRIx64 ", KVM keeps 0x%" PRIx64 "%s%s",
                  name, value, now, fields ? ": " : "", fields ? fields : "");
    }
    return is_kept;
}

static bool compare_counters(KvmVcpu *vcpu, uint64_t pmcr, GError **errp)
{
    uint64_t now = 0;

    if (!kvm_arm_get_reg(vcpu, REG_PMCR_EL0, &now, errp)) {
        return false;
    }
    if (bits_get(now, 11, 5) != bits_get(pmcr, 11, 5)) {
        error_set(errp, "PMCR_EL0.N: the guest has %" PRIu64 ", KVM keeps %" PRIu64,
                  bits_get(pmcr, 11, 5), bits_get(now, 11, 5));
        return false;
    }
    return true;
}

/* What KVM took must be what came, where it is known to ignore some writes. */
static bool compare_reg(KvmVcpu *vcpu, uint64_t id, const uint8_t *bytes, GError **errp)
{
    uint64_t value = 0;

    memcpy(&value, bytes, MIN(reg_bytes(id), sizeof(value)));
    if (id == REG_PMCR_EL0) {
        return compare_counters(vcpu, value, errp);
    }
    return (arm_id_kind(id) != ARM_ID_KEPT && find_pair(id) < 0) ||
           compare_whole(vcpu, id, value, errp);
}

static bool walk_regs(const GByteArray *regs, KvmVcpu *vcpu,
                      const struct kvm_reg_list *list, bool is_comparing, GError **errp)
{
    StateEntry entry;
    size_t at = 0;

    while (state_list_next(&arm_registers_saved, regs->data, regs->len, &at, &entry)) {
        if (entry.bytes > REG_BYTES_MAX) {
            error_set(errp, "regs: 0x%" PRIx64 " is too wide", entry.number);
            return false;
        }
        if (is_comparing ? !compare_reg(vcpu, entry.number, entry.value, errp)
                         : !load_reg(vcpu, list, entry.number, entry.value, errp)) {
            return false;
        }
    }
    return true;
}

bool kvm_vcpu_load_state(KvmVcpu *vcpu, const CpuContract *contract,
                         const VcpuState *state, GError **errp)
{
    g_autofree struct kvm_reg_list *list = kvm_arm_list_regs(vcpu, errp);

    (void)contract;
    if (!list ||
        !state_list_check(&arm_registers_saved, state->regs->data, state->regs->len,
                          errp) ||
        !walk_regs(state->regs, vcpu, list, false, errp) ||
        !walk_regs(state->regs, vcpu, list, true, errp) ||
        kvm_ioctl(vcpu->sys, vcpu->fd, KVM_SET_VCPU_EVENTS, &state->events, errp) < 0 ||
        kvm_ioctl(vcpu->sys, vcpu->fd, KVM_SET_MP_STATE, &state->mp, errp) < 0) {
        g_prefix_error(errp, "vCPU %lu: ", vcpu->id);
        return false;
    }
    return true;
}
