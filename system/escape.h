/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The escape keys of a multiplexed serial port: Ctrl-a and a letter.
 */
#ifndef SYSTEM_ESCAPE_H
#define SYSTEM_ESCAPE_H

#include "system/qmp/program.h"

/* escape_attach - listen on every multiplexed chardev; program->vm exists. */
void escape_attach(Program *program);

#endif
