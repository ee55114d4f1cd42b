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
    bool early_setup;
    bool (*needed)(void *opaque);
    int (*pre_save)(void *opaque);
    int (*pre_load)(void *opaque);
    bool (*post_load_errp)(void *opaque, int version_id, Error **errp);
    const VMStateField *fields;
} VMStateDescription;

typedef struct VMStateIf VMStateIf;

int vmstate_register(VMStateIf *obj, int instance_id, const VMStateDescription *vmsd,
                     void *opaque);

#define VMSTATE_UINT32(field, type)                                                      \
    {                                                                                    \
#field, offsetof(type, field), 1                                                 \
    }
#define VMSTATE_VBUFFER_ALLOC_UINT32(field, type, version, test, size)                   \
    {                                                                                    \
#field, offsetof(type, field), 0                                                 \
    }
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
