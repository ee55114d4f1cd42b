/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The object tree as QMP shows it. */
#ifndef SYSTEM_QMP_QMP_OBJECTS_H
#define SYSTEM_QMP_QMP_OBJECTS_H

#include <glib.h>

/* qmp_cpu_path - path of vCPU @index; the caller frees it. */
char *qmp_cpu_path(unsigned index);

#endif
