/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a Vm, for vm.c, vcpu-thread.c and main-loop.c. */
#ifndef SYSTEM_VM_VM_INTERNAL_H
#define SYSTEM_VM_VM_INTERNAL_H

#include "accel/host-affinity.h"
#include "hw/boot-images.h"
#include "hw/machine.h"
#include "system/plan/vm-plan.h"
#include "system/vm/vm.h"

/* What a vCPU thread asks the main thread to do. */
typedef enum VmRequest {
    VM_REQUEST_NONE,
    VM_REQUEST_POWER_OFF,
    VM_REQUEST_RESET,
    VM_REQUEST_PANIC,
    VM_REQUEST_EXIT,            /* status in request_code */
    VM_REQUEST_ERROR,           /* text in request_text */
    VM_REQUEST_CPU_UNSUPPORTED, /* vCPU in request_code, host CPU in its thread */
} VmRequest;

typedef struct VcpuThread {
    Vm *vm;
    unsigned index;
    GThread *thread;
    pthread_t pthread;
    int tid;
    bool is_parked;
    bool must_quit;
    bool is_access_pending; /* the kernel still has to take the result of an access */
    unsigned rest_us;       /* to stand still before the next entry */
    bool has_run;           /* since it was settled */
    bool was_repaired;      /* its affinity was put back since the last cont */
    unsigned host_cpu;      /* where the last entry failed */
    MachineVcpuCall *call;  /* to be made while parked; NULL: none */
    void *call_data;
} VcpuThread;

struct Vm {
    const VmPlan *plan;
    KvmSys *sys;
    const VmHost *host;
    MachineHost machine_host;
    int64_t rtc_offset_s;
    BootImages *images;
    GuestMemory *memory;
    Machine *machine; /* NULL after a reset that failed */

    GMutex lock;
    GCond parked; /* some vCPU thread parked */
    GCond resume; /* parked threads look again */
    VcpuThread *threads;
    unsigned thread_count;
    bool may_run; /* what vCPU threads obey */
    HostAffinity
        *affinity; /* what the contract confines vCPU threads to; NULL: nothing */

    unsigned throttle_percent;
    guint throttle_timer; /* 0: none */

    RunState state;
    VmRequest request;
    int request_code;
    char *request_text;

    GQueue
        events; /* json_object *: what devices have to say, until the main thread does */

    bool is_quitting;
    int status;
    bool is_no_reboot, is_no_shutdown;
    bool is_shutdown_emitted;
};

/* vcpu_threads_start - one parked thread per vCPU of the machine. */
bool vcpu_threads_start(Vm *vm, GError **errp);

/* vcpu_threads_join - end and forget them. */
void vcpu_threads_join(Vm *vm);

/* vcpu_threads_park_locked - returns when every thread is outside the guest. */
void vcpu_threads_park_locked(Vm *vm);

/* vcpu_threads_resume_locked - let them run. */
void vcpu_threads_resume_locked(Vm *vm);

/* vcpu_threads_rest_locked - take them out of the guest for @us; they run. */
void vcpu_threads_rest_locked(Vm *vm, unsigned us);

/*
 * vcpu_thread_call_locked - make @call in the parked thread of vCPU @index, or here where
 * there is no such thread yet; returns after it.
 */
void vcpu_thread_call_locked(Vm *vm, unsigned index, MachineVcpuCall *call, void *data);

/*
 * vm_request_locked - have the main thread act; the vCPUs go no further until it has.
 * @text: for VM_REQUEST_ERROR, taken over
 */
void vm_request_locked(Vm *vm, VmRequest request, int code, char *text);

/* vm_emit_events_locked - say what devices had to say, in the main thread. */
void vm_emit_events_locked(Vm *vm);

/* vm_handle_request_locked - the main thread's side. */
void vm_handle_request_locked(Vm *vm);

#endif
