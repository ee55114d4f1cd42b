/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an x86 host would give a guest.
 */
#include <string.h>

#include "host-words.h"
#include "target/cpu-offer.h"
#include "target/x86-kernel-rules.h"
#include "util/bits.h"

#define PERFCAP X86_WORD_PERF_CAPABILITIES

/*
 * The PMU: there or not.  Off is off where KVM can take it away; an AMD guest of an older
 * kernel keeps its counters whatever it was promised.
 */
static void offer_pmu(CpuOffer *offer, const CpuResolveInput *in, const X86HostPmu *pmu,
                      const CpuContract *guest)
{
    bool is_wanted = !guest || guest->pmu_enabled;
    bool can_disable = host_profile_can_disable_pmu(in->host);
    bool stays = pmu->is_amd && pmu->is_there && !can_disable;

    offer->contract->pmu_enabled = pmu->is_there && (is_wanted || stays);
    offer->contract->x86.pmu = pmu->pmu;
    if (!is_wanted && stays) {
        cpu_offer_add_limit(
            offer, (OfferLimit){.of = CHECK_PMU_MISSING, .as = CHECK_PMU_STAYS_ON});
    } else if (!pmu->is_there) {
        cpu_offer_add_limit(
            offer, (OfferLimit){.of = CHECK_PMU_MISSING, .cause = pmu->missing_cause});
    }
}

/*
 * What to do where the groups differ by the timing alone: which PEBS features a CPU has
 * goes by its model, and the models are compared, so it is the kernels that differ.
 */
static void limit_pebs_group(CpuOffer *offer, const CpuContract *guest)
{
    const X86FeatureRow *timing = &x86_feature_rows[X86_PEBS_TIMING_INFO];
    KernelVersion since = x86_kernel_rules[X86_KERNEL_PEBS_TIMING].since;
    uint64_t had = guest->x86.words[PERFCAP];
    uint64_t differ = (had ^ offer->contract->x86.words[PERFCAP]) & X86_PEBS_GROUP_MASK;
    const char *format = had & timing->mask
                             ? "use a host with Linux %u.%u or later, as the guest's "
                               "own: older kernels give no guest %s"
                             : "use a host with a kernel before Linux %u.%u, as the "
                               "guest's own: it gives no guest %s, and this one does";

    if (differ == timing->mask) {
        cpu_offer_add_limit(
            offer, (OfferLimit){.of = CHECK_PEBS_GROUP_DIFFERS,
                                .advice = g_strdup_printf(format, since.major,
                                                          since.minor, timing->name)});
    }
}

static void offer_identity(X86Contract *x86, const HostProfile *host,
                           const CpuContract *guest)
{
    uint32_t signature = host_profile_signature(host);

    host_profile_vendor(host, x86->vendor);
    x86->is_amd_pmu = x86_vendor_is_amd(x86->vendor);
    /* vendor= may have given the guest another name than its host's; the PMU and the
     * system calls are of the host's kind. */
    if (guest && guest->x86.is_amd_pmu == x86->is_amd_pmu) {
        memcpy(x86->vendor, guest->x86.vendor, sizeof(x86->vendor));
    }
    x86->family = x86_signature_family(signature);
    x86->model = x86_signature_model(signature);
    x86->phys_bits = x86_host_phys_bits(host);
    x86->tsc_khz = guest && host->caps[KVM_CAPID_TSC_CONTROL] ? guest->x86.tsc_khz : 0;
}

void x86_cpu_offer(CpuOffer *offer, const CpuResolveInput *in, const CpuContract *guest)
{
    X86Contract *x86 = &offer->contract->x86;
    X86HostPmu pmu = x86_host_pmu(in);

    offer_identity(x86, in->host, guest);
    x86_host_words(in, x86->words);
    if (guest && x86_vendor_is_amd(guest->x86.vendor)) {
        /* Of the guest's vendor, whatever the host's: they say what leaf 1 does. */
        x86->words[X86_WORD_80000001_EDX] |= x86->words[X86_WORD_1_EDX] & X86_AMD_ALIASES;
    }
    offer_pmu(offer, in, &pmu, guest);
    if (guest) {
        limit_pebs_group(offer, guest);
    }
}
