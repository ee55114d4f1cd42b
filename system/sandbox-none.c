/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For builds without libseccomp. */
#include "sandbox.h"

#include "util/error.h"

bool sandbox_enter(const KeyvalList *rules, GError **errp)
{
    if (rules) {
        error_set(errp, "-sandbox: this build has no libseccomp");
        return false;
    }
    return true;
}
