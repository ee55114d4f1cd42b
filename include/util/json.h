/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the program needs of JSON beyond json-c: strict parsing with a depth limit, and
 * reading members with a message that names the place.
 */
#ifndef UTIL_JSON_H
#define UTIL_JSON_H

#include <glib.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 64

/* json_object_putp - the cleanup function of g_autojson. */
static inline void json_object_putp(json_object **object)
{
    json_object_put(*object);
}

/* Drops the reference when the variable goes out of scope. */
#define g_autojson __attribute__((cleanup(json_object_putp))) json_object

/* Where in a text json_numbers_feed() is; all zero at the begin of a value. */
typedef struct JsonNumbers {
    char quote; /* of the string it is in, or NUL */
    bool is_escaped;
    char word[40]; /* what may be a number, as far as it is kept */
    unsigned len;
} JsonNumbers;

/*
 * json_numbers_feed - find what json-c 0.16 takes and changes: it makes integers beyond
 * 64 bits the nearest it has, and numbers of NaN and Infinity.
 * @text: the next bytes; a number at their end is judged with what follows
 *
 * False with a message that says the number.
 */
bool json_numbers_feed(JsonNumbers *numbers, const char *text, size_t len, GError **errp);

/*
 * json_parse - text of exactly one JSON value.
 * @text: need not be terminated
 * @len: bytes; -1 takes strlen()
 *
 * Strict: no comments, no trailing text, UTF-8, at most JSON_DEPTH_MAX levels, integers
 * of -2^63 to 2^64-1.  Member names in single quotes are taken, too, by json-c's grace.
 *
 * Returns a reference, or NULL with a message that names the offset.  A JSON "null" is
 * refused: no caller has a use for it at top level.
 */
json_object *json_parse(const char *text, gssize len, GError **errp);

/* json_format - canonical text: members in the order they were added, no spaces. */
char *json_format(json_object *value);

/* json_format_pretty - for people: two spaces of indentation, "/" not escaped. */
char *json_format_pretty(json_object *value);

/*
 * json_get_* - member @name of @object into @ret.
 * @where: what the object is, for the message ("profile.kvm")
 *
 * False with a message where @object is no object, the member is missing, or it has
 * another type or range.  Borrowed references and strings live as long as @object.
 */
bool json_get_string(json_object *object, const char *where, const char *name,
                     const char **ret, GError **errp);
bool json_get_uint(json_object *object, const char *where, const char *name, uint64_t max,
                   uint64_t *ret, GError **errp);
bool json_get_bool(json_object *object, const char *where, const char *name, bool *ret,
                   GError **errp);
bool json_get_object(json_object *object, const char *where, const char *name,
                     json_object **ret, GError **errp);
bool json_get_array(json_object *object, const char *where, const char *name,
                    json_object **ret, GError **errp);

/*
 * json_get_hex - member @name, a string "0x…" of at most 16 digits.
 * Errors as json_get_string(), and text that is no such number.
 */
bool json_get_hex(json_object *object, const char *where, const char *name, uint64_t *ret,
                  GError **errp);

/* json_has - @object is an object and has member @name (which may be null). */
bool json_has(json_object *object, const char *name);

/* json_add_* - append a member.  json_add takes over the reference @value. */
void json_add(json_object *object, const char *name, json_object *value);
void json_add_string(json_object *object, const char *name, const char *value);
void json_add_uint(json_object *object, const char *name, uint64_t value);
void json_add_bool(json_object *object, const char *name, bool value);
/* json_add_hex - as "0x…" text without leading zeros. */
void json_add_hex(json_object *object, const char *name, uint64_t value);

#endif
