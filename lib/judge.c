/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A contract on a host, and two contracts.
 */
#include "internal.h"
#include "target/contract-check.h"
#include "util/error.h"
#include "util/json.h"

bool vpmu_check(const VpmuContract *contract, const VpmuHost *host,
                VpmuReport **ret_report)
{
    Report *report = report_new();
    bool holds = contract_check_host(contract->inner, host->profile, report);

    lib_report_give(report, ret_report);
    return holds;
}

bool vpmu_check_arrival(const VpmuContract *guest, const VpmuContract *own,
                        const VpmuHost *host, VpmuReport **ret_report)
{
    Report *report = report_new();
    bool holds;

    contract_check_line(guest->inner, own->inner, host->profile, report);
    holds = report_count(report, FINDING_ERROR) == 0;
    lib_report_give(report, ret_report);
    return holds;
}

unsigned vpmu_surplus(const VpmuContract *contract, const VpmuHost *host)
{
    return contract_distance(contract->inner, host->profile);
}

static char *names_to_json(const GPtrArray *names)
{
    g_autojson *json = json_object_new_array();

    for (unsigned i = 0; i < names->len; i++) {
        json_object_array_add(json, json_object_new_string(g_ptr_array_index(names, i)));
    }
    return json_format(json);
}

VpmuOrder vpmu_compare(const VpmuContract *a, const VpmuContract *b,
                       char **ret_properties)
{
    static const VpmuOrder orders[] = {
        [CONTRACT_IDENTICAL] = VPMU_IDENTICAL,
        [CONTRACT_SUPERSET] = VPMU_SUPERSET,
        [CONTRACT_SUBSET] = VPMU_SUBSET,
        [CONTRACT_INCOMPATIBLE] = VPMU_INCOMPATIBLE,
    };
    bool is_one_arch = a->inner->arch == b->inner->arch;
    g_autoptr(GPtrArray) names = NULL;
    VpmuOrder order = VPMU_INCOMPATIBLE;

    if (is_one_arch) {
        order = orders[contract_order(a->inner, b->inner, &names)];
    }
    if (ret_properties) {
        *ret_properties = is_one_arch ? names_to_json(names) : g_strdup("[\"arch\"]");
    }
    return order;
}
