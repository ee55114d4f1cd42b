/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -drive and -blockdev. */
#include "block/block.h"
#include "system/cmdline/options.h"
#include "util/error.h"

static bool is_taken(const VmSpec *spec, const char *name)
{
    for (unsigned i = 0; name && i < spec->blocks->len; i++) {
        const BlockConfig *config = g_ptr_array_index(spec->blocks, i);

        if (g_strcmp0(config->id, name) == 0 || g_strcmp0(config->node_name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool add_block(VmSpec *spec, BlockConfig *config, GError **errp)
{
    const char *taken = is_taken(spec, config->id)          ? config->id
                        : is_taken(spec, config->node_name) ? config->node_name
                                                            : NULL;

    if (taken) {
        error_set(errp, "there is a drive or node called %s already", taken);
        block_config_free(config);
        return false;
    }
    g_ptr_array_add(spec->blocks, config);
    return true;
}

bool option_drive(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    BlockConfig *config = block_config_parse_drive(arg, cmd->spec->blocks->len, errp);

    (void)row; /* the only one */
    return config && add_block(cmd->spec, config, errp);
}

bool option_blockdev(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    BlockConfig *file = NULL;
    BlockConfig *config = block_config_parse_node(arg, &file, errp);

    (void)row; /* the only one */
    if (file && !add_block(cmd->spec, file, errp)) {
        block_config_free(config);
        return false;
    }
    return config && add_block(cmd->spec, config, errp);
}
