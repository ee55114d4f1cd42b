/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the judgement that speaks of board, arrangement of CPUs and devices. */
#ifndef MIGRATION_HEADER_MACHINE_H
#define MIGRATION_HEADER_MACHINE_H

#include "util/report.h"

typedef struct json_object json_object;

/* migration_machine_check - of migration_header_check(). */
void migration_machine_check(json_object *header, json_object *own, Report *report);

#endif
