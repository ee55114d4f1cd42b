/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an Arm host would give a guest.
 */
#include <string.h>

#include "common/checks.h"
#include "target/arm-registers.h"
#include "target/cpu-offer.h"
#include "target/pmu-select.h"
#include "util/bits.h"

const PmuSource *arm_host_source(const HostProfile *host, const char *name)
{
    for (unsigned i = 0; name && i < host->sources->len; i++) {
        const PmuSource *source = &g_array_index(host->sources, PmuSource, i);

        if (strcmp(source->name, name) == 0 && source->cpus && source->trial <= 0) {
            return source;
        }
    }
    return NULL;
}

/* Features of KVM_ARM_VCPU_INIT, and the capability that says KVM has them. */
static const struct {
    ArmVcpuFeature feature;
    KvmCapId cap;
} feature_caps[] = {
    {ARM_VCPU_SVE, KVM_CAPID_ARM_SVE},
    {ARM_VCPU_PTRAUTH_ADDRESS, KVM_CAPID_ARM_PTRAUTH_ADDRESS},
    {ARM_VCPU_PTRAUTH_GENERIC, KVM_CAPID_ARM_PTRAUTH_GENERIC},
    {ARM_VCPU_PMU_V3, KVM_CAPID_ARM_PMU_V3},
    {ARM_VCPU_PMU_V3_STRICT, KVM_CAPID_ARM_PMU_V3_STRICT},
};

bool arm_host_has_feature(const HostProfile *host, ArmVcpuFeature feature)
{
    for (unsigned i = 0; i < ARRAY_LEN(feature_caps); i++) {
        if (feature_caps[i].feature == feature) {
            return host->caps[feature_caps[i].cap];
        }
    }
    return false;
}

unsigned arm_host_counters(const HostProfile *host, const PmuSource *source)
{
    return source && source->counters ? source->counters : host->arm.pmu_counters;
}

/* The source the guest knows by name, and whether it covers what it was promised. */
static void offer_source(CpuOffer *offer, const HostProfile *host,
                         const PmuSource *source, const ArmContract *guest)
{
    ArmContract *arm = &offer->contract->arm;

    arm->is_partial = guest->is_partial;
    if (!source || !host->arm.has_pmu_attr[ARM_ATTR_SET_PMU]) {
        cpu_offer_add_limit(
            offer, (OfferLimit){.of = CHECK_SOURCE_MISSING,
                                .cause = source ? "the kernel of the host cannot "
                                                  "select an event source: it is "
                                                  "older than 5.18"
                                                : NULL});
        return;
    }
    arm->pmu_source = g_strdup(source->name);
    arm->is_partial = !pmu_source_covers(host, source);
    if (arm->is_partial) {
        cpu_offer_add_limit(offer, (OfferLimit){.of = CHECK_SOURCE_PARTIAL,
                                                .offered = cpu_set_format(source->cpus)});
    }
}

/* As many as the source has; KVM from 6.16 on gives a guest fewer that asked for it. */
static void offer_counters(CpuOffer *offer, const HostProfile *host,
                           const PmuSource *source, const ArmContract *guest)
{
    unsigned most = arm_host_counters(host, source);
    bool is_set = guest && guest->set_nr_counters;
    bool fits = is_set && guest->pmu_counters <= (int)most;

    offer->contract->arm.pmu_counters = (int)most;
    if (is_set && !host->arm.has_pmu_attr[ARM_ATTR_NR_COUNTERS]) {
        /* Even of as many nobody could say that they stay as many. */
        offer->contract->arm.pmu_counters = -1;
        cpu_offer_add_limit(
            offer, (OfferLimit){.of = CHECK_COUNTERS_DIFFER,
                                .offered = g_strdup_printf("%u", most),
                                .cause = "the kernel of the host cannot set the number "
                                         "of counters: it is older than 6.16",
                                .remedy = "use a host with Linux 6.16 or later"});
    } else if (fits) {
        offer->contract->arm.pmu_counters = guest->pmu_counters;
        offer->spares += most - (unsigned)guest->pmu_counters;
    } else if (is_set) {
        cpu_offer_add_limit(offer, (OfferLimit){.of = CHECK_COUNTERS_DIFFER,
                                                .as = CHECK_COUNTERS_FEWER,
                                                .property = "pmu-counters"});
    }
}

static unsigned other_sources(const HostProfile *host, const ArmContract *guest)
{
    unsigned others = 0;

    for (unsigned i = 0; i < host->sources->len; i++) {
        const PmuSource *source = &g_array_index(host->sources, PmuSource, i);

        others += source->cpus && g_strcmp0(source->name, guest->pmu_source) != 0;
    }
    return others;
}

void arm_cpu_offer(CpuOffer *offer, const CpuResolveInput *in, const CpuContract *guest)
{
    const HostProfile *host = in->host;
    const ArmContract *had = guest ? &guest->arm : NULL;
    const PmuSource *source = had ? arm_host_source(host, had->pmu_source) : NULL;
    ArmContract *arm = &offer->contract->arm;

    arm->vcpu_features = (uint32_t)BIT64(ARM_VCPU_PSCI_0_2);
    for (unsigned i = 0; i < ARRAY_LEN(feature_caps); i++) {
        if (host->caps[feature_caps[i].cap]) {
            arm->vcpu_features |= (uint32_t)BIT64(feature_caps[i].feature);
        }
    }
    arm->midr = source && source->midr ? source->midr : host->arm.midr;
    g_array_append_vals(arm->registers, host->arm.registers->data,
                        host->arm.registers->len);
    offer->contract->pmu_enabled = host->caps[KVM_CAPID_ARM_PMU_V3];
    arm->pmu_version = arm_host_pmu_version(host);
    if (had) {
        arm->pmu_kind = had->pmu_kind == ARM_PMU_FIXED_COUNTERS_ONLY &&
                                !host->arm.has_pmu_attr[ARM_ATTR_FIXED_COUNTERS_ONLY]
                            ? ARM_PMU_NONE
                            : had->pmu_kind;
        offer->spares += other_sources(host, had);
    }
    if (had && had->pmu_kind == ARM_PMU_EVENT_SOURCE) {
        offer_source(offer, host, source, had);
    }
    offer_counters(offer, host, source, had);
}
