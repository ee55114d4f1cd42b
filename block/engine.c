/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests run in a pool of threads that all nodes share; what is done comes back through
 * an eventfd of the node.
 *
 * A node's lock protects its list of finished requests and nothing else: only the thread
 * that submits counts what is under way.
 */
#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "block-internal.h"
#include "util/bits.h"
#include "util/error.h"

#define POOL_THREADS 64

static void work(gpointer data, gpointer user_data)
{
    BlockRequest *request = data;
    BlockNode *node = request->node;
    gint64 start = g_get_monotonic_time();
    const uint64_t one = 1;

    (void)user_data;
    request->error = block_perform(node, request);
    request->nanoseconds = (g_get_monotonic_time() - start) * 1000;
    g_mutex_lock(&node->lock);
    g_queue_push_tail(&node->finished, request);
    g_cond_signal(&node->came_back);
    /* Under the lock: the node is there until whoever waits has it. */
    if (write(node->event_fd, &one, sizeof(one)) < 0) {
        g_cond_signal(&node->came_back); /* it is full, and so readable */
    }
    g_mutex_unlock(&node->lock);
}

/*
 * Made with the first request, so after the sandbox has closed: GLib finds out then that
 * it may not set how its threads are scheduled, and does without.
 */
static GThreadPool *pool(void)
{
    static gsize once;
    static GThreadPool *threads;

    if (g_once_init_enter(&once)) {
        threads = g_thread_pool_new(work, NULL, POOL_THREADS, FALSE, NULL);
        g_once_init_leave(&once, 1);
    }
    return threads;
}

static void finish(BlockNode *node, BlockRequest *request)
{
    node->in_flight--;
    if (request->error) {
        node->stats.failed[request->op]++;
    } else {
        node->stats.operations[request->op]++;
        node->stats.bytes[request->op] += request->bytes;
        node->stats.nanoseconds[request->op] += (uint64_t)request->nanoseconds;
    }
    request->done(request);
}

/* Takes one; with @wait there is one under way. */
static BlockRequest *take(BlockNode *node, bool wait)
{
    BlockRequest *request;

    g_mutex_lock(&node->lock);
    while (!(request = g_queue_pop_head(&node->finished)) && wait) {
        g_cond_wait(&node->came_back, &node->lock);
    }
    g_mutex_unlock(&node->lock);
    return request;
}

static gboolean on_event(gint fd, GIOCondition condition, gpointer data)
{
    BlockNode *node = data;
    BlockRequest *request;
    uint64_t count;

    (void)condition;
    if (read(fd, &count, sizeof(count)) < 0 && errno != EAGAIN) {
        return G_SOURCE_CONTINUE;
    }
    while ((request = take(node, false))) {
        finish(node, request);
    }
    return G_SOURCE_CONTINUE;
}

bool block_engine_attach(BlockNode *node, GError **errp)
{
    node->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (node->event_fd < 0) {
        error_set(errp, "cannot make an eventfd: %s", strerror(errno));
        return false;
    }
    g_queue_init(&node->finished);
    node->source = g_unix_fd_add(node->event_fd, G_IO_IN, on_event, node);
    return true;
}

void block_engine_detach(BlockNode *node)
{
    g_clear_handle_id(&node->source, g_source_remove);
    if (node->event_fd >= 0) {
        close(node->event_fd);
        node->event_fd = -1;
    }
}

static bool is_inside(const BlockNode *node, const BlockRequest *request)
{
    return request->op == BLOCK_FLUSH ||
           range_fits(request->offset, request->bytes, block_node_bytes(node));
}

void block_submit(BlockNode *node, BlockRequest *request)
{
    bool changes = request->op != BLOCK_READ && request->op != BLOCK_FLUSH;

    request->node = node;
    request->error = 0;
    request->nanoseconds = 0;
    node->in_flight++;
    if (!is_inside(node, request)) {
        request->error = EINVAL;
    } else if (changes && (node->config->is_read_only || !node->is_active)) {
        request->error = EROFS;
    } else {
        g_thread_pool_push(pool(), request, NULL);
        return;
    }
    finish(node, request);
}

void block_drain(BlockNode *node)
{
    while (node->in_flight) {
        finish(node, take(node, true));
    }
}
