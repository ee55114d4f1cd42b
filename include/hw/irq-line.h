/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IrqLine: one wire from a device to an interrupt controller, low at first.
 */
#ifndef HW_IRQ_LINE_H
#define HW_IRQ_LINE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct IrqLine {
    void (*set)(void *opaque, unsigned number, bool level);
    void *opaque;
    unsigned number;
    bool is_high;
} IrqLine;

/*
 * irq_line_set - raise or lower.  A line that leads nowhere is nothing; one that is at
 * @level already costs no call into the kernel.
 */
static inline void irq_line_set(IrqLine *line, bool level)
{
    if (line->set && line->is_high != level) {
        line->is_high = level;
        line->set(line->opaque, line->number, level);
    }
}

#endif
