/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rings, from both sides: drivers that do as the specification says are served in every
 * form of a ring, and those that do not break the queue and nothing else.
 */
#include "hw/virtqueue.h"

#include <string.h>

#include "made-driver.h"
#include "util/bits.h"

#define RAM_BYTES  (256 * KIB)
#define RING_GPA   0x10000
#define BUFFER_GPA 0x20000
#define PART_BYTES 64

#define PACKED   BIT64(VIRTIO_F_RING_PACKED)
#define EVENT    BIT64(VIRTIO_RING_F_EVENT_IDX)
#define INDIRECT BIT64(VIRTIO_RING_F_INDIRECT_DESC)

/* Every form of a ring. */
static const uint64_t forms[] = {
    0,      EVENT,          INDIRECT,          EVENT | INDIRECT,
    PACKED, PACKED | EVENT, PACKED | INDIRECT, PACKED | EVENT | INDIRECT,
};

/* Both sides of one queue. */
typedef struct Pair {
    GuestMemory *memory;
    MadeDriver driver;
    VirtQueue queue;
    const char *why; /* it broke */
} Pair;

static void on_broken(void *opaque, VirtQueue *queue, const char *why)
{
    Pair *pair = opaque;

    g_assert_true(queue == &pair->queue);
    g_assert_null(pair->why);
    pair->why = why;
}

static void pair_renew(Pair *pair, uint64_t features, uint16_t size)
{
    pair->why = NULL;
    made_driver_init(&pair->driver, pair->memory, features, size, RING_GPA);
    virtqueue_init(&pair->queue, pair->memory, 0, 64, on_broken, pair);
    g_assert_true(made_driver_give(&pair->driver, &pair->queue));
}

static void pair_init(Pair *pair, uint64_t features, uint16_t size)
{
    const GuestRange range = {0, RAM_BYTES};

    *pair = (Pair){.memory = guest_memory_new(&range, 1, NULL)};
    g_assert_nonnull(pair->memory);
    pair_renew(pair, features, size);
}

static void pair_clear(Pair *pair)
{
    guest_memory_free(pair->memory);
}

/* @out parts to read and @in to write, one behind the other from BUFFER_GPA on. */
static unsigned make_parts(MadePart parts[MADE_PARTS_MAX], unsigned out, unsigned in)
{
    for (unsigned i = 0; i < out + in; i++) {
        parts[i] = (MadePart){BUFFER_GPA + i * PART_BYTES, PART_BYTES, i >= out};
    }
    return out + in;
}

/* ---- drivers that do it right ---- */

/* Sends one buffer through and back. */
static void send_one(Pair *pair, unsigned out, unsigned in, unsigned round)
{
    MadePart parts[MADE_PARTS_MAX];
    unsigned count = make_parts(parts, out, in);
    uint8_t text[MADE_PARTS_MAX * PART_BYTES];
    g_autofree VirtqElement *element = NULL;
    uint32_t bytes = 0;
    int id;

    memset(made_memory_at(pair->memory, BUFFER_GPA, sizeof(text)), (int)round,
           sizeof(text));
    id = made_driver_add(&pair->driver, parts, count);
    g_assert_cmpint(id, >=, 0);
    element = virtqueue_pop(&pair->queue, sizeof(*element));
    g_assert_nonnull(element);
    g_assert_cmpuint(element->out_count, ==, out);
    g_assert_cmpuint(element->in_count, ==, in);
    g_assert_cmpuint(element->out_bytes, ==, out * PART_BYTES);
    g_assert_cmpuint(virtq_element_read(element, 1, text, sizeof(text)), ==,
                     out ? out * PART_BYTES - 1 : 0);
    g_assert_true(!out || text[out * PART_BYTES - 2] == (uint8_t)round);
    memset(text, (int)~round, sizeof(text));
    g_assert_cmpuint(virtq_element_write(element, 0, text, sizeof(text)), ==,
                     in * PART_BYTES);
    g_assert_null(virtqueue_pop(&pair->queue, sizeof(*element)));
    g_assert_cmpint(made_driver_get(&pair->driver, &bytes), ==, -1);
    virtqueue_push(&pair->queue, element, in * PART_BYTES);
    g_assert_cmpint(made_driver_get(&pair->driver, &bytes), ==, id);
    g_assert_cmpuint(bytes, ==, in * PART_BYTES);
    for (unsigned i = 0; i < (out + in) * PART_BYTES; i++) {
        g_assert_cmphex(*made_memory_at(pair->memory, BUFFER_GPA + i, 1), ==,
                        (uint8_t)(i < out * PART_BYTES ? round : ~round));
    }
}

static void test_every_shape_goes_through(void)
{
    Pair pair;

    pair_init(&pair, 0, 1);
    for (unsigned form = 0; form < ARRAY_LEN(forms); form++) {
        for (uint16_t size = 1; size <= 8; size++) {
            bool is_split = !(forms[form] & PACKED);
            unsigned most = forms[form] & INDIRECT ? 3 : MIN(3, size);

            if (is_split && size & (size - 1)) {
                continue;
            }
            for (unsigned out = 0; out <= most; out++) {
                for (unsigned in = out ? 0 : 1; in + out <= most; in++) {
                    pair_renew(&pair, forms[form], size);
                    for (unsigned round = 0; round < 3u * size; round++) {
                        send_one(&pair, out, in, round);
                    }
                }
            }
        }
    }
    g_assert_null(pair.why);
    pair_clear(&pair);
}

/* As many as fit, given back in the other order, all at once. */
static void test_buffers_come_back_in_any_order(void)
{
    Pair pair;
    MadePart parts[MADE_PARTS_MAX];
    unsigned count = make_parts(parts, 1, 1);

    pair_init(&pair, 0, 1);
    for (unsigned form = 0; form < ARRAY_LEN(forms); form++) {
        pair_renew(&pair, forms[form], 8);
        for (unsigned round = 0; round < 5; round++) {
            VirtqElement *elements[8];
            int ids[9]; /* the last is that there is no room */
            unsigned n = 0;
            uint32_t bytes;

            while ((ids[n] = made_driver_add(&pair.driver, parts, count)) >= 0) {
                elements[n] = virtqueue_pop(&pair.queue, sizeof(VirtqElement));
                g_assert_nonnull(elements[n++]);
            }
            g_assert_cmpuint(n, ==, forms[form] & INDIRECT ? 8 : 4);
            for (unsigned i = n; i-- > 0;) {
                virtqueue_fill(&pair.queue, elements[i], i);
                g_free(elements[i]);
            }
            g_assert_cmpint(made_driver_get(&pair.driver, &bytes), ==, -1);
            virtqueue_flush(&pair.queue);
            for (unsigned i = n; i-- > 0;) {
                g_assert_cmpint(made_driver_get(&pair.driver, &bytes), ==, ids[i]);
                g_assert_cmpuint(bytes, ==, i);
            }
        }
    }
    pair_clear(&pair);
}

static void test_unpop_gives_the_same_again(void)
{
    Pair pair;
    MadePart parts[MADE_PARTS_MAX];
    unsigned count = make_parts(parts, 1, 1);

    pair_init(&pair, 0, 1);
    for (unsigned form = 0; form < ARRAY_LEN(forms); form++) {
        pair_renew(&pair, forms[form], 4);
        for (unsigned round = 0; round < 9; round++) {
            int id = made_driver_add(&pair.driver, parts, count);
            uint32_t bytes;

            for (unsigned again = 0; again < 3; again++) {
                g_autofree VirtqElement *element =
                    virtqueue_pop(&pair.queue, sizeof(*element));

                g_assert_nonnull(element);
                g_assert_true(virtqueue_is_empty(&pair.queue));
                if (again < 2) {
                    virtqueue_unpop(&pair.queue, element);
                } else {
                    virtqueue_push(&pair.queue, element, 7);
                }
            }
            g_assert_cmpint(made_driver_get(&pair.driver, &bytes), ==, id);
        }
    }
    pair_clear(&pair);
}

/* Wherever the driver asks for an interrupt, it gets one for the buffer it asked for and
 * for no other; likewise kicks. */
static void test_each_side_is_told_when_it_asked(void)
{
    Pair pair;
    MadePart parts[MADE_PARTS_MAX];
    unsigned count = make_parts(parts, 1, 0);

    pair_init(&pair, 0, 1);
    for (unsigned form = 0; form < ARRAY_LEN(forms); form++) {
        bool has_event = forms[form] & EVENT;

        pair_renew(&pair, forms[form], 4);
        made_driver_ask(&pair.driver, true);
        for (unsigned round = 0; round < 64; round++) {
            /* Buffers at once, and how often the driver looked in between. */
            unsigned batch = 1 + round % 4, looks = round / 4 % 4;
            uint32_t bytes;

            for (unsigned i = 0; i < batch; i++) {
                g_autofree VirtqElement *element = NULL;

                made_driver_add(&pair.driver, parts, count);
                g_assert_true(made_driver_should_kick(&pair.driver));
                virtqueue_set_kicks(&pair.queue, true);
                element = virtqueue_pop(&pair.queue, sizeof(*element));
                virtqueue_push(&pair.queue, element, 0);
                /* With an event index the first one since it asked; else each. */
                g_assert_true(virtqueue_wants_interrupt(&pair.queue) ==
                              (!has_event || i == 0));
            }
            while (made_driver_get(&pair.driver, &bytes) >= 0) {
            }
            made_driver_ask(&pair.driver, looks != 3);
            if (looks == 3) {
                g_autofree VirtqElement *element = NULL;

                virtqueue_set_kicks(&pair.queue, false);
                made_driver_add(&pair.driver, parts, count);
                g_assert_false(made_driver_should_kick(&pair.driver));
                element = virtqueue_pop(&pair.queue, sizeof(*element));
                virtqueue_push(&pair.queue, element, 0);
                g_assert_false(virtqueue_wants_interrupt(&pair.queue));
                g_assert_cmpint(made_driver_get(&pair.driver, &bytes), >=, 0);
                made_driver_ask(&pair.driver, true);
                virtqueue_set_kicks(&pair.queue, true);
            }
        }
        g_assert_null(pair.why);
    }
    pair_clear(&pair);
}

/* ---- two threads ---- */

#define RACE_BUFFERS 50000

typedef struct Race {
    Pair pair;
    GMutex lock;
    GCond changed;
    bool is_kicked, is_interrupted;
} Race;

static void race_set(Race *race, bool *what)
{
    g_mutex_lock(&race->lock);
    *what = true;
    g_cond_broadcast(&race->changed);
    g_mutex_unlock(&race->lock);
}

/* Sleeps until the other side called; false after too long: it never will. */
static bool race_wait(Race *race, bool *what)
{
    gint64 end = g_get_monotonic_time() + 60 * G_TIME_SPAN_SECOND;
    bool was;

    g_mutex_lock(&race->lock);
    while (!*what && g_cond_wait_until(&race->changed, &race->lock, end)) {
    }
    was = *what;
    *what = false;
    g_mutex_unlock(&race->lock);
    return was;
}

static gpointer race_device(gpointer data)
{
    Race *race = data;
    VirtQueue *queue = &race->pair.queue;

    for (unsigned done = 0; done < RACE_BUFFERS;) {
        g_autofree VirtqElement *element = virtqueue_pop(queue, sizeof(*element));

        if (!element) {
            g_assert_true(race_wait(race, &race->is_kicked));
            continue;
        }
        virtqueue_push(queue, element, 0);
        if (virtqueue_wants_interrupt(queue)) {
            race_set(race, &race->is_interrupted);
        }
        done++;
    }
    return NULL;
}

static void test_no_kick_and_no_interrupt_is_lost(gconstpointer data)
{
    Race race = {.is_kicked = false};
    MadeDriver *driver = &race.pair.driver;
    MadePart parts[MADE_PARTS_MAX];
    unsigned count = make_parts(parts, 1, 0), added = 0, got = 0;
    GThread *thread;

    pair_init(&race.pair, *(const uint64_t *)data, 4);
    g_mutex_init(&race.lock);
    g_cond_init(&race.changed);
    thread = g_thread_new("device", race_device, &race);
    while (got < RACE_BUFFERS) {
        uint32_t bytes;

        while (added < RACE_BUFFERS && made_driver_add(driver, parts, count) >= 0) {
            added++;
            if (made_driver_should_kick(driver)) {
                race_set(&race, &race.is_kicked);
            }
        }
        if (made_driver_get(driver, &bytes) >= 0) {
            got++;
            continue;
        }
        made_driver_ask(driver, true);
        if (made_driver_get(driver, &bytes) >= 0) {
            got++;
        } else {
            g_assert_true(race_wait(&race, &race.is_interrupted));
        }
    }
    g_thread_join(thread);
    g_assert_null(race.pair.why);
    g_mutex_clear(&race.lock);
    g_cond_clear(&race.changed);
    pair_clear(&race.pair);
}

/* ---- drivers that do it wrong ---- */

static void put(Pair *pair, uint64_t gpa, uint64_t value, unsigned bytes)
{
    value = GUINT64_TO_LE(value);
    memcpy(made_memory_at(pair->memory, gpa, bytes), &value, bytes);
}

static void put_desc(Pair *pair, uint64_t gpa, uint64_t address, uint32_t bytes,
                     uint16_t first, uint16_t second)
{
    put(pair, gpa, address, 8);
    put(pair, gpa + 8, bytes, 4);
    put(pair, gpa + 12, first, 2);
    put(pair, gpa + 14, second, 2);
}

/* What the specification lets a chain of a split ring of two descriptors be. */
static bool is_valid_chain(unsigned head, const unsigned flags[2], const unsigned next[2])
{
    bool was_in = false;

    for (unsigned at = head, steps = 0; steps < 2; steps++, at = next[at]) {
        bool is_in;

        if (at >= 2 || flags[at] & VRING_DESC_F_INDIRECT) {
            return false; /* a table was not negotiated */
        }
        is_in = flags[at] & VRING_DESC_F_WRITE;
        if (was_in && !is_in) {
            return false;
        }
        was_in = is_in;
        if (!(flags[at] & VRING_DESC_F_NEXT)) {
            return true;
        }
    }
    return false;
}

static void test_every_chain_of_two_is_taken_or_breaks(void)
{
    Pair pair;

    pair_init(&pair, 0, 2);
    for (unsigned code = 0; code < 1u << 12; code++) {
        unsigned head = code & 3;
        unsigned flags[] = {code >> 2 & 7, code >> 5 & 7};
        unsigned next[] = {code >> 8 & 3, code >> 10 & 3};
        g_autofree VirtqElement *element = NULL;

        pair_renew(&pair, 0, 2);
        for (unsigned i = 0; i < 2; i++) {
            put_desc(&pair, RING_GPA + 16 * i, BUFFER_GPA, 16, (uint16_t)flags[i],
                     (uint16_t)next[i]);
        }
        put(&pair, pair.driver.driver_gpa + 4, head, 2);
        put(&pair, pair.driver.driver_gpa + 2, 1, 2);
        element = virtqueue_pop(&pair.queue, sizeof(*element));
        g_assert_true((element != NULL) == is_valid_chain(head, flags, next));
        g_assert_true((element == NULL) == (pair.why != NULL));
    }
    pair_clear(&pair);
}

/* The driver's index may be as far ahead as the ring is long. */
static void test_every_index_is_near_or_breaks(void)
{
    Pair pair;

    pair_init(&pair, 0, 4);
    for (unsigned index = 0; index <= UINT16_MAX; index++) {
        unsigned popped = 0;
        VirtqElement *element;

        pair_renew(&pair, 0, 4);
        for (unsigned i = 0; i < 4; i++) {
            put_desc(&pair, RING_GPA + 16 * i, BUFFER_GPA, 16, 0, 0);
            put(&pair, pair.driver.driver_gpa + 4 + 2 * i, i, 2);
        }
        put(&pair, pair.driver.driver_gpa + 2, index, 2);
        while ((element = virtqueue_pop(&pair.queue, sizeof(*element)))) {
            g_free(element);
            popped++;
        }
        g_assert_cmpuint(popped, ==, index <= 4 ? index : 0);
        g_assert_true((index > 4) == (pair.why != NULL));
    }
    pair_clear(&pair);
}

/* A driver that makes the same buffer available for ever is stopped at the ring's size.
 */
static void test_more_buffers_than_places_break(void)
{
    Pair pair;

    pair_init(&pair, 0, 4);
    for (unsigned i = 0; i < 5; i++) {
        g_autofree VirtqElement *element = NULL;

        put_desc(&pair, RING_GPA, BUFFER_GPA, 16, 0, 0);
        put(&pair, pair.driver.driver_gpa + 2, i + 1, 2);
        element = virtqueue_pop(&pair.queue, sizeof(*element));
        g_assert_true((element != NULL) == (i < 4));
    }
    g_assert_cmpstr(pair.why, ==, "there are more buffers than the ring has places");
    pair_clear(&pair);
}

typedef struct BadDesc {
    const char *why;
    uint64_t gpa;
    uint32_t bytes;
    uint16_t flags, next;
    uint64_t form;
} BadDesc;

#define TABLE_GPA 0x18000

/* One descriptor in the first place of the ring; with a table, one that points back. */
static const BadDesc bad_descs[] = {
    {"a part of a buffer is empty", BUFFER_GPA, 0, 0, 0, 0},
    {"a part of a buffer is not all RAM", RAM_BYTES, 1, 0, 0, 0},
    {"a part of a buffer is not all RAM", RAM_BYTES - 1, 2, 0, 0, 0},
    {"a part of a buffer is not all RAM", UINT64_MAX, 2, 0, 0, 0},
    {"a part of a buffer is not all RAM", 0, UINT32_MAX, 0, 0, 0},
    {"a table of descriptors was not negotiated", TABLE_GPA, 16, 4, 0, 0},
    {"a descriptor follows a table", TABLE_GPA, 16, 5, 1, INDIRECT},
    {"a table has not whole descriptors", TABLE_GPA, 15, 4, 0, INDIRECT},
    {"a table has not whole descriptors", TABLE_GPA, 0, 4, 0, INDIRECT},
    {"a table of descriptors is not all RAM", RAM_BYTES - 16, 32, 4, 0, INDIRECT},
    {"a table points at a table", TABLE_GPA, 16, 4, 0, INDIRECT},
    {"a table points at a table", TABLE_GPA, 32, 4, 0, INDIRECT},
    {"a chain of descriptors has no end", BUFFER_GPA, 16, 1, 0, 0},
};

static void test_bad_descriptors_break(void)
{
    Pair pair;

    pair_init(&pair, 0, 4);
    for (unsigned i = 0; i < ARRAY_LEN(bad_descs); i++) {
        const BadDesc *bad = &bad_descs[i];

        pair_renew(&pair, bad->form, 4);
        put_desc(&pair, RING_GPA, bad->gpa, bad->bytes, bad->flags, bad->next);
        put_desc(&pair, TABLE_GPA, TABLE_GPA, 16, 4, 0);
        put(&pair, pair.driver.driver_gpa + 2, 1, 2);
        g_assert_null(virtqueue_pop(&pair.queue, sizeof(VirtqElement)));
        g_assert_cmpstr(pair.why, ==, bad->why);
        g_assert_true(virtqueue_is_empty(&pair.queue));
        g_assert_false(virtqueue_wants_interrupt(&pair.queue));

        /* The same in a packed ring, all of whose places go on to the next. */
        pair_renew(&pair, bad->form | PACKED, 4);
        for (unsigned place = 0; place < 4; place++) {
            put_desc(&pair, RING_GPA + 16 * place, bad->gpa, bad->bytes, 0,
                     bad->flags | 0x80);
        }
        put_desc(&pair, TABLE_GPA, TABLE_GPA, 16, 0, 4);
        g_assert_null(virtqueue_pop(&pair.queue, sizeof(VirtqElement)));
        g_assert_cmpstr(pair.why, ==, bad->why);
    }
    pair_clear(&pair);
}

/* A table of as many parts as fit is taken, one more breaks; so does a buffer of more
 * than 4 GiB. */
static void test_long_tables_have_an_end(void)
{
    Pair pair;

    pair_init(&pair, 0, 4);
    for (unsigned packed = 0; packed < 2; packed++) {
        for (unsigned more = 0; more < 2; more++) {
            unsigned count = VIRTQUEUE_MAX_PARTS + more;
            g_autofree VirtqElement *element = NULL;

            pair_renew(&pair, INDIRECT | (packed ? PACKED : 0), 4);
            for (unsigned i = 0; i < count; i++) {
                uint16_t flags = i + 1 < count && !packed ? VRING_DESC_F_NEXT : 0;

                put_desc(&pair, 0x30000 + 16 * i, BUFFER_GPA, 16, flags,
                         packed ? 0 : (uint16_t)(i + 1));
            }
            put_desc(&pair, RING_GPA, 0x30000, count * 16, packed ? 0 : 4,
                     packed ? 4 | 0x80 : 0);
            put(&pair, pair.driver.driver_gpa + 2, packed ? 0 : 1, 2);
            element = virtqueue_pop(&pair.queue, sizeof(*element));
            g_assert_true((element != NULL) == !more);
            g_assert_true(more || element->out_count == VIRTQUEUE_MAX_PARTS);
        }
    }
    pair_clear(&pair);
}

static void test_bad_rings_do_not_come_on(void)
{
    static const struct {
        const char *why;
        uint64_t form;
        uint16_t size;
        uint64_t desc, driver, device;
    } rows[] = {
        {"its size is not one the device has", 0, 0, 0, 0, 0},
        {"its size is not one the device has", 0, 128, 0, 0, 0},
        {"its size is not a power of two", 0, 3, 0, 0, 0},
        {"a ring is not aligned", 0, 4, 8, 0, 0},
        {"a ring is not aligned", 0, 4, 0, 1, 0},
        {"a ring is not aligned", 0, 4, 0, 0, 2},
        {"a ring is not aligned", PACKED, 3, 0, 2, 0},
        {"a ring is not all RAM", 0, 4, RAM_BYTES - 48, 0, 0},
        {"a ring is not all RAM", 0, 4, 0, RAM_BYTES - 4, 0},
        {"a ring is not all RAM", 0, 4, 0, 0, UINT64_MAX - 3},
        {"a ring is not all RAM", PACKED, 4, 0, 0, RAM_BYTES},
    };
    Pair pair;

    pair_init(&pair, 0, 4);
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        pair.why = NULL;
        virtqueue_init(&pair.queue, pair.memory, 0, 64, on_broken, &pair);
        pair.queue.size = rows[i].size;
        pair.queue.desc_gpa = rows[i].desc;
        pair.queue.driver_gpa = rows[i].driver;
        pair.queue.device_gpa = rows[i].device;
        g_assert_false(virtqueue_enable(&pair.queue, rows[i].form));
        g_assert_cmpstr(pair.why, ==, rows[i].why);
        g_assert_null(virtqueue_pop(&pair.queue, sizeof(VirtqElement)));
    }
    pair_clear(&pair);
}

/* ---- state ---- */

/* A queue that is saved and loaded at any point goes on as if nothing had been. */
static void test_a_loaded_queue_goes_on(void)
{
    Pair pair;

    pair_init(&pair, 0, 1);
    for (unsigned form = 0; form < ARRAY_LEN(forms); form++) {
        pair_renew(&pair, forms[form], 4);
        for (unsigned round = 0; round < 20; round++) {
            g_autoptr(GByteArray) bytes = g_byte_array_new();
            g_autoptr(GError) error = NULL;

            send_one(&pair, 1, 1, round);
            state_table_save(&virtqueue_state, &pair.queue, NULL, bytes);
            virtqueue_init(&pair.queue, pair.memory, 0, 64, on_broken, &pair);
            state_table_load(&virtqueue_state, &pair.queue, NULL, bytes->data, bytes->len,
                             &error);
            g_assert_no_error(error);
            g_assert_true(virtqueue_resume(&pair.queue, forms[form], &error));
        }
    }
    pair_clear(&pair);
}

static void test_a_loaded_queue_is_checked(void)
{
    Pair pair;
    g_autoptr(GError) error = NULL;

    pair_init(&pair, PACKED, 4);
    pair.queue.avail = 4;
    g_assert_false(virtqueue_resume(&pair.queue, PACKED, &error));
    g_assert_cmpstr(error->message, ==, "virtqueue 0: it is at a place behind its end");
    g_clear_error(&error);
    pair.queue.avail = 0;
    pair.queue.desc_gpa = RAM_BYTES;
    g_assert_false(virtqueue_resume(&pair.queue, PACKED, &error));
    g_assert_cmpstr(error->message, ==, "virtqueue 0: a ring is not all RAM");
    pair_clear(&pair);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/virtqueue/every-shape-goes-through", test_every_shape_goes_through);
    g_test_add_func("/virtqueue/buffers-come-back-in-any-order",
                    test_buffers_come_back_in_any_order);
    g_test_add_func("/virtqueue/unpop-gives-the-same-again",
                    test_unpop_gives_the_same_again);
    g_test_add_func("/virtqueue/each-side-is-told-when-it-asked",
                    test_each_side_is_told_when_it_asked);
    for (unsigned i = 0; i < ARRAY_LEN(forms); i++) {
        g_autofree char *path = g_strdup_printf(
            "/virtqueue/nothing-is-lost/%" G_GINT64_MODIFIER "x", forms[i]);

        g_test_add_data_func(path, &forms[i], test_no_kick_and_no_interrupt_is_lost);
    }
    g_test_add_func("/virtqueue/every-chain-of-two",
                    test_every_chain_of_two_is_taken_or_breaks);
    g_test_add_func("/virtqueue/every-index", test_every_index_is_near_or_breaks);
    g_test_add_func("/virtqueue/more-buffers-than-places",
                    test_more_buffers_than_places_break);
    g_test_add_func("/virtqueue/bad-descriptors", test_bad_descriptors_break);
    g_test_add_func("/virtqueue/long-tables", test_long_tables_have_an_end);
    g_test_add_func("/virtqueue/bad-rings", test_bad_rings_do_not_come_on);
    g_test_add_func("/virtqueue/loaded-goes-on", test_a_loaded_queue_goes_on);
    g_test_add_func("/virtqueue/loaded-is-checked", test_a_loaded_queue_is_checked);
    return g_test_run();
}
