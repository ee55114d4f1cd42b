/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * StateTable: the saved form of a struct as rows, and the loops over them.
 *
 * A row says where a field lies, how wide it is and since which version it is saved.
 * Saving, loading, dumping, documenting and comparing two builds all walk the rows; no
 * device has code that reads or writes a stream.  Not for configuration, which the two
 * sides agree on before any state moves.
 *
 * Saved form, little endian: version (4 bytes), number of rows (4), then per row: length
 * of the name (1), the name, kind (1), count (4), the elements.
 */
#ifndef UTIL_STATE_TABLE_H
#define UTIL_STATE_TABLE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/state-list.h"

typedef struct json_object json_object;

typedef enum StateKind {
    STATE_U8,
    STATE_U16,
    STATE_U32,
    STATE_U64,
    STATE_BOOL, /* loads as 0 or 1 only */
    STATE_BLOB, /* a GByteArray *, at most count bytes; NULL saves as empty */
    STATE_KIND_COUNT,
} StateKind;

typedef struct StateRow {
    const char
        *name; /* unique in its table, 1 to 64 bytes, never changed once released */
    StateKind kind;
    size_t offset;
    unsigned count; /* elements; 0 means 1 */
    unsigned since; /* first table version that has it; 0 means 1 */
    /* NULL: always.  @context is what the caller gave; the same on both sides. */
    bool (*applies)(const void *context);
    const char *doc;
    const StateList *list; /* STATE_BLOB: the registers in it; NULL: none */
    const char *when;      /* applies in words, where it is not NULL */
    /*
     * Machine version that came with the row; NULL: guests of all have it.  A row that is
     * added after a release has one, and its table keeps its version: who saves a guest
     * of an older machine writes what the builds of then read.
     */
    const char *machine;
} StateRow;

typedef struct StateTable {
    const char *name;
    unsigned version; /* of the saved form, before there were machine versions */
    size_t size;      /* of the struct */
    const StateRow *rows;
    unsigned row_count;
    /*
     * Called after loading, to derive what is not saved and to refuse what cannot be;
     * NULL: nothing to do.
     */
    bool (*post_load)(void *object, GError **errp);
    /* Called before saving, to bring fields up to date; NULL: nothing to do. */
    void (*pre_save)(void *object);
} StateTable;

/* StateSince - guests of @machine have what came with machine version @since. */
typedef bool StateSince(const char *machine, const char *since);

/*
 * state_table_as_of - @table as guests of @machine have it, without the rows that came
 * with later versions.
 * @ret_rows: what the result points to, freed with g_free()
 */
StateTable state_table_as_of(const StateTable *table, StateSince *is_since,
                             const char *machine, StateRow **ret_rows);

/* One row of a saved form, as the bytes themselves describe it. */
typedef struct SavedRow {
    char name[256];
    StateKind kind;
    unsigned count;      /* elements; of a blob: bytes */
    const uint8_t *data; /* within the saved form */
} SavedRow;

/* state_kind_name - "u8" to "u64", "bool", "blob". */
const char *state_kind_name(StateKind kind);

/* state_table_save - append the saved form of @object to @out. */
void state_table_save(const StateTable *table, void *object, const void *context,
                      GByteArray *out);

/*
 * state_table_load - the inverse.
 * @data: untrusted; every name, kind, count and length is checked before @object changes
 *
 * A newer version than the table's, an unknown row, a row twice, a row that is missing
 * although the version has it, and trailing bytes are errors that name table, row and
 * offset.  After an error in post_load @object holds the loaded values and is not to be
 * used.
 */
bool state_table_load(const StateTable *table, void *object, const void *context,
                      const uint8_t *data, size_t len, GError **errp);

/*
 * state_saved_rows - the rows of a saved form, of whatever table and version wrote it.
 * @data: untrusted; the rows point into it
 * Returns SavedRow, freed with g_array_unref(); NULL with an error that names the offset.
 */
GArray *state_saved_rows(const uint8_t *data, size_t len, GError **errp);

/* state_saved_element - number @index of @row, below its count. */
uint64_t state_saved_element(const SavedRow *row, unsigned index);

/* state_table_clear - release the blobs of @object. */
void state_table_clear(const StateTable *table, void *object);

/* state_table_dump - the values as JSON, numbers as "0x…"; a new reference. */
json_object *state_table_dump(const StateTable *table, const void *object,
                              const void *context);

/*
 * state_table_describe - the rows themselves as JSON: what two builds are compared by,
 * and what the manual lists; a new reference.
 */
json_object *state_table_describe(const StateTable *table);

#endif
