/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waiting for a descriptor: every wait of a migration ends when it is cancelled, and some
 * when their time is over.
 */
#ifndef MIGRATION_FD_WAIT_H
#define MIGRATION_FD_WAIT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * fd_wait - until @fd has one of @events (poll()), or ended.
 * @cancel_fd: readable once cancelled, which comes first; -1: never
 * @deadline_us: of the monotonic clock; 0: none
 *
 * False with an error where it was cancelled, and with code VPMU_ERROR_TIMEOUT at
 * @deadline_us.
 */
bool fd_wait(int fd, short events, int cancel_fd, int64_t deadline_us, GError **errp);

#endif
