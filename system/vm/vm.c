/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/vm/vm.h"

#include <string.h>

#include "qapi/events.h"
#include "system/cmdline/vm-spec.h"
#include "util/error.h"
#include "util/json.h"
#include "util/keyval.h"
#include "vm-internal.h"

static void emit(Vm *vm, json_object *event)
{
    vm->host->emit(vm->host->opaque, event);
}

static void emit_shutdown(Vm *vm, ShutdownCause cause)
{
    const ShutdownEvent data = {.guest = cause >= SHUTDOWN_CAUSE_GUEST_SHUTDOWN &&
                                         cause <= SHUTDOWN_CAUSE_GUEST_PANIC,
                                .reason = cause};

    if (!vm->is_shutdown_emitted) {
        emit(vm, qapi_event_shutdown(&data));
        vm->is_shutdown_emitted = true;
    }
}

/* ---- what the machine and its vCPUs ask for ---- */

static void machine_asks(void *opaque, MachineEvent event, int code)
{
    static const VmRequest requests[] = {
        [MACHINE_EVENT_POWER_OFF] = VM_REQUEST_POWER_OFF,
        [MACHINE_EVENT_RESET] = VM_REQUEST_RESET,
        [MACHINE_EVENT_PANIC] = VM_REQUEST_PANIC,
        [MACHINE_EVENT_EXIT] = VM_REQUEST_EXIT,
    };

    vm_request_locked(opaque, requests[event], code, NULL);
}

static Chardev *machine_finds_chardev(void *opaque, const char *id)
{
    const Vm *vm = opaque;

    return vm->host->find_chardev(vm->host->opaque, id);
}

/* From whatever thread a device was called in. */
static void machine_emits(void *opaque, json_object *event)
{
    Vm *vm = opaque;

    g_queue_push_tail(&vm->events, event);
    g_main_context_wakeup(NULL);
}

void vm_emit_events_locked(Vm *vm)
{
    while (!g_queue_is_empty(&vm->events)) {
        emit(vm, g_queue_pop_head(&vm->events));
    }
}

static RngBackend *machine_finds_rng(void *opaque, const char *id)
{
    const Vm *vm = opaque;

    return vm->host->find_rng(vm->host->opaque, id);
}

static BlockNode *machine_finds_block(void *opaque, const char *id)
{
    const Vm *vm = opaque;

    return vm->host->find_block(vm->host->opaque, id);
}

static Netdev *machine_finds_net(void *opaque, const char *id)
{
    const Vm *vm = opaque;

    return vm->host->find_net(vm->host->opaque, id);
}

/* ---- life ---- */

static bool realize_machine(Vm *vm, GError **errp)
{
    vm->machine = machine_realize(vm->plan->machine, &vm->machine_host, vm->sys,
                                  vm->memory, vm->images, errp);
    return vm->machine;
}

static bool read_blobs(BootImages *images, const MachinePlan *plan, FileSys *fs,
                       GError **errp)
{
    const GPtrArray *items = plan->fw_cfg_items;

    for (unsigned i = 0; items && i < items->len; i++) {
        const FwCfgItem *item = g_ptr_array_index(items, i);

        if (!boot_images_add_blob(images, fs, item->text, item->path, errp)) {
            return false;
        }
    }
    return true;
}

static BootImages *open_images(const MachinePlan *plan, GError **errp)
{
    g_autoptr(FileSys) fs = file_sys_new("");
    g_autoptr(BootImages) images = boot_images_open(
        fs, plan->kernel, plan->initrd, plan->board->arch == TARGET_ARCH_AARCH64, errp);

    return images && read_blobs(images, plan, fs, errp) ? g_steal_pointer(&images) : NULL;
}

bool vm_images_check(const VmPlan *plan, GError **errp)
{
    g_autoptr(BootImages) images = open_images(plan->machine, errp);

    return images;
}

/* -mem-prealloc and -overcommit mem-lock=on */
static bool prepare_memory(Vm *vm, GError **errp)
{
    const VmSpec *spec = vm->plan->spec;

    return (!spec->is_mem_prealloc || guest_memory_populate(vm->memory, errp)) &&
           (!spec->is_mem_lock || guest_memory_lock(vm->memory, errp));
}

static bool realize_steps(Vm *vm, GError **errp)
{
    const MachinePlan *plan = vm->plan->machine;

    vm->images = open_images(plan, errp);
    if (!vm->images) {
        return false;
    }
    vm->memory = guest_memory_new(plan->ram, plan->ram_ranges, errp);
    return vm->memory && prepare_memory(vm, errp) && realize_machine(vm, errp) &&
           vcpu_threads_start(vm, errp);
}

/* Seconds from the host's UTC to what -rtc base= names: utc, localtime or a date. */
static int64_t rtc_start_offset(const char *base)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *full = NULL;
    g_autoptr(GDateTime) date = NULL;

    if (!base || strcmp(base, "utc") == 0) {
        return 0;
    }
    if (strcmp(base, "localtime") == 0) {
        return g_date_time_get_utc_offset(now) / G_TIME_SPAN_SECOND;
    }
    full = strchr(base, 'T') ? g_strdup(base) : g_strdup_printf("%sT00:00:00", base);
    date = g_date_time_new_from_iso8601(full, utc);
    return date ? g_date_time_to_unix(date) - g_date_time_to_unix(now) : 0;
}

static void machine_calls_vcpu(void *opaque, unsigned index, MachineVcpuCall *call,
                               void *data)
{
    vcpu_thread_call_locked(opaque, index, call, data);
}

Vm *vm_realize(const VmPlan *plan, KvmSys *sys, const VmHost *host, GError **errp)
{
    g_autoptr(Vm) vm = g_new0(Vm, 1);

    vm->plan = plan;
    vm->sys = sys;
    vm->host = host;
    vm->rtc_offset_s = rtc_start_offset(keyval_get(plan->spec->rtc, "base"));
    vm->machine_host = (MachineHost){
        .event = machine_asks,
        .find_chardev = machine_finds_chardev,
        .emit = machine_emits,
        .find_rng = machine_finds_rng,
        .find_block = machine_finds_block,
        .find_net = machine_finds_net,
        .rtc_offset_s = &vm->rtc_offset_s,
        .report = host->report,
        .opaque = vm,
        .on_vcpu = machine_calls_vcpu,
    };
    vm->state = RUN_STATE_PRELAUNCH;
    vm->is_no_reboot = plan->spec->is_no_reboot;
    vm->is_no_shutdown = plan->spec->is_no_shutdown;
    g_mutex_init(&vm->lock);
    g_cond_init(&vm->parked);
    g_cond_init(&vm->resume);
    g_mutex_lock(&vm->lock);
    return realize_steps(vm, errp) ? g_steal_pointer(&vm) : NULL;
}

void vm_free(Vm *vm)
{
    if (!vm) {
        return;
    }
    vm_set_throttle(vm, 0);
    vcpu_threads_join(vm);
    machine_free(vm->machine);
    guest_memory_free(vm->memory);
    boot_images_free(vm->images);
    host_affinity_free(vm->affinity);
    g_free(vm->request_text);
    while (!g_queue_is_empty(&vm->events)) {
        json_object_put(g_queue_pop_head(&vm->events));
    }
    g_mutex_unlock(&vm->lock);
    g_mutex_clear(&vm->lock);
    g_cond_clear(&vm->parked);
    g_cond_clear(&vm->resume);
    g_free(vm);
}

/* ---- run state ---- */

RunState vm_run_state(const Vm *vm)
{
    return vm->state;
}

Machine *vm_machine(const Vm *vm)
{
    return vm->machine;
}

bool vm_is_running(const Vm *vm)
{
    return vm->state == RUN_STATE_RUNNING;
}

void vm_stop(Vm *vm, RunState state)
{
    bool was_running = vm_is_running(vm);

    vcpu_threads_park_locked(vm);
    vm->state = state;
    if (was_running) {
        machine_set_running(vm->machine, false);
        emit(vm, qapi_event_stop());
    }
}

/* States only a reset leads out of. */
static bool needs_reset(RunState state)
{
    return state == RUN_STATE_SHUTDOWN || state == RUN_STATE_INTERNAL_ERROR ||
           state == RUN_STATE_GUEST_PANICKED;
}

bool vm_cont(Vm *vm, GError **errp)
{
    if (vm_is_running(vm)) {
        return true;
    }
    if (vm->state == RUN_STATE_FINISH_MIGRATE || vm->state == RUN_STATE_INMIGRATE) {
        error_set(errp, "the guest is being migrated");
        return false;
    }
    if (needs_reset(vm->state) || !vm->machine) {
        error_set(errp, "Resetting the Virtual Machine is required");
        return false;
    }
    if (vm->host->take_images && !vm->host->take_images(vm->host->opaque, errp)) {
        return false;
    }
    vm->state = RUN_STATE_RUNNING;
    vm->is_shutdown_emitted = false;
    emit(vm, qapi_event_resume());
    machine_set_running(vm->machine, true);
    vcpu_threads_resume_locked(vm);
    return true;
}

bool vm_reset(Vm *vm, ShutdownCause cause, GError **errp)
{
    const ResetEvent data = {.guest = cause == SHUTDOWN_CAUSE_GUEST_RESET,
                             .reason = cause};
    bool was_running = vm_is_running(vm);

    if (vm->state == RUN_STATE_FINISH_MIGRATE || vm->state == RUN_STATE_INMIGRATE) {
        error_set(errp, "the guest is being migrated");
        return false;
    }
    vcpu_threads_park_locked(vm);
    for (unsigned i = 0; i < vm->thread_count; i++) {
        vm->threads[i].is_access_pending = false;
    }
    g_clear_pointer(&vm->machine, machine_free);
    if (!realize_machine(vm, errp)) {
        g_prefix_error(errp, "reset: ");
        vm->state = RUN_STATE_INTERNAL_ERROR;
        if (was_running) {
            emit(vm, qapi_event_stop());
        }
        return false;
    }
    emit(vm, qapi_event_reset(&data));
    if (was_running) {
        machine_set_running(vm->machine, true);
        vcpu_threads_resume_locked(vm);
    } else if (needs_reset(vm->state)) {
        vm->state = RUN_STATE_PAUSED;
    }
    return true;
}

void vm_powerdown(Vm *vm)
{
    if (vm->machine) {
        (void)machine_press_power_button(vm->machine);
    }
    emit(vm, qapi_event_powerdown());
}

void vm_quit(Vm *vm, ShutdownCause cause, int status)
{
    if (vm->is_quitting) {
        return;
    }
    vm->is_quitting = true;
    vm->status = status;
    emit_shutdown(vm, cause);
    if (vm_is_running(vm)) {
        vm_stop(vm, RUN_STATE_SHUTDOWN);
    }
    g_main_context_wakeup(NULL);
}

void vm_set_no_reboot(Vm *vm, bool on)
{
    vm->is_no_reboot = on;
}

void vm_set_no_shutdown(Vm *vm, bool on)
{
    vm->is_no_shutdown = on;
}

unsigned vm_cpu_count(const Vm *vm)
{
    return vm->thread_count;
}

int vm_cpu_thread_id(const Vm *vm, unsigned index)
{
    return vm->threads[index].tid;
}

/* ---- the main thread's side of a request ---- */

static void shut_down(Vm *vm, ShutdownCause cause)
{
    if (!vm->is_no_shutdown) {
        vm_quit(vm, cause, 0);
        return;
    }
    emit_shutdown(vm, cause);
    vm_stop(vm, RUN_STATE_SHUTDOWN);
}

static void reset_by_guest(Vm *vm)
{
    g_autoptr(GError) error = NULL;

    if (vm->is_no_reboot) {
        shut_down(vm, SHUTDOWN_CAUSE_GUEST_RESET);
    } else if (!vm_reset(vm, SHUTDOWN_CAUSE_GUEST_RESET, &error)) {
        vm->host->log(vm->host->opaque, error->message);
        if (!vm->host->has_monitor(vm->host->opaque)) {
            vm_quit(vm, SHUTDOWN_CAUSE_HOST_ERROR, 1);
        }
    }
}

static void emit_panicked(Vm *vm, GuestPanicAction action)
{
    const GuestPanickedEvent data = {.action = action};

    emit(vm, qapi_event_guest_panicked(&data));
}

static void guest_panicked(Vm *vm)
{
    switch (vm->plan->spec->panic_action) {
    case SPEC_PANIC_NONE:
        emit_panicked(vm, GUEST_PANIC_ACTION_RUN);
        vcpu_threads_resume_locked(vm);
        break;
    case SPEC_PANIC_PAUSE:
        emit_panicked(vm, GUEST_PANIC_ACTION_PAUSE);
        vm_stop(vm, RUN_STATE_GUEST_PANICKED);
        break;
    case SPEC_PANIC_EXIT_FAILURE:
        emit_panicked(vm, GUEST_PANIC_ACTION_POWEROFF);
        vm_quit(vm, SHUTDOWN_CAUSE_GUEST_PANIC, 1);
        break;
    case SPEC_PANIC_SHUTDOWN:
        emit_panicked(vm, GUEST_PANIC_ACTION_PAUSE);
        vm_stop(vm, RUN_STATE_GUEST_PANICKED);
        if (!vm->is_no_shutdown) {
            emit_panicked(vm, GUEST_PANIC_ACTION_POWEROFF);
            vm_quit(vm, SHUTDOWN_CAUSE_GUEST_PANIC, 0);
        }
        break;
    }
}

static void guest_broke(Vm *vm, const char *text)
{
    vm->host->log(vm->host->opaque, text);
    vm_stop(vm, RUN_STATE_INTERNAL_ERROR);
    if (!vm->host->has_monitor(vm->host->opaque)) {
        vm_quit(vm, SHUTDOWN_CAUSE_HOST_ERROR, 1);
    }
}

/* Paused, not broken: with its thread back where the PMU is, the guest goes on. */
static void cpu_unsupported(Vm *vm, unsigned index)
{
    const ArmContract *arm = &vm->plan->machine->contract->arm;
    const CpuSet *covered = vm->plan->machine->binding->pmu_cpus;
    g_autofree char *cpus = covered ? cpu_set_format(covered) : g_strdup("");
    g_autofree char *text = NULL;
    const VpmuCpuUnsupportedEvent data = {.vcpu = index,
                                          .host_cpu = vm->threads[index].host_cpu,
                                          .source = arm->pmu_source ? arm->pmu_source
                                                                    : (char *)"",
                                          .cpus = cpus};

    text =
        g_strdup_printf("vCPU %u cannot run on host CPU %u: the guest's PMU is %s, which "
                        "covers CPUs %s; move the thread there and cont",
                        index, vm->threads[index].host_cpu, data.source, cpus);
    vm->host->log(vm->host->opaque, text);
    emit(vm, qapi_event_vpmu_cpu_unsupported(&data));
    vm_stop(vm, RUN_STATE_PAUSED);
    if (!vm->host->has_monitor(vm->host->opaque)) {
        vm_quit(vm, SHUTDOWN_CAUSE_HOST_ERROR, 1);
    }
}

bool vm_has_request(const Vm *vm)
{
    return vm->request != VM_REQUEST_NONE;
}

void vm_handle_request_locked(Vm *vm)
{
    VmRequest request = vm->request;
    g_autofree char *text = NULL;

    /* Not while the guest is being given away; should it stay, it gets what it asked. */
    if (request == VM_REQUEST_NONE || vm->state == RUN_STATE_FINISH_MIGRATE) {
        return;
    }
    text = g_steal_pointer(&vm->request_text);
    vcpu_threads_park_locked(vm);
    vm->request = VM_REQUEST_NONE;
    switch (request) {
    case VM_REQUEST_POWER_OFF:
        shut_down(vm, SHUTDOWN_CAUSE_GUEST_SHUTDOWN);
        break;
    case VM_REQUEST_RESET:
        reset_by_guest(vm);
        break;
    case VM_REQUEST_PANIC:
        guest_panicked(vm);
        break;
    case VM_REQUEST_EXIT:
        vm_quit(vm, SHUTDOWN_CAUSE_GUEST_SHUTDOWN, vm->request_code);
        break;
    case VM_REQUEST_ERROR:
        guest_broke(vm, text);
        break;
    case VM_REQUEST_CPU_UNSUPPORTED:
        cpu_unsupported(vm, (unsigned)vm->request_code);
        break;
    case VM_REQUEST_NONE:
        break;
    }
}
