/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text to numbers, strictly: the whole text, no sign, no blanks, no overflow.
 */
#ifndef UTIL_NUMBER_H
#define UTIL_NUMBER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * number_parse_uint64 - decimal, or hexadecimal after "0x".
 * False, with @ret untouched, for anything else, the empty text and overflow.
 */
bool number_parse_uint64(const char *text, uint64_t *ret);

/*
 * number_parse_size - bytes with an optional suffix b, K, M, G, T, P or E (powers of
 * 1024).
 * @default_suffix: applies where the text has none, 'b' for bytes, 'M' as -m does
 * Fractions such as 1.5G are accepted where the result is a whole number of bytes.
 */
bool number_parse_size(const char *text, char default_suffix, uint64_t *ret);

/* number_format_size - the shortest exact form, such as "512 MiB"; the caller frees it.
 */
char *number_format_size(uint64_t bytes);

/*
 * number_is_port - @text is a TCP port, 0 to 65535, or a service's name.
 * The resolver itself takes "70000" for 4464 and "-1" for 65535.
 */
bool number_is_port(const char *text);

#endif
