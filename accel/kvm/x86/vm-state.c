/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel emulates of a PC beside its vCPUs.  The IOAPIC is loaded after the
 * local APICs, because loading it delivers what is pending; the clock last, so that the
 * guest loses as little time as possible.
 */
#include <errno.h>
#include <string.h>

#include "accel/vcpu-state.h"
#include "util/bits.h"
#include "util/error.h"

struct KvmVmState {
    uint8_t pic_master[sizeof(struct kvm_pic_state)];
    uint8_t pic_slave[sizeof(struct kvm_pic_state)];
    uint8_t ioapic[sizeof(struct kvm_ioapic_state)];
    bool has_pit;
    uint8_t pit[sizeof(struct kvm_pit_state2)];
    uint64_t clock_ns;
};

/* clang-format off */
static const StateRow vm_rows[] = {
    {"pic-master", STATE_U8, offsetof(KvmVmState, pic_master), sizeof(struct kvm_pic_state)},
    {"pic-slave", STATE_U8, offsetof(KvmVmState, pic_slave), sizeof(struct kvm_pic_state)},
    {"ioapic", STATE_U8, offsetof(KvmVmState, ioapic), sizeof(struct kvm_ioapic_state)},
    {"has-pit", STATE_BOOL, offsetof(KvmVmState, has_pit)},
    {"pit", STATE_U8, offsetof(KvmVmState, pit), sizeof(struct kvm_pit_state2)},
    {"clock-ns", STATE_U64, offsetof(KvmVmState, clock_ns), .doc = "kvmclock"},
};
/* clang-format on */

static const StateTable vm_table = {
    .name = "x86-vm",
    .version = 1,
    .size = sizeof(KvmVmState),
    .rows = vm_rows,
    .row_count = ARRAY_LEN(vm_rows),
};

const StateTable *kvm_vm_state_table(void)
{
    return &vm_table;
}

static bool save_chip(KvmVm *vm, uint32_t id, void *ret, size_t bytes, GError **errp)
{
    struct kvm_irqchip chip = {.chip_id = id};

    if (kvm_ioctl(kvm_vm_sys(vm), kvm_vm_fd(vm), KVM_GET_IRQCHIP, &chip, errp) < 0) {
        return false;
    }
    memcpy(ret, &chip.chip, bytes);
    return true;
}

static bool load_chip(KvmVm *vm, uint32_t id, const void *state, size_t bytes,
                      GError **errp)
{
    struct kvm_irqchip chip = {.chip_id = id};

    memcpy(&chip.chip, state, bytes);
    return kvm_ioctl(kvm_vm_sys(vm), kvm_vm_fd(vm), KVM_SET_IRQCHIP, &chip, errp) >= 0;
}

/* A machine with pit=off has none, and KVM says ENXIO.  Source: LX kvm_arch_vm_ioctl. */
static bool save_pit(KvmVm *vm, KvmVmState *state, GError **errp)
{
    struct kvm_pit_state2 pit = {0};
    int ret = kvm_ioctl_errno(kvm_vm_sys(vm), kvm_vm_fd(vm), KVM_GET_PIT2, &pit);

    if (ret < 0 && ret != -ENXIO) {
        error_set_errno(errp, -ret, "KVM refuses KVM_GET_PIT2");
        return false;
    }
    state->has_pit = ret >= 0;
    memcpy(state->pit, &pit, sizeof(pit));
    return true;
}

bool kvm_vm_save_state(KvmVm *vm, const CpuContract *contract, KvmDevice *irqchip,
                       KvmVcpu *const *vcpus, unsigned count, KvmVmState *state,
                       GError **errp)
{
    struct kvm_clock_data clock = {0};

    (void)contract;
    (void)irqchip; /* it is part of the VM here */
    (void)vcpus;
    (void)count;
    if (kvm_ioctl(kvm_vm_sys(vm), kvm_vm_fd(vm), KVM_GET_CLOCK, &clock, errp) < 0 ||
        !save_chip(vm, KVM_IRQCHIP_PIC_MASTER, state->pic_master,
                   sizeof(state->pic_master), errp) ||
        !save_chip(vm, KVM_IRQCHIP_PIC_SLAVE, state->pic_slave, sizeof(state->pic_slave),
                   errp) ||
        !save_chip(vm, KVM_IRQCHIP_IOAPIC, state->ioapic, sizeof(state->ioapic), errp)) {
        return false;
    }
    state->clock_ns = clock.clock;
    return save_pit(vm, state, errp);
}

bool kvm_vm_load_state(KvmVm *vm, const CpuContract *contract, KvmDevice *irqchip,
                       KvmVcpu *const *vcpus, unsigned count, const KvmVmState *state,
                       GError **errp)
{
    const struct kvm_clock_data clock = {.clock = state->clock_ns};
    struct kvm_pit_state2 pit;

    (void)contract;
    (void)irqchip;
    (void)vcpus;
    (void)count;
    memcpy(&pit, state->pit, sizeof(pit));
    return load_chip(vm, KVM_IRQCHIP_PIC_MASTER, state->pic_master,
                     sizeof(state->pic_master), errp) &&
           load_chip(vm, KVM_IRQCHIP_PIC_SLAVE, state->pic_slave,
                     sizeof(state->pic_slave), errp) &&
           load_chip(vm, KVM_IRQCHIP_IOAPIC, state->ioapic, sizeof(state->ioapic),
                     errp) &&
           (!state->has_pit ||
            kvm_ioctl(kvm_vm_sys(vm), kvm_vm_fd(vm), KVM_SET_PIT2, &pit, errp) >= 0) &&
           kvm_ioctl(kvm_vm_sys(vm), kvm_vm_fd(vm), KVM_SET_CLOCK, &clock, errp) >= 0;
}
