/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making a vCPU what its contract says, and putting it at the start of a kernel.
 *
 * Setting is always followed by reading back; a difference is an error that names the
 * row.
 */
#ifndef ACCEL_VCPU_SETUP_H
#define ACCEL_VCPU_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "accel/kvm-vcpu.h"
#include "target/cpu-binding.h"
#include "target/cpu-contract.h"
#include "util/report.h"

#if defined(KVM_ARCH_X86)
#include "target/x86-encode.h"
#include "target/x86-pmu-state.h"

/* A segment register, its hidden part included. */
typedef struct X86Segment {
    uint16_t selector;
    uint32_t limit;
    uint8_t type;
    bool is_code_or_data; /* else a system segment */
    bool is_32, is_64;
} X86Segment;

#define X86_START_GDT_ENTRIES 4

/* How a boot protocol wants the processor: a board's data, which is programmed as it is.
 */
typedef struct X86StartState {
    uint64_t gdt[X86_START_GDT_ENTRIES]; /* what belongs at X86Start.gdt_base */
    X86Segment code, data, task;
    uint64_t cr0, cr4, efer;
} X86StartState;

/* Registers of the first vCPU when it enters a kernel; all others wait for INIT/SIPI. */
typedef struct X86Start {
    const X86StartState *state;
    uint64_t rip, rsp, rax, rbx, rsi;
    uint64_t cr3;      /* where paging is on */
    uint64_t gdt_base; /* in guest memory */
} X86Start;

/* What firmware would have left in each vCPU, and in the one that boots: a board's data.
 */
typedef struct X86PowerOn {
    uint64_t mtrr_def_type; /* MSR 0x2ff */
    uint32_t lint0, lint1;  /* entries of the local vector table */
} X86PowerOn;

/* kvm_x86_vm_setup - what the guest asks of the VM before its first vCPU. */
bool kvm_x86_vm_setup(KvmVm *vm, const CpuBinding *binding, GError **errp);

/*
 * kvm_x86_vcpu_setup - CPUID, then feature MSRs, then PMU state.
 * @index: of the vCPU, 0 is the one that boots
 * @report: where KVM kept CPUID otherwise than told, as warnings; may be NULL
 *
 * CPUID and MSRs are read back; another PMU than the contract's is an error that names
 * the row.
 */
bool kvm_x86_vcpu_setup(KvmVcpu *vcpu, const CpuContract *contract,
                        const X86Topology *topology, unsigned index, Report *report,
                        GError **errp);

/*
 * kvm_x86_vcpu_new - a vCPU with the local APIC's number of its place, set up: the one
 * order, for guests and for who only tries.  Arguments as kvm_x86_vcpu_setup().
 */
KvmVcpu *kvm_x86_vcpu_new(KvmVm *vm, const CpuContract *contract,
                          const X86Topology *topology, unsigned index, Report *report,
                          GError **errp);

/* kvm_x86_vcpu_power_on - program @state; @boots: the vCPU that does. */
bool kvm_x86_vcpu_power_on(KvmVcpu *vcpu, const X86PowerOn *state, bool boots,
                           GError **errp);

/*
 * kvm_x86_vcpu_reset_pmu - every PMU MSR the contract gives the guest to 0, counters
 * stopped first, then read back.  The capability MSR is not touched.
 */
bool kvm_x86_vcpu_reset_pmu(KvmVcpu *vcpu, const CpuContract *contract, GError **errp);

/*
 * kvm_x86_vcpu_save_pmu - values of the PMU MSRs, in the order of x86_pmu_state_list().
 * @ret_state: room for X86_PMU_STATE_MAX
 *
 * The vCPU is stopped.  Returns how many, -1 on failure.
 */
int kvm_x86_vcpu_save_pmu(KvmVcpu *vcpu, const CpuContract *contract, X86Msr *ret_state,
                          GError **errp);

/* kvm_x86_vcpu_load_pmu - the inverse: stops, then values, enables last. */
bool kvm_x86_vcpu_load_pmu(KvmVcpu *vcpu, const CpuContract *contract,
                           const X86Msr *state, unsigned count, GError **errp);

/* kvm_x86_vcpu_start - the state a kernel's boot protocol asks for. */
bool kvm_x86_vcpu_start(KvmVcpu *vcpu, const X86Start *start, GError **errp);
#elif defined(KVM_ARCH_ARM64)
/*
 * kvm_arm_vcpu_setup - KVM_ARM_VCPU_INIT with the contract's features, then SET_PMU and
 * the counter limit.  The caller is on a host CPU the PMU covers.
 * @index: of the vCPU; all but 0 start powered off
 */
bool kvm_arm_vcpu_setup(KvmVm *vm, KvmVcpu *vcpu, const CpuContract *contract,
                        const CpuBinding *binding, unsigned index, GError **errp);

/*
 * kvm_arm_vcpu_finish_pmu - overflow interrupt and PMU INIT, after the interrupt
 * controller exists; then compares PMUVer and the number of counters with the contract.
 */
bool kvm_arm_vcpu_finish_pmu(KvmVcpu *vcpu, const CpuContract *contract, unsigned intid,
                             GError **errp);

/* kvm_arm_vcpu_start - first vCPU at @pc with @x0, EL1, interrupts masked, MMU off. */
bool kvm_arm_vcpu_start(KvmVcpu *vcpu, uint64_t pc, uint64_t x0, GError **errp);

/* kvm_arm_vcpu_mpidr - affinity of the vCPU as KVM numbered it. */
bool kvm_arm_vcpu_mpidr(KvmVcpu *vcpu, uint64_t *ret, GError **errp);
#endif

#endif
