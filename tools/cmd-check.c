/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu check: which hosts can run a guest as it is, and which of them is the best target.
 */
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "fleet.h"
#include "progress.h"
#include "tool.h"

typedef struct Printer {
    FILE *out;
    bool as_json, is_first;
    Progress progress;
} Printer;

static void print_host(const FleetHost *host, const char *text, void *opaque)
{
    Printer *printer = opaque;

    (void)host; /* the text says it all */
    if (isatty(fileno(printer->out))) {
        progress_hide(&printer->progress);
    }
    fprintf(printer->out, "%s%s",
            !printer->as_json   ? ""
            : printer->is_first ? "\n"
                                : ",\n",
            text);
    printer->is_first = false;
    progress_step(&printer->progress);
}

static void count_verdicts(const GArray *hosts, unsigned counts[FLEET_VERDICT_COUNT])
{
    for (unsigned i = 0; i < hosts->len; i++) {
        counts[g_array_index(hosts, FleetHost, i).verdict]++;
    }
}

/* How many hosts have each reason, in the order of the reasons. */
static json_object *reasons_new(GHashTable *codes)
{
    json_object *json = json_object_new_object();
    VpmuReason reason;

    for (unsigned i = 0; vpmu_reason_get(i, &reason); i++) {
        unsigned count = GPOINTER_TO_UINT(g_hash_table_lookup(codes, reason.code));

        if (count) {
            json_object_object_add(json, reason.code, json_object_new_uint64(count));
        }
    }
    return json;
}

static json_object *summary_new(const GArray *hosts, const FleetHost *nearest,
                                GHashTable *codes)
{
    json_object *json = json_object_new_object();
    unsigned counts[FLEET_VERDICT_COUNT] = {0};

    count_verdicts(hosts, counts);
    json_object_object_add(json, "hosts", json_object_new_uint64(hosts->len));
    for (FleetVerdict verdict = 0; verdict < FLEET_VERDICT_COUNT; verdict++) {
        json_object_object_add(json, fleet_verdict_name(verdict),
                               json_object_new_uint64(counts[verdict]));
    }
    json_object_object_add(json, "reasons", reasons_new(codes));
    if (nearest) {
        json_object_object_add(json, "nearest", json_object_new_string(nearest->path));
    }
    return json;
}

/* The members after "hosts": ranked, nearest, summary. */
static void finish_json(FILE *out, const GArray *hosts, const GPtrArray *ranked,
                        GHashTable *codes)
{
    json_object *order = json_object_new_array();
    json_object *summary =
        summary_new(hosts, ranked->len ? NULL : fleet_nearest(hosts), codes);

    for (unsigned i = 0; i < ranked->len; i++) {
        const FleetHost *host = g_ptr_array_index(ranked, i);

        json_object_array_add(order, json_object_new_string(host->path));
    }
    fprintf(out, "\n],\n\"ranked\": %s,\n\"summary\": %s}\n",
            json_object_to_json_string_ext(order, JSON_C_TO_STRING_NOSLASHESCAPE),
            json_object_to_json_string_ext(summary, JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(order);
    json_object_put(summary);
}

static void finish_text(FILE *out, const GArray *hosts, const GPtrArray *ranked)
{
    const FleetHost *nearest = ranked->len ? NULL : fleet_nearest(hosts);
    unsigned counts[FLEET_VERDICT_COUNT] = {0};

    count_verdicts(hosts, counts);
    if (hosts->len == 1) {
        return;
    }
    fprintf(out, "\n%u of %u hosts can run the guest%s\n", ranked->len, hosts->len,
            ranked->len ? ", best first:" : "");
    for (unsigned i = 0; i < ranked->len; i++) {
        const FleetHost *host = g_ptr_array_index(ranked, i);

        fprintf(out, "  %s (%u beyond the guest's)\n", host->path, host->surplus);
    }
    if (nearest) {
        fprintf(out, "nearest is %s, reasons against it: %u\n", nearest->path,
                nearest->reasons);
    }
    if (counts[FLEET_UNREADABLE]) {
        fprintf(out, "not judged: %u\n", counts[FLEET_UNREADABLE]);
    }
}

static ToolExit check_hosts(const VpmuContract *contract, const GPtrArray *paths,
                            bool as_json, FILE *out, GError **errp)
{
    g_autoptr(GHashTable) codes =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GArray) hosts = NULL;
    g_autoptr(GPtrArray) ranked = NULL;
    unsigned counts[FLEET_VERDICT_COUNT] = {0};
    Printer printer = {
        .out = out,
        .as_json = as_json,
        .is_first = true,
        .progress = progress_new(paths->len, as_json && !isatty(fileno(out))),
    };

    if (as_json) {
        tool_autotext *digest = vpmu_contract_digest(contract);

        fprintf(out, "{\"contract\": \"%s\",\n\"hosts\": [", digest);
    }
    hosts = fleet_judge(contract, paths, as_json, print_host, &printer, codes);
    progress_hide(&printer.progress);
    ranked = fleet_rank(hosts);
    if (as_json) {
        finish_json(out, hosts, ranked, codes);
    } else {
        finish_text(out, hosts, ranked);
    }
    count_verdicts(hosts, counts);
    if (counts[FLEET_UNREADABLE]) {
        tool_error(errp, "profiles that could not be read: %u", counts[FLEET_UNREADABLE]);
        return TOOL_EXIT_BAD_INPUT;
    }
    return counts[FLEET_REFUSED] ? TOOL_EXIT_REFUSED : TOOL_EXIT_OK;
}

typedef struct CheckArgs {
    const char *contract;
    GPtrArray *paths;
    bool is_json, has_hosts;
} CheckArgs;

static bool read_args(char **args, CheckArgs *ret, GError **errp)
{
    for (; *args; args++) {
        const char *value = *args;

        if (strcmp(value, "--json") == 0) {
            ret->is_json = true;
        } else if (strcmp(value, "--contract") == 0) {
            ret->contract = tool_take_value(&args, errp);
            if (!ret->contract) {
                return false;
            }
        } else if (strcmp(value, "--host") == 0) {
            value = tool_take_value(&args, errp);
            if (!value) {
                return false;
            }
            fleet_add_path(ret->paths, value);
            ret->has_hosts = true;
        } else if (ret->has_hosts && value[0] != '-') {
            fleet_add_path(ret->paths, value);
        } else {
            tool_error(errp, "'%s' is not an option, see vpmu help", value);
            return false;
        }
    }
    if (ret->has_hosts && !ret->paths->len) {
        tool_error(errp, "--host: there is no profile (*.json) in what was named");
        return false;
    }
    if (!ret->contract || !ret->paths->len) {
        tool_error(errp, "--contract FILE and --host FILE… are both needed");
        return false;
    }
    return true;
}

ToolExit cmd_check(char **args, FILE *out, GError **errp)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(VpmuContract) contract = NULL;
    CheckArgs check = {.paths = paths};
    char *message = NULL;
    VpmuStatus status;

    if (!read_args(args, &check, errp)) {
        return TOOL_EXIT_BAD_INPUT;
    }
    status = vpmu_contract_read(check.contract, &contract, &message);
    return status == VPMU_OK ? check_hosts(contract, paths, check.is_json, out, errp)
                             : tool_fail(status, message, errp);
}
