/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands about disk images. */
#include "block/block.h"
#include "monitor/monitor.h"
#include "qapi/commands.h"
#include "system/qmp/program.h"
#include "util/error.h"

static const char *driver_name(const BlockNode *node)
{
    const BlockConfig *config = block_node_config(node);

    return config->is_drive || config->file ? "raw"
           : block_node_is_device(node)     ? "host_device"
                                            : "file";
}

static ImageInfo *image_info(const BlockNode *node)
{
    ImageInfo *info = g_new0(ImageInfo, 1);

    info->filename = g_strdup(block_node_path(node));
    info->format = g_strdup("raw");
    info->virtual_size = (int64_t)block_node_bytes(node);
    info->has_actual_size = true;
    info->actual_size = (int64_t)block_node_allocated(node);
    return info;
}

static BlockDeviceInfo *node_info(const BlockNode *node)
{
    const BlockConfig *config = block_node_config(node);
    BlockDeviceInfo *info = g_new0(BlockDeviceInfo, 1);

    info->node_name = g_strdup(config->node_name);
    info->file = g_strdup(block_node_path(node));
    info->drv = g_strdup(driver_name(node));
    info->ro = config->is_read_only;
    info->detect_zeroes = g_strdup(config->detects_zeroes ? "on" : "off");
    info->image = image_info(node);
    info->cache = g_new0(BlockdevCacheInfo, 1);
    info->cache->writeback = !config->is_writethrough;
    info->cache->direct = block_node_is_direct(node);
    info->cache->no_flush = config->is_no_flush;
    return info;
}

bool qmp_query_block(QmpContext *ctx, GPtrArray **ret, GError **errp)
{
    const Program *program = ctx->program;
    BlockNode *node;

    (void)errp; /* cannot fail */
    *ret = g_ptr_array_new();
    for (unsigned i = 0; (node = block_set_node(program->blocks, i)); i++) {
        const BlockConfig *config = block_node_config(node);
        BlockInfo *info;

        if (!config->is_drive && !block_node_device(node)) {
            continue;
        }
        info = g_new0(BlockInfo, 1);
        info->device = g_strdup(config->is_drive ? config->id : "");
        info->qdev = g_strdup(block_node_device(node));
        info->type = g_strdup("unknown");
        info->inserted = node_info(node);
        g_ptr_array_add(*ret, info);
    }
    return true;
}

bool qmp_query_named_block_nodes(QmpContext *ctx, const QueryNamedBlockNodesArgs *args,
                                 GPtrArray **ret, GError **errp)
{
    const Program *program = ctx->program;
    BlockNode *node;

    (void)args; /* nothing is nested */
    (void)errp; /* cannot fail */
    *ret = g_ptr_array_new();
    for (unsigned i = 0; (node = block_set_node(program->blocks, i)); i++) {
        g_ptr_array_add(*ret, node_info(node));
    }
    return true;
}

static BlockDeviceStats *stats_info(const BlockNode *node)
{
    const BlockCounts *stats = block_node_counts(node);
    BlockDeviceStats *info = g_new0(BlockDeviceStats, 1);

    info->rd_bytes = (int64_t)stats->bytes[BLOCK_READ];
    info->wr_bytes =
        (int64_t)(stats->bytes[BLOCK_WRITE] + stats->bytes[BLOCK_WRITE_ZEROES]);
    info->unmap_bytes = (int64_t)stats->bytes[BLOCK_DISCARD];
    info->rd_operations = (int64_t)stats->operations[BLOCK_READ];
    info->wr_operations =
        (int64_t)(stats->operations[BLOCK_WRITE] + stats->operations[BLOCK_WRITE_ZEROES]);
    info->flush_operations = (int64_t)stats->operations[BLOCK_FLUSH];
    info->unmap_operations = (int64_t)stats->operations[BLOCK_DISCARD];
    info->rd_total_time_ns = (int64_t)stats->nanoseconds[BLOCK_READ];
    info->wr_total_time_ns = (int64_t)(stats->nanoseconds[BLOCK_WRITE] +
                                       stats->nanoseconds[BLOCK_WRITE_ZEROES]);
    info->flush_total_time_ns = (int64_t)stats->nanoseconds[BLOCK_FLUSH];
    info->unmap_total_time_ns = (int64_t)stats->nanoseconds[BLOCK_DISCARD];
    info->failed_rd_operations = (int64_t)stats->failed[BLOCK_READ];
    info->failed_wr_operations =
        (int64_t)(stats->failed[BLOCK_WRITE] + stats->failed[BLOCK_WRITE_ZEROES]);
    info->failed_flush_operations = (int64_t)stats->failed[BLOCK_FLUSH];
    info->failed_unmap_operations = (int64_t)stats->failed[BLOCK_DISCARD];
    info->account_invalid = info->account_failed = true;
    return info;
}

bool qmp_query_blockstats(QmpContext *ctx, const QueryBlockstatsArgs *args,
                          GPtrArray **ret, GError **errp)
{
    const Program *program = ctx->program;
    bool all = args->has_query_nodes && args->query_nodes;
    BlockNode *node;

    (void)errp; /* cannot fail */
    *ret = g_ptr_array_new();
    for (unsigned i = 0; (node = block_set_node(program->blocks, i)); i++) {
        const BlockConfig *config = block_node_config(node);
        BlockStats *info;

        if (!all && !config->is_drive && !block_node_device(node)) {
            continue;
        }
        info = g_new0(BlockStats, 1);
        info->device = config->is_drive ? g_strdup(config->id) : NULL;
        info->node_name = g_strdup(config->node_name);
        info->qdev = g_strdup(block_node_device(node));
        info->stats = stats_info(node);
        g_ptr_array_add(*ret, info);
    }
    return true;
}

bool qmp_block_resize(QmpContext *ctx, const BlockResizeArgs *args, GError **errp)
{
    const Program *program = ctx->program;
    const char *name = args->device ? args->device : args->node_name;
    BlockNode *node = name ? block_set_find(program->blocks, name) : NULL;

    if (!node || args->size < 0) {
        error_set(errp, node ? "size is negative" : "there is no drive or node '%s'",
                  name ? name : "");
        return false;
    }
    return block_node_resize(node, (uint64_t)args->size, errp);
}
