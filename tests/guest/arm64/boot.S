/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linux arm64 Image header, entry with the device tree in X0, exception vectors and the
 * way in of the other CPUs.  The MMU stays off; the image runs wherever it was put.
 * Source: the kernel's Documentation/arm64/booting.rst.
 */

#define IMAGE_ROOM 0x80000
#define R_AARCH64_RELATIVE 1027

    .section .head, "ax"
    .globl image_start
image_start:
    b entry
    .long 0
    .quad 0                     /* text_offset */
    .quad IMAGE_ROOM            /* image size; the linker script checks it */
    .quad 0x8                   /* little endian, any page size, anywhere in memory */
    .quad 0
    .quad 0
    .quad 0
    .ascii "ARM\x64"
    .long 0

entry:
    mov x19, x0
    adr x20, image_start        /* also the difference to the link address, which is 0 */

    /* Clear what the file does not hold. */
    adrp x1, __bss_start
    add x1, x1, :lo12:__bss_start
    adrp x2, __image_end
    add x2, x2, :lo12:__image_end
1:  cmp x1, x2
    b.hs 2f
    str xzr, [x1], #8
    b 1b
2:
    /* Add the load address to the pointers in the data. */
    adrp x1, __rela_start
    add x1, x1, :lo12:__rela_start
    adrp x2, __rela_end
    add x2, x2, :lo12:__rela_end
3:  cmp x1, x2
    b.hs 4f
    ldp x3, x4, [x1], #16
    ldr x5, [x1], #8
    cmp x4, #R_AARCH64_RELATIVE
    b.ne 3b
    add x5, x5, x20
    str x5, [x3, x20]
    b 3b
4:
    adrp x1, stack_top
    add x1, x1, :lo12:stack_top
    mov sp, x1
    bl vectors_set
    mov x0, x19
    bl guest_main
5:  wfi
    b 5b

vectors_set:
    adrp x1, vectors
    add x1, x1, :lo12:vectors
    mrs x2, CurrentEL
    cmp x2, #0x8
    b.eq 1f
    msr vbar_el1, x1
    isb
    ret
1:  msr vbar_el2, x1
    isb
    ret

    .text
    .balign 2048
vectors:
    .rept 16
    .balign 128
    b exception
    .endr

/*
 * Where the code in question left a place to go on, go there: TRY_READ and TRY_WRITE
 * expect X9 and X10 to be lost.  Otherwise report and end.
 */
exception:
    adrp x9, resume_pc
    ldr x10, [x9, :lo12:resume_pc]
    str xzr, [x9, :lo12:resume_pc]
    mrs x9, CurrentEL
    cmp x9, #0x8
    b.eq 2f
    cbz x10, 1f
    msr elr_el1, x10
    eret
1:  mrs x0, esr_el1
    mrs x1, elr_el1
    b exception_report
2:  cbz x10, 3f
    msr elr_el2, x10
    eret
3:  mrs x0, esr_el2
    mrs x1, elr_el2
    b exception_report

/* A CPU woken by PSCI: X0 is the address of its own byte. */
    .globl secondary_entry
secondary_entry:
    mov w1, #1
    strb w1, [x0]
    dsb sy
1:  wfi
    b 1b

/* void run_loop(uint64_t rounds): two instructions a round. */
    .globl run_loop
run_loop:
1:  subs x0, x0, #1
    b.ne 1b
    ret

/* uint64_t psci_hvc/psci_smc(function, a, b, c): arguments are in place already. */
    .globl psci_hvc, psci_smc
psci_hvc:
    hvc #0
    ret
psci_smc:
    smc #0
    ret

    .bss
    .balign 16
stack:
    .space 16384
stack_top:
    .globl resume_pc
resume_pc:
    .space 8

    .section .note.GNU-stack, "", @progbits
