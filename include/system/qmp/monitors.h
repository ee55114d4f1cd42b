/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control monitors of a run: one QMP server per -qmp or -mon.
 */
#ifndef SYSTEM_QMP_MONITORS_H
#define SYSTEM_QMP_MONITORS_H

#include "system/qmp/program.h"

/* monitors_new - a server on the chardev of each monitor; program->vm exists. */
Monitors *monitors_new(Program *program, GError **errp);

/*
 * monitors_emit - @event to everyone who has negotiated; takes the reference over.
 * @monitors: NULL throws the event away
 */
void monitors_emit(Monitors *monitors, json_object *event);

/* monitors_free - NULL is nothing. */
void monitors_free(Monitors *monitors);

#endif
