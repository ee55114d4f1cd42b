/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network card as a driver has it; at its network is a socket that the test holds. */
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "made-virtio.h"
#include "net/net.h"
#include "util/bits.h"

#define RX_GPA      MADE_BUFFER_GPA
#define TX_GPA      (MADE_BUFFER_GPA + 0x10000)
#define CONTROL_GPA (MADE_BUFFER_GPA + 0x20000)
#define HEADER      12

#define CONTROL                                                                          \
    (BIT64(VIRTIO_NET_F_CTRL_VQ) | BIT64(VIRTIO_NET_F_CTRL_RX) |                         \
     BIT64(VIRTIO_NET_F_CTRL_RX_EXTRA) | BIT64(VIRTIO_NET_F_CTRL_VLAN) |                 \
     BIT64(VIRTIO_NET_F_CTRL_MAC_ADDR) | BIT64(VIRTIO_NET_F_STATUS) |                    \
     BIT64(VIRTIO_NET_F_GUEST_ANNOUNCE))

static const uint8_t own[] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
static const uint8_t other[] = {0x52, 0x54, 0, 0, 0, 9};
static const uint8_t group[] = {0x33, 0x33, 0, 0, 0, 1};
static const uint8_t everybody[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/* The network of the one test that runs. */
static struct {
    GPtrArray *configs;
    NetSet *set;
    int peer;
} wire;

static Netdev *find_net(void *opaque, const char *id)
{
    (void)opaque;
    return net_set_find(wire.set, id);
}

static void give_wire(MadeVirtio *made)
{
    made->host.find_net = find_net;
    made->plan->nets = wire.configs;
}

static void wire_open(void)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds), ==, 0);
    wire.peer = fds[1];
    text = g_strdup_printf("dgram,id=n,local.type=fd,local.str=%d", fds[0]);
    wire.configs = g_ptr_array_new_with_free_func((GDestroyNotify)net_config_free);
    g_ptr_array_add(wire.configs, net_config_parse(text, &error));
    g_assert_no_error(error);
    wire.set = net_set_open(wire.configs, true, &error);
    g_assert_no_error(error);
}

static void wire_close(void)
{
    net_set_close(wire.set);
    g_ptr_array_unref(wire.configs);
    close(wire.peer);
}

static MadeVirtio *started(uint64_t features)
{
    const char *const settings[] = {"netdev=n", features & BIT64(34) ? "packed=on" : NULL,
                                    NULL};
    MadeVirtio *made = made_virtio_new("virtio-net-device", settings, give_wire);

    made_virtio_start(made, features, features & BIT64(VIRTIO_NET_F_CTRL_VQ) ? 3 : 2);
    return made;
}

static uint8_t *at(MadeVirtio *made, uint64_t gpa, uint64_t bytes)
{
    return made_memory_at(made->machine.memory, gpa, bytes);
}

static void turn(void)
{
    while (g_main_context_iteration(NULL, FALSE)) {
    }
}

/* A frame of @bytes to @mac, whose bytes count. */
static void arrives(const uint8_t *mac, size_t bytes)
{
    g_autofree uint8_t *frame = g_malloc(bytes);

    for (size_t i = 0; i < bytes; i++) {
        frame[i] = (uint8_t)i;
    }
    memcpy(frame, mac, 6);
    g_assert_cmpint(send(wire.peer, frame, bytes, 0), ==, bytes);
    turn();
}

static void add_rx(MadeVirtio *made, unsigned number, uint32_t bytes)
{
    made_virtio_add(made, 0, RX_GPA + number * 0x1000, bytes, true);
}

/* What the driver finds; -1: nothing. */
static int got_rx(MadeVirtio *made)
{
    uint32_t bytes = 0;

    return made_driver_get(&made->drivers[0], &bytes) < 0 ? -1 : (int)bytes;
}

static void test_a_frame_each_way(gconstpointer data)
{
    uint64_t features = GPOINTER_TO_SIZE(data);
    g_autoptr(MadeVirtio) made = NULL;
    uint8_t buffer[2048];
    uint32_t used;

    wire_open();
    made = started(features);
    g_assert_cmphex(made_virtio_read(made, MMIO_DEVICE_ID), ==, 1);
    g_assert_cmphex(made_virtio_read(made, MMIO_CONFIG), ==, 0x12005452);
    for (unsigned i = 0; i < 30; i++) {
        uint8_t *frame = at(made, TX_GPA, 2048);

        memset(frame, 0, HEADER);
        memset(frame + HEADER, (int)i, 100);
        made_virtio_add(made, 1, TX_GPA, HEADER + 100, false);
        g_assert_cmpint(made_driver_get(&made->drivers[1], &used), >=, 0);
        g_assert_cmpint(recv(wire.peer, buffer, sizeof(buffer), 0), ==, 100);
        g_assert_cmphex(buffer[99], ==, i);

        add_rx(made, 0, 2048);
        memset(at(made, RX_GPA, 2048), 0xee, 2048);
        arrives(everybody, 60 + i);
        g_assert_cmpint(got_rx(made), ==, HEADER + 60 + (int)i);
        g_assert_cmphex(at(made, RX_GPA, 16)[10], ==, 1); /* one buffer */
        g_assert_cmphex(at(made, RX_GPA, 16)[0], ==, 0);
        g_assert_cmphex(at(made, RX_GPA, 256)[HEADER + 59 + i], ==, 59 + i);
    }
    g_clear_pointer(&made, made_virtio_free);
    wire_close();
}

static void test_frames_wait_for_buffers(gconstpointer data)
{
    g_autoptr(MadeVirtio) made = NULL;

    wire_open();
    made = started(GPOINTER_TO_SIZE(data));
    for (unsigned i = 0; i < 4; i++) {
        arrives(everybody, 100 + i);
    }
    g_assert_cmpint(got_rx(made), ==, -1);
    for (unsigned i = 0; i < 4; i++) {
        add_rx(made, i, 2048);
        turn();
        g_assert_cmpint(got_rx(made), ==, HEADER + 100 + (int)i);
    }
    g_clear_pointer(&made, made_virtio_free);
    wire_close();
}

static void test_a_frame_in_several_buffers(gconstpointer data)
{
    uint64_t features = GPOINTER_TO_SIZE(data) | BIT64(VIRTIO_NET_F_MRG_RXBUF);
    g_autoptr(MadeVirtio) made = NULL;

    wire_open();
    made = started(features);
    add_rx(made, 0, 100);
    add_rx(made, 1, 100);
    arrives(everybody, 250); /* not yet: they are given back and kept in order */
    g_assert_cmpint(got_rx(made), ==, -1);
    add_rx(made, 2, 100);
    g_assert_cmpint(got_rx(made), ==, 100);
    g_assert_cmpint(got_rx(made), ==, 100);
    g_assert_cmpint(got_rx(made), ==, HEADER + 250 - 200);
    g_assert_cmphex(at(made, RX_GPA, 16)[10], ==, 3);
    g_assert_cmphex(at(made, RX_GPA + 0x1000, 1)[0], ==, 100 - HEADER);
    g_assert_cmphex(at(made, RX_GPA + 0x2000, 64)[61], ==, 249);
    g_clear_pointer(&made, made_virtio_free);
    wire_close();
}

/* Without merging a frame that does not fit is lost, and the buffer is for the next. */
static void test_a_frame_that_does_not_fit(void)
{
    g_autoptr(MadeVirtio) made = NULL;

    wire_open();
    made = started(0);
    add_rx(made, 0, 200);
    arrives(everybody, 250);
    g_assert_cmpint(got_rx(made), ==, -1);
    arrives(everybody, 150);
    g_assert_cmpint(got_rx(made), ==, HEADER + 150);
    g_clear_pointer(&made, made_virtio_free);
    wire_close();
}

/* ---- the control queue ---- */

static uint8_t command(MadeVirtio *made, uint8_t class, uint8_t cmd, const void *data,
                       uint32_t bytes)
{
    const MadePart parts[] = {{CONTROL_GPA, 2 + bytes, false},
                              {CONTROL_GPA + 0x1000, 1, true}};
    uint8_t *out = at(made, CONTROL_GPA, 2 + bytes);
    uint32_t used;

    out[0] = class;
    out[1] = cmd;
    memcpy(out + 2, data, bytes);
    *at(made, CONTROL_GPA + 0x1000, 1) = 0xff;
    g_assert_cmpint(made_driver_add(&made->drivers[2], parts, 2), >=, 0);
    made_virtio_write(made, MMIO_QUEUE_NOTIFY, 2);
    g_assert_cmpint(made_driver_get(&made->drivers[2], &used), >=, 0);
    return *at(made, CONTROL_GPA + 0x1000, 1);
}

static uint8_t set_mode(MadeVirtio *made, uint8_t mode, uint8_t on)
{
    return command(made, VIRTIO_NET_CTRL_RX, mode, &on, 1);
}

static bool takes(MadeVirtio *made, const uint8_t *mac)
{
    int got;

    arrives(mac, 60);
    got = got_rx(made);
    if (got >= 0) {
        add_rx(made, 0, 2048);
    }
    return got >= 0;
}

static void test_filter(gconstpointer data)
{
    uint8_t tables[4 + 6 + 4 + 6] = {1};
    g_autoptr(MadeVirtio) made = NULL;

    wire_open();
    made = started(GPOINTER_TO_SIZE(data) | CONTROL);
    add_rx(made, 0, 2048);
    g_assert_true(takes(made, own) && takes(made, other) && takes(made, group));
    g_assert_cmphex(set_mode(made, VIRTIO_NET_CTRL_RX_PROMISC, 0), ==, VIRTIO_NET_OK);
    g_assert_true(takes(made, own) && takes(made, everybody));
    g_assert_false(takes(made, other) || takes(made, group));
    memcpy(tables + 4, other, 6);
    tables[10] = 1;
    memcpy(tables + 14, group, 6);
    g_assert_cmphex(command(made, VIRTIO_NET_CTRL_MAC, 0, tables, 20), ==, VIRTIO_NET_OK);
    g_assert_true(takes(made, own) && takes(made, other) && takes(made, group));
    memset(tables, 0, sizeof(tables));
    g_assert_cmphex(command(made, VIRTIO_NET_CTRL_MAC, 0, tables, 8), ==, VIRTIO_NET_OK);
    g_assert_false(takes(made, other) || takes(made, group));
    set_mode(made, VIRTIO_NET_CTRL_RX_ALLMULTI, 1);
    g_assert_true(takes(made, group) && !takes(made, other));
    set_mode(made, VIRTIO_NET_CTRL_RX_ALLUNI, 1);
    g_assert_true(takes(made, other));
    set_mode(made, VIRTIO_NET_CTRL_RX_NOBCAST, 1);
    g_assert_false(takes(made, everybody));
    set_mode(made, VIRTIO_NET_CTRL_RX_NOUNI, 1);
    g_assert_false(takes(made, own));
    set_mode(made, VIRTIO_NET_CTRL_RX_NOUNI, 0);
    set_mode(made, VIRTIO_NET_CTRL_RX_ALLUNI, 0);
    g_assert_cmphex(command(made, VIRTIO_NET_CTRL_MAC, 1, other, 6), ==, VIRTIO_NET_OK);
    g_assert_true(takes(made, other) && !takes(made, own));
    g_clear_pointer(&made, made_virtio_free);
    wire_close();
}

static void test_vlans(void)
{
    static const uint8_t tagged[] = {0x52, 0x54, 0, 0x12, 0x34, 0x56, 0,    0,
                                     0,    0,    0, 0,    0x81, 0,    0x20, 5,
                                     0,    0,    0, 'x',  'y',  'z'};
    const uint8_t vlan[] = {5, 0};
    g_autoptr(MadeVirtio) made = NULL;

    wire_open();
    made = started(CONTROL);
    add_rx(made, 0, 2048);
    set_mode(made, VIRTIO_NET_CTRL_RX_PROMISC, 0);
    for (unsigned add = 0; add < 2; add++) {
        if (add) {
            g_assert_cmphex(command(made, VIRTIO_NET_CTRL_VLAN, 0, vlan, 2), ==, 0);
        }
        g_assert_cmpint(send(wire.peer, tagged, sizeof(tagged), 0), >, 0);
        turn();
        g_assert_cmpint(got_rx(made), ==, add ? HEADER + (int)sizeof(tagged) : -1);
    }
    g_clear_pointer(&made, made_virtio_free);
    wire_close();
}

static void test_commands_that_are_wrong(void)
{
    static const struct {
        uint8_t class, command, bytes;
        uint8_t data[10];
    } wrong[] = {
        {0, 6, 1, {1}},  /* no such mode */
        {0, 0, 0, {0}},  /* neither on nor off */
        {1, 0, 3, {0}},  /* no count */
        {1, 0, 10, {2}}, /* more addresses than bytes */
        {1, 0, 4, {0xff, 0xff, 0xff, 0xff}},
        {1, 1, 5, {0}},       /* no address */
        {2, 0, 1, {0}},       /* no VLAN */
        {2, 0, 2, {0, 0x10}}, /* none that there is */
        {2, 2, 2, {0}},       /* no such command */
        {3, 0, 0, {0}},       /* nobody asked for one */
        {4, 0, 2, {1}},       /* pairs of queues */
        {5, 0, 8, {0}},       /* offloads, of a wire without */
        {200, 0, 0, {0}},
    };
    g_autoptr(MadeVirtio) made = NULL;

    wire_open();
    made = started(CONTROL);
    for (unsigned i = 0; i < ARRAY_LEN(wrong); i++) {
        g_assert_cmphex(command(made, wrong[i].class, wrong[i].command, wrong[i].data,
                                wrong[i].bytes),
                        ==, VIRTIO_NET_ERR);
    }
    g_assert_false(made_virtio_read(made, MMIO_STATUS) & STATUS_NEEDS_RESET);
    g_clear_pointer(&made, made_virtio_free);
    wire_close();
}

/* Chains and headers that cannot be: the device needs a reset, and works after it. */
static void test_what_breaks_it(void)
{
    static const struct {
        unsigned queue;
        MadePart part;
        uint8_t header[2]; /* flags, type of segments */
    } wrong[] = {
        {0, {RX_GPA, HEADER - 1, true}, {0, 0}}, {1, {TX_GPA, HEADER - 1, false}, {0, 0}},
        {1, {TX_GPA, 100, true}, {0, 0}},        {1, {TX_GPA, 100, false}, {1, 0}},
        {1, {TX_GPA, 100, false}, {0, 1}},       {1, {TX_GPA, 100, false}, {0, 0x80}},
        {1, {TX_GPA, 70000, false}, {0, 0}},     {2, {TX_GPA, 1, false}, {0, 0}},
        {2, {TX_GPA, 10, false}, {0, 0}},
    };

    wire_open();
    for (unsigned i = 0; i < ARRAY_LEN(wrong); i++) {
        g_autoptr(MadeVirtio) made = started(CONTROL);

        memcpy(at(made, TX_GPA, 2), wrong[i].header, 2);
        made_driver_add(&made->drivers[wrong[i].queue], &wrong[i].part, 1);
        made_virtio_write(made, MMIO_QUEUE_NOTIFY, wrong[i].queue);
        arrives(everybody, 60);
        g_assert_true(made_virtio_read(made, MMIO_STATUS) & STATUS_NEEDS_RESET);
        made_virtio_start(made, CONTROL, 3);
        add_rx(made, 0, 2048);
        g_assert_true(takes(made, own));
    }
    wire_close();
}

static void test_link(void)
{
    g_autoptr(MadeVirtio) made = NULL;
    Netdev *netdev;

    wire_open();
    made = started(CONTROL);
    netdev = net_set_find(wire.set, "n");
    g_assert_true(net_set_find(wire.set, netdev_client(netdev)->name) == netdev);
    g_assert_cmphex(made_virtio_read(made, MMIO_CONFIG + 4) >> 16, ==, 1);
    netdev_set_link(netdev, false);
    g_assert_cmphex(made_virtio_read(made, MMIO_INTERRUPT_STATUS) & 2, ==, 2);
    g_assert_cmphex(made_virtio_read(made, MMIO_CONFIG + 4) >> 16, ==, 0);
    g_clear_pointer(&made, made_virtio_free);
    wire_close();
}

/* The driver's choices go with it; the network and the driver hear where it is now. */
static void test_saved_and_loaded(void)
{
    g_autoptr(MadeVirtio) made = NULL;
    g_autoptr(GPtrArray) sections = NULL;
    g_autoptr(GError) error = NULL;
    uint8_t frame[64];

    wire_open();
    made = started(CONTROL);
    add_rx(made, 0, 2048);
    set_mode(made, VIRTIO_NET_CTRL_RX_PROMISC, 0);
    command(made, VIRTIO_NET_CTRL_MAC, 1, other, 6);
    sections = made_virtio_save(made);
    arrives(other, 60); /* the VM is stopped: it waits */
    g_assert_cmpint(got_rx(made), ==, -1);
    g_assert_true(made_virtio_load(made, sections, &error));
    g_assert_no_error(error);
    turn();
    g_assert_true(takes(made, other) && !takes(made, own));
    g_assert_cmpint(recv(wire.peer, frame, sizeof(frame), 0), ==, 60);
    g_assert_cmpint(memcmp(frame + 6, other, 6), ==, 0);
    g_assert_cmphex(frame[12] << 8 | frame[13], ==, 0x8035);
    g_assert_cmphex(made_virtio_read(made, MMIO_CONFIG + 4) >> 16, ==, 3);
    g_assert_cmphex(command(made, VIRTIO_NET_CTRL_ANNOUNCE, 0, "", 0), ==, VIRTIO_NET_OK);
    g_assert_cmphex(made_virtio_read(made, MMIO_CONFIG + 4) >> 16, ==, 1);
    g_clear_pointer(&made, made_virtio_free);
    wire_close();
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(gconstpointer data);
    } both[] = {
        {"a-frame-each-way", test_a_frame_each_way},
        {"frames-wait", test_frames_wait_for_buffers},
        {"several-buffers", test_a_frame_in_several_buffers},
        {"filter", test_filter},
    };

    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_LEN(both); i++) {
        g_autofree char *split = g_strconcat("/virtio-net/split/", both[i].name, NULL);
        g_autofree char *packed = g_strconcat("/virtio-net/packed/", both[i].name, NULL);

        g_test_add_data_func(split, GSIZE_TO_POINTER(0), both[i].test);
        g_test_add_data_func(packed, GSIZE_TO_POINTER(BIT64(34)), both[i].test);
    }
    g_test_add_func("/virtio-net/does-not-fit", test_a_frame_that_does_not_fit);
    g_test_add_func("/virtio-net/vlans", test_vlans);
    g_test_add_func("/virtio-net/wrong-commands", test_commands_that_are_wrong);
    g_test_add_func("/virtio-net/what-breaks-it", test_what_breaks_it);
    g_test_add_func("/virtio-net/link", test_link);
    g_test_add_func("/virtio-net/saved-and-loaded", test_saved_and_loaded);
    return g_test_run();
}
