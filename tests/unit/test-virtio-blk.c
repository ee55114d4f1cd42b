/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk as a driver has it: requests over a ring, an image behind them. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/virtio_blk.h>
#include <string.h>
#include <unistd.h>

#include "block/block.h"
#include "made-virtio.h"
#include "util/bits.h"

#define IMAGE_BYTES (1 * MIB)
#define HEADER_GPA  MADE_BUFFER_GPA
#define DATA_GPA    (MADE_BUFFER_GPA + 0x1000)
#define STATUS_GPA  (MADE_BUFFER_GPA + 0x800)

/* The image of the one test that runs. */
static struct {
    char *path;
    GPtrArray *configs;
    BlockSet *set;
} disk;

static BlockNode *find_block(void *opaque, const char *id)
{
    (void)opaque;
    return block_set_find(disk.set, id);
}

static void give_disk(MadeVirtio *made)
{
    made->host.find_block = find_block;
    made->plan->blocks = disk.configs;
}

static void disk_open(const char *settings)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    int fd = g_file_open_tmp("vpmu-disk-XXXXXX", &disk.path, NULL);

    g_assert_cmpint(ftruncate(fd, IMAGE_BYTES), ==, 0);
    close(fd);
    text = g_strdup_printf("file=%s,format=raw,if=none,id=d%s", disk.path, settings);
    disk.configs = g_ptr_array_new_with_free_func((GDestroyNotify)block_config_free);
    g_ptr_array_add(disk.configs, block_config_parse_drive(text, 0, &error));
    g_assert_no_error(error);
    disk.set = block_set_open(disk.configs, true, &error);
    g_assert_no_error(error);
}

static void disk_close(void)
{
    block_set_close(disk.set);
    g_ptr_array_unref(disk.configs);
    g_unlink(disk.path);
    g_free(disk.path);
}

static MadeVirtio *started(uint64_t features)
{
    const char *const settings[] = {"drive=d", "serial=number-1",
                                    features & BIT64(34) ? "packed=on" : NULL, NULL};
    MadeVirtio *made = made_virtio_new("virtio-blk-device", settings, give_disk);

    made_virtio_start(made, features, 1);
    return made;
}

static void *at(MadeVirtio *made, uint64_t gpa, uint64_t bytes)
{
    return made_memory_at(made->machine.memory, gpa, bytes);
}

/* One request to its end; the status byte. */
static uint8_t request(MadeVirtio *made, uint32_t type, uint64_t sector, uint32_t bytes,
                       bool is_in)
{
    const struct virtio_blk_outhdr header = {.type = GUINT32_TO_LE(type),
                                             .sector = GUINT64_TO_LE(sector)};
    const MadePart parts[] = {{HEADER_GPA, sizeof(header), false},
                              {DATA_GPA, bytes, is_in},
                              {STATUS_GPA, 1, true}};
    const MadePart two[] = {parts[0], parts[2]};
    uint32_t used;

    memcpy(at(made, HEADER_GPA, sizeof(header)), &header, sizeof(header));
    *(uint8_t *)at(made, STATUS_GPA, 1) = 0xff;
    g_assert_cmpint(
        made_driver_add(&made->drivers[0], bytes ? parts : two, bytes ? 3 : 2), >=, 0);
    made_virtio_write(made, MMIO_QUEUE_NOTIFY, 0);
    while (made_driver_get(&made->drivers[0], &used) < 0) {
        g_main_context_iteration(NULL, TRUE);
    }
    return *(uint8_t *)at(made, STATUS_GPA, 1);
}

static void test_disk(gconstpointer data)
{
    uint64_t features = GPOINTER_TO_SIZE(data);
    g_autoptr(MadeVirtio) made = NULL;
    uint8_t *buffer;

    disk_open("");
    made = started(features);
    buffer = at(made, DATA_GPA, 4096);
    g_assert_cmpuint(made_virtio_read(made, MMIO_CONFIG), ==, IMAGE_BYTES / 512);
    for (unsigned i = 0; i < 20; i++) {
        memset(buffer, (int)i + 1, 4096);
        g_assert_cmphex(request(made, VIRTIO_BLK_T_OUT, i * 9, 4096, false), ==, 0);
    }
    for (unsigned i = 0; i < 19; i++) {
        memset(buffer, 0, 4096);
        g_assert_cmphex(request(made, VIRTIO_BLK_T_IN, i * 9, 4096, true), ==, 0);
        g_assert_cmphex(buffer[0], ==, i + 1);
        g_assert_cmphex(buffer[4095], ==, i + 1);
    }
    g_assert_cmphex(request(made, VIRTIO_BLK_T_FLUSH, 0, 0, false), ==, 0);
    g_assert_cmphex(request(made, VIRTIO_BLK_T_GET_ID, 0, 20, true), ==, 0);
    g_assert_cmpstr((char *)buffer, ==, "number-1");
    g_assert_cmphex(request(made, 99, 0, 0, false), ==, VIRTIO_BLK_S_UNSUPP);
    /* Behind its end, and no whole sectors. */
    g_assert_cmphex(request(made, VIRTIO_BLK_T_IN, IMAGE_BYTES / 512, 512, true), ==, 1);
    g_assert_cmphex(request(made, VIRTIO_BLK_T_IN, UINT64_MAX, 512, true), ==, 1);
    g_assert_cmphex(request(made, VIRTIO_BLK_T_OUT, 0, 100, false), ==, 1);
    g_clear_pointer(&made, made_virtio_free);
    disk_close();
}

static void test_ranges(void)
{
    struct virtio_blk_discard_write_zeroes range = {.num_sectors = GUINT32_TO_LE(8)};
    uint64_t features = BIT64(VIRTIO_BLK_F_DISCARD) | BIT64(VIRTIO_BLK_F_WRITE_ZEROES);
    g_autoptr(MadeVirtio) made = NULL;
    uint8_t *buffer;

    disk_open(",discard=unmap");
    made = started(features);
    buffer = at(made, DATA_GPA, 4096);
    memset(buffer, 5, 4096);
    g_assert_cmphex(request(made, VIRTIO_BLK_T_OUT, 0, 4096, false), ==, 0);
    memcpy(buffer, &range, sizeof(range));
    g_assert_cmphex(request(made, VIRTIO_BLK_T_WRITE_ZEROES, 0, sizeof(range), false), ==,
                    0);
    g_assert_cmphex(request(made, VIRTIO_BLK_T_IN, 0, 4096, true), ==, 0);
    g_assert_cmphex(buffer[0] | buffer[4095], ==, 0);
    range.flags = GUINT32_TO_LE(1); /* unmap is for zeroes alone */
    memcpy(buffer, &range, sizeof(range));
    g_assert_cmphex(request(made, VIRTIO_BLK_T_DISCARD, 0, sizeof(range), false), ==,
                    VIRTIO_BLK_S_UNSUPP);
    range.flags = 0;
    range.sector = GUINT64_TO_LE(IMAGE_BYTES / 512 - 4);
    memcpy(buffer, &range, sizeof(range));
    g_assert_cmphex(request(made, VIRTIO_BLK_T_DISCARD, 0, sizeof(range), false), ==, 1);
    g_assert_cmphex(request(made, VIRTIO_BLK_T_DISCARD, 0, 8, false), ==,
                    VIRTIO_BLK_S_UNSUPP);
    g_clear_pointer(&made, made_virtio_free);
    disk_close();
}

static void test_no_header_no_status(void)
{
    const MadePart wrong[] = {{HEADER_GPA, 16, false}, {HEADER_GPA, 15, false}};

    disk_open("");
    for (unsigned i = 0; i < ARRAY_LEN(wrong); i++) {
        g_autoptr(MadeVirtio) made = started(0);

        made_driver_add(&made->drivers[0], &wrong[i], 1);
        made_virtio_write(made, MMIO_QUEUE_NOTIFY, 0);
        g_assert_true(made_virtio_read(made, MMIO_STATUS) & STATUS_NEEDS_RESET);
    }
    disk_close();
}

/* What is under way when the guest stops has come back before its state is saved. */
static void test_saved_and_loaded_under_way(void)
{
    g_autoptr(MadeVirtio) made = NULL;
    g_autoptr(GPtrArray) sections = NULL;
    g_autoptr(GError) error = NULL;

    disk_open("");
    made = started(0);
    memset(at(made, DATA_GPA, 4096), 0x77, 4096);
    for (unsigned i = 0; i < 2; i++) {
        const MadePart parts[] = {
            {HEADER_GPA, 16, false}, {DATA_GPA, 4096, false}, {STATUS_GPA + i, 1, true}};
        const struct virtio_blk_outhdr header = {.type = GUINT32_TO_LE(VIRTIO_BLK_T_OUT)};

        memcpy(at(made, HEADER_GPA, 16), &header, sizeof(header));
        g_assert_cmpint(made_driver_add(&made->drivers[0], parts, 3), >=, 0);
    }
    made_virtio_write(made, MMIO_QUEUE_NOTIFY, 0);
    sections = made_virtio_save(made);
    made_virtio_renew(made);
    g_assert_true(made_virtio_load(made, sections, &error));
    g_assert_no_error(error);
    for (unsigned i = 0; i < 2; i++) {
        uint32_t used;

        g_assert_cmpint(made_driver_get(&made->drivers[0], &used), >=, 0);
        g_assert_cmphex(*(uint8_t *)at(made, STATUS_GPA + i, 1), ==, 0);
    }
    memset(at(made, DATA_GPA, 4096), 0, 4096);
    g_assert_cmphex(request(made, VIRTIO_BLK_T_IN, 0, 4096, true), ==, 0);
    g_assert_cmphex(*(uint8_t *)at(made, DATA_GPA, 1), ==, 0x77);
    g_clear_pointer(&made, made_virtio_free);
    disk_close();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/virtio-blk/write-through", GSIZE_TO_POINTER(0), test_disk);
    g_test_add_data_func("/virtio-blk/flush", GSIZE_TO_POINTER(BIT64(VIRTIO_BLK_F_FLUSH)),
                         test_disk);
    g_test_add_data_func("/virtio-blk/packed", GSIZE_TO_POINTER(BIT64(34)), test_disk);
    g_test_add_func("/virtio-blk/ranges", test_ranges);
    g_test_add_func("/virtio-blk/no-header", test_no_header_no_status);
    g_test_add_func("/virtio-blk/saved-under-way", test_saved_and_loaded_under_way);
    return g_test_run();
}
