/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties of QEMU's x86 CPUs that vpmu knows by name and has no other value of.
 *
 * Who asks for what there is (a switch of something absent that is off, say) has it; who
 * asks for more is refused with the reason.
 */
#ifndef TARGET_X86_ABSENT_H
#define TARGET_X86_ABSENT_H

#include <json-c/json.h>
#include <stdbool.h>

#include "util/error.h"

typedef struct X86AbsentRow {
    const char *name;
    const char *value; /* what it is: on, off, a number, a text */
    bool takes_any;    /* it has no meaning with KVM, whatever is asked */
    const char *why;   /* a phrase that follows the name */
} X86AbsentRow;

/* x86_absent_find - the row of @name, '_' matching '-', or NULL. */
const X86AbsentRow *x86_absent_find(const char *name);

/* x86_absent_row - number @index of all, NULL behind the last. */
const X86AbsentRow *x86_absent_row(unsigned index);

/* x86_absent_value - what @row is; owned by the caller. */
json_object *x86_absent_value(const X86AbsentRow *row);

/* x86_absent_check - @value is what @row is; else false with an error that says why. */
bool x86_absent_check(const X86AbsentRow *row, json_object *value, GError **errp);

#endif
