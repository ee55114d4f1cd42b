/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order is the one Linux wants: distributor control, redistributors, distributor, CPU
 * interfaces; within each, enables last but for what is pending and active.
 * Sources: Linux Documentation/virt/kvm/devices/arm-vgic-v3.rst and arm-vgic.rst; Arm IHI
 * 0069 (GICv3), IHI 0048 (GICv2).
 */
#include "target/arm-gic-state.h"

#include <inttypes.h>
#include <string.h>

#include "target/arm-registers.h"
#include "target/compat.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"

#define SPI_FIRST 32
#define IRQS_MOST 1024
#define WORD_BITS 32

#define V2    ARM_GIC_V2
#define V3    ARM_GIC_V3
#define BOTH  (V2 | V3)
#define SYS   ARM_SYSREG
#define DIST  ARM_GIC_DIST
#define RED   ARM_GIC_REDIST
#define ICC   ARM_GIC_SYSREG
#define GICC  ARM_GIC_CPU
#define LEVEL ARM_GIC_LEVEL

/* clang-format off */
const ArmGicRow arm_gic_rows[] = {
    {"GICD_CTLR",         BOTH, DIST,  0x0,                    0,  false, false},
    /* Offsets from 0x10000 on are in the frame of the private interrupts. */
    {"GICR_CTLR",         V3,   RED,   0x0,                    0,  true,  true},
    {"GICR_WAKER",        V3,   RED,   0x14,                   0,  true,  true},
    {"GICR_IGROUPR0",     V3,   RED,   0x10080,                0,  true,  false},
    {"GICR_ICFGR0",       V3,   RED,   0x10c00,                0,  true,  false},
    {"GICR_ICFGR1",       V3,   RED,   0x10c04,                0,  true,  false},
    {"GICR_IPRIORITYR0",  V3,   RED,   0x10400,                0,  true,  false},
    {"GICR_IPRIORITYR1",  V3,   RED,   0x10404,                0,  true,  false},
    {"GICR_IPRIORITYR2",  V3,   RED,   0x10408,                0,  true,  false},
    {"GICR_IPRIORITYR3",  V3,   RED,   0x1040c,                0,  true,  false},
    {"GICR_IPRIORITYR4",  V3,   RED,   0x10410,                0,  true,  false},
    {"GICR_IPRIORITYR5",  V3,   RED,   0x10414,                0,  true,  false},
    {"GICR_IPRIORITYR6",  V3,   RED,   0x10418,                0,  true,  false},
    {"GICR_IPRIORITYR7",  V3,   RED,   0x1041c,                0,  true,  false},
    {"private-level",     V3,   LEVEL, 0,                      0,  true,  true},
    {"GICR_ISPENDR0",     V3,   RED,   0x10200,                0,  true,  false},
    {"GICR_ISACTIVER0",   V3,   RED,   0x10300,                0,  true,  false},
    {"GICR_ISENABLER0",   V3,   RED,   0x10100,                0,  true,  false},
    {"GICD_IGROUPR%u",    BOTH, DIST,  0x80,                   1,  false, false},
    {"GICD_ICFGR%u",      BOTH, DIST,  0xc00,                  2,  false, false},
    {"GICD_ITARGETSR%u",  V2,   DIST,  0x800,                  8,  false, false},
    {"GICD_IROUTER%u",    V3,   DIST,  0x6000,                 64, false, false},
    {"GICD_IPRIORITYR%u", BOTH, DIST,  0x400,                  8,  false, false},
    {"shared-level-%u",   V3,   LEVEL, 0,                      1,  false, true},
    {"GICD_ISPENDR%u",    BOTH, DIST,  0x200,                  1,  false, false},
    {"GICD_ISACTIVER%u",  BOTH, DIST,  0x300,                  1,  false, false},
    {"GICD_ISENABLER%u",  BOTH, DIST,  0x100,                  1,  false, false},
    {"GICC_PMR",          V2,   GICC,  0x4,                    0,  true,  false},
    {"GICC_BPR",          V2,   GICC,  0x8,                    0,  true,  false},
    {"GICC_ABPR",         V2,   GICC,  0x1c,                   0,  true,  false},
    {"GICC_APR0",         V2,   GICC,  0xd0,                   0,  true,  true},
    {"GICC_CTLR",         V2,   GICC,  0x0,                    0,  true,  false},
    {"ICC_SRE_EL1",       V3,   ICC,   SYS(3, 0, 12, 12, 5),   0,  true,  false},
    {"ICC_CTLR_EL1",      V3,   ICC,   SYS(3, 0, 12, 12, 4),   0,  true,  false},
    {"ICC_PMR_EL1",       V3,   ICC,   SYS(3, 0, 4, 6, 0),     0,  true,  false},
    {"ICC_BPR0_EL1",      V3,   ICC,   SYS(3, 0, 12, 8, 3),    0,  true,  false},
    {"ICC_BPR1_EL1",      V3,   ICC,   SYS(3, 0, 12, 12, 3),   0,  true,  false},
    {"ICC_AP0R0_EL1",     V3,   ICC,   SYS(3, 0, 12, 8, 4),    0,  true,  false},
    {"ICC_AP0R1_EL1",     V3,   ICC,   SYS(3, 0, 12, 8, 5),    0,  true,  true},
    {"ICC_AP0R2_EL1",     V3,   ICC,   SYS(3, 0, 12, 8, 6),    0,  true,  true},
    {"ICC_AP0R3_EL1",     V3,   ICC,   SYS(3, 0, 12, 8, 7),    0,  true,  true},
    {"ICC_AP1R0_EL1",     V3,   ICC,   SYS(3, 0, 12, 9, 0),    0,  true,  false},
    {"ICC_AP1R1_EL1",     V3,   ICC,   SYS(3, 0, 12, 9, 1),    0,  true,  true},
    {"ICC_AP1R2_EL1",     V3,   ICC,   SYS(3, 0, 12, 9, 2),    0,  true,  true},
    {"ICC_AP1R3_EL1",     V3,   ICC,   SYS(3, 0, 12, 9, 3),    0,  true,  true},
    {"ICC_IGRPEN0_EL1",   V3,   ICC,   SYS(3, 0, 12, 12, 6),   0,  true,  false},
    {"ICC_IGRPEN1_EL1",   V3,   ICC,   SYS(3, 0, 12, 12, 7),   0,  true,  false},
};
/* clang-format on */

const unsigned arm_gic_row_count = ARRAY_LEN(arm_gic_rows);

/* ---- which there are ---- */

/* From one register of a run to the next: bytes, or interrupts. */
static unsigned run_step(const ArmGicRow *row)
{
    return row->group == ARM_GIC_LEVEL ? WORD_BITS : 4;
}

static ArmGicRegister *at(const GArray *list, unsigned index)
{
    return &g_array_index(list, ArmGicRegister, index);
}

static void add(GArray *list, const ArmGicRow *row, uint64_t attr)
{
    const ArmGicRegister reg = {.row = row, .attr = attr};

    g_array_append_val(list, reg);
}

/* Those with the bits of interrupts @first to before @end, a multiple of 32 each. */
static void add_run(GArray *list, const ArmGicRow *row, uint64_t cpu, unsigned first,
                    unsigned end)
{
    for (unsigned word = first * row->bits / WORD_BITS;
         word < end * row->bits / WORD_BITS; word++) {
        add(list, row, cpu | (row->offset + word * run_step(row)));
    }
}

/* How many rows from @row on each CPU has for itself: they are written CPU by CPU. */
static unsigned per_cpu_rows(const ArmGicRow *row)
{
    unsigned count = 0;

    while (row + count < arm_gic_rows + arm_gic_row_count && row[count].is_per_cpu) {
        count++;
    }
    return count;
}

static void add_per_cpu(GArray *list, const ArmGicRow *rows, unsigned row_count,
                        unsigned version, const uint64_t *cpus, unsigned count)
{
    for (unsigned cpu = 0; cpu < count; cpu++) {
        for (unsigned i = 0; i < row_count; i++) {
            if (rows[i].versions & version) {
                add(list, &rows[i], cpus[cpu] | rows[i].offset);
            }
        }
    }
}

static void add_shared(GArray *list, const ArmGicRow *row, unsigned version,
                       unsigned irqs, const uint64_t *cpus, unsigned count)
{
    if (row->bits == 0) {
        add(list, row, row->offset);
        return;
    }
    for (unsigned cpu = 0; version == ARM_GIC_V2 && cpu < count; cpu++) {
        add_run(list, row, cpus[cpu], 0, SPI_FIRST);
    }
    add_run(list, row, 0, SPI_FIRST, irqs);
}

GArray *arm_gic_list(unsigned version, unsigned irqs, const char *machine,
                     const uint64_t *cpus, unsigned count)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(ArmGicRegister));
    unsigned bit = 1u << version;

    for (unsigned i = 0; i < arm_gic_row_count;) {
        const ArmGicRow *row = &arm_gic_rows[i];
        unsigned rows = per_cpu_rows(row);

        if (rows) {
            add_per_cpu(list, row, rows, bit, cpus, count);
        } else if (row->versions & bit) {
            add_shared(list, row, bit, irqs, cpus, count);
        }
        i += MAX(rows, 1);
    }
    for (unsigned i = list->len; i-- > 0;) {
        if (!machine_is_since(machine, at(list, i)->row->machine)) {
            g_array_remove_index(list, i);
        }
    }
    return list;
}

/* ---- the saved form ---- */

void arm_gic_encode(const GArray *list, GByteArray *out)
{
    for (unsigned i = 0; i < list->len; i++) {
        const ArmGicRegister *reg = at(list, i);

        if (reg->is_there) {
            state_list_add_u64(&arm_gic_saved, out, (uint32_t)reg->row->group, reg->attr,
                               reg->value);
        }
    }
}

static guint hash_register(gconstpointer key)
{
    const ArmGicRegister *reg = key;

    return g_int64_hash(&reg->attr) ^ (guint)reg->row->group << 24;
}

static gboolean is_same_register(gconstpointer a, gconstpointer b)
{
    const ArmGicRegister *one = a, *two = b;

    return one->row->group == two->row->group && one->attr == two->attr;
}

static GHashTable *index_list(const GArray *list)
{
    GHashTable *index = g_hash_table_new(hash_register, is_same_register);

    for (unsigned i = 0; i < list->len; i++) {
        g_hash_table_add(index, at(list, i));
    }
    return index;
}

static bool fail(uint32_t group, uint64_t attr, const char *what, GError **errp)
{
    g_autofree char *name = arm_gic_register_name(group, attr);

    error_set(errp, "gic: register %s (%" PRIu32 ":0x%" PRIx64 ") %s", name, group, attr,
              what);
    return false;
}

static bool take_entry(GHashTable *index, const StateEntry *entry, GError **errp)
{
    ArmGicRegister *found;
    const ArmGicRow row = {.group = (ArmGicGroup)entry->group};
    const ArmGicRegister key = {.row = &row, .attr = entry->number};

    found = g_hash_table_lookup(index, &key);
    if (!found || found->is_there) {
        return fail(entry->group, entry->number,
                    found ? "is there twice" : "is none that the GIC here has", errp);
    }
    found->value = state_entry_u64(entry);
    found->is_there = true;
    return true;
}

bool arm_gic_decode(GArray *list, const uint8_t *data, size_t len, GError **errp)
{
    g_autoptr(GHashTable) index = index_list(list);
    StateEntry entry;
    size_t place = 0;

    if (!state_list_check(&arm_gic_saved, data, len, errp)) {
        return false;
    }
    while (state_list_next(&arm_gic_saved, data, len, &place, &entry)) {
        if (!take_entry(index, &entry, errp)) {
            return false;
        }
    }
    for (unsigned i = 0; i < list->len; i++) {
        const ArmGicRegister *reg = at(list, i);

        if (!reg->is_there && !reg->row->is_optional) {
            return fail((uint32_t)reg->row->group, reg->attr, "is missing", errp);
        }
    }
    return true;
}

/* ---- for people ---- */

static unsigned most(const ArmGicRow *row)
{
    return row->bits ? IRQS_MOST * row->bits / WORD_BITS : 1;
}

/* "GICD_ICFGR5", by the architecture's counting; a register of 64 bits has two halves. */
static char *run_name(const ArmGicRow *row, unsigned word)
{
    unsigned number = row->bits == 64               ? word / 2
                      : row->group == ARM_GIC_LEVEL ? word * WORD_BITS
                                                    : word;

    return g_strdup_printf("%.*s%u%s", (int)strcspn(row->name, "%"), row->name, number,
                           row->bits == 64 && word % 2 ? ".high" : "");
}

char *arm_gic_register_name(uint32_t group, uint64_t attr)
{
    uint32_t offset = (uint32_t)attr;

    for (unsigned i = 0; i < arm_gic_row_count; i++) {
        const ArmGicRow *row = &arm_gic_rows[i];
        uint32_t past = offset - row->offset;

        if ((uint32_t)row->group != group || offset < row->offset ||
            past % run_step(row) || past / run_step(row) >= most(row)) {
            continue;
        }
        return row->bits ? run_name(row, past / run_step(row)) : g_strdup(row->name);
    }
    return g_strdup_printf("group-%" PRIu32 "-0x%" PRIx64, group, attr);
}

static const char *when_of(const ArmGicRow *row)
{
    return row->versions == BOTH ? "any GIC" : row->versions == V2 ? "GICv2" : "GICv3";
}

static json_object *gic_describe(void)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < arm_gic_row_count; i++) {
        const ArmGicRow *row = &arm_gic_rows[i];
        g_autofree char *when =
            g_strdup_printf("%s%s%s", when_of(row), row->bits ? ", interrupts" : "",
                            row->is_per_cpu ? ", each CPU" : "");
        json_object *item = json_object_new_object();

        json_add_string(item, "name", row->name);
        json_add_uint(item, "group", (uint64_t)row->group);
        json_add_hex(item, "number", row->offset);
        json_add_uint(item, "count", most(row));
        json_add_string(item, "when", when);
        json_add_bool(item, "needed", !row->is_optional);
        json_object_array_add(array, item);
    }
    return array;
}

static char *gic_name(const void *context, uint32_t group, uint64_t number)
{
    (void)context;
    return arm_gic_register_name(group, number);
}

const StateList arm_gic_saved = {
    .section = "arm64-vm",
    .row = "gic",
    .group_bytes = sizeof(uint32_t),
    .number_bytes = sizeof(uint64_t),
    .value_bytes = sizeof(uint64_t),
    .name = gic_name,
    .describe = gic_describe,
};
