/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The functions a compiler calls on its own account, even without a library.
 */
#include <stddef.h>

void *memset(void *to, int value, size_t size);
void *memcpy(void *restrict to, const void *restrict from, size_t size);

void *memset(void *to, int value, size_t size)
{
    volatile unsigned char *at = to; /* volatile: or this becomes a call of itself */

    while (size--) {
        *at++ = (unsigned char)value;
    }
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    volatile unsigned char *at = to;
    const unsigned char *source = from;

    while (size--) {
        *at++ = *source++;
    }
    return to;
}
