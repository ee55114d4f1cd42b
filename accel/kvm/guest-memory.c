/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/guest-memory.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "util/bits.h"
#include "util/error.h"
#include "util/number.h"

/* Linux 5.14; the C library's headers may be older. */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

struct GuestMemory {
    unsigned count;
    GuestRange *ranges;
    uint8_t **hva;
    uint64_t **written; /* per range: pages written by us while the log is on */
    bool is_logging;
};

GuestMemory *guest_memory_new(const GuestRange *ranges, unsigned count, GError **errp)
{
    g_autoptr(GuestMemory) memory = g_new0(GuestMemory, 1);

    memory->ranges = g_memdup2(ranges, count * sizeof(*ranges));
    memory->hva = g_new0(uint8_t *, count);
    memory->written = g_new0(uint64_t *, count);
    for (unsigned i = 0; i < count; i++) {
        void *hva = mmap(NULL, ranges[i].bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        if (hva == MAP_FAILED) {
            g_autofree char *size = number_format_size(ranges[i].bytes);

            error_set_errno(errp, errno, "cannot map %s of guest memory", size);
            return NULL;
        }
        memory->hva[i] = hva;
        memory->count++;
        /* Huge pages where the host has them; a host without loses only speed. */
        (void)madvise(hva, ranges[i].bytes, MADV_HUGEPAGE);
        (void)madvise(hva, ranges[i].bytes, MADV_DONTDUMP);
    }
    return g_steal_pointer(&memory);
}

bool guest_memory_populate(GuestMemory *memory, GError **errp)
{
    for (unsigned i = 0; i < memory->count; i++) {
        if (madvise(memory->hva[i], memory->ranges[i].bytes, MADV_POPULATE_WRITE)) {
            error_set_errno(errp, errno, "cannot take all guest memory");
            return false;
        }
    }
    return true;
}

bool guest_memory_lock(GuestMemory *memory, GError **errp)
{
    for (unsigned i = 0; i < memory->count; i++) {
        if (mlock(memory->hva[i], memory->ranges[i].bytes)) {
            error_set_errno(errp, errno, "cannot lock guest memory into RAM");
            return false;
        }
    }
    return true;
}

void guest_memory_free(GuestMemory *memory)
{
    if (!memory) {
        return;
    }
    for (unsigned i = 0; i < memory->count; i++) {
        munmap(memory->hva[i], memory->ranges[i].bytes);
        g_free(memory->written[i]);
    }
    g_free(memory->hva);
    g_free(memory->written);
    g_free(memory->ranges);
    g_free(memory);
}

bool guest_memory_attach(GuestMemory *memory, KvmVm *vm, GError **errp)
{
    uint32_t flags = memory->is_logging ? KVM_MEM_LOG_DIRTY_PAGES : 0;

    for (unsigned i = 0; i < memory->count; i++) {
        if (!kvm_vm_set_memory(vm, i, flags, memory->ranges[i].gpa,
                               memory->ranges[i].bytes, memory->hva[i], errp)) {
            return false;
        }
        guest_memory_mark_dirty(memory, memory->ranges[i].gpa, memory->ranges[i].bytes);
    }
    return true;
}

/* ---- which pages are written ---- */

static size_t bitmap_words(const GuestRange *range)
{
    return (range->bytes / GUEST_PAGE_BYTES + 63) / 64;
}

bool guest_memory_set_dirty_log(GuestMemory *memory, KvmVm *vm, bool on, GError **errp)
{
    memory->is_logging = on;
    (void)kvm_vm_has_lost_pages(vm); /* those were of an earlier log */
    for (unsigned i = 0; i < memory->count; i++) {
        g_clear_pointer(&memory->written[i], g_free);
        if (on) {
            memory->written[i] = g_new0(uint64_t, bitmap_words(&memory->ranges[i]));
        }
        if (!kvm_vm_set_memory(vm, i, on ? KVM_MEM_LOG_DIRTY_PAGES : 0,
                               memory->ranges[i].gpa, memory->ranges[i].bytes,
                               memory->hva[i], errp)) {
            memory->is_logging = false;
            return false;
        }
    }
    return true;
}

static void mark_page(void *opaque, uint32_t slot, uint64_t page)
{
    GuestMemory *memory = opaque;

    /* What was left in a ring from an earlier log is of no use to anybody. */
    if (memory->is_logging && slot < memory->count &&
        page < memory->ranges[slot].bytes / GUEST_PAGE_BYTES) {
        memory->written[slot][page / 64] |= BIT64(page % 64);
    }
}

bool guest_memory_collect_dirty(GuestMemory *memory, KvmVm *vm, GError **errp)
{
    return kvm_vm_collect_dirty_rings(vm, mark_page, memory, errp);
}

bool guest_memory_sync_dirty(GuestMemory *memory, KvmVm *vm, unsigned index,
                             uint64_t *bitmap, GError **errp)
{
    size_t words = bitmap_words(&memory->ranges[index]);
    g_autofree uint64_t *log = g_new0(uint64_t, words);

    if (!guest_memory_collect_dirty(memory, vm, errp) ||
        (kvm_vm_has_dirty_bitmap(vm) && !kvm_vm_get_dirty_log(vm, index, log, errp))) {
        return false;
    }
    if (kvm_vm_has_lost_pages(vm)) {
        error_set(errp, "KVM wrote over entries of a full dirty ring: pages the guest "
                        "wrote are not known; leave out dirty-ring-size");
        return false;
    }
    for (size_t i = 0; i < words; i++) {
        bitmap[i] |= log[i] | memory->written[index][i];
        memory->written[index][i] = 0;
    }
    return true;
}

void guest_memory_mark_dirty(GuestMemory *memory, uint64_t gpa, uint64_t bytes)
{
    for (unsigned i = 0; memory->is_logging && i < memory->count; i++) {
        const GuestRange *range = &memory->ranges[i];
        uint64_t first, last;

        if (!bytes || gpa < range->gpa ||
            !range_fits(gpa - range->gpa, bytes, range->bytes)) {
            continue;
        }
        first = (gpa - range->gpa) / GUEST_PAGE_BYTES;
        last = (gpa - range->gpa + bytes - 1) / GUEST_PAGE_BYTES;
        for (uint64_t page = first; page <= last; page++) {
            memory->written[i][page / 64] |= BIT64(page % 64);
        }
    }
}

void guest_memory_discard(GuestMemory *memory, uint64_t gpa, uint64_t bytes)
{
    uint64_t first = align_up(gpa, GUEST_PAGE_BYTES);
    uint64_t end = (gpa + bytes) & ~(uint64_t)(GUEST_PAGE_BYTES - 1);
    void *hva = first < end ? guest_memory_at(memory, first, end - first) : NULL;

    if (hva && madvise(hva, end - first, MADV_DONTNEED) == 0) {
        guest_memory_mark_dirty(memory, first, end - first);
    }
}

const GuestRange *guest_memory_ranges(const GuestMemory *memory, unsigned *ret_count)
{
    *ret_count = memory->count;
    return memory->ranges;
}

void *guest_memory_at(const GuestMemory *memory, uint64_t gpa, uint64_t bytes)
{
    for (unsigned i = 0; i < memory->count; i++) {
        const GuestRange *range = &memory->ranges[i];

        if (gpa >= range->gpa && range_fits(gpa - range->gpa, bytes, range->bytes)) {
            return memory->hva[i] + (gpa - range->gpa);
        }
    }
    return NULL;
}

static void *at_or_error(const GuestMemory *memory, uint64_t gpa, uint64_t bytes,
                         GError **errp)
{
    void *hva = guest_memory_at(memory, gpa, bytes);

    if (!hva) {
        error_set(errp, "guest address 0x%" PRIx64 " + 0x%" PRIx64 " is not all RAM", gpa,
                  bytes);
    }
    return hva;
}

bool guest_memory_write(GuestMemory *memory, uint64_t gpa, const void *data,
                        uint64_t bytes, GError **errp)
{
    void *hva = at_or_error(memory, gpa, bytes, errp);

    if (hva && bytes) {
        memcpy(hva, data, bytes);
        guest_memory_mark_dirty(memory, gpa, bytes);
    }
    return hva;
}

bool guest_memory_read(const GuestMemory *memory, uint64_t gpa, void *ret, uint64_t bytes,
                       GError **errp)
{
    void *hva = at_or_error(memory, gpa, bytes, errp);

    if (hva && bytes) {
        memcpy(ret, hva, bytes);
    }
    return hva;
}

bool guest_memory_clear(GuestMemory *memory, uint64_t gpa, uint64_t bytes, GError **errp)
{
    void *hva = at_or_error(memory, gpa, bytes, errp);

    if (hva && bytes) {
        memset(hva, 0, bytes);
        guest_memory_mark_dirty(memory, gpa, bytes);
    }
    return hva;
}
