/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/json.h"
#include "util/number.h"

/* What a number or a word such as true is made of. */
static bool is_word_char(char c)
{
    return g_ascii_isalnum(c) || c == '-' || c == '+' || c == '.';
}

static bool fits(const char *word)
{
    uint64_t value;

    if (word[0] != '-') {
        return number_parse_uint64(word, &value);
    }
    errno = 0;
    (void)strtoll(word, NULL, 10);
    return errno == 0;
}

static bool judge_word(JsonNumbers *numbers, GError **errp)
{
    bool is_cut = numbers->len == sizeof(numbers->word);
    const char *digits;
    unsigned len = MIN(numbers->len, sizeof(numbers->word) - 1);

    numbers->word[len] = '\0';
    numbers->len = 0;
    digits = numbers->word + (numbers->word[0] == '-');
    if (*digits == 'N' || *digits == 'I') {
        error_set(errp, "'%s' is no JSON number", numbers->word);
        return false;
    }
    if (!g_ascii_isdigit(*digits) || strspn(digits, "0123456789") != strlen(digits)) {
        return true; /* a fraction, or no number */
    }
    if (is_cut || !fits(numbers->word)) {
        error_set(errp, "number %s%s is out of range", numbers->word,
                  is_cut ? "..." : "");
        return false;
    }
    return true;
}

bool json_numbers_feed(JsonNumbers *numbers, const char *text, size_t len, GError **errp)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (numbers->quote) {
            if (numbers->is_escaped) {
                numbers->is_escaped = false;
            } else if (c == '\\') {
                numbers->is_escaped = true;
            } else if (c == numbers->quote) {
                numbers->quote = '\0';
            }
        } else if (is_word_char(c)) {
            if (numbers->len < sizeof(numbers->word)) {
                numbers->word[numbers->len++] = c;
            }
        } else {
            if (numbers->len && !judge_word(numbers, errp)) {
                return false;
            }
            numbers->quote = c == '"' || c == '\'' ? c : '\0';
        }
    }
    return true;
}
