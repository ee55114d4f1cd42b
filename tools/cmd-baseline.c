/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu baseline: the CPU that every one of some hosts can run, and go on with.
 */
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "fleet.h"
#include "progress.h"
#include "tool.h"

/* One host, as a thread of the fleet made it. */
typedef struct Most {
    VpmuPlan *plan; /* NULL: it could not be read … */
    GError *error;  /* … for this reason */
} Most;

typedef struct Gathering {
    VpmuRequest *requests[VPMU_AARCH64 + 1]; /* for the most, by architecture */
    VpmuBaseline *baseline;
    Progress progress;
    GError *error; /* the first thing that went wrong … */
    ToolExit exit; /* … and what it ends with */
} Gathering;

static gpointer find_most(const char *path, void *opaque)
{
    const Gathering *gathering = opaque;
    Most *most = g_new0(Most, 1);
    g_autoptr(VpmuHost) host = tool_load_host(path, &most->error);
    char *message = NULL;
    VpmuStatus status = VPMU_OK;

    if (host) {
        status = vpmu_resolve(gathering->requests[vpmu_host_arch(host)], host,
                              &most->plan, &message);
    }
    if (status != VPMU_OK) {
        (void)tool_fail(status, message, &most->error);
    }
    return most;
}

static void add_most(Gathering *gathering, const char *path, Most *most)
{
    char *message = NULL;
    VpmuStatus status;

    if (!most->plan) {
        gathering->exit = TOOL_EXIT_BAD_INPUT;
        g_propagate_error(&gathering->error, g_steal_pointer(&most->error));
        return;
    }
    status = vpmu_baseline_add(gathering->baseline, most->plan, path, &message);
    if (status != VPMU_OK) {
        gathering->exit = tool_fail(status, message, &gathering->error);
    }
}

static void take_most(const char *path, gpointer result, void *opaque)
{
    Gathering *gathering = opaque;
    Most *most = result;

    progress_step(&gathering->progress);
    if (!gathering->error) {
        add_most(gathering, path, most);
    }
    vpmu_plan_free(most->plan);
    g_clear_error(&most->error);
    g_free(most);
}

static void print_json(FILE *out, const char *cpu, const char *no_pmu, unsigned hosts)
{
    json_object *json = json_object_new_object();

    json_object_object_add(json, "cpu", json_object_new_string(cpu));
    json_object_object_add(json, "pmu", json_object_new_boolean(!no_pmu));
    if (no_pmu) {
        json_object_object_add(json, "no-pmu", json_object_new_string(no_pmu));
    }
    json_object_object_add(json, "hosts", json_object_new_uint64(hosts));
    fprintf(out, "%s\n",
            json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY |
                                                     JSON_C_TO_STRING_SPACED |
                                                     JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(json);
}

static void print_text(FILE *out, const char *cpu, const char *no_pmu)
{
    if (no_pmu) {
        fprintf(stderr, "vpmu baseline: note: pmu=off: %s\n", no_pmu);
    }
    fprintf(out, "%s\n", cpu);
}

static bool read_args(char **args, GPtrArray *paths, bool *ret_json, GError **errp)
{
    for (; *args; args++) {
        if (strcmp(*args, "--json") == 0) {
            *ret_json = true;
        } else if ((*args)[0] == '-') {
            tool_error(errp, "'%s' is not an option, see vpmu help", *args);
            return false;
        } else {
            fleet_add_path(paths, *args);
        }
    }
    if (!paths->len) {
        tool_error(errp, "host profiles, or folders that have some (*.json), are needed");
        return false;
    }
    return true;
}

static ToolExit find_baseline(Gathering *gathering, const GPtrArray *paths, bool as_json,
                              FILE *out, GError **errp)
{
    tool_autotext *cpu = NULL, *no_pmu = NULL;
    char *message = NULL;
    VpmuStatus status = VPMU_OK;

    for (VpmuArch arch = VPMU_X86_64; status == VPMU_OK && arch <= VPMU_AARCH64; arch++) {
        status = vpmu_request_most(arch, &gathering->requests[arch], &message);
    }
    if (status == VPMU_OK) {
        fleet_map(paths, find_most, take_most, gathering);
        progress_hide(&gathering->progress);
        if (gathering->error) {
            g_propagate_error(errp, g_steal_pointer(&gathering->error));
            return gathering->exit;
        }
        status = vpmu_baseline_find(gathering->baseline, &cpu, &no_pmu, &message);
    }
    if (status != VPMU_OK) {
        return tool_fail(status, message, errp);
    }
    if (as_json) {
        print_json(out, cpu, no_pmu, paths->len);
    } else {
        print_text(out, cpu, no_pmu);
    }
    return TOOL_EXIT_OK;
}

ToolExit cmd_baseline(char **args, FILE *out, GError **errp)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    Gathering gathering = {.exit = TOOL_EXIT_OK};
    bool as_json = false;
    ToolExit status;

    if (!read_args(args, paths, &as_json, errp)) {
        return TOOL_EXIT_BAD_INPUT;
    }
    gathering.baseline = vpmu_baseline_new();
    gathering.progress = progress_new(paths->len, !isatty(fileno(out)));
    status = find_baseline(&gathering, paths, as_json, out, errp);
    for (unsigned i = 0; i < G_N_ELEMENTS(gathering.requests); i++) {
        vpmu_request_free(gathering.requests[i]);
    }
    vpmu_baseline_free(gathering.baseline);
    return status;
}
