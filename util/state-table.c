/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/state-table.h"

#include <string.h>

#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"

static const struct {
    const char *name;
    unsigned bytes;
} kinds[STATE_KIND_COUNT] = {
    [STATE_U8] = {"u8", 1},   [STATE_U16] = {"u16", 2},   [STATE_U32] = {"u32", 4},
    [STATE_U64] = {"u64", 8}, [STATE_BOOL] = {"bool", 1}, [STATE_BLOB] = {"blob", 1},
};

const char *state_kind_name(StateKind kind)
{
    return kinds[kind].name;
}

static unsigned row_count_of(const StateRow *row)
{
    return row->count ? row->count : 1;
}

static unsigned row_since(const StateRow *row)
{
    return row->since ? row->since : 1;
}

static bool row_applies(const StateRow *row, const void *context)
{
    return !row->applies || row->applies(context);
}

static GByteArray *const *blob_of(const StateRow *row, const void *object)
{
    return (GByteArray *const *)((const uint8_t *)object + row->offset);
}

StateTable state_table_as_of(const StateTable *table, StateSince *is_since,
                             const char *machine, StateRow **ret_rows)
{
    StateTable known = *table;

    known.row_count = 0;
    *ret_rows = g_new(StateRow, table->row_count);
    for (unsigned i = 0; i < table->row_count; i++) {
        if (is_since(machine, table->rows[i].machine)) {
            (*ret_rows)[known.row_count++] = table->rows[i];
        }
    }
    known.rows = *ret_rows;
    return known;
}

/* ---- elements ---- */

static uint64_t element_get(const StateRow *row, const void *object, unsigned index)
{
    const uint8_t *place =
        (const uint8_t *)object + row->offset + index * kinds[row->kind].bytes;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;

    switch (row->kind) {
    case STATE_U16:
        memcpy(&u16, place, sizeof(u16));
        return u16;
    case STATE_U32:
        memcpy(&u32, place, sizeof(u32));
        return u32;
    case STATE_U64:
        memcpy(&u64, place, sizeof(u64));
        return u64;
    default:
        return *place;
    }
}

static void element_set(const StateRow *row, void *object, unsigned index, uint64_t value)
{
    uint8_t *place = (uint8_t *)object + row->offset + index * kinds[row->kind].bytes;
    uint16_t u16 = (uint16_t)value;
    uint32_t u32 = (uint32_t)value;

    switch (row->kind) {
    case STATE_U16:
        memcpy(place, &u16, sizeof(u16));
        break;
    case STATE_U32:
        memcpy(place, &u32, sizeof(u32));
        break;
    case STATE_U64:
        memcpy(place, &value, sizeof(value));
        break;
    default:
        *place = (uint8_t)value;
        break;
    }
}

/* ---- saving ---- */

static void put(GByteArray *out, uint64_t value, unsigned bytes)
{
    uint64_t wire = GUINT64_TO_LE(value);

    g_byte_array_append(out, (const uint8_t *)&wire, bytes);
}

static void save_row(const StateRow *row, const void *object, GByteArray *out)
{
    const GByteArray *blob = row->kind == STATE_BLOB ? *blob_of(row, object) : NULL;
    unsigned count = row->kind != STATE_BLOB ? row_count_of(row) : blob ? blob->len : 0;

    put(out, strlen(row->name), 1);
    g_byte_array_append(out, (const uint8_t *)row->name, (guint)strlen(row->name));
    put(out, row->kind, 1);
    put(out, count, 4);
    if (blob) {
        g_byte_array_append(out, blob->data, blob->len);
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        put(out, element_get(row, object, i), kinds[row->kind].bytes);
    }
}

void state_table_save(const StateTable *table, void *object, const void *context,
                      GByteArray *out)
{
    unsigned count = 0;

    if (table->pre_save) {
        table->pre_save(object);
    }
    for (unsigned i = 0; i < table->row_count; i++) {
        count += row_applies(&table->rows[i], context);
    }
    put(out, table->version, 4);
    put(out, count, 4);
    for (unsigned i = 0; i < table->row_count; i++) {
        if (row_applies(&table->rows[i], context)) {
            save_row(&table->rows[i], object, out);
        }
    }
}

/* ---- loading: everything is judged first, then stored ---- */

/* Where one row of the table was found in the bytes. */
typedef struct Found {
    const uint8_t *data;
    unsigned count;
} Found;

typedef struct Reader {
    const StateTable *table;
    const void *context;
    const uint8_t *data;
    size_t len, at;
} Reader;

static bool fail(const Reader *reader, const char *row, const char *what, GError **errp)
{
    error_set(errp, "%s%s%s at offset %zu: %s", reader->table->name, row ? "." : "",
              row ? row : "", reader->at, what);
    return false;
}

static bool take(Reader *reader, unsigned bytes, uint64_t *ret, GError **errp)
{
    uint64_t wire = 0;

    if (!range_fits(reader->at, bytes, reader->len)) {
        return fail(reader, NULL, "the state ends too early", errp);
    }
    memcpy(&wire, reader->data + reader->at, bytes);
    reader->at += bytes;
    *ret = GUINT64_FROM_LE(wire);
    return true;
}

static const StateRow *find_row(const StateTable *table, const char *name)
{
    for (unsigned i = 0; i < table->row_count; i++) {
        if (strcmp(table->rows[i].name, name) == 0) {
            return &table->rows[i];
        }
    }
    return NULL;
}

static bool take_name(Reader *reader, char ret_name[256], GError **errp)
{
    uint64_t len = 0;

    if (!take(reader, 1, &len, errp)) {
        return false;
    }
    if (!range_fits(reader->at, len, reader->len)) {
        return fail(reader, NULL, "the state ends within a name", errp);
    }
    memcpy(ret_name, reader->data + reader->at, len);
    ret_name[len] = '\0';
    reader->at += len;
    return true;
}

/* The head of a row: does this table have it, and with this kind and count? */
static const StateRow *take_head(Reader *reader, uint64_t *ret_count, GError **errp)
{
    char name[256];
    const StateRow *row;
    uint64_t kind, count;

    if (!take_name(reader, name, errp) || !take(reader, 1, &kind, errp) ||
        !take(reader, 4, &count, errp)) {
        return NULL;
    }
    row = find_row(reader->table, name);
    if (!row || !row_applies(row, reader->context)) {
        fail(reader, name, row ? "this guest has no such state" : "no such row", errp);
        return NULL;
    }
    if (kind != row->kind) {
        fail(reader, name, "the row has another kind", errp);
        return NULL;
    }
    if (row->kind == STATE_BLOB ? count > row->count : count != row_count_of(row)) {
        fail(reader, name, "the row has another number of elements", errp);
        return NULL;
    }
    *ret_count = count;
    return row;
}

static bool are_bools(const uint8_t *data, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        if (data[i] > 1) {
            return false;
        }
    }
    return true;
}

static bool take_row(Reader *reader, Found *found, GError **errp)
{
    uint64_t count, bytes;
    const StateRow *row = take_head(reader, &count, errp);
    Found *place;

    if (!row) {
        return false;
    }
    place = &found[row - reader->table->rows];
    bytes = count * kinds[row->kind].bytes;
    if (place->data) {
        return fail(reader, row->name, "the row is there twice", errp);
    }
    if (!range_fits(reader->at, bytes, reader->len)) {
        return fail(reader, row->name, "the state ends within the row", errp);
    }
    if (row->kind == STATE_BOOL && !are_bools(reader->data + reader->at, count)) {
        return fail(reader, row->name, "a switch is neither 0 nor 1", errp);
    }
    *place = (Found){reader->data + reader->at, (unsigned)count};
    reader->at += bytes;
    return true;
}

static bool check_missing(const Reader *reader, const Found *found, uint64_t version,
                          GError **errp)
{
    for (unsigned i = 0; i < reader->table->row_count; i++) {
        const StateRow *row = &reader->table->rows[i];

        if (!found[i].data && row_since(row) <= version &&
            row_applies(row, reader->context)) {
            return fail(reader, row->name, "the row is missing", errp);
        }
    }
    return true;
}

static void store_row(const StateRow *row, void *object, const Found *found)
{
    unsigned bytes = kinds[row->kind].bytes;

    if (row->kind == STATE_BLOB) {
        GByteArray **blob = (GByteArray **)((uint8_t *)object + row->offset);

        g_clear_pointer(blob, g_byte_array_unref);
        *blob = g_byte_array_sized_new(found->count);
        g_byte_array_append(*blob, found->data, found->count);
        return;
    }
    for (unsigned i = 0; i < found->count; i++) {
        uint64_t wire = 0;

        memcpy(&wire, found->data + (size_t)i * bytes, bytes);
        element_set(row, object, i, GUINT64_FROM_LE(wire));
    }
}

bool state_table_load(const StateTable *table, void *object, const void *context,
                      const uint8_t *data, size_t len, GError **errp)
{
    Reader reader = {table, context, data, len, 0};
    g_autofree Found *found = g_new0(Found, table->row_count);
    uint64_t version, count;

    if (!take(&reader, 4, &version, errp) || !take(&reader, 4, &count, errp)) {
        return false;
    }
    if (version == 0 || version > table->version) {
        error_set(errp, "%s: state of version %" G_GUINT64_FORMAT ", known are 1 to %u",
                  table->name, version, table->version);
        return false;
    }
    for (uint64_t i = 0; i < count; i++) {
        if (!take_row(&reader, found, errp)) {
            return false;
        }
    }
    if (reader.at != len) {
        return fail(&reader, NULL, "there are bytes behind the last row", errp);
    }
    if (!check_missing(&reader, found, version, errp)) {
        return false;
    }
    for (unsigned i = 0; i < table->row_count; i++) {
        if (found[i].data) {
            store_row(&table->rows[i], object, &found[i]);
        }
    }
    return !table->post_load || table->post_load(object, errp);
}

/* ---- without the table ---- */

static bool take_saved_row(Reader *reader, SavedRow *row, GError **errp)
{
    uint64_t kind, count;

    if (!take_name(reader, row->name, errp) || !take(reader, 1, &kind, errp) ||
        !take(reader, 4, &count, errp)) {
        return false;
    }
    if (kind >= STATE_KIND_COUNT ||
        !range_fits(reader->at, count * kinds[kind].bytes, reader->len)) {
        return fail(reader, row->name, "the row has no such kind or ends too late", errp);
    }
    row->kind = (StateKind)kind;
    row->count = (unsigned)count;
    row->data = reader->data + reader->at;
    reader->at += count * kinds[kind].bytes;
    return true;
}

GArray *state_saved_rows(const uint8_t *data, size_t len, GError **errp)
{
    static const StateTable any = {.name = "saved state"};
    Reader reader = {.table = &any, .data = data, .len = len};
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(SavedRow));
    uint64_t version, count;

    if (!take(&reader, 4, &version, errp) || !take(&reader, 4, &count, errp)) {
        return NULL;
    }
    for (uint64_t i = 0; i < count; i++) {
        SavedRow row;

        if (!take_saved_row(&reader, &row, errp)) {
            return NULL;
        }
        g_array_append_val(rows, row);
    }
    if (reader.at != len) {
        fail(&reader, NULL, "there are bytes behind the last row", errp);
        return NULL;
    }
    return g_steal_pointer(&rows);
}

uint64_t state_saved_element(const SavedRow *row, unsigned index)
{
    unsigned bytes = kinds[row->kind].bytes;
    uint64_t wire = 0;

    memcpy(&wire, row->data + (size_t)index * bytes, bytes);
    return GUINT64_FROM_LE(wire);
}

void state_table_clear(const StateTable *table, void *object)
{
    for (unsigned i = 0; i < table->row_count; i++) {
        if (table->rows[i].kind == STATE_BLOB) {
            GByteArray **blob =
                (GByteArray **)((uint8_t *)object + table->rows[i].offset);

            g_clear_pointer(blob, g_byte_array_unref);
        }
    }
}

/* ---- for people and for comparing ---- */

static json_object *dump_blob(const GByteArray *blob)
{
    GString *hex = g_string_new(NULL);
    json_object *json;

    for (unsigned i = 0; blob && i < blob->len; i++) {
        g_string_append_printf(hex, "%02x", blob->data[i]);
    }
    json = json_object_new_string(hex->str);
    g_string_free(hex, TRUE);
    return json;
}

static json_object *dump_element(const StateRow *row, const void *object, unsigned index)
{
    uint64_t value = element_get(row, object, index);
    char text[24];

    if (row->kind == STATE_BOOL) {
        return json_object_new_boolean(value != 0);
    }
    g_snprintf(text, sizeof(text), "0x%" G_GINT64_MODIFIER "x", value);
    return json_object_new_string(text);
}

json_object *state_table_dump(const StateTable *table, const void *object,
                              const void *context)
{
    json_object *json = json_object_new_object();

    for (unsigned i = 0; i < table->row_count; i++) {
        const StateRow *row = &table->rows[i];
        json_object *array;

        if (!row_applies(row, context)) {
            continue;
        }
        if (row->kind == STATE_BLOB) {
            json_add(json, row->name, dump_blob(*blob_of(row, object)));
            continue;
        }
        if (row_count_of(row) == 1) {
            json_add(json, row->name, dump_element(row, object, 0));
            continue;
        }
        array = json_object_new_array();
        for (unsigned k = 0; k < row_count_of(row); k++) {
            json_object_array_add(array, dump_element(row, object, k));
        }
        json_add(json, row->name, array);
    }
    return json;
}

json_object *state_table_describe(const StateTable *table)
{
    json_object *json = json_object_new_object();
    json_object *rows = json_object_new_array();

    json_add_string(json, "name", table->name);
    json_add_uint(json, "version", table->version);
    for (unsigned i = 0; i < table->row_count; i++) {
        const StateRow *row = &table->rows[i];
        json_object *item = json_object_new_object();

        json_add_string(item, "name", row->name);
        json_add_string(item, "kind", state_kind_name(row->kind));
        json_add_uint(item, "count", row_count_of(row));
        json_add_uint(item, "since", row_since(row));
        json_add_bool(item, "conditional", row->applies != NULL);
        if (row->when) {
            json_add_string(item, "when", row->when);
        }
        if (row->machine) {
            json_add_string(item, "machine", row->machine);
        }
        if (row->doc) {
            json_add_string(item, "doc", row->doc);
        }
        if (row->list) {
            json_add(item, "registers", row->list->describe());
        }
        json_object_array_add(rows, item);
    }
    json_add(json, "rows", rows);
    return json;
}
