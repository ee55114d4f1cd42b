/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The descriptors a modelled kernel hands out: what each stands for. */
#ifndef TESTS_MODEL_HANDLES_H
#define TESTS_MODEL_HANDLES_H

#include <glib.h>

typedef enum HandleKind {
    HANDLE_CLOSED,
    HANDLE_SYS,
    HANDLE_VM,
    HANDLE_VCPU,
    HANDLE_DEVICE,
} HandleKind;

typedef struct Handle {
    HandleKind kind;
    void *object; /* borrowed */
} Handle;

/* handles_new - of Handle *, freed with the array. */
GPtrArray *handles_new(void);

/* handles_add - the new descriptor. */
int handles_add(GPtrArray *handles, HandleKind kind, void *object);

/* handles_find - never NULL: of kind HANDLE_CLOSED where @fd is none that is open. */
const Handle *handles_find(const GPtrArray *handles, int fd);

/* handles_close - as close(2). */
int handles_close(GPtrArray *handles, int fd);

/* handles_open - how many are. */
unsigned handles_open(const GPtrArray *handles);

#endif
