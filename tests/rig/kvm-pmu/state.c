/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PMU's registers as state: carried to another VM, at rest and running, and reset.
 */
#include <inttypes.h>
#include <string.h>

#include "kvm-pmu.h"
#include "util/bits.h"

#define RUNS          200
#define SELECT_IDLE   0x1300c0 /* instructions, user and kernel, interrupt; not enabled */
#define SELECT_ENABLE BIT64(22)
#define COUNTER_START UINT64_C(0x123456000)

static bool has_prefix(const X86MsrRow *row, const char *prefix)
{
    return g_str_has_prefix(row->name, prefix);
}

static bool is_counter(const X86MsrRow *row)
{
    return row->phase == X86_MSR_PHASE_COUNTER || row->phase == X86_MSR_PHASE_FIXED;
}

/* A value KVM must take for this register: nothing counts unless @is_running. */
static uint64_t pattern(const CpuContract *contract, const X86MsrRow *row, unsigned i,
                        bool is_running)
{
    unsigned gp = contract->x86.pmu.gp_counters;
    unsigned fixed = contract->x86.pmu.fixed_counters;

    if (is_counter(row)) {
        return COUNTER_START + i * 0x111;
    }
    if (row->phase == X86_MSR_PHASE_SELECT) {
        return SELECT_IDLE | (is_running ? SELECT_ENABLE : 0);
    }
    if (row->phase == X86_MSR_PHASE_STATUS) {
        return 1;
    }
    if (strcmp(row->name, "perf-fixed-ctrl") == 0) {
        return fixed ? 0xb : 0;
    }
    if (row->phase == X86_MSR_PHASE_ENABLE && has_prefix(row, "arch-lbr") == false) {
        return is_running ? (BIT64(gp) - 1) | (fixed ? BIT64(32) : 0) : 0;
    }
    if (strcmp(row->name, "ds-area") == 0) {
        return 0x5000;
    }
    return has_prefix(row, "pebs-") || has_prefix(row, "lbr-") ? 1 : 0;
}

static unsigned fill(const CpuContract *contract, X86Msr *state, bool is_running)
{
    unsigned count = x86_pmu_state_list(contract, state);

    for (unsigned i = 0; i < count; i++) {
        state[i].value =
            pattern(contract, x86_pmu_msr_row(contract, state[i].index), i, is_running);
    }
    return count;
}

/* Names rows that differ; a running counter may have gone on. */
static void compare(const char *key, const CpuContract *contract, const X86Msr *wanted,
                    const X86Msr *found, unsigned count, bool is_running)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const char *last = "";

    for (unsigned i = 0; i < count; i++) {
        const X86MsrRow *row = x86_pmu_msr_row(contract, wanted[i].index);
        bool goes_on = is_running && is_counter(row) && found[i].value >= wanted[i].value;

        if (found[i].value != wanted[i].value && !goes_on && strcmp(last, row->name)) {
            last = row->name;
            g_string_append_printf(text, "%s%s 0x%x: 0x%" PRIx64 " became 0x%" PRIx64,
                                   text->len ? "; " : "", row->name, wanted[i].index,
                                   wanted[i].value, found[i].value);
        }
    }
    say(key, "%s", text->len ? text->str : "the same");
}

static void load(Guest *guest, const CpuContract *contract, const X86Msr *state,
                 unsigned count)
{
    g_autoptr(GError) err = NULL;

    if (!kvm_x86_vcpu_load_pmu(guest->vcpu, contract, state, count, &err)) {
        fail("loading PMU state", err);
    }
}

static unsigned save(Guest *guest, const CpuContract *contract, X86Msr *state)
{
    g_autoptr(GError) err = NULL;
    int count = kvm_x86_vcpu_save_pmu(guest->vcpu, contract, state, &err);

    if (count < 0) {
        fail("saving PMU state", err);
    }
    return (unsigned)count;
}

static void reset(Guest *guest, const CpuContract *contract, const char *key)
{
    X86Msr zeros[X86_PMU_STATE_MAX], after[X86_PMU_STATE_MAX];
    unsigned count = x86_pmu_state_list(contract, zeros);
    g_autoptr(GError) err = NULL;

    if (!kvm_x86_vcpu_reset_pmu(guest->vcpu, contract, &err)) {
        fail("resetting the PMU", err);
    }
    (void)guest_run(guest, 1);
    g_usleep(20000);
    (void)save(guest, contract, after);
    compare(key, contract, zeros, after, count, false);
}

static void carry(const Probe *probe, const char *name, bool is_running)
{
    const CpuContract *contract = probe->on->contract;
    X86Msr wanted[X86_PMU_STATE_MAX], first[X86_PMU_STATE_MAX], second[X86_PMU_STATE_MAX];
    unsigned count = fill(contract, wanted, is_running);
    Guest source = guest_full(probe, contract), target = guest_full(probe, contract);
    g_autofree char *loaded = g_strdup_printf("%s.loaded", name);
    g_autofree char *moved = g_strdup_printf("%s.moved", name);
    g_autofree char *clean = g_strdup_printf("%s.reset", name);

    load(&source, contract, wanted, count);
    if (is_running) {
        (void)guest_run(&source, RUNS);
    }
    (void)save(&source, contract, first);
    compare(loaded, contract, wanted, first, count, is_running);
    if (is_running) {
        bool advanced = false;

        for (unsigned i = 0; i < count; i++) {
            advanced |= is_counter(x86_pmu_msr_row(contract, wanted[i].index)) &&
                        first[i].value > wanted[i].value;
        }
        say("running.counters", "%s", advanced ? "advance" : "stand still");
    }
    load(&target, contract, first, count);
    (void)save(&target, contract, second);
    compare(moved, contract, first, second, count, is_running);
    reset(&target, contract, clean);
    guest_close(&source);
    guest_close(&target);
}

void probe_state(const Probe *probe)
{
    X86Msr list[X86_PMU_STATE_MAX];
    unsigned count = x86_pmu_state_list(probe->on->contract, list);

    say("state.registers", "%u", count);
    if (count) {
        carry(probe, "resting", false);
        carry(probe, "running", true);
    }
}
