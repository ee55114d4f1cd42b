/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The images of a guest. */
#include "block/block.h"
#include "util/error.h"

struct BlockSet {
    GPtrArray *nodes; /* BlockNode; what one is over comes before it */
};

void block_set_close(BlockSet *set)
{
    if (set) {
        while (set->nodes->len) {
            block_node_close(g_ptr_array_steal_index(set->nodes, set->nodes->len - 1));
        }
        g_ptr_array_unref(set->nodes);
        g_free(set);
    }
}

BlockNode *block_set_find(const BlockSet *set, const char *name)
{
    for (unsigned i = 0; i < set->nodes->len; i++) {
        BlockNode *node = g_ptr_array_index(set->nodes, i);
        const BlockConfig *config = block_node_config(node);

        if (g_strcmp0(config->id, name) == 0 || g_strcmp0(config->node_name, name) == 0) {
            return node;
        }
    }
    return NULL;
}

BlockNode *block_set_node(const BlockSet *set, unsigned index)
{
    return index < set->nodes->len ? g_ptr_array_index(set->nodes, index) : NULL;
}

BlockSet *block_set_open(const GPtrArray *configs, bool is_active, GError **errp)
{
    g_autoptr(BlockSet) set = g_new0(BlockSet, 1);

    set->nodes = g_ptr_array_new();
    for (unsigned i = 0; i < configs->len; i++) {
        const BlockConfig *config = g_ptr_array_index(configs, i);
        BlockNode *file = config->file ? block_set_find(set, config->file) : NULL;
        BlockNode *node;

        if (config->file && !file) {
            error_set(errp, "%s: file=%s: there is no node of that name before it",
                      config->text, config->file);
            return NULL;
        }
        node = block_node_open(config, file, is_active, errp);
        if (!node) {
            return NULL;
        }
        g_ptr_array_add(set->nodes, node);
    }
    return g_steal_pointer(&set);
}

bool block_set_inactivate(BlockSet *set, GError **errp)
{
    for (unsigned i = set->nodes->len; i-- > 0;) {
        if (!block_node_inactivate(g_ptr_array_index(set->nodes, i), errp)) {
            return false;
        }
    }
    return true;
}

bool block_set_activate(BlockSet *set, GError **errp)
{
    for (unsigned i = 0; i < set->nodes->len; i++) {
        if (!block_node_activate(g_ptr_array_index(set->nodes, i), errp)) {
            (void)block_set_inactivate(set, NULL);
            return false;
        }
    }
    return true;
}
