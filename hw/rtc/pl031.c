/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PL031: the real-time clock of the arm64 board; seconds since 1970, UTC.
 * Source: Arm PrimeCell Real Time Clock (PL031) Technical Reference Manual, DDI 0224.
 */
#include <time.h>

#include "hw/devices.h"

#define PL031_BYTES 0x1000
/* A day; an alarm that is less behind is due. */
#define ALARM_STEP_S UINT32_C(86400)

#define REG_DR   0x00
#define REG_MR   0x04
#define REG_LR   0x08
#define REG_CR   0x0c
#define REG_IMSC 0x10
#define REG_RIS  0x14
#define REG_MIS  0x18
#define REG_ICR  0x1c
#define REG_ID   0xfe0

typedef struct Pl031 {
    Device device;
    IrqLine irq;
    int64_t *offset_s; /* guest time minus host time */
    uint32_t load, match, imsc, ris;
    guint timer;
    bool has_alarm; /* as saved: timer runs */
} Pl031;

static const uint8_t pl031_id[8] = {0x31, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

static uint32_t now(const Pl031 *rtc)
{
    return (uint32_t)time(NULL) + (uint32_t)*rtc->offset_s;
}

static void update_irq(Pl031 *rtc)
{
    irq_line_set(&rtc->irq, rtc->ris & rtc->imsc);
}

static gboolean alarm_fires(gpointer opaque);

/* In steps: GLib counts milliseconds, of which 32 bits hold seven weeks. */
static void set_alarm(Pl031 *rtc)
{
    uint32_t seconds = MIN(rtc->match - now(rtc), ALARM_STEP_S);

    if (rtc->timer) {
        g_source_remove(rtc->timer);
    }
    rtc->timer = g_timeout_add_seconds(seconds, alarm_fires, rtc);
}

static gboolean alarm_fires(gpointer opaque)
{
    Pl031 *rtc = opaque;

    rtc->timer = 0;
    /* A timer may be late: what is far ahead is another step, what is behind is due. */
    if (rtc->match - now(rtc) <= UINT32_MAX - ALARM_STEP_S && rtc->match != now(rtc)) {
        set_alarm(rtc);
        return G_SOURCE_REMOVE;
    }
    rtc->ris = 1;
    update_irq(rtc);
    return G_SOURCE_REMOVE;
}

static uint64_t pl031_read(void *opaque, uint64_t offset, unsigned size)
{
    const Pl031 *rtc = opaque;

    (void)size;
    switch (offset) {
    case REG_DR:
        return now(rtc);
    case REG_MR:
        return rtc->match;
    case REG_LR:
        return rtc->load;
    case REG_CR:
        return 1; /* runs always */
    case REG_IMSC:
        return rtc->imsc;
    case REG_RIS:
        return rtc->ris;
    case REG_MIS:
        return rtc->ris & rtc->imsc;
    default:
        return offset >= REG_ID && offset < PL031_BYTES ? pl031_id[(offset - REG_ID) / 4]
                                                        : 0;
    }
}

static void pl031_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    Pl031 *rtc = opaque;

    (void)size;
    switch (offset) {
    case REG_MR:
        rtc->match = (uint32_t)value;
        set_alarm(rtc);
        break;
    case REG_LR:
        rtc->load = (uint32_t)value;
        *rtc->offset_s = (int64_t)rtc->load - (int64_t)time(NULL);
        break;
    case REG_IMSC:
        rtc->imsc = value & 1;
        break;
    case REG_ICR:
        rtc->ris &= ~(uint32_t)value;
        break;
    }
    update_irq(rtc);
}

static const IoOps pl031_ops = {.read = pl031_read, .write = pl031_write};

static void pl031_free(Device *device)
{
    Pl031 *rtc = (Pl031 *)device;

    if (rtc->timer) {
        g_source_remove(rtc->timer);
    }
    g_free(rtc);
}

static bool pl031_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    (void)machine;
    (void)errp;
    sysbus_plan(self, PL031_BYTES);
    return true;
}

static Device *pl031_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    Pl031 *rtc = g_new0(Pl031, 1);

    rtc->device.free = pl031_free;
    rtc->offset_s = machine->host->rtc_offset_s;
    rtc->irq = machine->plan->board->irq(machine, (unsigned)plan->irq);
    if (!device_map(machine, plan, 0, &pl031_ops, rtc, errp)) {
        g_free(rtc);
        return NULL;
    }
    return &rtc->device;
}

static bool pl031_post_load(void *object, GError **errp)
{
    Pl031 *rtc = object;

    (void)errp; /* any values are possible */
    if (rtc->has_alarm) {
        set_alarm(rtc);
    }
    update_irq(rtc);
    return true;
}

static void pl031_pre_save(void *object)
{
    Pl031 *rtc = object;

    rtc->has_alarm = rtc->timer != 0;
}

/* clang-format off */
static const StateRow pl031_rows[] = {
    {"load", STATE_U32, offsetof(Pl031, load)},
    {"match", STATE_U32, offsetof(Pl031, match)},
    {"imsc", STATE_U32, offsetof(Pl031, imsc)},
    {"ris", STATE_U32, offsetof(Pl031, ris)},
    {"has-alarm", STATE_BOOL, offsetof(Pl031, has_alarm)},
};
/* clang-format on */

static const StateTable pl031_state = {
    .name = "pl031",
    .version = 1,
    .size = sizeof(Pl031),
    .rows = pl031_rows,
    .row_count = ARRAY_LEN(pl031_rows),
    .pre_save = pl031_pre_save,
    .post_load = pl031_post_load,
};

const DeviceClass pl031_class = {
    .type = {.name = "pl031",
             .parent = TYPE_SYSBUS_DEVICE,
             .doc = "PL031 real-time clock",
             .instance_size = sizeof(SysbusConfig)},
    .bus = DEVICE_BUS_SYSBUS,
    .description = {.fdt_name = "pl031",
                    .fdt_compatible = {"arm,pl031", "arm,primecell"},
                    .fdt_clocks = {"apb_pclk"}},
    .plan = pl031_plan,
    .realize = pl031_realize,
    .state = &pl031_state,
};
