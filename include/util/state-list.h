/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * StateList: a blob of a state table that is a list of registers, each a number and a
 * value.
 *
 * One description of the entries for who saves, loads, shows and documents them.  Saved
 * form, little endian: entries of group (where there are groups), number and value.
 */
#ifndef UTIL_STATE_LIST_H
#define UTIL_STATE_LIST_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct json_object json_object;

typedef struct StateList {
    const char *section, *row; /* the table and the row it is in */
    unsigned group_bytes;      /* 0: numbers have no groups */
    unsigned number_bytes;     /* at most 8 */
    unsigned value_bytes;      /* 0: the number says it: bytes_of */
    unsigned (*bytes_of)(uint64_t number);
    /* The register's name, owned by the caller; NULL: none has it.  @context is that of
     * the table's rows, or NULL where it is not known. */
    char *(*name)(const void *context, uint32_t group, uint64_t number);
    /* The registers there are, as an array of objects with at least a name and a number;
     * a new reference. */
    json_object *(*describe)(void);
} StateList;

typedef struct StateEntry {
    uint32_t group;
    uint64_t number;
    const uint8_t *value; /* within the saved form, little endian */
    unsigned bytes;
} StateEntry;

/* state_list_add - append an entry to @out; @value has as many bytes as the list says. */
void state_list_add(const StateList *list, GByteArray *out, uint32_t group,
                    uint64_t number, const void *value);

/* state_list_add_u64 - the same of a value of 8 bytes, in the host's order. */
void state_list_add_u64(const StateList *list, GByteArray *out, uint32_t group,
                        uint64_t number, uint64_t value);

/* state_list_check - @data, untrusted, is whole entries; an error names the row. */
bool state_list_check(const StateList *list, const uint8_t *data, size_t len,
                      GError **errp);

/* state_list_next - the entry at @at, which moves behind it; false where there is no
 * whole one. */
bool state_list_next(const StateList *list, const uint8_t *data, size_t len, size_t *at,
                     StateEntry *ret);

/* state_entry_u64 - the value, or what fits of it. */
uint64_t state_entry_u64(const StateEntry *entry);

#endif
