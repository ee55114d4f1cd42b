/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_MIGRATION_VMSTATE_H
#define STUB_MIGRATION_VMSTATE_H

#include "qemu/osdep.h"

typedef struct VMStateField {
    const char *name;
    size_t offset;
    unsigned count;
} VMStateField;

typedef struct VMStateDescription {
    const char *name;
    int version_id;
    int minimum_version_id;
    bool (*needed)(void *opaque);
    const VMStateField *fields;
} VMStateDescription;

#define VMSTATE_UINT64(field, type)                                                      \
    {                                                                                    \
#field, offsetof(type, field), 1                                                 \
    }
#define VMSTATE_UINT64_ARRAY(field, type, count)                                         \
    {                                                                                    \
#field, offsetof(type, field), count                                             \
    }
#define VMSTATE_END_OF_LIST()                                                            \
    {                                                                                    \
        NULL, 0, 0                                                                       \
    }

#endif
