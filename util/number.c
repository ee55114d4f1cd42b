/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/number.h"

#include <inttypes.h>
#include <string.h>

bool number_parse_uint64(const char *text, uint64_t *ret)
{
    bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const unsigned base = is_hex ? 16 : 10;
    const uint64_t most = UINT64_MAX / base;
    uint64_t value = 0;

    text += is_hex ? 2 : 0;
    if (*text == '\0') {
        return false;
    }
    for (; *text; text++) {
        int digit = is_hex ? g_ascii_xdigit_value(*text) : g_ascii_digit_value(*text);

        if (digit < 0 || value > most || value * base > UINT64_MAX - (unsigned)digit) {
            return false;
        }
        value = value * base + (unsigned)digit;
    }
    *ret = value;
    return true;
}

/* Power of 1024 a suffix stands for; -1 for no suffix of ours. */
static int suffix_power(char suffix)
{
    static const char suffixes[] = "bkmgtpe";
    const char *place = suffix ? strchr(suffixes, g_ascii_tolower(suffix)) : NULL;

    return place ? (int)(place - suffixes) : -1;
}

bool number_parse_size(const char *text, char default_suffix, uint64_t *ret)
{
    size_t digits = strspn(text, "0123456789");
    const char *rest = text + digits;
    g_autofree char *whole = NULL;
    uint64_t value, unit, fraction = 0, divisor = 1;
    int power;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        digits = strlen(text);
        rest = text + digits;
    }
    whole = g_strndup(text, digits);
    if (!number_parse_uint64(whole, &value)) {
        return false;
    }
    if (*rest == '.') {
        for (rest++; g_ascii_isdigit(*rest) && divisor < UINT64_C(1000000000); rest++) {
            fraction = fraction * 10 + (uint64_t)g_ascii_digit_value(*rest);
            divisor *= 10;
        }
    }
    power = suffix_power(*rest ? *rest : default_suffix);
    if (power < 0 || (*rest && rest[1])) {
        return false;
    }
    unit = UINT64_C(1) << (10 * power);
    if (value > UINT64_MAX / unit || (unsigned __int128)fraction * unit % divisor) {
        return false;
    }
    fraction = (uint64_t)((unsigned __int128)fraction * unit / divisor);
    if (value * unit > UINT64_MAX - fraction) {
        return false;
    }
    *ret = value * unit + fraction;
    return true;
}

bool number_is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    uint64_t port;

    if (digits) {
        return text[digits] == '\0' && number_parse_uint64(text, &port) &&
               port <= UINT16_MAX;
    }
    return g_ascii_isalpha(text[0]);
}

char *number_format_size(uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    unsigned power = 0;

    while (bytes && bytes % 1024 == 0 && power + 1 < G_N_ELEMENTS(units)) {
        bytes /= 1024;
        power++;
    }
    return g_strdup_printf("%" PRIu64 " %s", bytes, units[power]);
}
