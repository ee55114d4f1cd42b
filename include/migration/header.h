/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a stream says of its guest before anything moves, and how the destination judges
 * it.  The header is JSON: machine, digest of the contract, number of CPUs, RAM, and of
 * machine and devices what a guest can tell; then the contract itself.
 */
#ifndef MIGRATION_HEADER_H
#define MIGRATION_HEADER_H

#include <glib.h>
#include <stdbool.h>

#include "accel/guest-memory.h"
#include "qom/object.h"
#include "target/cpu-contract.h"
#include "target/host-profile.h"
#include "target/smp-topology.h"
#include "util/report.h"

typedef struct json_object json_object;

/* migration_header_new - of a guest; a new reference. */
json_object *migration_header_new(const char *machine, const CpuContract *contract,
                                  unsigned cpus, const GuestRange *ram, unsigned ranges);

/* migration_header_add_devices - the types of @devices, Object *, and of each what a
 * guest can tell of its properties. */
void migration_header_add_devices(json_object *header, const GPtrArray *devices);

/*
 * migration_header_add_machine - what a guest of @arch can tell of the board's @config
 * and, on x86, of how its CPUs are arranged.
 * @smp: NULL: not told
 */
void migration_header_add_machine(json_object *header, TargetArch arch,
                                  const Object *config, const SmpTopology *smp);

/*
 * migration_header_add_id_registers - arm64: the values of the vCPUs' ID registers, as
 * arm_id_sets_new() has them.  NULL, and sets without a register, add nothing.
 */
void migration_header_add_id_registers(json_object *header, const GPtrArray *sets);

/*
 * migration_header_check - the guest that comes (@header, untrusted) is the guest that
 * was configured here (@own), each difference one finding.  Devices, their properties,
 * those of the board and the arrangement of the CPUs are compared where the stream tells
 * them; streams of earlier builds do not.
 */
void migration_header_check(json_object *header, json_object *own, Report *report);

/* migration_refusal_text - the findings as JSON, untrusted, made one sentence; NULL gives
 * "". */
char *migration_refusal_text(json_object *findings);

#endif
