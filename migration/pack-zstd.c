/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migration/pack.h"

#include <inttypes.h>
#include <string.h>
#include <zstd.h>

#include "migration/stream.h"
#include "util/error.h"

#define HEAD_BYTES 4u

bool pack_is_available(void)
{
    return true;
}

bool pack(const GByteArray *in, GByteArray *out, int level)
{
    uint32_t wire_len = GUINT32_TO_LE(in->len);
    size_t got;

    if (in->len <= HEAD_BYTES) {
        return false;
    }
    g_byte_array_set_size(out, in->len);
    memcpy(out->data, &wire_len, HEAD_BYTES);
    /* Without room for the result zstd fails, and then nothing was gained. */
    got = ZSTD_compress(out->data + HEAD_BYTES, in->len - HEAD_BYTES, in->data, in->len,
                        level);
    if (ZSTD_isError(got)) {
        return false;
    }
    g_byte_array_set_size(out, (guint)(HEAD_BYTES + got));
    return true;
}

bool unpack(const GByteArray *in, GByteArray *out, GError **errp)
{
    uint32_t len = 0;
    size_t got;

    memcpy(&len, in->data, MIN(in->len, HEAD_BYTES));
    len = GUINT32_FROM_LE(len);
    if (in->len <= HEAD_BYTES || len == 0 || len > STREAM_PAYLOAD_MAX) {
        error_set(errp, "packed: %u bytes that say they are %" PRIu32, in->len, len);
        return false;
    }
    g_byte_array_set_size(out, len);
    got = ZSTD_decompress(out->data, len, in->data + HEAD_BYTES, in->len - HEAD_BYTES);
    if (ZSTD_isError(got)) {
        error_set(errp, "packed: %s", ZSTD_getErrorName(got));
        return false;
    }
    if (got != len) {
        error_set(errp, "packed: %zu bytes came out, not %" PRIu32, got, len);
        return false;
    }
    return true;
}
