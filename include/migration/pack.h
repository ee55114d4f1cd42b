/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packing what a frame carries with zstd.  A build without libzstd has the functions and
 * says so.
 *
 * A packed payload: its length unpacked (4 bytes, little endian), then a zstd frame.
 */
#ifndef MIGRATION_PACK_H
#define MIGRATION_PACK_H

#include <glib.h>
#include <stdbool.h>

/* The way pages are packed, as a header says it. */
#define PACK_METHOD "zstd"

/* Levels of zstd that are taken: from fast to small. */
#define PACK_LEVEL_LEAST 1
#define PACK_LEVEL_MOST  19

/* pack_is_available - this build has libzstd. */
bool pack_is_available(void);

/*
 * pack - @in into @out, which is emptied.
 * @level: PACK_LEVEL_LEAST to PACK_LEVEL_MOST
 *
 * False where that makes it no smaller, or is not available.
 */
bool pack(const GByteArray *in, GByteArray *out, int level);

/*
 * unpack - untrusted @in into @out, at most STREAM_PAYLOAD_MAX bytes.
 * An error where it is not whole, or another length than it says.
 */
bool unpack(const GByteArray *in, GByteArray *out, GError **errp);

#endif
