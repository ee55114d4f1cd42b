/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands about networks. */
#include "monitor/monitor.h"
#include "net/net.h"
#include "qapi/commands.h"
#include "system/qmp/program.h"
#include "util/error.h"

bool qmp_set_link(QmpContext *ctx, const SetLinkArgs *args, GError **errp)
{
    const Program *program = ctx->program;
    Netdev *netdev = net_set_find(program->nets, args->name);

    if (!netdev) {
        error_set_code(errp, VPMU_ERROR_NOT_FOUND, "Device '%s' not found", args->name);
        return false;
    }
    netdev_set_link(netdev, args->up);
    return true;
}
