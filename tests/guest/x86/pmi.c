/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The counters as state: what they hold when the guest starts, whether one that
 * overflows interrupts, and how to leave them for the next start to find.
 * Sources: Intel SDM volume 3, 20.2 and 11.5.1; AMD APM volume 2, 13.2.
 */
#include "x86.h"

#define COUNTERS_MAX 16
#define LVT_MASKED   (1u << 16)
#define LVT_NMI      0x400u

/* Instructions retired, user and kernel, interrupt on overflow, enabled. */
#define EVTSEL_INTERRUPT 0x5300c0u

/* The same event, not enabled. */
#define EVTSEL_HELD 0xc0u
#define HELD_STEP   0x1000u

/* State of Intel's PMU beside the counters.  Nothing of LBR: KVM takes its registers back
 * from a guest that does not record. */
static const uint32_t held_others[] = {
    0x309, 0x30a, 0x30b, /* fixed counters */
    0x600, 0x3f1,        /* DS_AREA, PEBS_ENABLE */
};
#define HELD_OTHERS (sizeof(held_others) / sizeof(held_others[0]))

#define EVENTS_TO_GO 200000u
/* Not before a slow host has reset us; less than 31 bits. */
#define EVENTS_AFTER_RESET 2000000000u
#define QUIET_WAIT         20000000u
#define LONG_WAIT          20000000000ull
#define LEAST_ROUNDS       20000u

static const CounterSet k7 = {"amd-k7", 0xc0010000, 0xc0010004, 1, 4, 0, 0, 0, 0, false};
static const CounterSet core = {"amd-core", 0xc0010200, 0xc0010201, 2, 6,
                                0,          0,          0,          0, false};
static const CounterSet perfmon_v2 = {"amd-v2",   0xc0010200, 0xc0010201, 2, 6,
                                      0xc0000301, 0xc0000300, 0xc0000302, 0, false};
static const CounterSet intel_v1 = {"intel-v1", 0x186, 0xc1, 1, 0, 0, 0, 0, 0, true};
static const CounterSet intel_v2 = {"intel-v2", 0x186, 0xc1,  1,     0,
                                    0x38f,      0x38e, 0x390, 0x38d, true};

/* Counters no leaf announces are there on AMD only ("Auth", "Hygo"). */
static bool is_amd(void)
{
    uint32_t vendor = cpuid(0, 0).ebx;

    return vendor == 0x68747541 || vendor == 0x6f677948;
}

CounterSet counter_set_find(void)
{
    CpuidLeaf a = cpuid(0, 0).eax >= 0xa ? cpuid(0xa, 0) : (CpuidLeaf){0};
    uint32_t max_ext = cpuid(0x80000000u, 0).eax;
    CounterSet set;
    uint64_t value;

    if (a.eax & 0xff) {
        set = (a.eax & 0xff) >= 2 ? intel_v2 : intel_v1;
        set.count = a.eax >> 8 & 0xff;
    } else if (max_ext >= 0x80000022u && cpuid(0x80000022u, 0).eax & 1) {
        set = perfmon_v2;
        set.count = cpuid(0x80000022u, 0).ebx & 0xf;
    } else if (max_ext >= 0x80000001u && cpuid(0x80000001u, 0).ecx >> 23 & 1) {
        set = core;
    } else if (is_amd()) {
        set = k7;
    } else {
        return (CounterSet){.name = "none"};
    }
    if (set.count > COUNTERS_MAX) {
        set.count = COUNTERS_MAX;
    }
    if (!try_rdmsr(set.select, &value) || !try_rdmsr(set.counter, &value)) {
        set.count = 0;
    }
    return set;
}

static void report_registers(const char *key, uint32_t first, const CounterSet *set)
{
    uint64_t values[COUNTERS_MAX] = {0};

    for (unsigned i = 0; i < set->count; i++) {
        (void)try_rdmsr(first + i * set->step, &values[i]);
    }
    report_hex_list(key, values, set->count);
}

static void report_global(const char *key, uint32_t msr)
{
    uint64_t value;

    if (msr && try_rdmsr(msr, &value)) {
        report_hex(key, value);
    }
}

/* Interrupts that come although nothing was programmed. */
static bool wait_pmi(uint64_t ticks)
{
    uint64_t start = rdtsc();
    unsigned rounds = 0;

    __asm__ volatile("sti");
    /* Where a host stops us for long, time alone does not mean we had a chance. */
    while (!pmi_count && (rdtsc() - start < ticks || rounds < LEAST_ROUNDS)) {
        rounds++;
        cpu_pause();
    }
    __asm__ volatile("cli");
    return pmi_count;
}

static void pmi_open(void)
{
    pmi_count = 0;
    apic_write(APIC_LVTPC, PMI_VECTOR);
}

static void pmi_close(void)
{
    apic_write(APIC_LVTPC, LVT_MASKED);
    if (pmi_count) {
        apic_write(APIC_EOI, 0);
    }
}

void pmu_reset_report(void)
{
    CounterSet set = counter_set_find();

    report_text("pmu.set", set.count ? set.name : "none");
    if (!set.count) {
        return;
    }
    report_registers("reset.selects", set.select, &set);
    report_registers("reset.counters", set.counter, &set);
    report_global("reset.fixed-ctrl", set.fixed_ctrl);
    report_global("reset.global-ctrl", set.global_ctrl);
    report_global("reset.global-status", set.global_status);
    if (apic_init()) {
        report_hex("reset.lvtpc", apic_read(APIC_LVTPC));
        pmi_open();
        report_text("reset.stale-pmi", wait_pmi(QUIET_WAIT) ? "yes" : "no");
        pmi_close();
    }
}

/* Full width counters take the negative number as it is, others its low half. */
void counter_program(const CounterSet *set, unsigned index, uint64_t to_go)
{
    uint64_t start =
        set->is_sign_extended ? (uint32_t)-to_go : -to_go & 0xffffffffffffull;

    (void)try_wrmsr(set->counter + index * set->step, start);
    (void)try_wrmsr(set->select + index * set->step, EVTSEL_INTERRUPT);
}

/* A counter that stands still overflows never: no use in waiting for it. */
static bool is_moving(const CounterSet *set)
{
    uint64_t before = 0;
    uint64_t after = 0;

    (void)try_rdmsr(set->counter, &before);
    run_loop(LOOP_ROUNDS);
    (void)try_rdmsr(set->counter, &after);
    return before != after;
}

void pmi_report(void)
{
    CounterSet set = counter_set_find();
    uint64_t status = 0;
    bool arrived;

    if (!set.count || !apic_init()) {
        report_text("counts.pmi", "absent");
        return;
    }
    pmi_open();
    counter_program(&set, 0, EVENTS_TO_GO);
    if (set.global_ctrl) {
        (void)try_wrmsr(set.global_ctrl, 1);
    }
    arrived = wait_pmi(is_moving(&set) ? LONG_WAIT : QUIET_WAIT);
    if (set.global_status) {
        (void)try_rdmsr(set.global_status, &status);
        (void)try_wrmsr(set.global_ctrl, 0);
        (void)try_wrmsr(set.global_clear, status);
    }
    (void)try_wrmsr(set.select, 0);
    (void)try_wrmsr(set.counter, 0);
    pmi_close();
    report_text("counts.pmi", arrived ? "yes" : "no");
    report_global("pmi.global-status-cleared", set.global_status);
    if (set.global_status) {
        report_hex("pmi.global-status", status);
    }
}

void pmu_leave_running(void)
{
    CounterSet set = counter_set_find();

    for (unsigned i = 0; i < set.count; i++) {
        counter_program(&set, i, EVENTS_AFTER_RESET);
    }
    if (set.count && set.global_ctrl) {
        (void)try_wrmsr(set.global_ctrl, (1ull << set.count) - 1);
    }
    if (set.count && apic_init()) {
        apic_write(APIC_LVTPC, LVT_NMI);
    }
}

/* A small number of its own for each that the guest has. */
static void hold_others(void)
{
    for (unsigned i = 0; i < HELD_OTHERS; i++) {
        (void)try_wrmsr(held_others[i], i + 1);
    }
}

static void report_others(void)
{
    uint64_t values[HELD_OTHERS] = {0};

    for (unsigned i = 0; i < HELD_OTHERS; i++) {
        (void)try_rdmsr(held_others[i], &values[i]);
    }
    report_hex_list("hold.others", values, HELD_OTHERS);
}

/* Nothing that is counted: another unit mask for each, not enabled. */
void pmu_hold_report(uint64_t rounds)
{
    CounterSet set = counter_set_find();

    for (unsigned i = 0; rounds && i < set.count; i++) {
        (void)try_wrmsr(set.select + i * set.step, EVTSEL_HELD | (i + 1) << 8);
        (void)try_wrmsr(set.counter + i * set.step, (i + 1) * HELD_STEP);
    }
    if (rounds && !is_amd()) {
        hold_others();
    }
    while (rounds--) {
        uint64_t start = rdtsc();

        while (rdtsc() - start < QUIET_WAIT) {
            cpu_pause();
        }
        report_registers("hold.selects", set.select, &set);
        report_registers("hold.counters", set.counter, &set);
        if (!is_amd()) {
            report_others();
        }
    }
}
