/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x86.h"

#define DEBUG_EXIT_PORT_A  0xf4
#define DEBUG_EXIT_PORT_B  0x501
#define PANIC_PORT         0x505 /* pvpanic, where it is */
#define RESET_CONTROL_PORT 0xcf9
#define I8042_COMMAND_PORT 0x64
#define I8042_PULSE_RESET  0xfe
#define END_WAIT           200000000u

typedef struct IdtGate {
    uint16_t offset_low;
    uint16_t selector;
    uint16_t flags;
    uint16_t offset_middle;
    uint32_t offset_high;
    uint32_t reserved;
} IdtGate;

typedef struct __attribute__((packed)) IdtPointer {
    uint16_t limit;
    uint64_t base;
} IdtPointer;

#define VECTOR_COUNT     256
#define EXCEPTION_COUNT  32
#define EXCEPTION_STRIDE 16

extern const uint8_t exception_entries[];
extern const uint8_t __image_start[]; /* guest.lds */

void guest_main(uint32_t magic, uint64_t info);
void exception_report(const uint64_t *frame) __attribute__((noreturn));

static IdtGate idt[VECTOR_COUNT];
static BootInfo boot;

static void stop(void) __attribute__((noreturn));
static void stop(void)
{
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}

static void idt_set(unsigned vector, const uint8_t *code)
{
    uint64_t entry = (uint64_t)code;

    idt[vector].offset_low = (uint16_t)entry;
    idt[vector].selector = 0x08;
    idt[vector].flags = 0x8e00; /* present, interrupt gate */
    idt[vector].offset_middle = (uint16_t)(entry >> 16);
    idt[vector].offset_high = (uint32_t)(entry >> 32);
}

static void idt_init(void)
{
    IdtPointer pointer = {sizeof(idt) - 1, (uint64_t)idt};

    for (unsigned i = 0; i < EXCEPTION_COUNT; i++) {
        idt_set(i, exception_entries + (size_t)i * EXCEPTION_STRIDE);
    }
    idt_set(PMI_VECTOR, pmi_entry);
    idt_set(SPURIOUS_VECTOR, spurious_entry);
    __asm__ volatile("lidt %0" : : "m"(pointer));
}

static void wait_for_the_end(void)
{
    uint64_t start = rdtsc();

    while (rdtsc() - start < END_WAIT) {
        cpu_pause();
    }
}

static void debug_exit(void)
{
    outb(DEBUG_EXIT_PORT_A, 0);
    outb(DEBUG_EXIT_PORT_B, 0);
}

static void reboot(void) __attribute__((noreturn));
static void reboot(void)
{
    acpi_reset();
    wait_for_the_end();
    outb(I8042_COMMAND_PORT, I8042_PULSE_RESET);
    wait_for_the_end();
    outb(RESET_CONTROL_PORT, 0x06);
    wait_for_the_end();
    triple_fault();
}

/* Without ACPI the debug-exit device, without that a reset: never just silence. */
static void power_off(void) __attribute__((noreturn));
static void power_off(void)
{
    acpi_poweroff();
    wait_for_the_end();
    debug_exit();
    wait_for_the_end();
    report_text("poweroff", "refused");
    reboot();
}

static void finish(ExitMode mode) __attribute__((noreturn));
static void finish(ExitMode mode)
{
    switch (mode) {
    case EXIT_POWEROFF:
        power_off();
    case EXIT_REBOOT:
        reboot();
    case EXIT_TRIPLE:
        triple_fault();
    case EXIT_DEBUG:
        debug_exit();
        stop();
    case EXIT_LOOP:
        for (;;) {
            cpu_pause();
        }
    case EXIT_PANIC:
        outb(PANIC_PORT, 1);
        break;
    case EXIT_HALT:
        break;
    }
    stop();
}

/*
 * @frame: the vector we pushed; then, for some vectors, an error code; then RIP.
 * Source: Intel SDM volume 3, section 6.14.
 */
void exception_report(const uint64_t *frame)
{
    uint64_t vector = frame[0];
    bool has_code =
        vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21;

    report_dec("exception", vector);
    report_hex("exception.rip", frame[has_code ? 2 : 1]);
    report_text("done", "exception");
    power_off();
}

static void report_identity(void)
{
    CpuidLeaf zero = cpuid(0, 0);
    CpuidLeaf one = cpuid(1, 0);
    CpuidLeaf hyp = cpuid(0x40000000u, 0);
    uint32_t family = one.eax >> 8 & 0xf;
    uint32_t model = one.eax >> 4 & 0xf;
    union {
        uint32_t words[4];
        char text[16];
    } name = {.words = {zero.ebx, zero.edx, zero.ecx, 0}};

    if (family == 6 || family == 15) {
        model |= (one.eax >> 16 & 0xf) << 4;
    }
    if (family == 15) {
        family += one.eax >> 20 & 0xff;
    }
    report_text("vendor", name.text);
    report_dec("family", family);
    report_dec("model", model);
    report_dec("stepping", one.eax & 0xf);
    if (one.ecx >> 31) {
        char text[16];

        name.words[0] = hyp.ebx;
        name.words[1] = hyp.ecx;
        name.words[2] = hyp.edx;
        name.words[3] = 0;
        (void)text_copy(text, sizeof(text), name.text);
        report_text("hypervisor", text);
    }
}

void guest_main(uint32_t magic, uint64_t info)
{
    uint64_t repeat;

    console_init();
    report_text("arch", "x86_64");
    idt_init();
    boot_info_decode(&boot, magic, info);
    acpi_init(boot.rsdp);
    report_text("boot", boot.protocol);
    report_text("cmdline", boot.cmdline);
    report_dec("ram-bytes", boot.ram_bytes);
    report_dec("modules", boot.module_count);
    report_dec("module-bytes", boot.module_bytes);
    report_identity();
    report_dec("acpi-cpus", acpi_cpu_count());
    report_dec("cpus", smp_start(acpi_cpu_count()));
    repeat = option_number(boot.cmdline, "repeat", 1);
    if (repeat) { /* else it is about something else: trials take long on a slow KVM */
        pmu_reset_report();
        pmu_report(repeat);
        pmi_report();
    }
    if (option_number(boot.cmdline, "leaves", 0)) {
        cpuid_report();
    }
    contract_report(option_number(boot.cmdline, "contract", 0));
    pmu_hold_report(option_number(boot.cmdline, "hold", 0));
    virtio_report(option_number(boot.cmdline, "virtio", 0),
                  option_number(boot.cmdline, "laps", 1));
    work_report(option_number(boot.cmdline, "work", 0),
                option_number(boot.cmdline, "count", 0) != 0);
    fill_report((uint64_t)(uintptr_t)__image_start,
                option_number(boot.cmdline, "fill", 0),
                option_number(boot.cmdline, "dirty", 0));
    report_text("done", "ok");
    if (option_number(boot.cmdline, "leave-running", 0)) {
        pmu_leave_running();
    }
    finish(option_exit_mode(boot.cmdline));
}
