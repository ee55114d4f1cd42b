/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -netdev and -nic. */
#include <string.h>

#include "net/net.h"
#include "system/cmdline/options.h"
#include "util/error.h"

static bool add_net(VmSpec *spec, NetConfig *config, GError **errp)
{
    if (net_config_find(spec->nets, config->id)) {
        error_set(errp, "there is a network with id=%s already", config->id);
        net_config_free(config);
        return false;
    }
    g_ptr_array_add(spec->nets, config);
    return true;
}

bool option_netdev(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    NetConfig *config = net_config_parse(arg, errp);

    (void)row; /* the only one */
    return config && add_net(cmd->spec, config, errp);
}

bool option_nic(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    NetConfig *config;

    (void)row; /* the only one */
    if (strcmp(arg, "none") == 0) {
        return true;
    }
    config = net_config_parse_nic(arg, cmd->spec->nets->len, errp);
    return config && add_net(cmd->spec, config, errp);
}
