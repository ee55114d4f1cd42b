/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The x86 guest's own pieces: instructions C does not have, and who offers what.
 */
#ifndef VPMU_GUEST_X86_H
#define VPMU_GUEST_X86_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report.h"

typedef struct CpuidLeaf {
    uint32_t eax;
    uint32_t ebx;
    uint32_t ecx;
    uint32_t edx;
} CpuidLeaf;

static inline CpuidLeaf cpuid(uint32_t leaf, uint32_t subleaf)
{
    CpuidLeaf r;

    __asm__ volatile("cpuid"
                     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                     : "a"(leaf), "c"(subleaf));
    return r;
}

static inline void outb(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void outw(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint16_t inw(uint16_t port)
{
    uint16_t value;

    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint64_t rdtsc(void)
{
    uint32_t low;
    uint32_t high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static inline void cpu_pause(void)
{
    __asm__ volatile("pause");
}

/* What the loader told, whichever of the two protocols it spoke. */
typedef struct BootInfo {
    const char *protocol; /* "pvh", "multiboot" or "unknown" */
    char cmdline[512];
    uint64_t rsdp;      /* 0: not told */
    uint64_t ram_bytes; /* 0: not told */
    uint64_t module_count;
    uint64_t module_bytes; /* of the first one */
} BootInfo;

/* boot.S: these return false when the instruction faulted. */
bool try_rdmsr(uint32_t msr, uint64_t *ret_value);
bool try_wrmsr(uint32_t msr, uint64_t value);

/* boot.S: @rounds times two instructions. */
void run_loop(uint64_t rounds);

/* boot.S: does not return. */
void triple_fault(void) __attribute__((noreturn));

/* boot.S: interrupts that arrived at PMI_VECTOR. */
#define PMI_VECTOR      0x41
#define SPURIOUS_VECTOR 0xff
extern volatile uint64_t pmi_count;
extern const uint8_t pmi_entry[];
extern const uint8_t spurious_entry[];

/* apic.c: the local APIC, in either of its two forms; registers by their xAPIC offset. */
#define APIC_EOI   0xb0
#define APIC_SVR   0xf0
#define APIC_ICR   0x300
#define APIC_LVTPC 0x340

/* apic.c: switch it on; false where there is none.  The others only after that. */
bool apic_init(void);
uint32_t apic_read(uint32_t reg);
void apic_write(uint32_t reg, uint32_t value);

/* cpuid.c: every leaf the CPU has, one line each. */
void cpuid_report(void);

/* contract_report - the digest of the contract in fw_cfg, read @times times. */
void contract_report(uint64_t times);

/* The general-purpose counters of this CPU, whoever made it. */
typedef struct CounterSet {
    const char *name;
    uint32_t select, counter; /* of the first */
    unsigned step, count;
    uint32_t global_ctrl, global_status, global_clear; /* 0: there is none */
    uint32_t fixed_ctrl;
    bool is_sign_extended; /* a write takes 32 bits */
} CounterSet;

/* pmi.c: the counters there are; count 0 where none. */
CounterSet counter_set_find(void);

/*
 * pmi.c: counter @index counts instructions and interrupts after @to_go of them, less
 * than 31 bits.
 */
void counter_program(const CounterSet *set, unsigned index, uint64_t to_go);

/* pmi.c: what the counters hold at the start, and whether one interrupts. */
void pmu_reset_report(void);
void pmi_report(void);

/* pmi.c: leave every counter running, about to overflow, with an NMI to come of it. */
void pmu_leave_running(void);

/* pmi.c: give every counter a number of its own and report them @rounds times. */
void pmu_hold_report(uint64_t rounds);

/* console.c: set up the 16550 at 0x3f8. */
void console_init(void);

/* boot.c: read the loader's structure.  @magic is EAX at entry, @info is EBX. */
void boot_info_decode(BootInfo *ret_boot, uint32_t magic, uint64_t info);

/* smp.c: wake all other CPUs and count, ourselves included. */
unsigned smp_start(unsigned expected);

/* pmu.c: all facts about the performance monitoring unit. */
void pmu_report(uint64_t repeat);

/* acpi.c: find the tables once; 0 is "not told", then memory is searched. */
void acpi_init(uint64_t rsdp);

/* acpi.c: enabled processors in the MADT, 0 without a MADT. */
unsigned acpi_cpu_count(void);

/* acpi.c: both return when the firmware tables offer no way. */
void acpi_poweroff(void);
void acpi_reset(void);

#endif
