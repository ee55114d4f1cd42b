/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's side of devices: streams, sources of random bytes, images, networks.  They
 * are opened before the Vm is made, outlive its resets, and are closed after it.
 */
#ifndef SYSTEM_BACKENDS_H
#define SYSTEM_BACKENDS_H

#include "system/qmp/program.h"

/* backends_init - none yet. */
void backends_init(Program *program);

/*
 * backends_open - all that the command line names; the Vm finds them through vm_host.
 * Images of a guest that is still to come are open and not taken.
 */
bool backends_open(Program *program, GError **errp);

/* backends_close - the Vm is gone. */
void backends_close(Program *program);

#endif
