/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of what was asked, offered and given; and what is common to both resolvers.
 */
#include "cpu-table.h"

#include <string.h>

#include "target/arm-cpu.h"
#include "target/x86-cpu.h"
#include "util/bits.h"
#include "util/json.h"

static void row_clear(gpointer data)
{
    CpuTableRow *row = data;

    g_free(row->what);
    g_free(row->asked);
    g_free(row->offered);
    g_free(row->given);
}

GArray *cpu_table_new(void)
{
    GArray *table = g_array_new(FALSE, FALSE, sizeof(CpuTableRow));

    g_array_set_clear_func(table, row_clear);
    return table;
}

void cpu_table_add(GArray *table, const char *what, char *asked, char *offered,
                   char *given)
{
    CpuTableRow row = {g_strdup(what), asked ? asked : g_strdup("-"),
                       offered ? offered : g_strdup("-"), given ? given : g_strdup("-")};

    g_array_append_val(table, row);
}

char *cpu_table_format(const GArray *table)
{
    GString *text = g_string_new(NULL);
    size_t width[3] = {strlen("PMU property"), strlen("asked"), strlen("offered")};

    for (unsigned i = 0; i < table->len; i++) {
        const CpuTableRow *row = &g_array_index(table, CpuTableRow, i);

        width[0] = MAX(width[0], strlen(row->what));
        width[1] = MAX(width[1], strlen(row->asked));
        width[2] = MAX(width[2], strlen(row->offered));
    }
    g_string_append_printf(text, "%-*s  %-*s  %-*s  %s\n", (int)width[0], "PMU property",
                           (int)width[1], "asked", (int)width[2], "offered", "given");
    for (unsigned i = 0; i < table->len; i++) {
        const CpuTableRow *row = &g_array_index(table, CpuTableRow, i);

        g_string_append_printf(text, "%-*s  %-*s  %-*s  %s\n", (int)width[0], row->what,
                               (int)width[1], row->asked, (int)width[2], row->offered,
                               row->given);
    }
    return g_string_free(text, FALSE);
}

json_object *cpu_table_to_json(const GArray *table)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < table->len; i++) {
        const CpuTableRow *row = &g_array_index(table, CpuTableRow, i);
        json_object *object = json_object_new_object();

        json_add_string(object, "what", row->what);
        json_add_string(object, "asked", row->asked);
        json_add_string(object, "offered", row->offered);
        json_add_string(object, "given", row->given);
        json_object_array_add(array, object);
    }
    return array;
}

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
                                          .row = (char *)rows[i].property,
                                          .asked = (char *)text,
                                          .offered = (char *)"off",
                                          .cause = (char *)rows[i].why,
                                          .remedy = (char *)"leave it out"});
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

GArray *cpu_table(const Object *cpu, const CpuResolveInput *in,
                  const CpuContract *contract)
{
    return object_is_a(cpu, TYPE_X86_CPU)
               ? x86_cpu_table((const X86Cpu *)cpu, in, contract)
               : arm_cpu_table((const ArmCpu *)cpu, in, contract);
}
