/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kicks by eventfd, for kinds of devices that have many.
 */
#ifndef HW_VIRTIO_KICKS_H
#define HW_VIRTIO_KICKS_H

#include "hw/virtio.h"

/* virtio_kicks_start - where device, configuration and transport have it; a queue that
 * has it already is nothing. */
void virtio_kicks_start(VirtioDevice *device, const VirtQueue *queue);

/* virtio_kicks_stop - kicks come by exits again; one that was told and not yet seen is
 * lost. */
void virtio_kicks_stop(VirtioDevice *device, const VirtQueue *queue);

#endif
