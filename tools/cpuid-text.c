/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUID facts as people have them: what "cpuid -r" prints, and the dumps of InstLatX64
 * and AIDA64.  Of several processors the first is taken.
 */
#include <stdio.h>
#include <string.h>

#include "util/error.h"
#include "util/json.h"
#include "vpmu.h"

typedef struct Leaf {
    unsigned function, index, regs[4];
} Leaf;

/* "   0x00000004 0x01: eax=0x… ebx=0x… ecx=0x… edx=0x…" */
static bool parse_cpuid_r(const char *line, Leaf *leaf)
{
    return sscanf(line, " 0x%8x 0x%x: eax=0x%8x ebx=0x%8x ecx=0x%8x edx=0x%8x",
                  &leaf->function, &leaf->index, &leaf->regs[0], &leaf->regs[1],
                  &leaf->regs[2], &leaf->regs[3]) == 6;
}

/* "CPUID 00000004: FC004121-02C0003F-0000003F-00000000 [SL 00]" */
static bool parse_instlat(const char *line, Leaf *leaf)
{
    const char *sub = strstr(line, "[SL ");

    leaf->index = 0;
    return sscanf(line, " CPUID %8x: %8x-%8x-%8x-%8x", &leaf->function, &leaf->regs[0],
                  &leaf->regs[1], &leaf->regs[2], &leaf->regs[3]) == 5 &&
           (!sub || sscanf(sub, "[SL %x]", &leaf->index) == 1);
}

/* A processor's headline; @ret_number is 0 for one without number. */
static bool parse_headline(const char *line, unsigned *ret_number)
{
    const char *instlat = strstr(line, "Logical CPU #");

    *ret_number = 0;
    return (instlat && sscanf(instlat, "Logical CPU #%u", ret_number) == 1) ||
           sscanf(line, "CPU %u:", ret_number) == 1 || strcmp(line, "CPU:") == 0;
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

static void parse_lines(char **lines, json_object *leaves)
{
    for (; *lines; lines++) {
        Leaf leaf;
        unsigned number;

        g_strchomp(*lines);
        if (parse_headline(*lines, &number)) {
            if (number > 0 || json_object_object_length(leaves)) {
                return;
            }
        } else if ((parse_cpuid_r(*lines, &leaf) || parse_instlat(*lines, &leaf)) &&
                   !add_leaf(leaves, &leaf)) {
            return;
        }
    }
}

json_object *vpmu_parse_cpuid_text(const char *text, const char *path, GError **errp)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autojson *leaves = json_object_new_object();
    g_autofree char *name = g_path_get_basename(path);
    json_object *facts;

    parse_lines(lines, leaves);
    if (json_object_object_length(leaves) == 0) {
        error_set(errp,
                  "%s: CPUID facts in JSON, what 'cpuid -r' prints, or a dump of "
                  "InstLatX64 is expected",
                  path);
        return NULL;
    }
    facts = json_object_new_object();
    json_add_string(facts, "name", name);
    json_add_string(facts, "source", "a dump in text");
    json_add(facts, "cpuid", json_object_get(leaves));
    return facts;
}
