/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two ways in (PVH and multiboot 1, both 32-bit, unpaged, flat), the switch to long
 * mode, the exception entries and the code of the other CPUs.
 *
 * Page tables and segment descriptors are built by the assembler, so nothing but the
 * switch itself runs before C.
 */

#define MULTIBOOT_MAGIC 0x1BADB002
#define MULTIBOOT_FLAGS 0x00010003 /* page-aligned modules, memory info, load addresses */
#define NOTE_PHYS32_ENTRY 18

#define CR0_PE_ET_PG 0x80000011
#define CR4_PAE 0x20
#define MSR_EFER 0xc0000080
#define EFER_LME 0x100

    .section .note.Xen, "a", @note
    .balign 4
    .long 4                     /* name size */
    .long 8                     /* description size: a pointer of this ELF class */
    .long NOTE_PHYS32_ENTRY
    .asciz "Xen"
    .quad entry32

    .section .head, "ax"
    .balign 4
multiboot_header:
    .long MULTIBOOT_MAGIC
    .long MULTIBOOT_FLAGS
    .long -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)
    .long multiboot_header
    .long __image_start
    .long __data_end
    .long __image_end
    .long entry32

    .code32
    .globl entry32
entry32:
    cli
    cld
    movl %eax, %ebp             /* multiboot says hello in EAX, PVH leaves it alone */
    movl %ebx, %esi             /* either way EBX points to what the loader tells */

    movl $__bss_start, %edi     /* also right after a reset that did not reload us */
    movl $__image_end, %ecx
    subl %edi, %ecx
    shrl $2, %ecx
    xorl %eax, %eax
    rep stosl

    lgdt gdt_pointer
    movl $CR4_PAE, %eax
    movl %eax, %cr4
    movl $pml4, %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    rdmsr
    orl $EFER_LME, %eax
    wrmsr
    movl $CR0_PE_ET_PG, %eax
    movl %eax, %cr0
    ljmp $0x08, $entry64

    .code64
entry64:
    movl $0x10, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    xorl %eax, %eax
    movl %eax, %fs
    movl %eax, %gs
    leaq stack_top(%rip), %rsp
    movl %ebp, %edi
    /* RSI already is the loader's pointer: writing ESI cleared its upper half. */
    call guest_main
1:  cli
    hlt
    jmp 1b

/*
 * Exceptions.  There is no way back to the faulting instruction: either the code in
 * question left a place to go on (see try_rdmsr), or the guest reports and ends.
 */
    .text
    .globl exception_entries
exception_entries:
    .set vector, 0
    .rept 32
    .balign 16
    pushq $vector
    jmp exception_common
    .set vector, vector + 1
    .endr

exception_common:
    movq resume_rip(%rip), %rax
    testq %rax, %rax
    jz 1f
    movq resume_rsp(%rip), %rsp
    movq $0, resume_rip(%rip)
    jmp *%rax
1:  movq %rsp, %rdi
    andq $-16, %rsp
    call exception_report

/* Interrupts: one that counts, one that never should have come. */
    .globl pmi_entry, spurious_entry
pmi_entry:
    lock incq pmi_count(%rip)
spurious_entry:
    iretq

/* bool try_rdmsr(uint32_t msr, uint64_t *ret_value): false when it faults. */
    .globl try_rdmsr
try_rdmsr:
    leaq 1f(%rip), %rax
    movq %rsp, resume_rsp(%rip)
    movq %rax, resume_rip(%rip)
    movl %edi, %ecx
    rdmsr
    movq $0, resume_rip(%rip)
    shlq $32, %rdx
    orq %rdx, %rax
    movq %rax, (%rsi)
    movl $1, %eax
    ret
1:  xorl %eax, %eax
    ret

/* bool try_wrmsr(uint32_t msr, uint64_t value): false when it faults. */
    .globl try_wrmsr
try_wrmsr:
    leaq 1f(%rip), %rax
    movq %rsp, resume_rsp(%rip)
    movq %rax, resume_rip(%rip)
    movl %edi, %ecx
    movl %esi, %eax
    movq %rsi, %rdx
    shrq $32, %rdx
    wrmsr
    movq $0, resume_rip(%rip)
    movl $1, %eax
    ret
1:  xorl %eax, %eax
    ret

/* void run_loop(uint64_t rounds): two instructions a round. */
    .globl run_loop
run_loop:
1:  decq %rdi
    jnz 1b
    ret

/* void triple_fault(void): no descriptor table, then a fault. */
    .globl triple_fault
triple_fault:
    lidt no_idt(%rip)
    ud2

/*
 * The other CPUs start here, in real mode, after smp_start() copied this to a page below
 * one megabyte.  Each adds itself to the word behind the code and stops.
 */
    .code16
    .globl ap_start, ap_count, ap_end
ap_start:
    cli
    movw %cs, %ax
    movw %ax, %ds
    lock incl ap_count - ap_start
1:  hlt
    jmp 1b
    .balign 4
ap_count:
    .long 0
ap_end:
    .code64

    .data
    .balign 8
gdt:
    .quad 0
    .quad 0x00af9a000000ffff    /* 0x08: 64-bit code */
    .quad 0x00cf92000000ffff    /* 0x10: data */
gdt_end:
gdt_pointer:
    .word gdt_end - gdt - 1
    .long gdt
    .long 0
no_idt:
    .word 0
    .quad 0

/* The first 4 GiB one to one in pages of 2 MiB; the last one uncached for the devices. */
    .balign 4096
pml4:
    .quad pdpt + 0x3
    .fill 511, 8, 0
pdpt:
    .quad pd + 0x3
    .quad pd + 0x1003
    .quad pd + 0x2003
    .quad pd + 0x3003
    .fill 508, 8, 0
pd:
    .set page, 0
    .rept 1536
    .quad page * 0x200000 + 0x83
    .set page, page + 1
    .endr
    .rept 512
    .quad page * 0x200000 + 0x9b
    .set page, page + 1
    .endr

    .bss
    .balign 16
stack:
    .space 16384
stack_top:
    .globl pmi_count, resume_rip, resume_rsp
pmi_count:
    .space 8
resume_rip:
    .space 8
resume_rsp:
    .space 8

    .section .note.GNU-stack, "", @progbits
