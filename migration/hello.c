/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migration/hello.h"

#include <inttypes.h>
#include <string.h>

#include "migration/channels.h"
#include "migration/header.h"
#include "migration/pack.h"
#include "target/arm-id-registers.h"
#include "util/error.h"
#include "util/json.h"

/* No machine has more. */
#define CPUS_MOST 4096

static json_object *own_header(const HelloOwn *own)
{
    json_object *header = migration_header_new(own->machine, own->contract, own->cpus,
                                               own->ram, own->ranges);

    if (own->config) {
        migration_header_add_machine(header, own->contract->arch, own->config, own->smp);
    }
    if (own->devices) {
        migration_header_add_devices(header, own->devices);
    }
    return header;
}

Hello *hello_new(const HelloOwn *own, bool is_probe)
{
    Hello *hello = g_new0(Hello, 1);

    hello->header = own_header(own);
    migration_header_add_id_registers(hello->header, own->id_registers);
    hello->contract = cpu_contract_format(own->contract);
    hello->is_probe = is_probe;
    return hello;
}

void hello_free(Hello *hello)
{
    if (hello) {
        json_object_put(hello->header);
        json_object_put(hello->contract);
        g_free(hello->token);
        g_clear_pointer(&hello->id_registers, g_ptr_array_unref);
        g_free(hello);
    }
}

static bool send_json(Stream *stream, StreamFrame kind, json_object *json, GError **errp)
{
    g_autofree char *text = json_format(json);

    return stream_write(stream, kind, text, (uint32_t)strlen(text), errp);
}

bool hello_send(Stream *stream, Hello *hello, GError **errp)
{
    hello->has_return_path = stream_is_socket(stream);
    json_add_bool(hello->header, "return-path", hello->has_return_path);
    if (hello->is_packed) {
        json_add_string(hello->header, "packed", PACK_METHOD);
    }
    if (hello->channels) {
        hello->token = channel_token_new();
        json_add_uint(hello->header, "channels", hello->channels);
        json_add_string(hello->header, "channel-token", hello->token);
    }
    if (hello->is_probe) {
        json_add_bool(hello->header, "probe", true);
    }
    return stream_write_magic(stream, errp) &&
           send_json(stream, STREAM_HEADER, hello->header, errp) &&
           send_json(stream, STREAM_CONTRACT, hello->contract, errp);
}

static json_object *receive_json(Stream *stream, GByteArray *payload, StreamFrame wanted,
                                 const char *doing, GError **errp)
{
    StreamFrame kind = stream_read(stream, payload, doing, errp);
    json_object *json;

    if (kind == STREAM_NOTHING) {
        return NULL;
    }
    if (kind != wanted) {
        error_set(errp, "migration stream: '%s' where %s belongs, before offset %" PRIu64,
                  stream_frame_name(kind), doing, stream_offset_in(stream));
        return NULL;
    }
    json = json_parse((const char *)payload->data, payload->len, errp);
    if (!json) {
        g_prefix_error(errp, "%s: ", doing);
    }
    return json;
}

static bool read_channels(Hello *hello, GError **errp)
{
    const char *token = NULL;
    uint64_t count = 0;

    if (!json_has(hello->header, "channels")) {
        return true;
    }
    if (!json_get_uint(hello->header, "header", "channels", CHANNELS_MOST, &count,
                       errp) ||
        !json_get_string(hello->header, "header", "channel-token", &token, errp)) {
        return false;
    }
    if (strlen(token) != CHANNEL_TOKEN_CHARS) {
        error_set(errp, "header.channel-token: %u digits are expected",
                  CHANNEL_TOKEN_CHARS);
        return false;
    }
    hello->channels = (unsigned)count;
    hello->token = g_strdup(token);
    return true;
}

static bool read_id_registers(Hello *hello, GError **errp)
{
    uint64_t cpus = 0;

    if (!json_has(hello->header, "id-registers")) {
        return true;
    }
    if (!json_get_uint(hello->header, "header", "cpus", CPUS_MOST, &cpus, errp)) {
        return false;
    }
    hello->id_registers =
        arm_id_sets_parse(json_object_object_get(hello->header, "id-registers"),
                          "header.id-registers", (unsigned)cpus, errp);
    return hello->id_registers;
}

Hello *hello_receive(Stream *stream, GByteArray *payload, GError **errp)
{
    g_autoptr(Hello) hello = g_new0(Hello, 1);

    if (!stream_read_magic(stream, errp)) {
        return NULL;
    }
    hello->header = receive_json(stream, payload, STREAM_HEADER, "the header", errp);
    if (!hello->header ||
        !json_get_bool(hello->header, "header", "return-path", &hello->has_return_path,
                       errp) ||
        (json_has(hello->header, "probe") &&
         !json_get_bool(hello->header, "header", "probe", &hello->is_probe, errp)) ||
        !read_channels(hello, errp) || !read_id_registers(hello, errp)) {
        return NULL;
    }
    hello->has_return_path &= stream_is_socket(stream);
    hello->contract =
        receive_json(stream, payload, STREAM_CONTRACT, "the contract", errp);
    return hello->contract ? g_steal_pointer(&hello) : NULL;
}

CpuContract *hello_judge(const Hello *hello, const HelloOwn *own, Report *report,
                         GError **errp)
{
    g_autojson *ours = own_header(own);
    g_autoptr(CpuContract) guest = cpu_contract_parse(hello->contract, errp);
    const char *said = NULL, *digest = NULL;

    /* The contract's own, which was found true: as the source wrote it. */
    if (!guest || !json_get_string(hello->header, "header", "digest", &said, errp) ||
        !json_get_string(hello->contract, "contract", "digest", &digest, errp)) {
        return NULL;
    }
    if (strcmp(said, digest) != 0) {
        error_set(errp, "header: the digest is not that of the contract");
        return NULL;
    }
    migration_header_check(hello->header, ours, report);
    migration_contract_check(guest, own->contract, own->host, report);
    return g_steal_pointer(&guest);
}

bool hello_answer(Stream *stream, const Report *report, GError **errp)
{
    g_autojson *findings = report_to_json(report);

    return send_json(stream,
                     report_count(report, FINDING_ERROR) ? STREAM_REFUSE : STREAM_ACCEPT,
                     findings, errp);
}

/* What an answer carries; a destination of an earlier build accepts with nothing. */
static json_object *parse_findings(const GByteArray *payload)
{
    json_object *json =
        payload->len ? json_parse((const char *)payload->data, payload->len, NULL) : NULL;

    if (json && !json_object_is_type(json, json_type_array)) {
        json_object_put(json);
        json = NULL;
    }
    return json;
}

void hello_set_unexpected(StreamFrame kind, const GByteArray *payload, StreamFrame wanted,
                          GError **errp)
{
    if (kind == STREAM_FAILED) {
        error_set_code(errp, VPMU_ERROR_PEER, "the destination failed: %.*s",
                       (int)payload->len, (const char *)payload->data);
    } else {
        error_set_code(errp, VPMU_ERROR_PEER,
                       "the destination answers '%s', expected is '%s'",
                       stream_frame_name(kind), stream_frame_name(wanted));
    }
}

bool hello_read_answer(Stream *stream, json_object **ret_findings, bool *ret_ok,
                       GError **errp)
{
    g_autoptr(GByteArray) payload = g_byte_array_new();
    StreamFrame kind = stream_read(stream, payload, "the answer", errp);

    switch (kind) {
    case STREAM_NOTHING:
        /* Something came, and its first bytes are no head of a frame. */
        if (stream_offset_in(stream) == STREAM_HEAD_BYTES) {
            g_prefix_error(errp, "what answers is no destination of this program: ");
        }
        return false;
    case STREAM_ACCEPT:
    case STREAM_REFUSE:
        *ret_findings = parse_findings(payload);
        *ret_ok = kind == STREAM_ACCEPT;
        return true;
    default:
        hello_set_unexpected(kind, payload, STREAM_ACCEPT, errp);
        return false;
    }
}
