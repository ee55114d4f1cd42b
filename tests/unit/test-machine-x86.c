/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86 machines as a guest meets them, without running one: planned from a command line,
 * realized on the modelled kernel, then used through their buses and their RAM.
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <time.h>

#include "made-kernel.h"
#include "made-machine.h"
#include "util/json.h"

#define HOST "intel-icelake-sp"

/* ---- kernels made here ---- */

static void put16(GByteArray *bytes, unsigned at, uint16_t value)
{
    memcpy(bytes->data + at, &value, sizeof(value));
}

static void put32(GByteArray *bytes, unsigned at, uint32_t value)
{
    memcpy(bytes->data + at, &value, sizeof(value));
}

/* A bzImage of protocol 2.15 with a payload of one page. */
static GByteArray *bz_kernel(void)
{
    GByteArray *bytes = g_byte_array_new();

    g_byte_array_set_size(bytes, 2 * 512 + 4096);
    memset(bytes->data, 0, bytes->len);
    bytes->data[0x1f1] = 1; /* setup sectors */
    put16(bytes, 0x1fe, 0xaa55);
    bytes->data[0x201] = 0x6a; /* jump: the header ends at 0x26c */
    memcpy(bytes->data + 0x202, "HdrS", 4);
    put16(bytes, 0x206, 0x020f);
    bytes->data[0x211] = 1;          /* loaded high */
    put32(bytes, 0x22c, 0x7fffffff); /* highest initrd byte */
    put16(bytes, 0x236, 1);          /* 64-bit entry */
    put32(bytes, 0x238, 255);        /* command line */
    put32(bytes, 0x258, 0x1000000);  /* preferred address */
    put32(bytes, 0x260, 0x100000);   /* memory it needs */
    return bytes;
}

/* ---- a machine ---- */

#define MACHINE(...) made_machine_new(HOST, (const char *const[]){__VA_ARGS__, NULL})

static uint8_t inb(MadeMachine *made, uint64_t port)
{
    return (uint8_t)io_bus_read(made->machine->pio, port, 1);
}

static void outb(MadeMachine *made, uint64_t port, uint8_t value)
{
    io_bus_write(made->machine->pio, port, 1, value);
}

static const void *ram(MadeMachine *made, uint64_t gpa, uint64_t bytes)
{
    const void *hva = guest_memory_at(made->memory, gpa, bytes);

    g_assert_nonnull(hva);
    return hva;
}

static uint32_t ram32(MadeMachine *made, uint64_t gpa)
{
    uint32_t value;

    memcpy(&value, ram(made, gpa, 4), 4);
    return value;
}

static uint64_t ram64(MadeMachine *made, uint64_t gpa)
{
    uint64_t value;

    memcpy(&value, ram(made, gpa, 8), 8);
    return value;
}

/* ---- buses ---- */

static uint64_t answer_five(void *opaque, uint64_t offset, unsigned size)
{
    (void)opaque;
    (void)size;
    return 5 + offset;
}

static void test_io_bus(void)
{
    static const IoOps ops = {.read = answer_five};
    g_autoptr(IoBus) bus = io_bus_new("port");
    g_autoptr(GError) error = NULL;

    g_assert_true(io_bus_add(bus, 0x10, 4, "first", &ops, NULL, NULL));
    g_assert_true(io_bus_add(bus, 0x20, 4, "second", &ops, NULL, NULL));
    g_assert_true(io_bus_add(bus, 0x14, 12, "between", &ops, NULL, NULL));
    g_assert_false(io_bus_add(bus, 0x13, 2, "third", &ops, NULL, &error));
    g_assert_nonnull(strstr(error->message, "third"));
    g_assert_nonnull(strstr(error->message, "first"));
    g_assert_cmphex(io_bus_read(bus, 0x10, 1), ==, 5);
    g_assert_cmphex(io_bus_read(bus, 0x23, 1), ==, 8);
    /* Nobody there, and an access over the end of a device. */
    g_assert_cmphex(io_bus_read(bus, 0x0f, 1), ==, 0xff);
    g_assert_cmphex(io_bus_read(bus, 0x23, 2), ==, 0xffff);
    g_assert_cmphex(io_bus_read(bus, 0xffffffff, 4), ==, 0xffffffff);
    io_bus_write(bus, 0x10, 1, 1);
    io_bus_write(bus, 0x99, 1, 1);
}

/* ---- devices ---- */

static void test_serial(void)
{
    g_autoptr(MadeMachine) made =
        MACHINE("-M", "q35", "-nodefaults", "-device", "isa-serial,chardev=out");
    char text[16] = {0};

    outb(made, 0x3f8, 'o');
    outb(made, 0x3f8, 'k');
    g_assert_cmpuint(chardev_read_ringbuf(made->serial, text, sizeof(text)), ==, 2);
    g_assert_cmpstr(text, ==, "ok");
    g_assert_cmphex(inb(made, 0x3fd) & 0x61, ==, 0x60); /* idle, nothing received */
    outb(made, 0x3ff, 0x5a);
    g_assert_cmphex(inb(made, 0x3ff), ==, 0x5a); /* scratch */
    outb(made, 0x3fb, 0x80);
    outb(made, 0x3f8, 1);
    g_assert_cmphex(inb(made, 0x3f8), ==, 1); /* divisor */
    outb(made, 0x3fb, 3);
    outb(made, 0x3fa, 1); /* FIFOs on */
    g_assert_cmphex(inb(made, 0x3fa) & 0xc0, ==, 0xc0);
    outb(made, 0x3fc, 0x1a); /* loop back, as a driver probes */
    g_assert_cmphex(inb(made, 0x3fe) & 0xf0, ==, 0x90);
    outb(made, 0x3f8, 'x');
    g_assert_cmphex(inb(made, 0x3fd) & 1, ==, 1);
    g_assert_cmphex(inb(made, 0x3f8), ==, 'x');
    g_assert_cmphex(inb(made, 0x3fd) & 1, ==, 0);
}

static int rtc(MadeMachine *made, uint8_t index)
{
    uint8_t value;

    outb(made, 0x70, index);
    value = inb(made, 0x71);
    return (value >> 4) * 10 + (value & 0x0f);
}

static void rtc_set(MadeMachine *made, uint8_t index, uint8_t value)
{
    outb(made, 0x70, index);
    outb(made, 0x71, value);
}

static void test_rtc_keeps_what_the_guest_sets(void)
{
    g_autoptr(MadeMachine) made = MACHINE("-M", "q35", "-nodefaults");
    time_t now = time(NULL);
    struct tm tm;
    GError *error = NULL;

    gmtime_r(&now, &tm);
    g_assert_cmpint(rtc(made, 9), ==, tm.tm_year % 100);
    g_assert_cmpint(rtc(made, 0x32), ==, 20);
    rtc_set(made, 0x0b, 0x82); /* hold */
    rtc_set(made, 9, 0x06);
    rtc_set(made, 8, 0x06);
    rtc_set(made, 7, 0x17);
    rtc_set(made, 0x0b, 0x02);
    g_assert_cmpint(rtc(made, 9), ==, 6);
    g_assert_cmpint(rtc(made, 7), ==, 17);
    /* A reset is a new machine; the clock's battery is not part of it. */
    g_clear_pointer(&made->machine, machine_free);
    made_machine_realize(made, &error);
    g_assert_no_error(error);
    g_assert_cmpint(rtc(made, 9), ==, 6);
    g_assert_cmpint(rtc(made, 8), ==, 6);
}

/* Every way a guest ends or resets its machine. */
static void test_guest_events(void)
{
    static const struct {
        uint16_t port;
        uint16_t value;
        unsigned size;
        MachineEvent event;
        int code;
    } rows[] = {
        {0x64, 0xfe, 1, MACHINE_EVENT_RESET, 0},
        {0xcf9, 0x06, 1, MACHINE_EVENT_RESET, 0},
        {0x604, 0x2000, 2, MACHINE_EVENT_POWER_OFF, 0},
        {0x501, 3, 1, MACHINE_EVENT_EXIT, 7},
        {0x505, 1, 1, MACHINE_EVENT_PANIC, 0},
    };
    g_autoptr(MadeMachine) made = MACHINE("-M", "q35", "-nodefaults", "-device",
                                          "isa-debug-exit", "-device", "pvpanic");

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        io_bus_write(made->machine->pio, rows[i].port, rows[i].size, rows[i].value);
        g_assert_cmpint(made->events, ==, (int)i + 1);
        g_assert_cmpint(made->event, ==, rows[i].event);
        g_assert_cmpint(made->event_code, ==, rows[i].code);
    }
    /* Not asleep without the enable bit, and no reset by its absence. */
    io_bus_write(made->machine->pio, 0x604, 2, 0);
    outb(made, 0xcf9, 2);
    g_assert_cmpint(made->events, ==, ARRAY_LEN(rows));
}

static void test_keyboard_controller_tests_itself(void)
{
    g_autoptr(MadeMachine) made = MACHINE("-M", "q35", "-nodefaults");

    outb(made, 0x64, 0xaa);
    g_assert_cmphex(inb(made, 0x64) & 1, ==, 1);
    g_assert_cmphex(inb(made, 0x60), ==, 0x55);
    g_assert_cmphex(inb(made, 0x64) & 1, ==, 0);
}

static void test_power_button(void)
{
    g_autoptr(MadeMachine) made = MACHINE("-M", "q35", "-nodefaults");

    g_assert_true(machine_press_power_button(made->machine));
    g_assert_cmphex(io_bus_read(made->machine->pio, 0x600, 2), ==, 0x100);
    io_bus_write(made->machine->pio, 0x600, 2, 0x100);
    g_assert_cmphex(io_bus_read(made->machine->pio, 0x600, 2), ==, 0);
}

/* ---- fw_cfg ---- */

static void fw_cfg_select(MadeMachine *made, uint16_t key)
{
    io_bus_write(made->machine->pio, 0x510, 2, key);
}

static uint32_t fw_cfg_be32(MadeMachine *made)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < 4; i++) {
        value = value << 8 | inb(made, 0x511);
    }
    return value;
}

/* The directory's entry called @name: its key, and its size. */
static uint16_t fw_cfg_find(MadeMachine *made, const char *name, uint32_t *ret_size)
{
    uint32_t count;

    fw_cfg_select(made, 0x19);
    count = fw_cfg_be32(made);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t size = fw_cfg_be32(made), select = fw_cfg_be32(made);
        char text[56];

        for (unsigned k = 0; k < sizeof(text); k++) {
            text[k] = (char)inb(made, 0x511);
        }
        if (strcmp(text, name) == 0) {
            *ret_size = size;
            return (uint16_t)(select >> 16);
        }
    }
    g_assert_not_reached();
}

static void test_fw_cfg_carries_the_contract(void)
{
    g_autoptr(MadeMachine) made = MACHINE("-M", "q35", "-nodefaults", "-fw_cfg",
                                          "name=opt/org.example/x,string=hello");
    uint32_t size;
    uint16_t key = fw_cfg_find(made, "opt/org.example/x", &size);
    struct {
        uint32_t control, length;
        uint64_t address;
    } access = {0};
    const uint64_t gpa = 0x300000;

    fw_cfg_select(made, 0);
    g_assert_cmphex(fw_cfg_be32(made), ==, 0x51454d55); /* "QEMU" */
    g_assert_cmpuint(size, ==, 5);
    fw_cfg_select(made, key);
    g_assert_cmpint(inb(made, 0x511), ==, 'h');

    /* The same by DMA, the contract this time. */
    key = fw_cfg_find(made, "opt/org.vpmu/contract", &size);
    access.control = GUINT32_TO_BE((uint32_t)key << 16 | 8 | 2);
    access.length = GUINT32_TO_BE(size);
    access.address = GUINT64_TO_BE(gpa + 0x1000);
    g_assert_true(guest_memory_write(made->memory, gpa, &access, sizeof(access), NULL));
    io_bus_write(made->machine->pio, 0x514, 4, GUINT32_TO_BE((uint32_t)(gpa >> 32)));
    io_bus_write(made->machine->pio, 0x518, 4, GUINT32_TO_BE((uint32_t)gpa));
    g_assert_cmphex(ram32(made, gpa), ==, 0);
    g_assert_true(g_str_has_prefix(ram(made, gpa + 0x1000, size), "{"));

    /* An address that is no RAM is answered with the error bit, and nothing else. */
    access.address = GUINT64_TO_BE(UINT64_MAX - 10);
    g_assert_true(guest_memory_write(made->memory, gpa, &access, sizeof(access), NULL));
    io_bus_write(made->machine->pio, 0x518, 4, GUINT32_TO_BE((uint32_t)gpa));
    g_assert_cmphex(ram32(made, gpa), ==, GUINT32_TO_BE(1));
}

/* What the guest reads of its contract. */
static char *fw_cfg_digest(MadeMachine *made)
{
    uint32_t size;
    uint16_t key = fw_cfg_find(made, "opt/org.vpmu/contract", &size);
    g_autofree char *text = g_malloc0(size + 1);
    g_autojson *json = NULL;

    fw_cfg_select(made, key);
    for (uint32_t i = 0; i < size; i++) {
        text[i] = (char)inb(made, 0x511);
    }
    json = json_parse(text, -1, NULL);
    return g_strdup(json_object_get_string(json_object_object_get(json, "digest")));
}

static void check_same_given(const GArray *here, const GArray *there)
{
    g_assert_cmpuint(here->len, ==, there->len);
    for (unsigned i = 0; i < here->len; i++) {
        g_assert_cmpstr(g_array_index(here, CpuTableRow, i).given, ==,
                        g_array_index(there, CpuTableRow, i).given);
    }
}

/* A guest that arrived with less than the command line here gives. */
static void test_plan_of_a_guest_that_arrived(void)
{
    const char *const args[] = {"-M", "q35", "-cpu", "host,-x2apic,-full-width-write",
                                NULL};
    g_autoptr(MadeMachine) source =
        made_machine_plan("intel-icelake-sp", NULL, args, NULL);
    g_autoptr(MadeMachine) made = MACHINE("-M", "q35", "-cpu", "host", "-nodefaults");
    const CpuContract *arrived = source->plan->machine->contract;
    g_autofree char *theirs = cpu_contract_digest(arrived);
    g_autofree char *before = cpu_contract_digest(made->plan->machine->contract);
    g_autofree char *read_before = fw_cfg_digest(made);
    g_autofree char *after = NULL, *kept = NULL, *read_after = NULL;
    VmPlan *old = made->plan;

    g_assert_cmpstr(read_before, ==, before);
    g_clear_pointer(&made->machine, machine_free);
    report_free(made->report);
    made->report = report_new();
    made->plan = vm_plan_with(old, made->host, arrived, made->report, NULL);
    kept = cpu_contract_digest(old->machine->contract);
    g_assert_cmpstr(kept, ==, before);
    g_assert_true(made_machine_realize(made, NULL));
    after = cpu_contract_digest(made->plan->machine->contract);
    read_after = fw_cfg_digest(made);
    g_assert_cmpstr(after, ==, theirs);
    g_assert_cmpstr(read_after, ==, theirs);
    check_same_given(made->plan->cpu_table, source->plan->cpu_table);
    g_assert_nonnull(report_find(made->report, "x2apic"));
    g_assert_nonnull(report_find(made->report, "full-width-write"));
    g_assert_cmpuint(report_count(made->report, FINDING_ERROR), ==, 0);
    vm_plan_free(old);
}

/* B30: what a plan was made from does not change any more. */
static void test_configuration_of_a_plan_is_frozen(void)
{
    g_autoptr(MadeMachine) made = MACHINE("-M", "q35", "-cpu", "host", "-nodefaults");
    g_autoptr(GError) error = NULL;

    g_assert_false(object_set_string(&made->plan->accel->parent, "backcompat-pmu", "on",
                                     ORIGIN_USER, &error));
    g_assert_nonnull(strstr(error->message, "cannot change any more"));
    g_assert_false(object_set_string(made->plan->cpu, "pmu", "off", ORIGIN_USER, NULL));
}

/* ---- ACPI ---- */

static void check_sum(MadeMachine *made, uint64_t gpa, uint32_t bytes)
{
    const uint8_t *data = ram(made, gpa, bytes);
    uint8_t sum = 0;

    for (uint32_t i = 0; i < bytes; i++) {
        sum += data[i];
    }
    g_assert_cmphex(sum, ==, 0);
}

/* Table @signature of the XSDT, its checksum looked at. */
static uint64_t acpi_table(MadeMachine *made, const char *signature)
{
    uint64_t xsdt = ram64(made, 0xe0000 + 24);
    uint32_t bytes = ram32(made, xsdt + 4);

    check_sum(made, 0xe0000, 36);
    check_sum(made, xsdt, bytes);
    for (uint64_t at = 36; at < bytes; at += 8) {
        uint64_t table = ram64(made, xsdt + at);

        if (memcmp(ram(made, table, 4), signature, 4) == 0) {
            check_sum(made, table, ram32(made, table + 4));
            return table;
        }
    }
    g_assert_not_reached();
}

static void test_acpi_lists_every_cpu(void)
{
    static const char *const cpus[] = {"1", "4", "16", "255"};

    for (unsigned i = 0; i < ARRAY_LEN(cpus); i++) {
        g_autoptr(MadeMachine) made =
            MACHINE("-M", "q35", "-nodefaults", "-smp", cpus[i]);
        uint64_t madt = acpi_table(made, "APIC"), at = madt + 44;
        uint64_t end = madt + ram32(made, madt + 4);
        unsigned count = 0;

        for (; at < end; at += ((const uint8_t *)ram(made, at, 2))[1]) {
            uint8_t type = ((const uint8_t *)ram(made, at, 2))[0];

            count += type == 0 || type == 9;
        }
        g_assert_cmpint((int)count, ==, atoi(cpus[i]));
    }
}

static void test_acpi_fadt_says_where_things_are(void)
{
    g_autoptr(MadeMachine) made = MACHINE("-M", "q35", "-nodefaults");
    uint64_t fadt = acpi_table(made, "FACP");
    uint64_t dsdt = ram64(made, fadt + 140);

    g_assert_cmphex(ram32(made, fadt + 64), ==, 0x604);
    g_assert_cmphex(ram32(made, fadt + 116 + 4), ==, 0xcf9);
    check_sum(made, dsdt, ram32(made, dsdt + 4));
    g_assert_cmpmem(ram(made, dsdt, 4), 4, "DSDT", 4);
}

/* What the DSDT says of a device is where it answers: name, then IO() in its _CRS. */
static void check_described(MadeMachine *made, const char *name, uint16_t port)
{
    uint64_t dsdt = ram64(made, acpi_table(made, "FACP") + 140);
    uint32_t bytes = ram32(made, dsdt + 4);
    const char *table = ram(made, dsdt, bytes), *found = NULL;
    const uint8_t io[] = {0x47, 1, (uint8_t)port, (uint8_t)(port >> 8)};

    for (uint32_t i = 0; i + 4 < bytes && !found; i++) {
        found = memcmp(table + i, name, 4) == 0 ? table + i : NULL;
    }
    g_assert_nonnull(found);
    for (const char *at = found; at + 4 < table + bytes && at < found + 76; at++) {
        if (memcmp(at, io, sizeof(io)) == 0) {
            return;
        }
    }
    g_test_message("%s is not described at 0x%x", name, port);
    g_test_fail();
}

static void test_acpi_describes_what_was_planned(void)
{
    g_autoptr(MadeMachine) made =
        MACHINE("-M", "q35", "-nodefaults", "-device", "pvpanic,ioport=0x5a0", "-device",
                "isa-serial,index=1", "-device", "isa-serial,iobase=0x2e8,irq=5,index=3");

    check_described(made, "PEVT", 0x5a0);
    check_described(made, "COM2", 0x2f8);
    check_described(made, "COM4", 0x2e8);
    check_described(made, "FWCF", 0x510);
    check_described(made, "RTC_", 0x70);
}

static void test_no_acpi_leaves_no_tables(void)
{
    g_autoptr(MadeMachine) made = MACHINE("-M", "q35", "-nodefaults", "-no-acpi");

    g_assert_cmphex(ram64(made, 0xe0000), ==, 0);
    g_assert_cmphex(ram64(made, 0x6000 + 32), ==, 0); /* PVH start info: no RSDP */
}

/* ---- kernels ---- */

static void test_pvh_start(void)
{
    g_autoptr(MadeMachine) made =
        MACHINE("-M", "q35", "-nodefaults", "-append", "console=ttyS0");
    struct kvm_regs regs;
    struct kvm_sregs sregs;

    g_assert_true(kvm_vcpu_get_regs(made->machine->vcpus[0], &regs, NULL));
    g_assert_true(kvm_vcpu_get_sregs(made->machine->vcpus[0], &sregs, NULL));
    g_assert_cmphex(regs.rip, ==, MADE_KERNEL_ENTRY);
    g_assert_cmphex(regs.rflags, ==, 2);
    g_assert_cmphex(sregs.cr0 & 0x80000001, ==, 1); /* protected, not paged */
    g_assert_cmphex(sregs.cs.db, ==, 1);
    g_assert_cmphex(ram32(made, regs.rbx), ==, 0x336ec578);
    g_assert_cmpstr(ram(made, ram64(made, regs.rbx + 24), 14), ==, "console=ttyS0");
    g_assert_cmphex(ram32(made, MADE_KERNEL_ENTRY), ==, 0xf4f4f4f4);
}

static void test_bzimage_start(void)
{
    static const char *const args[] = {"-M",      "q35",   "-nodefaults",
                                       "-append", "quiet", NULL};
    g_autoptr(GByteArray) kernel = bz_kernel();
    g_autoptr(MadeMachine) made = made_machine_plan(HOST, kernel, args, NULL);
    struct kvm_regs regs;
    struct kvm_sregs sregs;

    g_assert_nonnull(made);
    g_assert_true(made_machine_realize(made, NULL));
    g_assert_true(kvm_vcpu_get_regs(made->machine->vcpus[0], &regs, NULL));
    g_assert_true(kvm_vcpu_get_sregs(made->machine->vcpus[0], &sregs, NULL));
    g_assert_cmphex(regs.rip, ==, 0x100200);
    g_assert_cmphex(sregs.efer, ==, 0x500);
    g_assert_cmphex(sregs.cs.l, ==, 1);
    /* boot_params: header, command line, RSDP, memory map from 0. */
    g_assert_cmpmem(ram(made, regs.rsi + 0x202, 4), 4, "HdrS", 4);
    g_assert_cmpstr(ram(made, ram32(made, regs.rsi + 0x228), 6), ==, "quiet");
    g_assert_cmphex(ram64(made, regs.rsi + 0x70), ==, 0xe0000);
    g_assert_cmphex(ram64(made, regs.rsi + 0x2d0), ==, 0);
    /* Identity map: the last entry of the fourth GiB. */
    g_assert_cmphex(ram64(made, sregs.cr3 + 0x5000 + 511 * 8), ==, 0xffe00083);
}

static char *plan_error(const GByteArray *kernel, const char *const *args)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(MadeMachine) made = made_machine_plan(HOST, kernel, args, &error);

    if (made) {
        made_machine_realize(made, &error);
    }
    g_assert_nonnull(error);
    return g_strdup(error->message);
}

static void test_what_does_not_fit_is_refused(void)
{
    static const char *const small[] = {"-M", "q35", "-nodefaults", "-m", "4", NULL};
    g_autofree char *long_line = g_strnfill(256, 'x');
    const char *const long_args[] = {"-M",      "q35",     "-nodefaults",
                                     "-append", long_line, NULL};
    g_autoptr(GByteArray) kernel = bz_kernel();
    g_autofree char *ram_error = plan_error(kernel, small);
    g_autofree char *line_error = plan_error(kernel, long_args);

    g_assert_nonnull(strstr(ram_error, "4 MiB"));
    g_assert_nonnull(strstr(line_error, "255"));
}

/* As behind firmware that found no disk: there is a machine, and its processor waits. */
static void test_without_a_kernel_it_waits(void)
{
    static const char *const args[] = {"-M", "q35", "-nodefaults", NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(MadeMachine) made = made_machine_plan(HOST, NULL, args, &error);
    struct kvm_regs regs;
    struct kvm_sregs sregs;

    g_assert_no_error(error);
    made_machine_realize(made, &error);
    g_assert_no_error(error);
    g_assert_true(kvm_vcpu_get_regs(made->machine->vcpus[0], &regs, NULL));
    g_assert_true(kvm_vcpu_get_sregs(made->machine->vcpus[0], &sregs, NULL));
    g_assert_cmphex(ram64(made, regs.rip) & 0xffffffff, ==, 0xfdebf4fa);
    g_assert_cmphex(sregs.cr0 & 1, ==, 1);
}

static BootImages *open_bytes(const GByteArray *bytes, bool is_arm, GError **errp)
{
    g_autoptr(FileSys) fs = file_sys_new("");
    g_autofree char *path = made_kernel_write(bytes);
    BootImages *images = boot_images_open(fs, path, NULL, is_arm, errp);

    g_unlink(path);
    return images;
}

/* Cut anywhere, a kernel is refused with a message, or still whole enough to be one. */
static void test_truncated_kernels(void)
{
    GByteArray *(*const makers[])(void) = {made_kernel_pvh, bz_kernel};

    for (unsigned i = 0; i < ARRAY_LEN(makers); i++) {
        g_autoptr(GByteArray) whole = makers[i]();
        unsigned refused = 0;

        for (guint len = 0; len < whole->len; len += len < 700 ? 1 : 97) {
            g_autoptr(GByteArray) part = g_byte_array_new();
            g_autoptr(GError) error = NULL;
            g_autoptr(BootImages) images = NULL;

            g_byte_array_append(part, whole->data, len);
            images = open_bytes(part, false, &error);
            g_assert_true(images || error);
            refused += !images;
        }
        g_assert_cmpuint(refused, >, 100);
    }
}

/* Bytes of the headers set to the worst, one at a time. */
static void test_damaged_kernels(void)
{
    static const char *const args[] = {"-M", "q35", "-nodefaults", NULL};

    for (guint at = 0; at < 250; at++) {
        g_autoptr(GByteArray) kernel = made_kernel_pvh();
        g_autoptr(GError) error = NULL;
        g_autoptr(MadeMachine) made = NULL;

        if (at >= kernel->len) {
            break;
        }
        kernel->data[at] = 0xff;
        made = made_machine_plan(HOST, kernel, args, &error);
        if (made) {
            made_machine_realize(made, &error);
        }
        g_assert_true(error || made->machine);
    }
}

static void test_wrong_kind_of_kernel(void)
{
    g_autoptr(GByteArray) text = g_byte_array_new();
    g_autoptr(GByteArray) x86 = bz_kernel();
    g_autoptr(GError) error = NULL;

    g_byte_array_append(text, (const uint8_t *)"#!/bin/sh\n", 10);
    g_assert_null(open_bytes(text, false, &error));
    g_assert_nonnull(strstr(error->message, "bzImage"));
    g_clear_error(&error);
    g_assert_null(open_bytes(x86, true, &error));
    g_assert_nonnull(strstr(error->message, "arm64 Image"));
}

/* KVM calls that are about the PMU of the whole VM, and the vCPUs made after. */
typedef struct PmuCalls {
    unsigned vcpus, disables;
    bool is_late; /* a vCPU was there before */
} PmuCalls;

static void count_call(void *opaque, const char *request, const void *arg, int ret)
{
    PmuCalls *calls = opaque;
    const struct kvm_enable_cap *cap = arg;

    g_assert_cmpint(ret, >=, 0);
    if (strcmp(request, "KVM_CREATE_VCPU") == 0) {
        calls->vcpus++;
    } else if (strcmp(request, "KVM_ENABLE_CAP") == 0 &&
               cap->cap == KVM_CAP_PMU_CAPABILITY) {
        g_assert_cmphex(cap->args[0], ==, KVM_PMU_CAP_DISABLE);
        calls->disables++;
        calls->is_late = calls->is_late || calls->vcpus;
    }
}

/* Each vCPU was told of the PMU in the contract, the only one there is. */
static void check_pmu_leaves(const MadeMachine *made, unsigned vcpu)
{
    static const uint32_t leaves[] = {0xa, 0x80000022};
    const GArray *contract = made->plan->machine->contract->x86.cpuid;
    g_autoptr(GArray) told = kvm_vcpu_get_cpuid(made->machine->vcpus[vcpu], NULL);

    for (unsigned i = 0; i < ARRAY_LEN(leaves); i++) {
        for (X86Reg reg = X86_EAX; reg < X86_REG_COUNT; reg++) {
            g_assert_cmphex(x86_cpuid_reg(told, leaves[i], 0, reg), ==,
                            x86_cpuid_reg(contract, leaves[i], 0, reg));
        }
    }
}

/* T24: the property is of a CPU, the switch of the VM: one contract turns it, once. */
static void test_pmu_switch_is_per_vm(void)
{
    static const struct {
        const char *host, *cpu;
        uint32_t msr; /* of the PMU, which the last vCPU's guest reads */
        bool has_pmu;
    } rows[] = {
        {"amd-zen4-genoa", "host,pmu=off", 0xc0010200, false},
        {"amd-zen4-genoa", "EPYC-Genoa", 0xc0010200, false},
        {"amd-zen4-genoa", "host", 0xc0010200, true},
        {"intel-icelake-sp", "host,pmu=off", 0x38f, false},
        {"intel-icelake-sp", "host", 0x38f, true},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        const char *const args[] = {"-M", "q35",  "-nodefaults", "-smp",
                                    "4",  "-cpu", rows[i].cpu,   NULL};
        g_autoptr(GByteArray) kernel = made_kernel_pvh();
        g_autoptr(MadeMachine) made = made_machine_plan(rows[i].host, kernel, args, NULL);
        PmuCalls calls = {0};
        uint64_t value;

        kvm_sys_set_trace(made->sys, count_call, &calls);
        g_assert_true(made_machine_realize(made, NULL));
        kvm_sys_set_trace(made->sys, NULL, NULL);
        g_assert_cmpuint(calls.vcpus, ==, 4);
        g_assert_cmpuint(calls.disables, ==, rows[i].has_pmu ? 0 : 1);
        g_assert_false(calls.is_late);
        for (unsigned vcpu = 0; vcpu < 4; vcpu++) {
            check_pmu_leaves(made, vcpu);
        }
        g_assert_cmpint(model_kvm_guest_rdmsr(made->model, rows[i].msr, &value), ==,
                        rows[i].has_pmu);
    }
}

/* Fail the 1st, 2nd, ... KVM call of a machine: a message, nothing left open. */
static void test_fault_loop(void)
{
    static const char *const args[] = {"-M", "q35", "-nodefaults", "-smp", "2", NULL};
    g_autoptr(GByteArray) kernel = made_kernel_pvh();

    for (unsigned nth = 1;; nth++) {
        g_autoptr(MadeMachine) made = made_machine_plan(HOST, kernel, args, NULL);
        g_autoptr(GError) error = NULL;

        unsigned before = kvm_sys_uses(made->sys);

        kvm_sys_set_fault(made->sys, nth, EIO);
        if (made_machine_realize(made, &error)) {
            if (kvm_sys_uses(made->sys) < before + nth) {
                g_assert_cmpuint(nth, >, 20);
                break;
            }
            continue; /* a question that may stay unanswered */
        }
        g_assert_nonnull(error);
        g_assert_cmpuint(model_kvm_open_fds(made->model), ==, 1);
    }
}

/* A kernel without ACPI is told where the slots of virtio-mmio are that have a device. */
static void test_cmdline_names_virtio_devices(void)
{
    static const struct {
        const char *machine, *cmdline;
    } rows[] = {
        {"microvm,acpi=off", "x virtio_mmio.device=512@0xfeb00e00:12 "
                             "virtio_mmio.device=512@0xfeb00c00:11"},
        {"microvm,acpi=off,auto-kernel-cmdline=off", "x"},
        {"microvm", "x"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(MadeMachine) made =
            MACHINE("-M", rows[i].machine, "-nodefaults", "-append", "x", "-device",
                    "virtio-rng-device", "-device", "virtio-balloon-device");

        g_assert_cmpstr(guest_memory_at(made->memory, 0x20000, 0x1000), ==,
                        rows[i].cmdline);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/io-bus/who-answers", test_io_bus);
    g_test_add_func("/machine/serial", test_serial);
    g_test_add_func("/machine/rtc-keeps-what-the-guest-sets",
                    test_rtc_keeps_what_the_guest_sets);
    g_test_add_func("/machine/guest-events", test_guest_events);
    g_test_add_func("/machine/keyboard-controller-tests-itself",
                    test_keyboard_controller_tests_itself);
    g_test_add_func("/machine/power-button", test_power_button);
    g_test_add_func("/machine/fw-cfg-carries-the-contract",
                    test_fw_cfg_carries_the_contract);
    g_test_add_func("/machine/plan-of-a-guest-that-arrived",
                    test_plan_of_a_guest_that_arrived);
    g_test_add_func("/machine/configuration-of-a-plan-is-frozen",
                    test_configuration_of_a_plan_is_frozen);
    g_test_add_func("/machine/acpi-lists-every-cpu", test_acpi_lists_every_cpu);
    g_test_add_func("/machine/acpi-fadt-says-where-things-are",
                    test_acpi_fadt_says_where_things_are);
    g_test_add_func("/machine/acpi-describes-what-was-planned",
                    test_acpi_describes_what_was_planned);
    g_test_add_func("/machine/no-acpi-leaves-no-tables", test_no_acpi_leaves_no_tables);
    g_test_add_func("/boot/pvh-start", test_pvh_start);
    g_test_add_func("/boot/bzimage-start", test_bzimage_start);
    g_test_add_func("/boot/without-a-kernel-it-waits", test_without_a_kernel_it_waits);
    g_test_add_func("/boot/what-does-not-fit-is-refused",
                    test_what_does_not_fit_is_refused);
    g_test_add_func("/boot/truncated-kernels", test_truncated_kernels);
    g_test_add_func("/boot/damaged-kernels", test_damaged_kernels);
    g_test_add_func("/boot/wrong-kind-of-kernel", test_wrong_kind_of_kernel);
    g_test_add_func("/machine/T24-pmu-switch-is-per-vm", test_pmu_switch_is_per_vm);
    g_test_add_func("/machine/fault-loop", test_fault_loop);
    g_test_add_func("/boot/cmdline-names-virtio-devices",
                    test_cmdline_names_virtio_devices);
    return g_test_run();
}
