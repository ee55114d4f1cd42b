/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu diff: what differs between two guests, or between two hosts, and what that means
 * for migration in either direction.
 */
#include <string.h>

#include "target/contract-check.h"
#include "util/error.h"
#include "util/json.h"
#include "vpmu.h"

/* A contract, or a host together with the most it can give a guest. */
typedef struct Side {
    HostProfile *host;
    CpuContract *contract;
} Side;

static bool side_load(Side *side, const char *path, GError **errp)
{
    g_autojson *json = strcmp(path, "live") == 0 ? NULL : vpmu_read_json(path, errp);

    if (!json && strcmp(path, "live") != 0) {
        return false;
    }
    if (json && !json_has(json, "format")) {
        side->contract = vpmu_load_contract(path, errp);
        return side->contract;
    }
    side->host = vpmu_load_host(path, errp);
    side->contract = side->host ? vpmu_host_contract(side->host, NULL, errp) : NULL;
    return side->contract;
}

static void side_clear(Side *side)
{
    host_profile_free(side->host);
    cpu_contract_free(side->contract);
}

/* The reasons against a guest that has all of one side and moves to the other. */
static void print_way(FILE *out, const char *way, const Report *report)
{
    fprintf(out, "%s: a guest with all of it %s\n", way,
            report_count(report, FINDING_ERROR) ? "is refused" : "can move");
    for (unsigned i = 0; i < report_size(report); i++) {
        const Finding *finding = report_get(report, i);

        if (finding->level == FINDING_ERROR) {
            fprintf(out, "  %s [%s]\n", finding->row, finding->code);
        }
    }
}

static void print_rows(FILE *out, const Report *report)
{
    size_t width[3] = {strlen("row"), strlen("left"), strlen("right")};

    for (unsigned i = 0; i < report_size(report); i++) {
        const Finding *finding = report_get(report, i);

        width[0] = MAX(width[0], strlen(finding->row));
        width[1] = MAX(width[1], strlen(finding->asked));
        width[2] = MAX(width[2], strlen(finding->given));
    }
    if (report_size(report)) {
        fprintf(out, "%-*s  %-*s  %-*s  for a guest that moves\n", (int)width[0], "row",
                (int)width[1], "left", (int)width[2], "right");
    }
    for (unsigned i = 0; i < report_size(report); i++) {
        const Finding *finding = report_get(report, i);

        fprintf(out, "%-*s  %-*s  %-*s  %s%s%s%s\n", (int)width[0], finding->row,
                (int)width[1], finding->asked, (int)width[2], finding->given,
                finding->cause, finding->code ? " [" : "",
                finding->code ? finding->code : "", finding->code ? "]" : "");
    }
}

static json_object *way_to_json(const Report *report)
{
    json_object *json = json_object_new_object();

    json_add_bool(json, "ok", report_count(report, FINDING_ERROR) == 0);
    json_add(json, "findings", report_to_json(report));
    return json;
}

static void print_json(FILE *out, const Report *report, Report *const ways[2], bool same)
{
    g_autojson *json = json_object_new_object();
    json_object *rows = json_object_new_array();
    g_autofree char *text = NULL;

    for (unsigned i = 0; i < report_size(report); i++) {
        const Finding *finding = report_get(report, i);
        json_object *row = json_object_new_object();

        json_add_string(row, "row", finding->row);
        json_add_string(row, "left", finding->asked);
        json_add_string(row, "right", finding->given);
        json_add_string(row, "meaning", finding->cause);
        if (finding->code) {
            json_add_string(row, "code", finding->code);
        }
        json_object_array_add(rows, row);
    }
    json_add_bool(json, "same", same);
    json_add(json, "left-to-right", way_to_json(ways[0]));
    json_add(json, "right-to-left", way_to_json(ways[1]));
    json_add(json, "rows", rows);
    text = json_format_pretty(json);
    fprintf(out, "%s\n", text);
}

static bool read_args(char **args, const char *paths[2], bool *ret_json, GError **errp)
{
    unsigned count = 0;

    for (; *args; args++) {
        if (strcmp(*args, "--json") == 0) {
            *ret_json = true;
        } else if ((*args)[0] == '-') {
            error_set(errp, "'%s' is not an option, see vpmu help", *args);
            return false;
        } else if (count++ < 2) {
            paths[count - 1] = *args;
        }
    }
    if (count != 2) {
        error_set(errp, "two contracts or two host profiles are needed");
    }
    return count == 2;
}

/*
 * Rows into @report, what refuses each way into @ways; whether they are the same.  Of
 * hosts the judgement is that of vpmu check, of contracts that of the rows.
 */
static bool compare(const Side *left, const Side *right, Report *report,
                    Report *const ways[2])
{
    bool of_hosts = left->host;
    bool same;

    if (of_hosts) {
        host_diff(left->host, right->host, report);
        (void)contract_check_host(left->contract, right->host, ways[0]);
        (void)contract_check_host(right->contract, left->host, ways[1]);
    }
    same = contract_diff(left->contract, right->contract, report,
                         of_hosts ? NULL : ways[0], of_hosts ? NULL : ways[1]);
    return same && (!of_hosts || report_size(report) == 0);
}

static void print_text(FILE *out, const Report *report, Report *const ways[2], bool same)
{
    print_rows(out, report);
    if (!same) {
        print_way(out, "left to right", ways[0]);
        print_way(out, "right to left", ways[1]);
    }
    fprintf(out, "%s\n", same ? "the same" : "different");
}

VpmuExit vpmu_diff(char **args, FILE *out, GError **errp)
{
    g_autoptr(Report) report = report_new();
    g_autoptr(Report) to_right = report_new();
    g_autoptr(Report) to_left = report_new();
    Report *const ways[2] = {to_right, to_left};
    const char *paths[2];
    Side sides[2] = {
        {NULL, NULL},
        {NULL, NULL}
    };
    bool as_json = false, same = false;
    bool ok = read_args(args, paths, &as_json, errp) &&
              side_load(&sides[0], paths[0], errp) &&
              side_load(&sides[1], paths[1], errp);

    if (ok && !sides[0].host != !sides[1].host) {
        error_set(errp, "one is a contract, the other a host profile: vpmu check judges "
                        "a contract on a host");
        ok = false;
    }
    if (ok) {
        same = compare(&sides[0], &sides[1], report, ways);
    }
    if (ok && as_json) {
        print_json(out, report, ways, same);
    } else if (ok) {
        print_text(out, report, ways, same);
    }
    side_clear(&sides[0]);
    side_clear(&sides[1]);
    return !ok ? VPMU_EXIT_BAD_INPUT : same ? VPMU_EXIT_OK : VPMU_EXIT_REFUSED;
}
