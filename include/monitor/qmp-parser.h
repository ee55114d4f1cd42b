/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QmpParser: bytes from the wire to JSON values, one after another.
 *
 * Values need no separator.  After text that is no JSON, or too long or too deep, one
 * error is told and everything up to the next line end is dropped.
 */
#ifndef MONITOR_QMP_PARSER_H
#define MONITOR_QMP_PARSER_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/bits.h"

/* One request has at most this many bytes. */
#define QMP_REQUEST_BYTES_MAX MIB

typedef struct json_object json_object;
typedef struct QmpParser QmpParser;

/*
 * What comes of the bytes.
 * @value: a JSON value (NULL is "null"), borrowed; or
 * @error: why there is none; the other one is NULL then
 */
typedef void QmpParserFunc(void *opaque, json_object *value, const GError *error);

/* qmp_parser_new - @func is called from qmp_parser_feed(). */
QmpParser *qmp_parser_new(QmpParserFunc *func, void *opaque);

/* qmp_parser_feed - the next @len bytes. */
void qmp_parser_feed(QmpParser *parser, const char *data, size_t len);

/* qmp_parser_reset - forget what was begun: another peer starts. */
void qmp_parser_reset(QmpParser *parser);

/* qmp_parser_is_idle - nothing is begun. */
bool qmp_parser_is_idle(const QmpParser *parser);

/* qmp_parser_free - NULL is nothing. */
void qmp_parser_free(QmpParser *parser);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QmpParser, qmp_parser_free)

#endif
