/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every CPUID leaf that is not all zero, as "leaf.0xLEAF.SUBLEAF=EAX EBX ECX EDX".
 * Sources: Intel SDM volume 2A, CPUID; AMD APM volume 3, appendix E.
 */
#include "x86.h"

/* Leaves with several parts, and how far those go at most. */
static const struct {
    uint32_t leaf;
    uint32_t last;
} parted[] = {
    {0x4, 7},  {0x7, 2},  {0xb, 2},        {0xd, 63},       {0xf, 1},  {0x10, 3},
    {0x12, 2}, {0x14, 1}, {0x17, 3},       {0x18, 3},       {0x1d, 1}, {0x1e, 1},
    {0x1f, 5}, {0x23, 5}, {0x8000001d, 7}, {0x80000026, 3},
};

static uint32_t last_part(uint32_t leaf)
{
    for (size_t i = 0; i < sizeof(parted) / sizeof(parted[0]); i++) {
        if (parted[i].leaf == leaf) {
            return parted[i].last;
        }
    }
    return 0;
}

static size_t put_hex(char *text, uint64_t value, unsigned digits)
{
    for (unsigned i = 0; i < digits; i++) {
        text[i] = "0123456789abcdef"[value >> 4 * (digits - 1 - i) & 0xf];
    }
    return digits;
}

static void report_part(uint32_t leaf, uint32_t part)
{
    CpuidLeaf r = cpuid(leaf, part);
    uint64_t values[4] = {r.eax, r.ebx, r.ecx, r.edx};
    char key[24] = "leaf.0x";
    size_t used = 7;

    if (!(r.eax | r.ebx | r.ecx | r.edx)) {
        return;
    }
    used += put_hex(key + used, leaf, 8);
    key[used++] = '.';
    if (part >= 10) {
        key[used++] = (char)('0' + part / 10);
    }
    key[used++] = (char)('0' + part % 10);
    key[used] = 0;
    report_hex_list(key, values, 4);
}

static void report_range(uint32_t first)
{
    uint32_t last = cpuid(first, 0).eax;

    if (last < first || last > first + 0xff) {
        return;
    }
    for (uint32_t leaf = first; leaf <= last; leaf++) {
        for (uint32_t part = 0; part <= last_part(leaf); part++) {
            report_part(leaf, part);
        }
    }
}

void cpuid_report(void)
{
    report_range(0);
    if (cpuid(1, 0).ecx >> 31) {
        report_range(0x40000000u);
    }
    report_range(0x80000000u);
}
