/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a session tells of itself, and what it goes by. */
#include "session-internal.h"
#include "util/error.h"
#include "util/json.h"

static uint64_t ms(int64_t us)
{
    return us > 0 ? (uint64_t)us / 1000 : 0;
}

static GPtrArray *refusal_rows(json_object *refusal)
{
    GPtrArray *rows = g_ptr_array_new();

    for (size_t i = 0; i < json_object_array_length(refusal); i++) {
        g_ptr_array_add(rows, json_object_get(json_object_array_get_idx(refusal, i)));
    }
    return rows;
}

/* Its memory moves, and it has not stood still for as long as it will. */
static bool is_going_away(const Migration *migration)
{
    return migration_is_under_way(migration) &&
           migration->status != MIGRATION_STATUS_SETUP && !migration->is_expecting;
}

MigrationInfo *migration_query(Migration *migration)
{
    MigrationInfo *info = g_new0(MigrationInfo, 1);
    GPtrArray *blockers = migration->guest->ops->list_blockers(migration->guest->opaque);
    int64_t now = g_get_monotonic_time();

    g_mutex_lock(&migration->mutex);
    info->has_status = migration->status != MIGRATION_STATUS_NONE;
    info->status = migration->status;
    if (info->has_status) {
        info->has_total_time = true;
        info->total_time =
            ms((migration->end_us ? migration->end_us : now) - migration->start_us);
    }
    if (info->has_status && migration->setup_us) {
        info->has_setup_time = true;
        info->setup_time = ms(migration->setup_us - migration->start_us);
        info->ram = g_memdup2(&migration->stats, sizeof(migration->stats));
    }
    info->has_expected_downtime = is_going_away(migration);
    info->expected_downtime = migration->expected_us < 0
                                  ? migration->parameters.downtime_limit
                                  : ms(migration->expected_us);
    info->has_downtime =
        migration->status == MIGRATION_STATUS_COMPLETED && migration->stop_us;
    info->downtime = ms(migration->downtime_us);
    info->has_cpu_throttle_percentage = migration->throttle;
    info->cpu_throttle_percentage = migration->throttle;
    info->not_converging = g_strdup(migration->not_converging);
    info->error_desc = g_strdup(migration->error);
    info->vpmu_refusal = migration->refusal ? refusal_rows(migration->refusal) : NULL;
    g_mutex_unlock(&migration->mutex);
    if (blockers->len) {
        g_ptr_array_set_free_func(blockers, NULL);
        info->blocked_reasons = blockers;
    } else {
        g_ptr_array_unref(blockers);
    }
    return info;
}

bool migration_capability(const Migration *migration, MigrationCapability which)
{
    return migration->capabilities[which];
}

bool migration_set_capability(Migration *migration, MigrationCapability which, bool on,
                              GError **errp)
{
    if (migration_is_under_way(migration) && !migration->is_expecting) {
        error_set(errp, "a migration is under way: capabilities are set before it");
        return false;
    }
    migration->capabilities[which] = on;
    return true;
}

MigrationParameters migration_parameters(const Migration *migration)
{
    return migration->parameters;
}

void migration_set_parameters(Migration *migration, MigrationParameters parameters)
{
    g_mutex_lock(&migration->mutex);
    migration->parameters = parameters;
    g_cond_broadcast(&migration->changed);
    g_mutex_unlock(&migration->mutex);
}
