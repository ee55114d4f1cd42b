/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slowing a guest down: every so often each vCPU rests, and what it may run in between is
 * always the same slice, so that even at 99 % it gets somewhere.
 */
#include "vm-internal.h"

#define SLICE_MS 10

static gboolean slice_is_over(gpointer data)
{
    Vm *vm = data;
    unsigned rest_ms = SLICE_MS * vm->throttle_percent / (100 - vm->throttle_percent);

    if (vm->may_run) {
        vcpu_threads_rest_locked(vm, MAX(rest_ms, 1u) * 1000);
    }
    return G_SOURCE_CONTINUE;
}

void vm_set_throttle(Vm *vm, unsigned percent)
{
    if (vm->throttle_timer) {
        g_source_remove(vm->throttle_timer);
        vm->throttle_timer = 0;
    }
    vm->throttle_percent = MIN(percent, 99u);
    if (vm->throttle_percent) {
        vm->throttle_timer = g_timeout_add(SLICE_MS * 100 / (100 - vm->throttle_percent),
                                           slice_is_over, vm);
    }
}
