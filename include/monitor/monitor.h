/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Monitor: a QMP connection on a Chardev, and the set of all of them.
 *
 * Everything runs in the main thread.  Lines end in CR LF.  Each peer that connects gets
 * a greeting and negotiates afresh.  Events go out at once, so what a command emits comes
 * before its reply.
 *
 * A command that must wait for somebody answers later: the requests its peer sends
 * meanwhile are carried out after it, in order; other peers notice nothing.
 */
#ifndef MONITOR_MONITOR_H
#define MONITOR_MONITOR_H

#include <glib.h>
#include <stdbool.h>

typedef struct Chardev Chardev;
typedef struct Monitor Monitor;
typedef struct MonitorSet MonitorSet;
typedef struct QmpCommand QmpCommand;
typedef struct QmpLater QmpLater;
typedef struct json_object json_object;

/* What a command's handler is given. */
struct QmpContext {
    Monitor *monitor; /* who asks */
    void *program;    /* whom the command is for, as monitor_set_new() got it */
    QmpLater *later;  /* by monitor_defer(); else NULL */
};
typedef struct QmpContext QmpContext;

/*
 * monitor_set_new - no monitors yet.
 * @commands: table that ends with a row without name; must outlive the set
 * @version: what the greeting tells, in the form of query-version; the reference is taken
 * @program: handed to the handlers
 */
MonitorSet *monitor_set_new(const QmpCommand *commands, json_object *version,
                            void *program);

/*
 * monitor_set_add - open a monitor on @chardev, which must outlive the set.
 * @is_pretty: answers are indented
 */
void monitor_set_add(MonitorSet *set, Chardev *chardev, bool is_pretty);

/*
 * monitor_set_on_close - have @closed called when a peer that had negotiated has gone.
 */
void monitor_set_on_close(MonitorSet *set, void (*closed)(void *program));

/*
 * monitor_set_emit - send @event to every peer that has negotiated, with a timestamp.
 * Takes the reference over.
 */
void monitor_set_emit(MonitorSet *set, json_object *event);

/* monitor_set_free - detaches from the chardevs; NULL is nothing. */
void monitor_set_free(MonitorSet *set);

/*
 * monitor_defer - the command that is being carried out is answered by monitor_answer(),
 * once its handler has returned true; where it returns false, that is the answer and
 * nothing is owed.
 */
QmpLater *monitor_defer(QmpContext *ctx);

/*
 * monitor_answer - the answer that is owed, exactly once; frees @later.
 * @ret: the place of the return value, as a handler fills it, borrowed; ignored with
 * @error: NULL, or why the command failed
 *
 * Where the peer has gone meanwhile nobody hears it.
 */
void monitor_answer(QmpLater *later, const void *ret, const GError *error);

/* monitor_negotiate - from here commands are accepted and events sent. */
void monitor_negotiate(Monitor *monitor);

/* monitor_commands - the table the monitor answers by. */
const QmpCommand *monitor_commands(const Monitor *monitor);

/* monitor_version - as given to monitor_set_new(), borrowed. */
json_object *monitor_version(const Monitor *monitor);

/*
 * monitor_name_fd - keep the descriptor that came with the request as @name.
 * An older one of that name is closed.  An error where none came, or for a bad name.
 */
bool monitor_name_fd(Monitor *monitor, const char *name, GError **errp);

/*
 * monitor_take_fd - the descriptor called @name, which is the caller's from here; -1 with
 * an error where there is none.
 */
int monitor_take_fd(Monitor *monitor, const char *name, GError **errp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MonitorSet, monitor_set_free)

#endif
