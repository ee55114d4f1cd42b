/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Vm: the virtual machine that exists: a machine, its vCPU threads, its run state.
 *
 * The main thread holds the VM lock whenever it is not waiting in poll, so everything it
 * calls (chardev handlers, timers, QMP commands) may touch devices.  vCPU threads take
 * the lock for each exit they handle.  All functions here are for the main thread.
 */
#ifndef SYSTEM_VM_VM_H
#define SYSTEM_VM_VM_H

#include <glib.h>
#include <stdbool.h>

#include "qapi/types.h"
#include "util/report.h"

typedef struct Chardev Chardev;
typedef struct json_object json_object;
typedef struct KvmSys KvmSys;
typedef struct BlockNode BlockNode;
typedef struct Netdev Netdev;
typedef struct Machine Machine;
typedef struct RngBackend RngBackend;
typedef struct GuestMemory GuestMemory;
typedef struct Vm Vm;
typedef struct VmPlan VmPlan;

/* What the program offers a Vm.  Called in the main thread. */
typedef struct VmHost {
    Chardev *(*find_chardev)(void *opaque, const char *id); /* borrowed, or NULL */
    RngBackend *(*find_rng)(void *opaque, const char *id);  /* likewise */
    BlockNode *(*find_block)(void *opaque, const char *id); /* likewise */
    Netdev *(*find_net)(void *opaque, const char *id);      /* likewise */
    /* Before the guest runs: its images are here, and nobody else's. */
    bool (*take_images)(void *opaque, GError **errp);
    void (*emit)(void *opaque, json_object *event); /* takes the reference over */
    void (*log)(void *opaque, const char *message); /* something went wrong */
    bool (*has_monitor)(void *opaque); /* somebody could continue a stopped guest */
    Report *report;                    /* findings of realization are added here */
    void *opaque;
} VmHost;

/*
 * vm_realize - make what @plan says, vCPU threads included; nothing runs yet (prelaunch).
 * @plan, @sys, @host: borrowed, must outlive the Vm
 *
 * Nothing half made is left on failure.
 */
Vm *vm_realize(const VmPlan *plan, KvmSys *sys, const VmHost *host, GError **errp);

/* vm_images_check - the files of @plan can be read, and are what they have to be. */
bool vm_images_check(const VmPlan *plan, GError **errp);

/* vm_free - stop and release everything; NULL is nothing. */
void vm_free(Vm *vm);

/* vm_main_loop - run the default GMainContext until vm_quit(); returns the exit status.
 */
int vm_main_loop(Vm *vm);

/* vm_has_request - the guest asked for a reset, its end or the like, and it is not done.
 */
bool vm_has_request(const Vm *vm);

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

/*
 * vm_set_throttle - have every vCPU rest @percent (0 to 99) of the time; 0: never.
 * Survives stop, cont and reset.
 */
void vm_set_throttle(Vm *vm, unsigned percent);

/* vm_machine - what it runs; NULL after a reset that failed. */
Machine *vm_machine(const Vm *vm);

/* vm_cpu_count - number of vCPUs; 0 for the machine "none". */
unsigned vm_cpu_count(const Vm *vm);

/* vm_cpu_thread_id - kernel thread id of vCPU @index, never the process's own. */
int vm_cpu_thread_id(const Vm *vm, unsigned index);

/* ---- for migration ---- */

/* vm_memory - the guest's RAM, the same for ever. */
GuestMemory *vm_memory(const Vm *vm);

/* vm_log_dirty - have KVM note which pages the guest writes, or stop it; stopping cannot
 * fail. */
bool vm_log_dirty(Vm *vm, bool on, GError **errp);

/* vm_sync_dirty - see guest_memory_sync_dirty(); also an error where a reset has failed.
 */
bool vm_sync_dirty(Vm *vm, unsigned index, uint64_t *bitmap, GError **errp);

/*
 * vm_save_state - everything but RAM, as StateSection *.  The guest is stopped.
 * @state: it was in before, and is to be in after loading
 */
GPtrArray *vm_save_state(Vm *vm, RunState state, GError **errp);

/*
 * vm_load_state - the inverse, into a guest that has not run; RAM is there.
 * @ret_state: as given to vm_save_state(); the guest is not in it yet
 */
bool vm_load_state(Vm *vm, const GPtrArray *sections, RunState *ret_state, GError **errp);

/*
 * vm_read_id_registers - arm64: of every vCPU, as arm_id_sets_new() has them; empty on
 * x86 and without a machine.  A guest that runs is taken out of its vCPUs for a moment.
 */
GPtrArray *vm_read_id_registers(Vm *vm, GError **errp);

/*
 * vm_try_id_registers - arm64: does KVM give the vCPUs, which have not run, the values of
 * the guest that comes?
 * @sets: of arm_id_sets_parse()
 * @report: takes each register that it does not
 * @ret_touched: set where any was written: the machine is not that of the command line
 */
bool vm_try_id_registers(Vm *vm, const GPtrArray *sets, Report *report, bool *ret_touched,
                         GError **errp);

/*
 * vm_adopt_plan - make the machine anew by another plan of the same spec; also where that
 * fails, the old one is not used any more.
 * @plan: borrowed, as that of vm_realize()
 * @found: takes findings of realization from here on
 */
bool vm_adopt_plan(Vm *vm, const VmPlan *plan, Report *found, GError **errp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Vm, vm_free)

#endif
