/* SPDX-License-Identifier: GPL-2.0-or-later */
/* virtio-balloon, as a driver and an operator see it. */
#include <string.h>

#include "hw/balloon.h"
#include "made-virtio.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"

/* Source: VIRTIO 1.2, 5.5. */
enum {
    INFLATE,
    DEFLATE,
    STATS,
    REPORTING
};
#define F_STATS     BIT64(1)
#define F_OOM       BIT64(2)
#define F_POISON    BIT64(4)
#define F_REPORTING BIT64(5)

enum {
    NUM_PAGES = MMIO_CONFIG,
    ACTUAL = MMIO_CONFIG + 4,
    POISON = MMIO_CONFIG + 12
};

#define PAGE_GPA 0xc0000

static const char *const no_settings[] = {NULL};

static void edit(MadeVirtio *made)
{
    made->plan->ram_bytes = MADE_RAM_BYTES;
}

static MadeVirtio *made_with(const char *const *settings)
{
    return made_virtio_new("virtio-balloon-device", settings, edit);
}

static Object *config_of(MadeVirtio *made)
{
    return g_ptr_array_index(made->configs, 0);
}

static uint8_t *page(MadeVirtio *made, unsigned index)
{
    return made_memory_at(made->machine.memory, PAGE_GPA + index * 4096, 4096);
}

/* Puts @bytes of @data into a buffer on @queue, for the device to read. */
static void send(MadeVirtio *made, unsigned queue, const void *data, uint32_t bytes)
{
    memcpy(made_memory_at(made->machine.memory, MADE_BUFFER_GPA, bytes), data, bytes);
    made_virtio_add(made, queue, MADE_BUFFER_GPA, bytes, false);
}

static void test_features_follow_properties(void)
{
    static const char *const all[] = {"deflate-on-oom=on", "free-page-reporting=on",
                                      "page-poison=off", NULL};
    g_autoptr(MadeVirtio) made = made_with(no_settings);
    g_autoptr(MadeVirtio) other = NULL;

    g_assert_cmphex(made_virtio_features(made) & 0xff, ==, F_STATS | F_POISON);
    made_virtio_write(made, MMIO_QUEUE_SEL, REPORTING);
    g_assert_cmpuint(made_virtio_read(made, MMIO_QUEUE_NUM_MAX), ==, 0);
    other = made_with(all);
    g_assert_cmphex(made_virtio_features(other) & 0xff, ==,
                    F_STATS | F_OOM | F_REPORTING);
    made_virtio_write(other, MMIO_QUEUE_SEL, REPORTING);
    g_assert_cmpuint(made_virtio_read(other, MMIO_QUEUE_NUM_MAX), ==, 32);
}

/* The operator asks, the guest hears by an interrupt, gives pages and says so. */
static void test_guest_gives_memory_back(void)
{
    g_autoptr(MadeVirtio) made = made_with(no_settings);
    const uint32_t pfns[] = {GUINT32_TO_LE(PAGE_GPA >> 12),
                             GUINT32_TO_LE((PAGE_GPA >> 12) + 2),
                             GUINT32_TO_LE(UINT32_MAX)}; /* one that is not there */
    uint32_t bytes, generation;
    uint64_t size = 0;
    json_object *data;

    made_virtio_start(made, 0, 2);
    generation = made_virtio_read(made, MMIO_CONFIG_GENERATION);
    g_assert_true(machine_balloon_set(&made->machine, MADE_RAM_BYTES - 2 * 4096, NULL));
    g_assert_true(made->level);
    g_assert_cmpuint(made_virtio_read(made, MMIO_INTERRUPT_STATUS), ==, 2);
    g_assert_cmpuint(made_virtio_read(made, MMIO_CONFIG_GENERATION), !=, generation);
    g_assert_cmpuint(made_virtio_read(made, NUM_PAGES), ==, 2);
    for (unsigned i = 0; i < 3; i++) {
        memset(page(made, i), 0xaa, 4096);
    }
    send(made, INFLATE, pfns, sizeof(pfns));
    g_assert_cmpint(made_driver_get(&made->drivers[INFLATE], &bytes), ==, 0);
    g_assert_cmphex(*page(made, 0), ==, 0);
    g_assert_cmphex(*page(made, 1), ==, 0xaa);
    g_assert_cmphex(*page(made, 2), ==, 0);
    g_assert_cmphex(made_virtio_read(made, MMIO_STATUS), ==, STATUS_READY);

    g_assert_null(made->event);
    made_virtio_write(made, ACTUAL, 2);
    g_assert_true(machine_balloon_size(&made->machine, &size, NULL));
    g_assert_cmpuint(size, ==, MADE_RAM_BYTES - 2 * 4096);
    json_object_object_get_ex(made->event, "data", &data);
    json_object_object_get_ex(data, "actual", &data);
    g_assert_cmpint(json_object_get_int64(data), ==, MADE_RAM_BYTES - 2 * 4096);
}

static void test_more_than_all_is_all(void)
{
    g_autoptr(MadeVirtio) made = made_with(no_settings);

    made_virtio_start(made, 0, 2);
    g_assert_true(machine_balloon_set(&made->machine, UINT64_MAX, NULL));
    g_assert_cmpuint(made_virtio_read(made, NUM_PAGES), ==, 0);
    g_assert_true(machine_balloon_set(&made->machine, 0, NULL));
    g_assert_cmpuint(made_virtio_read(made, NUM_PAGES), ==, MADE_RAM_BYTES / 4096);
}

static void test_a_machine_without_says_so(void)
{
    g_autoptr(MadeVirtio) made = made_virtio_new("virtio-rng-device", no_settings, edit);
    g_autoptr(GError) error = NULL;
    uint64_t size;

    g_assert_false(machine_balloon_size(&made->machine, &size, &error));
    g_assert_error(error, VPMU_ERROR, VPMU_ERROR_NOT_ACTIVE);
}

/* Free pages go back; not those of a guest that fills them with a pattern of its own. */
static void test_reported_pages_go_back(void)
{
    static const char *const settings[] = {"free-page-reporting=on", NULL};
    g_autoptr(MadeVirtio) made = made_with(settings);

    for (unsigned poison = 0; poison < 2; poison++) {
        made_virtio_start(made, F_STATS | F_POISON | F_REPORTING, 4);
        made_virtio_write(made, POISON, poison ? 0xaa : 0);
        for (unsigned i = 0; i < 4; i++) {
            memset(page(made, i), 0xaa, 4096);
        }
        /* Not on the borders of pages: only what is whole goes. */
        made_virtio_add(made, REPORTING, PAGE_GPA + 1, 3 * 4096, true);
        for (unsigned i = 0; i < 4; i++) {
            g_assert_cmphex(page(made, i)[2], ==, poison || i == 0 || i == 3 ? 0xaa : 0);
        }
    }
}

static char *stats_of(MadeVirtio *made, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autojson *all = object_get_json(config_of(made), "guest-stats", &error);
    json_object *stats, *value;

    g_assert_no_error(error);
    json_object_object_get_ex(all, "stats", &stats);
    g_assert_true(json_object_object_get_ex(stats, name, &value));
    return g_strdup(json_object_to_json_string(value));
}

/* The buffer stays with the device until the interval is over, then the guest may fill it
 * anew. */
static void test_statistics_are_asked_for(void)
{
    /* tag, value: 16 and 64 bits, packed.  5 is total memory, 200 is unknown. */
    static const uint8_t stats[] = {5,   0, 0, 16, 0, 0, 0, 0, 0, 0,
                                    200, 0, 1, 1,  1, 1, 1, 1, 1, 1};
    g_autoptr(MadeVirtio) made = made_with(no_settings);
    g_autoptr(GError) error = NULL;
    g_autofree char *before = stats_of(made, "stat-total-memory");
    g_autofree char *after = NULL;
    uint32_t bytes;

    g_assert_cmpstr(before, ==, "18446744073709551615");
    made_virtio_start(made, F_STATS, 3);
    send(made, STATS, stats, sizeof(stats));
    after = stats_of(made, "stat-total-memory");
    g_assert_cmpstr(after, ==, "4096");
    g_assert_cmpint(made_driver_get(&made->drivers[STATS], &bytes), ==, -1);
    object_freeze(config_of(made));
    object_set_string(config_of(made), "guest-stats-polling-interval", "1", ORIGIN_USER,
                      &error);
    g_assert_no_error(error);
    while (made_driver_get(&made->drivers[STATS], &bytes) < 0) {
        g_main_context_iteration(NULL, true);
    }
}

static void test_a_loaded_balloon_is_as_large(void)
{
    g_autoptr(MadeVirtio) made = made_with(no_settings);
    g_autoptr(GPtrArray) sections = NULL;
    g_autoptr(GError) error = NULL;
    uint64_t size = 0;

    made_virtio_start(made, F_POISON, 2);
    machine_balloon_set(&made->machine, MADE_RAM_BYTES / 2, NULL);
    made_virtio_write(made, ACTUAL, 7);
    made_virtio_write(made, POISON, 0x5a);
    sections = made_virtio_save(made);
    g_assert_true(made_virtio_load(made, sections, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(made_virtio_read(made, NUM_PAGES), ==, MADE_RAM_BYTES / 2 / 4096);
    g_assert_cmpuint(made_virtio_read(made, POISON), ==, 0x5a);
    g_assert_true(machine_balloon_size(&made->machine, &size, NULL));
    g_assert_cmpuint(size, ==, MADE_RAM_BYTES - 7 * 4096);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/virtio-balloon/features", test_features_follow_properties);
    g_test_add_func("/virtio-balloon/inflate", test_guest_gives_memory_back);
    g_test_add_func("/virtio-balloon/limits", test_more_than_all_is_all);
    g_test_add_func("/virtio-balloon/none", test_a_machine_without_says_so);
    g_test_add_func("/virtio-balloon/reporting", test_reported_pages_go_back);
    g_test_add_func("/virtio-balloon/statistics", test_statistics_are_asked_for);
    g_test_add_func("/virtio-balloon/loaded", test_a_loaded_balloon_is_as_large);
    return g_test_run();
}
