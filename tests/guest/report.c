/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#define LINE_ROOM 640

typedef struct Line {
    char text[LINE_ROOM];
    size_t used;
} Line;

static void line_put(Line *line, char c)
{
    if (line->used < LINE_ROOM - 2) {
        line->text[line->used++] = c;
    }
}

static void line_text(Line *line, const char *text)
{
    while (*text) {
        line_put(line, *text++);
    }
}

static void line_number(Line *line, uint64_t value, unsigned base)
{
    char digits[24];
    unsigned count = 0;

    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (count) {
        line_put(line, digits[--count]);
    }
}

static void line_hex(Line *line, uint64_t value)
{
    line_text(line, "0x");
    line_number(line, value, 16);
}

static void line_open(Line *line, const char *key)
{
    line->used = 0;
    line_text(line, "vpmu-guest: ");
    line_text(line, key);
    line_put(line, '=');
}

static void line_close(Line *line)
{
    /* line_put() leaves room for these two. */
    line->text[line->used++] = '\r';
    line->text[line->used++] = '\n';
    console_write(line->text, line->used);
}

void report_text(const char *key, const char *value)
{
    Line line;

    line_open(&line, key);
    line_text(&line, value);
    line_close(&line);
}

void report_dec(const char *key, uint64_t value)
{
    Line line;

    line_open(&line, key);
    line_number(&line, value, 10);
    line_close(&line);
}

void report_hex(const char *key, uint64_t value)
{
    report_hex_list(key, &value, 1);
}

void report_hex_list(const char *key, const uint64_t *values, unsigned count)
{
    Line line;

    line_open(&line, key);
    for (unsigned i = 0; i < count; i++) {
        if (i) {
            line_put(&line, ' ');
        }
        line_hex(&line, values[i]);
    }
    line_close(&line);
}

void report_set(const char *key, uint64_t mask)
{
    bool first = true;
    Line line;

    line_open(&line, key);
    for (unsigned bit = 0; bit < 64; bit++) {
        if (!(mask >> bit & 1)) {
            continue;
        }
        if (!first) {
            line_put(&line, ',');
        }
        line_number(&line, bit, 10);
        first = false;
    }
    if (first) {
        line_text(&line, "none");
    }
    line_close(&line);
}

void report_count(const char *key, bool exists, uint64_t delta)
{
    Line line;

    line_open(&line, key);
    if (!exists) {
        line_text(&line, "absent");
    } else if (!delta) {
        line_text(&line, "no");
    } else {
        line_text(&line, "yes ");
        line_number(&line, delta, 10);
    }
    line_close(&line);
}
