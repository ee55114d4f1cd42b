/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells the thread sanitizer what GLib's locks, its main loop and its pools order.
 *
 * GLib sleeps in futexes of its own, which the sanitizer of a program does not see as
 * long as GLib is not built with it; every lock would look like a race.  The linker sends
 * our calls here (--wrap), and each becomes the call itself and the hint.
 */
#include <glib.h>

const char *__tsan_default_suppressions(void);
void __tsan_acquire(void *address);
void __tsan_release(void *address);

void __real_g_mutex_lock(GMutex *mutex);
void __real_g_mutex_unlock(GMutex *mutex);
void __real_g_cond_wait(GCond *cond, GMutex *mutex);
gboolean __real_g_cond_wait_until(GCond *cond, GMutex *mutex, gint64 end_time);
guint __real_g_source_attach(GSource *source, GMainContext *context);
void __real_g_main_context_dispatch(GMainContext *context);
gboolean __real_g_main_context_iteration(GMainContext *context, gboolean may_block);
GThreadPool *__real_g_thread_pool_new(GFunc func, gpointer opaque, gint max_threads,
                                      gboolean is_exclusive, GError **error);
gboolean __real_g_thread_pool_push(GThreadPool *pool, gpointer job, GError **error);

void __wrap_g_mutex_lock(GMutex *mutex);
void __wrap_g_mutex_unlock(GMutex *mutex);
void __wrap_g_cond_wait(GCond *cond, GMutex *mutex);
gboolean __wrap_g_cond_wait_until(GCond *cond, GMutex *mutex, gint64 end_time);
guint __wrap_g_source_attach(GSource *source, GMainContext *context);
void __wrap_g_main_context_dispatch(GMainContext *context);
gboolean __wrap_g_main_context_iteration(GMainContext *context, gboolean may_block);
GThreadPool *__wrap_g_thread_pool_new(GFunc func, gpointer opaque, gint max_threads,
                                      gboolean is_exclusive, GError **error);
gboolean __wrap_g_thread_pool_push(GThreadPool *pool, gpointer job, GError **error);

/* Stands for the lock of the one context there is. */
static char main_context;

void __wrap_g_mutex_lock(GMutex *mutex)
{
    __real_g_mutex_lock(mutex);
    __tsan_acquire(mutex);
}

void __wrap_g_mutex_unlock(GMutex *mutex)
{
    __tsan_release(mutex);
    __real_g_mutex_unlock(mutex);
}

void __wrap_g_cond_wait(GCond *cond, GMutex *mutex)
{
    __tsan_release(mutex);
    __real_g_cond_wait(cond, mutex);
    __tsan_acquire(mutex);
}

gboolean __wrap_g_cond_wait_until(GCond *cond, GMutex *mutex, gint64 end_time)
{
    gboolean is_signalled;

    __tsan_release(mutex);
    is_signalled = __real_g_cond_wait_until(cond, mutex, end_time);
    __tsan_acquire(mutex);
    return is_signalled;
}

guint __wrap_g_source_attach(GSource *source, GMainContext *context)
{
    __tsan_release(&main_context);
    return __real_g_source_attach(source, context);
}

void __wrap_g_main_context_dispatch(GMainContext *context)
{
    __tsan_acquire(&main_context);
    __real_g_main_context_dispatch(context);
}

/* GLib's own would dispatch unseen: the same from its parts, for the one context. */
gboolean __wrap_g_main_context_iteration(GMainContext *context, gboolean may_block)
{
    GMainContext *all = context ? context : g_main_context_default();
    GPollFD fds[64];
    int priority, timeout_ms, count;
    gboolean is_ready;

    if (!g_main_context_acquire(all)) {
        return FALSE;
    }
    g_main_context_prepare(all, &priority);
    count = g_main_context_query(all, priority, &timeout_ms, fds, G_N_ELEMENTS(fds));
    if (count > (int)G_N_ELEMENTS(fds)) {
        g_main_context_release(all);
        return __real_g_main_context_iteration(context, may_block);
    }
    g_poll(fds, (guint)count, may_block ? timeout_ms : 0);
    is_ready = g_main_context_check(all, priority, fds, count);
    if (is_ready) {
        __wrap_g_main_context_dispatch(all);
    }
    g_main_context_release(all);
    return is_ready;
}

/* What a pool calls, and with what. */
typedef struct PoolWork {
    GFunc func;
    gpointer opaque;
} PoolWork;

static void pool_run(gpointer job, gpointer opaque)
{
    const PoolWork *work = opaque;

    __tsan_acquire(job);
    work->func(job, work->opaque);
}

/* The work lives as long as the program: nothing says when the last thread is done. */
GThreadPool *__wrap_g_thread_pool_new(GFunc func, gpointer opaque, gint max_threads,
                                      gboolean is_exclusive, GError **error)
{
    PoolWork *work = g_new(PoolWork, 1);

    *work = (PoolWork){func, opaque};
    return __real_g_thread_pool_new(pool_run, work, max_threads, is_exclusive, error);
}

gboolean __wrap_g_thread_pool_push(GThreadPool *pool, gpointer job, GError **error)
{
    __tsan_release(job);
    return __real_g_thread_pool_push(pool, job, error);
}

/* A pool's own queue, whose elements one thread allocates and another frees; a lock of
 * GLib's that it makes when it is first used. */
const char *__tsan_default_suppressions(void)
{
    return "race:g_queue_pop_tail\n"
           "race:g_rw_lock_reader_lock\n";
}
