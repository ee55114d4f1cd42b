/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/machine.h"

#include "hw/devices.h"
#include "util/error.h"

static void device_free(gpointer data)
{
    Device *device = data;

    device->free(device);
}

static void fw_cfg_item_free(gpointer data)
{
    FwCfgItem *item = data;

    g_free(item->name);
    g_free(item->text);
    g_free(item->path);
    g_free(item);
}

void machine_plan_add_fw_cfg(MachinePlan *plan, const char *name, const char *text,
                             const char *path)
{
    FwCfgItem *item = g_new0(FwCfgItem, 1);

    item->name = g_strdup(name);
    item->text = g_strdup(text);
    item->path = g_strdup(path);
    if (!plan->fw_cfg_items) {
        plan->fw_cfg_items = g_ptr_array_new_with_free_func(fw_cfg_item_free);
    }
    g_ptr_array_add(plan->fw_cfg_items, item);
}

MachinePlan *machine_plan_new(void)
{
    MachinePlan *plan = g_new0(MachinePlan, 1);

    plan->devices = g_ptr_array_new_with_free_func(g_free);
    plan->configs = g_ptr_array_new();
    plan->taken[DEVICE_SPACE_PORTS] = io_bus_new("port");
    plan->taken[DEVICE_SPACE_MEMORY] = io_bus_new("memory");
    return plan;
}

void machine_plan_free(MachinePlan *plan)
{
    if (!plan) {
        return;
    }
    g_clear_pointer(&plan->fw_cfg_items, g_ptr_array_unref);
    g_ptr_array_unref(plan->devices);
    g_ptr_array_unref(plan->configs);
    pci_plan_free(plan->pci);
    io_bus_free(plan->taken[DEVICE_SPACE_PORTS]);
    io_bus_free(plan->taken[DEVICE_SPACE_MEMORY]);
    cpu_contract_free(plan->contract);
    cpu_binding_free(plan->binding);
    g_free(plan->name);
    g_free(plan->kernel);
    g_free(plan->initrd);
    g_free(plan->append);
    g_free(plan->uuid);
    g_free(plan);
}

void machine_free(Machine *machine)
{
    if (!machine) {
        return;
    }
    /* What was made on top of another device goes first. */
    while (machine->devices->len) {
        g_ptr_array_remove_index(machine->devices, machine->devices->len - 1);
    }
    g_ptr_array_unref(machine->devices);
    if (machine->plan->board->free) {
        machine->plan->board->free(machine);
    }
    for (unsigned i = 0; i < machine->vcpu_count; i++) {
        kvm_vcpu_free(machine->vcpus[i]);
    }
    g_free(machine->vcpus);
    kvm_vm_free(machine->vm);
    io_bus_free(machine->pio);
    io_bus_free(machine->mmio);
    g_free(machine);
}

void machine_event(Machine *machine, MachineEvent event, int code)
{
    machine->host->event(machine->host->opaque, event, code);
}

bool machine_press_power_button(Machine *machine)
{
    if (!machine->power_button) {
        return false;
    }
    machine->power_button(machine->power_button_opaque);
    return true;
}

bool device_chardev(Machine *machine, const Object *config, const char *id, Chardev **ret,
                    GError **errp)
{
    Chardev *chardev = NULL;

    if (id) {
        chardev = machine->host->find_chardev(machine->host->opaque, id);
        if (!chardev) {
            error_set(errp,
                      "device %s: chardev=%s: there is no character device of that id",
                      config->type->name, id);
            return false;
        }
    }
    *ret = chardev;
    return true;
}

static bool realize_devices(Machine *machine, GError **errp)
{
    const GPtrArray *plans = machine->plan->devices;

    for (unsigned i = 0; i < plans->len; i++) {
        const DevicePlan *plan = g_ptr_array_index(plans, i);
        Device *device = plan->class->realize(machine, plan, errp);

        if (!device) {
            return false;
        }
        device->class = plan->class;
        device->plan = plan;
        g_ptr_array_add(machine->devices, device);
    }
    return true;
}

static bool realize_steps(Machine *machine, KvmSys *sys, GError **errp)
{
    const Board *board = machine->plan->board;

    uint32_t ring = machine->plan->dirty_ring_entries;

    if (!sys && !board->has_cpus) {
        return true; /* nothing to run on, and nothing to run: questions alone */
    }
    machine->vm = kvm_vm_new(sys, board->vm_type ? board->vm_type(sys) : 0, errp);
    return machine->vm && (!ring || kvm_vm_enable_dirty_ring(machine->vm, ring, errp)) &&
           guest_memory_attach(machine->memory, machine->vm, errp) &&
           board->create(machine, errp) && realize_devices(machine, errp) &&
           board->finish(machine, errp);
}

Machine *machine_realize(const MachinePlan *plan, const MachineHost *host, KvmSys *sys,
                         GuestMemory *memory, const BootImages *images, GError **errp)
{
    g_autoptr(Machine) machine = g_new0(Machine, 1);

    machine->plan = plan;
    machine->host = host;
    machine->memory = memory;
    machine->images = images;
    machine->pio = io_bus_new("port");
    machine->mmio = io_bus_new("memory");
    machine->devices = g_ptr_array_new_with_free_func(device_free);
    machine->vcpus = g_new0(KvmVcpu *, plan->smp.cpus);
    return realize_steps(machine, sys, errp) ? g_steal_pointer(&machine) : NULL;
}

void machine_set_running(Machine *machine, bool running)
{
    for (unsigned i = 0; i < machine->devices->len; i++) {
        Device *device = g_ptr_array_index(machine->devices, i);

        if (device->class->set_running) {
            device->class->set_running(device, running);
        }
    }
}

void machine_add_vcpu(Machine *machine, KvmVcpu *vcpu)
{
    machine->vcpus[machine->vcpu_count++] = vcpu;
}
