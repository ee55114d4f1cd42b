/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Networks: what was asked (NetConfig), and one that is open (Netdev), to which one
 * device is attached.
 *
 * Everything is used under the VM lock; what comes from outside comes in the main loop,
 * under that lock.  A network outlives its device, which a reset makes anew.  What goes
 * wrong outside, a peer that leaves or an interface that is taken down, loses frames and
 * never ends the guest.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <glib.h>
#include <linux/virtio_net.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

/* The longest frame: 64 KiB that are to be segmented, with their Ethernet header. */
#define NET_FRAME_MAX (65536 + 18)
#define NET_MAC_BYTES 6

typedef struct Netdev Netdev;
typedef struct NetSet NetSet;

typedef enum NetType {
    NET_USER,
    NET_TAP,
    NET_STREAM,
    NET_DGRAM,
    NET_TYPE_COUNT,
} NetType;

/* A port of the host that leads to one of the guest. */
typedef struct NetForward {
    bool is_udp;
    struct in_addr host, guest; /* 0: any; the address the guest gets first */
    uint16_t host_port, guest_port;
} NetForward;

typedef struct NetUser {
    struct in_addr net, mask, host, dhcp_start, dns;
    struct in6_addr prefix6, host6, dns6;
    unsigned prefix6_bits;
    bool has_ipv4, has_ipv6, is_restricted;
    char *hostname, *domainname, *tftp, *bootfile, *tftp_server_name;
    GPtrArray *dnssearch; /* char *, and NULL behind the last; NULL: none */
    GArray *forwards;     /* NetForward */
} NetUser;

typedef enum NetAddressType {
    NET_ADDRESS_UNSET,
    NET_ADDRESS_UNIX,
    NET_ADDRESS_INET,
    NET_ADDRESS_FD,
} NetAddressType;

typedef struct NetAddress {
    int type;                        /* NetAddressType */
    char *path, *host, *port, *text; /* text: of a descriptor, its number */
} NetAddress;

typedef struct NetConfig {
    char *text;        /* "-netdev user,id=n", for messages */
    char *id;          /* what -device netdev= names */
    int type;          /* NetType */
    bool is_nic;       /* of -nic: with a device of its own */
    char *model, *mac; /* of that; NULL: the board's, the next */
    NetUser user;
    char *ifname, *fd;  /* of a tap */
    NetAddress address; /* of a stream */
    NetAddress local, remote;
    bool is_server;
    unsigned reconnect_ms; /* 0: the other side is not looked for again */
} NetConfig;

/* net_config_parse - -netdev @text: settings or JSON. */
NetConfig *net_config_parse(const char *text, GError **errp);

/* net_config_parse_nic - -nic @text, which is number @index. */
NetConfig *net_config_parse_nic(const char *text, unsigned index, GError **errp);

/* net_config_free - NULL is nothing. */
void net_config_free(NetConfig *config);

/* net_config_find - of @configs, NetConfig, or NULL: the one called @id; NULL: none. */
const NetConfig *net_config_find(const GPtrArray *configs, const char *id);

/* net_mac_parse - "52:54:00:12:34:56"; false where it is something else. */
bool net_mac_parse(const char *text, uint8_t ret[NET_MAC_BYTES]);

/*
 * netdev_open - open a network; errors name the option and what is in the way.
 * @is_active: false: what one program alone can have comes with netdev_activate()
 */
Netdev *netdev_open(const NetConfig *config, bool is_active, GError **errp);

/*
 * netdev_activate - take what another program has let go: the interface of a tap.
 * netdev_inactivate - let it go, where it stays when it is closed.
 * In between nothing passes.
 */
bool netdev_activate(Netdev *netdev, GError **errp);
void netdev_inactivate(Netdev *netdev);

/* netdev_close - with no device attached; NULL is nothing. */
void netdev_close(Netdev *netdev);

/* netdev_config - what it was opened from. */
const NetConfig *netdev_config(const Netdev *netdev);

/* ---- the device's side ---- */

/* A device at a network. */
typedef struct NetClient {
    const char *name; /* for messages and set_link */
    /*
     * A frame for the guest; false where it cannot be taken now: it is kept, and nothing
     * else comes until netdev_resume().
     */
    bool (*receive)(void *opaque, const struct virtio_net_hdr_v1 *header,
                    const uint8_t *frame, size_t bytes);
    void (*link_changed)(void *opaque);
    void (*can_send)(void *opaque); /* netdev_can_send() became true */
    void *opaque;
} NetClient;

/* netdev_attach - @client, which lives until netdev_detach(); false where there is one.
 */
bool netdev_attach(Netdev *netdev, const NetClient *client, GError **errp);
void netdev_detach(Netdev *netdev);

/* netdev_client - who is attached; NULL: nobody. */
const NetClient *netdev_client(const Netdev *netdev);

/* netdev_resume - frames can be taken again. */
void netdev_resume(Netdev *netdev);

/* netdev_can_send - whether there is room outside; if not, can_send is called later. */
bool netdev_can_send(const Netdev *netdev);

/* netdev_send - a frame of the guest; the header is for those that have offloads. */
void netdev_send(Netdev *netdev, const struct virtio_net_hdr_v1 *header,
                 const struct iovec *iov, unsigned count);

/* netdev_has_offloads - sums and segments can be left to the host. */
bool netdev_has_offloads(const Netdev *netdev);

/* netdev_set_offloads - what the guest can take: bits of VIRTIO_NET_F_GUEST_…. */
void netdev_set_offloads(Netdev *netdev, uint64_t features);

/* netdev_is_up, netdev_set_link - set_link: nothing passes where it is down. */
bool netdev_is_up(const Netdev *netdev);
void netdev_set_link(Netdev *netdev, bool is_up);

/* ---- every network of a guest ---- */

/* net_set_open - of @configs, NetConfig, in their order; @is_active: netdev_open(). */
NetSet *net_set_open(const GPtrArray *configs, bool is_active, GError **errp);

/* net_set_activate, net_set_inactivate - all of them; where one cannot be had the others
 * are let go again. */
bool net_set_activate(NetSet *set, GError **errp);
void net_set_inactivate(NetSet *set);

/* net_set_close - NULL is nothing. */
void net_set_close(NetSet *set);

/* net_set_find - the one called @id, or with a device of that name; NULL: there is none.
 */
Netdev *net_set_find(const NetSet *set, const char *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetConfig, net_config_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Netdev, netdev_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetSet, net_set_close)

#endif
