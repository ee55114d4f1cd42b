/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtio devices through the registers of virtio-mmio: what is the same for all of them,
 * seen on the smallest, virtio-rng.
 */
#include <glib/gstdio.h>
#include <unistd.h>

#include "../../hw/virtio/virtio-list.h"
#include "block/block.h"
#include "made-virtio.h"
#include "net/net.h"
#include "util/bits.h"
#include "util/state-section.h"

#define ACCESSES 20000

static const char *const no_settings[] = {NULL};
static const char *const packed[] = {"packed=on", NULL};

/* A transport, and a form of rings. */
typedef struct Way {
    const char *name, *type;
    const char *const *settings;
} Way;

static const Way ways[] = {
    {"mmio-split", "virtio-rng-device", no_settings},
    {"mmio-packed", "virtio-rng-device", packed},
    {"pci-split", "virtio-rng-pci", no_settings},
    {"pci-packed", "virtio-rng-pci", packed},
    {"pci-modern", "virtio-rng-pci-non-transitional", no_settings},
};

static MadeVirtio *made_on(gconstpointer way)
{
    return made_virtio_new(((const Way *)way)->type, ((const Way *)way)->settings, NULL);
}

/* Every byte of @bytes at the buffer was written over; zeros are as likely as others. */
static bool is_filled(MadeVirtio *made, unsigned bytes)
{
    const uint8_t *at = made_memory_at(made->machine.memory, MADE_BUFFER_GPA, bytes);
    unsigned zeros = 0;

    for (unsigned i = 0; i < bytes; i++) {
        zeros += at[i] == 0;
    }
    return zeros < bytes / 4;
}

static void test_registers_say_what_it_is(void)
{
    g_autoptr(MadeVirtio) made = made_virtio_new("virtio-rng-device", no_settings, NULL);

    g_assert_cmphex(made_virtio_read(made, 0x000), ==, 0x74726976);
    g_assert_cmphex(made_virtio_read(made, 0x004), ==, 2);
    g_assert_cmphex(made_virtio_read(made, MMIO_DEVICE_ID), ==, 4);
    g_assert_cmphex(made_virtio_read(made, 0x00c), ==, 0x554d4551);
    g_assert_cmphex(made_virtio_features(made), ==,
                    BIT64(32) | BIT64(28) | BIT64(29) | BIT64(40));
    g_assert_cmphex(made_virtio_read(made, 0x0b0), ==, UINT32_MAX); /* shared memory */
    g_assert_cmphex(made_virtio_read(made, MMIO_CONFIG), ==, UINT32_MAX); /* has none */
}

static void test_properties_are_features(void)
{
    static const char *const settings[] = {"packed=on",         "event_idx=off",
                                           "indirect_desc=off", "queue_reset=off",
                                           "iommu_platform=on", NULL};
    g_autoptr(MadeVirtio) made = made_virtio_new("virtio-rng-device", settings, NULL);

    g_assert_cmphex(made_virtio_features(made), ==, BIT64(32) | BIT64(33) | BIT64(34));
}

/* Features that were not offered, and a driver of before 1.0, do not come to FEATURES_OK,
 * nor to DRIVER_OK. */
static void test_features_have_to_be_agreed(gconstpointer way)
{
    g_autoptr(MadeVirtio) made = made_on(way);

    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t features = BIT64(bit) | (bit == 32 ? 0 : BIT64(32));
        bool is_good = features & ~made_virtio_features(made) ? false : true;

        for (unsigned old = 0; old < 2; old++) {
            features = old ? features & ~BIT64(32) : features;
            made_virtio_write(made, MMIO_STATUS, 0);
            for (unsigned i = 0; i < 2; i++) {
                made_virtio_write(made, MMIO_DRIVER_FEATURES_SEL, i);
                made_virtio_write(made, MMIO_DRIVER_FEATURES,
                                  (uint32_t)(features >> (32 * i)));
            }
            made_virtio_write(made, MMIO_STATUS, STATUS_READY);
            g_assert_cmphex(made_virtio_read(made, MMIO_STATUS), ==,
                            is_good && !old ? STATUS_READY : 3);
        }
    }
}

static void test_random_bytes_arrive(gconstpointer way)
{
    g_autoptr(MadeVirtio) made = made_on(way);
    uint32_t bytes = 0;

    made_virtio_start(made, made_virtio_features(made), 1);
    for (unsigned round = 0; round < 20; round++) {
        memset(made_memory_at(made->machine.memory, MADE_BUFFER_GPA, 64), 0, 64);
        made_driver_ask(&made->drivers[0], true);
        g_assert_cmpint(made_virtio_add(made, 0, MADE_BUFFER_GPA, 64, true), ==,
                        made_driver_get(&made->drivers[0], &bytes));
        g_assert_cmpuint(bytes, ==, 64);
        g_assert_true(is_filled(made, 64));
        g_assert_true(made->level);
        g_assert_cmpuint(made_virtio_read(made, MMIO_INTERRUPT_STATUS), ==, 1);
        made_virtio_write(made, MMIO_INTERRUPT_ACK, 1);
        g_assert_false(made->level);
    }
}

/* A bad ring breaks the device: it says so, by an interrupt, does nothing more, and works
 * again after a reset. */
static void test_a_bad_ring_needs_a_reset(gconstpointer way)
{
    g_autoptr(MadeVirtio) made = made_on(way);
    uint32_t bytes;

    made_virtio_start(made, 0, 1);
    made_virtio_add(made, 0, MADE_RAM_BYTES, 64, true);
    g_assert_cmphex(made_virtio_read(made, MMIO_STATUS), ==,
                    STATUS_READY | STATUS_NEEDS_RESET);
    g_assert_true(made->level);
    g_assert_cmpuint(made_virtio_read(made, MMIO_INTERRUPT_STATUS), ==, 2);
    made_virtio_add(made, 0, MADE_BUFFER_GPA, 64, true);
    g_assert_cmpint(made_driver_get(&made->drivers[0], &bytes), ==, -1);
    made_virtio_write(made, MMIO_STATUS, 0);
    g_assert_cmphex(made_virtio_read(made, MMIO_STATUS), ==, 0);
    g_assert_false(made->level);
    made_virtio_start(made, 0, 1);
    made_virtio_add(made, 0, MADE_BUFFER_GPA, 64, true);
    g_assert_cmpint(made_driver_get(&made->drivers[0], &bytes), ==, 0);
}

static void test_a_queue_can_be_reset_alone(gconstpointer way)
{
    /* virtio-mmio has two registers for it. */
    static const unsigned registers[] = {MMIO_QUEUE_RESET, MMIO_QUEUE_READY};
    g_autoptr(MadeVirtio) made = made_on(way);
    uint32_t bytes;

    made_virtio_start(made, BIT64(40), 1);
    for (unsigned i = 0; i < (made->is_pci ? 1 : ARRAY_LEN(registers)); i++) {
        made_virtio_write(made, registers[i], i == 0);
        g_assert_cmpuint(made_virtio_read(made, MMIO_QUEUE_READY), ==, 0);
        g_assert_cmphex(made_virtio_read(made, MMIO_STATUS), ==, STATUS_READY);
        made_virtio_write(made, MMIO_QUEUE_NOTIFY, 0);
        made_virtio_set_queue(made, 0, BIT64(32));
        made_virtio_add(made, 0, MADE_BUFFER_GPA, 64, true);
        g_assert_cmpint(made_driver_get(&made->drivers[0], &bytes), ==, 0);
    }
}

/* A stopped VM's memory is nobody's; what was asked meanwhile is done when it goes on. */
static void test_a_stopped_vm_has_quiet_devices(gconstpointer way)
{
    g_autoptr(MadeVirtio) made = made_on(way);
    uint32_t bytes;

    made_virtio_start(made, 0, 1);
    machine_set_running(&made->machine, false);
    made_virtio_add(made, 0, MADE_BUFFER_GPA, 64, true);
    g_assert_cmpint(made_driver_get(&made->drivers[0], &bytes), ==, -1);
    machine_set_running(&made->machine, true);
    g_assert_cmpint(made_driver_get(&made->drivers[0], &bytes), ==, 0);
}

static void test_a_loaded_device_goes_on(gconstpointer way)
{
    g_autoptr(MadeVirtio) made = made_on(way);
    uint32_t bytes;

    made_virtio_start(made, made_virtio_features(made), 1);
    for (unsigned round = 0; round < 20; round++) {
        g_autoptr(GPtrArray) sections = NULL;
        g_autoptr(GError) error = NULL;
        int id;

        made_driver_ask(&made->drivers[0], true);
        made_virtio_add(made, 0, MADE_BUFFER_GPA, 64, true);
        machine_set_running(&made->machine, false);
        id = made_virtio_add(made, 0, MADE_BUFFER_GPA, 64, true); /* while it is away */
        sections = made_virtio_save(made);
        g_assert_true(made_virtio_load(made, sections, &error));
        g_assert_no_error(error);
        g_assert_true(made->level);
        g_assert_cmphex(made_virtio_read(made, MMIO_STATUS), ==, STATUS_READY);
        g_assert_cmpint(made_driver_get(&made->drivers[0], &bytes), >=, 0);
        g_assert_cmpint(made_driver_get(&made->drivers[0], &bytes), ==, id);
        made_virtio_write(made, MMIO_INTERRUPT_ACK, 1);
    }
}

static void test_features_of_a_loaded_device_are_here(void)
{
    g_autoptr(MadeVirtio) made = made_virtio_new("virtio-rng-device", packed, NULL);
    g_autoptr(MadeVirtio) other = made_virtio_new("virtio-rng-device", no_settings, NULL);
    g_autoptr(GPtrArray) sections = NULL;
    g_autoptr(GError) error = NULL;

    made_virtio_start(made, made_virtio_features(made), 1);
    sections = made_virtio_save(made);
    g_assert_false(made_virtio_load(other, sections, &error));
    g_assert_cmpstr(error->message, ==,
                    "state virtio-mmio 0: virtio-rng: the guest uses features "
                    "0x400000000, which are not here");
}

/* On a board of four slots: the last that is free, or the one that is named. */
static void test_slots_are_given_from_the_last(void)
{
    static const struct {
        const char *setting, *bus, *error;
    } rows[] = {
        {NULL, "virtio-mmio-bus.2", NULL},
        {"bus=virtio-mmio-bus.0", "virtio-mmio-bus.0", NULL},
        {"bus=virtio-mmio-bus.0", NULL,
         "device virtio-rng-device: bus=virtio-mmio-bus.0: another device has it"},
        {"bus=virtio-mmio-bus.4", NULL,
         "device virtio-rng-device: bus=virtio-mmio-bus.4: there are virtio-mmio-bus.0 "
         "to 3"},
        {NULL, "virtio-mmio-bus.1", NULL},
        {NULL, NULL, "device virtio-rng-device: all 4 slots of virtio-mmio are taken"},
    };
    g_autoptr(MadeVirtio) made = made_virtio_new("virtio-rng-device", no_settings, NULL);

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        const char *const settings[] = {rows[i].setting, NULL};
        g_autoptr(GError) error = NULL;

        if (!made_virtio_plug(made, "virtio-rng-device", NULL, settings, &error)) {
            g_assert_cmpstr(error->message, ==, rows[i].error);
            continue;
        }
        g_assert_null(rows[i].error);
        g_assert_cmpstr(((const DeviceConfig *)g_ptr_array_index(made->configs,
                                                                 made->configs->len - 1))
                            ->bus,
                        ==, rows[i].bus);
    }
}

/* ---- PCI ---- */

/* The offset of capability number @index of the kind, in configuration space. */
static unsigned find_capability(MadeVirtio *made, unsigned kind, unsigned index)
{
    unsigned at = made_virtio_read_config(made, 0x34, 1);

    while (at && (made_virtio_read_config(made, at, 1) != kind || index-- > 0)) {
        at = made_virtio_read_config(made, at + 1, 1);
    }
    return at;
}

static void test_configuration_space_says_what_it_is(void)
{
    /* Type and place of each structure; the rng has no configuration of its own. */
    static const struct {
        uint8_t type, bar;
        uint32_t offset;
    } structures[] = {{1, 4, 0}, {3, 4, 0x1000}, {2, 4, 0x3000}, {5, 0, 0}};
    g_autoptr(MadeVirtio) made = made_virtio_new("virtio-rng-pci", no_settings, NULL);

    g_assert_cmphex(made_virtio_read_config(made, 0x00, 4), ==, 0x10441af4);
    g_assert_cmphex(made_virtio_read_config(made, 0x08, 4), ==, 0x00ff0001);
    g_assert_cmphex(made_virtio_read_config(made, 0x2c, 4), ==, 0x11001af4);
    for (unsigned i = 0; i < ARRAY_LEN(structures); i++) {
        unsigned at = find_capability(made, 0x09, i);

        g_assert_cmpuint(at, !=, 0);
        g_assert_cmpuint(made_virtio_read_config(made, at + 3, 1), ==,
                         structures[i].type);
        g_assert_cmpuint(made_virtio_read_config(made, at + 4, 1), ==, structures[i].bar);
        g_assert_cmphex(made_virtio_read_config(made, at + 8, 4), ==,
                        structures[i].offset);
    }
    g_assert_cmpuint(find_capability(made, 0x09, ARRAY_LEN(structures)), ==, 0);
    /* MSI-X: two vectors, table in BAR 1. */
    g_assert_cmpuint(made_virtio_read_config(made, find_capability(made, 0x11, 0) + 2, 2),
                     ==, 1);
    g_assert_cmpuint(made_virtio_read_config(made, find_capability(made, 0x11, 0) + 4, 4),
                     ==, 1);
}

/* Firmware reaches the registers without mapping them: status, then a reset. */
static void test_the_window_reaches_registers(void)
{
    g_autoptr(MadeVirtio) made = made_virtio_new("virtio-rng-pci", no_settings, NULL);
    unsigned at = find_capability(made, 0x09, 3);

    made_virtio_start(made, 0, 1);
    made_virtio_write_config(made, at + 4, 1, 4);
    made_virtio_write_config(made, at + 8, 4, 20);
    made_virtio_write_config(made, at + 12, 4, 1);
    g_assert_cmphex(made_virtio_read_config(made, at + 16, 1), ==, STATUS_READY);
    made_virtio_write_config(made, at + 16, 1, 0);
    g_assert_cmphex(made_virtio_read(made, MMIO_STATUS), ==, 0);
    /* Nowhere, or more than a register, is nothing. */
    for (unsigned bytes = 0; bytes < 10; bytes++) {
        made_virtio_write_config(made, at + 12, 4, bytes);
        made_virtio_write_config(made, at + 8, 4, 0x4000 - bytes + 1);
        (void)made_virtio_read_config(made, at + 16, 4);
    }
}

/* A device that may not reach memory has quiet queues. */
static void test_it_waits_to_be_bus_master(void)
{
    g_autoptr(MadeVirtio) made = made_virtio_new("virtio-rng-pci", no_settings, NULL);
    uint32_t bytes;

    made_virtio_start(made, 0, 1);
    made_virtio_write_config(made, 4, 2, 2);
    made_virtio_add(made, 0, MADE_BUFFER_GPA, 64, true);
    g_assert_cmpint(made_driver_get(&made->drivers[0], &bytes), ==, -1);
    made_virtio_write_config(made, 4, 2, 6);
    g_assert_cmpint(made_driver_get(&made->drivers[0], &bytes), ==, 0);
}

/* Of all tests: an empty image, and a network. */
static struct {
    GPtrArray *configs, *net_configs;
    BlockSet *set;
    NetSet *nets;
} images;

static BlockNode *find_image(void *opaque, const char *id)
{
    (void)opaque;
    return block_set_find(images.set, id);
}

static Netdev *find_net(void *opaque, const char *id)
{
    (void)opaque;
    return net_set_find(images.nets, id);
}

static void give_image(MadeVirtio *made)
{
    made->host.find_net = find_net;
    made->plan->nets = images.net_configs;
    made->host.find_block = find_image;
    made->plan->blocks = images.configs;
}

static void open_images(char **ret_path)
{
    g_autofree char *text = NULL;
    int fd = g_file_open_tmp("vpmu-virtio-XXXXXX", ret_path, NULL);

    g_assert_cmpint(ftruncate(fd, 65536), ==, 0);
    close(fd);
    text = g_strdup_printf("file=%s,format=raw,if=none,id=image", *ret_path);
    images.configs = g_ptr_array_new_with_free_func((GDestroyNotify)block_config_free);
    g_ptr_array_add(images.configs, block_config_parse_drive(text, 0, NULL));
    images.set = block_set_open(images.configs, true, NULL);
    g_assert_nonnull(images.set);
    images.net_configs = g_ptr_array_new_with_free_func((GDestroyNotify)net_config_free);
    g_ptr_array_add(
        images.net_configs,
        net_config_parse("dgram,id=net,local.type=inet,local.host=127.0.0.1,local.port=0,"
                         "remote.type=inet,remote.host=127.0.0.1,remote.port=9",
                         NULL));
    images.nets = net_set_open(images.net_configs, true, NULL);
    g_assert_nonnull(images.nets);
}

/* Whatever a guest does to registers is an access and nothing else. */
static void test_any_access(gconstpointer data)
{
    const DeviceClass *class = data;
    bool is_disk = g_str_has_prefix(class->type.name, "virtio-blk");
    bool is_card = g_str_has_prefix(class->type.name, "virtio-net");
    const char *const settings[] = {"packed=on",
                                    is_disk   ? "drive=image"
                                    : is_card ? "netdev=net"
                                              : NULL,
                                    NULL};
    g_autoptr(MadeVirtio) made = made_virtio_new(class->type.name, settings, give_image);

    for (unsigned i = 0; i < ACCESSES; i++) {
        unsigned size = g_test_rand_bit() ? 4 : 1u << g_test_rand_int_range(0, 4);
        uint64_t at = made->base +
                      ((uint64_t)g_test_rand_int_range(0, 0x140) & ~(uint64_t)(size - 1));
        /* Small numbers reach further. */
        uint64_t value = (uint64_t)g_test_rand_int() >> (g_test_rand_bit() ? 28 : 0);

        if (g_test_rand_bit()) {
            io_bus_write(made->machine.mmio, at, size, value);
        } else {
            value = io_bus_read(made->machine.mmio, at, size);
            g_assert_cmphex(size < 8 ? value >> (8 * size) : 0, ==, 0);
        }
        if (i % 1000 == 0) {
            made_virtio_start(made, made_virtio_features(made), 1);
        }
    }
}

#define ANY_ACCESS(name)                                                                 \
    {#name "/mmio", &name##_device_class}, {#name "/pci", &name##_pci_class},

static const struct {
    const char *name;
    const DeviceClass *class;
} classes[] = {VIRTIO_CLASS_LIST(ANY_ACCESS)};

/* Tests that run over every transport and form of rings. */
static const struct {
    const char *name;
    GTestDataFunc test;
} shared[] = {
    {"features", test_features_have_to_be_agreed},
    {"random-bytes", test_random_bytes_arrive},
    {"bad-ring", test_a_bad_ring_needs_a_reset},
    {"queue-reset", test_a_queue_can_be_reset_alone},
    {"stopped", test_a_stopped_vm_has_quiet_devices},
    {"loaded", test_a_loaded_device_goes_on},
};

int main(int argc, char **argv)
{
    g_autofree char *path = NULL;
    int status;

    g_test_init(&argc, &argv, NULL);
    open_images(&path);
    for (unsigned i = 0; i < ARRAY_LEN(classes); i++) {
        g_autofree char *name = g_strconcat("/virtio/any-access/", classes[i].name, NULL);

        g_test_add_data_func(name, classes[i].class, test_any_access);
    }
    for (unsigned i = 0; i < ARRAY_LEN(shared) * ARRAY_LEN(ways); i++) {
        const Way *way = &ways[i % ARRAY_LEN(ways)];
        g_autofree char *name =
            g_strdup_printf("/virtio/%s/%s", shared[i / ARRAY_LEN(ways)].name, way->name);

        g_test_add_data_func(name, way, shared[i / ARRAY_LEN(ways)].test);
    }
    g_test_add_func("/virtio/registers", test_registers_say_what_it_is);
    g_test_add_func("/virtio/properties", test_properties_are_features);
    g_test_add_func("/virtio/loaded-features", test_features_of_a_loaded_device_are_here);
    g_test_add_func("/virtio/slots", test_slots_are_given_from_the_last);
    g_test_add_func("/virtio/pci/configuration",
                    test_configuration_space_says_what_it_is);
    g_test_add_func("/virtio/pci/window", test_the_window_reaches_registers);
    g_test_add_func("/virtio/pci/bus-master", test_it_waits_to_be_bus_master);
    status = g_test_run();
    block_set_close(images.set);
    net_set_close(images.nets);
    g_ptr_array_unref(images.net_configs);
    g_ptr_array_unref(images.configs);
    g_unlink(path);
    return status;
}
