/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a stream goes to or comes from: the addresses of migrate and -incoming.
 */
#ifndef MIGRATION_TRANSPORT_H
#define MIGRATION_TRANSPORT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum TransportKind {
    TRANSPORT_UNIX,
    TRANSPORT_TCP,
    TRANSPORT_FD, /* address is a number, or a name that getfd gave */
    TRANSPORT_FILE,
    TRANSPORT_EXEC,
} TransportKind;

typedef struct Transport {
    TransportKind kind;
    char *uri;       /* all of it, for messages */
    char *address;   /* path, host, descriptor or command */
    char *port;      /* TRANSPORT_TCP */
    uint64_t offset; /* TRANSPORT_FILE: where the stream begins */
} Transport;

/* An open end of a transport. */
typedef struct TransportEnd {
    int fd;
    pid_t child; /* TRANSPORT_EXEC: leads a process group where it may; else 0 */
} TransportEnd;

/*
 * transport_parse - "unix:PATH", "tcp:HOST:PORT", "tcp:[HOST]:PORT", "fd:NAME",
 * "file:PATH[,offset=N]", "exec:COMMAND".
 * NULL with a message that lists these.
 */
Transport *transport_parse(const char *uri, GError **errp);

/* transport_free - NULL is nothing. */
void transport_free(Transport *transport);

/*
 * transport_open_out - connect, create or start it for writing.  Not for TRANSPORT_FD.
 * @cancel_fd: waiting for a peer ends, with an error, when this becomes readable; -1:
 * never.
 */
bool transport_open_out(const Transport *transport, int cancel_fd, TransportEnd *ret,
                        GError **errp);

/* transport_open_in - the same for reading: files and commands. */
bool transport_open_in(const Transport *transport, TransportEnd *ret, GError **errp);

/*
 * transport_listen - bind and listen: unix and tcp.
 * Returns a descriptor, -1 with an error.
 */
int transport_listen(const Transport *transport, GError **errp);

/*
 * transport_accept - the next connection to @listen_fd.
 * @cancel_fd, @deadline_us: as for fd_wait(): cancelled, or 0: waiting for it has no end
 * Returns a descriptor, -1 with an error; its code is VPMU_ERROR_TIMEOUT at the deadline.
 */
int transport_accept(int listen_fd, int cancel_fd, int64_t deadline_us, GError **errp);

/*
 * transport_tune - small packets of a TCP connection go at once, and a host that has gone
 * without a word is noticed within a minute.  Done already for what transport_open_out()
 * and transport_accept() give; other descriptors stay as they are.
 */
void transport_tune(int fd);

/* transport_unlisten - close @fd, which transport_listen() gave; a path is removed. */
void transport_unlisten(const Transport *transport, int fd);

/* transport_is_listening - transport_listen() is for this kind. */
bool transport_is_listening(const Transport *transport);

/*
 * transport_discard - what was written to a file is taken back.
 * @fd: from transport_open_out()
 */
bool transport_discard(const Transport *transport, int fd, GError **errp);

/*
 * transport_explain - a command that has failed by itself is why writing or reading has:
 * its exit status goes before what *error says.  Waits a moment for it; no command, or
 * one that goes on, changes nothing.
 */
void transport_explain(const TransportEnd *end, GError **error);

/*
 * transport_abandon - stop the command behind @end.
 * Before its descriptor is closed: what ends there must not look whole to the command.
 */
void transport_abandon(const TransportEnd *end);

/*
 * transport_finish - wait for the command behind @end; an error where it failed.
 * @cancel_fd: a command that is still there when this becomes readable is killed
 */
bool transport_finish(TransportEnd *end, int cancel_fd, GError **errp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Transport, transport_free)

#endif
