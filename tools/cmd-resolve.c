/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu resolve: the plan for a guest's CPU on a host, with reasons.
 */
#include <string.h>

#include "tool.h"

/* The host and the words of the guest, of @args. */
static bool read_args(char ***args, const char **ret_from, bool *ret_json, GError **errp)
{
    for (; **args && strcmp(**args, "--") != 0; (*args)++) {
        if (strcmp(**args, "--json") == 0) {
            *ret_json = true;
        } else if (strcmp(**args, "--host") == 0) {
            *ret_from = tool_take_value(args, errp);
            if (!*ret_from) {
                return false;
            }
        } else {
            tool_error(errp, "'%s' is not an option here; the guest's options follow --",
                       **args);
            return false;
        }
    }
    if (!*ret_from) {
        tool_error(errp, "--host FILE or --host live is missing");
    }
    return *ret_from;
}

ToolExit cmd_resolve(char **args, FILE *out, GError **errp)
{
    const char *from = NULL;
    bool as_json = false;
    g_autoptr(VpmuHost) host = NULL;
    g_autoptr(VpmuRequest) request = NULL;
    g_autoptr(VpmuPlan) plan = NULL;
    char *message = NULL;
    VpmuStatus status;

    if (!read_args(&args, &from, &as_json, errp)) {
        return TOOL_EXIT_BAD_INPUT;
    }
    host = tool_load_host(from, errp);
    request = host ? tool_request(args + (*args != NULL), host, errp) : NULL;
    if (!request) {
        return TOOL_EXIT_BAD_INPUT;
    }
    status = vpmu_resolve(request, host, &plan, &message);
    if (status != VPMU_OK) {
        return tool_fail(status, message, errp);
    }
    if (as_json) {
        tool_print_line(out, vpmu_plan_to_json(plan));
    } else {
        tool_print(out, vpmu_plan_to_text(plan));
    }
    return vpmu_plan_is_resolved(plan) ? TOOL_EXIT_OK : TOOL_EXIT_REFUSED;
}
