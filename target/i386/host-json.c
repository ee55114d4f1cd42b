/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/host-json.h"

#include "common/cpuid-json.h"
#include "util/error.h"
#include "util/json.h"
#include "util/number.h"

static json_object *indices_format(const GArray *list)
{
    json_object *indices = json_object_new_array();

    for (unsigned i = 0; i < list->len; i++) {
        char text[16];

        g_snprintf(text, sizeof(text), "0x%x", g_array_index(list, uint32_t, i));
        json_object_array_add(indices, json_object_new_string(text));
    }
    return indices;
}

json_object *x86_host_format(const X86Host *host)
{
    json_object *x86 = json_object_new_object();

    json_add(x86, "cpuid-supported", cpuid_format(host->supported));
    json_add(x86, "cpuid-host", cpuid_format(host->cpuid));
    json_add(x86, "feature-msrs", msrs_format(host->feature_msrs));
    json_add(x86, "msr-indices", indices_format(host->msr_indices));
    if (host->msrs_refused->len) {
        json_add(x86, "msrs-refused", indices_format(host->msrs_refused));
    }
    return x86;
}

static bool indices_parse(json_object *x86, const char *name, GArray *ret, GError **errp)
{
    json_object *array;

    if (!json_get_array(x86, "profile.x86", name, &array, errp)) {
        return false;
    }
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        json_object *item = json_object_array_get_idx(array, i);
        uint64_t number;
        uint32_t index;

        if (!json_object_is_type(item, json_type_string) || i >= HOST_ITEMS_MAX ||
            !number_parse_uint64(json_object_get_string(item), &number) ||
            number > UINT32_MAX) {
            error_set(errp, "profile.x86.%s[%zu]: an MSR number is expected", name, i);
            return false;
        }
        index = (uint32_t)number;
        g_array_append_val(ret, index);
    }
    return true;
}

bool x86_host_parse(X86Host *host, json_object *json, GError **errp)
{
    json_object *x86;

    return json_get_object(json, "profile", "x86", &x86, errp) &&
           cpuid_parse(x86, "profile.x86", "cpuid-supported", host->supported, errp) &&
           cpuid_parse(x86, "profile.x86", "cpuid-host", host->cpuid, errp) &&
           msrs_parse(x86, "profile.x86", "feature-msrs", host->feature_msrs, errp) &&
           indices_parse(x86, "msr-indices", host->msr_indices, errp) &&
           (!json_has(x86, "msrs-refused") ||
            indices_parse(x86, "msrs-refused", host->msrs_refused, errp));
}
