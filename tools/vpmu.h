/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The subcommands of the vpmu tool.
 */
#ifndef TOOLS_VPMU_H
#define TOOLS_VPMU_H

#include <glib.h>
#include <stdio.h>

#include "target/cpu-resolve.h"

/* What a subcommand ends with. */
typedef enum VpmuExit {
    VPMU_EXIT_OK,
    VPMU_EXIT_REFUSED,  /* the question was understood, the answer is no */
    VPMU_EXIT_BAD_INPUT /* the question was not understood */
} VpmuExit;

/*
 * A subcommand: gets the arguments after its name, NULL-terminated; prints its result to
 * @out.  A message in @errp goes with an exit other than OK.
 */
typedef VpmuExit VpmuCommand(char **args, FILE *out, GError **errp);

VpmuCommand vpmu_record;
VpmuCommand vpmu_resolve;
VpmuCommand vpmu_doctor;
VpmuCommand vpmu_check;
VpmuCommand vpmu_diff;
VpmuCommand vpmu_baseline;

/* vpmu_load_host - @from is "live" or the path of a profile. */
HostProfile *vpmu_load_host(const char *from, GError **errp);

/* vpmu_read_json - the file @path as JSON. */
json_object *vpmu_read_json(const char *path, GError **errp);

/* The part of a monitor's command line that decides the CPU. */
typedef struct GuestArgs {
    TypeRegistry *registry;
    char *machine; /* versioned name */
    const MachineVersion *version;
    Object *accel; /* KvmAccel */
    Object *cpu;
} GuestArgs;

/*
 * guest_args_parse - from "-machine M -cpu C -accel kvm,… -global T.P=V".
 * @args: NULL-terminated; other options are refused by name
 * @report: takes warnings about the -cpu text
 */
GuestArgs *guest_args_parse(char **args, TargetArch arch, Report *report, GError **errp);

/* guest_args_free - NULL is nothing. */
void guest_args_free(GuestArgs *guest);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GuestArgs, guest_args_free)

#endif
