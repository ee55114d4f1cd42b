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
#include "target/arm-gic-state.h"
#include "target/arm-registers.h"
#include "target/x86-pmu-state.h"
#include "target/x86-state.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"
#include "util/state-section.h"
#include "util/state-table.h"

#define PATIENCE_MS 5000

/* A blob that is a list of registers: number, value. */
typedef struct EntryFormat {
    const char *section, *row;
    unsigned key_bytes;
    unsigned value_bytes; /* 0: the number says it, as KVM_GET_ONE_REG has it */
} EntryFormat;

static const EntryFormat entry_formats[] = {
    {"x86-vcpu", "msrs", 4, 8},
    {"x86-vcpu", "pmu-msrs", 4, 8},
    {"arm64-vcpu", "regs", 8, 0},
    {"arm64-vm", "gic", 12, 8},
};

typedef struct Reader {
    VpmuSavedFunc *func;
    void *opaque;
    CpuContract *contract;
    const StateSection *section;
} Reader;

static const EntryFormat *find_format(const char *section, const char *row)
{
    for (unsigned i = 0; i < ARRAY_LEN(entry_formats); i++) {
        if (strcmp(entry_formats[i].section, section) == 0 &&
            strcmp(entry_formats[i].row, row) == 0) {
            return &entry_formats[i];
        }
    }
    return NULL;
}

/* Tell one thing of the section at hand. */
static void tell(const Reader *reader, const VpmuSaved *saved)
{
    VpmuSaved whole = *saved;

    whole.section = reader->section ? reader->section->name : NULL;
    whole.instance = reader->section ? reader->section->instance : 0;
    reader->func(&whole, reader->opaque);
}

static uint64_t number_at(const uint8_t *bytes, unsigned count)
{
    uint64_t value = 0;

    memcpy(&value, bytes, MIN(count, sizeof(value)));
    return GUINT64_FROM_LE(value);
}

static char *hex_bytes(const uint8_t *bytes, unsigned count)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < count; i++) {
        g_string_append_printf(text, "%s%02x", i ? " " : "", bytes[i]);
    }
    return g_string_free(text, FALSE);
}

/* The name of a register, or NULL.  @group: of the GIC, before the key */
static char *key_name(const Reader *reader, const EntryFormat *format, uint64_t group,
                      uint64_t key)
{
    const X86StateRow *row;
    const X86MsrRow *pmu;

    if (strcmp(format->section, "arm64-vcpu") == 0) {
        return arm_register_name(key);
    }
    if (strcmp(format->section, "arm64-vm") == 0) {
        return arm_gic_register_name((uint32_t)group, key);
    }
    if (!reader->contract || reader->contract->arch != TARGET_ARCH_X86_64) {
        return NULL;
    }
    if (strcmp(format->row, "msrs") == 0) {
        row = x86_state_row(reader->contract, (uint32_t)key);
        return g_strdup(row ? row->name : NULL);
    }
    pmu = x86_pmu_msr_row(reader->contract, (uint32_t)key);
    return g_strdup(pmu ? pmu->name : NULL);
}

static void tell_entry(const Reader *reader, const EntryFormat *format, const char *row,
                       const uint8_t *key_bytes, unsigned value_bytes)
{
    /* The GIC's group comes before the 8 bytes of its attribute. */
    unsigned head = format->key_bytes - MIN(format->key_bytes, 8);
    uint64_t key = number_at(key_bytes + head, format->key_bytes - head);
    const uint8_t *value = key_bytes + format->key_bytes;
    uint64_t group = number_at(key_bytes, head);
    g_autofree char *group_text =
        head ? g_strdup_printf("%" PRIu64 ":", group) : g_strdup("");
    g_autofree char *key_text = g_strdup_printf("%s0x%" PRIx64, group_text, key);
    g_autofree char *text =
        value_bytes <= 8 ? g_strdup_printf("0x%" PRIx64, number_at(value, value_bytes))
                         : hex_bytes(value, value_bytes);
    g_autofree char *name = key_name(reader, format, group, key);

    tell(reader, &(VpmuSaved){.kind = VPMU_SAVED_REGISTER,
                              .row = row,
                              .key = key_text,
                              .name = name,
                              .value = text});
}

static bool tell_entries(const Reader *reader, const EntryFormat *format,
                         const SavedRow *row, GError **errp)
{
    unsigned at = 0;

    tell(reader, &(VpmuSaved){.kind = VPMU_SAVED_REGISTERS, .row = row->name});
    while (at < row->count) {
        unsigned bytes = format->value_bytes;

        if (!bytes && range_fits(at, format->key_bytes, row->count)) {
            bytes = 1u << bits_get(number_at(row->data + at, format->key_bytes), 52, 4);
        }
        if (!range_fits(at, format->key_bytes + bytes, row->count)) {
            error_set(errp, "%s.%u %s: the list of registers ends within one",
                      reader->section->name, reader->section->instance, row->name);
            return false;
        }
        tell_entry(reader, format, row->name, row->data + at, bytes);
        at += format->key_bytes + bytes;
    }
    return true;
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
    const EntryFormat *format = find_format(reader->section->name, row->name);

    if (format && row->kind == STATE_BLOB) {
        return tell_entries(reader, format, row, errp);
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
