/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The caches of the models that show their own: leaves 4 and 0x8000001d of the
 * processors.
 */
#include "models.h"

const X86CacheRow x86_caches_none[X86_CACHES];

/* clang-format off */
/* Up to leaf 3 there is leaf 2 alone. */
const X86CacheRow x86_caches_leaf_2[X86_CACHES] = {
    {1, 1, 8,  64,     64, true,  true,  false, false, X86_CACHE_BY_LEVEL},
    {1, 2, 8,  64,     64, true,  true,  false, false, X86_CACHE_BY_LEVEL},
    {2, 3, 8,  4096,   64, true,  true,  false, false, X86_CACHE_BY_LEVEL},
    {3, 3, 16, 16384,  64, true,  false, true,  true,  X86_CACHE_BY_LEVEL},
};
const X86CacheRow x86_caches_spr[X86_CACHES] = {
    {1, 1, 12, 64,     64, true,  false, false, false, X86_CACHE_BY_LEVEL},
    {1, 2, 8,  64,     64, true,  false, false, false, X86_CACHE_BY_LEVEL},
    {2, 3, 16, 2048,   64, true,  false, false, false, X86_CACHE_BY_LEVEL},
    {3, 3, 15, 65536,  64, true,  false, false, true,  X86_CACHE_OF_SOCKET},
};
const X86CacheRow x86_caches_gnr[X86_CACHES] = {
    {1, 1, 12, 64,     64, true,  false, false, false, X86_CACHE_BY_LEVEL},
    {1, 2, 16, 64,     64, true,  false, false, false, X86_CACHE_BY_LEVEL},
    {2, 3, 16, 2048,   64, true,  false, false, false, X86_CACHE_BY_LEVEL},
    {3, 3, 16, 294912, 64, true,  false, false, true,  X86_CACHE_OF_SOCKET},
};
const X86CacheRow x86_caches_srf[X86_CACHES] = {
    {1, 1, 8,  64,     64, true,  false, false, false, X86_CACHE_BY_LEVEL},
    {1, 2, 8,  128,    64, true,  false, false, false, X86_CACHE_BY_LEVEL},
    {2, 3, 16, 4096,   64, true,  false, false, false, X86_CACHE_OF_MODULE},
    {3, 3, 12, 147456, 64, true,  false, false, true,  X86_CACHE_OF_SOCKET},
};
const X86CacheRow x86_caches_cwf[X86_CACHES] = {
    {1, 1, 8,  64,     64, true,  false, false, false, X86_CACHE_BY_LEVEL},
    {1, 2, 8,  128,    64, true,  false, false, false, X86_CACHE_BY_LEVEL},
    {2, 3, 16, 4096,   64, true,  false, false, false, X86_CACHE_OF_MODULE},
    {3, 3, 16, 540672, 64, true,  false, false, true,  X86_CACHE_OF_SOCKET},
};
const X86CacheRow x86_caches_yongfeng[X86_CACHES] = {
    {1, 1, 8,  64,     64, true,  false, false, false, X86_CACHE_BY_LEVEL},
    {1, 2, 16, 64,     64, true,  false, false, false, X86_CACHE_BY_LEVEL},
    {2, 3, 8,  512,    64, true,  false, true,  false, X86_CACHE_BY_LEVEL},
    {3, 3, 16, 8192,   64, true,  true,  true,  false, X86_CACHE_BY_LEVEL},
};
const X86CacheRow x86_caches_naples[X86_CACHES] = {
    {1, 1, 8,  64,     64, true,  true,  false, false, X86_CACHE_BY_LEVEL},
    {1, 2, 4,  256,    64, true,  true,  false, false, X86_CACHE_BY_LEVEL},
    {2, 3, 8,  1024,   64, false, false, false, false, X86_CACHE_BY_LEVEL},
    {3, 3, 16, 8192,   64, true,  false, true,  true,  X86_CACHE_BY_LEVEL},
};
const X86CacheRow x86_caches_rome[X86_CACHES] = {
    {1, 1, 8,  64,     64, true,  true,  false, false, X86_CACHE_BY_LEVEL},
    {1, 2, 8,  64,     64, true,  true,  false, false, X86_CACHE_BY_LEVEL},
    {2, 3, 8,  1024,   64, false, false, false, false, X86_CACHE_BY_LEVEL},
    {3, 3, 16, 16384,  64, true,  false, true,  true,  X86_CACHE_BY_LEVEL},
};
const X86CacheRow x86_caches_milan[X86_CACHES] = {
    {1, 1, 8,  64,     64, true,  true,  false, false, X86_CACHE_BY_LEVEL},
    {1, 2, 8,  64,     64, true,  true,  false, false, X86_CACHE_BY_LEVEL},
    {2, 3, 8,  1024,   64, false, false, false, false, X86_CACHE_BY_LEVEL},
    {3, 3, 16, 32768,  64, true,  false, true,  true,  X86_CACHE_BY_LEVEL},
};
const X86CacheRow x86_caches_genoa[X86_CACHES] = {
    {1, 1, 8,  64,     64, true,  true,  false, false, X86_CACHE_BY_LEVEL},
    {1, 2, 8,  64,     64, true,  true,  false, false, X86_CACHE_BY_LEVEL},
    {2, 3, 8,  2048,   64, false, false, false, false, X86_CACHE_BY_LEVEL},
    {3, 3, 16, 32768,  64, true,  false, true,  true,  X86_CACHE_BY_LEVEL},
};
const X86CacheRow x86_caches_turin[X86_CACHES] = {
    {1, 1, 12, 64,     64, true,  true,  false, false, X86_CACHE_BY_LEVEL},
    {1, 2, 8,  64,     64, true,  true,  false, false, X86_CACHE_BY_LEVEL},
    {2, 3, 16, 1024,   64, false, false, false, false, X86_CACHE_BY_LEVEL},
    {3, 3, 16, 32768,  64, true,  false, true,  true,  X86_CACHE_BY_LEVEL},
};
/* clang-format on */
