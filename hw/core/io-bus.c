/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/io-bus.h"

#include <inttypes.h>

#include "util/bits.h"
#include "util/error.h"

typedef struct IoRange {
    uint64_t base;
    uint64_t size;
    char *owner;
    const IoOps *ops;
    void *opaque;
    bool is_over; /* lies on top of whatever is around it */
} IoRange;

struct IoBus {
    const char *name;
    GArray *ranges; /* IoRange, ascending by base */
};

static void range_clear(gpointer data)
{
    g_free(((IoRange *)data)->owner);
}

IoBus *io_bus_new(const char *name)
{
    IoBus *bus = g_new0(IoBus, 1);

    bus->name = name;
    bus->ranges = g_array_new(FALSE, FALSE, sizeof(IoRange));
    g_array_set_clear_func(bus->ranges, range_clear);
    return bus;
}

void io_bus_free(IoBus *bus)
{
    if (bus) {
        g_array_unref(bus->ranges);
        g_free(bus);
    }
}

/* Number of ranges that start at or below @addr. */
static unsigned ranges_upto(const IoBus *bus, uint64_t addr)
{
    unsigned low = 0, high = bus->ranges->len;

    while (low < high) {
        unsigned middle = low + (high - low) / 2;

        if (g_array_index(bus->ranges, IoRange, middle).base <= addr) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The first range below place @upto, the nearest first, that is of the same layer. */
static const IoRange *below(const IoBus *bus, unsigned upto, bool is_over)
{
    while (upto-- > 0) {
        const IoRange *range = &g_array_index(bus->ranges, IoRange, upto);

        if (range->is_over == is_over) {
            return range;
        }
    }
    return NULL;
}

static const IoRange *above(const IoBus *bus, unsigned from, bool is_over)
{
    for (; from < bus->ranges->len; from++) {
        const IoRange *range = &g_array_index(bus->ranges, IoRange, from);

        if (range->is_over == is_over) {
            return range;
        }
    }
    return NULL;
}

static bool add(IoBus *bus, IoRange *range, const char *owner, GError **errp)
{
    unsigned place = ranges_upto(bus, range->base);
    const IoRange *other = below(bus, place, range->is_over);

    if (!other || other->base + other->size <= range->base) {
        other = above(bus, place, range->is_over);
        other = other && other->base < range->base + range->size ? other : NULL;
    }
    if (other) {
        error_set(errp,
                  "%s: %s addresses 0x%" PRIx64 " to 0x%" PRIx64
                  " are taken by %s at 0x%" PRIx64,
                  owner, bus->name, range->base, range->base + range->size - 1,
                  other->owner, other->base);
        return false;
    }
    range->owner = g_strdup(owner);
    g_array_insert_val(bus->ranges, place, *range);
    return true;
}

bool io_bus_add(IoBus *bus, uint64_t base, uint64_t size, const char *owner,
                const IoOps *ops, void *opaque, GError **errp)
{
    IoRange range = {base, size, NULL, ops, opaque, false};

    return add(bus, &range, owner, errp);
}

bool io_bus_add_over(IoBus *bus, uint64_t base, uint64_t size, const char *owner,
                     const IoOps *ops, void *opaque, GError **errp)
{
    IoRange range = {base, size, NULL, ops, opaque, true};

    return add(bus, &range, owner, errp);
}

void io_bus_remove(IoBus *bus, uint64_t base)
{
    unsigned place = ranges_upto(bus, base);

    if (place > 0 && g_array_index(bus->ranges, IoRange, place - 1).base == base) {
        g_array_remove_index(bus->ranges, place - 1);
    }
}

static const IoRange *find_range(const IoBus *bus, uint64_t addr, unsigned size)
{
    unsigned place = ranges_upto(bus, addr);

    while (place-- > 0) {
        const IoRange *range = &g_array_index(bus->ranges, IoRange, place);

        if (range_fits(addr - range->base, size, range->size)) {
            return range;
        }
        if (!range->is_over) {
            return NULL;
        }
    }
    return NULL;
}

uint64_t io_bus_read(IoBus *bus, uint64_t addr, unsigned size)
{
    const IoRange *range = find_range(bus, addr, size);
    uint64_t mask = bits_mask(0, size * 8);

    if (!range || !range->ops->read) {
        return mask;
    }
    return range->ops->read(range->opaque, addr - range->base, size) & mask;
}

void io_bus_write(IoBus *bus, uint64_t addr, unsigned size, uint64_t value)
{
    const IoRange *range = find_range(bus, addr, size);

    if (range && range->ops->write) {
        range->ops->write(range->opaque, addr - range->base, size, value);
    }
}
