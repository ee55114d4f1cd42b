/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands where a bzImage has its decompressor: moves a kernel that is not packed to where
 * it wants to be, switches to 64-bit mode and enters it.  Unpacking takes an interpreting
 * emulator longer than everything else of a boot.
 *
 * Entered at 1 MiB in 32-bit mode, flat, ESI = boot parameters.
 * Source: Linux Documentation/x86/boot.rst, "32-bit boot protocol", "64-bit boot protocol".
 * TARGET, ENTRY, BYTES (a multiple of 4): from the command line.
 */
#define LOADED    0x100000
#define STUB_ROOM 0x4000
#define CR4_PAE   0x20
#define CR0_PG    0x80000000
#define MSR_EFER  0xc0000080
#define EFER_LME  0x100

    .code32
    .section .text
    .globl _start
_start:
    cli
    movl %esi, %ebp
    std                         /* the two places overlap, the upper is the target */
    movl $(LOADED + STUB_ROOM + BYTES - 4), %esi
    movl $(TARGET + BYTES - 4), %edi
    movl $(BYTES / 4), %ecx
    rep movsl
    cld

    movl $pdpt + 3, pml4
    movl $CR4_PAE, %eax
    movl %eax, %cr4
    movl $pml4, %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    rdmsr
    orl $EFER_LME, %eax
    wrmsr
    lgdt gdt_pointer
    movl %cr0, %eax
    orl $CR0_PG, %eax
    movl %eax, %cr0
    ljmp $0x10, $long_mode

    .code64
long_mode:
    movl $0x18, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %ebp, %esi
    movl $ENTRY, %eax
    jmp *%rax

    .balign 8
gdt:
    .quad 0
    .quad 0
    .quad 0x00af9a000000ffff    /* 0x10: 64-bit code */
    .quad 0x00cf92000000ffff    /* 0x18: data */
gdt_pointer:
    .word . - gdt - 1
    .long gdt

    .balign 4096
pml4:
    .fill 512, 8, 0
pdpt:                           /* the first 4 GiB in pages of 1 GiB */
    .quad 0x83
    .quad 0x40000083
    .quad 0x80000083
    .quad 0xc0000083
    .fill 508, 8, 0
