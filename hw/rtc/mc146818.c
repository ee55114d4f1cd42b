/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MC146818 real-time clock with 128 bytes of CMOS memory, at ports 0x70 and 0x71.
 * Time is the host's UTC plus what the guest set it off by.  Alarm and update interrupts
 * are delivered once a second; the periodic interrupt is not there.
 * Source: Motorola MC146818A data sheet, register A to D.
 */
#include <time.h>

#include "hw/devices.h"
#include "util/error.h"

#define RTC_PORT 0x70
#define RTC_IRQ  8

enum {
    RTC_SECONDS = 0,
    RTC_SECONDS_ALARM = 1,
    RTC_MINUTES = 2,
    RTC_MINUTES_ALARM = 3,
    RTC_HOURS = 4,
    RTC_HOURS_ALARM = 5,
    RTC_WEEKDAY = 6,
    RTC_DAY = 7,
    RTC_MONTH = 8,
    RTC_YEAR = 9,
    RTC_A = 10,
    RTC_B = 11,
    RTC_C = 12,
    RTC_D = 13,
    RTC_CENTURY = 0x32,
    RTC_BYTES = 128,
};

#define A_DEFAULT   0x26 /* 32768 Hz base, 1024 Hz rate */
#define B_SET       0x80
#define B_ALARM_IE  0x20
#define B_UPDATE_IE 0x10
#define B_BINARY    0x04
#define B_24H       0x02
#define C_IRQ       0x80
#define C_ALARM     0x20
#define C_UPDATE    0x10
#define D_VALID     0x80
#define HOUR_PM     0x80
#define ALARM_ANY   0xc0

typedef struct Rtc {
    Device device;
    IrqLine irq;
    uint8_t index;
    uint8_t cmos[RTC_BYTES];
    int64_t *offset_s; /* guest time minus host time */
    guint timer;       /* runs while an interrupt is enabled */
} Rtc;

static uint8_t to_rtc(const Rtc *rtc, unsigned value)
{
    return (uint8_t)(rtc->cmos[RTC_B] & B_BINARY ? value
                                                 : (value / 10 % 10) << 4 | value % 10);
}

static unsigned from_rtc(const Rtc *rtc, uint8_t value)
{
    return rtc->cmos[RTC_B] & B_BINARY ? value : (value >> 4) * 10u + (value & 0x0f);
}

static uint8_t hours_to_rtc(const Rtc *rtc, unsigned hours)
{
    unsigned twelve = hours % 12 ? hours % 12 : 12;

    if (rtc->cmos[RTC_B] & B_24H) {
        return to_rtc(rtc, hours);
    }
    return (uint8_t)(to_rtc(rtc, twelve) | (hours >= 12 ? HOUR_PM : 0));
}

static unsigned hours_from_rtc(const Rtc *rtc, uint8_t value)
{
    if (rtc->cmos[RTC_B] & B_24H) {
        return from_rtc(rtc, value);
    }
    return from_rtc(rtc, value & 0x7f) % 12 + (value & HOUR_PM ? 12 : 0);
}

/* What struct tm counts from zero, where it is no count of years. */
static unsigned part(int value)
{
    return (unsigned)MAX(value, 0);
}

/* Stores the time of this moment into the registers, unless the guest holds them. */
static void update_time(Rtc *rtc)
{
    time_t now = (time_t)((uint64_t)time(NULL) + (uint64_t)*rtc->offset_s);
    struct tm tm;
    unsigned year;

    if ((rtc->cmos[RTC_B] & B_SET) || !gmtime_r(&now, &tm)) {
        return;
    }
    /* Of a year that does not fit the registers show the last four digits. */
    year = (unsigned)((((int64_t)tm.tm_year + 1900) % 10000 + 10000) % 10000);
    rtc->cmos[RTC_SECONDS] = to_rtc(rtc, part(tm.tm_sec));
    rtc->cmos[RTC_MINUTES] = to_rtc(rtc, part(tm.tm_min));
    rtc->cmos[RTC_HOURS] = hours_to_rtc(rtc, part(tm.tm_hour));
    rtc->cmos[RTC_WEEKDAY] = to_rtc(rtc, part(tm.tm_wday) + 1);
    rtc->cmos[RTC_DAY] = to_rtc(rtc, part(tm.tm_mday));
    rtc->cmos[RTC_MONTH] = to_rtc(rtc, part(tm.tm_mon) + 1);
    rtc->cmos[RTC_YEAR] = to_rtc(rtc, year % 100);
    rtc->cmos[RTC_CENTURY] = to_rtc(rtc, year / 100);
}

/* The guest stored a time: remember how far it is from the host's.  Any byte stands for a
 * number of 0 to 255; timegm() takes days and months that no calendar has. */
static void take_time(Rtc *rtc)
{
    struct tm tm = {
        .tm_sec = (int)from_rtc(rtc, rtc->cmos[RTC_SECONDS]),
        .tm_min = (int)from_rtc(rtc, rtc->cmos[RTC_MINUTES]),
        .tm_hour = (int)hours_from_rtc(rtc, rtc->cmos[RTC_HOURS]),
        .tm_mday = (int)from_rtc(rtc, rtc->cmos[RTC_DAY]),
        .tm_mon = (int)from_rtc(rtc, rtc->cmos[RTC_MONTH]) - 1,
        .tm_year = (int)(from_rtc(rtc, rtc->cmos[RTC_CENTURY]) * 100 +
                         from_rtc(rtc, rtc->cmos[RTC_YEAR])) -
                   1900,
    };

    *rtc->offset_s = (int64_t)timegm(&tm) - (int64_t)time(NULL);
}

static bool alarm_matches(const Rtc *rtc)
{
    static const uint8_t pairs[][2] = {
        {RTC_SECONDS, RTC_SECONDS_ALARM},
        {RTC_MINUTES, RTC_MINUTES_ALARM},
        {RTC_HOURS, RTC_HOURS_ALARM},
    };

    for (unsigned i = 0; i < ARRAY_LEN(pairs); i++) {
        uint8_t alarm = rtc->cmos[pairs[i][1]];

        if ((alarm & ALARM_ANY) != ALARM_ANY && alarm != rtc->cmos[pairs[i][0]]) {
            return false;
        }
    }
    return true;
}

static gboolean second_passed(gpointer opaque)
{
    Rtc *rtc = opaque;
    uint8_t enabled = rtc->cmos[RTC_B] & (B_ALARM_IE | B_UPDATE_IE);

    update_time(rtc);
    rtc->cmos[RTC_C] |= C_UPDATE | (alarm_matches(rtc) ? C_ALARM : 0);
    if (rtc->cmos[RTC_C] & enabled) {
        rtc->cmos[RTC_C] |= C_IRQ;
        irq_line_set(&rtc->irq, true);
    }
    return G_SOURCE_CONTINUE;
}

static void update_timer(Rtc *rtc)
{
    bool wanted = rtc->cmos[RTC_B] & (B_ALARM_IE | B_UPDATE_IE);

    if (wanted && !rtc->timer) {
        rtc->timer = g_timeout_add_seconds(1, second_passed, rtc);
    } else if (!wanted && rtc->timer) {
        g_source_remove(rtc->timer);
        rtc->timer = 0;
    }
}

static uint64_t rtc_read(void *opaque, uint64_t offset, unsigned size)
{
    Rtc *rtc = opaque;
    uint8_t value;

    (void)size;
    if (offset == 0) {
        return 0xff;
    }
    update_time(rtc);
    value = rtc->cmos[rtc->index];
    if (rtc->index == RTC_C) {
        rtc->cmos[RTC_C] = 0;
        irq_line_set(&rtc->irq, false);
    }
    return value;
}

static bool is_time_register(unsigned index)
{
    switch (index) {
    case RTC_SECONDS:
    case RTC_MINUTES:
    case RTC_HOURS:
    case RTC_WEEKDAY:
    case RTC_DAY:
    case RTC_MONTH:
    case RTC_YEAR:
    case RTC_CENTURY:
        return true;
    default:
        return false;
    }
}

static void rtc_store(Rtc *rtc, uint8_t value)
{
    uint8_t old = rtc->cmos[rtc->index];

    if (rtc->index == RTC_C || rtc->index == RTC_D) {
        return;
    }
    if (rtc->index == RTC_B && (value & B_SET) && !(old & B_SET)) {
        update_time(rtc);
    }
    rtc->cmos[rtc->index] = rtc->index == RTC_A ? value & 0x7f : value;
    if (rtc->index == RTC_B) {
        if (!(value & B_SET) && (old & B_SET)) {
            take_time(rtc);
        }
        update_timer(rtc);
    } else if (is_time_register(rtc->index) && !(rtc->cmos[RTC_B] & B_SET)) {
        take_time(rtc);
    }
}

static void rtc_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    Rtc *rtc = opaque;

    (void)size;
    if (offset == 0) {
        rtc->index = value & 0x7f;
    } else {
        rtc_store(rtc, (uint8_t)value);
    }
}

static const IoOps rtc_ops = {.read = rtc_read, .write = rtc_write};

static void rtc_free(Device *device)
{
    Rtc *rtc = (Rtc *)device;

    if (rtc->timer) {
        g_source_remove(rtc->timer);
    }
    g_free(rtc);
}

static bool rtc_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    (void)machine;
    (void)errp;
    device_plan_add_range(self, DEVICE_SPACE_PORTS, RTC_PORT, 2);
    self->irq = RTC_IRQ;
    return true;
}

static Device *rtc_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    Rtc *rtc = g_new0(Rtc, 1);

    rtc->device.free = rtc_free;
    rtc->irq = machine->plan->board->irq(machine, (unsigned)plan->irq);
    rtc->offset_s = machine->host->rtc_offset_s;
    rtc->cmos[RTC_A] = A_DEFAULT;
    rtc->cmos[RTC_B] = B_24H;
    rtc->cmos[RTC_D] = D_VALID;
    if (!device_map(machine, plan, 0, &rtc_ops, rtc, errp)) {
        g_free(rtc);
        return NULL;
    }
    return &rtc->device;
}

static bool rtc_post_load(void *object, GError **errp)
{
    Rtc *rtc = object;

    if (rtc->index >= RTC_BYTES) {
        error_set(errp, "mc146818rtc: there is no register %u", rtc->index);
        return false;
    }
    update_timer(rtc);
    irq_line_set(&rtc->irq, rtc->cmos[RTC_C] & C_IRQ);
    return true;
}

/* The time itself travels as the machine's offset from the host's clock. */
static const StateRow rtc_rows[] = {
    {"index", STATE_U8, offsetof(Rtc, index), 1},
    {"cmos", STATE_U8, offsetof(Rtc, cmos), RTC_BYTES},
};

static const StateTable rtc_state = {
    .name = "mc146818rtc",
    .version = 1,
    .size = sizeof(Rtc),
    .rows = rtc_rows,
    .row_count = ARRAY_LEN(rtc_rows),
    .post_load = rtc_post_load,
};

const DeviceClass mc146818_class = {
    .type = {.name = "mc146818rtc",
             .parent = TYPE_DEVICE,
             .doc = "real-time clock at ports 0x70 and 0x71",
             .instance_size = sizeof(Object)},
    .bus = DEVICE_BUS_ISA,
    .description = {.acpi_name = "RTC_", .acpi_hid = "PNP0B00"},
    .plan = rtc_plan,
    .realize = rtc_realize,
    .state = &rtc_state,
};
