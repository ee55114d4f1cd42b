/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One QMP request to one reply, by a table of commands.  Knows no connection.
 */
#ifndef MONITOR_QMP_DISPATCH_H
#define MONITOR_QMP_DISPATCH_H

#include <glib.h>
#include <stdbool.h>

typedef struct json_object json_object;
typedef struct QmpCommand QmpCommand;
typedef struct QmpContext QmpContext;

/*
 * qmp_dispatch - carry out @request.
 * @commands: table that ends with a row without name
 * @is_negotiated: false lets through qmp_capabilities alone, true everything else
 *
 * Returns the reply, a new reference, with the request's id.
 */
json_object *qmp_dispatch(const QmpCommand *commands, QmpContext *ctx, bool is_negotiated,
                          json_object *request);

/* qmp_error_reply - the reply that says @error; its code chooses the class. */
json_object *qmp_error_reply(const GError *error);

#endif
