/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what was asked and what the host offers to a CpuContract: the entry points that
 * are the same for both architectures.
 */
#ifndef TARGET_CPU_RESOLVE_H
#define TARGET_CPU_RESOLVE_H

#include "qom/object.h"
#include "target/compat.h"
#include "target/cpu-contract.h"
#include "target/host-profile.h"
#include "target/kvm-accel.h"
#include "util/report.h"

/* A switch that can be left to the default. */
typedef enum OnOffAuto {
    ON_OFF_AUTO_AUTO,
    ON_OFF_AUTO_ON,
    ON_OFF_AUTO_OFF,
} OnOffAuto;

/* All a resolver may look at besides the CPU object.  Borrowed pointers. */
typedef struct CpuResolveInput {
    const HostProfile *host;
    const KvmAccel *accel;
    const char *machine; /* versioned name, for the contract */
} CpuResolveInput;

/* One line of the table of what was asked, offered and given. */
typedef struct CpuTableRow {
    char *what, *asked, *offered, *given;
} CpuTableRow;

/*
 * target_register_types - every type of target/: "kvm-accel", "cpu", and the CPU models
 * of both architectures.
 */
void target_register_types(TypeRegistry *registry);

/* target_cpu_typename - "host" to "host-x86_64-cpu"; the caller frees it. */
char *target_cpu_typename(TargetArch arch, const char *model);

/* cpu_type_alias_of - the type that CPU type @type is another name of, or NULL. */
const char *cpu_type_alias_of(const TypeRegistry *registry, const ObjectType *type);

/*
 * cpu_new_from_string - a CPU object from the text of -cpu.
 * @text: "model[,prop=value][,prop][,+feature][,-feature]…"
 * @compat: entries of the machine version, applied before the text; may be NULL
 * @globals: further entries (-global), between the two; may be NULL
 * @report: takes the warning about a text that mixes +x/-x with x=…; may be NULL
 *
 * Every +feature is applied after every x=…, and every -feature after that.
 * NULL with a message that names the option.  Source: QEMU's documented behaviour.
 */
Object *cpu_new_from_string(const TypeRegistry *registry, TargetArch arch,
                            const char *text, const GArray *compat, const GArray *globals,
                            Report *report, GError **errp);

/*
 * cpu_text_on_machine - -cpu @text with the version that a model without one has on
 * @machine, see machine_takes_newest_models(); the caller frees it.
 */
char *cpu_text_on_machine(const char *machine, const char *text);

/*
 * cpu_set_json - set property @name of @cpu, as a user would.
 * What -cpu explains (no such feature, one that is known but not to be had) is explained.
 */
bool cpu_set_json(Object *cpu, const char *name, json_object *value, GError **errp);

/*
 * cpu_resolve - decide the guest's CPU.  Pure.
 * @cpu: an object of a CPU type, made by cpu_new_from_string()
 *
 * Always returns a contract; it is fit for use only where @report has no error.
 */
CpuContract *cpu_resolve(const Object *cpu, const CpuResolveInput *in, Report *report);

/*
 * cpu_judge_found - what the CPU's options make of findings that only realizing showed.
 * @found: of the host's KVM, warnings; each is added to @report with the level that check
 *         and enforce ask for, or left out
 */
void cpu_judge_found(const Object *cpu, const Report *found, Report *report);

/*
 * cpu_table - asked, offered and given, one row per PMU property.
 * An array of CpuTableRow; free with g_array_unref().
 */
GArray *cpu_table(const Object *cpu, const CpuResolveInput *in,
                  const CpuContract *contract);

/*
 * cpu_given_property - what the guest's CPU has of @prop, as @contract says; the object's
 * own value where the contract does not tell.  NULL where there is no value.
 */
json_object *cpu_given_property(const CpuContract *contract, const Object *cpu,
                                const Property *prop);

/* cpu_table_format - the table as aligned text, header included; the caller frees it. */
char *cpu_table_format(const GArray *table);

/* cpu_table_to_json - array of {"what","asked","offered","given"}; a new reference. */
json_object *cpu_table_to_json(const GArray *table);

#endif
