/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arm64.h"

#define PSCI_VERSION      0x84000000u
#define PSCI_SYSTEM_OFF   0x84000008u
#define PSCI_SYSTEM_RESET 0x84000009u
#define DEFAULT_UART      0x09000000u

void guest_main(const uint8_t *tree) __attribute__((noreturn));
void exception_report(uint64_t syndrome, uint64_t pc) __attribute__((noreturn));

extern const uint8_t image_start[]; /* boot.S */

static Board board;

static void stop(void) __attribute__((noreturn));
static void stop(void)
{
    for (;;) {
        __asm__ volatile("wfi");
    }
}

static void finish(ExitMode mode) __attribute__((noreturn));
static void finish(ExitMode mode)
{
    switch (mode) {
    case EXIT_POWEROFF:
        (void)psci_call(&board, PSCI_SYSTEM_OFF, 0, 0, 0);
        report_text("poweroff", "refused");
        break;
    case EXIT_REBOOT:
        (void)psci_call(&board, PSCI_SYSTEM_RESET, 0, 0, 0);
        report_text("reboot", "refused");
        break;
    case EXIT_LOOP:
        for (;;) {
            __asm__ volatile("yield");
        }
    case EXIT_TRIPLE: /* no such thing here */
    case EXIT_DEBUG:
    case EXIT_HALT:
    case EXIT_PANIC:
        break;
    }
    stop();
}

void exception_report(uint64_t syndrome, uint64_t pc)
{
    report_hex("exception", syndrome);
    report_hex("exception.pc", pc);
    report_text("done", "exception");
    finish(EXIT_POWEROFF);
}

static void report_identity(void)
{
    uint64_t midr;
    uint64_t mpidr;
    uint64_t level;
    uint64_t psci = psci_call(&board, PSCI_VERSION, 0, 0, 0);

    __asm__ volatile("mrs %0, midr_el1" : "=r"(midr));
    __asm__ volatile("mrs %0, mpidr_el1" : "=r"(mpidr));
    __asm__ volatile("mrs %0, CurrentEL" : "=r"(level));
    report_dec("el", level >> 2 & 3);
    report_hex("midr", midr);
    report_hex("mpidr", mpidr);
    report_hex("psci", psci & 0xffffffff);
}

void guest_main(const uint8_t *tree)
{
    board_decode(&board, tree);
    console_init(board.uart ? board.uart : DEFAULT_UART);
    report_text("arch", "aarch64");
    report_text("boot", board.is_tree ? "dtb" : "none");
    report_text("cmdline", board.cmdline);
    report_dec("ram-bytes", board.ram_bytes);
    report_dec("initrd-bytes", board.initrd_bytes);
    report_text("dtb.pmu", board.pmu_compatible[0] ? board.pmu_compatible : "none");
    report_text("dtb.psci", board.psci_method[0] ? board.psci_method : "none");
    report_identity();
    report_dec("dtb.cpus", board.cpu_count);
    report_dec("cpus", smp_start(&board));
    pmu_report(option_number(board.cmdline, "repeat", 1));
    virtio_report(option_number(board.cmdline, "virtio", 0),
                  option_number(board.cmdline, "laps", 1));
    work_report(option_number(board.cmdline, "work", 0),
                option_number(board.cmdline, "count", 0) != 0);
    fill_report((uint64_t)(uintptr_t)image_start, option_number(board.cmdline, "fill", 0),
                option_number(board.cmdline, "dirty", 0));
    report_text("done", "ok");
    finish(option_exit_mode(board.cmdline));
}
