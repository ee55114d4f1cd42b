/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A progress bar on standard error, where a person looks at it.
 */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include <stdbool.h>

typedef struct Progress {
    unsigned total, done;
    unsigned shown; /* permille the bar shows */
    bool is_on;
} Progress;

/*
 * progress_new - of @total steps.  Off where standard error is no terminal, where few
 * steps make it flicker, and where @is_quiet.
 */
Progress progress_new(unsigned total, bool is_quiet);

/* progress_step - one more is done; draws where that shows. */
void progress_step(Progress *progress);

/* progress_hide - before something else is printed, and at the end. */
void progress_hide(Progress *progress);

#endif
