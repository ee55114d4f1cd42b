/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/devices.h"

#include <string.h>

#include "boards.h"

const DeviceClass *device_class_find(const char *name)
{
    unsigned count;
    const DeviceClass *const *classes = device_classes(&count);

    for (unsigned i = 0; i < count; i++) {
        if (strcmp(classes[i]->type.name, name) == 0) {
            return classes[i];
        }
    }
    return NULL;
}
