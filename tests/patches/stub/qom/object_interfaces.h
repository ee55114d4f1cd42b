/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_QOM_OBJECT_INTERFACES_H
#define STUB_QOM_OBJECT_INTERFACES_H

#include "qom/object.h"

#define TYPE_OBJECT         "object"
#define TYPE_USER_CREATABLE "user-creatable"

struct Object {
    int unused;
};

typedef struct UserCreatable UserCreatable;

typedef struct UserCreatableClass {
    void (*complete)(UserCreatable *uc, Error **errp);
} UserCreatableClass;

typedef struct InterfaceInfo {
    const char *type;
} InterfaceInfo;

typedef struct TypeInfo {
    const char *name;
    const char *parent;
    size_t instance_size;
    void (*instance_finalize)(Object *obj);
    void (*class_init)(ObjectClass *oc, const void *data);
    const InterfaceInfo *interfaces;
} TypeInfo;

#define USER_CREATABLE_CLASS(oc) ((UserCreatableClass *)(oc))

#define OBJECT_DECLARE_SIMPLE_TYPE(Type, NAME)                                           \
    typedef struct Type Type;                                                            \
    static inline Type *NAME(void *obj)                                                  \
    {                                                                                    \
        return obj;                                                                      \
    }

void type_register_static(const TypeInfo *info);

#endif
