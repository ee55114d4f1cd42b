/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dirty rings: each vCPU has a ring in memory shared with the kernel, into which KVM puts
 * the pages that vCPU writes.  A full ring stops the vCPU until pages are taken.
 *
 * arm64 has a bitmap beside the rings for what is written outside of vCPUs.  It is not a
 * matter of choice there: without it arm64 takes a slot for one that is not logged
 * (LX memslot_is_logging, arch/arm64/kvm/mmu.c).
 *
 * Source: Linux kvm/api.rst 8.29, KVM_CAP_DIRTY_LOG_RING.
 */
#include <unistd.h>

#include "util/error.h"
#include "vcpu-internal.h"
#include "vm-internal.h"

/* Entries KVM leaves free when it stops a vCPU.  Source: LX KVM_DIRTY_RING_RSVD_ENTRIES,
 * virt/kvm/dirty_ring.c. */
#define SPARE_ENTRIES 64

/*
 * Where a vCPU's descriptor has its ring, in pages.  Source: Linux uapi, asm/kvm.h of x86
 * and arm64, KVM_DIRTY_LOG_PAGE_OFFSET; headers before 6.2 say 0 on arm64.
 */
#define RING_PAGE 64

/* Calls after which a kernel that takes nothing back is not waited for any more. */
#define TRIES_TO_GIVE_BACK 1000

/* Linux 6.2; the C library's headers may be older. */
#ifndef KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP
#define KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP 225
#endif

bool kvm_vm_enable_dirty_ring(KvmVm *vm, uint32_t entries, GError **errp)
{
    if (!kvm_vm_enable_cap(vm, KVM_CAP_DIRTY_LOG_RING_ACQ_REL,
                           (uint64_t)entries * sizeof(struct kvm_dirty_gfn), errp)) {
        g_prefix_error(errp, "dirty-ring-size=%u: ", entries);
        return false;
    }
    vm->ring_entries = entries;
    vm->has_bitmap = kvm_vm_check_extension(vm, KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP) > 0;
    return !vm->has_bitmap ||
           kvm_vm_enable_cap(vm, KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP, 0, errp);
}

bool kvm_vm_has_dirty_bitmap(const KvmVm *vm)
{
    return vm->has_bitmap;
}

bool kvm_vcpu_map_ring(KvmVcpu *vcpu, GError **errp)
{
    size_t bytes = vcpu->vm->ring_entries * sizeof(*vcpu->ring);
    off_t offset = (off_t)RING_PAGE * sysconf(_SC_PAGESIZE);

    if (bytes) {
        vcpu->ring = kvm_sys_map(vcpu->sys, vcpu->fd, bytes, offset, errp);
    }
    return !bytes || vcpu->ring;
}

void kvm_vcpu_unmap_ring(KvmVcpu *vcpu)
{
    if (vcpu->ring) {
        kvm_sys_unmap(vcpu->sys, vcpu->ring,
                      vcpu->vm->ring_entries * sizeof(*vcpu->ring));
    }
}

static struct kvm_dirty_gfn *entry_at(KvmVcpu *vcpu, uint32_t place)
{
    return &vcpu->ring[place & (vcpu->vm->ring_entries - 1)];
}

static bool is_dirty(KvmVcpu *vcpu, uint32_t place)
{
    return __atomic_load_n(&entry_at(vcpu, place)->flags, __ATOMIC_ACQUIRE) &
           KVM_DIRTY_GFN_F_DIRTY;
}

/* Entries are handed over by their flags: the kernel sets DIRTY last, we set RESET last,
 * and the kernel takes them back in KVM_RESET_DIRTY_RINGS. */
static void hand_back(KvmVcpu *vcpu)
{
    __atomic_store_n(&entry_at(vcpu, vcpu->ring_next)->flags, KVM_DIRTY_GFN_F_RESET,
                     __ATOMIC_RELEASE);
    vcpu->ring_next++;
    vcpu->vm->ring_taken++;
}

/*
 * After an overrun the kernel goes on some entries further than it was taken from; those
 * between are handed back unread, or it would wait for them for ever.
 */
static void skip_gap(KvmVcpu *vcpu)
{
    uint32_t gap = 0;

    while (gap < vcpu->vm->ring_entries && !is_dirty(vcpu, vcpu->ring_next + gap)) {
        gap++;
    }
    for (; gap < vcpu->vm->ring_entries && gap; gap--) {
        hand_back(vcpu);
    }
}

static void take_vcpu(KvmVcpu *vcpu, KvmDirtyPage *page, void *opaque)
{
    uint32_t first;

    if (vcpu->has_overrun) {
        skip_gap(vcpu);
    }
    for (first = vcpu->ring_next; is_dirty(vcpu, vcpu->ring_next); hand_back(vcpu)) {
        const struct kvm_dirty_gfn *entry = entry_at(vcpu, vcpu->ring_next);

        page(opaque, entry->slot, entry->offset);
    }
    if (vcpu->ring_next - first > vcpu->vm->ring_entries - SPARE_ENTRIES) {
        vcpu->has_overrun = true;
        vcpu->vm->has_lost_pages = true;
    }
}

/*
 * A kernel that sees a signal gives back fewer entries than it was told of (Linux 6.16,
 * kvm_dirty_ring_reset()); the rest follows on the next call.  Until then its pages can
 * be written without being noticed, so nobody may go on.
 */
static bool give_back(KvmVm *vm, GError **errp)
{
    for (unsigned tries = 0; vm->ring_taken && tries < TRIES_TO_GIVE_BACK;) {
        int ret = kvm_ioctl_value(vm->sys, vm->fd, KVM_RESET_DIRTY_RINGS, 0, errp);

        if (ret < 0) {
            return false;
        }
        vm->ring_taken -= MIN((unsigned)ret, vm->ring_taken);
        tries = ret ? 0 : tries + 1;
    }
    if (vm->ring_taken) {
        error_set(errp, "KVM_RESET_DIRTY_RINGS: %u entries are not taken back",
                  vm->ring_taken);
    }
    return !vm->ring_taken;
}

bool kvm_vm_collect_dirty_rings(KvmVm *vm, KvmDirtyPage *page, void *opaque,
                                GError **errp)
{
    for (unsigned i = 0; vm->ring_entries && i < vm->vcpus->len; i++) {
        take_vcpu(g_ptr_array_index(vm->vcpus, i), page, opaque);
    }
    return give_back(vm, errp);
}

bool kvm_vm_has_lost_pages(KvmVm *vm)
{
    bool has_lost = vm->has_lost_pages;

    vm->has_lost_pages = false;
    return has_lost;
}
