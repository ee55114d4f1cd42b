/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands about migration. */
#include "monitor/monitor.h"
#include "program.h"
#include "qapi/commands.h"

bool qmp_query_migrate_capabilities(QmpContext *ctx, GPtrArray **ret, GError **errp)
{
    const Program *program = ctx->program;
    MigrationCapabilityStatus *status = g_new0(MigrationCapabilityStatus, 1);

    (void)errp; /* cannot fail */
    status->capability = MIGRATION_CAPABILITY_EVENTS;
    status->state = program->has_migration_events;
    *ret = g_ptr_array_new();
    g_ptr_array_add(*ret, status);
    return true;
}

bool qmp_migrate_set_capabilities(QmpContext *ctx, const MigrateSetCapabilitiesArgs *args,
                                  GError **errp)
{
    Program *program = ctx->program;

    (void)errp; /* the only capability was checked when the arguments were parsed */
    for (unsigned i = 0; i < args->capabilities->len; i++) {
        const MigrationCapabilityStatus *status =
            g_ptr_array_index(args->capabilities, i);

        program->has_migration_events = status->state;
    }
    return true;
}
