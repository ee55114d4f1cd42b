/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "netdev-class.h"
#include "util/error.h"
#include "util/number.h"

/* Frames kept for a guest that has no buffers; what comes behind them is lost. */
#define WAITING_MAX 256

#define HEADER_BYTES sizeof(struct virtio_net_hdr_v1)

static const NetClass *const classes[NET_TYPE_COUNT] = {
    [NET_USER] = &net_user_class,
    [NET_TAP] = &net_tap_class,
    [NET_STREAM] = &net_stream_class,
    [NET_DGRAM] = &net_dgram_class,
};

Netdev *netdev_open(const NetConfig *config, bool is_active, GError **errp)
{
    const NetClass *class = classes[config->type];
    g_autoptr(Netdev) netdev = g_malloc0(class->bytes);

    netdev->class = class;
    netdev->config = config;
    g_queue_init(&netdev->waiting);
    if (!class->open(netdev, errp)) {
        g_prefix_error(errp, "%s: ", config->text);
        return NULL;
    }
    return !is_active || netdev_activate(netdev, errp) ? g_steal_pointer(&netdev) : NULL;
}

bool netdev_activate(Netdev *netdev, GError **errp)
{
    if (netdev->class->activate && !netdev->class->activate(netdev, errp)) {
        g_prefix_error(errp, "%s: ", netdev->config->text);
        return false;
    }
    netdev_set_offloads(netdev, netdev->offloads);
    return true;
}

void netdev_inactivate(Netdev *netdev)
{
    if (netdev->class->inactivate) {
        netdev->class->inactivate(netdev);
    }
}

static void drop_waiting(Netdev *netdev)
{
    g_queue_clear_full(&netdev->waiting, (GDestroyNotify)g_bytes_unref);
    netdev->is_paused = false;
}

void netdev_close(Netdev *netdev)
{
    if (netdev) {
        netdev->class->close(netdev);
        drop_waiting(netdev);
        g_free(netdev);
    }
}

const NetConfig *netdev_config(const Netdev *netdev)
{
    return netdev->config;
}

/* ---- the device's side ---- */

bool netdev_attach(Netdev *netdev, const NetClient *client, GError **errp)
{
    if (netdev->client) {
        error_set(errp, "netdev=%s: %s uses it already", netdev->config->id,
                  netdev->client->name);
        return false;
    }
    netdev->client = client;
    return true;
}

void netdev_detach(Netdev *netdev)
{
    netdev->client = NULL;
    drop_waiting(netdev);
    netdev_set_offloads(netdev, 0);
    if (netdev->class->resume) {
        netdev->class->resume(netdev);
    }
}

const NetClient *netdev_client(const Netdev *netdev)
{
    return netdev->client;
}

bool netdev_can_send(const Netdev *netdev)
{
    return netdev->is_down || !netdev->class->can_send || netdev->class->can_send(netdev);
}

void netdev_send(Netdev *netdev, const struct virtio_net_hdr_v1 *header,
                 const struct iovec *iov, unsigned count)
{
    if (!netdev->is_down) {
        netdev->class->send(netdev, header, iov, count);
    }
}

void netdev_sent(Netdev *netdev)
{
    if (netdev->client && netdev_can_send(netdev)) {
        netdev->client->can_send(netdev->client->opaque);
    }
}

bool netdev_has_offloads(const Netdev *netdev)
{
    return netdev->has_offloads;
}

void netdev_set_offloads(Netdev *netdev, uint64_t features)
{
    netdev->offloads = features;
    if (netdev->has_offloads) {
        netdev->class->set_offloads(netdev, features);
    }
}

bool netdev_is_up(const Netdev *netdev)
{
    return !netdev->is_down;
}

void netdev_set_link(Netdev *netdev, bool is_up)
{
    if (netdev->is_down == is_up) {
        netdev->is_down = !is_up;
        if (netdev->client) {
            netdev->client->link_changed(netdev->client->opaque);
        }
        netdev_sent(netdev);
    }
}

/* ---- from outside ---- */

static void keep(Netdev *netdev, const struct virtio_net_hdr_v1 *header,
                 const uint8_t *frame, size_t bytes)
{
    uint8_t *both;

    if (netdev->waiting.length < WAITING_MAX) {
        both = g_malloc(HEADER_BYTES + bytes);
        memcpy(both, header, HEADER_BYTES);
        memcpy(both + HEADER_BYTES, frame, bytes);
        g_queue_push_tail(&netdev->waiting, g_bytes_new_take(both, HEADER_BYTES + bytes));
    }
}

void netdev_deliver(Netdev *netdev, const struct virtio_net_hdr_v1 *header,
                    const uint8_t *frame, size_t bytes)
{
    static const struct virtio_net_hdr_v1 none;
    const NetClient *client = netdev->client;

    if (!client || netdev->is_down) {
        return;
    }
    header = header ? header : &none;
    if (netdev->is_paused || !client->receive(client->opaque, header, frame, bytes)) {
        netdev->is_paused = true;
        keep(netdev, header, frame, bytes);
    }
}

void netdev_resume(Netdev *netdev)
{
    const NetClient *client = netdev->client;

    if (!netdev->is_paused || !client) {
        return;
    }
    while (!g_queue_is_empty(&netdev->waiting)) {
        size_t bytes;
        const uint8_t *both =
            g_bytes_get_data(g_queue_peek_head(&netdev->waiting), &bytes);

        if (!client->receive(client->opaque, (const void *)both, both + HEADER_BYTES,
                             bytes - HEADER_BYTES)) {
            return;
        }
        g_bytes_unref(g_queue_pop_head(&netdev->waiting));
    }
    netdev->is_paused = false;
    if (netdev->class->resume) {
        netdev->class->resume(netdev);
    }
}

/* ---- for kinds of networks ---- */

size_t net_gather(const struct iovec *iov, unsigned count, void *ret, size_t room)
{
    size_t bytes = 0;

    for (unsigned i = 0; i < count; i++) {
        if (iov[i].iov_len > room - bytes) {
            return 0;
        }
        memcpy((uint8_t *)ret + bytes, iov[i].iov_base, iov[i].iov_len);
        bytes += iov[i].iov_len;
    }
    return bytes;
}

int net_fd_parse(const char *text, GError **errp)
{
    uint64_t fd;

    if (!number_parse_uint64(text, &fd) || fd > G_MAXINT || fd <= 2) {
        error_set(errp, "fd=%s: the number of an inherited descriptor is expected", text);
        return -1;
    }
    if (fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0 ||
        fcntl((int)fd, F_SETFL, fcntl((int)fd, F_GETFL) | O_NONBLOCK) < 0) {
        error_set_errno(errp, errno, "fd=%s", text);
        return -1;
    }
    return (int)fd;
}
