/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Vm: the virtual machine that exists: a machine, its vCPU threads, its run state.
 *
 * The main thread holds the VM lock whenever it is not waiting in poll, so everything it
 * calls (chardev handlers, timers, QMP commands) may touch devices.  vCPU threads take
 * the lock for each exit they handle.  All functions here are for the main thread.
 */
#ifndef SYSTEM_VM_H
#define SYSTEM_VM_H

#include <glib.h>
#include <stdbool.h>

#include "qapi/types.h"

typedef struct Chardev Chardev;
typedef struct json_object json_object;
typedef struct KvmSys KvmSys;
typedef struct CpuContract CpuContract;
typedef struct GuestMemory GuestMemory;
typedef struct KvmVm KvmVm;
typedef struct Vm Vm;
typedef struct VmPlan VmPlan;

/* What the program offers a Vm.  Called in the main thread. */
typedef struct VmHost {
    Chardev *(*find_chardev)(void *opaque, const char *id); /* borrowed, or NULL */
    void (*emit)(void *opaque, json_object *event);         /* takes the reference over */
    void (*log)(void *opaque, const char *message);         /* something went wrong */
    bool (*has_monitor)(void *opaque); /* somebody could continue a stopped guest */
    void *opaque;
} VmHost;

/*
 * vm_realize - make what @plan says, vCPU threads included; nothing runs yet (prelaunch).
 * @plan, @sys, @host: borrowed, must outlive the Vm
 *
 * Nothing half made is left on failure.
 */
Vm *vm_realize(const VmPlan *plan, KvmSys *sys, const VmHost *host, GError **errp);

/* vm_free - stop and release everything; NULL is nothing. */
void vm_free(Vm *vm);

/* vm_main_loop - run the default GMainContext until vm_quit(); returns the exit status.
 */
int vm_main_loop(Vm *vm);

/* vm_plan - what it was made from. */
const VmPlan *vm_plan(const Vm *vm);

/* vm_run_state - what the guest as a whole is doing. */
RunState vm_run_state(const Vm *vm);

/* vm_is_running - the vCPUs run. */
bool vm_is_running(const Vm *vm);

/* vm_stop - stop all vCPUs, accesses in flight finished; emits STOP.  Harmless twice. */
void vm_stop(Vm *vm, RunState state);

/*
 * vm_cont - let all vCPUs run; emits RESUME.
 * Fails where the guest is powered off or broken and was not reset since.
 */
bool vm_cont(Vm *vm, GError **errp);

/*
 * vm_reset - a new machine from the same plan, with the boot images loaded again; emits
 * RESET.  vCPU threads stay, and so does whether they run.
 */
bool vm_reset(Vm *vm, ShutdownCause cause, GError **errp);

/* vm_powerdown - press the power button; emits POWERDOWN. */
void vm_powerdown(Vm *vm);

/*
 * vm_quit - end vm_main_loop() with @status after emitting SHUTDOWN.
 */
void vm_quit(Vm *vm, ShutdownCause cause, int status);

/* vm_set_no_reboot, vm_set_no_shutdown - as -no-reboot and -no-shutdown; QMP set-action.
 */
void vm_set_no_reboot(Vm *vm, bool on);
void vm_set_no_shutdown(Vm *vm, bool on);

/* vm_cpu_count - number of vCPUs; 0 for the machine "none". */
unsigned vm_cpu_count(const Vm *vm);

/* vm_cpu_thread_id - kernel thread id of vCPU @index, never the process's own. */
int vm_cpu_thread_id(const Vm *vm, unsigned index);

/* ---- for migration ---- */

/* vm_kvm - the machine in the kernel; another one after each reset; NULL after a reset
 * that failed. */
KvmVm *vm_kvm(const Vm *vm);

/* vm_memory - the guest's RAM, the same for ever. */
GuestMemory *vm_memory(const Vm *vm);

/*
 * vm_save_state - everything but RAM, as MachineSection *.  The guest is stopped.
 * @was_running: what the guest is to be after loading
 */
GPtrArray *vm_save_state(Vm *vm, bool was_running, GError **errp);

/*
 * vm_load_state - the inverse, into a guest that has not run; RAM is there.
 * @ret_was_running: as given to vm_save_state()
 */
bool vm_load_state(Vm *vm, const GPtrArray *sections, bool *ret_was_running,
                   GError **errp);

/*
 * vm_adopt_contract - make the machine anew with a contract that came from elsewhere and
 * was found to hold here.  Takes @contract over.
 */
bool vm_adopt_contract(Vm *vm, CpuContract *contract, GError **errp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Vm, vm_free)

#endif
