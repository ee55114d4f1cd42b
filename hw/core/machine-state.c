/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/machine-state.h"

#include <string.h>

#include "../boards.h"
#include "accel/vcpu-state.h"
#include "hw/machine.h"
#include "target/compat.h"
#include "util/error.h"
#include "util/state-section.h"

/* What is saved of the devices, one section each, in the order they are loaded. */
typedef struct Part {
    DevicePart part;
    unsigned instance; /* among those with the same table */
    bool is_optional;  /* may be younger than a stream: then it is as at power on */
} Part;

static void add_part(GArray *parts, DevicePart part, bool is_optional)
{
    unsigned instance = 0;

    for (unsigned i = 0; i < parts->len; i++) {
        instance += g_array_index(parts, Part, i).part.table == part.table;
    }
    g_array_append_val(parts, ((Part){part, instance, is_optional}));
}

static GArray *list_parts(const Machine *machine)
{
    GArray *parts = g_array_new(FALSE, FALSE, sizeof(Part));

    for (unsigned i = 0; i < machine->devices->len; i++) {
        Device *device = g_ptr_array_index(machine->devices, i);
        DevicePart part;

        for (unsigned k = 0; device->class->part && device->class->part(device, k, &part);
             k++) {
            add_part(parts, part, device->class->is_board_part);
        }
        if (device->class->state) {
            add_part(parts, (DevicePart){device->class->state, device},
                     device->class->is_board_part);
        }
    }
    return parts;
}

/* ---- saving ---- */

static void add_section(const Machine *machine, GPtrArray *sections,
                        const StateTable *table, unsigned instance, void *object)
{
    g_autofree StateRow *rows = NULL;
    const StateTable known =
        state_table_as_of(table, machine_is_since, machine->plan->name, &rows);
    StateSection *section = g_new0(StateSection, 1);

    g_strlcpy(section->name, table->name, sizeof(section->name));
    section->instance = instance;
    section->bytes = g_byte_array_new();
    state_table_save(&known, object, machine->plan->contract, section->bytes);
    g_ptr_array_add(sections, section);
}

static bool save_vcpus(Machine *machine, GPtrArray *sections, GError **errp)
{
    const CpuContract *contract = machine->plan->contract;

    for (unsigned i = 0; i < machine->vcpu_count; i++) {
        g_autoptr(VcpuState) state = vcpu_state_new();

        if (!kvm_vcpu_save_state(machine->vcpus[i], contract, state, errp)) {
            return false;
        }
        add_section(machine, sections, kvm_vcpu_state_table(), i, state);
    }
    return true;
}

static bool save_vm(Machine *machine, GPtrArray *sections, GError **errp)
{
    g_autoptr(KvmVmState) state = kvm_vm_state_new();

    if (!kvm_vm_save_state(machine->vm, machine->plan->contract, machine->irqchip,
                           machine->vcpus, machine->vcpu_count, state, errp)) {
        return false;
    }
    add_section(machine, sections, kvm_vm_state_table(), 0, state);
    return true;
}

GPtrArray *machine_save_state(Machine *machine, GError **errp)
{
    g_autoptr(GPtrArray) sections =
        g_ptr_array_new_with_free_func((GDestroyNotify)state_section_free);
    g_autoptr(GArray) parts = list_parts(machine);

    if (machine->vcpu_count &&
        (!save_vcpus(machine, sections, errp) || !save_vm(machine, sections, errp))) {
        return NULL;
    }
    for (unsigned i = 0; i < parts->len; i++) {
        const Part *part = &g_array_index(parts, Part, i);

        add_section(machine, sections, part->part.table, part->instance,
                    part->part.object);
    }
    return g_steal_pointer(&sections);
}

/* ---- loading ---- */

static bool load_section(const Machine *machine, const GPtrArray *sections,
                         const StateTable *table, unsigned instance, void *object,
                         GError **errp)
{
    g_autofree StateRow *rows = NULL;
    const StateTable known =
        state_table_as_of(table, machine_is_since, machine->plan->name, &rows);
    const StateSection *section =
        state_section_find(sections, table->name, instance, errp);

    if (!section) {
        return false;
    }
    if (!state_table_load(&known, object, machine->plan->contract, section->bytes->data,
                          section->bytes->len, errp)) {
        g_prefix_error(errp, "state %s %u: ", table->name, instance);
        return false;
    }
    return true;
}

typedef struct VcpuLoad {
    KvmVcpu *vcpu;
    const CpuContract *contract;
    const VcpuState *state;
    GError *error;
    bool ok;
} VcpuLoad;

static void load_vcpu(void *data)
{
    VcpuLoad *load = data;

    load->ok = kvm_vcpu_load_state(load->vcpu, load->contract, load->state, &load->error);
}

static bool load_vcpus(Machine *machine, const GPtrArray *sections, GError **errp)
{
    for (unsigned i = 0; i < machine->vcpu_count; i++) {
        g_autoptr(VcpuState) state = vcpu_state_new();
        VcpuLoad load = {machine->vcpus[i], machine->plan->contract, state, NULL, false};

        if (!load_section(machine, sections, kvm_vcpu_state_table(), i, state, errp)) {
            return false;
        }
        if (machine->host->on_vcpu) {
            machine->host->on_vcpu(machine->host->opaque, i, load_vcpu, &load);
        } else {
            load_vcpu(&load);
        }
        if (!load.ok) {
            g_propagate_error(errp, load.error);
            return false;
        }
    }
    return true;
}

static bool load_vm(Machine *machine, const GPtrArray *sections, GError **errp)
{
    g_autoptr(KvmVmState) state = kvm_vm_state_new();

    return load_section(machine, sections, kvm_vm_state_table(), 0, state, errp) &&
           kvm_vm_load_state(machine->vm, machine->plan->contract, machine->irqchip,
                             machine->vcpus, machine->vcpu_count, state, errp);
}

/* A vCPU, the machine or a device here has this state. */
static bool is_expected(const Machine *machine, const GArray *parts,
                        const StateSection *section)
{
    if (strcmp(section->name, kvm_vcpu_state_table()->name) == 0) {
        return section->instance < machine->vcpu_count;
    }
    if (strcmp(section->name, kvm_vm_state_table()->name) == 0) {
        return section->instance == 0 && machine->vcpu_count;
    }
    for (unsigned i = 0; i < parts->len; i++) {
        const Part *part = &g_array_index(parts, Part, i);

        if (strcmp(part->part.table->name, section->name) == 0 &&
            part->instance == section->instance) {
            return true;
        }
    }
    return false;
}

bool machine_load_state(Machine *machine, const GPtrArray *sections, GError **errp)
{
    g_autoptr(GArray) parts = list_parts(machine);

    if (machine->vcpu_count &&
        (!load_vcpus(machine, sections, errp) || !load_vm(machine, sections, errp))) {
        return false;
    }
    /* Last, because their post_load hooks set interrupt lines. */
    for (unsigned i = 0; i < parts->len; i++) {
        const Part *part = &g_array_index(parts, Part, i);

        if (part->is_optional &&
            !state_section_find(sections, part->part.table->name, part->instance, NULL)) {
            continue;
        }
        if (!load_section(machine, sections, part->part.table, part->instance,
                          part->part.object, errp)) {
            return false;
        }
    }
    for (unsigned i = 0; i < sections->len; i++) {
        const StateSection *section = g_ptr_array_index(sections, i);

        if (!is_expected(machine, parts, section)) {
            error_set(errp, "state %s %u: there is no such device here", section->name,
                      section->instance);
            return false;
        }
    }
    return true;
}

static void list_table(GPtrArray *tables, const StateTable *table)
{
    if (table && !g_ptr_array_find(tables, table, NULL)) {
        g_ptr_array_add(tables, (gpointer)table);
    }
}

GPtrArray *machine_state_tables(void)
{
    GPtrArray *tables = g_ptr_array_new();
    unsigned count;
    const DeviceClass *const *classes = device_classes(&count);

    list_table(tables, kvm_vcpu_state_table());
    list_table(tables, kvm_vm_state_table());
    for (unsigned i = 0; i < count; i++) {
        const StateTable *const *parts = classes[i]->part_tables;

        for (; parts && *parts; parts++) {
            list_table(tables, *parts);
        }
        list_table(tables, classes[i]->state);
    }
    return tables;
}
