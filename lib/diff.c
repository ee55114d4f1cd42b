/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs between two guests, or between two hosts, and what that means for
 * migration in either direction.
 */
#include <string.h>

#include "internal.h"
#include "target/contract-check.h"
#include "util/json.h"

struct VpmuDiff {
    VpmuReport *rows;
    VpmuReport *ways[2]; /* left to right, right to left */
    bool is_same;
};

static VpmuDiff *diff_new(Report *rows, Report *to_right, Report *to_left, bool is_same)
{
    VpmuDiff *diff = g_new0(VpmuDiff, 1);

    diff->rows = lib_report_new(rows);
    diff->ways[0] = lib_report_new(to_right);
    diff->ways[1] = lib_report_new(to_left);
    diff->is_same = is_same;
    return diff;
}

VpmuDiff *vpmu_diff_contracts(const VpmuContract *left, const VpmuContract *right)
{
    Report *rows = report_new(), *to_right = report_new(), *to_left = report_new();
    bool is_same = contract_diff(left->inner, right->inner, rows, to_right, to_left);

    return diff_new(rows, to_right, to_left, is_same);
}

static VpmuPlan *most_of(const VpmuHost *host, char **message, VpmuStatus *ret)
{
    g_autoptr(VpmuRequest) request = NULL;

    *ret = vpmu_request_most(vpmu_host_arch(host), &request, message);
    return *ret == VPMU_OK ? lib_plan_new(request, host) : NULL;
}

/* The judgement of hosts is that of vpmu_check(), of contracts that of the rows. */
static VpmuDiff *diff_plans(const VpmuPlan *left, const VpmuPlan *right)
{
    const CpuContract *of_left = left->contract.inner, *of_right = right->contract.inner;
    const HostProfile *left_host = left->host->profile;
    const HostProfile *right_host = right->host->profile;
    Report *rows = report_new(), *to_right = report_new(), *to_left = report_new();
    bool is_same;

    host_diff(left_host, right_host, rows);
    (void)contract_check_host(of_left, right_host, to_right);
    (void)contract_check_host(of_right, left_host, to_left);
    is_same = contract_diff(of_left, of_right, rows, NULL, NULL);
    return diff_new(rows, to_right, to_left, is_same && report_size(rows) == 0);
}

VpmuStatus vpmu_diff_hosts(const VpmuHost *left, const VpmuHost *right, VpmuDiff **ret,
                           char **message)
{
    VpmuStatus status = VPMU_OK;
    g_autoptr(VpmuPlan) of_left = most_of(left, message, &status);
    g_autoptr(VpmuPlan) of_right = of_left ? most_of(right, message, &status) : NULL;

    if (of_right) {
        *ret = diff_plans(of_left, of_right);
    }
    return status;
}

void vpmu_diff_free(VpmuDiff *diff)
{
    if (diff) {
        vpmu_report_free(diff->rows);
        vpmu_report_free(diff->ways[0]);
        vpmu_report_free(diff->ways[1]);
        g_free(diff);
    }
}

bool vpmu_diff_is_same(const VpmuDiff *diff)
{
    return diff->is_same;
}

const VpmuReport *vpmu_diff_rows(const VpmuDiff *diff)
{
    return diff->rows;
}

const VpmuReport *vpmu_diff_way(const VpmuDiff *diff, bool to_left)
{
    return diff->ways[to_left];
}

static json_object *way_to_json(const VpmuReport *way)
{
    json_object *json = json_object_new_object();

    json_add_bool(json, "ok", vpmu_report_errors(way) == 0);
    json_add(json, "findings", report_to_json(way->inner));
    return json;
}

static json_object *row_to_json(const VpmuFinding *row)
{
    json_object *json = json_object_new_object();

    json_add_string(json, "row", row->row);
    json_add_string(json, "left", row->asked);
    json_add_string(json, "right", row->given);
    json_add_string(json, "meaning", row->cause);
    if (row->code) {
        json_add_string(json, "code", row->code);
    }
    return json;
}

char *vpmu_diff_to_json(const VpmuDiff *diff)
{
    g_autojson *json = json_object_new_object();
    json_object *rows = json_object_new_array();
    const VpmuFinding *row;

    for (unsigned i = 0; (row = vpmu_report_get(diff->rows, i)); i++) {
        json_object_array_add(rows, row_to_json(row));
    }
    json_add_bool(json, "same", diff->is_same);
    json_add(json, "left-to-right", way_to_json(diff->ways[0]));
    json_add(json, "right-to-left", way_to_json(diff->ways[1]));
    json_add(json, "rows", rows);
    return json_format_pretty(json);
}

static void add_rows(GString *text, const VpmuReport *report)
{
    size_t width[3] = {strlen("row"), strlen("left"), strlen("right")};
    const VpmuFinding *row;

    for (unsigned i = 0; (row = vpmu_report_get(report, i)); i++) {
        width[0] = MAX(width[0], strlen(row->row));
        width[1] = MAX(width[1], strlen(row->asked));
        width[2] = MAX(width[2], strlen(row->given));
    }
    if (vpmu_report_size(report)) {
        g_string_append_printf(text, "%-*s  %-*s  %-*s  for a guest that moves\n",
                               (int)width[0], "row", (int)width[1], "left", (int)width[2],
                               "right");
    }
    for (unsigned i = 0; (row = vpmu_report_get(report, i)); i++) {
        g_string_append_printf(text, "%-*s  %-*s  %-*s  %s%s%s%s\n", (int)width[0],
                               row->row, (int)width[1], row->asked, (int)width[2],
                               row->given, row->cause, row->code ? " [" : "",
                               row->code ? row->code : "", row->code ? "]" : "");
    }
}

/* The reasons against a guest that has all of one side and moves to the other. */
static void add_way(GString *text, const char *way, const VpmuReport *report)
{
    const VpmuFinding *finding;

    g_string_append_printf(text, "%s: a guest with all of it %s\n", way,
                           vpmu_report_errors(report) ? "is refused" : "can move");
    for (unsigned i = 0; (finding = vpmu_report_get(report, i)); i++) {
        if (finding->level == VPMU_LEVEL_ERROR) {
            g_string_append_printf(text, "  %s [%s]\n", finding->row, finding->code);
        }
    }
}

char *vpmu_diff_to_text(const VpmuDiff *diff)
{
    GString *text = g_string_new(NULL);

    add_rows(text, diff->rows);
    if (!diff->is_same) {
        add_way(text, "left to right", diff->ways[0]);
        add_way(text, "right to left", diff->ways[1]);
    }
    g_string_append(text, diff->is_same ? "the same\n" : "different\n");
    return g_string_free(text, FALSE);
}
