/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../kvm_i386.h"
