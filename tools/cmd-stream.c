/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu stream: what a saved guest holds.  Rows describe themselves, so streams of either
 * architecture and of any version can be read.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "hw/machine-state.h"
#include "migration/stream.h"
#include "target/arm-gic-state.h"
#include "target/arm-registers.h"
#include "target/x86-pmu-state.h"
#include "target/x86-state.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"
#include "util/number.h"
#include "util/state-table.h"
#include "vpmu.h"

#define PATIENCE_MS    5000
#define BYTES_PER_LINE 16

/* A blob that is a list of registers: number, value. */
typedef struct EntryFormat {
    const char *section, *row;
    unsigned key_bytes;
    unsigned value_bytes; /* 0: the number says it, as KVM_GET_ONE_REG has it */
} EntryFormat;

static const EntryFormat entry_formats[] = {
    {"x86-vcpu",   "msrs",     4,  8},
    {"x86-vcpu",   "pmu-msrs", 4,  8},
    {"arm64-vcpu", "regs",     8,  0},
    {"arm64-vm",   "gic",      12, 8},
};

typedef struct Show {
    FILE *out;
    json_object *json; /* NULL: as text */
    json_object *sections;
    CpuContract *contract;
    const MachineSection *section;
    json_object *rows; /* of the section */
} Show;

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

static uint64_t number_at(const uint8_t *bytes, unsigned count)
{
    uint64_t value = 0;

    memcpy(&value, bytes, MIN(count, sizeof(value)));
    return GUINT64_FROM_LE(value);
}

static char *hex_bytes(const uint8_t *bytes, unsigned count, const char *between)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < count; i++) {
        g_string_append_printf(text, "%s%02x", i ? between : "", bytes[i]);
    }
    return g_string_free(text, FALSE);
}

/* The name of a register, " name", or nothing.  @group: of the GIC, before the key */
static char *key_name(const Show *show, const EntryFormat *format, uint64_t group,
                      uint64_t key)
{
    g_autofree char *arm = strcmp(format->section, "arm64-vcpu") == 0
                               ? arm_register_name(key)
                           : strcmp(format->section, "arm64-vm") == 0
                               ? arm_gic_register_name((uint32_t)group, key)
                               : NULL;
    const char *name = arm;

    if (show->contract && show->contract->arch == TARGET_ARCH_X86_64) {
        const X86StateRow *row = x86_state_row(show->contract, (uint32_t)key);
        const X86MsrRow *pmu = x86_pmu_msr_row(show->contract, (uint32_t)key);

        name = strcmp(format->row, "msrs") == 0 ? (row ? row->name : NULL)
               : pmu                            ? pmu->name
                                                : NULL;
    }
    return name ? g_strdup_printf(" %s", name) : g_strdup("");
}

static void show_entry(const Show *show, const EntryFormat *format, json_object *object,
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
                         : hex_bytes(value, value_bytes, " ");
    g_autofree char *name = key_name(show, format, group, key);

    if (object) {
        json_add_string(object, key_text, text);
    } else {
        fprintf(show->out, "%s.%u %s %s%s = %s\n", show->section->name,
                show->section->instance, format->row, key_text, name, text);
    }
}

static bool show_entries(const Show *show, const EntryFormat *format, const SavedRow *row,
                         GError **errp)
{
    json_object *object = show->rows ? json_object_new_object() : NULL;
    unsigned at = 0;

    if (object) {
        json_add(show->rows, row->name, object);
    }
    while (at < row->count) {
        unsigned bytes = format->value_bytes;

        if (!bytes && range_fits(at, format->key_bytes, row->count)) {
            bytes = 1u << bits_get(number_at(row->data + at, format->key_bytes), 52, 4);
        }
        if (!range_fits(at, format->key_bytes + bytes, row->count)) {
            error_set(errp, "%s.%u %s: the list of registers ends within one",
                      show->section->name, show->section->instance, row->name);
            return false;
        }
        show_entry(show, format, object, row->data + at, bytes);
        at += format->key_bytes + bytes;
    }
    return true;
}

static void show_bytes(const Show *show, const SavedRow *row)
{
    for (unsigned at = 0; at < row->count && !show->rows; at += BYTES_PER_LINE) {
        g_autofree char *line =
            hex_bytes(row->data + at, MIN(BYTES_PER_LINE, row->count - at), " ");

        fprintf(show->out, "%s.%u %s 0x%x = %s\n", show->section->name,
                show->section->instance, row->name, at, line);
    }
    if (show->rows) {
        g_autofree char *all = hex_bytes(row->data, row->count, "");

        json_add_string(show->rows, row->name, all);
    }
}

static void show_numbers(const Show *show, const SavedRow *row)
{
    json_object *array = json_object_new_array();
    g_autoptr(GString) line = g_string_new(NULL);

    for (unsigned i = 0; i < row->count; i++) {
        g_autofree char *text =
            g_strdup_printf("0x%" PRIx64, state_saved_element(row, i));

        g_string_append_printf(line, " %s", text);
        json_object_array_add(array, json_object_new_string(text));
    }
    if (!show->rows) {
        fprintf(show->out, "%s.%u %s =%s\n", show->section->name, show->section->instance,
                row->name, line->str);
    } else if (row->count == 1) {
        json_add_string(show->rows, row->name, line->str + 1);
    } else {
        json_add(show->rows, row->name, json_object_get(array));
    }
    json_object_put(array);
}

static bool show_row(const Show *show, const SavedRow *row, GError **errp)
{
    const EntryFormat *format = find_format(show->section->name, row->name);

    if (format && row->kind == STATE_BLOB) {
        return show_entries(show, format, row, errp);
    }
    if (row->kind == STATE_BLOB ||
        (row->kind == STATE_U8 && row->count > BYTES_PER_LINE)) {
        show_bytes(show, row);
    } else {
        show_numbers(show, row);
    }
    return true;
}

static bool show_section(Show *show, const MachineSection *section, GError **errp)
{
    g_autoptr(GArray) rows =
        state_saved_rows(section->bytes->data, section->bytes->len, errp);
    bool ok = rows;

    show->section = section;
    if (ok && show->json) {
        json_object *json = json_object_new_object();

        show->rows = json_object_new_object();
        json_add_string(json, "name", section->name);
        json_add_uint(json, "instance", section->instance);
        json_add(json, "rows", show->rows);
        json_object_array_add(show->sections, json);
    }
    for (unsigned i = 0; ok && i < rows->len; i++) {
        ok = show_row(show, &g_array_index(rows, SavedRow, i), errp);
    }
    if (!ok) {
        g_prefix_error(errp, "state %s %u: ", section->name, section->instance);
    }
    return ok;
}

/* The header, or the contract: one line per member. */
static bool show_object(Show *show, const char *name, const GByteArray *payload,
                        GError **errp)
{
    json_object *json = json_parse((const char *)payload->data, payload->len, errp);

    if (!json) {
        g_prefix_error(errp, "%s: ", name);
        return false;
    }
    if (strcmp(name, "contract") == 0) {
        g_clear_pointer(&show->contract, cpu_contract_free);
        show->contract = cpu_contract_parse(json, errp);
        if (!show->contract) {
            json_object_put(json);
            return false;
        }
    }
    if (show->json) {
        json_add(show->json, name, json);
        return true;
    }
    if (json_object_is_type(json, json_type_object)) {
        json_object_object_foreach(json, key, value)
        {
            g_autofree char *text = json_format(value);

            fprintf(show->out, "%s %s = %s\n", name, key, text);
        }
    }
    json_object_put(json);
    return true;
}

static bool show_state(Show *show, const GByteArray *payload, GError **errp)
{
    MachineSection *section = machine_section_decode(payload->data, payload->len, errp);
    bool ok = section && show_section(show, section, errp);

    machine_section_free(section);
    return ok;
}

static bool show_frames(Show *show, Stream *stream, GError **errp)
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
            ok = show_object(show, stream_frame_name(kind), payload, errp);
        } else if (kind == STREAM_STATE) {
            ok = show_state(show, payload, errp);
        }
    } while (ok && kind != STREAM_END);
    if (show->json) {
        json_add_uint(show->json, "ram-frames", ram_frames);
    } else if (ok) {
        fprintf(show->out, "ram frames = %" PRIu64 "\n", ram_frames);
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
        error_set(errp, "%s: nothing came within %d s; does anybody write to it?", path,
                  PATIENCE_MS / 1000);
        return NULL;
    }
    return g_steal_pointer(&stream);
}

VpmuExit vpmu_stream(char **args, FILE *out, GError **errp)
{
    Show show = {.out = out};
    g_autoptr(Stream) stream = NULL;
    const char *path = NULL;
    uint64_t offset = 0;
    bool is_json = false, ok;

    for (; *args; args++) {
        if (strcmp(*args, "--json") == 0) {
            is_json = true;
        } else if (strcmp(*args, "--offset") == 0) {
            const char *text = vpmu_take_value(&args, errp);

            if (text && (!number_parse_size(text, 'b', &offset) || offset > INT64_MAX)) {
                error_set(errp, "--offset %s: a number of bytes is expected", text);
                text = NULL;
            }
            if (!text) {
                return VPMU_EXIT_BAD_INPUT;
            }
        } else if ((*args)[0] != '-' && !path) {
            path = *args;
        } else {
            error_set(errp, "'%s' is not an option, see vpmu help", *args);
            return VPMU_EXIT_BAD_INPUT;
        }
    }
    if (!path) {
        error_set(errp, "the file of a saved guest is needed");
        return VPMU_EXIT_BAD_INPUT;
    }
    stream = open_stream(path, offset, errp);
    if (!stream) {
        return VPMU_EXIT_BAD_INPUT;
    }
    show.json = is_json ? json_object_new_object() : NULL;
    show.sections = is_json ? json_object_new_array() : NULL;
    ok = stream_read_magic(stream, errp) && show_frames(&show, stream, errp);
    if (ok && is_json) {
        g_autofree char *text = NULL;

        json_add(show.json, "sections", json_object_get(show.sections));
        text = json_format_pretty(show.json);
        fprintf(out, "%s\n", text);
    }
    json_object_put(show.sections);
    json_object_put(show.json);
    cpu_contract_free(show.contract);
    return ok ? VPMU_EXIT_OK : VPMU_EXIT_BAD_INPUT;
}
