/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config-user.h"

#include <arpa/inet.h>
#include <string.h>

#include "util/bits.h"
#include "util/error.h"
#include "util/keyval.h"
#include "util/number.h"

/* Words that are looked at one by one. */
typedef struct UserWords {
    NetUser *user;
    char *net, *host, *dhcp_start, *dns, *prefix6, *host6, *dns6;
} UserWords;

#define WORD(field) offsetof(UserWords, field)
#define USER(field) offsetof(NetUser, field)

static const KeyvalRow word_rows[] = {
    {"net", KEYVAL_STRING, WORD(net), NULL, NULL},
    {"host", KEYVAL_STRING, WORD(host), NULL, NULL},
    {"dhcpstart", KEYVAL_STRING, WORD(dhcp_start), NULL, NULL},
    {"dns", KEYVAL_STRING, WORD(dns), NULL, NULL},
    {"ipv6-prefix", KEYVAL_STRING, WORD(prefix6), NULL, NULL},
    {"ipv6-host", KEYVAL_STRING, WORD(host6), NULL, NULL},
    {"ipv6-dns", KEYVAL_STRING, WORD(dns6), NULL, NULL},
};

static const KeyvalRow user_rows[] = {
    {"hostname", KEYVAL_STRING, USER(hostname), NULL, NULL},
    {"domainname", KEYVAL_STRING, USER(domainname), NULL, NULL},
    {"tftp", KEYVAL_STRING, USER(tftp), NULL, NULL},
    {"bootfile", KEYVAL_STRING, USER(bootfile), NULL, NULL},
    {"tftp-server-name", KEYVAL_STRING, USER(tftp_server_name), NULL, NULL},
    {"restrict", KEYVAL_BOOL, USER(is_restricted), NULL, NULL},
    {"ipv4", KEYVAL_BOOL, USER(has_ipv4), NULL, NULL},
    {"ipv6", KEYVAL_BOOL, USER(has_ipv6), NULL, NULL},
    {"ipv6-prefixlen", KEYVAL_UINT, USER(prefix6_bits), NULL, NULL},
    {"smb", KEYVAL_REFUSE, 0, "no programs are started", NULL},
    {"smbserver", KEYVAL_REFUSE, 0, "no programs are started", NULL},
    {"guestfwd", KEYVAL_REFUSE, 0,
     "the guest reaches services of the host at the address host=", NULL},
};

void net_user_clear(NetUser *user)
{
    g_free(user->hostname);
    g_free(user->domainname);
    g_free(user->tftp);
    g_free(user->bootfile);
    g_free(user->tftp_server_name);
    g_clear_pointer(&user->dnssearch, g_ptr_array_unref);
    g_clear_pointer(&user->forwards, g_array_unref);
}

/* ---- hostfwd ---- */

static bool parse_port(const char *text, uint16_t *ret)
{
    uint64_t port;

    if (!number_parse_uint64(text, &port) || port < 1 || port > UINT16_MAX) {
        return false;
    }
    *ret = (uint16_t)port;
    return true;
}

static bool parse_end(const char *address, const char *port, struct in_addr *ret_address,
                      uint16_t *ret_port)
{
    return (!*address || inet_pton(AF_INET, address, ret_address) == 1) &&
           parse_port(port, ret_port);
}

/* tcp|udp:address:port-address:port */
static bool parse_forward(const char *text, NetForward *ret)
{
    g_auto(GStrv) ends = g_strsplit(text, "-", 2);
    g_auto(GStrv) host = NULL, guest = NULL;

    *ret = (NetForward){.is_udp = g_str_has_prefix(text, "udp:")};
    if (g_strv_length(ends) != 2) {
        return false;
    }
    host = g_strsplit(ends[0], ":", 3);
    guest = g_strsplit(ends[1], ":", 2);
    return g_strv_length(host) == 3 && g_strv_length(guest) == 2 &&
           (ret->is_udp || !*host[0] || strcmp(host[0], "tcp") == 0) &&
           parse_end(host[1], host[2], &ret->host, &ret->host_port) &&
           parse_end(guest[0], guest[1], &ret->guest, &ret->guest_port);
}

/* What may be given several times. */
static bool take_lists(NetUser *user, KeyvalList *list, GError **errp)
{
    user->forwards = g_array_new(FALSE, FALSE, sizeof(NetForward));
    for (unsigned i = 0; i < keyval_count(list); i++) {
        const KeyvalPair *pair = keyval_at(list, i);
        NetForward forward;

        if (strcmp(pair->key, "dnssearch") == 0) {
            if (!user->dnssearch) {
                user->dnssearch = g_ptr_array_new_with_free_func(g_free);
            }
            g_ptr_array_add(user->dnssearch, g_strdup(pair->value));
        }
        if (strcmp(pair->key, "hostfwd") != 0) {
            continue;
        }
        if (!parse_forward(pair->value, &forward)) {
            error_set(errp,
                      "hostfwd=%s: tcp|udp:[address]:port-[address]:port is expected",
                      pair->value);
            return false;
        }
        g_array_append_val(user->forwards, forward);
    }
    if (user->dnssearch) {
        g_ptr_array_add(user->dnssearch, NULL);
    }
    g_free(keyval_take(list, "dnssearch"));
    g_free(keyval_take(list, "hostfwd"));
    return true;
}

/* ---- addresses ---- */

/* address/bits, address/mask or address alone, which has the mask of its class. */
static bool parse_net(NetUser *user, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", 2);
    uint64_t bits;
    uint32_t first;

    if (!parts[0] || inet_pton(AF_INET, parts[0], &user->net) != 1) {
        return false;
    }
    first = ntohl(user->net.s_addr);
    if (!parts[1]) {
        user->mask.s_addr = htonl(first < 0x80000000   ? 0xff000000
                                  : first < 0xc0000000 ? 0xffff0000
                                                       : 0xffffff00);
    } else if (number_parse_uint64(parts[1], &bits)) {
        if (bits < 4 || bits > 28) {
            return false; /* no room for host, dns and the guest, or for a network */
        }
        user->mask.s_addr = htonl(UINT32_MAX << (32 - bits));
    } else if (inet_pton(AF_INET, parts[1], &user->mask) != 1) {
        return false;
    }
    user->net.s_addr &= user->mask.s_addr;
    return true;
}

/* @text, or number @offset of the network; a part of it. */
static bool parse_inside(const NetUser *user, const char *key, const char *text,
                         unsigned offset, struct in_addr *ret, GError **errp)
{
    ret->s_addr = user->net.s_addr | htonl(offset);
    if (text && (inet_pton(AF_INET, text, ret) != 1 ||
                 (ret->s_addr & user->mask.s_addr) != user->net.s_addr)) {
        error_set(errp, "%s=%s: an address in net= is expected", key, text);
        return false;
    }
    return true;
}

static bool apply_ipv4(UserWords *words, GError **errp)
{
    NetUser *user = words->user;

    if (!parse_net(user, words->net ? words->net : "10.0.2.0/24")) {
        error_set(errp, "net=%s: an address with a mask, as 10.0.2.0/24, is expected",
                  words->net);
        return false;
    }
    if (!parse_inside(user, "host", words->host, 2, &user->host, errp) ||
        !parse_inside(user, "dns", words->dns, 3, &user->dns, errp) ||
        !parse_inside(user, "dhcpstart", words->dhcp_start, 15, &user->dhcp_start,
                      errp)) {
        return false;
    }
    if (user->host.s_addr == user->dns.s_addr ||
        user->host.s_addr == user->dhcp_start.s_addr ||
        user->dns.s_addr == user->dhcp_start.s_addr) {
        error_set(errp, "host=, dns= and dhcpstart= are three addresses");
        return false;
    }
    return true;
}

static bool parse_v6(const NetUser *user, const char *key, const char *text,
                     unsigned offset, struct in6_addr *ret, GError **errp)
{
    *ret = user->prefix6;
    ret->s6_addr[15] = (uint8_t)offset;
    if (text && inet_pton(AF_INET6, text, ret) != 1) {
        error_set(errp, "%s=%s: an IPv6 address is expected", key, text);
        return false;
    }
    return true;
}

static bool apply_ipv6(UserWords *words, GError **errp)
{
    NetUser *user = words->user;
    const char *prefix = words->prefix6 ? words->prefix6 : "fec0::";

    if (inet_pton(AF_INET6, prefix, &user->prefix6) != 1 || user->prefix6_bits < 1 ||
        user->prefix6_bits > 126) {
        error_set(errp,
                  "ipv6-prefix=%s: an IPv6 address is expected, and an "
                  "ipv6-prefixlen= of 1 to 126",
                  prefix);
        return false;
    }
    return parse_v6(user, "ipv6-host", words->host6, 2, &user->host6, errp) &&
           parse_v6(user, "ipv6-dns", words->dns6, 3, &user->dns6, errp);
}

/* Each pair goes to the table that knows its key. */
static bool apply_rows(UserWords *words, const KeyvalList *list, GError **errp)
{
    g_autoptr(KeyvalList) own = keyval_pick(list, word_rows, ARRAY_LEN(word_rows), true);
    g_autoptr(KeyvalList) rest =
        keyval_pick(list, word_rows, ARRAY_LEN(word_rows), false);

    return keyval_apply(own, word_rows, ARRAY_LEN(word_rows), words, NULL, errp) &&
           keyval_apply(rest, user_rows, ARRAY_LEN(user_rows), words->user,
                        "network user", errp);
}

bool net_user_parse(NetUser *user, KeyvalList *list, GError **errp)
{
    UserWords words = {.user = user};
    bool ok;

    user->has_ipv4 = user->has_ipv6 = true;
    user->prefix6_bits = 64;
    ok = take_lists(user, list, errp) && apply_rows(&words, list, errp) &&
         apply_ipv4(&words, errp) && apply_ipv6(&words, errp);
    g_free(words.net);
    g_free(words.host);
    g_free(words.dhcp_start);
    g_free(words.dns);
    g_free(words.prefix6);
    g_free(words.host6);
    g_free(words.dns6);
    return ok;
}
