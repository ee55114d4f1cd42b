/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tap: an interface of the host.
 * Source: Linux, Documentation/networking/tuntap.rst, linux/if_tun.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "netdev-class.h"
#include "util/bits.h"
#include "util/error.h"

#define TUN_PATH     "/dev/net/tun"
#define HEADER_BYTES sizeof(struct virtio_net_hdr_v1)

/* Frames read at once before others have their turn. */
#define BURST 64

typedef struct Tap {
    Netdev netdev;
    int fd;
    guint watch;
    struct {
        struct virtio_net_hdr_v1 header;
        uint8_t frame[NET_FRAME_MAX];
    } in;
} Tap;

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data);

static void watch(Tap *tap)
{
    if (tap->fd >= 0 && !tap->watch) {
        tap->watch = g_unix_fd_add(tap->fd, G_IO_IN, on_readable, tap);
    }
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
    Tap *tap = data;
    size_t skip = tap->netdev.has_offloads ? 0 : HEADER_BYTES;

    if (condition & (G_IO_ERR | G_IO_HUP | G_IO_NVAL)) {
        tap->watch = 0; /* the interface was deleted */
        return G_SOURCE_REMOVE;
    }
    for (unsigned i = 0; i < BURST; i++) {
        ssize_t got = read(fd, (uint8_t *)&tap->in + skip, sizeof(tap->in) - skip);

        if (got <= 0) {
            /* Whatever it is: an interface that is down is up again later. */
            return G_SOURCE_CONTINUE;
        }
        if ((size_t)got + skip <= HEADER_BYTES) {
            continue;
        }
        netdev_deliver(&tap->netdev, skip ? NULL : &tap->in.header, tap->in.frame,
                       (size_t)got + skip - HEADER_BYTES);
        if (tap->netdev.is_paused) {
            tap->watch = 0;
            return G_SOURCE_REMOVE;
        }
    }
    return G_SOURCE_CONTINUE;
}

static void tap_resume(Netdev *netdev)
{
    watch((Tap *)netdev);
}

/* An interface without buffers, or that is down, loses what it is given. */
static void tap_send(Netdev *netdev, const struct virtio_net_hdr_v1 *header,
                     const struct iovec *iov, unsigned count)
{
    Tap *tap = (Tap *)netdev;
    struct virtio_net_hdr_v1 own = *header;
    g_autofree struct iovec *all = g_new(struct iovec, count + 1);
    unsigned n = 0;
    ssize_t ignored;

    if (netdev->has_offloads) {
        all[n++] = (struct iovec){&own, sizeof(own)};
    }
    if (count + n > IOV_MAX || tap->fd < 0) {
        return;
    }
    memcpy(all + n, iov, count * sizeof(*iov));
    ignored = writev(tap->fd, all, (int)(count + n));
    (void)ignored;
}

static const struct {
    unsigned feature;
    unsigned flags;
} offloads[] = {
    {VIRTIO_NET_F_GUEST_CSUM, TUN_F_CSUM},
    {VIRTIO_NET_F_GUEST_TSO4, TUN_F_TSO4},
    {VIRTIO_NET_F_GUEST_TSO6, TUN_F_TSO6},
    {VIRTIO_NET_F_GUEST_ECN, TUN_F_TSO_ECN},
};

static void tap_set_offloads(Netdev *netdev, uint64_t features)
{
    unsigned flags = 0;

    for (unsigned i = 0; i < ARRAY_LEN(offloads); i++) {
        flags |= features >> offloads[i].feature & 1 ? offloads[i].flags : 0;
    }
    if (!(flags & TUN_F_CSUM)) {
        flags = 0; /* segments need sums */
    }
    if (((Tap *)netdev)->fd < 0) {
        return; /* set when it is taken */
    }
    /* Fails only where the interface is gone, and then nothing comes from it. */
    (void)ioctl(((Tap *)netdev)->fd, TUNSETOFFLOAD, (unsigned long)flags);
}

static void close_fd(Tap *tap)
{
    g_clear_handle_id(&tap->watch, g_source_remove);
    if (tap->fd >= 0) {
        close(tap->fd);
    }
    tap->fd = -1;
}

static bool open_own(Tap *tap, GError **errp)
{
    const char *name = tap->netdev.config->ifname;
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};

    if (name && strlen(name) >= IFNAMSIZ) {
        error_set(errp, "ifname=%s: at most %d characters", name, IFNAMSIZ - 1);
        return false;
    }
    tap->fd = open(TUN_PATH, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (tap->fd < 0) {
        error_set_errno(errp, errno, "cannot open %s", TUN_PATH);
        return false;
    }
    g_strlcpy(request.ifr_name, name ? name : "tap%d", IFNAMSIZ);
    if (ioctl(tap->fd, TUNSETIFF, &request) < 0) {
        int cause = errno;

        error_set_errno(errp, cause, "cannot have the interface %s%s",
                        name ? name : "tap",
                        cause == EPERM || cause == EACCES
                            ? "; ip tuntap add mode tap user NAME gives it to a user"
                        : cause == EBUSY ? "; another program has it"
                                         : "");
        return false;
    }
    return true;
}

static bool open_given(Tap *tap, GError **errp)
{
    struct ifreq request = {0};

    tap->fd = net_fd_parse(tap->netdev.config->fd, errp);
    if (tap->fd < 0) {
        return false;
    }
    if (ioctl(tap->fd, TUNGETIFF, &request) < 0 || !(request.ifr_flags & IFF_TAP) ||
        !(request.ifr_flags & IFF_NO_PI)) {
        error_set(errp, "fd=%s is not a tap without packet information (IFF_NO_PI)",
                  tap->netdev.config->fd);
        return false;
    }
    tap->netdev.has_offloads = request.ifr_flags & IFF_VNET_HDR;
    return true;
}

static bool tap_open(Netdev *netdev, GError **errp)
{
    Tap *tap = (Tap *)netdev;

    tap->fd = -1;
    netdev->has_offloads = true; /* of those that are opened here */
    return !netdev->config->fd || open_given(tap, errp);
}

static bool tap_activate(Netdev *netdev, GError **errp)
{
    Tap *tap = (Tap *)netdev;
    int bytes = HEADER_BYTES;

    if (tap->fd < 0 && !open_own(tap, errp)) {
        close_fd(tap);
        return false;
    }
    if (netdev->has_offloads && ioctl(tap->fd, TUNSETVNETHDRSZ, &bytes) < 0) {
        error_set_errno(errp, errno, "the interface does not take headers of %d bytes",
                        bytes);
        return false;
    }
    watch(tap);
    return true;
}

/* One that is not there for ever would be gone, with all that was set of it. */
static void tap_inactivate(Netdev *netdev)
{
    Tap *tap = (Tap *)netdev;
    struct ifreq request = {0};

    if (tap->fd >= 0 && !netdev->config->fd && netdev->config->ifname &&
        ioctl(tap->fd, TUNGETIFF, &request) == 0 && request.ifr_flags & IFF_PERSIST) {
        close_fd(tap);
    }
}

static void tap_close(Netdev *netdev)
{
    close_fd((Tap *)netdev);
}

const NetClass net_tap_class = {
    .bytes = sizeof(Tap),
    .open = tap_open,
    .close = tap_close,
    .send = tap_send,
    .resume = tap_resume,
    .activate = tap_activate,
    .inactivate = tap_inactivate,
    .set_offloads = tap_set_offloads,
};
