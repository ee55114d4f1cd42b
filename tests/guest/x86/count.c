/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two counters that run beside the work: one from 0, never touched again, and one that
 * interrupts every so often and is set anew.
 */
#include "x86.h"

/* Instructions retired, user and kernel, enabled. */
#define EVTSEL_FREE 0x4300c0u

#define EVENTS_TO_GO 2000000u
/* An interrupt that has not come after so many looks is not coming. */
#define LOOKS_LATE 40

static CounterSet set;
static uint64_t last, last_line;
static uint64_t seen; /* interrupts */
static uint64_t late; /* overflows without one */
static unsigned looks_over;

static void arm_interrupt(void)
{
    uint64_t status = 0;

    if (set.global_status) {
        (void)try_rdmsr(set.global_status, &status);
        (void)try_wrmsr(set.global_clear, status);
    }
    /* Stopped first: KVM up to Linux 6.1 takes a running counter's past for its future.
     */
    (void)try_wrmsr(set.select + set.step, 0);
    counter_program(&set, 1, EVENTS_TO_GO);
    apic_write(APIC_LVTPC, PMI_VECTOR); /* delivery may have masked it */
}

bool count_start(void)
{
    set = counter_set_find();
    if (set.count < 2 || !apic_init()) {
        return false;
    }
    pmi_count = 0;
    (void)try_wrmsr(set.counter, 0);
    (void)try_wrmsr(set.select, EVTSEL_FREE);
    arm_interrupt();
    if (set.global_ctrl) {
        (void)try_wrmsr(set.global_ctrl, 3);
    }
    __asm__ volatile("sti");
    return true;
}

/* It has gone through zero; with 48 bits negative is half of all. */
static bool is_over(void)
{
    uint64_t value = 0;

    return try_rdmsr(set.counter + set.step, &value) && !(value >> 47 & 1);
}

void count_look(void)
{
    uint64_t now = 0;

    if (!try_rdmsr(set.counter, &now) || now < last) {
        report_hex("count.bad-before", last);
        report_hex("count.bad", now);
    }
    last = now;
    if (pmi_count != seen) {
        seen = pmi_count;
        apic_write(APIC_EOI, 0);
        arm_interrupt();
        looks_over = 0;
    } else if (is_over() && ++looks_over == LOOKS_LATE) {
        late++;
        arm_interrupt();
        looks_over = 0;
    }
}

void count_report(void)
{
    if (last == last_line) {
        report_hex("count.bad-stuck", last);
    }
    last_line = last;
    report_dec("count.value", last);
    report_dec("count.interrupts", seen);
    report_dec("count.late", late);
}
