/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x86.h"

#define PORT     0x3f8
#define REG_DATA (PORT + 0)
#define REG_IER  (PORT + 1)
#define REG_FCR  (PORT + 2)
#define REG_IIR  (PORT + 2)
#define REG_LCR  (PORT + 3)
#define REG_MCR  (PORT + 4)
#define REG_LSR  (PORT + 5)

#define LCR_8N1          0x03
#define LCR_DLAB         0x80
#define FCR_ENABLE_CLEAR 0x07
#define IIR_FIFO         0xc0
#define LSR_THR_EMPTY    0x20

static unsigned burst = 1; /* bytes the transmitter takes once it says it is empty */

void console_init(void)
{
    outb(REG_IER, 0);
    outb(REG_LCR, LCR_8N1 | LCR_DLAB);
    outb(REG_DATA, 1); /* 115200 */
    outb(REG_IER, 0);
    outb(REG_LCR, LCR_8N1);
    outb(REG_MCR, 0x03);
    outb(REG_FCR, FCR_ENABLE_CLEAR);
    if ((inb(REG_IIR) & IIR_FIFO) == IIR_FIFO) {
        burst = 16;
    }
}

void console_write(const char *text, size_t size)
{
    size_t done = 0;

    while (done < size) {
        /* A port that never gets ready must not keep the guest from ending. */
        for (unsigned tries = 0; tries < 1000000; tries++) {
            if (inb(REG_LSR) & LSR_THR_EMPTY) {
                break;
            }
            cpu_pause();
        }
        for (unsigned i = 0; i < burst && done < size; i++) {
            outb(REG_DATA, (uint8_t)text[done++]);
        }
    }
}
