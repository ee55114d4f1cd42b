/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu: look at hosts and plans without starting a guest.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tool.h"

typedef struct CommandRow {
    const char *name;
    ToolCommand *run;
    const char *usage;
    const char *doc;
} CommandRow;

static const CommandRow command_rows[] = {
    {"record", cmd_record,
     "[-o FILE] [--from-cpuid FILE [--perf-capabilities 0x…] [--kernel VERSION] "
     "[--mediated] [--topdown] [--no-pmu] | --sysfs DIR [--kvm NAME=NUMBER,…] [--midr "
     "0x…]]",
     "write the facts of this host, or of another, as a host profile"},
    {"resolve", cmd_resolve,
     "--host FILE|live [--json] -- [-machine M] [-cpu C] [-accel kvm,…] "
     "[-global T.P=V]",
     "print what a guest would get on a host, and why"},
    {"check", cmd_check, "--contract FILE --host FILE|DIR|live… [--json]",
     "say which hosts can run a guest as it is, and why others cannot"},
    {"baseline", cmd_baseline, "HOST|DIR… [--json]",
     "print the -cpu that every one of these hosts can run, and go on with"},
    {"diff", cmd_diff, "LEFT RIGHT [--json]",
     "explain what two contracts, or two hosts, have different, and who may move where"},
    {"stream", cmd_stream, "FILE [--offset N] [--json]",
     "print what a saved guest holds: its contract, every row of its state"},
    {"doctor", cmd_doctor, "[--host FILE] [-- OPTIONS…]",
     "explain what guests can have of this host's PMU, and what takes the rest"},
};

static void print_row(FILE *out, const CommandRow *row)
{
    fprintf(out, "  vpmu %s %s\n      %s\n", row->name, row->usage, row->doc);
}

static const char words_doc[] =
    "A host is the file of a host profile, as record writes it, or the word live: the "
    "one\n"
    "this runs on. A DIR holds profiles (*.json). A contract is what resolve --json,\n"
    "--dry-run=json and query-vpmu print.";
static const char exit_doc[] = "Exit status: 0 yes or done, 1 refused, 2 bad input.";

static void print_help(FILE *out)
{
    fprintf(out, "usage: vpmu COMMAND …\n\n");
    for (unsigned i = 0; i < G_N_ELEMENTS(command_rows); i++) {
        print_row(out, &command_rows[i]);
    }
    fprintf(out, "\n%s\n\n%s\n", words_doc, exit_doc);
}

/* A hyphen as it is typed, not as it is set. */
static void print_roff(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '-') {
            fputc('\\', out);
        }
        fputc(*text, out);
    }
    fputc('\n', out);
}

/* The manual page, for the build. */
static void print_man(FILE *out)
{
    fprintf(out,
            ".TH vpmu 1\n.SH NAME\nvpmu \\- look at hosts and plans without starting "
            "a guest\n.SH SYNOPSIS\n.B vpmu\nCOMMAND …\n.SH COMMANDS\n");
    for (unsigned i = 0; i < G_N_ELEMENTS(command_rows); i++) {
        const CommandRow *row = &command_rows[i];

        fprintf(out, ".TP\n.B vpmu %s\n", row->name);
        print_roff(out, row->usage);
        fprintf(out, ".br\n");
        print_roff(out, row->doc);
    }
    fprintf(out, ".SH HOSTS AND CONTRACTS\n");
    print_roff(out, words_doc);
    fprintf(out, ".SH EXIT STATUS\n");
    print_roff(out, exit_doc);
}

static const CommandRow *find_command(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(command_rows); i++) {
        if (strcmp(name, command_rows[i].name) == 0) {
            return &command_rows[i];
        }
    }
    return NULL;
}

static bool is_help(const char *arg)
{
    return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

static int run_command(const CommandRow *row, char **args)
{
    g_auto(GStrv) words = tool_split_words(args);
    g_autoptr(GError) err = NULL;
    ToolExit status;

    if (*words && is_help(*words)) {
        printf("usage:\n");
        print_row(stdout, row);
        return TOOL_EXIT_OK;
    }
    status = row->run(words, stdout, &err);
    if (err) {
        fprintf(stderr, "vpmu %s: %s\n", row->name, err->message);
    }
    return (int)status;
}

static int complain(const char *name)
{
    const char *names[G_N_ELEMENTS(command_rows) + 1] = {NULL};
    const char *near;

    for (unsigned i = 0; i < G_N_ELEMENTS(command_rows); i++) {
        names[i] = command_rows[i].name;
    }
    near = tool_near_word(names, name);
    fprintf(stderr, "vpmu: there is no command '%s'", name);
    if (near) {
        fprintf(stderr, "; did you mean '%s'?\n", near);
    } else {
        fprintf(stderr, "; vpmu help lists them\n");
    }
    return TOOL_EXIT_BAD_INPUT;
}

static int run_help(char **args)
{
    const CommandRow *row = *args ? find_command(*args) : NULL;

    if (*args && strcmp(*args, "--man") == 0) {
        print_man(stdout);
    } else if (row) {
        printf("usage:\n");
        print_row(stdout, row);
    } else if (*args) {
        return complain(*args);
    } else {
        print_help(stdout);
    }
    return TOOL_EXIT_OK;
}

static int run(char **args)
{
    const CommandRow *row = *args ? find_command(*args) : NULL;

    if (row) {
        return run_command(row, args + 1);
    }
    if (!*args) {
        print_help(stderr);
        return TOOL_EXIT_BAD_INPUT;
    }
    if (is_help(*args) || strcmp(*args, "help") == 0) {
        return run_help(args + 1);
    }
    if (strcmp(*args, "--version") == 0) {
        printf("vpmu %s\n", vpmu_version());
        return TOOL_EXIT_OK;
    }
    return complain(*args);
}

int main(int argc, char **argv)
{
    int status;

    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of its write */
    status = run(argv + (argc > 0));
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "vpmu: standard output cannot be written\n");
        return TOOL_EXIT_BAD_INPUT;
    }
    return status;
}
