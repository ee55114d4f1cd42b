/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands about the connection and the protocol itself. */
#include "qapi/commands.h"

#include <unistd.h>

#include "monitor/monitor.h"
#include "qapi/introspect.h"
#include "util/error.h"
#include "util/json.h"

bool qmp_qmp_capabilities(QmpContext *ctx, const QmpCapabilitiesArgs *args, GError **errp)
{
    if (args->enable && args->enable->len) {
        error_set(errp, "there is no capability '%s', none are offered",
                  (const char *)g_ptr_array_index(args->enable, 0));
        return false;
    }
    monitor_negotiate(ctx->monitor);
    return true;
}

bool qmp_query_version(QmpContext *ctx, VersionInfo **ret, GError **errp)
{
    return qapi_parse(&qapi_type_version_info, monitor_version(ctx->monitor), "version",
                      ret, errp);
}

bool qmp_query_commands(QmpContext *ctx, GPtrArray **ret, GError **errp)
{
    (void)errp; /* cannot fail */
    *ret = g_ptr_array_new();
    for (const QmpCommand *row = monitor_commands(ctx->monitor); row->name; row++) {
        CommandInfo *info = g_new0(CommandInfo, 1);

        info->name = g_strdup(row->name);
        g_ptr_array_add(*ret, info);
    }
    return true;
}

bool qmp_query_qmp_schema(QmpContext *ctx, GPtrArray **ret, GError **errp)
{
    g_autojson *schema = json_parse(qapi_introspection, -1, errp);

    (void)ctx; /* the schema is the same for all */
    if (!schema) {
        return false;
    }
    *ret = g_ptr_array_new();
    for (size_t i = 0; i < json_object_array_length(schema); i++) {
        g_ptr_array_add(*ret, json_object_get(json_object_array_get_idx(schema, i)));
    }
    return true;
}

bool qmp_getfd(QmpContext *ctx, const GetfdArgs *args, GError **errp)
{
    return monitor_name_fd(ctx->monitor, args->fdname, errp);
}

bool qmp_closefd(QmpContext *ctx, const ClosefdArgs *args, GError **errp)
{
    int fd = monitor_take_fd(ctx->monitor, args->fdname, errp);

    if (fd < 0) {
        return false;
    }
    close(fd);
    return true;
}
