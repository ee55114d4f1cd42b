/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arm64.h"

#define UART_DR         0x00
#define UART_FR         0x18
#define UART_FR_TX_FULL (1u << 5)

static uint64_t uart;

/* One plain load or store each: a hypervisor cannot decode anything fancier. */
static uint32_t uart_read(unsigned reg)
{
    uint32_t value;

    __asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(uart + reg) : "memory");
    return value;
}

static void uart_write(unsigned reg, uint32_t value)
{
    __asm__ volatile("str %w0, [%1]" : : "r"(value), "r"(uart + reg) : "memory");
}

void console_init(uint64_t address)
{
    uart = address;
}

void console_write(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        /* A port that never gets ready must not keep the guest from ending. */
        for (unsigned tries = 0; tries < 1000000; tries++) {
            if (!(uart_read(UART_FR) & UART_FR_TX_FULL)) {
                break;
            }
        }
        uart_write(UART_DR, (uint8_t)text[i]);
    }
}
