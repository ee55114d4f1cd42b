/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The networks of a guest. */
#include "net/net.h"

struct NetSet {
    GPtrArray *netdevs; /* Netdev, owned */
};

static void close_one(gpointer netdev)
{
    netdev_close(netdev);
}

NetSet *net_set_open(const GPtrArray *configs, bool is_active, GError **errp)
{
    g_autoptr(NetSet) set = g_new0(NetSet, 1);

    set->netdevs = g_ptr_array_new_with_free_func(close_one);
    for (unsigned i = 0; i < configs->len; i++) {
        Netdev *netdev = netdev_open(g_ptr_array_index(configs, i), is_active, errp);

        if (!netdev) {
            return NULL;
        }
        g_ptr_array_add(set->netdevs, netdev);
    }
    return g_steal_pointer(&set);
}

void net_set_close(NetSet *set)
{
    if (set) {
        g_ptr_array_unref(set->netdevs);
        g_free(set);
    }
}

Netdev *net_set_find(const NetSet *set, const char *id)
{
    for (unsigned i = 0; i < set->netdevs->len; i++) {
        Netdev *netdev = g_ptr_array_index(set->netdevs, i);
        const NetClient *client = netdev_client(netdev);

        if (g_strcmp0(netdev_config(netdev)->id, id) == 0 ||
            (client && g_strcmp0(client->name, id) == 0)) {
            return netdev;
        }
    }
    return NULL;
}

void net_set_inactivate(NetSet *set)
{
    for (unsigned i = 0; i < set->netdevs->len; i++) {
        netdev_inactivate(g_ptr_array_index(set->netdevs, i));
    }
}

bool net_set_activate(NetSet *set, GError **errp)
{
    for (unsigned i = 0; i < set->netdevs->len; i++) {
        if (!netdev_activate(g_ptr_array_index(set->netdevs, i), errp)) {
            net_set_inactivate(set);
            return false;
        }
    }
    return true;
}
