/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan as text for people and as JSON for machines. */
#include <inttypes.h>

#include "system/plan/vm-plan.h"
#include "util/json.h"
#include "util/number.h"

static const char *or_none(const char *text)
{
    return text ? text : "-";
}

static void format_findings(GString *text, const Report *report)
{
    for (unsigned i = 0; i < report_size(report); i++) {
        const Finding *finding = report_get(report, i);
        g_autofree char *line = finding_format(finding);

        g_string_append_printf(text, "%s: %s\n", finding_level_name(finding->level),
                               line);
    }
}

char *vm_plan_format(const VmPlan *plan, const Report *report)
{
    const MachinePlan *machine = plan->machine;
    g_autofree char *ram = number_format_size(machine->ram_bytes);
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "machine  %s\n", machine->name);
    if (plan->cpu) {
        g_autofree char *digest = cpu_contract_digest(machine->contract);
        g_autofree char *table = cpu_table_format(plan->cpu_table);

        g_string_append_printf(text, "cpu      %s, %u of them\n",
                               machine->contract->cpu_model, machine->smp.cpus);
        g_string_append_printf(text, "memory   %s\n", ram);
        g_string_append_printf(text, "kernel   %s\n", or_none(machine->kernel));
        g_string_append_printf(text, "contract %s\n\n%s", digest, table);
    }
    if (report_size(report)) {
        g_string_append_c(text, '\n');
    }
    format_findings(text, report);
    return g_string_free(text, FALSE);
}

static json_object *device_ranges_to_json(const DevicePlan *plan)
{
    static const char *const spaces[] = {
        [DEVICE_SPACE_PORTS] = "ports",
        [DEVICE_SPACE_MEMORY] = "memory",
    };
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < plan->range_count; i++) {
        json_object *range = json_object_new_object();

        json_add_string(range, "space", spaces[plan->ranges[i].space]);
        json_add_hex(range, "base", plan->ranges[i].base);
        json_add_uint(range, "bytes", plan->ranges[i].bytes);
        json_object_array_add(array, range);
    }
    return array;
}

static json_object *device_to_json(const DevicePlan *plan)
{
    json_object *object = json_object_new_object();

    json_add_string(object, "type", plan->class->type.name);
    if (plan->config->id) {
        json_add_string(object, "id", plan->config->id);
    }
    json_add(object, "ranges", device_ranges_to_json(plan));
    if (plan->irq != DEVICE_NO_IRQ) {
        json_add_uint(object, "irq", (uint64_t)plan->irq);
    }
    return object;
}

static json_object *devices_to_json(const MachinePlan *machine)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < machine->devices->len; i++) {
        json_object_array_add(array,
                              device_to_json(g_ptr_array_index(machine->devices, i)));
    }
    return array;
}

static json_object *ram_to_json(const MachinePlan *machine)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < machine->ram_ranges; i++) {
        json_object *range = json_object_new_object();

        json_add_hex(range, "gpa", machine->ram[i].gpa);
        json_add_uint(range, "bytes", machine->ram[i].bytes);
        json_object_array_add(array, range);
    }
    return array;
}

json_object *vm_plan_to_json(const VmPlan *plan, const Report *report)
{
    const MachinePlan *machine = plan->machine;
    json_object *object = json_object_new_object();

    json_add_bool(object, "resolved", report_count(report, FINDING_ERROR) == 0);
    json_add_string(object, "machine", machine->name);
    json_add(object, "smp", smp_topology_format(&machine->smp));
    json_add(object, "ram", ram_to_json(machine));
    json_add(object, "devices", devices_to_json(machine));
    if (machine->kernel) {
        json_add_string(object, "kernel", machine->kernel);
    }
    if (plan->cpu) {
        json_add(object, "contract", cpu_contract_format(machine->contract));
        json_add(object, "binding",
                 cpu_binding_to_json(machine->binding, machine->contract->arch));
        json_add(object, "pmu", cpu_table_to_json(plan->cpu_table));
    }
    json_add(object, "findings", report_to_json(report));
    return object;
}
