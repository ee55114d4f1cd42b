/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/cmdline/cmdline.h"

#include "system/cmdline/options.h"

#define HELP_COLUMN 16

static const char *const group_titles[OPTION_GROUP_COUNT] = {
    [OPTION_GROUP_STANDARD] = "General",
    [OPTION_GROUP_CPU] = "CPUs and memory",
    [OPTION_GROUP_BOOT] = "Boot",
    [OPTION_GROUP_DEVICE] = "Devices and objects",
    [OPTION_GROUP_CHARDEV] = "Streams, serial ports and monitors",
    [OPTION_GROUP_RUN] = "Running",
    [OPTION_GROUP_DEBUG] = "Tracing",
    [OPTION_GROUP_IGNORED] = "Accepted without effect",
    [OPTION_GROUP_REFUSED] = "Not there",
};

/* "-dry-run[=table|json]", "-smp [cpus=]n", "-S" */
static char *format_usage(const OptionRow *row, const char *name)
{
    const char *space = option_is_optional_argument(row) ? "" : " ";

    return g_strdup_printf("-%s%s%s", name, row->argument ? space : "",
                           row->argument ? row->argument : "");
}

char *cmdline_format_help(const char *program)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, CMDLINE_VERSION "\nusage: %s [options]\n", program);
    for (unsigned group = 0; group < OPTION_GROUP_REFUSED; group++) {
        g_string_append_printf(text, "\n%s:\n", group_titles[group]);
        for (unsigned i = 0; i < option_row_count; i++) {
            const OptionRow *row = &option_rows[i];
            g_autofree char *usage = format_usage(row, row->name);

            if (row->group != group) {
                continue;
            }
            g_string_append_printf(text, "%s%s%s\n%*s%s\n", usage,
                                   row->alias ? ", -" : "", row->alias ? row->alias : "",
                                   HELP_COLUMN, "", row->help);
        }
    }
    g_string_append(text,
                    "\nOptions may begin with one or two dashes. Refused, and known "
                    "from elsewhere:\n");
    for (unsigned i = 0; i < option_row_count; i++) {
        if (option_rows[i].group == OPTION_GROUP_REFUSED) {
            g_string_append_printf(text, " -%s", option_rows[i].name);
        }
    }
    g_string_append_c(text, '\n');
    return g_string_free(text, FALSE);
}

/* Text for troff: dashes are dashes, a leading dot or quote is none of its commands. */
static void append_troff(GString *text, const char *plain)
{
    for (; *plain; plain++) {
        if (*plain == '-') {
            g_string_append(text, "\\-");
        } else if (*plain == '\\') {
            g_string_append(text, "\\e");
        } else {
            g_string_append_c(text, *plain);
        }
    }
}

static void append_man_option(GString *text, const OptionRow *row)
{
    g_autofree char *usage = format_usage(row, row->name);

    g_string_append(text, ".TP\n.B ");
    append_troff(text, usage);
    if (row->alias) {
        g_string_append(text, ", ");
        append_troff(text, "-");
        append_troff(text, row->alias);
    }
    g_string_append(text, "\n");
    append_troff(text, row->help);
    g_string_append(text, ".\n");
}

char *cmdline_format_man(const char *program)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text,
                           ".TH %s 1\n.SH NAME\n%s \\- run a virtual machine on KVM\n"
                           ".SH SYNOPSIS\n.B %s\n[options]\n.SH DESCRIPTION\n"
                           "Runs a guest on KVM. Options have the syntax and meaning "
                           "they have in QEMU; they\n"
                           "may begin with one or two dashes. In lists of settings a "
                           "doubled comma stands for\n"
                           "a comma, and a setting without value is switched on.\n",
                           program, program, program);
    for (unsigned group = 0; group < OPTION_GROUP_COUNT; group++) {
        g_string_append_printf(text, ".SH %s\n", group_titles[group]);
        for (unsigned i = 0; i < option_row_count; i++) {
            if (option_rows[i].group == group) {
                append_man_option(text, &option_rows[i]);
            }
        }
    }
    return g_string_free(text, FALSE);
}
