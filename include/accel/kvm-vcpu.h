/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * KvmVcpu: one virtual CPU in the kernel: its run loop step and its registers.
 *
 * A vCPU's descriptor is used by its own thread while it runs, by the main thread before
 * and while it is stopped.  What a guest CPU *is* comes as values from target/; this
 * module sets them, reads them back and says which row differs.
 *
 * Source for every request: Linux Documentation/virt/kvm/api.rst, section of that name.
 */
#ifndef ACCEL_KVM_VCPU_H
#define ACCEL_KVM_VCPU_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "accel/kvm-vm.h"
#include "target/x86-cpuid.h"

typedef struct KvmVcpu KvmVcpu;

/* How a trace names KVM_SET_DEVICE_ATTR on a guest's vCPU. */
#define KVM_SET_VCPU_ATTR_NAME "KVM_SET_DEVICE_ATTR (vCPU)"

/* Why the guest left KVM_RUN, in terms that do not depend on the kernel's structs. */
typedef enum VcpuExitKind {
    VCPU_EXIT_PIO,         /* port access; data points into the run page */
    VCPU_EXIT_MMIO,        /* memory access no slot covers */
    VCPU_EXIT_INTERRUPTED, /* a signal or immediate exit; nothing happened */
    VCPU_EXIT_SHUTDOWN,    /* triple fault (x86) */
    VCPU_EXIT_SYSTEM_DOWN, /* power-off asked through the kernel (PSCI) */
    VCPU_EXIT_SYSTEM_RESET,
    VCPU_EXIT_SYSTEM_CRASH,
    VCPU_EXIT_HALT,            /* only without an in-kernel interrupt controller */
    VCPU_EXIT_DIRTY_RING_FULL, /* guest_memory_collect_dirty() makes room */
    VCPU_EXIT_CPU_UNSUPPORTED, /* arm64: no entry on host CPU cpu, its PMU is another */
    VCPU_EXIT_FAIL_ENTRY,      /* the hardware or KVM refused to enter; see reason, cpu */
    VCPU_EXIT_INTERNAL,        /* KVM gave up; see reason */
    VCPU_EXIT_OTHER, /* an exit nobody asked for; reason is the kernel's number */
    VCPU_EXIT_KIND_COUNT,
} VcpuExitKind;

typedef struct VcpuExit {
    VcpuExitKind kind;
    bool is_write;
    uint8_t size;   /* bytes per access: 1, 2, 4, 8 */
    uint32_t count; /* PIO: string instructions repeat */
    uint64_t addr;  /* port or guest physical address */
    uint8_t *data;  /* in the run page; size * count bytes; reads are stored here */
    uint64_t reason;
    uint32_t cpu; /* FAIL_ENTRY: the host CPU it happened on */
} VcpuExit;

/*
 * kvm_vcpu_new - KVM_CREATE_VCPU, its run page, and its dirty ring where @vm has one.
 * @id: x86: APIC ID; arm64: index
 * @vm: borrowed, outlives the vCPU
 */
KvmVcpu *kvm_vcpu_new(KvmVm *vm, unsigned long id, GError **errp);

/* kvm_vcpu_free - before its VM; unmap and close; not while a thread is in
 * kvm_vcpu_run().  NULL is nothing. */
void kvm_vcpu_free(KvmVcpu *vcpu);

/*
 * kvm_vcpu_run - KVM_RUN once.
 * False only where the kernel refused the call itself.
 */
bool kvm_vcpu_run(KvmVcpu *vcpu, VcpuExit *ret_exit, GError **errp);

/*
 * kvm_vcpu_settle - have KVM do what it has put off until the next entry, such as the
 * interrupt of a counter that overflowed; until then it is in no register.  The guest
 * gets no further: a pending signal ends KVM_RUN before the entry.
 * @signal: has a handler and is not blocked in this thread
 */
bool kvm_vcpu_settle(KvmVcpu *vcpu, int signal, VcpuExit *ret_exit, GError **errp);

/*
 * kvm_vcpu_set_immediate_exit - make the next kvm_vcpu_run() only finish the access that
 * is pending and come back.  May be called from any thread; a thread already inside needs
 * a signal as well.
 */
void kvm_vcpu_set_immediate_exit(KvmVcpu *vcpu, bool on);

#if defined(KVM_ARCH_X86)
/* One MSR and its value; @name is for messages and may be NULL. */
typedef struct KvmMsr {
    uint32_t index;
    uint64_t value;
    const char *name;
} KvmMsr;

/* kvm_vcpu_set_cpuid - KVM_SET_CPUID2 with @count leaves; before the first run. */
bool kvm_vcpu_set_cpuid(KvmVcpu *vcpu, const X86CpuidEntry *entries, unsigned count,
                        GError **errp);

/*
 * kvm_vcpu_get_cpuid - KVM_GET_CPUID2: the leaves KVM keeps, of X86CpuidEntry; the caller
 * owns the array.  NULL on failure.
 */
GArray *kvm_vcpu_get_cpuid(KvmVcpu *vcpu, GError **errp);

/*
 * kvm_vcpu_set_msrs - KVM_SET_MSRS in the order given, at most 255 per call.
 * A refusal names MSR, value and the rule KVM has for it, see x86_msr_rule().
 */
bool kvm_vcpu_set_msrs(KvmVcpu *vcpu, const KvmMsr *msrs, unsigned count, GError **errp);

/* kvm_vcpu_get_msrs - fill in the values.  One that KVM does not give is named; the code
 * is VPMU_ERROR_NOT_SUPPORTED then, and another where the call itself failed. */
bool kvm_vcpu_get_msrs(KvmVcpu *vcpu, KvmMsr *msrs, unsigned count, GError **errp);

/*
 * kvm_vcpu_set_tsc_khz - KVM_SET_TSC_KHZ: the frequency the guest's TSC appears to have.
 * @khz: above 0.  Fails where the host cannot scale to it.
 */
bool kvm_vcpu_set_tsc_khz(KvmVcpu *vcpu, uint32_t khz, GError **errp);

/*
 * kvm_vcpu_get_*, kvm_vcpu_set_* - registers of a stopped vCPU.
 */
bool kvm_vcpu_get_regs(KvmVcpu *vcpu, struct kvm_regs *ret, GError **errp);
bool kvm_vcpu_set_regs(KvmVcpu *vcpu, const struct kvm_regs *regs, GError **errp);
bool kvm_vcpu_get_sregs(KvmVcpu *vcpu, struct kvm_sregs *ret, GError **errp);
bool kvm_vcpu_set_sregs(KvmVcpu *vcpu, const struct kvm_sregs *sregs, GError **errp);
bool kvm_vcpu_get_lapic(KvmVcpu *vcpu, struct kvm_lapic_state *ret, GError **errp);
bool kvm_vcpu_set_lapic(KvmVcpu *vcpu, const struct kvm_lapic_state *lapic,
                        GError **errp);
#elif defined(KVM_ARCH_ARM64)
/*
 * kvm_vcpu_init - KVM_ARM_VCPU_INIT.
 * On Linux 6.12 and later with the PMU bit: fails with ENODEV where the calling thread is
 * on a host CPU no PMU covers.
 */
bool kvm_vcpu_init(KvmVcpu *vcpu, const struct kvm_vcpu_init *init, GError **errp);

/*
 * kvm_vcpu_finalize - KVM_ARM_VCPU_FINALIZE: settle @feature, such as KVM_ARM_VCPU_SVE.
 * After kvm_vcpu_init() with it, before any register is read.
 */
bool kvm_vcpu_finalize(KvmVcpu *vcpu, int feature, GError **errp);

/* kvm_vcpu_get_reg, kvm_vcpu_set_reg - KVM_GET_ONE_REG and KVM_SET_ONE_REG, 64 bits. */
bool kvm_vcpu_get_reg(KvmVcpu *vcpu, uint64_t id, uint64_t *ret, GError **errp);
bool kvm_vcpu_set_reg(KvmVcpu *vcpu, uint64_t id, uint64_t value, GError **errp);

/* kvm_vcpu_set_attr_errno - KVM_SET_DEVICE_ATTR on the vCPU; 0 or -errno. */
int kvm_vcpu_set_attr_errno(KvmVcpu *vcpu, uint32_t group, uint64_t attr,
                            const void *value);

/* kvm_vcpu_set_attr - the same with an error that names @what. */
bool kvm_vcpu_set_attr(KvmVcpu *vcpu, uint32_t group, uint64_t attr, const void *value,
                       const char *what, GError **errp);
#endif

G_DEFINE_AUTOPTR_CLEANUP_FUNC(KvmVcpu, kvm_vcpu_free)

#endif
