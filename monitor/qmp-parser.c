/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/qmp-parser.h"

#include <string.h>

#include "util/error.h"
#include "util/json.h"

struct QmpParser {
    json_tokener *tokener;
    QmpParserFunc *func;
    void *opaque;
    size_t begun; /* bytes of the value that is not complete */
    JsonNumbers numbers;
    bool is_dropping; /* up to the next line end */
};

QmpParser *qmp_parser_new(QmpParserFunc *func, void *opaque)
{
    QmpParser *parser = g_new0(QmpParser, 1);

    parser->tokener = json_tokener_new_ex(JSON_DEPTH_MAX);
    json_tokener_set_flags(parser->tokener, JSON_TOKENER_STRICT |
                                                JSON_TOKENER_ALLOW_TRAILING_CHARS |
                                                JSON_TOKENER_VALIDATE_UTF8);
    parser->func = func;
    parser->opaque = opaque;
    return parser;
}

void qmp_parser_reset(QmpParser *parser)
{
    json_tokener_reset(parser->tokener);
    parser->begun = 0;
    parser->numbers = (JsonNumbers){0};
    parser->is_dropping = false;
}

bool qmp_parser_is_idle(const QmpParser *parser)
{
    return parser->begun == 0;
}

void qmp_parser_free(QmpParser *parser)
{
    if (parser) {
        json_tokener_free(parser->tokener);
        g_free(parser);
    }
}

static void fail(QmpParser *parser, const char *why)
{
    g_autoptr(GError) error = NULL;

    error_set(&error, "JSON parse error: %s", why);
    qmp_parser_reset(parser);
    parser->is_dropping = true;
    parser->func(parser->opaque, NULL, error);
}

/* False where @data has a number that cannot be had, which is told. */
static bool check_numbers(QmpParser *parser, const char *data, size_t len)
{
    g_autoptr(GError) error = NULL;

    if (!json_numbers_feed(&parser->numbers, data, len, &error)) {
        fail(parser, error->message);
        return false;
    }
    return true;
}

/* The bytes that begin a value or go on with it; returns how many were used. */
static size_t feed_value(QmpParser *parser, const char *data, size_t len)
{
    size_t room = QMP_REQUEST_BYTES_MAX - parser->begun;
    size_t part = MIN(len, room);
    json_object *value;
    enum json_tokener_error status;
    size_t used;

    if (part == 0) {
        fail(parser, "the request is too long");
        return 0;
    }
    value = json_tokener_parse_ex(parser->tokener, data, (int)part);
    status = json_tokener_get_error(parser->tokener);
    if (status == json_tokener_continue) {
        parser->begun += part;
        return check_numbers(parser, data, part) ? part : 0;
    }
    if (status != json_tokener_success) {
        fail(parser, json_tokener_error_desc(status));
        return 0;
    }
    used = json_tokener_get_parse_end(parser->tokener);
    if (check_numbers(parser, data, used) && check_numbers(parser, "\n", 1)) {
        qmp_parser_reset(parser);
        parser->func(parser->opaque, value, NULL);
    } else {
        used = 0;
    }
    json_object_put(value);
    return used;
}

void qmp_parser_feed(QmpParser *parser, const char *data, size_t len)
{
    size_t done = 0;

    while (done < len) {
        if (parser->is_dropping) {
            const char *end = memchr(data + done, '\n', len - done);

            done = end ? (size_t)(end - data) + 1 : len;
            parser->is_dropping = !end;
        } else if (parser->begun == 0 && strchr(" \t\r\n", data[done]) && data[done]) {
            done++;
        } else {
            done += feed_value(parser, data + done, len - done);
        }
    }
}
