/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu: look at hosts and plans without starting a guest.
 */
#include <stdio.h>
#include <string.h>

#include "util/bits.h"
#include "vpmu.h"

typedef struct CommandRow {
    const char *name;
    VpmuCommand *run;
    const char *usage;
    const char *doc;
} CommandRow;

static const CommandRow command_rows[] = {
    {"record",   vpmu_record,
     "[-o FILE] [--from-cpuid FILE [--perf-capabilities 0x…] [--mediated] [--topdown] "
     "[--no-pmu] | --sysfs DIR [--kvm NAME=NUMBER,…] [--midr 0x…]]",       "write the facts of this host, or of another, as a host profile"},
    {"resolve",  vpmu_resolve,
     "--host FILE|live [--json [--full]] -- [-machine M] [-cpu C] [-accel kvm,…] "
     "[-global T.P=V]",                                                        "print what a guest would get on a host, and why"               },
    {"check",    vpmu_check,    "--contract FILE --host FILE|DIR… [--json]",
     "say which hosts can run a guest as it is, and why others cannot"                                                                         },
    {"baseline", vpmu_baseline, "HOST…",
     "print the -cpu that every one of these x86 hosts can run"                                                                                },
    {"diff",     vpmu_diff,     "CONTRACT CONTRACT",                           "print what two guests see differently"                         },
    {"doctor",   vpmu_doctor,   "[--host FILE] [-- OPTIONS…]",
     "explain what guests can have of this host's PMU, and what takes the rest"                                                                },
};

static void print_help(FILE *out)
{
    fprintf(out, "usage: vpmu COMMAND …\n\n");
    for (unsigned i = 0; i < ARRAY_LEN(command_rows); i++) {
        fprintf(out, "  vpmu %s %s\n      %s\n", command_rows[i].name,
                command_rows[i].usage, command_rows[i].doc);
    }
    fprintf(out, "\nExit status: 0 yes or done, 1 refused, 2 bad input.\n");
}

static int run_command(const CommandRow *row, char **args)
{
    g_autoptr(GError) err = NULL;
    VpmuExit status = row->run(args, stdout, &err);

    if (err) {
        fprintf(stderr, "vpmu %s: %s\n", row->name, err->message);
    }
    if (fflush(stdout) != 0) {
        fprintf(stderr, "vpmu %s: standard output cannot be written\n", row->name);
        return VPMU_EXIT_BAD_INPUT;
    }
    return (int)status;
}

int main(int argc, char **argv)
{
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
        print_help(stdout);
        return VPMU_EXIT_OK;
    }
    if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
        printf("vpmu %s\n", VPMU_VERSION);
        return VPMU_EXIT_OK;
    }
    for (unsigned i = 0; argc >= 2 && i < ARRAY_LEN(command_rows); i++) {
        if (strcmp(argv[1], command_rows[i].name) == 0) {
            return run_command(&command_rows[i], argv + 2);
        }
    }
    if (argc >= 2) {
        fprintf(stderr, "vpmu: there is no command '%s'\n", argv[1]);
    }
    print_help(stderr);
    return VPMU_EXIT_BAD_INPUT;
}
