/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that means harm, against one virtio device (FUZZ_TYPE): it writes registers and
 * its own memory, rings included, while the other ends send bytes and the device is saved
 * and loaded.  The input: one byte of settings, then steps, see the table below.
 */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "block/block.h"
#include "chardev/chardev.h"
#include "made-virtio.h"
#include "net/net.h"

#define REGISTERS_BYTES 0x200
#define IMAGE_BYTES     65536

/* What is left of the input; past its end are zeros. */
typedef struct Input {
    const uint8_t *data;
    size_t left;
} Input;

static uint64_t take(Input *input, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < bytes && input->left; i++, input->left--) {
        value |= (uint64_t)*input->data++ << (8 * i);
    }
    return value;
}

static Chardev *stream;
static int peer;

static Chardev *find_chardev(void *opaque, const char *id)
{
    (void)opaque;
    (void)id;
    return stream;
}

/* The image of a disk, without a name in any folder. */
static GPtrArray *blocks;
static BlockSet *images;

static BlockNode *find_block(void *opaque, const char *id)
{
    (void)opaque;
    return block_set_find(images, id);
}

static void open_image(void)
{
    int fd = memfd_create("disk", 0);
    g_autofree char *text =
        g_strdup_printf("file=/proc/self/fd/%d,format=raw,if=none,id=d", fd);

    fuzz_promise(ftruncate(fd, IMAGE_BYTES) == 0);
    blocks = g_ptr_array_new();
    g_ptr_array_add(blocks, block_config_parse_drive(text, 0, NULL));
    images = block_set_open(blocks, true, NULL);
    fuzz_promise(images);
}

/* What a card is at; its frames come from and go to the peer, too. */
static GPtrArray *net_configs;
static NetSet *nets;

static Netdev *find_net(void *opaque, const char *id)
{
    (void)opaque;
    return net_set_find(nets, id);
}

static void open_net(void)
{
    g_autofree char *text = NULL;
    int fds[2];

    fuzz_promise(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds) == 0);
    text = g_strdup_printf("dgram,id=n,local.type=fd,local.str=%d", fds[0]);
    net_configs = g_ptr_array_new();
    g_ptr_array_add(net_configs, net_config_parse(text, NULL));
    nets = net_set_open(net_configs, true, NULL);
    fuzz_promise(nets);
    peer = fds[1];
}

static void edit(MadeVirtio *made)
{
    made->host.find_net = find_net;
    made->plan->nets = net_configs;
    made->host.find_chardev = find_chardev;
    made->host.find_block = find_block;
    made->plan->blocks = blocks;
}

static void open_stream(void)
{
    g_autofree char *text = NULL;
    ChardevConfig *config;
    int fds[2];

    fuzz_promise(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
    text = g_strdup_printf("socket,id=a,fd=%d", fds[0]);
    config = chardev_config_parse(text, NULL);
    stream = chardev_new(config, NULL);
    fuzz_promise(stream);
    chardev_config_free(config);
    chardev_set_queue_limit(stream, G_MAXINT32);
    peer = fds[1];
}

/* ---- steps ---- */

static void write_register(MadeVirtio *made, Input *input)
{
    unsigned offset = (unsigned)take(input, 2) % REGISTERS_BYTES;

    io_bus_write(made->machine.mmio, made->base + offset, 4, take(input, 4));
}

static void access_config(MadeVirtio *made, Input *input)
{
    unsigned size = 1u << take(input, 1) % 4, offset = (unsigned)take(input, 1);
    uint64_t value = io_bus_read(made->machine.mmio, made->base + offset, size);

    fuzz_promise(size == 8 || value >> (8 * size) == 0);
    io_bus_write(made->machine.mmio, made->base + MMIO_CONFIG + offset, size,
                 take(input, size));
}

static void write_memory(MadeVirtio *made, Input *input)
{
    uint64_t gpa = take(input, 3) % (MADE_RAM_BYTES - 256);
    unsigned bytes = (unsigned)take(input, 1);

    bytes = (unsigned)MIN(bytes, input->left);
    memcpy(made_memory_at(made->machine.memory, gpa, 256), input->data, bytes);
    input->data += bytes;
    input->left -= bytes;
}

/* As a driver begins, with whatever features of those offered. */
static void start(MadeVirtio *made, Input *input)
{
    unsigned queues = (unsigned)take(input, 1) % (MADE_QUEUES_MAX + 1);
    uint64_t features = made_virtio_features(made) & (take(input, 6) | UINT64_C(1) << 32);

    for (; queues; queues--) {
        made_virtio_write(made, MMIO_QUEUE_SEL, queues - 1);
        if (made_virtio_read(made, MMIO_QUEUE_NUM_MAX)) {
            break;
        }
    }
    made_virtio_start(made, features, queues);
}

/* A well made buffer of one or two parts, of which the guest fills the first bytes. */
static void add_buffer(MadeVirtio *made, Input *input)
{
    unsigned queue = (unsigned)take(input, 1) % MADE_QUEUES_MAX;
    unsigned shape = (unsigned)take(input, 1);
    uint64_t gpa = MADE_BUFFER_GPA + ((take(input, 2) << 3) % 0x40000);
    MadePart parts[] = {{gpa, (uint32_t)take(input, 2), shape & 1},
                        {gpa + 0x1000, 64, shape & 3}};

    if (!made->drivers[queue].memory) {
        return;
    }
    for (unsigned i = 0; i < shape >> 4; i++) {
        *made_memory_at(made->machine.memory, gpa + i, 1) = (uint8_t)take(input, 1);
    }
    (void)made_driver_add(&made->drivers[queue], parts, shape & 4 ? 2 : 1);
    made_virtio_write(made, MMIO_QUEUE_NOTIFY, queue);
}

static void look_around(MadeVirtio *made, Input *input)
{
    (void)made;
    (void)input;
    for (unsigned i = 0; i < 8 && g_main_context_iteration(NULL, false); i++) {
    }
}

/* A peer that does not read would have the stream wait. */
static void read_all(void)
{
    uint8_t bytes[4096];

    while (read(peer, bytes, sizeof(bytes)) > 0) {
    }
}

static void send_bytes(MadeVirtio *made, Input *input)
{
    uint8_t bytes[256] = {0};

    read_all();
    if (write(peer, bytes, (size_t)take(input, 1)) > 0) {
        look_around(made, input);
    }
}

/* What can be saved can be loaded. */
static void move(MadeVirtio *made, Input *input)
{
    g_autoptr(GPtrArray) sections = made_virtio_save(made);
    g_autoptr(GError) error = NULL;

    (void)input;
    if (!made_virtio_load(made, sections, &error)) {
        g_printerr("%s\n", error->message);
    }
    fuzz_promise(!error);
}

static void (*const steps[])(MadeVirtio *made, Input *input) = {
    write_register, access_config, write_memory, start,
    add_buffer,     look_around,   send_bytes,   move,
};

static void plug_ports(MadeVirtio *made)
{
    static const char *const settings[] = {"chardev=a", "name=a", NULL};
    static const char *const none[] = {NULL};

    fuzz_promise(made_virtio_plug(made, "virtserialport", "p", settings, NULL));
    fuzz_promise(made_virtio_plug(made, "virtconsole", "c", none, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool is_disk = strcmp(FUZZ_TYPE, "virtio-blk-device") == 0;
    bool is_card = strcmp(FUZZ_TYPE, "virtio-net-device") == 0;
    const char *settings[] = {is_disk   ? "drive=d"
                              : is_card ? "netdev=n"
                                        : NULL,
                              NULL, NULL};
    Input input = {data, size};
    g_autoptr(MadeVirtio) made = NULL;

    if (!stream) {
        open_stream();
        open_image();
        if (is_card) {
            open_net();
        }
    }
    read_all();
    if (take(&input, 1) & 1) {
        settings[settings[0] ? 1 : 0] = "packed=on";
    }
    made = made_virtio_new(FUZZ_TYPE, settings, edit);
    if (strcmp(FUZZ_TYPE, "virtio-serial-device") == 0) {
        plug_ports(made);
    }
    while (input.left) {
        steps[take(&input, 1) % G_N_ELEMENTS(steps)](made, &input);
    }
    return 0;
}
