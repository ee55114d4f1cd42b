/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "handles.h"

#include <errno.h>

#define FIRST_FD 1000

GPtrArray *handles_new(void)
{
    return g_ptr_array_new_with_free_func(g_free);
}

int handles_add(GPtrArray *handles, HandleKind kind, void *object)
{
    Handle *handle = g_new0(Handle, 1);

    *handle = (Handle){kind, object};
    g_ptr_array_add(handles, handle);
    return FIRST_FD + (int)handles->len - 1;
}

const Handle *handles_find(const GPtrArray *handles, int fd)
{
    static const Handle closed = {HANDLE_CLOSED, NULL};
    unsigned place = (unsigned)(fd - FIRST_FD);

    return place < handles->len ? g_ptr_array_index(handles, place) : &closed;
}

int handles_close(GPtrArray *handles, int fd)
{
    if (handles_find(handles, fd)->kind == HANDLE_CLOSED) {
        errno = EBADF;
        return -1;
    }
    ((Handle *)g_ptr_array_index(handles, (unsigned)(fd - FIRST_FD)))->kind =
        HANDLE_CLOSED;
    return 0;
}

unsigned handles_open(const GPtrArray *handles)
{
    unsigned count = 0;

    for (unsigned i = 0; i < handles->len; i++) {
        count += ((const Handle *)g_ptr_array_index(handles, i))->kind != HANDLE_CLOSED;
    }
    return count;
}
