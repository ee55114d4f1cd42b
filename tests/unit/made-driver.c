/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "made-driver.h"

#include <string.h>

/* Source: VIRTIO 1.2, 2.7 and 2.8; numbers as they stand there. */
#define F_NEXT     1
#define F_WRITE    2
#define F_INDIRECT 4
#define F_AVAIL    0x80
#define F_USED     0x8000

#define TABLE_BYTES 256

static bool has(const MadeDriver *driver, unsigned bit)
{
    return driver->features >> bit & 1;
}

static bool is_packed(const MadeDriver *driver)
{
    return has(driver, 34);
}

uint8_t *made_memory_at(GuestMemory *memory, uint64_t gpa, uint64_t bytes)
{
    uint8_t *at = guest_memory_at(memory, gpa, bytes);

    g_assert_nonnull(at);
    return at;
}

static uint16_t load16(const MadeDriver *driver, uint64_t gpa)
{
    uint16_t *at = (void *)made_memory_at(driver->memory, gpa, 2);

    return GUINT16_FROM_LE(__atomic_load_n(at, __ATOMIC_SEQ_CST));
}

static void store16(const MadeDriver *driver, uint64_t gpa, uint16_t value)
{
    uint16_t *at = (void *)made_memory_at(driver->memory, gpa, 2);

    __atomic_store_n(at, GUINT16_TO_LE(value), __ATOMIC_SEQ_CST);
}

/* addr, len, then two 16-bit words. */
static void write_desc(const MadeDriver *driver, uint64_t gpa, const MadePart *part,
                       uint16_t first, uint16_t second, bool with_last)
{
    uint8_t *at = made_memory_at(driver->memory, gpa, 16);
    uint64_t address = GUINT64_TO_LE(part->gpa);
    uint32_t bytes = GUINT32_TO_LE(part->bytes);

    memcpy(at, &address, 8);
    memcpy(at + 8, &bytes, 4);
    store16(driver, gpa + 12, first);
    if (with_last) {
        store16(driver, gpa + 14, second);
    }
}

void made_driver_init(MadeDriver *driver, GuestMemory *memory, uint64_t features,
                      uint16_t size, uint64_t base)
{
    memset(made_memory_at(memory, base, 0x8000), 0, 0x8000);
    *driver = (MadeDriver){
        .memory = memory,
        .features = features,
        .size = size,
        .desc_gpa = base,
        .driver_gpa = base + 0x1000,
        .device_gpa = base + 0x2000,
        .tables_gpa = base + 0x4000,
        .avail_wrap = true,
        .used_wrap = true,
        .free = size,
    };
}

bool made_driver_give(const MadeDriver *driver, VirtQueue *queue)
{
    queue->size = driver->size;
    queue->desc_gpa = driver->desc_gpa;
    queue->driver_gpa = driver->driver_gpa;
    queue->device_gpa = driver->device_gpa;
    return virtqueue_enable(queue, driver->features);
}

static int free_place(const MadeDriver *driver)
{
    for (unsigned i = 0; i < driver->size; i++) {
        if (!driver->is_taken[i]) {
            return (int)i;
        }
    }
    return -1;
}

static uint16_t part_flags(const MadePart *parts, unsigned i, unsigned count)
{
    return (uint16_t)((parts[i].is_in ? F_WRITE : 0) | (i + 1 < count ? F_NEXT : 0));
}

/* Writes @parts into a table beside the ring, and becomes the one part that is it. */
static MadePart write_table(const MadeDriver *driver, unsigned place,
                            const MadePart *parts, unsigned count)
{
    MadePart table = {driver->tables_gpa + place * TABLE_BYTES, count * 16, false};

    for (unsigned i = 0; i < count; i++) {
        uint64_t gpa = table.gpa + 16 * i;

        if (is_packed(driver)) {
            write_desc(driver, gpa, &parts[i], 0, parts[i].is_in ? F_WRITE : 0, true);
        } else {
            write_desc(driver, gpa, &parts[i], part_flags(parts, i, count),
                       (uint16_t)(i + 1), true);
        }
    }
    return table;
}

static int add_split(MadeDriver *driver, const MadePart *parts, unsigned count,
                     bool is_table)
{
    int head = free_place(driver), at = head;

    for (unsigned i = 0; i < count; i++) {
        int next = -1;

        driver->is_taken[at] = true;
        next = i + 1 < count ? free_place(driver) : 0;
        write_desc(driver, driver->desc_gpa + 16 * (unsigned)at, &parts[i],
                   is_table ? F_INDIRECT : part_flags(parts, i, count), (uint16_t)next,
                   true);
        driver->next[at] = (uint16_t)next;
        at = next;
    }
    driver->taken[head] = (uint16_t)count;
    driver->free -= count;
    store16(driver, driver->driver_gpa + 4 + 2 * (unsigned)(driver->avail % driver->size),
            (uint16_t)head);
    driver->avail++;
    store16(driver, driver->driver_gpa + 2, driver->avail);
    return head;
}

static int add_packed(MadeDriver *driver, const MadePart *parts, unsigned count,
                      bool is_table)
{
    int id = free_place(driver);
    uint16_t first = driver->avail, first_flags = 0;

    for (unsigned i = 0; i < count; i++) {
        uint16_t flags =
            (uint16_t)((is_table ? F_INDIRECT : part_flags(parts, i, count)) |
                       (driver->avail_wrap ? F_AVAIL : F_USED));

        write_desc(driver, driver->desc_gpa + 16u * driver->avail, &parts[i],
                   (uint16_t)id, flags, i > 0);
        first_flags = i == 0 ? flags : first_flags;
        if (++driver->avail == driver->size) {
            driver->avail = 0;
            driver->avail_wrap = !driver->avail_wrap;
        }
    }
    driver->is_taken[id] = true;
    driver->taken[id] = (uint16_t)count;
    driver->free -= count;
    store16(driver, driver->desc_gpa + 16u * first + 14, first_flags);
    return id;
}

int made_driver_add(MadeDriver *driver, const MadePart *parts, unsigned count)
{
    bool is_table = has(driver, 28);
    unsigned needed = is_table ? 1 : count;
    int place = free_place(driver);
    MadePart table;

    if (driver->free < needed || place < 0) {
        return -1;
    }
    if (is_table) {
        table = write_table(driver, (unsigned)place, parts, count);
        parts = &table;
    }
    return is_packed(driver) ? add_packed(driver, parts, needed, is_table)
                             : add_split(driver, parts, needed, is_table);
}

/* @event lies in what lies from @old up to but without @new, all modulo 2^16. */
static bool is_crossed(uint16_t event, uint16_t new, uint16_t old)
{
    for (uint16_t at = old; at != new; at++) {
        if (at == event) {
            return true;
        }
    }
    return false;
}

bool made_driver_should_kick(MadeDriver *driver)
{
    uint16_t old = driver->kicked, flags, event;

    driver->kicked = driver->avail;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (!is_packed(driver)) {
        return has(driver, 29) ? is_crossed(load16(driver, driver->device_gpa + 4 +
                                                               8u * driver->size),
                                            driver->avail, old)
                               : !(load16(driver, driver->device_gpa) & 1);
    }
    event = load16(driver, driver->device_gpa);
    flags = load16(driver, driver->device_gpa + 2);
    if (flags != 2) {
        return flags == 0;
    }
    /* Count places on from the last wrap of ours. */
    if (old > driver->avail) {
        old = (uint16_t)(old - driver->size);
    }
    return is_crossed((uint16_t)((event & 0x7fff) -
                                 (event >> 15 == driver->avail_wrap ? 0 : driver->size)),
                      driver->avail, old);
}

static int get_split(MadeDriver *driver, uint32_t *ret_bytes)
{
    uint64_t gpa = driver->device_gpa + 4 + 8 * (unsigned)(driver->used % driver->size);
    uint32_t id, bytes;

    if (load16(driver, driver->device_gpa + 2) == driver->used) {
        return -1;
    }
    memcpy(&id, made_memory_at(driver->memory, gpa, 8), 4);
    memcpy(&bytes, made_memory_at(driver->memory, gpa, 8) + 4, 4);
    driver->used++;
    id = GUINT32_FROM_LE(id);
    *ret_bytes = GUINT32_FROM_LE(bytes);
    g_assert_cmpuint(id, <, driver->size);
    for (unsigned i = 0, at = id; i < driver->taken[id]; i++) {
        driver->is_taken[at] = false;
        at = driver->next[at];
    }
    return (int)id;
}

static int get_packed(MadeDriver *driver, uint32_t *ret_bytes)
{
    uint64_t gpa = driver->desc_gpa + 16u * driver->used;
    uint16_t flags = load16(driver, gpa + 14), id;
    uint32_t bytes;

    if (!(flags & F_AVAIL) != !driver->used_wrap ||
        !(flags & F_USED) != !driver->used_wrap) {
        return -1;
    }
    id = load16(driver, gpa + 12);
    memcpy(&bytes, made_memory_at(driver->memory, gpa, 16) + 8, 4);
    g_assert_cmpuint(id, <, driver->size);
    driver->used = (uint16_t)(driver->used + driver->taken[id]);
    if (driver->used >= driver->size) {
        driver->used = (uint16_t)(driver->used - driver->size);
        driver->used_wrap = !driver->used_wrap;
    }
    driver->is_taken[id] = false;
    *ret_bytes = GUINT32_FROM_LE(bytes);
    return id;
}

int made_driver_get(MadeDriver *driver, uint32_t *ret_bytes)
{
    int id =
        is_packed(driver) ? get_packed(driver, ret_bytes) : get_split(driver, ret_bytes);

    if (id >= 0) {
        driver->free += driver->taken[id];
    }
    return id;
}

void made_driver_ask(MadeDriver *driver, bool on)
{
    if (!is_packed(driver)) {
        store16(driver, driver->driver_gpa, on ? 0 : 1);
        if (on) {
            store16(driver, driver->driver_gpa + 4 + 2u * driver->size, driver->used);
        }
    } else {
        store16(driver, driver->driver_gpa,
                (uint16_t)(driver->used | driver->used_wrap << 15));
        store16(driver, driver->driver_gpa + 2, !on ? 1 : has(driver, 29) ? 2 : 0);
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
