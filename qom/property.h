/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One property of one object: conversion between text, JSON and the instance struct.
 * Not for anybody but object.c, which knows who may set what and when.
 */
#ifndef QOM_PROPERTY_H
#define QOM_PROPERTY_H

#include "qom/object.h"

/* property_store_default - the table's value into the instance; not for custom ones. */
void property_store_default(Object *object, const Property *prop);

/* property_clear - release what the instance holds for @prop. */
void property_clear(Object *object, const Property *prop);

/*
 * property_store_string - check command line text and store it.
 * False with a message that says what is accepted, without the property's name.
 */
bool property_store_string(Object *object, const Property *prop, const char *text,
                           GError **errp);

/*
 * property_check_json - @value has the type @prop shows; enums and custom properties
 * take text, too, which is what a command line gives.  Null, lists and objects are no
 * value.
 */
bool property_check_json(const Property *prop, json_object *value, GError **errp);

/* property_store_json - as property_store_string(), from a value that was checked. */
bool property_store_json(Object *object, const Property *prop, json_object *value,
                         GError **errp);

/* property_load_json - the stored value as a new reference; NULL where it is unset. */
json_object *property_load_json(const Object *object, const Property *prop);

#endif
