/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backend.h"

#define ESCAPE_KEY 0x01 /* Ctrl-a */

size_t chardev_filter_input(Chardev *chardev, uint8_t *data, size_t len)
{
    size_t kept = 0;

    for (size_t i = 0; i < len; i++) {
        uint8_t byte = data[i];

        if (!chardev->is_escape && byte == ESCAPE_KEY) {
            chardev->is_escape = true;
            continue;
        }
        if (!chardev->is_escape || byte == ESCAPE_KEY) {
            data[kept++] = byte;
        } else if (byte == 'b') {
            if (chardev->handlers.event) {
                chardev->handlers.event(chardev->opaque, CHARDEV_EVENT_BREAK);
            }
        } else if (chardev->escape) {
            chardev->escape(chardev->escape_opaque, (char)byte);
        }
        chardev->is_escape = false;
    }
    return kept;
}
