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
};

GuestMemory *guest_memory_new(const GuestRange *ranges, unsigned count, GError **errp)
{
    g_autoptr(GuestMemory) memory = g_new0(GuestMemory, 1);

    memory->ranges = g_memdup2(ranges, count * sizeof(*ranges));
    memory->hva = g_new0(uint8_t *, count);
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
    }
    g_free(memory->hva);
    g_free(memory->ranges);
    g_free(memory);
}

bool guest_memory_attach(GuestMemory *memory, KvmVm *vm, GError **errp)
{
    for (unsigned i = 0; i < memory->count; i++) {
        if (!kvm_vm_set_memory(vm, i, 0, memory->ranges[i].gpa, memory->ranges[i].bytes,
                               memory->hva[i], errp)) {
            return false;
        }
    }
    return true;
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
    }
    return hva;
}
