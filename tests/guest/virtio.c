/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The smallest driver of virtio over memory-mapped registers: asks a virtio-rng for
 * bytes, one buffer at a time, and looks at its ring instead of waiting for an interrupt.
 * Source: VIRTIO 1.2, sections 3.1.1, 2.7, 4.2.2 and 5.4.
 */
#include "report.h"

#define MAGIC         0x74726976u
#define VERSION_1     1u /* bit 32 of the features */
#define BUFFER_BYTES  64u
#define LAPS_PER_LINE 1000u
#define PATIENCE      100000000u

enum {
    REG_MAGIC = 0x000,
    REG_DEVICE = 0x008,
    REG_ACCEPTED = 0x020,
    REG_ACCEPTED_SELECT = 0x024,
    REG_QUEUE_SELECT = 0x030,
    REG_QUEUE_SIZE = 0x038,
    REG_QUEUE_READY = 0x044,
    REG_KICK = 0x050,
    REG_STATUS = 0x070,
    REG_DESC = 0x080,
    REG_DRIVER = 0x090,
    REG_USED = 0x0a0,
};

/* A ring of one place. */
static struct {
    struct __attribute__((aligned(16))) {
        uint64_t address;
        uint32_t bytes;
        uint16_t flags, next;
    } desc;
    struct __attribute__((aligned(4))) {
        volatile uint16_t flags, index, entry, event;
    } avail;
    struct __attribute__((aligned(4))) {
        volatile uint16_t flags, index;
        volatile uint32_t id, bytes;
        volatile uint16_t event;
    } used;
    uint64_t buffer[BUFFER_BYTES / sizeof(uint64_t)];
} ring;

static volatile uint32_t *reg(uint64_t base, unsigned offset)
{
    return (volatile uint32_t *)(uintptr_t)(base + offset);
}

static void write_address(uint64_t base, unsigned offset, const void *what)
{
    *reg(base, offset) = (uint32_t)(uintptr_t)what;
    *reg(base, offset + 4) = (uint32_t)((uint64_t)(uintptr_t)what >> 32);
}

static bool start(uint64_t base)
{
    if (*reg(base, REG_MAGIC) != MAGIC) {
        report_hex("virtio.bad-magic", *reg(base, REG_MAGIC));
        return false;
    }
    report_dec("virtio.device", *reg(base, REG_DEVICE));
    *reg(base, REG_STATUS) = 0;
    *reg(base, REG_STATUS) = 3;
    *reg(base, REG_ACCEPTED_SELECT) = 1;
    *reg(base, REG_ACCEPTED) = VERSION_1;
    *reg(base, REG_STATUS) = 11;
    *reg(base, REG_QUEUE_SELECT) = 0;
    *reg(base, REG_QUEUE_SIZE) = 1;
    write_address(base, REG_DESC, &ring.desc);
    write_address(base, REG_DRIVER, &ring.avail);
    write_address(base, REG_USED, &ring.used);
    *reg(base, REG_QUEUE_READY) = 1;
    *reg(base, REG_STATUS) = 15;
    report_hex("virtio.status", *reg(base, REG_STATUS));
    return *reg(base, REG_STATUS) == 15;
}

/* One buffer there and back; false where it does not come, or not as it should. */
static bool ask(uint64_t base, uint16_t lap)
{
    for (unsigned i = 0; i < BUFFER_BYTES / sizeof(uint64_t); i++) {
        ring.buffer[i] = 0;
    }
    ring.desc.address = (uint64_t)(uintptr_t)ring.buffer;
    ring.desc.bytes = BUFFER_BYTES;
    ring.desc.flags = 2; /* the device writes */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    ring.avail.index = lap;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    *reg(base, REG_KICK) = 0;
    for (unsigned i = 0; ring.used.index != lap; i++) {
        if (i == PATIENCE) {
            return false;
        }
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return ring.used.bytes == BUFFER_BYTES && ring.used.id == 0 &&
           (ring.buffer[0] | ring.buffer[BUFFER_BYTES / sizeof(uint64_t) - 1]);
}

void virtio_report(uint64_t base, uint64_t laps)
{
    if (!base || !start(base)) {
        return;
    }
    for (uint64_t lap = 1; lap <= laps; lap++) {
        if (!ask(base, (uint16_t)lap)) {
            report_hex("virtio.bad", *reg(base, REG_STATUS));
            return;
        }
        if (lap % LAPS_PER_LINE == 0) {
            report_dec("virtio.lap", lap);
        }
    }
    report_text("virtio", "ok");
}
