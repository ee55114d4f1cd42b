/*
 * query-vpmu and query-vpmu-compat
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-vpmu.h"
#include "qobject/qjson.h"
#include "qobject/qlist.h"
#include "vpmu-decision.h"

/* The library's text as one that g_free() takes; the text goes. */
static char *take_text(char *text)
{
    char *copy = g_strdup(text);

    vpmu_free(text);
    return copy;
}

/* The library's JSON as a value; the text goes. */
static QObject *take_json(char *text)
{
    QObject *value = qobject_from_json(text, &error_abort);

    vpmu_free(text);
    return value;
}

static void add_findings(QList *all, const VpmuReport *report)
{
    QList *list = qobject_to(QList, take_json(vpmu_report_to_json(report)));
    QObject *finding;

    while ((finding = qlist_pop(list))) {
        qlist_append_obj(all, finding);
    }
    qobject_unref(list);
}

VpmuInfo *qmp_query_vpmu(Error **errp)
{
    const VpmuDecision *decision = vpmu_decision(errp);
    VpmuInfo *info;
    QList *findings;

    if (!decision) {
        return NULL;
    }
    info = g_new0(VpmuInfo, 1);
    info->verified = decision->contract != NULL;
    if (decision->contract) {
        info->contract = take_text(vpmu_contract_to_json(decision->contract));
        info->digest = take_text(vpmu_contract_digest(decision->contract));
    }
    info->pmu = take_json(vpmu_plan_table_to_json(decision->plan));
    findings = qlist_new();
    add_findings(findings, vpmu_plan_report(decision->plan));
    if (decision->seen) {
        add_findings(findings, decision->seen);
    }
    info->findings = QOBJECT(findings);
    return info;
}

VpmuCompatInfo *qmp_query_vpmu_compat(const char *contract, Error **errp)
{
    const VpmuDecision *decision = vpmu_decision(errp);
    VpmuContract *guest;
    VpmuReport *report;
    VpmuCompatInfo *info;
    char *message = NULL;

    if (!decision) {
        return NULL;
    }
    if (!decision->contract) {
        error_setg(errp, "this guest has no contract to compare with; "
                   "query-vpmu says why");
        return NULL;
    }
    if (vpmu_contract_parse(contract, strlen(contract), &guest, &message) !=
        VPMU_OK) {
        error_setg(errp, "contract: %s", message);
        vpmu_free(message);
        return NULL;
    }
    info = g_new0(VpmuCompatInfo, 1);
    info->compatible = vpmu_check_arrival(guest, decision->contract,
                                          decision->host, &report);
    info->host_compatible = vpmu_check(guest, decision->host, NULL);
    info->findings = take_json(vpmu_report_to_json(report));
    vpmu_report_free(report);
    vpmu_contract_free(guest);
    return info;
}
