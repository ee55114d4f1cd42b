/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_QEMU_NOTIFY_H
#define STUB_QEMU_NOTIFY_H

typedef struct Notifier Notifier;

struct Notifier {
    void (*notify)(Notifier *notifier, void *data);
};

#endif
