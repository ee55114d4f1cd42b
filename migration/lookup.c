/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * getaddrinfo() cannot be interrupted, so it has a thread of its own; what is left of one
 * that was given up ends by itself.
 */
#include "lookup.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fd-wait.h"
#include "util/error.h"

typedef struct Lookup {
    gint refs; /* who asked, and the thread */
    char *host, *port;
    int flags;
    int done_fd; /* readable once the thread is done; what follows is its own till then */
    int result;
    struct addrinfo *list;
} Lookup;

static void lookup_unref(Lookup *lookup)
{
    if (!g_atomic_int_dec_and_test(&lookup->refs)) {
        return;
    }
    if (lookup->list) {
        freeaddrinfo(lookup->list);
    }
    close(lookup->done_fd);
    g_free(lookup->host);
    g_free(lookup->port);
    g_free(lookup);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Lookup, lookup_unref)

static gpointer lookup_main(gpointer data)
{
    g_autoptr(Lookup) lookup = data;
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = lookup->flags};
    const uint64_t one = 1;

    lookup->result = getaddrinfo(*lookup->host ? lookup->host : NULL, lookup->port,
                                 &hints, &lookup->list);
    (void)!write(lookup->done_fd, &one, sizeof(one)); /* of an empty one: can be */
    return NULL;
}

static Lookup *lookup_new(const char *host, const char *port, int flags, GError **errp)
{
    int done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    Lookup *lookup;

    if (done_fd < 0) {
        error_set_errno(errp, errno, "cannot make an eventfd");
        return NULL;
    }
    lookup = g_new0(Lookup, 1);
    lookup->refs = 1;
    lookup->host = g_strdup(host);
    lookup->port = g_strdup(port);
    lookup->flags = flags;
    lookup->done_fd = done_fd;
    return lookup;
}

static bool start(Lookup *lookup, GError **errp)
{
    g_autoptr(GError) cause = NULL;
    GThread *thread;

    g_atomic_int_inc(&lookup->refs);
    thread = g_thread_try_new("lookup", lookup_main, lookup, &cause);
    if (!thread) {
        lookup_unref(lookup);
        error_set(errp, "cannot start a thread: %s", cause->message);
        return false;
    }
    g_thread_unref(thread);
    return true;
}

bool lookup_host(const char *host, const char *port, int flags, int cancel_fd,
                 struct addrinfo **ret, GError **errp)
{
    g_autoptr(Lookup) lookup = lookup_new(host, port, flags, errp);
    uint64_t done;

    if (!lookup || !start(lookup, errp) ||
        !fd_wait(lookup->done_fd, POLLIN, cancel_fd, 0, errp)) {
        return false;
    }
    (void)!read(lookup->done_fd, &done, sizeof(done)); /* what was found came before */
    if (lookup->result) {
        error_set(errp, "%s", gai_strerror(lookup->result));
        return false;
    }
    *ret = g_steal_pointer(&lookup->list);
    return true;
}
