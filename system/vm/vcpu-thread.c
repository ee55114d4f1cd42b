/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vCPU threads: run the guest, hand each exit to the device that answers.
 *
 * A thread belongs to a vCPU number, not to a vCPU: after a reset it runs the new
 * machine's vCPU of that number.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "util/error.h"
#include "vm-internal.h"

/* Only has to interrupt KVM_RUN; the handler does nothing. */
#define SIGNAL_KICK SIGUSR1

static void kick_arrived(int number)
{
    (void)number;
}

static void handle_pio(Machine *machine, const VcpuExit *exit)
{
    uint8_t *data = exit->data;

    for (uint32_t i = 0; i < exit->count; i++, data += exit->size) {
        uint64_t value = 0;

        if (exit->is_write) {
            memcpy(&value, data, exit->size);
            io_bus_write(machine->pio, exit->addr, exit->size, value);
        } else {
            value = io_bus_read(machine->pio, exit->addr, exit->size);
            memcpy(data, &value, exit->size);
        }
    }
}

static void handle_mmio(Machine *machine, const VcpuExit *exit)
{
    uint64_t value = 0;

    if (exit->is_write) {
        memcpy(&value, exit->data, exit->size);
        io_bus_write(machine->mmio, exit->addr, exit->size, value);
    } else {
        value = io_bus_read(machine->mmio, exit->addr, exit->size);
        memcpy(exit->data, &value, exit->size);
    }
}

static char *describe_failed_entry(const VcpuThread *thread, const VcpuExit *exit)
{
    return g_strdup_printf("vCPU %u: entry into the guest failed on host CPU %" PRIu32
                           ", hardware reason 0x%" PRIx64,
                           thread->index, exit->cpu, exit->reason);
}

/*
 * The thread sits on a CPU the guest's PMU does not cover, because somebody moved it.  It
 * is put back once; whoever moves it again is told, and the guest waits.
 */
static void handle_cpu_unsupported_locked(VcpuThread *thread, const VcpuExit *exit)
{
    Vm *vm = thread->vm;

    thread->host_cpu = exit->cpu;
    if (vm->affinity && !thread->was_repaired) {
        thread->was_repaired = true;
        host_affinity_restore(vm->affinity);
        return;
    }
    vm_request_locked(vm, VM_REQUEST_CPU_UNSUPPORTED, (int)thread->index, NULL);
}

static void empty_ring_locked(VcpuThread *thread)
{
    Vm *vm = thread->vm;
    g_autoptr(GError) error = NULL;

    if (!guest_memory_collect_dirty(vm->memory, vm->machine->vm, &error)) {
        vm_request_locked(vm, VM_REQUEST_ERROR, 0, g_strdup(error->message));
    }
}

static void handle_exit_locked(VcpuThread *thread, const VcpuExit *exit)
{
    Vm *vm = thread->vm;
    char *text;

    thread->is_access_pending =
        exit->kind == VCPU_EXIT_PIO || exit->kind == VCPU_EXIT_MMIO;
    switch (exit->kind) {
    case VCPU_EXIT_PIO:
        handle_pio(vm->machine, exit);
        break;
    case VCPU_EXIT_MMIO:
        handle_mmio(vm->machine, exit);
        break;
    case VCPU_EXIT_INTERRUPTED:
        break;
    case VCPU_EXIT_SYSTEM_DOWN:
        vm_request_locked(vm, VM_REQUEST_POWER_OFF, 0, NULL);
        break;
    case VCPU_EXIT_SHUTDOWN:
    case VCPU_EXIT_SYSTEM_RESET:
        vm_request_locked(vm, VM_REQUEST_RESET, 0, NULL);
        break;
    case VCPU_EXIT_SYSTEM_CRASH:
        vm_request_locked(vm, VM_REQUEST_PANIC, 0, NULL);
        break;
    case VCPU_EXIT_CPU_UNSUPPORTED:
        handle_cpu_unsupported_locked(thread, exit);
        break;
    case VCPU_EXIT_DIRTY_RING_FULL:
        empty_ring_locked(thread);
        break;
    case VCPU_EXIT_FAIL_ENTRY:
        vm_request_locked(vm, VM_REQUEST_ERROR, 0, describe_failed_entry(thread, exit));
        break;
    case VCPU_EXIT_INTERNAL:
        text = g_strdup_printf("vCPU %u: KVM internal error, suberror %" PRIu64,
                               thread->index, exit->reason);
        vm_request_locked(vm, VM_REQUEST_ERROR, 0, text);
        break;
    default:
        text = g_strdup_printf("vCPU %u: unexpected KVM exit %" PRIu64, thread->index,
                               exit->reason);
        vm_request_locked(vm, VM_REQUEST_ERROR, 0, text);
        break;
    }
}

/* One entry into the guest; the lock is free meanwhile. */
static void run_once_locked(VcpuThread *thread)
{
    KvmVcpu *vcpu = thread->vm->machine->vcpus[thread->index];
    g_autoptr(GError) error = NULL;
    VcpuExit exit;
    bool ok;

    thread->has_run = true;
    if (!thread->vm->may_run) {
        /* Only the pending access is finished; the guest must not get any further. */
        kvm_vcpu_set_immediate_exit(vcpu, true);
    }
    g_mutex_unlock(&thread->vm->lock);
    ok = kvm_vcpu_run(vcpu, &exit, &error);
    g_mutex_lock(&thread->vm->lock);
    if (ok) {
        handle_exit_locked(thread, &exit);
    } else {
        thread->is_access_pending = false;
        vm_request_locked(thread->vm, VM_REQUEST_ERROR, 0, g_strdup(error->message));
    }
}

/* Before the state may be looked at. */
static void settle_locked(VcpuThread *thread)
{
    Vm *vm = thread->vm;
    KvmVcpu *vcpu = vm->machine->vcpus[thread->index];
    const CpuContract *contract = vm->machine->plan->contract;
    g_autoptr(GError) error = NULL;
    VcpuExit exit;
    bool ok;

    thread->has_run = false;
    if (!contract || contract->arch != TARGET_ARCH_X86_64 || !contract->pmu_enabled) {
        return;
    }
    kvm_vcpu_set_immediate_exit(vcpu, false);
    g_mutex_unlock(&vm->lock);
    ok = kvm_vcpu_settle(vcpu, SIGNAL_KICK, &exit, &error);
    g_mutex_lock(&vm->lock);
    kvm_vcpu_set_immediate_exit(vcpu, true);
    if (ok) {
        handle_exit_locked(thread, &exit);
    } else {
        vm_request_locked(vm, VM_REQUEST_ERROR, 0, g_strdup(error->message));
    }
}

static void park_locked(VcpuThread *thread)
{
    Vm *vm = thread->vm;

    thread->is_parked = true;
    g_cond_broadcast(&vm->parked);
    while (thread->call || (!vm->may_run && !thread->must_quit)) {
        if (thread->call) {
            thread->call(thread->call_data);
            thread->call = NULL;
            g_cond_broadcast(&vm->parked);
        } else {
            g_cond_wait(&vm->resume, &vm->lock);
        }
    }
    thread->is_parked = false;
}

/* As vcpu_threads_rest_locked() asked; ends early when there is something else to do. */
static void rest_locked(VcpuThread *thread)
{
    Vm *vm = thread->vm;
    int64_t end = g_get_monotonic_time() + thread->rest_us;

    thread->rest_us = 0;
    while (vm->may_run && !thread->must_quit &&
           g_cond_wait_until(&vm->resume, &vm->lock, end)) {
    }
    if (vm->may_run) {
        kvm_vcpu_set_immediate_exit(vm->machine->vcpus[thread->index], false);
    }
}

static gpointer thread_main(gpointer data)
{
    VcpuThread *thread = data;
    Vm *vm = thread->vm;
    sigset_t kick;

    sigemptyset(&kick);
    sigaddset(&kick, SIGNAL_KICK);
    pthread_sigmask(SIG_UNBLOCK, &kick, NULL);
    g_mutex_lock(&vm->lock);
    thread->pthread = pthread_self();
    thread->tid = gettid();
    while (!thread->must_quit) {
        /* A pending access is finished even when told to stop, so that state is whole. */
        if (vm->may_run && thread->rest_us && !thread->is_access_pending) {
            rest_locked(thread);
        } else if (vm->may_run || thread->is_access_pending) {
            run_once_locked(thread);
        } else if (thread->has_run) {
            settle_locked(thread);
        } else {
            park_locked(thread);
        }
    }
    thread->is_parked = true;
    g_cond_broadcast(&vm->parked);
    g_mutex_unlock(&vm->lock);
    return NULL;
}

static bool all_parked(const Vm *vm)
{
    for (unsigned i = 0; i < vm->thread_count; i++) {
        if (!vm->threads[i].is_parked) {
            return false;
        }
    }
    return true;
}

static void kick_all(Vm *vm)
{
    for (unsigned i = 0; i < vm->thread_count; i++) {
        kvm_vcpu_set_immediate_exit(vm->machine->vcpus[i], true);
        if (!vm->threads[i].is_parked) {
            pthread_kill(vm->threads[i].pthread, SIGNAL_KICK);
        }
    }
}

static void wait_parked_locked(Vm *vm)
{
    while (!all_parked(vm)) {
        g_cond_wait(&vm->parked, &vm->lock);
    }
}

void vcpu_threads_park_locked(Vm *vm)
{
    vm->may_run = false;
    if (vm->machine) {
        kick_all(vm);
        g_cond_broadcast(&vm->resume); /* of those that rest */
        wait_parked_locked(vm);
    }
}

void vcpu_threads_rest_locked(Vm *vm, unsigned us)
{
    for (unsigned i = 0; i < vm->thread_count; i++) {
        vm->threads[i].rest_us = us;
    }
    kick_all(vm);
}

void vcpu_threads_resume_locked(Vm *vm)
{
    for (unsigned i = 0; i < vm->thread_count; i++) {
        vm->threads[i].rest_us = 0;
        vm->threads[i].was_repaired = false;
        kvm_vcpu_set_immediate_exit(vm->machine->vcpus[i], false);
    }
    vm->may_run = true;
    g_cond_broadcast(&vm->resume);
}

void vcpu_thread_call_locked(Vm *vm, unsigned index, MachineVcpuCall *call, void *data)
{
    VcpuThread *thread = index < vm->thread_count ? &vm->threads[index] : NULL;

    if (!thread) {
        call(data);
        return;
    }
    thread->call_data = data;
    thread->call = call;
    g_cond_broadcast(&vm->resume);
    while (thread->call) {
        g_cond_wait(&vm->parked, &vm->lock);
    }
}

static bool install_kick(GError **errp)
{
    struct sigaction action = {.sa_handler = kick_arrived};

    if (sigaction(SIGNAL_KICK, &action, NULL) < 0) {
        error_set_errno(errp, errno, "cannot install the signal that stops vCPUs");
        return false;
    }
    return true;
}

static bool start_threads(Vm *vm, GError **errp)
{
    unsigned count = vm->machine->vcpu_count;

    vm->threads = g_new0(VcpuThread, count);
    for (unsigned i = 0; i < count; i++) {
        VcpuThread *thread = &vm->threads[i];
        g_autofree char *name = g_strdup_printf("CPU %u/KVM", i);
        g_autoptr(GError) cause = NULL;

        thread->vm = vm;
        thread->index = i;
        thread->thread = g_thread_try_new(name, thread_main, thread, &cause);
        if (!thread->thread) {
            error_set(errp, "cannot start the thread of vCPU %u: %s", i, cause->message);
            wait_parked_locked(vm);
            return false;
        }
        vm->thread_count++;
    }
    wait_parked_locked(vm);
    return true;
}

/* Host CPUs that the vCPU threads stay on; NULL: any. */
static const CpuSet *confinement(const Vm *vm)
{
    const CpuBinding *binding = vm->plan->machine->binding;

    return binding && binding->confine ? binding->pmu_cpus : NULL;
}

bool vcpu_threads_start(Vm *vm, GError **errp)
{
    const CpuSet *cpus = confinement(vm);
    g_autoptr(HostAffinity) saved = NULL;
    bool ok;

    if (!install_kick(errp)) {
        return false;
    }
    if (cpus) {
        /* A new thread inherits where its maker may run. */
        saved = host_affinity_confine(cpus, errp);
        if (!saved) {
            g_prefix_error(errp, "vCPU threads: ");
            return false;
        }
    }
    ok = (!cpus || (vm->affinity = host_affinity_get(errp))) && start_threads(vm, errp);
    if (saved) {
        host_affinity_restore(saved);
    }
    return ok;
}

void vcpu_threads_join(Vm *vm)
{
    vcpu_threads_park_locked(vm);
    for (unsigned i = 0; i < vm->thread_count; i++) {
        vm->threads[i].must_quit = true;
    }
    g_cond_broadcast(&vm->resume);
    g_mutex_unlock(&vm->lock);
    for (unsigned i = 0; i < vm->thread_count; i++) {
        g_thread_join(vm->threads[i].thread);
    }
    g_mutex_lock(&vm->lock);
    g_clear_pointer(&vm->threads, g_free);
    vm->thread_count = 0;
}
