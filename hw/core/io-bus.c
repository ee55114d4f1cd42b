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

bool io_bus_add(IoBus *bus, uint64_t base, uint64_t size, const char *owner,
                const IoOps *ops, void *opaque, GError **errp)
{
    unsigned place = ranges_upto(bus, base);
    const IoRange *other = NULL;
    IoRange range = {base, size, NULL, ops, opaque};

    if (place > 0) {
        other = &g_array_index(bus->ranges, IoRange, place - 1);
        other = other->base + other->size > base ? other : NULL;
    }
    if (!other && place < bus->ranges->len) {
        other = &g_array_index(bus->ranges, IoRange, place);
        other = other->base < base + size ? other : NULL;
    }
    if (other) {
        error_set(errp,
                  "%s: %s addresses 0x%" PRIx64 " to 0x%" PRIx64
                  " are taken by %s at 0x%" PRIx64,
                  owner, bus->name, base, base + size - 1, other->owner, other->base);
        return false;
    }
    range.owner = g_strdup(owner);
    g_array_insert_val(bus->ranges, place, range);
    return true;
}

static const IoRange *find_range(const IoBus *bus, uint64_t addr, unsigned size)
{
    unsigned place = ranges_upto(bus, addr);
    const IoRange *range;

    if (place == 0) {
        return NULL;
    }
    range = &g_array_index(bus->ranges, IoRange, place - 1);
    return range_fits(addr - range->base, size, range->size) ? range : NULL;
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
