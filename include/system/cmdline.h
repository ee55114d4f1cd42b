/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line: text to VmSpec, and the option table behind it.
 *
 * Pure: no file is opened, nothing is printed, nothing exits.  Questions such as -help
 * are recorded in the spec for main to answer.
 */
#ifndef SYSTEM_CMDLINE_H
#define SYSTEM_CMDLINE_H

#include <glib.h>

typedef struct VmSpec VmSpec;

/*
 * cmdline_parse - what @argv (without the program name) asks for.
 * @warnings: receives owned char * lines about accepted text that has no effect; may be
 * NULL
 *
 * NULL with one line that names the option, its value and what would be accepted.
 */
VmSpec *cmdline_parse(int argc, char *const *argv, GPtrArray *warnings, GError **errp);

/* cmdline_format_help - the text of -help; the caller frees it. */
char *cmdline_format_help(const char *program);

/*
 * cmdline_format_man - the option reference as the source of a man page (troff, man
 * macros); the caller frees it.
 */
char *cmdline_format_man(const char *program);

#endif
