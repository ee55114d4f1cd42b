/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -daemonize and -pidfile. */
#ifndef SYSTEM_DAEMONIZE_H
#define SYSTEM_DAEMONIZE_H

#include <glib.h>
#include <stdbool.h>

/* Which side of the fork the caller is on. */
typedef struct DaemonSide {
    bool is_parent;
    int status;   /* parent: what to exit with */
    int ready_fd; /* child: for daemonize_done() */
} DaemonSide;

/*
 * daemonize_begin - fork.  In the parent it returns when the child has called
 * daemonize_done() or has ended.
 */
bool daemonize_begin(DaemonSide *ret, GError **errp);

/* daemonize_done - all is listening: let the parent go, detach from the terminal. */
void daemonize_done(int fd);

/*
 * pidfile_write - the process id and a newline.
 * The file is locked for as long as the returned descriptor is open; -1 with an error
 * where it cannot be written or another process holds it.
 */
int pidfile_write(const char *path, GError **errp);

#endif
