/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The best CPU that every one of many hosts can give a guest, and go on with.
 *
 * Hosts are added one by one; what they have in common is all that is kept of them.
 */
#ifndef TARGET_X86_BASELINE_H
#define TARGET_X86_BASELINE_H

#include "target/cpu-contract.h"

typedef struct X86Baseline X86Baseline;

/* x86_baseline_new - of no host yet. */
X86Baseline *x86_baseline_new(void);

/* x86_baseline_free - NULL is nothing. */
void x86_baseline_free(X86Baseline *baseline);

/*
 * x86_baseline_add - one more host.
 * @contract: the most that it can give, as "host,pebs-fmt=host,lbr-fmt=host" resolves
 * @who: the host's name, for reasons
 * @why_no_pmu: where @contract has no PMU: the cause, or NULL
 *
 * False with an error where it has no CPU in common with those before it.
 */
bool x86_baseline_add(X86Baseline *baseline, const CpuContract *contract, const char *who,
                      const char *why_no_pmu, GError **errp);

/*
 * x86_baseline_text - "base,pmu=on,family=…,avx2=on,…" for -cpu; the caller frees it.
 *
 * A guest of it can go from each of the hosts to each other, so it has no PMU where their
 * counters differ: a guest has those of the host it starts on.
 */
char *x86_baseline_text(const X86Baseline *baseline);

/* x86_baseline_no_pmu - why it has no PMU, with the host; NULL where it has one. */
const char *x86_baseline_no_pmu(const X86Baseline *baseline);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(X86Baseline, x86_baseline_free)

/*
 * x86_contract_baseline - the best CPU with which a guest can go from either host to the
 * other, as "base,pmu=on,…": see x86_baseline_text().
 * NULL with an error where the two have no CPU in common.
 */
char *x86_contract_baseline(const CpuContract *a, const CpuContract *b, GError **errp);

#endif
