/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What KVM lets user space write to IA32_PERF_CAPABILITIES, and when.
 */
#include <inttypes.h>

#include "kvm-pmu.h"
#include "util/bits.h"

#define LBR_FORMATS  64
#define PEBS_FORMATS 16
#define PEBS_SHIFT   8

static bool set(Guest *guest, uint64_t value)
{
    return msr_try_set(guest, MSR_PERF_CAPABILITIES, value);
}

static const char *verdict(bool is_accepted)
{
    return is_accepted ? "accepted" : "refused";
}

static void say_value(const char *key, Guest *guest)
{
    uint64_t value;

    if (msr_try_get(guest, MSR_PERF_CAPABILITIES, &value)) {
        say(key, "0x%" PRIx64, value);
    } else {
        say(key, "refused");
    }
}

/* Which bits can be @base with that one bit turned over. */
static uint64_t walk(Guest *guest, uint64_t base)
{
    uint64_t accepted = 0;

    for (unsigned bit = 0; bit < 64; bit++) {
        if (set(guest, base ^ BIT64(bit))) {
            accepted |= BIT64(bit);
        }
    }
    return accepted;
}

/* Which numbers @mask can hold in the whole that KVM offers. */
static uint64_t walk_field(Guest *guest, uint64_t base, uint64_t mask, unsigned shift,
                           unsigned numbers)
{
    uint64_t accepted = 0;

    for (unsigned n = 0; n < numbers; n++) {
        if (set(guest, (base & ~mask) | (uint64_t)n << shift)) {
            accepted |= BIT64(n);
        }
    }
    return accepted;
}

static void before_the_first_run(const Probe *probe)
{
    Guest guest = guest_bare(probe, probe->on->contract, NULL);
    uint64_t all = probe->capability;

    say_value("capability.initial", &guest);
    say("capability.all", "%s", verdict(set(&guest, all)));
    say("capability.zero", "%s", verdict(set(&guest, 0)));
    say("capability.all-again", "%s", verdict(set(&guest, all)));
    say_bits("capability.single-bits", walk(&guest, 0));
    say_bits("capability.single-changes", walk(&guest, all));
    say_bits("capability.pebs-formats",
             walk_field(&guest, all, X86_PEBS_FMT_MASK, PEBS_SHIFT, PEBS_FORMATS));
    say_bits("capability.pebs-formats-alone",
             walk_field(&guest, 0, X86_PEBS_FMT_MASK, PEBS_SHIFT, PEBS_FORMATS));
    say_bits("capability.lbr-formats",
             walk_field(&guest, all, X86_LBR_FMT_MASK, 0, LBR_FORMATS));
    guest_close(&guest);
}

static void after_the_first_run(const Probe *probe)
{
    Guest guest = guest_bare(probe, probe->on->contract, NULL);
    uint64_t all = probe->capability;

    if (!set(&guest, all) || !guest_run(&guest, 1)) {
        say("run", "no");
        guest_close(&guest);
        return;
    }
    say_value("run.value", &guest);
    say("run.same", "%s", verdict(set(&guest, all)));
    say("run.zero", "%s", verdict(set(&guest, 0)));
    say_bits("run.single-changes", walk(&guest, all));
    say_value("run.value-after", &guest);
    guest_close(&guest);
}

/* What the guest's CPUID has to do with it. */
static const struct {
    const char *key;
    LeafChange change;
} conditions[] = {
    {"without-pdcm", {0x1, X86_ECX, BIT64(15), 0}},
    {"without-pmu", {0xa, X86_EAX, 0xff, 0}},
    {"without-ds", {0x1, X86_EDX, BIT64(21), 0}},
    {"without-dtes64", {0x1, X86_ECX, BIT64(2), 0}},
    {"other-model", {0x1, X86_EAX, 0xf00f0, 0x000f0000}},
    {"other-family", {0x1, X86_EAX, 0xf00, 0x500}},
};

static void with_another_cpuid(const Probe *probe)
{
    for (unsigned i = 0; i < ARRAY_LEN(conditions); i++) {
        const LeafChange changes[] = {conditions[i].change, {0}};
        Guest guest = guest_bare(probe, probe->on->contract, changes);
        g_autofree char *all = g_strdup_printf("%s.all", conditions[i].key);
        g_autofree char *zero = g_strdup_printf("%s.zero", conditions[i].key);
        g_autofree char *bits = g_strdup_printf("%s.single-bits", conditions[i].key);
        g_autofree char *value = g_strdup_printf("%s.value", conditions[i].key);

        say(zero, "%s", verdict(set(&guest, 0)));
        say_value(value, &guest);
        say_bits(bits, walk(&guest, 0));
        say(all, "%s", verdict(set(&guest, probe->capability)));
        guest_close(&guest);
    }
}

void probe_capability(const Probe *probe)
{
    if (!probe->capability) {
        return;
    }
    before_the_first_run(probe);
    after_the_first_run(probe);
    with_another_cpuid(probe);
}
