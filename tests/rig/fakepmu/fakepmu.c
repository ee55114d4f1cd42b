/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A made-up core PMU, so that KVM offers guests a virtual one where the machine below
 * (an emulator) has none.  Load it before the vendor module of KVM.
 *
 * Counters advance with the TSC; overflow comes from a timer and takes perf's own way.
 * Nothing here is a measurement of anything: it proves how KVM and its users behave.
 */
#include <linux/hrtimer.h>
#include <linux/kprobes.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <linux/version.h>

#include <asm/cpufeature.h>
#include <asm/irq_regs.h>
#include <asm/perf_event.h>
#include <asm/tsc.h>

static int counters = 6;
module_param(counters, int, 0444);
MODULE_PARM_DESC(counters, "general-purpose counters");
static int fixed;
module_param(fixed, int, 0444);
MODULE_PARM_DESC(fixed, "fixed-function counters (Intel)");
static int width = 48;
module_param(width, int, 0444);
MODULE_PARM_DESC(width, "bits of a counter");
static int version = 1;
module_param(version, int, 0444);
MODULE_PARM_DESC(version, "of the PMU; AMD: 2 is PerfMonV2");
static int events = 7;
module_param(events, int, 0444);
MODULE_PARM_DESC(events, "architectural events, all available (Intel)");
static bool core;
module_param(core, bool, 0444);
MODULE_PARM_DESC(core, "set the CPU capability PERFCTR_CORE (AMD)");
static bool v2;
module_param(v2, bool, 0444);
MODULE_PARM_DESC(v2, "set the CPU capability PerfMonV2 (AMD)");
static bool pebs;
MODULE_PARM_DESC(pebs, "PEBS that works in guests: PDCM, DS, DTES64, PEBS (Intel)");
static int lbr;
module_param(lbr, int, 0644);
MODULE_PARM_DESC(lbr, "entries of a last branch record stack (Intel)");

#define LONGEST_TIMER_NS (10ULL * NSEC_PER_SEC)

/* Source of the numbers: Linux arch/x86/include/asm/msr-index.h. */
#define LBR_FROM 0x680
#define LBR_TO   0x6c0
#define LBR_INFO 0xdc0

static int (*overflow)(struct perf_event *event, struct perf_sample_data *data,
                       struct pt_regs *regs);

/* How many ticks make one event, as a power of two. */
static unsigned int event_shift(struct perf_event *event)
{
    u64 config = event->attr.config;

    if (event->attr.type == PERF_TYPE_HARDWARE) {
        return config == PERF_COUNT_HW_CPU_CYCLES ? 0 : 1;
    }
    switch (config & 0xff) {
    case 0x76: /* AMD: cycles not halted */
    case 0x3c: /* Intel: the same */
        return 0;
    case 0xc0: /* both: instructions retired */
        return 1;
    default:
        return 2;
    }
}

static void sync(struct perf_event *event)
{
    struct hw_perf_event *hw = &event->hw;
    unsigned int shift = event_shift(event);
    u64 now = rdtsc_ordered() >> shift;
    s64 delta = now - local64_xchg(&hw->prev_count, now);

    local64_add(delta, &event->count);
    local64_sub(delta, &hw->period_left);
}

static ktime_t time_left(struct perf_event *event)
{
    u64 ticks = max_t(s64, local64_read(&event->hw.period_left), 0);
    u64 limit = mul_u64_u32_div(LONGEST_TIMER_NS, tsc_khz, 1000000);

    ticks = min(ticks, limit) << event_shift(event);
    return ns_to_ktime(max_t(u64, mul_u64_u32_div(ticks, 1000000, tsc_khz), 2000));
}

static void set_period(struct perf_event *event)
{
    struct hw_perf_event *hw = &event->hw;
    s64 left = local64_read(&hw->period_left);
    s64 period = hw->sample_period;

    if (left > 0) {
        return;
    }
    left += period;
    if (left <= 0) {
        left = period;
    }
    local64_set(&hw->period_left, left);
    hw->last_period = period;
}

/* Real counters interrupt the moment they overflow, a timer some time after. */
static int overflow_now(struct perf_event *event, struct pt_regs *regs)
{
    struct perf_sample_data data;

    set_period(event);
    perf_sample_data_init(&data, 0, event->hw.last_period);
    return regs ? overflow(event, &data, regs) : 0;
}

static enum hrtimer_restart timer_fires(struct hrtimer *timer)
{
    struct perf_event *event = container_of(timer, struct perf_event, hw.hrtimer);

    if (event->state != PERF_EVENT_STATE_ACTIVE || event->hw.state & PERF_HES_STOPPED) {
        return HRTIMER_NORESTART;
    }
    sync(event);
    if ((s64)local64_read(&event->hw.period_left) <= 0 &&
        overflow_now(event, get_irq_regs())) {
        return HRTIMER_NORESTART;
    }
    hrtimer_forward_now(timer, time_left(event));
    return HRTIMER_RESTART;
}

static void pmu_start(struct perf_event *event, int flags)
{
    event->hw.state = 0;
    local64_set(&event->hw.prev_count, rdtsc_ordered() >> event_shift(event));
    if (is_sampling_event(event)) {
        /* perf leaves 0 where it was given a new period while the event was off. */
        if (flags & PERF_EF_RELOAD || (s64)local64_read(&event->hw.period_left) <= 0) {
            set_period(event);
        }
        hrtimer_start(&event->hw.hrtimer, time_left(event), HRTIMER_MODE_REL_PINNED_HARD);
    }
}

static void pmu_stop(struct perf_event *event, int flags)
{
    if (event->hw.state & PERF_HES_STOPPED) {
        return;
    }
    if (is_sampling_event(event)) {
        hrtimer_cancel(&event->hw.hrtimer);
    }
    sync(event);
    event->hw.state = PERF_HES_STOPPED | PERF_HES_UPTODATE;
    if (is_sampling_event(event) && (s64)local64_read(&event->hw.period_left) <= 0) {
        (void)overflow_now(event, task_pt_regs(current));
    }
}

static int pmu_add(struct perf_event *event, int flags)
{
    event->hw.state = PERF_HES_STOPPED | PERF_HES_UPTODATE;
    if (flags & PERF_EF_START) {
        pmu_start(event, flags);
    }
    return 0;
}

static void pmu_del(struct perf_event *event, int flags)
{
    pmu_stop(event, PERF_EF_UPDATE);
}

static void pmu_read(struct perf_event *event)
{
    if (!(event->hw.state & PERF_HES_STOPPED)) {
        sync(event);
    }
}

static int pmu_event_init(struct perf_event *event)
{
    if (event->attr.type != PERF_TYPE_RAW && event->attr.type != PERF_TYPE_HARDWARE) {
        return -ENOENT;
    }
    hrtimer_init(&event->hw.hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
    event->hw.hrtimer.function = timer_fires;
    return 0;
}

PMU_FORMAT_ATTR(event, "config:0-7");
PMU_FORMAT_ATTR(umask, "config:8-15");

static struct attribute *format_attributes[] = {
    &format_attr_event.attr,
    &format_attr_umask.attr,
    NULL,
};

static const struct attribute_group format_group = {
    .name = "format",
    .attrs = format_attributes,
};

static const struct attribute_group *attribute_groups[] = {&format_group, NULL};

static struct pmu made_up_pmu = {
    .module = THIS_MODULE,
    .attr_groups = attribute_groups,
    .task_ctx_nr = perf_hw_context,
    .event_init = pmu_event_init,
    .add = pmu_add,
    .del = pmu_del,
    .start = pmu_start,
    .stop = pmu_stop,
    .read = pmu_read,
};

/* Both functions asked for fill in a structure that is their first argument. */
static int remember_argument(struct kretprobe_instance *instance, struct pt_regs *regs)
{
    *(void **)instance->data = (void *)regs->di;
    return 0;
}

static int give_capability(struct kretprobe_instance *instance, struct pt_regs *regs)
{
    struct x86_pmu_capability *cap = *(void **)instance->data;

    cap->version = version;
    cap->num_counters_gp = counters;
    cap->num_counters_fixed = fixed;
    cap->bit_width_gp = width;
    cap->bit_width_fixed = fixed ? width : 0;
    cap->events_mask = 0;
    cap->events_mask_len = events;
    cap->pebs_ept = pebs;
    return 0;
}

static int give_lbr(struct kretprobe_instance *instance, struct pt_regs *regs)
{
    struct x86_pmu_lbr *stack = *(void **)instance->data;

    if (lbr) {
        stack->nr = lbr;
        stack->from = LBR_FROM;
        stack->to = LBR_TO;
        stack->info = LBR_INFO;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
        stack->has_callstack = true;
#endif
    }
    return 0;
}

static struct kretprobe probes[] = {
    {
        .kp.symbol_name = "perf_get_x86_pmu_capability",
        .entry_handler = remember_argument,
        .handler = give_capability,
        .data_size = sizeof(void *),
    },
    {
        .kp.symbol_name = "x86_perf_get_lbr",
        .entry_handler = remember_argument,
        .handler = give_lbr,
        .data_size = sizeof(void *),
    },
};

/* A function modules cannot link with: a probe tells where it is. */
static void *address_of(const char *name)
{
    struct kprobe probe = {.symbol_name = name};
    void *address;

    if (register_kprobe(&probe)) {
        return NULL;
    }
    address = probe.addr;
    unregister_kprobe(&probe);
    return address;
}

static void set_capabilities(void)
{
    if (core) {
        set_cpu_cap(&boot_cpu_data, X86_FEATURE_PERFCTR_CORE);
    }
    if (v2) {
        set_cpu_cap(&boot_cpu_data, X86_FEATURE_PERFMON_V2);
    }
    if (pebs) {
        set_cpu_cap(&boot_cpu_data, X86_FEATURE_PEBS);
        set_cpu_cap(&boot_cpu_data, X86_FEATURE_DS);
        set_cpu_cap(&boot_cpu_data, X86_FEATURE_DTES64);
    }
    if (pebs || lbr) {
        set_cpu_cap(&boot_cpu_data, X86_FEATURE_PDCM);
    }
}

/* May be written later: KVM asks anew each time its vendor module is loaded. */
static int set_pebs(const char *text, const struct kernel_param *param)
{
    int ret = param_set_bool(text, param);

    set_capabilities();
    return ret;
}

static const struct kernel_param_ops pebs_ops = {
    .flags = KERNEL_PARAM_OPS_FL_NOARG,
    .set = set_pebs,
    .get = param_get_bool,
};
module_param_cb(pebs, &pebs_ops, &pebs, 0644);

static int __init made_up_init(void)
{
    int ret;

    overflow = address_of("perf_event_overflow");
    if (!overflow) {
        return -ENOENT;
    }
    ret = perf_pmu_register(&made_up_pmu, "cpu", PERF_TYPE_RAW);
    if (ret) {
        return ret;
    }
    for (int i = 0; i < ARRAY_SIZE(probes); i++) {
        ret = register_kretprobe(&probes[i]);
        if (ret) {
            while (i--) {
                unregister_kretprobe(&probes[i]);
            }
            perf_pmu_unregister(&made_up_pmu);
            return ret;
        }
    }
    set_capabilities();
    pr_info("made-up PMU: version %d, %d counters of %d bits, %d fixed\n", version,
            counters, width, fixed);
    return 0;
}

/* Never unloaded: perf keeps the number of a fixed type for ever, with a pointer to us.
 */
module_init(made_up_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A made-up core PMU for testing KVM");
