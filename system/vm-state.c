/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Vm as sections, and back. */
#include <string.h>

#include "hw/machine-state.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/state-table.h"
#include "vm-internal.h"

/* What belongs to the program rather than to the machine. */
typedef struct VmState {
    int64_t rtc_offset_s;
    bool was_running;
} VmState;

static const StateRow vm_rows[] = {
    {"rtc-offset-s", STATE_U64,  offsetof(VmState, rtc_offset_s), 1},
    {"was-running",  STATE_BOOL, offsetof(VmState, was_running),  1},
};

static const StateTable vm_table = {
    .name = "program",
    .version = 1,
    .size = sizeof(VmState),
    .rows = vm_rows,
    .row_count = ARRAY_LEN(vm_rows),
};

KvmVm *vm_kvm(const Vm *vm)
{
    return vm->machine ? vm->machine->vm : NULL;
}

GuestMemory *vm_memory(const Vm *vm)
{
    return vm->memory;
}

GPtrArray *vm_save_state(Vm *vm, bool was_running, GError **errp)
{
    VmState state = {vm->rtc_offset_s, was_running};
    MachineSection *section;
    GPtrArray *sections;

    if (!vm->machine) {
        error_set(errp, "there is no machine since a reset that failed");
        return NULL;
    }
    sections = machine_save_state(vm->machine, errp);
    if (sections) {
        section = g_new0(MachineSection, 1);
        g_strlcpy(section->name, vm_table.name, sizeof(section->name));
        section->bytes = g_byte_array_new();
        state_table_save(&vm_table, &state, NULL, section->bytes);
        g_ptr_array_add(sections, section);
    }
    return sections;
}

bool vm_load_state(Vm *vm, const GPtrArray *sections, bool *ret_was_running,
                   GError **errp)
{
    g_autoptr(GPtrArray) rest = g_ptr_array_new();
    VmState state;
    unsigned found = 0;

    for (unsigned i = 0; i < sections->len; i++) {
        MachineSection *section = g_ptr_array_index(sections, i);

        if (strcmp(section->name, vm_table.name) != 0) {
            g_ptr_array_add(rest, section);
        } else if (found++ ||
                   !state_table_load(&vm_table, &state, NULL, section->bytes->data,
                                     section->bytes->len, errp)) {
            g_prefix_error(errp, "state %s: ", vm_table.name);
            return false;
        }
    }
    if (found != 1 || !vm->machine) {
        error_set(errp, "state %s is missing", vm_table.name);
        return false;
    }
    /* Before the devices: their clocks read it. */
    vm->rtc_offset_s = state.rtc_offset_s;
    if (!machine_load_state(vm->machine, rest, errp)) {
        return false;
    }
    *ret_was_running = state.was_running;
    return true;
}

bool vm_adopt_contract(Vm *vm, CpuContract *contract, GError **errp)
{
    MachinePlan *plan = vm->plan->machine;

    vcpu_threads_park_locked(vm);
    g_clear_pointer(&vm->machine, machine_free);
    cpu_contract_free(plan->contract);
    plan->contract = contract;
    vm->machine =
        machine_realize(plan, &vm->machine_host, vm->sys, vm->memory, vm->images, errp);
    return vm->machine;
}
