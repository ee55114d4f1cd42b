/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Vm as sections, and back. */
#include <string.h>

#include "accel/vcpu-id.h"
#include "hw/machine-state.h"
#include "system/vm/program-state.h"
#include "util/error.h"
#include "util/state-section.h"
#include "util/state-table.h"
#include "vm-internal.h"

GuestMemory *vm_memory(const Vm *vm)
{
    return vm->memory;
}

bool vm_log_dirty(Vm *vm, bool on, GError **errp)
{
    if (!vm->machine && on) {
        error_set(errp, "there is no machine since a reset that failed");
        return false;
    }
    if (!on) {
        /* A log that stays on costs speed, nothing else. */
        (void)(vm->machine &&
               guest_memory_set_dirty_log(vm->memory, vm->machine->vm, false, NULL));
        return true;
    }
    return guest_memory_set_dirty_log(vm->memory, vm->machine->vm, true, errp);
}

bool vm_sync_dirty(Vm *vm, unsigned index, uint64_t *bitmap, GError **errp)
{
    if (!vm->machine) {
        error_set(errp, "the guest was reset and could not be made anew");
        return false;
    }
    return guest_memory_sync_dirty(vm->memory, vm->machine->vm, index, bitmap, errp);
}

GPtrArray *vm_save_state(Vm *vm, RunState run_state, GError **errp)
{
    ProgramState state = program_state_of(run_state, vm->rtc_offset_s);
    GPtrArray *sections;

    if (!vm->machine) {
        error_set(errp, "there is no machine since a reset that failed");
        return NULL;
    }
    sections = machine_save_state(vm->machine, errp);
    if (sections) {
        g_ptr_array_add(sections, program_state_save(vm->plan->machine->name, &state));
    }
    return sections;
}

bool vm_load_state(Vm *vm, const GPtrArray *sections, RunState *ret_state, GError **errp)
{
    g_autoptr(GPtrArray) rest = g_ptr_array_new();
    ProgramState state = {0};

    if (!vm->machine) {
        error_set(errp, "there is no machine since a reset that failed");
        return false;
    }
    if (!program_state_split(sections, vm->plan->machine->name, &state, rest, errp)) {
        return false;
    }
    /* Before the devices: their clocks read it. */
    vm->rtc_offset_s = state.rtc_offset_s;
    if (!machine_load_state(vm->machine, rest, errp)) {
        return false;
    }
    *ret_state = program_state_run_state(&state);
    return true;
}

/* In the vCPU's own thread: some registers tell of the host CPU it is on. */
typedef struct IdCall {
    KvmVcpu *vcpu;
    const GArray *wanted; /* NULL: read only */
    GArray *result;       /* NULL: see error */
    GError *error;
} IdCall;

static void call_id_registers(void *data)
{
    IdCall *call = data;

    call->result = call->wanted
                       ? kvm_vcpu_try_id_registers(call->vcpu, call->wanted, &call->error)
                       : kvm_vcpu_read_id_registers(call->vcpu, &call->error);
}

static GArray *id_registers_of(Vm *vm, unsigned index, const GArray *wanted,
                               GError **errp)
{
    IdCall call = {.vcpu = vm->machine->vcpus[index], .wanted = wanted};

    vcpu_thread_call_locked(vm, index, call_id_registers, &call);
    if (!call.result) {
        g_propagate_error(errp, call.error);
    }
    return call.result;
}

static bool read_all(Vm *vm, GPtrArray *sets, GError **errp)
{
    for (unsigned i = 0; i < vm->machine->vcpu_count; i++) {
        GArray *set = id_registers_of(vm, i, NULL, errp);

        if (!set) {
            return false;
        }
        g_ptr_array_add(sets, set);
    }
    return true;
}

GPtrArray *vm_read_id_registers(Vm *vm, GError **errp)
{
    const CpuContract *contract = vm->plan->machine->contract;
    g_autoptr(GPtrArray) sets = arm_id_sets_new();
    bool ok;

    if (!vm->machine || !contract || contract->arch != TARGET_ARCH_AARCH64) {
        return g_steal_pointer(&sets);
    }
    /* KVM keeps who asks waiting while a vCPU is in the guest. */
    vcpu_threads_park_locked(vm);
    ok = read_all(vm, sets, errp);
    /* A request that came meanwhile is the main loop's, and ends the pause. */
    if (vm_is_running(vm) && !vm_has_request(vm)) {
        vcpu_threads_resume_locked(vm);
    }
    return ok ? g_steal_pointer(&sets) : NULL;
}

bool vm_try_id_registers(Vm *vm, const GPtrArray *sets, Report *report, bool *ret_touched,
                         GError **errp)
{
    if (!vm->machine) {
        error_set(errp, "there is no machine: it could not be made anew");
        return false;
    }
    for (unsigned i = 0; i < vm->machine->vcpu_count; i++) {
        g_autoptr(GArray) trials = id_registers_of(vm, i, arm_id_set_of(sets, i), errp);

        if (!trials) {
            return false;
        }
        for (unsigned j = 0; j < trials->len; j++) {
            const ArmIdTrial *trial = &g_array_index(trials, ArmIdTrial, j);

            *ret_touched |= trial->is_written;
            arm_id_judge(trial, i, report);
        }
    }
    return true;
}

bool vm_adopt_plan(Vm *vm, const VmPlan *plan, Report *found, GError **errp)
{
    vcpu_threads_park_locked(vm);
    g_clear_pointer(&vm->machine, machine_free);
    vm->plan = plan;
    vm->machine_host.report = found;
    vm->machine = machine_realize(plan->machine, &vm->machine_host, vm->sys, vm->memory,
                                  vm->images, errp);
    return vm->machine;
}
