/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IrqLine: one wire from a device to an interrupt controller.  A value, copied freely.
 */
#ifndef HW_IRQ_LINE_H
#define HW_IRQ_LINE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct IrqLine {
    void (*set)(void *opaque, unsigned number, bool level);
    void *opaque;
    unsigned number;
} IrqLine;

/* irq_line_set - raise or lower; a line that leads nowhere is nothing. */
static inline void irq_line_set(const IrqLine *line, bool level)
{
    if (line->set) {
        line->set(line->opaque, line->number, level);
    }
}

#endif
