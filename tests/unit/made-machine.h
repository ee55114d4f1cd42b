/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole machine on the modelled kernel of its architecture, planned from a command line
 * over a profile.  It is realized and never run.
 */
#ifndef TESTS_MADE_MACHINE_H
#define TESTS_MADE_MACHINE_H

#include "hw/boot-images.h"
#include "hw/machine.h"
#include "system/cmdline/vm-spec.h"
#include "system/plan/vm-plan.h"

#if defined(KVM_ARCH_ARM64)
#include "model-arm.h"
typedef ModelArm MadeModel;
#else
#include "model-kvm.h"
typedef ModelKvm MadeModel;
#endif

/* A machine and all it was made from. */
typedef struct MadeMachine {
    TypeRegistry *registry;
    VmSpec *spec;
    HostProfile *host;
    Report *report;
    VmPlan *plan;
    MadeModel *model;
    KvmSys *sys;
    GuestMemory *memory;
    BootImages *images;
    MachineHost machine_host;
    int64_t rtc_offset_s;
    Chardev *serial; /* a ring buffer, the chardev "out" */
    char *kernel;    /* path of the file that was written */
    Machine *machine;
    MachineEvent event; /* the last one, and how many there were */
    int event_code, events;
} MadeMachine;

/*
 * made_machine_plan - planned, images read, memory there, nothing realized yet.
 * @host: a committed profile
 * @kernel: goes to -kernel, or NULL
 * @args: NULL-terminated
 */
MadeMachine *made_machine_plan(const char *host, const GByteArray *kernel,
                               const char *const *args, GError **errp);

/* made_machine_plan_on - the same on @host, which is taken over. */
MadeMachine *made_machine_plan_on(HostProfile *host, const GByteArray *kernel,
                                  const char *const *args, GError **errp);

/* made_machine_realize - the rest, on the modelled kernel. */
bool made_machine_realize(MadeMachine *made, GError **errp);

/* made_machine_new - both, with the smallest kernel; a failure fails the test. */
MadeMachine *made_machine_new(const char *host, const char *const *args);

/* made_machine_free - release everything and remove the kernel's file; NULL is nothing.
 */
void made_machine_free(MadeMachine *made);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MadeMachine, made_machine_free)

#endif
