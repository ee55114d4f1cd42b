/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu diff: what differs between two guests, or between two hosts, and what that means
 * for migration in either direction.
 */
#include <string.h>

#include "tool.h"

/* A contract or a host. */
typedef struct Side {
    VpmuHost *host;
    VpmuContract *contract;
} Side;

static bool side_load(Side *side, const char *path, GError **errp)
{
    char *message = NULL;
    VpmuStatus status;

    if (strcmp(path, "live") == 0) {
        side->host = tool_load_host(path, errp);
        return side->host;
    }
    status = vpmu_read_either(path, &side->host, &side->contract, &message);
    if (status != VPMU_OK) {
        (void)tool_fail(status, message, errp);
    }
    return status == VPMU_OK;
}

static void side_clear(Side *side)
{
    vpmu_host_free(side->host);
    vpmu_contract_free(side->contract);
}

static bool read_args(char **args, const char *paths[2], bool *ret_json, GError **errp)
{
    unsigned count = 0;

    for (; *args; args++) {
        if (strcmp(*args, "--json") == 0) {
            *ret_json = true;
        } else if ((*args)[0] == '-') {
            tool_error(errp, "'%s' is not an option, see vpmu help", *args);
            return false;
        } else if (count++ < 2) {
            paths[count - 1] = *args;
        }
    }
    if (count != 2) {
        tool_error(errp, "two contracts or two host profiles are needed");
    }
    return count == 2;
}

static VpmuDiff *compare(const Side *left, const Side *right, GError **errp)
{
    VpmuDiff *diff = NULL;
    char *message = NULL;
    VpmuStatus status;

    if (!left->host != !right->host) {
        tool_error(errp, "one is a contract, the other a host profile: vpmu check judges "
                         "a contract on a host");
        return NULL;
    }
    if (!left->host) {
        return vpmu_diff_contracts(left->contract, right->contract);
    }
    status = vpmu_diff_hosts(left->host, right->host, &diff, &message);
    if (status != VPMU_OK) {
        (void)tool_fail(status, message, errp);
    }
    return diff;
}

ToolExit cmd_diff(char **args, FILE *out, GError **errp)
{
    const char *paths[2];
    Side left = {NULL, NULL}, right = {NULL, NULL};
    bool as_json = false;
    bool ok = read_args(args, paths, &as_json, errp) &&
              side_load(&left, paths[0], errp) && side_load(&right, paths[1], errp);
    g_autoptr(VpmuDiff) diff = ok ? compare(&left, &right, errp) : NULL;

    side_clear(&left);
    side_clear(&right);
    if (!diff) {
        return TOOL_EXIT_BAD_INPUT;
    }
    if (as_json) {
        tool_print_line(out, vpmu_diff_to_json(diff));
    } else {
        tool_print(out, vpmu_diff_to_text(diff));
    }
    return vpmu_diff_is_same(diff) ? TOOL_EXIT_OK : TOOL_EXIT_REFUSED;
}
