/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#define FEW   100
#define WIDTH 40

Progress progress_new(unsigned total, bool is_quiet)
{
    return (Progress){.total = total,
                      .is_on = total >= FEW && !is_quiet && isatty(STDERR_FILENO)};
}

static void draw(const Progress *progress)
{
    static const char full[] = "########################################";
    unsigned filled = (unsigned)((unsigned long)progress->done * WIDTH / progress->total);

    fprintf(stderr, "\r[%-*.*s] %u of %u hosts", WIDTH, (int)filled, full, progress->done,
            progress->total);
    fflush(stderr);
}

void progress_step(Progress *progress)
{
    unsigned permille;

    progress->done++;
    permille = (unsigned)((unsigned long)progress->done * 1000 / progress->total);
    if (progress->is_on && permille != progress->shown) {
        progress->shown = permille;
        draw(progress);
    }
}

void progress_hide(Progress *progress)
{
    if (progress->is_on && progress->shown) {
        fprintf(stderr, "\r\033[K");
        fflush(stderr);
        progress->shown = 0;
    }
}
