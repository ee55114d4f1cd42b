/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "made-virtio.h"

#include "hw/machine-state.h"
#include "qom/object.h"
#include "util/json.h"

#define SLOT_GPA UINT64_C(0xa000000)

static MadeVirtio *current; /* of the one test that runs */

static void set_line(void *opaque, unsigned number, bool level)
{
    (void)number;
    ((MadeVirtio *)opaque)->level = level;
}

static IrqLine board_irq(Machine *machine, unsigned number)
{
    (void)machine;
    return (IrqLine){.set = set_line, .opaque = current, .number = number};
}

static VirtioMmioSlots board_slots(const MachinePlan *plan)
{
    (void)plan;
    return (VirtioMmioSlots){SLOT_GPA, 4, 5};
}

static void on_emit(void *opaque, json_object *event)
{
    MadeVirtio *made = opaque;

    json_object_put(made->event);
    made->event = event;
}

static void realize(MadeVirtio *made, const DevicePlan *plan)
{
    g_autoptr(GError) error = NULL;
    Device *device = plan->class->realize(&made->machine, plan, &error);

    g_assert_no_error(error);
    device->class = plan->class;
    device->plan = plan;
    g_ptr_array_add(made->machine.devices, device);
}

static void device_free(gpointer data)
{
    ((Device *)data)->free(data);
}

static void make_devices(MadeVirtio *made)
{
    made->machine.mmio = io_bus_new("memory");
    made->machine.devices = g_ptr_array_new_with_free_func(device_free);
    made->level = false;
    for (unsigned i = 0; i < made->plan->devices->len; i++) {
        realize(made, g_ptr_array_index(made->plan->devices, i));
    }
}

static void drop_devices(MadeVirtio *made)
{
    g_ptr_array_unref(made->machine.devices);
    io_bus_free(made->machine.mmio);
}

static bool plan_device(MadeVirtio *made, const char *type, const char *id,
                        const char *const *settings, GError **errp)
{
    Object *config = object_new(made->registry, type, id, errp);

    g_assert_nonnull(config);
    g_ptr_array_add(made->configs, config);
    for (; *settings; settings++) {
        g_auto(GStrv) words = g_strsplit(*settings, "=", 2);

        if (!object_set_string(config, words[0], words[1], ORIGIN_USER, errp)) {
            return false;
        }
    }
    return machine_plan_add_device(made->plan, config, errp);
}

static void config_free(gpointer data)
{
    object_free(data);
}

MadeVirtio *made_virtio_new(const char *type, const char *const *settings,
                            void (*edit)(MadeVirtio *made))
{
    const GuestRange range = {0, MADE_RAM_BYTES};
    MadeVirtio *made = g_new0(MadeVirtio, 1);
    g_autoptr(GError) error = NULL;
    bool ok;

    current = made;
    made->board = (Board){.irq = board_irq, .virtio_slots = board_slots};
    made->host = (MachineHost){.emit = on_emit, .opaque = made};
    made->registry = type_registry_new();
    hw_register_types(made->registry);
    made->configs = g_ptr_array_new_with_free_func(config_free);
    made->plan = machine_plan_new();
    made->plan->board = &made->board;
    made->machine.plan = made->plan;
    made->machine.host = &made->host;
    made->machine.memory = guest_memory_new(&range, 1, &error);
    g_assert_no_error(error);
    if (edit) {
        edit(made);
    }
    ok = plan_device(made, type, "it", settings, &error);
    g_assert_no_error(error);
    g_assert_true(ok);
    made->base =
        ((DevicePlan *)g_ptr_array_index(made->plan->devices, 0))->ranges[0].base;
    make_devices(made);
    machine_set_running(&made->machine, true);
    return made;
}

bool made_virtio_plug(MadeVirtio *made, const char *type, const char *id,
                      const char *const *settings, GError **errp)
{
    if (!plan_device(made, type, id, settings, errp)) {
        return false;
    }
    realize(made, g_ptr_array_index(made->plan->devices, made->plan->devices->len - 1));
    return true;
}

void made_virtio_renew(MadeVirtio *made)
{
    drop_devices(made);
    make_devices(made);
}

void made_virtio_free(MadeVirtio *made)
{
    if (!made) {
        return;
    }
    drop_devices(made);
    guest_memory_free(made->machine.memory);
    machine_plan_free(made->plan);
    g_ptr_array_unref(made->configs);
    type_registry_free(made->registry);
    json_object_put(made->event);
    g_free(made);
}

/* ---- the driver ---- */

uint32_t made_virtio_read(MadeVirtio *made, unsigned offset)
{
    return (uint32_t)io_bus_read(made->machine.mmio, made->base + offset, 4);
}

void made_virtio_write(MadeVirtio *made, unsigned offset, uint32_t value)
{
    io_bus_write(made->machine.mmio, made->base + offset, 4, value);
}

uint64_t made_virtio_features(MadeVirtio *made)
{
    uint64_t features = 0;

    for (unsigned i = 2; i-- > 0;) {
        made_virtio_write(made, MMIO_DEVICE_FEATURES_SEL, i);
        features = features << 32 | made_virtio_read(made, MMIO_DEVICE_FEATURES);
    }
    return features;
}

void made_virtio_set_queue(MadeVirtio *made, unsigned index, uint64_t features)
{
    MadeDriver *driver = &made->drivers[index];
    const uint64_t areas[] = {MMIO_QUEUE_DESC,   index * 0x8000,
                              MMIO_QUEUE_DRIVER, index * 0x8000 + 0x1000,
                              MMIO_QUEUE_DEVICE, index * 0x8000 + 0x2000};

    made_driver_init(driver, made->machine.memory, features, 8, areas[1]);
    made_virtio_write(made, MMIO_QUEUE_SEL, index);
    g_assert_cmpuint(made_virtio_read(made, MMIO_QUEUE_NUM_MAX), >=, 8);
    g_assert_cmpuint(made_virtio_read(made, MMIO_QUEUE_READY), ==, 0);
    made_virtio_write(made, MMIO_QUEUE_NUM, 8);
    for (unsigned i = 0; i < 6; i += 2) {
        made_virtio_write(made, (unsigned)areas[i], (uint32_t)areas[i + 1]);
        made_virtio_write(made, (unsigned)areas[i] + 4, 0);
    }
    made_virtio_write(made, MMIO_QUEUE_READY, 1);
    g_assert_cmpuint(made_virtio_read(made, MMIO_QUEUE_READY), ==, 1);
}

void made_virtio_start(MadeVirtio *made, uint64_t features, unsigned queues)
{
    features |= UINT64_C(1) << 32;
    made_virtio_write(made, MMIO_STATUS, 0);
    made_virtio_write(made, MMIO_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    for (unsigned i = 0; i < 2; i++) {
        made_virtio_write(made, MMIO_DRIVER_FEATURES_SEL, i);
        made_virtio_write(made, MMIO_DRIVER_FEATURES, (uint32_t)(features >> (32 * i)));
    }
    made_virtio_write(made, MMIO_STATUS, STATUS_READY & ~STATUS_DRIVER_OK);
    g_assert_cmphex(made_virtio_read(made, MMIO_STATUS), ==,
                    STATUS_READY & ~STATUS_DRIVER_OK);
    for (unsigned i = 0; i < queues; i++) {
        made_virtio_set_queue(made, i, features);
    }
    made_virtio_write(made, MMIO_STATUS, STATUS_READY);
    g_assert_cmphex(made_virtio_read(made, MMIO_STATUS), ==, STATUS_READY);
}

int made_virtio_add(MadeVirtio *made, unsigned queue, uint64_t gpa, uint32_t bytes,
                    bool is_in)
{
    MadeDriver *driver = &made->drivers[queue];
    int id = made_driver_add(driver, &(MadePart){gpa, bytes, is_in}, 1);

    if (made_driver_should_kick(driver)) {
        made_virtio_write(made, MMIO_QUEUE_NOTIFY, queue);
    }
    return id;
}

/* ---- state ---- */

GPtrArray *made_virtio_save(MadeVirtio *made)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *sections;

    machine_set_running(&made->machine, false);
    sections = machine_save_state(&made->machine, &error);
    g_assert_no_error(error);
    return sections;
}

bool made_virtio_load(MadeVirtio *made, const GPtrArray *sections, GError **errp)
{
    made_virtio_renew(made);
    if (!machine_load_state(&made->machine, sections, errp)) {
        return false;
    }
    machine_set_running(&made->machine, true);
    return true;
}
