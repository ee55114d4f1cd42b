/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu doctor: what a guest can have of a host's PMU, and who took the rest.
 */
#include <string.h>

#include "tool.h"

static bool same_story(const VpmuFinding *a, const VpmuFinding *b)
{
    return a->level == b->level && g_strcmp0(a->cause, b->cause) == 0 &&
           g_strcmp0(a->remedy, b->remedy) == 0;
}

/* The rows that have the story of finding @at, or NULL where an earlier one told it. */
static GPtrArray *rows_of_story(const VpmuReport *report, unsigned at)
{
    const VpmuFinding *finding = vpmu_report_get(report, at), *other;
    GPtrArray *rows = g_ptr_array_new();

    for (unsigned i = 0; (other = vpmu_report_get(report, i)); i++) {
        if (same_story(other, finding)) {
            if (i < at) {
                g_ptr_array_unref(rows);
                return NULL;
            }
            g_ptr_array_add(rows, (gpointer)other->row);
        }
    }
    g_ptr_array_add(rows, NULL);
    return rows;
}

/* One cause may take a lot: it is told once, with all it took. */
static void print_findings(FILE *out, const VpmuReport *report)
{
    const VpmuFinding *finding;

    for (unsigned i = 0; (finding = vpmu_report_get(report, i)); i++) {
        g_autoptr(GPtrArray) rows = rows_of_story(report, i);
        g_autofree char *names = NULL;
        VpmuFinding told = *finding;

        if (!rows) {
            continue;
        }
        if (rows->len > 2) { /* one, and the end */
            names = g_strjoinv(", ", (char **)rows->pdata);
            told = (VpmuFinding){
                .row = names, .cause = finding->cause, .remedy = finding->remedy};
        }
        fprintf(out, "%s: ", vpmu_level_name(finding->level));
        tool_print_line(out, vpmu_finding_to_text(&told));
    }
}

/* Deciding is one thing; the kernel has the last word. */
static void try_plan(FILE *out, const VpmuPlan *plan)
{
    g_autoptr(VpmuReport) kept = NULL;
    char *message = NULL;
    VpmuStatus status = vpmu_plan_try(plan, &kept, &message);

    if (status == VPMU_UNSUPPORTED) {
        vpmu_free(message);
        return;
    }
    fprintf(out, "\na vCPU of it, made and released: ");
    if (status != VPMU_OK) {
        fprintf(out, "refused: ");
        tool_print_line(out, message);
        return;
    }
    fprintf(out, "%s\n",
            vpmu_report_size(kept) ? "taken, but kept otherwise than told:"
                                   : "taken, CPUID and MSRs read back as told");
    print_findings(out, kept);
}

static void print_plan(FILE *out, const VpmuHost *host, const VpmuPlan *plan,
                       bool is_live)
{
    tool_print(out, vpmu_host_to_text(host));
    fprintf(out, "\na guest of machine %s with cpu %s:\n\n", vpmu_plan_machine(plan),
            vpmu_plan_cpu(plan));
    tool_print_line(out, vpmu_plan_table_to_text(plan));
    print_findings(out, vpmu_plan_report(plan));
    tool_print(out, vpmu_plan_advice(plan));
    if (is_live) {
        try_plan(out, plan);
    }
}

/* @words: of the guest; NULL asks for everything, so that each thing the host lacks gets
 * its reason */
static ToolExit examine(FILE *out, const VpmuHost *host, bool is_live, char **words,
                        GError **errp)
{
    g_autoptr(VpmuRequest) request = words ? tool_request(words, host, errp) : NULL;
    g_autoptr(VpmuPlan) plan = NULL;
    char *message = NULL;
    VpmuStatus status = VPMU_OK;

    if (words && !request) {
        return TOOL_EXIT_BAD_INPUT;
    }
    if (!words) {
        status = vpmu_request_wish(host, &request, &message);
    }
    if (status == VPMU_OK) {
        status = vpmu_resolve(request, host, &plan, &message);
    }
    if (status != VPMU_OK) {
        return tool_fail(status, message, errp);
    }
    print_plan(out, host, plan, is_live);
    return TOOL_EXIT_OK;
}

ToolExit cmd_doctor(char **args, FILE *out, GError **errp)
{
    const char *from = "live";
    g_autoptr(VpmuHost) host = NULL;

    for (; *args && strcmp(*args, "--") != 0; args++) {
        if (strcmp(*args, "--host") != 0) {
            tool_error(errp, "'%s' is not an option here; the guest's options follow --",
                       *args);
            return TOOL_EXIT_BAD_INPUT;
        }
        from = tool_take_value(&args, errp);
        if (!from) {
            return TOOL_EXIT_BAD_INPUT;
        }
    }
    host = tool_load_host(from, errp);
    return host ? examine(out, host, strcmp(from, "live") == 0, *args ? args + 1 : NULL,
                          errp)
                : TOOL_EXIT_BAD_INPUT;
}
