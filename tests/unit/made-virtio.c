/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "made-virtio.h"

#include <string.h>

#include "hw/machine-state.h"
#include "hw/pci-plan.h"
#include "qom/object.h"
#include "util/json.h"

#define SLOT_GPA UINT64_C(0xa000000)
#define ECAM_GPA UINT64_C(0xb0000000)
#define PCI_GPA  UINT64_C(0xc0000000)

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
    GPtrArray *devices = made->machine.devices;

    while (devices->len) {
        g_ptr_array_remove_index(devices, devices->len - 1);
    }
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

static void plan_pci(MadeVirtio *made)
{
    static const char *const none[] = {NULL};
    PciPlan *pci = pci_plan_new();

    pci->ecam_gpa = ECAM_GPA;
    pci->ecam_bytes = PCI_ECAM_PER_BUS;
    pci->memory32 = (PciWindow){PCI_GPA, PCI_GPA + 0xfffffff};
    pci->memory64 = (PciWindow){2 * PCI_GPA, 3 * PCI_GPA};
    pci->ports = (PciWindow){0x1000, 0xffff};
    pci->is_assigned = true;
    made->plan->pci = pci;
    g_assert_true(plan_device(made, "gpex-pcihost", NULL, none, NULL));
}

/* Where the registers are, once all is planned. */
static void find_base(MadeVirtio *made)
{
    const DevicePlan *plan =
        g_ptr_array_index(made->plan->devices, made->plan->devices->len - 1);

    g_assert_true(pci_plan_assign(made->plan, NULL));
    made->base = made->is_pci ? plan->pci.bar_base[4] : plan->ranges[0].base;
}

/* As firmware or kernel do: the device may reach memory. */
static void let_it_master(MadeVirtio *made)
{
    if (made->is_pci) {
        made_virtio_write_config(made, 4, 2, 6);
    }
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
    made->is_pci = strstr(type, "-pci");
    if (made->is_pci) {
        plan_pci(made);
    }
    ok = plan_device(made, type, "it", settings, &error);
    g_assert_no_error(error);
    g_assert_true(ok);
    find_base(made);
    make_devices(made);
    let_it_master(made);
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

typedef struct PciRegister {
    unsigned mmio, offset, bytes;
} PciRegister;

/* VIRTIO 1.2, 4.1.4.3 and, for interrupts, 4.1.4.5; places in the BAR are QEMU's. */
static const PciRegister pci_registers[] = {
    {MMIO_DEVICE_FEATURES_SEL, 0, 4},
    {MMIO_DEVICE_FEATURES, 4, 4},
    {MMIO_DRIVER_FEATURES_SEL, 8, 4},
    {MMIO_DRIVER_FEATURES, 12, 4},
    {MMIO_STATUS, 20, 1},
    {MMIO_CONFIG_GENERATION, 21, 1},
    {MMIO_QUEUE_SEL, 22, 2},
    {MMIO_QUEUE_NUM, 24, 2},
    {MMIO_QUEUE_NUM_MAX, 24, 2},
    {MMIO_QUEUE_READY, 28, 2},
    {MMIO_QUEUE_DESC, 32, 4},
    {MMIO_QUEUE_DESC + 4, 36, 4},
    {MMIO_QUEUE_DRIVER, 40, 4},
    {MMIO_QUEUE_DRIVER + 4, 44, 4},
    {MMIO_QUEUE_DEVICE, 48, 4},
    {MMIO_QUEUE_DEVICE + 4, 52, 4},
    {MMIO_QUEUE_RESET, 58, 2},
    {MMIO_INTERRUPT_STATUS, 0x1000, 1},
    {MMIO_INTERRUPT_ACK, 0x1000, 1},
    {MMIO_QUEUE_NOTIFY, 0x3000, 2},
};

/* Where the register is that virtio-mmio has at @offset. */
static PciRegister find_register(const MadeVirtio *made, unsigned offset)
{
    if (!made->is_pci) {
        return (PciRegister){offset, offset, 4};
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(pci_registers); i++) {
        if (pci_registers[i].mmio == offset) {
            return pci_registers[i];
        }
    }
    g_assert_cmphex(offset, >=, MMIO_CONFIG);
    return (PciRegister){offset, 0x2000 + offset - MMIO_CONFIG, 4};
}

uint32_t made_virtio_read(MadeVirtio *made, unsigned offset)
{
    PciRegister place = find_register(made, offset);

    return (uint32_t)io_bus_read(made->machine.mmio, made->base + place.offset,
                                 place.bytes);
}

void made_virtio_write(MadeVirtio *made, unsigned offset, uint32_t value)
{
    PciRegister place = find_register(made, offset);

    if (made->is_pci && offset == MMIO_INTERRUPT_ACK) {
        (void)made_virtio_read(made, offset);
        return;
    }
    if (made->is_pci && offset == MMIO_QUEUE_NOTIFY) {
        place.offset += 4 * value;
    }
    io_bus_write(made->machine.mmio, made->base + place.offset, place.bytes, value);
}

void made_virtio_write_config(MadeVirtio *made, unsigned offset, unsigned bytes,
                              uint32_t value)
{
    io_bus_write(made->machine.mmio, ECAM_GPA + offset, bytes, value);
}

uint32_t made_virtio_read_config(MadeVirtio *made, unsigned offset, unsigned bytes)
{
    return (uint32_t)io_bus_read(made->machine.mmio, ECAM_GPA + offset, bytes);
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
