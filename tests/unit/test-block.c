/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images: what options say of them, who may have them, and what is done with them. */
#include "block/block.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "util/bits.h"

#define IMAGE_BYTES (1 * MIB)

typedef struct Image {
    char *folder, *path;
} Image;

static Image image_new(uint64_t bytes)
{
    Image image = {g_dir_make_tmp("vpmu-block-XXXXXX", NULL), NULL};
    int fd;

    image.path = g_build_filename(image.folder, "disk.img", NULL);
    fd = open(image.path, O_CREAT | O_WRONLY, 0600);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, (off_t)bytes), ==, 0);
    close(fd);
    return image;
}

static void image_clear(Image *image)
{
    g_unlink(image->path);
    g_rmdir(image->folder);
    g_free(image->path);
    g_free(image->folder);
}

/* Not every file system of a temporary folder has direct access. */
static bool has_direct_access(const Image *image)
{
    int fd = open(image->path, O_RDONLY | O_DIRECT);

    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

static bool skips(Image *image, const char *settings)
{
    bool is_direct = strstr(settings, "none") || strstr(settings, "direct");

    if (!is_direct || has_direct_access(image)) {
        return false;
    }
    g_test_skip("the file system of temporary files has no direct access");
    image_clear(image);
    return true;
}

static BlockConfig *drive(const Image *image, const char *settings)
{
    g_autofree char *text =
        g_strdup_printf("file=%s,format=raw%s", image->path, settings);
    g_autoptr(GError) error = NULL;
    BlockConfig *config = block_config_parse_drive(text, 0, &error);

    g_assert_no_error(error);
    return config;
}

static BlockNode *opened(const BlockConfig *config)
{
    g_autoptr(GError) error = NULL;
    BlockNode *node = block_node_open(config, NULL, true, &error);

    g_assert_no_error(error);
    return node;
}

static void note_done(BlockRequest *request)
{
    *(bool *)request->opaque = true;
}

/* Does one request and waits for it; its errno. */
static int perform(BlockNode *node, BlockOp op, uint64_t offset, void *data,
                   uint64_t bytes)
{
    bool is_done = false;
    struct iovec parts[2] = {{data, bytes / 2},
                             {(uint8_t *)data + bytes / 2, bytes - bytes / 2}};
    BlockRequest request = {.op = op,
                            .may_unmap = true,
                            .offset = offset,
                            .bytes = bytes,
                            .iov = parts,
                            .iov_count = data ? 2 : 0,
                            .done = note_done,
                            .opaque = &is_done};

    block_submit(node, &request);
    block_drain(node);
    g_assert_true(is_done);
    return request.error;
}

static void test_options_that_are_wrong(void)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"if=virtio", "file= is missing"},
        {"file=x,format=qcow2", "format 'qcow2'"},
        {"file=x,cache=some", "cache=some"},
        {"file=x,aio=posix", "aio=posix"},
        {"file=x,discard=maybe", "discard=maybe"},
        {"file=x,if=scsi", "if"},
        {"file=x,media=cdrom", "CD"},
        {"file=x,werror=stop", "werror=stop"},
        {"file=x,bogus=1", "bogus"},
        {"file=x,snapshot=on", "snapshot"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(block_config_parse_drive(rows[i].text, 0, &error));
        g_assert_nonnull(strstr(error->message, rows[i].message));
    }
}

static void test_cache_modes(void)
{
    static const struct {
        const char *mode;
        bool is_direct, is_no_flush, is_writethrough;
    } rows[] = {{"writeback", false, false, false},
                {"none", true, false, false},
                {"writethrough", false, false, true},
                {"directsync", true, false, true},
                {"unsafe", false, true, false}};

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autofree char *text = g_strdup_printf("file=x,cache=%s", rows[i].mode);
        g_autoptr(BlockConfig) config = block_config_parse_drive(text, 3, NULL);

        g_assert_cmpstr(config->id, ==, "virtio3");
        g_assert_true(config->is_direct == rows[i].is_direct);
        g_assert_true(config->is_no_flush == rows[i].is_no_flush);
        g_assert_true(config->is_writethrough == rows[i].is_writethrough);
    }
}

/* libvirt's two nodes, QEMU's one with the file inside, as settings and as JSON. */
static void test_nodes(void)
{
    static const char *const inside[] = {
        "driver=raw,node-name=disk,file.driver=file,file.filename=/x,file.aio=threads",
        "{\"driver\":\"raw\",\"node-name\":\"disk\",\"file\":{\"driver\":\"file\","
        "\"filename\":\"/x\"}}"};
    BlockConfig *below;

    for (unsigned i = 0; i < ARRAY_LEN(inside); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(BlockConfig) node = block_config_parse_node(inside[i], &below, &error);

        g_assert_no_error(error);
        g_assert_cmpstr(node->id, ==, "disk");
        g_assert_cmpstr(node->file, ==, below->node_name);
        g_assert_cmpstr(below->filename, ==, "/x");
        block_config_free(below);
    }
    for (unsigned i = 0; i < 4; i++) {
        static const char *const wrong[] = {
            "driver=qcow2,node-name=d,file=x", "driver=file,node-name=d",
            "driver=file,filename=/x", "{\"driver\":\"raw\",\"file\":[]}"};
        g_autoptr(GError) error = NULL;

        g_assert_null(block_config_parse_node(wrong[i], &below, &error));
        g_assert_null(below);
        g_assert_nonnull(error);
    }
}

static void test_other_formats_are_found_out(void)
{
    Image image = image_new(IMAGE_BYTES);
    g_autofree char *text = g_strdup_printf("file=%s", image.path);
    g_autoptr(BlockConfig) config = block_config_parse_drive(text, 0, NULL);
    g_autoptr(GError) error = NULL;
    int fd = open(image.path, O_WRONLY);

    g_assert_cmpint(write(fd, "QFI\xfb", 4), ==, 4);
    close(fd);
    g_assert_null(block_node_open(config, NULL, true, &error));
    g_assert_nonnull(strstr(error->message, "qcow2"));
    image_clear(&image);
}

/* Of all that is written something is read, with every kind of access. */
static void test_what_is_written_is_read(gconstpointer data)
{
    Image image = image_new(IMAGE_BYTES);
    g_autoptr(BlockConfig) config = drive(&image, data);
    g_autofree uint8_t *model = g_malloc0(IMAGE_BYTES);
    BlockNode *node;

    if (skips(&image, data)) {
        return;
    }
    node = opened(config);
    g_assert_cmpuint(block_node_bytes(node), ==, IMAGE_BYTES);
    for (unsigned i = 0; i < 300; i++) {
        uint64_t offset = (uint64_t)g_test_rand_int_range(0, IMAGE_BYTES / 512) * 512;
        uint64_t bytes = 512 * (uint64_t)g_test_rand_int_range(1, 40);
        uint8_t content[512 * 40];
        int what = g_test_rand_int_range(0, 5);

        bytes = MIN(bytes, IMAGE_BYTES - offset);
        memset(content, g_test_rand_int_range(0, 3), bytes);
        if (what < 2) {
            g_assert_cmpint(perform(node, BLOCK_WRITE, offset, content, bytes), ==, 0);
            memcpy(model + offset, content, bytes);
        } else if (what == 2) {
            g_assert_cmpint(perform(node, BLOCK_WRITE_ZEROES, offset, NULL, bytes), ==,
                            0);
            memset(model + offset, 0, bytes);
        } else {
            g_assert_cmpint(perform(node, BLOCK_READ, offset, content, bytes), ==, 0);
            g_assert_cmpmem(content, bytes, model + offset, bytes);
        }
    }
    g_assert_cmpint(perform(node, BLOCK_FLUSH, 0, NULL, 0), ==, 0);
    g_assert_cmpint(perform(node, BLOCK_DISCARD, 0, NULL, 4096), ==, 0);
    g_assert_cmpuint(block_node_counts(node)->operations[BLOCK_FLUSH], ==, 1);
    block_node_close(node);
    image_clear(&image);
}

/* Larger than a piece, from addresses that direct access cannot use. */
static void test_direct_access_of_much(void)
{
    Image image = image_new(4 * IMAGE_BYTES);
    g_autoptr(BlockConfig) config = drive(&image, ",cache=none");
    BlockNode *node;
    g_autofree uint8_t *space = g_malloc(6 * IMAGE_BYTES);
    uint8_t *out = space + 1, *in = space + 3 * IMAGE_BYTES + 3;
    uint64_t bytes = 2 * IMAGE_BYTES + 512 * 3;

    if (skips(&image, "none")) {
        return;
    }
    node = opened(config);
    for (uint64_t i = 0; i < bytes; i++) {
        out[i] = (uint8_t)(i * 7 + i / 251);
    }
    g_assert_cmpint(perform(node, BLOCK_WRITE, 512, out, bytes), ==, 0);
    g_assert_cmpint(perform(node, BLOCK_READ, 512, in, bytes), ==, 0);
    g_assert_cmpmem(in, bytes, out, bytes);
    g_assert_cmpint(perform(node, BLOCK_READ, 0, in, 512), ==, 0);
    g_assert_cmphex(in[511], ==, 0);
    block_node_close(node);
    image_clear(&image);
}

static void test_outside_is_an_error(void)
{
    Image image = image_new(1000); /* reads as two sectors */
    g_autoptr(BlockConfig) config = drive(&image, "");
    BlockNode *node = opened(config);
    uint8_t sector[512];

    memset(sector, 0xff, sizeof(sector));
    g_assert_cmpuint(block_node_bytes(node), ==, 1024);
    g_assert_cmpint(perform(node, BLOCK_READ, 512, sector, 512), ==, 0);
    g_assert_cmphex(sector[511], ==, 0);
    g_assert_cmpint(perform(node, BLOCK_READ, 1024, sector, 512), ==, EINVAL);
    g_assert_cmpint(perform(node, BLOCK_READ, UINT64_MAX - 511, sector, 512), ==, EINVAL);
    block_node_close(node);
    image_clear(&image);
}

/* One writer; readers among themselves. */
static void test_an_image_has_one_writer(void)
{
    Image image = image_new(IMAGE_BYTES);
    g_autoptr(BlockConfig) writer = drive(&image, "");
    g_autoptr(BlockConfig) reader = drive(&image, ",readonly=on");
    const BlockConfig *configs[] = {reader, writer};

    for (unsigned first = 0; first < 2; first++) {
        for (unsigned second = 0; second < 2; second++) {
            BlockNode *one = opened(configs[first]);
            g_autoptr(GError) error = NULL;
            BlockNode *two = block_node_open(configs[second], NULL, true, &error);

            g_assert_true((two != NULL) == (!first && !second));
            if (!two) {
                g_assert_nonnull(strstr(error->message, image.path));
            }
            block_node_close(two);
            block_node_close(one);
        }
    }
    image_clear(&image);
}

/* A guest that moves: there it is open and not used, and taken when it was let go. */
static void test_an_image_changes_hands(void)
{
    Image image = image_new(IMAGE_BYTES);
    g_autoptr(BlockConfig) config = drive(&image, "");
    BlockNode *here = opened(config), *there;
    g_autoptr(GError) error = NULL;
    uint8_t sector[512] = {7};

    there = block_node_open(config, NULL, false, &error);
    g_assert_no_error(error);
    g_assert_false(block_node_activate(there, NULL));
    g_assert_cmpint(perform(there, BLOCK_WRITE, 0, sector, 512), ==, EROFS);
    g_assert_cmpint(perform(here, BLOCK_WRITE, 0, sector, 512), ==, 0);
    g_assert_true(block_node_inactivate(here, &error));
    g_assert_cmpint(perform(here, BLOCK_WRITE, 0, sector, 512), ==, EROFS);
    g_assert_true(block_node_activate(there, &error));
    g_assert_false(block_node_activate(here, NULL));
    g_assert_cmpint(perform(there, BLOCK_READ, 0, sector, 512), ==, 0);
    g_assert_cmphex(sector[0], ==, 7);
    g_assert_true(block_node_inactivate(there, &error));
    g_assert_true(block_node_activate(here, &error));
    block_node_close(there);
    block_node_close(here);
    image_clear(&image);
}

static void count_resize(void *opaque)
{
    ++*(unsigned *)opaque;
}

static void test_resize(void)
{
    Image image = image_new(IMAGE_BYTES);
    g_autoptr(BlockConfig) config = drive(&image, "");
    BlockNode *node = opened(config);
    unsigned resized = 0;

    block_node_set_resized(node, count_resize, &resized);
    g_assert_true(block_node_resize(node, 2 * IMAGE_BYTES, NULL));
    g_assert_cmpuint(block_node_bytes(node), ==, 2 * IMAGE_BYTES);
    g_assert_false(block_node_resize(node, 1000, NULL));
    g_assert_cmpuint(resized, ==, 1);
    block_node_close(node);
    image_clear(&image);
}

/* The callbacks of many requests come in the main loop, each once. */
static void test_requests_come_back_in_the_main_loop(void)
{
    Image image = image_new(IMAGE_BYTES);
    g_autoptr(BlockConfig) config = drive(&image, "");
    BlockNode *node = opened(config);
    uint8_t data[100][512] = {0};
    struct iovec parts[100];
    BlockRequest requests[100];
    bool done[100] = {false};

    for (unsigned i = 0; i < 100; i++) {
        parts[i] = (struct iovec){data[i], 512};
        requests[i] = (BlockRequest){.op = i % 2 ? BLOCK_READ : BLOCK_WRITE,
                                     .offset = i * 512,
                                     .bytes = 512,
                                     .iov = &parts[i],
                                     .iov_count = 1,
                                     .done = note_done,
                                     .opaque = &done[i]};
        block_submit(node, &requests[i]);
    }
    for (unsigned i = 0; i < 100; i++) {
        while (!done[i]) {
            g_main_context_iteration(NULL, TRUE);
        }
        g_assert_cmpint(requests[i].error, ==, 0);
    }
    block_node_close(node);
    image_clear(&image);
}

int main(int argc, char **argv)
{
    static const char *const kinds[] = {"",
                                        ",cache=none",
                                        ",cache=writethrough",
                                        ",discard=unmap,detect-zeroes=on",
                                        ",cache=directsync,discard=unmap",
                                        NULL};

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/block/options-that-are-wrong", test_options_that_are_wrong);
    g_test_add_func("/block/cache-modes", test_cache_modes);
    g_test_add_func("/block/nodes", test_nodes);
    g_test_add_func("/block/other-formats", test_other_formats_are_found_out);
    for (unsigned i = 0; kinds[i]; i++) {
        g_autofree char *path = g_strdup_printf("/block/read-back/%u", i);

        g_test_add_data_func(path, kinds[i], test_what_is_written_is_read);
    }
    g_test_add_func("/block/direct-access-of-much", test_direct_access_of_much);
    g_test_add_func("/block/outside", test_outside_is_an_error);
    g_test_add_func("/block/one-writer", test_an_image_has_one_writer);
    g_test_add_func("/block/changes-hands", test_an_image_changes_hands);
    g_test_add_func("/block/resize", test_resize);
    g_test_add_func("/block/main-loop", test_requests_come_back_in_the_main_loop);
    return g_test_run();
}
