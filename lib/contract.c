/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Contracts, as they are kept and moved.
 */
#include <string.h>

#include "internal.h"
#include "util/error.h"
#include "util/json.h"

void vpmu_contract_free(VpmuContract *contract)
{
    if (contract) {
        cpu_contract_free(contract->inner);
        g_free(contract);
    }
}

/* The contract within @json, which may wrap it; borrowed. */
static json_object *unwrap(json_object *json, const char *where, GError **errp)
{
    json_object *inner = json;
    bool resolved = true;

    if (json_has(json, "resolved") &&
        !json_get_bool(json, where, "resolved", &resolved, errp)) {
        return NULL;
    }
    if (!resolved) {
        error_set(errp,
                  "%s: this was refused when it was resolved: there is no guest "
                  "with such a contract",
                  where);
        return NULL;
    }
    if ((json_has(inner, "return") &&
         !json_get_object(inner, where, "return", &inner, errp)) ||
        (json_has(inner, "contract") &&
         !json_get_object(inner, where, "contract", &inner, errp))) {
        return NULL;
    }
    return inner;
}

static VpmuStatus of_json(json_object *json, const char *path, VpmuContract **ret,
                          char **message)
{
    GError *error = NULL;
    json_object *inner = unwrap(json, path ? path : "contract", &error);
    CpuContract *contract = inner ? cpu_contract_parse(inner, &error) : NULL;

    if (!contract) {
        if (inner && path) {
            g_prefix_error(&error, "%s: ", path);
        }
        return lib_fail(error, message);
    }
    *ret = g_new0(VpmuContract, 1);
    (*ret)->inner = contract;
    return VPMU_OK;
}

VpmuStatus vpmu_contract_parse(const char *text, size_t len, VpmuContract **ret,
                               char **message)
{
    GError *error = NULL;
    g_autojson *json = lib_parse_json(text, len, NULL, &error);

    return json ? of_json(json, NULL, ret, message) : lib_fail(error, message);
}

VpmuStatus vpmu_contract_read(const char *path, VpmuContract **ret, char **message)
{
    GError *error = NULL;
    g_autojson *json = lib_read_json(path, &error);

    return json ? of_json(json, path, ret, message) : lib_fail(error, message);
}

VpmuStatus vpmu_read_either(const char *path, VpmuHost **ret_host,
                            VpmuContract **ret_contract, char **message)
{
    GError *error = NULL;
    g_autojson *json = lib_read_json(path, &error);

    if (!json) {
        return lib_fail(error, message);
    }
    return json_has(json, "format") ? lib_host_of_json(json, path, ret_host, message)
                                    : of_json(json, path, ret_contract, message);
}

VpmuArch vpmu_contract_arch(const VpmuContract *contract)
{
    return contract->inner->arch == TARGET_ARCH_AARCH64 ? VPMU_AARCH64 : VPMU_X86_64;
}

bool vpmu_contract_has_pmu(const VpmuContract *contract)
{
    return contract->inner->pmu_enabled;
}

char *vpmu_contract_digest(const VpmuContract *contract)
{
    return cpu_contract_digest(contract->inner);
}

char *vpmu_contract_to_json(const VpmuContract *contract)
{
    g_autojson *json = cpu_contract_format(contract->inner);

    return json_format(json);
}
