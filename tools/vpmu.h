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

/*
 * vpmu_split_words - @args with each "--name=value" as two words, up to the "--" that
 * ends the tool's own options.  NULL-terminated; g_strfreev().
 */
char **vpmu_split_words(char **args);

/*
 * vpmu_take_value - the word after the option at *@args, which moves on to it; NULL with
 * an error where there is none.
 */
const char *vpmu_take_value(char ***args, GError **errp);

/* vpmu_can_try - this program can make a vCPU of @arch. */
bool vpmu_can_try(TargetArch arch);

/*
 * vpmu_try_vcpu - make one vCPU of @contract on this host's KVM and release it.
 * @report: what KVM keeps otherwise than told
 */
bool vpmu_try_vcpu(const CpuContract *contract, Report *report, GError **errp);

VpmuCommand vpmu_record;
VpmuCommand vpmu_resolve;
VpmuCommand vpmu_doctor;
VpmuCommand vpmu_check;
VpmuCommand vpmu_diff;
VpmuCommand vpmu_baseline;
VpmuCommand vpmu_stream;

/* vpmu_load_host - @from is "live" or the path of a profile. */
HostProfile *vpmu_load_host(const char *from, GError **errp);

/* vpmu_load_contract - the file @path: a contract, bare or as "vpmu resolve --json",
 * "--dry-run=json" and an answer to query-vpmu wrap it. */
CpuContract *vpmu_load_contract(const char *path, GError **errp);

/* The part of a monitor's command line that decides the CPU. */
typedef struct GuestArgs {
    TypeRegistry *registry;
    char *machine; /* versioned name */
    const MachineVersion *version;
    Object *accel; /* KvmAccel */
    Object *cpu;
} GuestArgs;

/*
 * vpmu_host_contract - what a guest with -cpu @cpu gets on @host, machine version the
 * newest.
 * @cpu: NULL: the most the host has
 */
CpuContract *vpmu_host_contract(const HostProfile *host, const char *cpu, GError **errp);

/*
 * vpmu_read_text - the file @path as UTF-8 without a byte-order mark, which some editors
 * and shells put there; UTF-16 with one is converted.
 */
char *vpmu_read_text(const char *path, GError **errp);

/*
 * vpmu_most_args - the request for the most that hosts of @arch have: resolved against
 * any number of hosts, in any thread.
 */
GuestArgs *vpmu_most_args(TargetArch arch, GError **errp);

/* vpmu_read_json - the file @path as JSON. */
json_object *vpmu_read_json(const char *path, GError **errp);

/*
 * vpmu_parse_cpuid_text - the CPUID facts of the first processor in @text of the file
 * @path, as x86_host_derive() takes them; NULL with an error where there are none.
 */
json_object *vpmu_parse_cpuid_text(const char *text, const char *path, GError **errp);

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
