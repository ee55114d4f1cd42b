/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The modelled kernel's registers that no rule here depends on: what was set is what is
 * got.  Enough to save and load whole guests.
 */
#include <errno.h>
#include <string.h>

#include "model-internal.h"
#include "util/bits.h"

/* A pair of requests and the bytes between them. */
typedef struct Pair {
    unsigned long get, set;
    size_t bytes;
} Pair;

static const Pair vcpu_pairs[MODEL_VCPU_PAIRS] = {
    {KVM_GET_MP_STATE, KVM_SET_MP_STATE, sizeof(struct kvm_mp_state)},
    {KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS, sizeof(struct kvm_debugregs)},
    {KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS, sizeof(struct kvm_vcpu_events)},
    {KVM_GET_XSAVE, KVM_SET_XSAVE, sizeof(struct kvm_xsave)},
    {KVM_GET_XCRS, KVM_SET_XCRS, sizeof(struct kvm_xcrs)},
};

static const Pair vm_pairs[MODEL_VM_PAIRS] = {
    {KVM_GET_PIT2, KVM_SET_PIT2, sizeof(struct kvm_pit_state2)},
    {KVM_GET_CLOCK, KVM_SET_CLOCK, sizeof(struct kvm_clock_data)},
};

static int use_pair(const Pair *pairs, GByteArray **held, unsigned count,
                    unsigned long request, void *arg)
{
    for (unsigned i = 0; i < count; i++) {
        if (!held[i]) {
            held[i] = g_byte_array_new();
            g_byte_array_set_size(held[i], (guint)pairs[i].bytes);
            memset(held[i]->data, 0, pairs[i].bytes);
        }
        if (request == pairs[i].get) {
            memcpy(arg, held[i]->data, pairs[i].bytes);
            return 0;
        }
        if (request == pairs[i].set) {
            memcpy(held[i]->data, arg, pairs[i].bytes);
            return 0;
        }
    }
    errno = ENOTTY;
    return -1;
}

/* Nobody is a guest of a guest here: the state is its header. */
static int use_nested(unsigned long request, struct kvm_nested_state *nested)
{
    if (request == KVM_GET_NESTED_STATE) {
        memset(nested, 0, sizeof(*nested));
        nested->size = sizeof(*nested);
    }
    return 0;
}

/* Without hardware that scales it KVM can make a TSC seem faster, and not slower. Source:
 * Linux arch/x86/kvm/x86.c, set_tsc_khz(). */
static int set_tsc_khz(ModelVcpu *vcpu, uint32_t khz)
{
    if (khz < MODEL_TSC_KHZ && !vcpu->host->caps[KVM_CAPID_TSC_CONTROL]) {
        errno = EINVAL;
        return -1;
    }
    vcpu->tsc_khz = khz;
    return 0;
}

int model_vcpu_state_ioctl(ModelVcpu *vcpu, unsigned long request, void *arg)
{
    switch (request) {
    case KVM_GET_NESTED_STATE:
    case KVM_SET_NESTED_STATE:
        return use_nested(request, arg);
    case KVM_GET_XSAVE2:
        return use_pair(vcpu_pairs, vcpu->held, MODEL_VCPU_PAIRS, KVM_GET_XSAVE, arg);
    case KVM_GET_XCRS:
        (void)use_pair(vcpu_pairs, vcpu->held, MODEL_VCPU_PAIRS, request, arg);
        ((struct kvm_xcrs *)arg)->nr_xcrs = 1;
        return 0;
    case KVM_GET_TSC_KHZ:
        return vcpu->tsc_khz ? (int)vcpu->tsc_khz : MODEL_TSC_KHZ;
    case KVM_SET_TSC_KHZ:
        return set_tsc_khz(vcpu, (uint32_t)(uintptr_t)arg);
    case KVM_KVMCLOCK_CTRL:
        return 0;
    default:
        return use_pair(vcpu_pairs, vcpu->held, MODEL_VCPU_PAIRS, request, arg);
    }
}

int model_vm_state_ioctl(ModelVm *vm, unsigned long request, void *arg)
{
    struct kvm_irqchip *chip = arg;

    switch (request) {
    case KVM_GET_IRQCHIP:
        memcpy(&chip->chip, vm->chips[chip->chip_id % ARRAY_LEN(vm->chips)],
               sizeof(chip->chip));
        return 0;
    case KVM_SET_IRQCHIP:
        memcpy(vm->chips[chip->chip_id % ARRAY_LEN(vm->chips)], &chip->chip,
               sizeof(chip->chip));
        return 0;
    default:
        return use_pair(vm_pairs, vm->held, MODEL_VM_PAIRS, request, arg);
    }
}

static void clear_pairs(GByteArray **held, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (held[i]) {
            g_byte_array_unref(held[i]);
        }
    }
}

void model_vcpu_state_clear(ModelVcpu *vcpu)
{
    clear_pairs(vcpu->held, MODEL_VCPU_PAIRS);
}

void model_vm_state_clear(ModelVm *vm)
{
    clear_pairs(vm->held, MODEL_VM_PAIRS);
}
