/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main thread's loop: GLib's, taken apart so that the VM lock is free while it waits.
 */
#include <glib-unix.h>
#include <signal.h>

#include "vm-internal.h"

static gboolean signal_arrived(gpointer data)
{
    vm_quit(data, SHUTDOWN_CAUSE_HOST_SIGNAL, 0);
    return G_SOURCE_CONTINUE;
}

/* Room for the descriptors poll looks at; grows as sources come. */
typedef struct PollSet {
    GPollFD *fds;
    int room;
} PollSet;

static int query_fds(GMainContext *context, int priority, int *timeout_ms, PollSet *set)
{
    int count;

    while ((count = g_main_context_query(context, priority, timeout_ms, set->fds,
                                         set->room)) > set->room) {
        set->fds = g_renew(GPollFD, set->fds, count);
        set->room = count;
    }
    return count;
}

static void iterate(Vm *vm, GMainContext *context, PollSet *set)
{
    int priority, timeout_ms, count;

    g_main_context_prepare(context, &priority);
    count = query_fds(context, priority, &timeout_ms, set);
    if (vm->request != VM_REQUEST_NONE || !g_queue_is_empty(&vm->events)) {
        timeout_ms = 0;
    }
    g_mutex_unlock(&vm->lock);
    g_poll(set->fds, (guint)count, timeout_ms);
    g_mutex_lock(&vm->lock);
    if (g_main_context_check(context, priority, set->fds, count)) {
        g_main_context_dispatch(context);
    }
    vm_emit_events_locked(vm);
    vm_handle_request_locked(vm);
}

int vm_main_loop(Vm *vm)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
    guint sources[G_N_ELEMENTS(signals)];
    GMainContext *context = g_main_context_default();
    PollSet set = {0};

    for (unsigned i = 0; i < G_N_ELEMENTS(signals); i++) {
        sources[i] = g_unix_signal_add(signals[i], signal_arrived, vm);
    }
    g_main_context_acquire(context);
    while (!vm->is_quitting) {
        iterate(vm, context, &set);
    }
    g_main_context_release(context);
    for (unsigned i = 0; i < G_N_ELEMENTS(signals); i++) {
        g_source_remove(sources[i]);
    }
    g_free(set.fds);
    return vm->status;
}
