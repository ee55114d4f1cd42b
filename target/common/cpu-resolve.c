/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is common to both resolvers.
 */
#include "target/cpu-resolve.h"

#include "target/arm-cpu.h"
#include "target/x86-cpu.h"
#include "util/bits.h"
#include "util/json.h"

#include "unavailable.h"

const UnavailableRow accel_unavailable[] = {
    {"kvm-shadow-mem", "KVM sizes its page tables itself"},
};
const unsigned accel_unavailable_count = ARRAY_LEN(accel_unavailable);

void check_unavailable(const Object *object, const UnavailableRow *rows, unsigned count,
                       Report *report)
{
    for (unsigned i = 0; object && i < count; i++) {
        g_autojson *value = object_get_json(object, rows[i].property, NULL);
        const char *text = !value ? "off"
                           : json_object_is_type(value, json_type_boolean)
                               ? "on"
                               : json_object_get_string(value);

        if (object_origin(object, rows[i].property) != ORIGIN_DEFAULT &&
            json_object_get_int64(value) != 0) {
            report_add(report, &(Finding){.level = FINDING_ERROR,
                                          .row = rows[i].property,
                                          .asked = text,
                                          .offered = "off",
                                          .cause = rows[i].why,
                                          .remedy = "leave it out"});
        }
    }
}

void target_register_types(TypeRegistry *registry)
{
    const ObjectType cpu = {.name = "cpu",
                            .doc = "a guest processor",
                            .is_abstract = true,
                            .instance_size = sizeof(Object)};

    kvm_accel_register_types(registry);
    type_registry_add(registry, &cpu);
    x86_cpu_register_types(registry);
    arm_cpu_register_types(registry);
}

CpuContract *cpu_resolve(const Object *cpu, const CpuResolveInput *in, Report *report)
{
    (void)kvm_dirty_ring_entries(in->accel, in->host, report); /* for its findings */
    return object_is_a(cpu, TYPE_X86_CPU)
               ? x86_cpu_resolve((const X86Cpu *)cpu, in, report)
               : arm_cpu_resolve((const ArmCpu *)cpu, in, report);
}

const char *cpu_type_alias_of(const TypeRegistry *registry, const ObjectType *type)
{
    return type_registry_is_a(registry, type, TYPE_X86_CPU) ? x86_cpu_type_alias_of(type)
                                                            : NULL;
}

void cpu_judge_found(const Object *cpu, const Report *found, Report *report)
{
    for (unsigned i = 0; i < report_size(found); i++) {
        Finding finding = *report_get(found, i);

        if (!object_is_a(cpu, TYPE_X86_CPU) ||
            x86_cpu_finding_level((const X86Cpu *)cpu, &finding.level)) {
            report_add(report, &finding);
        }
    }
}
