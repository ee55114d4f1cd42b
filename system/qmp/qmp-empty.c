/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of things there are none of. */
#include "qapi/commands.h"

static bool empty_list(GPtrArray **ret)
{
    *ret = g_ptr_array_new();
    return true;
}

bool qmp_query_jobs(QmpContext *ctx, GPtrArray **ret, GError **errp)
{
    (void)ctx;
    (void)errp;
    return empty_list(ret);
}

bool qmp_query_iothreads(QmpContext *ctx, GPtrArray **ret, GError **errp)
{
    (void)ctx;
    (void)errp;
    return empty_list(ret);
}

bool qmp_query_tpm_models(QmpContext *ctx, GArray **ret, GError **errp)
{
    (void)ctx;
    (void)errp;
    *ret = g_array_new(FALSE, FALSE, sizeof(int));
    return true;
}

bool qmp_query_tpm_types(QmpContext *ctx, GArray **ret, GError **errp)
{
    (void)ctx;
    (void)errp;
    *ret = g_array_new(FALSE, FALSE, sizeof(int));
    return true;
}
