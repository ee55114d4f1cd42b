/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GuestMemory: the guest's RAM, and the only way to reach it.
 *
 * Nobody adds to a base pointer: every access names a guest physical address and a
 * length, and is checked here.
 */
#ifndef ACCEL_GUEST_MEMORY_H
#define ACCEL_GUEST_MEMORY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "accel/kvm-vm.h"

typedef struct GuestMemory GuestMemory;

typedef struct GuestRange {
    uint64_t gpa;
    uint64_t bytes;
} GuestRange;

/*
 * guest_memory_new - anonymous memory for each of @ranges (page aligned, ascending, not
 * touching one another).  Pages are taken when first used.
 */
GuestMemory *guest_memory_new(const GuestRange *ranges, unsigned count, GError **errp);

/* guest_memory_populate - take every page now; an error where the host has too few. */
bool guest_memory_populate(GuestMemory *memory, GError **errp);

/* guest_memory_lock - keep every page in RAM; an error where the limits forbid it. */
bool guest_memory_lock(GuestMemory *memory, GError **errp);

/* guest_memory_free - after the VM that uses it; NULL is nothing. */
void guest_memory_free(GuestMemory *memory);

/* guest_memory_attach - make the ranges memory slots 0, 1, … of @vm. */
bool guest_memory_attach(GuestMemory *memory, KvmVm *vm, GError **errp);

/* guest_memory_ranges - the ranges it was made from, owned by @memory. */
const GuestRange *guest_memory_ranges(const GuestMemory *memory, unsigned *ret_count);

/* guest_memory_at - host address of [@gpa, @gpa + @bytes), NULL where it is not all RAM.
 */
void *guest_memory_at(const GuestMemory *memory, uint64_t gpa, uint64_t bytes);

/* guest_memory_write - copy in; false with the address in the message. */
bool guest_memory_write(GuestMemory *memory, uint64_t gpa, const void *data,
                        uint64_t bytes, GError **errp);

/* guest_memory_read - copy out; errors as guest_memory_write(). */
bool guest_memory_read(const GuestMemory *memory, uint64_t gpa, void *ret, uint64_t bytes,
                       GError **errp);

/* guest_memory_clear - store zeros; errors as guest_memory_write(). */
bool guest_memory_clear(GuestMemory *memory, uint64_t gpa, uint64_t bytes, GError **errp);

/* A page of guest memory as dirty logs and migration count. */
#define GUEST_PAGE_BYTES 4096

/*
 * guest_memory_set_dirty_log - have KVM note which pages the guest writes, or stop it.
 *
 * A VM that is attached while the log is on logs, too, and has every page dirty.  False
 * where KVM refuses; the log is off then.
 */
bool guest_memory_set_dirty_log(GuestMemory *memory, KvmVm *vm, bool on, GError **errp);

/*
 * guest_memory_collect_dirty - empty the dirty rings of @vm's vCPUs into the log, so that
 * one that is full can go on; nothing without rings.  Under the VM lock, as everything
 * about the log.
 */
bool guest_memory_collect_dirty(GuestMemory *memory, KvmVm *vm, GError **errp);

/*
 * guest_memory_sync_dirty - pages of range @index written since the last call, by the
 * guest or through this module; they count as clean from here.
 * @bitmap: one bit per page, in words of 64; bits are added
 *
 * False also where KVM lost some of them, which a dirty ring can.
 */
bool guest_memory_sync_dirty(GuestMemory *memory, KvmVm *vm, unsigned index,
                             uint64_t *bitmap, GError **errp);

/* guest_memory_mark_dirty - a device wrote to [@gpa, @gpa + @bytes) by its host address.
 */
void guest_memory_mark_dirty(GuestMemory *memory, uint64_t gpa, uint64_t bytes);

/*
 * guest_memory_discard - give the pages wholly within [@gpa, @gpa + @bytes) back to the
 * host; they read as zeros until they are written.  Nothing where that is not RAM, or is
 * locked.
 */
void guest_memory_discard(GuestMemory *memory, uint64_t gpa, uint64_t bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GuestMemory, guest_memory_free)

#endif
