/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A build without libzstd. */
#include "migration/pack.h"

#include "util/error.h"

bool pack_is_available(void)
{
    return false;
}

bool pack(const GByteArray *in, GByteArray *out, int level)
{
    (void)in;
    (void)out;
    (void)level;
    return false;
}

bool unpack(const GByteArray *in, GByteArray *out, GError **errp)
{
    (void)in;
    (void)out;
    error_set(errp, "packed with zstd, which this build does not have");
    return false;
}
