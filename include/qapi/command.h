/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command as the dispatcher sees it: one row of the generated table.
 */
#ifndef QAPI_COMMAND_H
#define QAPI_COMMAND_H

#include <glib.h>
#include <stdbool.h>

#include "qapi/value.h"

/* Whom a command is for and who asks; what is in it belongs to the program. */
typedef struct QmpContext QmpContext;

typedef struct QmpCommand {
    const char *name;
    const QapiType *args; /* NULL: takes none */
    const QapiType *ret;  /* NULL: returns the empty object */
    /*
     * @args: parsed arguments, a pointer to the struct; NULL where the command takes none
     * @ret: the place of the return value, filled on success
     */
    bool (*invoke)(QmpContext *ctx, const void *args, void *ret, GError **errp);
} QmpCommand;

#endif
