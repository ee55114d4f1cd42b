/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What Linux's asm/kvm.h of arm64 says, as far as accel/kvm/arm, hw/arm and the modelled
 * kernel use it: it takes that header's place where their code is compiled on another
 * architecture.  arm64-numbers.c holds both against the same table.
 *
 * Source: Linux arch/arm64/include/uapi/asm/kvm.h (user space interface: names, numbers
 * and layouts).
 */
#ifndef TESTS_MODEL_ASM_KVM_H
#define TESTS_MODEL_ASM_KVM_H

#include <linux/types.h>
#include <stddef.h>

#define __KVM_HAVE_VCPU_EVENTS

/* ---- structures ---- */

struct kvm_regs {
    struct {
        __u64 regs[31];
        __u64 sp, pc, pstate;
    } regs;
    __u64 sp_el1;
    __u64 elr_el1;
    __u64 spsr[5];
    struct {
        __u64 vregs[32][2] __attribute__((aligned(16)));
        __u32 fpsr, fpcr;
        __u32 reserved[2];
    } fp_regs;
};

struct kvm_vcpu_init {
    __u32 target;
    __u32 features[7];
};

struct kvm_vcpu_events {
    struct {
        __u8 serror_pending;
        __u8 serror_has_esr;
        __u8 ext_dabt_pending;
        __u8 pad[5];
        __u64 serror_esr;
    } exception;
    __u32 reserved[12];
};

struct kvm_pmu_event_filter {
    __u16 base_event, nevents;
    __u8 action;
    __u8 pad[3];
};

struct kvm_sync_regs {
    __u64 device_irq_level;
};

struct kvm_debug_exit_arch {
    __u32 hsr, hsr_high;
    __u64 far;
};

/* Sizes of requests that nothing here makes. */
struct kvm_sregs {
    __u8 unused;
};
struct kvm_fpu {
    __u8 unused;
};
struct kvm_guest_debug_arch {
    __u8 unused;
};

/* ---- numbers of registers ---- */

#define KVM_REG_ARM_CORE           (0x10 << 16)
#define KVM_REG_ARM_CORE_REG(name) (offsetof(struct kvm_regs, name) / sizeof(__u32))
#define KVM_REG_ARM64_SYSREG       (0x13 << 16)

#define ARM64_SYS_REG(op0, op1, crn, crm, op2)                                           \
    (KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM64_SYSREG | (op0) << 14 |             \
     (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

/* The numbers of the virtual timer's count and compare value are each other's. */
#define KVM_REG_ARM_TIMER_CNT  ARM64_SYS_REG(3, 3, 14, 3, 2)
#define KVM_REG_ARM_TIMER_CVAL ARM64_SYS_REG(3, 3, 14, 0, 2)

/* ---- KVM_ARM_VCPU_INIT ---- */

#define KVM_ARM_TARGET_GENERIC_V8    5
#define KVM_ARM_VCPU_POWER_OFF       0
#define KVM_ARM_VCPU_EL1_32BIT       1
#define KVM_ARM_VCPU_PSCI_0_2        2
#define KVM_ARM_VCPU_PMU_V3          3
#define KVM_ARM_VCPU_SVE             4
#define KVM_ARM_VCPU_PTRAUTH_ADDRESS 5
#define KVM_ARM_VCPU_PTRAUTH_GENERIC 6

/* ---- attributes of a vCPU ---- */

#define KVM_ARM_VCPU_PMU_V3_CTRL   0
#define KVM_ARM_VCPU_PMU_V3_IRQ    0
#define KVM_ARM_VCPU_PMU_V3_INIT   1
#define KVM_ARM_VCPU_PMU_V3_FILTER 2
#define KVM_PMU_EVENT_ALLOW        0
#define KVM_PMU_EVENT_DENY         1

/* ---- interrupt controller ---- */

#define KVM_VGIC_V2_ADDR_TYPE_DIST       0
#define KVM_VGIC_V2_ADDR_TYPE_CPU        1
#define KVM_VGIC_V3_ADDR_TYPE_DIST       2
#define KVM_VGIC_V3_ADDR_TYPE_REDIST     3
#define KVM_DEV_ARM_VGIC_GRP_ADDR        0
#define KVM_DEV_ARM_VGIC_GRP_DIST_REGS   1
#define KVM_DEV_ARM_VGIC_GRP_CPU_REGS    2
#define KVM_DEV_ARM_VGIC_GRP_NR_IRQS     3
#define KVM_DEV_ARM_VGIC_GRP_CTRL        4
#define KVM_DEV_ARM_VGIC_GRP_REDIST_REGS 5
#define KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS 6
#define KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO  7
#define KVM_DEV_ARM_VGIC_CTRL_INIT       0
#define KVM_ARM_IRQ_TYPE_SHIFT           24
#define KVM_ARM_IRQ_TYPE_SPI             1

/* ---- KVM_EXIT_FAIL_ENTRY ---- */

#define KVM_EXIT_FAIL_ENTRY_CPU_UNSUPPORTED (1ULL << 0)

#endif
