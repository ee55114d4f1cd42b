/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings in their public form.
 */
#include "util/report.h"
#include "internal.h"
#include "target/contract-check.h"
#include "util/json.h"

static VpmuLevel level_of(FindingLevel level)
{
    return level == FINDING_ERROR     ? VPMU_LEVEL_ERROR
           : level == FINDING_WARNING ? VPMU_LEVEL_WARNING
                                      : VPMU_LEVEL_NOTE;
}

const char *vpmu_level_name(VpmuLevel level)
{
    switch (level) {
    case VPMU_LEVEL_NOTE:
        return finding_level_name(FINDING_NOTE);
    case VPMU_LEVEL_WARNING:
        return finding_level_name(FINDING_WARNING);
    case VPMU_LEVEL_ERROR:
        return finding_level_name(FINDING_ERROR);
    }
    return NULL;
}

VpmuReport *lib_report_new(Report *inner)
{
    VpmuReport *report = g_new0(VpmuReport, 1);
    unsigned size = report_size(inner);

    report->inner = inner;
    report->findings = g_new(VpmuFinding, size);
    for (unsigned i = 0; i < size; i++) {
        const Finding *from = report_get(inner, i);

        report->findings[i] = (VpmuFinding){
            .level = level_of(from->level),
            .row = from->row,
            .asked = from->asked,
            .offered = from->offered,
            .given = from->given,
            .cause = from->cause,
            .remedy = from->remedy,
            .code = from->code,
        };
    }
    return report;
}

void lib_report_give(Report *inner, VpmuReport **ret)
{
    if (ret) {
        *ret = lib_report_new(inner);
    } else {
        report_free(inner);
    }
}

void vpmu_report_free(VpmuReport *report)
{
    if (report) {
        report_free(report->inner);
        g_free(report->findings);
        g_free(report);
    }
}

unsigned vpmu_report_size(const VpmuReport *report)
{
    return report_size(report->inner);
}

unsigned vpmu_report_errors(const VpmuReport *report)
{
    return report_count(report->inner, FINDING_ERROR);
}

const VpmuFinding *vpmu_report_get(const VpmuReport *report, unsigned index)
{
    return index < report_size(report->inner) ? &report->findings[index] : NULL;
}

char *vpmu_report_to_json(const VpmuReport *report)
{
    g_autojson *json = report_to_json(report->inner);

    return json_format(json);
}

char *vpmu_finding_to_text(const VpmuFinding *finding)
{
    return finding_format(&(Finding){
        .row = finding->row,
        .asked = finding->asked,
        .offered = finding->offered,
        .given = finding->given,
        .cause = finding->cause,
        .remedy = finding->remedy,
        .code = finding->code,
    });
}

bool vpmu_reason_get(unsigned index, VpmuReason *ret)
{
    const CheckReasonRow *row = &check_reason_rows[index];

    if (index >= CHECK_REASON_COUNT) {
        return false;
    }
    *ret =
        (VpmuReason){row->code, relation_name(row->relation), row->sentence, row->remedy};
    return true;
}
