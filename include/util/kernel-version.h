/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Releases of Linux, as far as rules depend on them. */
#ifndef UTIL_KERNEL_VERSION_H
#define UTIL_KERNEL_VERSION_H

#include <glib.h>
#include <stdbool.h>

typedef struct KernelVersion {
    unsigned major, minor;
} KernelVersion;

/*
 * kernel_version_parse - "6.12", or a release such as "6.1.0-53-amd64".
 * False, with @ret untouched, where @text begins with no version.
 */
bool kernel_version_parse(const char *text, KernelVersion *ret);

/* kernel_version_is_at_least - @version is @least or newer. */
bool kernel_version_is_at_least(KernelVersion version, KernelVersion least);

#endif
