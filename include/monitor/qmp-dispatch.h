/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One QMP request to one reply, by a table of commands.  Knows no connection.
 */
#ifndef MONITOR_QMP_DISPATCH_H
#define MONITOR_QMP_DISPATCH_H

#include <glib.h>
#include <stdbool.h>

typedef struct json_object json_object;
typedef struct Monitor Monitor;
typedef struct QmpCommand QmpCommand;
typedef struct QmpContext QmpContext;

/* An answer that is owed. */
typedef struct QmpLater {
    Monitor *monitor;          /* NULL: the peer has gone */
    const QmpCommand *command; /* set by qmp_dispatch(), as is */
    json_object *id;           /* a reference; NULL: the request had none */
} QmpLater;

/*
 * qmp_dispatch - carry out @request.
 * @commands: table that ends with a row without name
 * @is_negotiated: false lets through qmp_capabilities alone, true everything else
 *
 * Returns the reply, a new reference, with the request's id; NULL where the handler had
 * it deferred (@ctx->later).
 */
json_object *qmp_dispatch(const QmpCommand *commands, QmpContext *ctx, bool is_negotiated,
                          json_object *request);

/* qmp_later_reply - the reply that was owed; @ret, @error: see monitor_answer(). */
json_object *qmp_later_reply(const QmpLater *later, const void *ret, const GError *error);

/* qmp_error_reply - the reply that says @error; its code chooses the class. */
json_object *qmp_error_reply(const GError *error);

#endif
