/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The runtime under the generated types: a type is a table of members, and parsing,
 * formatting and releasing walk the table.
 *
 * How a value lies in memory ("place"): numbers, bool and enums by value; strings as
 * char *, structs as pointer, "any" as json_object *, lists of strings and structs as
 * GPtrArray *, lists of numbers and enums as GArray *.  Pointers that are NULL are
 * absent.
 */
#ifndef QAPI_VALUE_H
#define QAPI_VALUE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct json_object json_object;
typedef struct QapiType QapiType;

typedef enum QapiKind {
    QAPI_BOOL,
    QAPI_INT,    /* int64_t */
    QAPI_UINT,   /* uint64_t, at most QapiType.max */
    QAPI_NUMBER, /* double */
    QAPI_STR,
    QAPI_ANY,
    QAPI_ENUM, /* int */
    QAPI_STRUCT,
    QAPI_LIST,
} QapiKind;

typedef struct QapiMember {
    const char *name;
    const QapiType *type;
    size_t offset;
    size_t has_offset; /* of the bool that says whether it is there */
    bool has_flag;     /* there is one: optional members by value */
    bool is_optional;
} QapiMember;

struct QapiType {
    const char *name;
    QapiKind kind;
    size_t size;              /* QAPI_STRUCT: of the struct itself */
    uint64_t max;             /* QAPI_UINT */
    const char *const *names; /* QAPI_ENUM */
    unsigned name_count;
    const QapiMember *members; /* QAPI_STRUCT */
    unsigned member_count;
    const QapiType *element; /* QAPI_LIST */
};

extern const QapiType qapi_type_bool, qapi_type_int, qapi_type_uint8, qapi_type_uint16,
    qapi_type_uint32, qapi_type_uint64, qapi_type_number, qapi_type_str, qapi_type_any;

/*
 * qapi_parse - a JSON value into @place, strictly: a missing, surplus or mistyped member
 * is an error that names its place below @where.  On failure @place is left cleared.
 */
bool qapi_parse(const QapiType *type, json_object *json, const char *where, void *place,
                GError **errp);

/* qapi_format - the JSON of the value at @place, a new reference; NULL where absent. */
json_object *qapi_format(const QapiType *type, const void *place);

/* qapi_clear - release what @place holds and leave it absent. */
void qapi_clear(const QapiType *type, void *place);

/* qapi_enum_parse - index of @name, or -1. */
int qapi_enum_parse(const QapiType *type, const char *name);

#endif
