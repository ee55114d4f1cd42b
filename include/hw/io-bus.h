/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IoBus: who answers at which address.  A machine has one for ports (x86) and one for
 * memory-mapped registers.
 */
#ifndef HW_IO_BUS_H
#define HW_IO_BUS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct IoBus IoBus;

/*
 * What a device does with an access.  @offset counts from the start of its range; @size
 * is 1, 2, 4 or 8 and the access lies within the range.  Called under the VM lock.
 */
typedef struct IoOps {
    uint64_t (*read)(void *opaque, uint64_t offset, unsigned size);
    void (*write)(void *opaque, uint64_t offset, unsigned size, uint64_t value);
} IoOps;

/* io_bus_new - an empty bus. @name: for messages, "port" or "memory". */
IoBus *io_bus_new(const char *name);

/* io_bus_free - NULL is nothing; devices are not touched. */
void io_bus_free(IoBus *bus);

/*
 * io_bus_add - have @ops answer at [@base, @base + @size).
 * @owner: the device's name for messages, copied
 *
 * Overlap with another device is an error that names both.
 */
bool io_bus_add(IoBus *bus, uint64_t base, uint64_t size, const char *owner,
                const IoOps *ops, void *opaque, GError **errp);

/*
 * io_bus_add_over - as io_bus_add(), for a range that may lie within one that was added
 * before or comes later: accesses that fit it are its own, the rest goes to the other.
 */
bool io_bus_add_over(IoBus *bus, uint64_t base, uint64_t size, const char *owner,
                     const IoOps *ops, void *opaque, GError **errp);

/* io_bus_remove - nobody answers at the range that starts at @base any more. */
void io_bus_remove(IoBus *bus, uint64_t base);

/*
 * io_bus_read - where nobody answers, all ones, as a floating bus gives.
 * An access that straddles the end of a device is answered by nobody.
 */
uint64_t io_bus_read(IoBus *bus, uint64_t addr, unsigned size);

/* io_bus_write - where nobody answers, nothing. */
void io_bus_write(IoBus *bus, uint64_t addr, unsigned size, uint64_t value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(IoBus, io_bus_free)

#endif
