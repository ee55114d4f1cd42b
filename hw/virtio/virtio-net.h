/* SPDX-License-Identifier: GPL-2.0-or-later */
/* virtio-net: the card and its control queue. */
#ifndef HW_VIRTIO_NET_H
#define HW_VIRTIO_NET_H

#include "hw/virtio.h"
#include "net/net.h"

#define VIRTIO_NET_MACS_MAX 64
#define VIRTIO_NET_VLANS    4096

/* What a driver asks of reception: bits of VirtioNet.modes, by command. */
enum {
    NET_MODE_PROMISC,
    NET_MODE_ALLMULTI,
    NET_MODE_ALLUNI,
    NET_MODE_NOMULTI,
    NET_MODE_NOUNI,
    NET_MODE_NOBCAST,
    NET_MODE_COUNT,
};

typedef struct VirtioNet {
    VirtioDevice device;
    Netdev *netdev;
    NetClient client;
    guint tx_source, announce_timer;
    unsigned announced; /* rounds */
    bool is_moved;      /* loaded: the world is to be told where it is */
    /* Saved. */
    uint8_t mac[NET_MAC_BYTES];
    uint8_t modes;        /* a bit for each NET_MODE_… */
    uint8_t mac_overflow; /* more were asked for: 1 of a card, 2 of groups */
    uint8_t uni_count, multi_count;
    uint64_t macs[VIRTIO_NET_MACS_MAX]; /* of single cards, then of groups */
    uint64_t vlans[VIRTIO_NET_VLANS / 64];
    uint64_t offloads;  /* bits of VIRTIO_NET_F_GUEST_… */
    bool must_announce; /* the driver is asked to */
    bool has_begun;     /* the driver, since the reset */
} VirtioNet;

/* virtio_net_control - serve @queue, which is the control queue. */
void virtio_net_control(VirtioNet *net, VirtQueue *queue);

/* virtio_net_reset_filter - everything is received. */
void virtio_net_reset_filter(VirtioNet *net);

/* virtio_net_accepts - the driver asked for frames like that. */
bool virtio_net_accepts(const VirtioNet *net, const uint8_t *frame, size_t bytes);

#endif
