/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/kernel-version.h"

#include <string.h>

/* Digits at @text, at most three of them; what follows them, or NULL where there are
 * none. */
static const char *parse_part(const char *text, unsigned *ret)
{
    size_t digits = strspn(text, "0123456789");

    *ret = 0;
    for (size_t i = 0; i < digits && digits <= 3; i++) {
        *ret = *ret * 10 + (unsigned)(text[i] - '0');
    }
    return digits > 0 && digits <= 3 ? text + digits : NULL;
}

bool kernel_version_parse(const char *text, KernelVersion *ret)
{
    KernelVersion version;
    const char *rest = parse_part(text, &version.major);

    rest = rest && *rest == '.' ? parse_part(rest + 1, &version.minor) : NULL;
    if (!rest || (*rest && !strchr(".-+", *rest))) {
        return false;
    }
    *ret = version;
    return true;
}

bool kernel_version_is_at_least(KernelVersion version, KernelVersion least)
{
    return version.major > least.major ||
           (version.major == least.major && version.minor >= least.minor);
}
