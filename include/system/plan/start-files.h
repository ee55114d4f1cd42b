/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a dry run can say of the files and sockets that a start would make. */
#ifndef SYSTEM_PLAN_START_FILES_H
#define SYSTEM_PLAN_START_FILES_H

#include <glib.h>
#include <stdbool.h>

#include "system/cmdline/vm-spec.h"

/*
 * start_files_check - every file and socket of @spec that a start makes or connects to
 * can be, as far as that is seen without doing it.
 *
 * Nothing is made or locked; a chardev whose path is a set of -add-fd has its descriptor
 * afterwards, as at a start.  The error is in the words of the start's.
 */
bool start_files_check(const VmSpec *spec, GError **errp);

#endif
