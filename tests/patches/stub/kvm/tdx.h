/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_TDX_H
#define STUB_TDX_H

#include <stdbool.h>

bool is_tdx_vm(void);

#endif
