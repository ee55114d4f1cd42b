/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu check: which hosts can run a guest as it is, and which of them is the best target.
 */
#include <string.h>
#include <unistd.h>

#include "fleet.h"
#include "progress.h"
#include "target/contract-check.h"
#include "util/error.h"
#include "util/json.h"
#include "vpmu.h"

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

/* The members after "hosts": ranked, nearest, summary. */
static void finish_json(FILE *out, const GArray *hosts, const GPtrArray *ranked,
                        GHashTable *codes)
{
    g_autojson *order = json_object_new_array();
    g_autojson *summary = json_object_new_object();
    json_object *reasons = json_object_new_object();
    const FleetHost *nearest = ranked->len ? NULL : fleet_nearest(hosts);
    unsigned counts[FLEET_VERDICT_COUNT] = {0};

    count_verdicts(hosts, counts);
    for (unsigned i = 0; i < ranked->len; i++) {
        const FleetHost *host = g_ptr_array_index(ranked, i);

        json_object_array_add(order, json_object_new_string(host->path));
    }
    json_add_uint(summary, "hosts", hosts->len);
    for (FleetVerdict verdict = 0; verdict < FLEET_VERDICT_COUNT; verdict++) {
        json_add_uint(summary, fleet_verdict_name(verdict), counts[verdict]);
    }
    for (unsigned i = 0; i < CHECK_REASON_COUNT; i++) {
        const char *code = check_reason_rows[i].code;
        unsigned count = GPOINTER_TO_UINT(g_hash_table_lookup(codes, code));

        if (count) {
            json_add_uint(reasons, code, count);
        }
    }
    json_add(summary, "reasons", reasons);
    if (nearest) {
        json_add_string(summary, "nearest", nearest->path);
    }
    fprintf(out, "\n],\n\"ranked\": %s,\n\"summary\": %s}\n",
            json_object_to_json_string_ext(order, JSON_C_TO_STRING_NOSLASHESCAPE),
            json_object_to_json_string_ext(summary, JSON_C_TO_STRING_NOSLASHESCAPE));
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

static VpmuExit check_hosts(const CpuContract *contract, const GPtrArray *paths,
                            bool as_json, FILE *out, GError **errp)
{
    g_autoptr(GHashTable) codes = g_hash_table_new(g_str_hash, g_str_equal);
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
        g_autofree char *digest = cpu_contract_digest(contract);

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
        error_set(errp, "profiles that could not be read: %u", counts[FLEET_UNREADABLE]);
        return VPMU_EXIT_BAD_INPUT;
    }
    return counts[FLEET_REFUSED] ? VPMU_EXIT_REFUSED : VPMU_EXIT_OK;
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
            ret->contract = vpmu_take_value(&args, errp);
            if (!ret->contract) {
                return false;
            }
        } else if (strcmp(value, "--host") == 0) {
            value = vpmu_take_value(&args, errp);
            if (!value) {
                return false;
            }
            fleet_add_path(ret->paths, value);
            ret->has_hosts = true;
        } else if (ret->has_hosts && value[0] != '-') {
            fleet_add_path(ret->paths, value);
        } else {
            error_set(errp, "'%s' is not an option, see vpmu help", value);
            return false;
        }
    }
    if (ret->has_hosts && !ret->paths->len) {
        error_set(errp, "--host: there is no profile (*.json) in what was named");
        return false;
    }
    if (!ret->contract || !ret->paths->len) {
        error_set(errp, "--contract FILE and --host FILE… are both needed");
        return false;
    }
    return true;
}

VpmuExit vpmu_check(char **args, FILE *out, GError **errp)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(CpuContract) contract = NULL;
    CheckArgs check = {.paths = paths};

    if (!read_args(args, &check, errp)) {
        return VPMU_EXIT_BAD_INPUT;
    }
    contract = vpmu_load_contract(check.contract, errp);
    return contract ? check_hosts(contract, paths, check.is_json, out, errp)
                    : VPMU_EXIT_BAD_INPUT;
}
