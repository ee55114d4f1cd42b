/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kind of network is: a row each, and what they have of Netdev. */
#ifndef NET_NETDEV_CLASS_H
#define NET_NETDEV_CLASS_H

#include "net/net.h"

typedef struct NetClass {
    size_t bytes; /* of the struct whose first member is a Netdev */
    bool (*open)(Netdev *netdev, GError **errp);
    void (*close)(Netdev *netdev); /* also of one that did not open */
    void (*send)(Netdev *netdev, const struct virtio_net_hdr_v1 *header,
                 const struct iovec *iov, unsigned count);
    bool (*can_send)(const Netdev *netdev); /* NULL: always */
    void (*resume)(Netdev *netdev);         /* frames are taken again; NULL: nothing */
    /* What one program alone can have; NULL: there is nothing like that. */
    bool (*activate)(Netdev *netdev, GError **errp);
    void (*inactivate)(Netdev *netdev);
    void (*set_offloads)(Netdev *netdev, uint64_t features); /* NULL: it has none */
} NetClass;

struct Netdev {
    const NetClass *class;
    const NetConfig *config;
    const NetClient *client;
    GQueue waiting; /* GBytes: header and frame */
    bool is_down, has_offloads;
    uint64_t offloads; /* as set last */
    bool is_paused;    /* until netdev_resume() */
};

extern const NetClass net_user_class, net_tap_class, net_stream_class, net_dgram_class;

/* netdev_deliver - a frame from outside; @header NULL: without offloads. */
void netdev_deliver(Netdev *netdev, const struct virtio_net_hdr_v1 *header,
                    const uint8_t *frame, size_t bytes);

/* netdev_sent - there is room outside again. */
void netdev_sent(Netdev *netdev);

/* net_gather - @iov as one piece at @ret, of at most @room bytes; 0: it is longer. */
size_t net_gather(const struct iovec *iov, unsigned count, void *ret, size_t room);

/* net_fd_parse - an inherited descriptor of @text: its number, close-on-exec and not
 * blocking; -1 with an error. */
int net_fd_parse(const char *text, GError **errp);

#endif
