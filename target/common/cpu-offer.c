/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/cpu-offer.h"

static void limit_clear(gpointer data)
{
    OfferLimit *limit = data;

    g_free(limit->offered);
    g_free(limit->advice);
}

CpuOffer *cpu_offer_new(const CpuResolveInput *in, const CpuContract *guest)
{
    CpuOffer *offer = g_new0(CpuOffer, 1);

    offer->contract = cpu_contract_new(in->host->arch);
    offer->limits = g_array_new(FALSE, FALSE, sizeof(OfferLimit));
    g_array_set_clear_func(offer->limits, limit_clear);
    offer->contract->machine = g_strdup(guest ? guest->machine : in->machine);
    offer->contract->cpu_model = g_strdup(guest ? guest->cpu_model : "host");
    offer->contract->pmu_mode = host_profile_mode(in->host);
    /* To a guest of another architecture a host offers what it offers anybody. */
    if (guest && guest->arch != in->host->arch) {
        guest = NULL;
    }
    if (in->host->arch == TARGET_ARCH_X86_64) {
        x86_cpu_offer(offer, in, guest);
    } else {
        arm_cpu_offer(offer, in, guest);
    }
    return offer;
}

void cpu_offer_free(CpuOffer *offer)
{
    if (offer) {
        cpu_contract_free(offer->contract);
        g_array_unref(offer->limits);
        g_free(offer);
    }
}

void cpu_offer_add_limit(CpuOffer *offer, OfferLimit limit)
{
    g_array_append_val(offer->limits, limit);
}

const OfferLimit *cpu_offer_limit(const CpuOffer *offer, CheckReason reason)
{
    for (unsigned i = 0; i < offer->limits->len; i++) {
        const OfferLimit *limit = &g_array_index(offer->limits, OfferLimit, i);

        if (limit->of == reason) {
            return limit;
        }
    }
    return NULL;
}
