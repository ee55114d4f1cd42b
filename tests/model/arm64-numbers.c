/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interface to arm64's KVM, number by number.  Built for arm64 it is compared with
 * the kernel's own header, built for x86 with the one that stands in for it here.
 */
#include <linux/kvm.h>
#include <stddef.h>

#define IS(name, number) _Static_assert((name) == (number), #name)

/* Layouts.  sizeof(struct kvm_run) is no constant of the interface. */
IS(offsetof(struct kvm_regs, regs.regs), 0);
IS(offsetof(struct kvm_regs, regs.pc), 256);
IS(offsetof(struct kvm_regs, regs.pstate), 264);
IS(offsetof(struct kvm_regs, sp_el1), 272);
IS(offsetof(struct kvm_regs, spsr), 288);
IS(offsetof(struct kvm_regs, fp_regs), 336);
IS(sizeof(struct kvm_regs), 864);
IS(sizeof(struct kvm_vcpu_init), 32);
IS(offsetof(struct kvm_vcpu_events, exception.serror_esr), 8);
IS(sizeof(struct kvm_vcpu_events), 64);
IS(sizeof(struct kvm_pmu_event_filter), 8);
IS(offsetof(struct kvm_run, fail_entry.cpu), 40);

IS(KVM_ARM_VCPU_INIT, 0x4020aeae);
IS(KVM_ARM_PREFERRED_TARGET, 0x8020aeaf);
IS(KVM_GET_REG_LIST, 0xc008aeb0);
IS(KVM_ARM_VCPU_FINALIZE, 0x4004aec2);
IS(KVM_GET_VCPU_EVENTS, 0x8040ae9f);
IS(KVM_SET_VCPU_EVENTS, 0x4040aea0);

IS(KVM_REG_ARM_CORE, 0x100000);
IS(KVM_REG_ARM_CORE_REG(regs.pc), 64);
IS(ARM64_SYS_REG(3, 3, 9, 12, 0), 0x603000000013dce0);
IS(KVM_REG_ARM_TIMER_CNT, 0x603000000013df1a);
IS(KVM_REG_ARM_TIMER_CVAL, 0x603000000013df02);

IS(KVM_ARM_TARGET_GENERIC_V8, 5);
IS(KVM_ARM_VCPU_POWER_OFF, 0);
IS(KVM_ARM_VCPU_EL1_32BIT, 1);
IS(KVM_ARM_VCPU_PSCI_0_2, 2);
IS(KVM_ARM_VCPU_PMU_V3, 3);
IS(KVM_ARM_VCPU_SVE, 4);
IS(KVM_ARM_VCPU_PTRAUTH_ADDRESS, 5);
IS(KVM_ARM_VCPU_PTRAUTH_GENERIC, 6);

IS(KVM_ARM_VCPU_PMU_V3_CTRL, 0);
IS(KVM_ARM_VCPU_PMU_V3_IRQ, 0);
IS(KVM_ARM_VCPU_PMU_V3_INIT, 1);
IS(KVM_ARM_VCPU_PMU_V3_FILTER, 2);
IS(KVM_PMU_EVENT_ALLOW, 0);
IS(KVM_PMU_EVENT_DENY, 1);

IS(KVM_VGIC_V2_ADDR_TYPE_DIST, 0);
IS(KVM_VGIC_V2_ADDR_TYPE_CPU, 1);
IS(KVM_VGIC_V3_ADDR_TYPE_DIST, 2);
IS(KVM_VGIC_V3_ADDR_TYPE_REDIST, 3);
IS(KVM_DEV_ARM_VGIC_GRP_ADDR, 0);
IS(KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 1);
IS(KVM_DEV_ARM_VGIC_GRP_CPU_REGS, 2);
IS(KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 3);
IS(KVM_DEV_ARM_VGIC_GRP_CTRL, 4);
IS(KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, 5);
IS(KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, 6);
IS(KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 7);
IS(KVM_DEV_ARM_VGIC_CTRL_INIT, 0);
IS(KVM_ARM_IRQ_TYPE_SHIFT, 24);
IS(KVM_ARM_IRQ_TYPE_SPI, 1);

IS(KVM_EXIT_FAIL_ENTRY_CPU_UNSUPPORTED, 1);
