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
GThreadPool *__real_g_thread_pool_new(GFunc func, gpointer opaque, gint max_threads,
                                      gboolean is_exclusive, GError **error);
gboolean __real_g_thread_pool_push(GThreadPool *pool, gpointer job, GError **error);

void __wrap_g_mutex_lock(GMutex *mutex);
void __wrap_g_mutex_unlock(GMutex *mutex);
void __wrap_g_cond_wait(GCond *cond, GMutex *mutex);
gboolean __wrap_g_cond_wait_until(GCond *cond, GMutex *mutex, gint64 end_time);
guint __wrap_g_source_attach(GSource *source, GMainContext *context);
void __wrap_g_main_context_dispatch(GMainContext *context);
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

/* A pool's own queue, whose elements one thread allocates and another frees. */
const char *__tsan_default_suppressions(void)
{
    return "race:g_queue_pop_tail\n";
}
