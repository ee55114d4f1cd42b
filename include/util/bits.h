/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bit fields of 64-bit values, and aligned arithmetic that cannot wrap unnoticed.
 */
#ifndef UTIL_BITS_H
#define UTIL_BITS_H

#include <stdbool.h>
#include <stdint.h>

#define BIT64(n)     (UINT64_C(1) << (n))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define KIB          UINT64_C(1024)
#define MIB          (UINT64_C(1024) * KIB)
#define GIB          (UINT64_C(1024) * MIB)

/* bits_mask - @width ones (1 to 64) starting at bit @shift. */
static inline uint64_t bits_mask(unsigned shift, unsigned width)
{
    return (width >= 64 ? ~UINT64_C(0) : BIT64(width) - 1) << shift;
}

/* bits_get - the field of @width bits at @shift. */
static inline uint64_t bits_get(uint64_t value, unsigned shift, unsigned width)
{
    return (value & bits_mask(shift, width)) >> shift;
}

/* bits_set - @value with the field of @width bits at @shift replaced. */
static inline uint64_t bits_set(uint64_t value, unsigned shift, unsigned width,
                                uint64_t field)
{
    uint64_t mask = bits_mask(shift, width);

    return (value & ~mask) | ((field << shift) & mask);
}

/* align_up - @value rounded up to @align, a power of two. */
static inline uint64_t align_up(uint64_t value, uint64_t align)
{
    return (value + align - 1) & ~(align - 1);
}

/* range_fits - [@start, @start + @len) does not wrap and ends at or before @end. */
static inline bool range_fits(uint64_t start, uint64_t len, uint64_t end)
{
    return len <= end && start <= end - len;
}

#endif
