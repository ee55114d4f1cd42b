/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints the man page of the monitor; run by the build only. */
#include <stdio.h>

#include "system/cmdline/cmdline.h"

int main(int argc, char **argv)
{
    g_autofree char *text = cmdline_format_man(argc > 1 ? argv[1] : "vpmu-system");

    return fputs(text, stdout) < 0;
}
