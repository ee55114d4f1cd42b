/*
 * x86 virtual PMU: PEBS, decided as a group
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef I386_VPMU_PEBS_H
#define I386_VPMU_PEBS_H

#include "vpmu-formats.h"

extern const VpmuFormat vpmu_pebs_fmt;

/*
 * Decides all PEBS features of the capability word *@word together: with a
 * format they are as KVM has them, without one they are absent.  A feature
 * that the user named asks for the group; one that KVM does not offer stays
 * in the word, for the host filter to report.  Where the guest lacks what
 * PEBS needs, features that were named are left out with a warning, or are an
 * error with @enforce.  *@asked is as for vpmu_format_decide().  Returns false
 * and sets @errp when what was asked for contradicts itself or cannot be had.
 */
bool vpmu_pebs_decide(const VpmuFacts *facts, uint64_t *asked, uint64_t *word,
                      bool enforce, Error **errp);

#endif
