/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x86.h"

#define MSR_APIC_BASE    0x1b
#define APIC_BASE_ENABLE (1u << 11)
#define APIC_BASE_X2APIC (1u << 10)
#define MSR_X2APIC       0x800
#define APIC_SVR_ENABLE  0x1ff

static uint64_t apic_base;

bool apic_init(void)
{
    apic_base = 0;
    if (!(cpuid(1, 0).edx & 1u << 9) || !try_rdmsr(MSR_APIC_BASE, &apic_base) ||
        !(apic_base & APIC_BASE_ENABLE)) {
        return false;
    }
    apic_write(APIC_SVR, APIC_SVR_ENABLE);
    return true;
}

static volatile uint32_t *apic_register(uint32_t reg)
{
    return (volatile uint32_t *)((apic_base & ~0xfffull) + reg);
}

uint32_t apic_read(uint32_t reg)
{
    uint64_t value = 0;

    if (apic_base & APIC_BASE_X2APIC) {
        (void)try_rdmsr(MSR_X2APIC + reg / 16, &value);
        return (uint32_t)value;
    }
    return *apic_register(reg);
}

void apic_write(uint32_t reg, uint32_t value)
{
    if (apic_base & APIC_BASE_X2APIC) {
        (void)try_wrmsr(MSR_X2APIC + reg / 16, value);
        return;
    }
    *apic_register(reg) = value;
}
