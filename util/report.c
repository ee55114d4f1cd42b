/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/report.h"

#include <stdbool.h>
#include <stddef.h>

#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"

struct Report {
    GPtrArray *findings;
};

/* The text fields of a finding, in the order people and JSON see them. */
static const struct {
    const char *name;
    size_t offset;
} finding_fields[] = {
    {"row", offsetof(Finding, row)},         {"asked", offsetof(Finding, asked)},
    {"offered", offsetof(Finding, offered)}, {"given", offsetof(Finding, given)},
    {"cause", offsetof(Finding, cause)},     {"remedy", offsetof(Finding, remedy)},
    {"code", offsetof(Finding, code)},
};

static const char **finding_field(const Finding *finding, unsigned i)
{
    return (const char **)((char *)finding + finding_fields[i].offset);
}

static void finding_free(gpointer data)
{
    Finding *finding = data;

    for (unsigned i = 0; i < ARRAY_LEN(finding_fields); i++) {
        g_free((char *)*finding_field(finding, i)); /* report_add() made it */
    }
    g_free(finding);
}

Report *report_new(void)
{
    Report *report = g_new0(Report, 1);

    report->findings = g_ptr_array_new_with_free_func(finding_free);
    return report;
}

void report_free(Report *report)
{
    if (report) {
        g_ptr_array_unref(report->findings);
        g_free(report);
    }
}

void report_add(Report *report, const Finding *finding)
{
    Finding *copy;

    if (!report) {
        return;
    }
    copy = g_new0(Finding, 1);
    copy->level = finding->level;
    copy->of = finding->of;
    for (unsigned i = 0; i < ARRAY_LEN(finding_fields); i++) {
        *finding_field(copy, i) = g_strdup(*finding_field(finding, i));
    }
    g_ptr_array_add(report->findings, copy);
}

unsigned report_size(const Report *report)
{
    return report->findings->len;
}

void report_add_new(Report *report, const Report *from)
{
    for (unsigned i = 0; i < report_size(from); i++) {
        const Finding *finding = report_get(from, i);

        if (report && !report_find(report, finding->row)) {
            report_add(report, finding);
        }
    }
}

unsigned report_count(const Report *report, FindingLevel least)
{
    unsigned count = 0;

    for (unsigned i = 0; i < report->findings->len; i++) {
        count += report_get(report, i)->level >= least;
    }
    return count;
}

const Finding *report_get(const Report *report, unsigned index)
{
    return g_ptr_array_index(report->findings, index);
}

const Finding *report_find_of(const Report *report, const void *of)
{
    for (unsigned i = 0; i < report->findings->len; i++) {
        const Finding *finding = report_get(report, i);

        if (finding->of == of) {
            return finding;
        }
    }
    return NULL;
}

const Finding *report_find(const Report *report, const char *row)
{
    for (unsigned i = 0; i < report->findings->len; i++) {
        const Finding *finding = report_get(report, i);

        if (g_strcmp0(finding->row, row) == 0) {
            return finding;
        }
    }
    return NULL;
}

const char *finding_level_name(FindingLevel level)
{
    static const char *const names[] = {"note", "warning", "error"};

    return names[level];
}

char *finding_format(const Finding *finding)
{
    GString *text = g_string_new(finding->row);
    const char *sep = ": ";

    for (unsigned i = 1; i <= 3; i++) {
        const char *value = *finding_field(finding, i);

        if (value) {
            g_string_append_printf(text, "%s%s %s", sep, finding_fields[i].name, value);
            sep = ", ";
        }
    }
    if (finding->cause) {
        g_string_append_printf(text, "%s%s", text->len ? ": " : "", finding->cause);
    }
    if (finding->remedy) {
        g_string_append_printf(text, " (%s)", finding->remedy);
    }
    if (finding->code) {
        g_string_append_printf(text, " [%s]", finding->code);
    }
    return g_string_free(text, FALSE);
}

json_object *report_to_json(const Report *report)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < report->findings->len; i++) {
        const Finding *finding = report_get(report, i);
        json_object *object = json_object_new_object();

        json_add_string(object, "level", finding_level_name(finding->level));
        for (unsigned k = 0; k < ARRAY_LEN(finding_fields); k++) {
            const char *value = *finding_field(finding, k);

            if (value) {
                json_add_string(object, finding_fields[k].name, value);
            }
        }
        json_object_array_add(array, object);
    }
    return array;
}

bool report_to_error(const Report *report, GError **errp)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (unsigned i = 0; i < report->findings->len; i++) {
        const Finding *finding = report_get(report, i);
        g_autofree char *line = NULL;

        if (finding->level == FINDING_ERROR) {
            line = finding_format(finding);
            g_string_append_printf(text, "%s%s", text->len ? "; " : "", line);
        }
    }
    if (text->len == 0) {
        return true;
    }
    error_set(errp, "%s", text->str);
    return false;
}
