/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kicks that KVM tells by an eventfd, while the vCPU goes on: the main thread looks at
 * the queue then, under the VM lock as always.  Where the transport cannot have that, a
 * kick is an exit of the vCPU; both may come.
 */
#include "virtio-kicks.h"

#include <glib-unix.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct VirtioKick {
    VirtioDevice *device;
    unsigned queue;
    int fd;
    guint source;
};

static gboolean on_kick(gint fd, GIOCondition condition, gpointer data)
{
    const VirtioKick *kick = data;
    eventfd_t count;

    (void)condition;
    if (eventfd_read(fd, &count) == 0) {
        virtio_kick(kick->device, kick->queue);
    }
    return G_SOURCE_CONTINUE;
}

void virtio_kicks_start(VirtioDevice *device, const VirtQueue *queue)
{
    const VirtioTransport *transport = device->transport;
    VirtioKick *kick;
    int fd;

    if (!device->class->has_busy_queues || !device->config->ioeventfd ||
        !queue->is_enabled || device->kicks[queue->index]) {
        return;
    }
    fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0 || !transport->set_kick_fd(device->transport_opaque, queue->index, fd)) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    kick = g_new(VirtioKick, 1);
    *kick =
        (VirtioKick){device, queue->index, fd, g_unix_fd_add(fd, G_IO_IN, on_kick, kick)};
    device->kicks[queue->index] = kick;
}

void virtio_kicks_stop(VirtioDevice *device, const VirtQueue *queue)
{
    VirtioKick *kick = g_steal_pointer(&device->kicks[queue->index]);

    if (kick) {
        (void)device->transport->set_kick_fd(device->transport_opaque, queue->index, -1);
        g_source_remove(kick->source);
        close(kick->fd);
        g_free(kick);
    }
}
