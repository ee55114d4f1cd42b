/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Report: the findings of a function that judges a whole configuration.
 *
 * A resolver or a check collects every deviation here, so that a user sees all of them at
 * once and tests compare findings instead of sentences.  Not for a function that can fail
 * in one way at a time: that is GError.
 */
#ifndef UTIL_REPORT_H
#define UTIL_REPORT_H

#include <glib.h>
#include <stdbool.h>

typedef struct json_object json_object;

typedef enum FindingLevel {
    FINDING_NOTE,
    FINDING_WARNING,
    FINDING_ERROR,
} FindingLevel;

/*
 * One deviation between what was asked and what is given.  All strings are owned by the
 * Report; fields other than @level and @row may be NULL where they make no sense.
 */
typedef struct Finding {
    FindingLevel level;
    const char *row;     /* the row's name, e.g. "pebs-fmt" */
    const char *asked;   /* as the user would write it, e.g. "4" or "on" */
    const char *offered; /* what the host has to give */
    const char *given;   /* what the guest gets */
    const char *cause;   /* one phrase: who took it, "module parameter enable_pmu=N" */
    const char *remedy;  /* one phrase: what to do */
    const char
        *code;      /* for programs, from a table of the module: "pebs-format-differs" */
    const void *of; /* the row itself, of the table it stands in; or NULL */
} Finding;

typedef struct Report Report;

/* report_new - an empty report; free with report_free(). */
Report *report_new(void);

/* report_free - release the report and its findings; NULL is nothing. */
void report_free(Report *report);

/*
 * report_add - append a copy of @finding.
 * @report: NULL throws the finding away, for callers that want the decision alone
 */
void report_add(Report *report, const Finding *finding);

/* report_add_new - append copies of those findings of @from whose row @report lacks.
 * @report: NULL throws them away */
void report_add_new(Report *report, const Report *from);

/* report_count - number of findings of level @least or worse. */
unsigned report_count(const Report *report, FindingLevel least);

/* report_get - the finding at @index (0 to report_size() - 1), owned by the report. */
const Finding *report_get(const Report *report, unsigned index);

/* report_size - number of findings of every level. */
unsigned report_size(const Report *report);

/* report_find_of - the first finding that points at row @of, or NULL. */
const Finding *report_find_of(const Report *report, const void *of);

/* report_find - the first finding about @row by name, for tests; or NULL. */
const Finding *report_find(const Report *report, const char *row);

/* finding_format - one line of text for people; the caller frees it. */
char *finding_format(const Finding *finding);

/* finding_level_name - "note", "warning" or "error". */
const char *finding_level_name(FindingLevel level);

/*
 * report_to_json - the findings as a JSON array; absent fields are left out.
 * The caller owns the reference.
 */
json_object *report_to_json(const Report *report);

/*
 * report_to_error - fold all error findings into @errp, one sentence each.
 * Returns true, without touching @errp, where the report holds no error.
 */
bool report_to_error(const Report *report, GError **errp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Report, report_free)

#endif
