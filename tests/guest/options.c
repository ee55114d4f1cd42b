/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

static const struct {
    const char *word;
    ExitMode mode;
} exit_modes[] = {
    {"poweroff", EXIT_POWEROFF}, {"reboot", EXIT_REBOOT}, {"halt", EXIT_HALT},
    {"loop", EXIT_LOOP},         {"triple", EXIT_TRIPLE}, {"panic", EXIT_PANIC},
    {"debug", EXIT_DEBUG},
};

bool text_equal(const char *text, size_t size, const char *word)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] != word[i] || !word[i]) {
            return false;
        }
    }
    return !word[size];
}

size_t text_copy(char *ret_text, size_t room, const char *text)
{
    size_t used = 0;

    while (text && used + 1 < room && text[used]) {
        /* A line of the report stays a line, whatever the command line holds. */
        ret_text[used] = text[used] < ' ' ? ' ' : text[used];
        used++;
    }
    ret_text[used] = 0;
    return used;
}

const char *option_find(const char *cmdline, const char *name, size_t *ret_size)
{
    const char *at = cmdline;

    while (*at) {
        const char *word;
        const char *value;

        while (*at == ' ') {
            at++;
        }
        word = at;
        while (*at && *at != ' ' && *at != '=') {
            at++;
        }
        if (*at != '=') {
            continue;
        }
        value = at + 1;
        while (*at && *at != ' ') {
            at++;
        }
        if (text_equal(word, (size_t)(value - 1 - word), name)) {
            *ret_size = (size_t)(at - value);
            return value;
        }
    }
    return NULL;
}

uint64_t option_number(const char *cmdline, const char *name, uint64_t otherwise)
{
    size_t size = 0;
    const char *value = option_find(cmdline, name, &size);
    uint64_t number = 0;

    if (!value || !size || size > 18) {
        return otherwise;
    }
    for (size_t i = 0; i < size; i++) {
        if (value[i] < '0' || value[i] > '9') {
            return otherwise;
        }
        number = number * 10 + (uint64_t)(value[i] - '0');
    }
    return number;
}

ExitMode option_exit_mode(const char *cmdline)
{
    size_t size = 0;
    const char *value = option_find(cmdline, "exit", &size);

    for (size_t i = 0; value && i < sizeof(exit_modes) / sizeof(exit_modes[0]); i++) {
        if (text_equal(value, size, exit_modes[i].word)) {
            return exit_modes[i].mode;
        }
    }
    return EXIT_POWEROFF;
}
