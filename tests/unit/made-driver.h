/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver's side of a virtqueue, written from the specification and not from the code
 * under test: what a guest's kernel would do, in the guest's memory.
 */
#ifndef TESTS_MADE_DRIVER_H
#define TESTS_MADE_DRIVER_H

#include "hw/virtqueue.h"

#define MADE_PARTS_MAX 8

typedef struct MadePart {
    uint64_t gpa;
    uint32_t bytes;
    bool is_in; /* the device writes */
} MadePart;

typedef struct MadeDriver {
    GuestMemory *memory;
    uint64_t features;
    uint16_t size;
    uint64_t desc_gpa, driver_gpa, device_gpa, tables_gpa;
    uint16_t avail, used; /* split: running indices; packed: places */
    bool avail_wrap, used_wrap;
    uint16_t kicked;    /* avail, when made_driver_should_kick() last asked */
    unsigned free;      /* descriptors */
    bool is_taken[64];  /* split: by descriptor; packed: by id */
    uint16_t taken[64]; /* how many descriptors that buffer has */
    uint16_t next[64];  /* split: chain of a taken buffer */
} MadeDriver;

/* made_driver_init - rings of @size (64 at most) at @base, which is zeroed; takes 32 KiB.
 */
void made_driver_init(MadeDriver *driver, GuestMemory *memory, uint64_t features,
                      uint16_t size, uint64_t base);

/* made_driver_give - sizes and addresses to the device's @queue, and turn it on. */
bool made_driver_give(const MadeDriver *driver, VirtQueue *queue);

/* made_driver_add - make a buffer available; its id, or -1 where the ring is full. */
int made_driver_add(MadeDriver *driver, const MadePart *parts, unsigned count);

/* made_driver_should_kick - the device asked for a kick for what was added since the last
 * call. */
bool made_driver_should_kick(MadeDriver *driver);

/* made_driver_get - the id of a buffer that came back, or -1. */
int made_driver_get(MadeDriver *driver, uint32_t *ret_bytes);

/* made_driver_ask - have the device interrupt at the next buffer that comes back (with
 * event indices), or at all, or not. */
void made_driver_ask(MadeDriver *driver, bool on);

/* made_memory_at - host address of guest memory that is there. */
uint8_t *made_memory_at(GuestMemory *memory, uint64_t gpa, uint64_t bytes);

#endif
