/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -netdev and -nic, taken apart. */
#include <string.h>

#include "config-user.h"
#include "net/net.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/keyval.h"
#include "util/number.h"

static const char *const type_names[NET_TYPE_COUNT] = {
    [NET_USER] = "user",
    [NET_TAP] = "tap",
    [NET_STREAM] = "stream",
    [NET_DGRAM] = "dgram",
};

/* Those of QEMU that are not here, and what does the same. */
static const struct {
    const char *name, *instead;
} others[] = {
    {"bridge",
     "make a tap in the bridge (ip tuntap add, ip link set master) and use tap"},
    {"hubport", "a network has one device here; use tap and a bridge of the host"},
    {"l2tpv3", "use tap and a tunnel of the host (ip l2tp)"},
    {"netmap", "use tap"},
    {"socket", "use stream or dgram"},
    {"vde", "use dgram, or tap"},
    {"vhost-user", "use stream with passt, or tap"},
    {"vhost-vdpa", "use tap"},
    {"af-xdp", "use tap"},
};

static const char *const address_types[] = {[NET_ADDRESS_UNSET] = "",
                                            [NET_ADDRESS_UNIX] = "unix",
                                            [NET_ADDRESS_INET] = "inet",
                                            [NET_ADDRESS_FD] = "fd",
                                            NULL};

#define FIELD(field) offsetof(NetConfig, field)
#define ADDRESS(name, member)                                                            \
    {name ".type", KEYVAL_ENUM, FIELD(member.type), NULL, address_types},                \
        {name ".path", KEYVAL_STRING, FIELD(member.path), NULL, NULL},                   \
        {name ".host", KEYVAL_STRING, FIELD(member.host), NULL, NULL},                   \
        {name ".port", KEYVAL_STRING, FIELD(member.port), NULL, NULL},                   \
    {                                                                                    \
        name ".str", KEYVAL_STRING, FIELD(member.text), NULL, NULL                       \
    }

static const KeyvalRow common_rows[] = {
    {"id", KEYVAL_STRING, FIELD(id), NULL, NULL},
    {"model", KEYVAL_STRING, FIELD(model), NULL, NULL},
    {"mac", KEYVAL_STRING, FIELD(mac), NULL, NULL},
};

static const KeyvalRow tap_rows[] = {
    {"ifname", KEYVAL_STRING, FIELD(ifname), NULL, NULL},
    {"fd", KEYVAL_STRING, FIELD(fd), NULL, NULL},
    {"fds", KEYVAL_REFUSE, 0, "a network has one pair of queues here; use fd=", NULL},
    {"vhostfds", KEYVAL_REFUSE, 0, "frames go through this program", NULL},
    {"vhostfd", KEYVAL_REFUSE, 0, "frames go through this program", NULL},
    {"vhost", KEYVAL_REFUSE, 0, "frames go through this program; leave it out", NULL},
    {"vhostforce", KEYVAL_REFUSE, 0, "frames go through this program", NULL},
    {"helper", KEYVAL_REFUSE, 0,
     "no programs are started; open the tap and give fd=", NULL},
    {"br", KEYVAL_REFUSE, 0, "no programs are started; put the tap into the bridge",
     NULL},
    {"vnet_hdr", KEYVAL_IGNORE, 0, NULL, NULL},
    {"sndbuf", KEYVAL_IGNORE, 0, NULL, NULL},
    {"poll-us", KEYVAL_IGNORE, 0, NULL, NULL},
};

static const KeyvalRow stream_rows[] = {
    {"server", KEYVAL_BOOL, FIELD(is_server), NULL, NULL},
    ADDRESS("addr", address),
    {"reconnect-ms", KEYVAL_UINT, FIELD(reconnect_ms), NULL, NULL},
};

static const KeyvalRow dgram_rows[] = {ADDRESS("local", local),
                                       ADDRESS("remote", remote)};

static const struct {
    const KeyvalRow *rows;
    unsigned count;
} type_rows[NET_TYPE_COUNT] = {
    [NET_TAP] = {tap_rows, ARRAY_LEN(tap_rows)},
    [NET_STREAM] = {stream_rows, ARRAY_LEN(stream_rows)},
    [NET_DGRAM] = {dgram_rows, ARRAY_LEN(dgram_rows)},
};

static void address_clear(NetAddress *address)
{
    g_free(address->path);
    g_free(address->host);
    g_free(address->port);
    g_free(address->text);
}

void net_config_free(NetConfig *config)
{
    if (config) {
        g_free(config->text);
        g_free(config->id);
        g_free(config->model);
        g_free(config->mac);
        net_user_clear(&config->user);
        g_free(config->ifname);
        g_free(config->fd);
        address_clear(&config->address);
        address_clear(&config->local);
        address_clear(&config->remote);
        g_free(config);
    }
}

const NetConfig *net_config_find(const GPtrArray *configs, const char *id)
{
    for (unsigned i = 0; configs && i < configs->len; i++) {
        const NetConfig *config = g_ptr_array_index(configs, i);

        if (g_strcmp0(config->id, id) == 0) {
            return config;
        }
    }
    return NULL;
}

bool net_mac_parse(const char *text, uint8_t ret[NET_MAC_BYTES])
{
    for (unsigned i = 0; i < NET_MAC_BYTES; i++) {
        int high = g_ascii_xdigit_value(text[0]);
        int low = high < 0 ? -1 : g_ascii_xdigit_value(text[1]);

        if (low < 0 || text[2] != (i == NET_MAC_BYTES - 1 ? '\0' : ':')) {
            return false;
        }
        ret[i] = (uint8_t)(high << 4 | low);
        text += 3;
    }
    return true;
}

static bool find_type(NetConfig *config, const char *name, GError **errp)
{
    for (unsigned i = 0; i < NET_TYPE_COUNT; i++) {
        if (g_strcmp0(name, type_names[i]) == 0) {
            config->type = (int)i;
            return true;
        }
    }
    for (unsigned i = 0; i < ARRAY_LEN(others); i++) {
        if (g_strcmp0(name, others[i].name) == 0) {
            error_set(errp, "a network of type %s cannot be used here: %s", name,
                      others[i].instead);
            return false;
        }
    }
    error_set(errp, "type '%s' is not known; accepted are user, tap, stream and dgram",
              name ? name : "");
    return false;
}

/* Scripts and queues: words that stand for doing nothing are accepted. */
static bool take_tap_words(KeyvalList *list, GError **errp)
{
    static const char *const scripts[] = {"script", "downscript"};
    g_autofree char *queues = keyval_take(list, "queues");

    for (unsigned i = 0; i < ARRAY_LEN(scripts); i++) {
        g_autofree char *script = keyval_take(list, scripts[i]);

        if (script && *script && strcmp(script, "no") != 0) {
            error_set(errp,
                      "%s=%s: no programs are started; set the interface up before, "
                      "and %s=no",
                      scripts[i], script, scripts[i]);
            return false;
        }
    }
    if (queues && strcmp(queues, "1") != 0) {
        error_set(errp, "queues=%s: 1 is possible here", queues);
        return false;
    }
    return true;
}

static bool check_address(const char *key, const NetAddress *address, GError **errp)
{
    bool is_whole = address->type == NET_ADDRESS_UNIX ? address->path != NULL
                    : address->type == NET_ADDRESS_FD ? address->text != NULL
                                                      : address->host && address->port;

    if (address->type == NET_ADDRESS_UNSET) {
        error_set(errp, "%s.type= is missing; accepted are unix, inet and fd", key);
        return false;
    }
    if (!is_whole) {
        error_set(errp, "%s.type=%s needs %s", key, address_types[address->type],
                  address->type == NET_ADDRESS_UNIX ? "a path"
                  : address->type == NET_ADDRESS_FD ? "str=, the number of a descriptor"
                                                    : "host and port");
        return false;
    }
    return true;
}

static bool check_dgram(const NetConfig *config, GError **errp)
{
    if (!check_address("local", &config->local, errp)) {
        return false;
    }
    if (config->local.type == NET_ADDRESS_FD) {
        return true; /* it is connected already */
    }
    if (!check_address("remote", &config->remote, errp)) {
        return false;
    }
    if (config->local.type != config->remote.type) {
        error_set(errp, "local.type and remote.type are of one kind");
        return false;
    }
    return true;
}

static bool check(const NetConfig *config, GError **errp)
{
    uint8_t mac[NET_MAC_BYTES];

    if (config->mac && (!net_mac_parse(config->mac, mac) || mac[0] & 1)) {
        error_set(errp,
                  "mac=%s: an address of a single card, as 52:54:00:12:34:56, is "
                  "expected",
                  config->mac);
        return false;
    }
    switch ((NetType)config->type) {
    case NET_TAP:
        if (config->fd && config->ifname) {
            error_set(errp, "ifname= and fd= exclude each other");
            return false;
        }
        return true;
    case NET_STREAM:
        return check_address("addr", &config->address, errp);
    case NET_DGRAM:
        return check_dgram(config, errp);
    default:
        return true;
    }
}

/* Moves the pairs that -netdev and -nic have in common. */
static bool apply_common(NetConfig *config, KeyvalList *list, GError **errp)
{
    g_autoptr(KeyvalList) common = keyval_new();

    for (unsigned i = 0; i < ARRAY_LEN(common_rows) - (config->is_nic ? 0 : 2); i++) {
        g_autofree char *value = keyval_take(list, common_rows[i].key);

        if (value) {
            keyval_add(common, common_rows[i].key, value);
        }
    }
    return keyval_apply(common, common_rows, ARRAY_LEN(common_rows), config, NULL, errp);
}

static bool apply(NetConfig *config, KeyvalList *list, GError **errp)
{
    g_autofree char *type = keyval_take(list, "type");
    g_autofree char *where = NULL;

    if (!find_type(config, type, errp) || !apply_common(config, list, errp)) {
        return false;
    }
    if (config->type == NET_USER) {
        return net_user_parse(&config->user, list, errp) && check(config, errp);
    }
    where = g_strdup_printf("network %s", type);
    return (config->type != NET_TAP || take_tap_words(list, errp)) &&
           keyval_apply(list, type_rows[config->type].rows, type_rows[config->type].count,
                        config, where, errp) &&
           check(config, errp);
}

static NetConfig *parse(const char *option, const char *text, bool is_nic, GError **errp)
{
    g_autoptr(NetConfig) config = g_new0(NetConfig, 1);
    g_autoptr(KeyvalList) list = keyval_parse_any(text, "type", errp);

    config->text = g_strdup_printf("%s %s", option, text);
    config->is_nic = is_nic;
    return list && apply(config, list, errp) ? g_steal_pointer(&config) : NULL;
}

NetConfig *net_config_parse(const char *text, GError **errp)
{
    g_autoptr(NetConfig) config = parse("-netdev", text, false, errp);

    if (config && !config->id) {
        error_set(errp, "id= is missing");
        return NULL;
    }
    return g_steal_pointer(&config);
}

NetConfig *net_config_parse_nic(const char *text, unsigned index, GError **errp)
{
    NetConfig *config = parse("-nic", text, true, errp);

    if (config && !config->id) {
        config->id = g_strdup_printf("#nic%u", index);
    }
    return config;
}
