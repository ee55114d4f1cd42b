/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line: text to VmSpec, and the option table behind it.
 *
 * Pure: no file is opened, nothing is printed, nothing exits.  Questions such as -help
 * are recorded in the spec for main to answer.
 */
#ifndef SYSTEM_CMDLINE_CMDLINE_H
#define SYSTEM_CMDLINE_CMDLINE_H

#include <stdbool.h>

#include <glib.h>

typedef struct VmSpec VmSpec;

/* The release whose interface is followed.  Programs look for it in -version, in the
 * first line of -help and in QMP. */
#define CMDLINE_QEMU_MAJOR 11
#define CMDLINE_QEMU_MINOR 1
#define CMDLINE_VERSION                                                                  \
    "QEMU emulator version " G_STRINGIFY(CMDLINE_QEMU_MAJOR) "." G_STRINGIFY(            \
        CMDLINE_QEMU_MINOR) ".0 (as vpmu " VPMU_VERSION " speaks it)"

/*
 * cmdline_parse - what @argv (without the program name) asks for.
 * NULL with one line that names the option, its value and what would be accepted.
 */
VmSpec *cmdline_parse(int argc, char *const *argv, GError **errp);

/*
 * cmdline_parse_cpu - what @argv says of the guest's CPU: -machine, -accel, -enable-kvm,
 * -cpu, -global, -object, read as cmdline_parse() reads them.
 * @argv: may begin with words that are no options: variables, the program's name
 * @passed: receives owned char * names of the options that were passed over
 * @ret_is_qemus: the program is a QEMU
 *
 * An option that is not known is passed over with its argument, one that is nearly
 * known is an error.
 */
VmSpec *cmdline_parse_cpu(int argc, char *const *argv, GPtrArray *passed,
                          bool *ret_is_qemus, GError **errp);

/* cmdline_format_help - the text of -help; the caller frees it. */
char *cmdline_format_help(const char *program);

/*
 * cmdline_format_man - the option reference as the source of a man page (troff, man
 * macros); the caller frees it.
 */
char *cmdline_format_man(const char *program);

#endif
