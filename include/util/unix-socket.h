/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UTIL_UNIX_SOCKET_H
#define UTIL_UNIX_SOCKET_H

#include <glib.h>
#include <sys/un.h>

/*
 * unix_socket_open - a stream socket, closed on exec, and @path as an address for it.
 * @flags: SOCK_NONBLOCK or 0
 *
 * Returns the descriptor, owned by the caller; or -1, also where @path does not fit.
 */
int unix_socket_open(const char *path, int flags, struct sockaddr_un *ret_address,
                     GError **errp);

/*
 * unix_socket_listen - a socket that listens at @path.
 *
 * A socket that nobody listens on any more, as a program that was killed leaves, is
 * replaced; whatever else is there stays, and is an error.
 *
 * Returns the descriptor, blocking and closed on exec, owned by the caller; or -1.
 */
int unix_socket_listen(const char *path, GError **errp);

#endif
