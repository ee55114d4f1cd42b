/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_QOM_OBJECT_H
#define STUB_QOM_OBJECT_H

#include "qemu/osdep.h"

typedef void ObjectPropertyAccessor(Object *obj, Visitor *v, const char *name,
                                    void *opaque, Error **errp);

typedef struct ObjectProperty ObjectProperty;

#define OBJECT(object) ((Object *)(object))

ObjectProperty *object_property_find(Object *obj, const char *name);
bool object_property_get_bool(Object *obj, const char *name, Error **errp);
void object_property_add(Object *obj, const char *name, const char *type,
                         ObjectPropertyAccessor *get, ObjectPropertyAccessor *set,
                         void *release, void *opaque);
void object_property_set_description(Object *obj, const char *name, const char *text);
void object_property_add_alias(Object *obj, const char *name, Object *target,
                               const char *other);
void object_class_property_add_str(ObjectClass *oc, const char *name,
                                   char *(*get)(Object *, Error **),
                                   void (*set)(Object *, const char *, Error **));
void object_class_property_add_bool(ObjectClass *oc, const char *name,
                                    bool (*get)(Object *, Error **),
                                    void (*set)(Object *, bool, Error **));
void object_class_property_set_description(ObjectClass *oc, const char *name,
                                           const char *text);

#endif
