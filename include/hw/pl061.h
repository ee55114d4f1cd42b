/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the board's device tree says of the GPIO block. */
#ifndef HW_PL061_H
#define HW_PL061_H

#define PL061_POWER_LINE 3 /* the line the power button pulls high */

#endif
