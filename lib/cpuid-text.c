/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUID facts as people have them: what "cpuid -r" prints, and the dumps of InstLatX64
 * and AIDA64.  Of several processors the first is taken.
 */
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "util/error.h"
#include "util/json.h"

typedef struct Leaf {
    unsigned function, index, regs[4];
} Leaf;

/* How much of a line is a leaf. */
typedef enum Match {
    NO_LEAF,
    PART_OF_LEAF, /* it begins as one */
    WHOLE_LEAF,
} Match;

/* "   0x00000004 0x01: eax=0x… ebx=0x… ecx=0x… edx=0x…" */
static Match parse_cpuid_r(const char *line, Leaf *leaf)
{
    int count = sscanf(line, " 0x%8x 0x%x: eax=0x%8x ebx=0x%8x ecx=0x%8x edx=0x%8x",
                       &leaf->function, &leaf->index, &leaf->regs[0], &leaf->regs[1],
                       &leaf->regs[2], &leaf->regs[3]);

    return count == 6 ? WHOLE_LEAF : count > 1 ? PART_OF_LEAF : NO_LEAF;
}

/* "CPUID 00000004: FC004121-02C0003F-0000003F-00000000 [SL 00]", in lower case */
static Match parse_instlat(const char *line, Leaf *leaf)
{
    const char *sub = strstr(line, "[sl ");
    int count = sscanf(line, " cpuid %8x: %8x-%8x-%8x-%8x", &leaf->function,
                       &leaf->regs[0], &leaf->regs[1], &leaf->regs[2], &leaf->regs[3]);

    leaf->index = 0;
    if (count == 5 && (!sub || sscanf(sub, "[sl %x]", &leaf->index) == 1)) {
        return WHOLE_LEAF;
    }
    return count > 1 ? PART_OF_LEAF : NO_LEAF;
}

/* Where the leaves of a processor begin; some number them from 0, some from 1. */
static bool is_headline(const char *line)
{
    unsigned number;

    return strstr(line, "logical cpu #") || strcmp(line, "cpu:") == 0 ||
           sscanf(line, "cpu %u:", &number) == 1;
}

/* False where the leaf was there before: another processor has begun. */
static bool add_leaf(json_object *leaves, const Leaf *leaf)
{
    g_autofree char *name = g_strdup_printf("0x%x.%x", leaf->function, leaf->index);
    json_object *regs;

    if (json_has(leaves, name)) {
        return false;
    }
    regs = json_object_new_array();
    for (unsigned i = 0; i < G_N_ELEMENTS(leaf->regs); i++) {
        g_autofree char *text = g_strdup_printf("0x%08x", leaf->regs[i]);

        json_object_array_add(regs, json_object_new_string(text));
    }
    json_add(leaves, name, regs);
    return true;
}

/* A leaf that is there in part is an error: what follows it may be lost as well. */
static bool parse_lines(char **lines, json_object *leaves, GError **errp)
{
    for (unsigned i = 0; lines[i]; i++) {
        /* As sent by mail, and as different programs print it. */
        g_autofree char *line = g_ascii_strdown(lines[i] + strspn(lines[i], "> "), -1);
        Leaf leaf;
        Match match = parse_cpuid_r(line, &leaf);

        match = match == NO_LEAF ? parse_instlat(line, &leaf) : match;
        if (is_headline(g_strchomp(line))) {
            if (json_object_object_length(leaves)) {
                return true;
            }
        } else if (match == PART_OF_LEAF) {
            error_set(errp, "line %u is a part of a leaf: '%s'", i + 1, line);
            return false;
        } else if (match == WHOLE_LEAF && !add_leaf(leaves, &leaf)) {
            return true;
        }
    }
    return true;
}

json_object *lib_parse_cpuid_text(const char *text, const char *name, GError **errp)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autojson *leaves = json_object_new_object();
    json_object *facts;

    if (!parse_lines(lines, leaves, errp)) {
        return NULL;
    }
    if (json_object_object_length(leaves) == 0) {
        error_set(errp, "CPUID facts in JSON, what 'cpuid -r' prints, or a dump of "
                        "InstLatX64 is expected");
        return NULL;
    }
    facts = json_object_new_object();
    json_add_string(facts, "name", name);
    json_add_string(facts, "source", "a dump in text");
    json_add(facts, "cpuid", json_object_get(leaves));
    return facts;
}
