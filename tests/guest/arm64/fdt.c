/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A walk through a flattened device tree, version 17, that remembers the few things the
 * guest needs.  Source: Devicetree Specification 0.4, chapter 5.
 */
#include "arm64.h"

#define FDT_MAGIC      0xd00dfeedu
#define FDT_BEGIN_NODE 1
#define FDT_END_NODE   2
#define FDT_PROP       3
#define FDT_NOP        4
#define DEPTH_MAX      8

/* What was seen so far of the node the walk is in. */
typedef struct Node {
    const char *name;
    const uint8_t *reg;
    const uint8_t *method;
    const uint8_t *compatible;
    uint32_t reg_size;
    uint32_t compatible_size;
    unsigned address_cells; /* that it gives its children */
} Node;

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint64_t get_cells(const uint8_t *at, unsigned cells)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < cells; i++) {
        value = value << 32 | get32(at + 4 * i);
    }
    return value;
}

static size_t text_size(const char *text)
{
    size_t size = 0;

    while (text[size]) {
        size++;
    }
    return size;
}

static bool begins(const char *text, const char *with)
{
    while (*with) {
        if (*text++ != *with++) {
            return false;
        }
    }
    return true;
}

static bool same(const char *a, const char *b)
{
    return text_equal(a, text_size(a), b);
}

/* Whether one string of the compatible list begins so. */
static const char *find_compatible(const Node *node, const char *with)
{
    const char *list = (const char *)node->compatible;

    for (uint32_t at = 0; list && at < node->compatible_size;
         at += (uint32_t)text_size(list + at) + 1) {
        if (begins(list + at, with)) {
            return list + at;
        }
    }
    return NULL;
}

static bool is_pmu(const char *compatible)
{
    size_t size = text_size(compatible);

    return same(compatible, "arm,armv8-pmuv3") ||
           (size > 4 && same(compatible + size - 4, "-pmu"));
}

static void note_property(Board *board, Node *node, const char *name,
                          const uint8_t *value, uint32_t size)
{
    static uint64_t initrd_start;

    if (same(name, "reg")) {
        node->reg = value;
        node->reg_size = size;
    } else if (same(name, "compatible")) {
        node->compatible = value;
        node->compatible_size = size;
    } else if (same(name, "method")) {
        node->method = value;
    } else if (same(name, "#address-cells")) {
        node->address_cells = get32(value);
    } else if (same(name, "bootargs")) {
        (void)text_copy(board->cmdline, sizeof(board->cmdline), (const char *)value);
    } else if (same(name, "linux,initrd-start")) {
        initrd_start = get_cells(value, size / 4);
    } else if (same(name, "linux,initrd-end")) {
        board->initrd_bytes = get_cells(value, size / 4) - initrd_start;
    }
}

static void note_cpu(Board *board, const Node *node, unsigned cells)
{
    if (node->reg && cells && cells <= 2 && board->cpu_count < CPU_MAX) {
        board->cpu_mpidr[board->cpu_count++] = get_cells(node->reg, cells);
    }
}

static void note_node(Board *board, const Node *node, const Node *parent)
{
    const char *compatible = (const char *)node->compatible;

    if (begins(node->name, "cpu@")) {
        note_cpu(board, node, parent->address_cells);
    } else if (begins(node->name, "memory") && node->reg && node->reg_size >= 16) {
        board->ram_bytes += get_cells(node->reg + 8, 2);
    } else if (find_compatible(node, "arm,pl011") && node->reg && !board->uart) {
        board->uart = get_cells(node->reg, parent->address_cells);
    } else if (find_compatible(node, "arm,psci") && node->method) {
        (void)text_copy(board->psci_method, sizeof(board->psci_method),
                        (const char *)node->method);
    } else if (compatible && is_pmu(compatible) && !board->pmu_compatible[0]) {
        (void)text_copy(board->pmu_compatible, sizeof(board->pmu_compatible), compatible);
    }
}

static uint32_t aligned(uint32_t size)
{
    return (size + 3) & ~3u;
}

void board_decode(Board *ret_board, const uint8_t *tree)
{
    const uint8_t *at;
    const char *strings;
    Node nodes[DEPTH_MAX] = {{0}};
    unsigned depth = 0;

    if (!tree || get32(tree) != FDT_MAGIC) {
        return;
    }
    ret_board->is_tree = true;
    at = tree + get32(tree + 8);
    strings = (const char *)tree + get32(tree + 12);
    for (;;) {
        uint32_t token = get32(at);

        at += 4;
        if (token == FDT_BEGIN_NODE && depth + 1 < DEPTH_MAX) {
            depth++;
            nodes[depth] = (Node){.name = (const char *)at, .address_cells = 2};
            at += aligned((uint32_t)text_size((const char *)at) + 1);
        } else if (token == FDT_PROP && depth) {
            uint32_t size = get32(at);

            note_property(ret_board, &nodes[depth], strings + get32(at + 4), at + 8,
                          size);
            at += 8 + aligned(size);
        } else if (token == FDT_END_NODE && depth) {
            note_node(ret_board, &nodes[depth], &nodes[depth - 1]);
            depth--;
        } else if (token != FDT_NOP) {
            return;
        }
    }
}
