/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses of a host, by a name server that may not answer for long. */
#ifndef MIGRATION_LOOKUP_H
#define MIGRATION_LOOKUP_H

#include <glib.h>
#include <netdb.h>
#include <stdbool.h>

/*
 * lookup_host - the stream addresses of @host ("": any) and @port.
 * @flags: AI_PASSIVE: to listen on
 * @cancel_fd: the wait for a name server ends, with an error, when this becomes readable;
 * -1: never
 * @ret: the caller's, for freeaddrinfo()
 */
bool lookup_host(const char *host, const char *port, int flags, int cancel_fd,
                 struct addrinfo **ret, GError **errp);

#endif
