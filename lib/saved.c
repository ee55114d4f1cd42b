/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a saved guest holds.  Rows describe themselves, so streams of either architecture
 * and of any version can be read.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"
#include "migration/stream.h"
#include "target/saved-lists.h"
#include "util/error.h"
#include "util/json.h"
#include "util/state-section.h"
#include "util/state-table.h"

#define PATIENCE_MS 5000

typedef struct Reader {
    VpmuSavedFunc *func;
    void *opaque;
    CpuContract *contract;
    const StateSection *section;
} Reader;

/* Tell one thing of the section at hand. */
static void tell(const Reader *reader, const VpmuSaved *saved)
{
    VpmuSaved whole = *saved;

    whole.section = reader->section ? reader->section->name : NULL;
    whole.instance = reader->section ? reader->section->instance : 0;
    reader->func(&whole, reader->opaque);
}

static char *hex_bytes(const uint8_t *bytes, unsigned count)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < count; i++) {
        g_string_append_printf(text, "%s%02x", i ? " " : "", bytes[i]);
    }
    return g_string_free(text, FALSE);
}

static void tell_entry(const Reader *reader, const StateList *list,
                       const StateEntry *entry)
{
    g_autofree char *group =
        list->group_bytes ? g_strdup_printf("%" PRIu32 ":", entry->group) : g_strdup("");
    g_autofree char *key = g_strdup_printf("%s0x%" PRIx64, group, entry->number);
    g_autofree char *value = entry->bytes <= sizeof(uint64_t)
                                 ? g_strdup_printf("0x%" PRIx64, state_entry_u64(entry))
                                 : hex_bytes(entry->value, entry->bytes);
    g_autofree char *name = list->name(reader->contract, entry->group, entry->number);

    tell(reader, &(VpmuSaved){.kind = VPMU_SAVED_REGISTER,
                              .row = list->row,
                              .key = key,
                              .name = name,
                              .value = value});
}

static bool tell_entries(const Reader *reader, const StateList *list, const SavedRow *row,
                         GError **errp)
{
    StateEntry entry;
    size_t at = 0;

    tell(reader, &(VpmuSaved){.kind = VPMU_SAVED_REGISTERS, .row = row->name});
    while (state_list_next(list, row->data, row->count, &at, &entry)) {
        tell_entry(reader, list, &entry);
    }
    return state_list_check(list, row->data, row->count, errp);
}

static void tell_numbers(const Reader *reader, const SavedRow *row)
{
    g_autofree uint64_t *numbers = g_new(uint64_t, row->count);

    for (unsigned i = 0; i < row->count; i++) {
        numbers[i] = state_saved_element(row, i);
    }
    tell(reader, &(VpmuSaved){.kind = VPMU_SAVED_NUMBERS,
                              .row = row->name,
                              .numbers = numbers,
                              .count = row->count});
}

/* More elements than this of one byte each are bytes and no numbers. */
#define NUMBERS_MAX 16

static bool tell_row(const Reader *reader, const SavedRow *row, GError **errp)
{
    const StateList *list = saved_list_find(reader->section->name, row->name);

    if (list && row->kind == STATE_BLOB) {
        return tell_entries(reader, list, row, errp);
    }
    if (row->kind == STATE_BLOB || (row->kind == STATE_U8 && row->count > NUMBERS_MAX)) {
        tell(reader, &(VpmuSaved){.kind = VPMU_SAVED_BYTES,
                                  .row = row->name,
                                  .bytes = row->data,
                                  .count = row->count});
    } else {
        tell_numbers(reader, row);
    }
    return true;
}

static bool read_section(Reader *reader, const StateSection *section, GError **errp)
{
    g_autoptr(GArray) rows =
        state_saved_rows(section->bytes->data, section->bytes->len, errp);
    bool ok = rows;

    reader->section = section;
    if (ok) {
        tell(reader, &(VpmuSaved){.kind = VPMU_SAVED_SECTION});
    }
    for (unsigned i = 0; ok && i < rows->len; i++) {
        ok = tell_row(reader, &g_array_index(rows, SavedRow, i), errp);
    }
    if (!ok) {
        g_prefix_error(errp, "state %s %u: ", section->name, section->instance);
    }
    reader->section = NULL;
    return ok;
}

/* The header, or the contract. */
static bool read_object(Reader *reader, StreamFrame kind, const GByteArray *payload,
                        GError **errp)
{
    g_autojson *json = json_parse((const char *)payload->data, payload->len, errp);
    g_autofree char *text = json ? json_format(json) : NULL;

    if (!json) {
        g_prefix_error(errp, "%s: ", stream_frame_name(kind));
        return false;
    }
    if (kind == STREAM_CONTRACT) {
        g_clear_pointer(&reader->contract, cpu_contract_free);
        reader->contract = cpu_contract_parse(json, errp);
        if (!reader->contract) {
            return false;
        }
    }
    tell(reader, &(VpmuSaved){.kind = kind == STREAM_CONTRACT ? VPMU_SAVED_CONTRACT
                                                              : VPMU_SAVED_HEADER,
                              .json = text});
    return true;
}

static bool read_state(Reader *reader, const GByteArray *payload, GError **errp)
{
    StateSection *section = state_section_decode(payload->data, payload->len, errp);
    bool ok = section && read_section(reader, section, errp);

    state_section_free(section);
    return ok;
}

static bool read_frames(Reader *reader, Stream *stream, GError **errp)
{
    g_autoptr(GByteArray) payload = g_byte_array_new();
    uint64_t ram_frames = 0;
    StreamFrame kind;
    bool ok;

    do {
        kind = stream_read(stream, payload, "the stream", errp);
        ok = kind != STREAM_NOTHING;
        ram_frames += kind == STREAM_RAM || kind == STREAM_RAM_PACKED;
        if (kind == STREAM_HEADER || kind == STREAM_CONTRACT) {
            ok = read_object(reader, kind, payload, errp);
        } else if (kind == STREAM_STATE) {
            ok = read_state(reader, payload, errp);
        }
    } while (ok && kind != STREAM_END);
    if (ok) {
        tell(reader, &(VpmuSaved){.kind = VPMU_SAVED_RAM, .count = ram_frames});
    }
    return ok;
}

/* Not blocking, so that a named pipe without a writer is seen for what it is. */
static Stream *open_stream(const char *path, uint64_t offset, GError **errp)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    g_autoptr(Stream) stream = NULL;

    if (fd < 0) {
        error_set_errno(errp, errno, "cannot open '%s'", path);
        return NULL;
    }
    if (offset && lseek(fd, (off_t)offset, SEEK_SET) < 0) {
        error_set_errno(errp, errno, "%s: offset %" PRIu64, path, offset);
        close(fd);
        return NULL;
    }
    stream = stream_new(fd, -1);
    if (!stream_wait_readable(stream, PATIENCE_MS)) {
        error_set_code(errp, VPMU_ERROR_TIMEOUT,
                       "%s: nothing came within %d s; does anybody write to it?", path,
                       PATIENCE_MS / 1000);
        return NULL;
    }
    return g_steal_pointer(&stream);
}

VpmuStatus vpmu_saved_read(const char *path, uint64_t offset, VpmuSavedFunc *func,
                           void *opaque, char **message)
{
    Reader reader = {.func = func, .opaque = opaque};
    GError *error = NULL;
    g_autoptr(Stream) stream = NULL;
    bool ok = false;

    if (offset > INT64_MAX) {
        error_set(&error, "offset %" PRIu64 ": at most %" PRIi64 " is accepted", offset,
                  INT64_MAX);
    } else {
        stream = open_stream(path, offset, &error);
        ok = stream && stream_read_magic(stream, &error) &&
             read_frames(&reader, stream, &error);
    }
    cpu_contract_free(reader.contract);
    return ok ? VPMU_OK : lib_fail(error, message);
}
