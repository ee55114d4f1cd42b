/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migration/handshake.h"

#include <inttypes.h>
#include <string.h>

#include "migration/channels.h"
#include "migration/header.h"
#include "migration/pack.h"
#include "target/arm-id-registers.h"
#include "target/contract-check.h"
#include "util/error.h"
#include "util/json.h"

/* No machine has more. */
#define CPUS_MOST 4096

static json_object *header_of(const GuestDescription *here)
{
    json_object *header = migration_header_new(here->machine, here->contract, here->cpus,
                                               here->ram, here->ranges);

    if (here->config) {
        migration_header_add_machine(header, here->contract->arch, here->config,
                                     here->smp);
    }
    if (here->devices) {
        migration_header_add_devices(header, here->devices);
    }
    return header;
}

Handshake *handshake_new(const GuestDescription *here, bool is_probe)
{
    Handshake *handshake = g_new0(Handshake, 1);

    handshake->header = header_of(here);
    migration_header_add_id_registers(handshake->header, here->id_registers);
    handshake->contract = cpu_contract_format(here->contract);
    handshake->is_probe = is_probe;
    return handshake;
}

void handshake_free(Handshake *handshake)
{
    if (handshake) {
        json_object_put(handshake->header);
        json_object_put(handshake->contract);
        g_free(handshake->token);
        g_clear_pointer(&handshake->id_registers, g_ptr_array_unref);
        g_free(handshake);
    }
}

static bool send_json(Stream *stream, StreamFrame kind, json_object *json, GError **errp)
{
    g_autofree char *text = json_format(json);

    return stream_write(stream, kind, text, (uint32_t)strlen(text), errp);
}

bool handshake_send(Stream *stream, Handshake *handshake, GError **errp)
{
    handshake->has_return_path = stream_is_socket(stream);
    json_add_bool(handshake->header, "return-path", handshake->has_return_path);
    if (handshake->is_packed) {
        json_add_string(handshake->header, "packed", PACK_METHOD);
    }
    if (handshake->channels) {
        handshake->token = channel_token_new();
        json_add_uint(handshake->header, "channels", handshake->channels);
        json_add_string(handshake->header, "channel-token", handshake->token);
    }
    if (handshake->is_probe) {
        json_add_bool(handshake->header, "probe", true);
    }
    return stream_write_magic(stream, errp) &&
           send_json(stream, STREAM_HEADER, handshake->header, errp) &&
           send_json(stream, STREAM_CONTRACT, handshake->contract, errp);
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

static bool read_channels(Handshake *handshake, GError **errp)
{
    const char *token = NULL;
    uint64_t count = 0;

    if (!json_has(handshake->header, "channels")) {
        return true;
    }
    if (!json_get_uint(handshake->header, "header", "channels", CHANNELS_MOST, &count,
                       errp) ||
        !json_get_string(handshake->header, "header", "channel-token", &token, errp)) {
        return false;
    }
    if (strlen(token) != CHANNEL_TOKEN_CHARS) {
        error_set(errp, "header.channel-token: %u digits are expected",
                  CHANNEL_TOKEN_CHARS);
        return false;
    }
    handshake->channels = (unsigned)count;
    handshake->token = g_strdup(token);
    return true;
}

static bool read_id_registers(Handshake *handshake, GError **errp)
{
    uint64_t cpus = 0;

    if (!json_has(handshake->header, "id-registers")) {
        return true;
    }
    if (!json_get_uint(handshake->header, "header", "cpus", CPUS_MOST, &cpus, errp)) {
        return false;
    }
    handshake->id_registers =
        arm_id_sets_parse(json_object_object_get(handshake->header, "id-registers"),
                          "header.id-registers", (unsigned)cpus, errp);
    return handshake->id_registers;
}

Handshake *handshake_receive(Stream *stream, GByteArray *payload, GError **errp)
{
    g_autoptr(Handshake) handshake = g_new0(Handshake, 1);

    if (!stream_read_magic(stream, errp)) {
        return NULL;
    }
    handshake->header = receive_json(stream, payload, STREAM_HEADER, "the header", errp);
    if (!handshake->header ||
        !json_get_bool(handshake->header, "header", "return-path",
                       &handshake->has_return_path, errp) ||
        (json_has(handshake->header, "probe") &&
         !json_get_bool(handshake->header, "header", "probe", &handshake->is_probe,
                        errp)) ||
        !read_channels(handshake, errp) || !read_id_registers(handshake, errp)) {
        return NULL;
    }
    handshake->has_return_path &= stream_is_socket(stream);
    handshake->contract =
        receive_json(stream, payload, STREAM_CONTRACT, "the contract", errp);
    return handshake->contract ? g_steal_pointer(&handshake) : NULL;
}

CpuContract *handshake_judge(const Handshake *handshake, const GuestDescription *here,
                             Report *report, GError **errp)
{
    g_autojson *ours = header_of(here);
    g_autoptr(CpuContract) guest = cpu_contract_parse(handshake->contract, errp);
    const char *said = NULL, *digest = NULL;

    /* The contract's own, which was found true: as the source wrote it. */
    if (!guest || !json_get_string(handshake->header, "header", "digest", &said, errp) ||
        !json_get_string(handshake->contract, "contract", "digest", &digest, errp)) {
        return NULL;
    }
    if (strcmp(said, digest) != 0) {
        error_set(errp, "header: the digest is not that of the contract");
        return NULL;
    }
    migration_header_check(handshake->header, ours, report);
    contract_check_line(guest, here->contract, here->host, report);
    return g_steal_pointer(&guest);
}

bool handshake_answer(Stream *stream, const Report *report, GError **errp)
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

void handshake_set_unexpected(StreamFrame kind, const GByteArray *payload,
                              StreamFrame wanted, GError **errp)
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

bool handshake_read_answer(Stream *stream, json_object **ret_findings, bool *ret_ok,
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
        handshake_set_unexpected(kind, payload, STREAM_ACCEPT, errp);
        return false;
    }
}
