/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/vcpu-setup.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../vcpu-internal.h"
#include "target/x86-cpuid-kept.h"
#include "target/x86-msr-rules.h"
#include "util/bits.h"
#include "util/error.h"

#define RFLAGS_RESERVED 0x2

#define APIC_LVT0 0x350
#define APIC_LVT1 0x360

#define MSR_MTRR_DEF_TYPE 0x2ff

/* Newer than the headers of Debian 12; source: Linux uapi, asm/kvm.h. */
#define QUIRK_STUFF_FEATURE_MSRS BIT64(8)
#define MSR_PLATFORM_INFO        0xce

/* No part of the contract, and stuffed until now: CPUID faulting. */
static bool set_platform_info(KvmVcpu *vcpu, GError **errp)
{
    KvmMsr msr = {MSR_PLATFORM_INFO, 0, "platform-info"};

    if (!(kvm_vm_disabled_quirks(vcpu->vm) & QUIRK_STUFF_FEATURE_MSRS) ||
        !kvm_sys_get_feature_msr(vcpu->sys, MSR_PLATFORM_INFO, &msr.value, NULL)) {
        return true;
    }
    return kvm_vcpu_set_msrs(vcpu, &msr, 1, errp);
}

bool kvm_x86_vm_setup(KvmVm *vm, const CpuBinding *binding, GError **errp)
{
    /*
     * With the quirk KVM fills feature MSRs with all it offers, whatever the guest's
     * CPUID says, and another host may refuse on arrival what nobody asked for.  Without
     * it they start at 0 and hold what the contract sets.
     */
    if (!kvm_vm_disable_quirks(vm, QUIRK_STUFF_FEATURE_MSRS, errp)) {
        return false;
    }
    if (!binding->disable_pmu) {
        return true;
    }
    if (!kvm_vm_enable_cap(vm, KVM_CAP_PMU_CAPABILITY, KVM_PMU_CAP_DISABLE, errp)) {
        g_prefix_error(errp, "pmu=off: ");
        return false;
    }
    return true;
}

/* Every vCPU is told the same features, so the first one's warnings are everyone's. */
static bool check_cpuid(KvmVcpu *vcpu, const GArray *told, Report *report, GError **errp)
{
    g_autoptr(GArray) kept = kvm_vcpu_get_cpuid(vcpu, errp);
    g_autoptr(Report) found = report_new();

    if (!kept) {
        return false;
    }
    x86_cpuid_check_kept(told, kept, found);
    if (!report_to_error(found, errp)) {
        g_prefix_error(errp, "vCPU %lu: ", vcpu->id);
        return false;
    }
    report_add_new(report, found);
    return true;
}

static bool program_cpuid(KvmVcpu *vcpu, const CpuContract *contract,
                          const X86Topology *topology, unsigned index, Report *report,
                          GError **errp)
{
    g_autoptr(GArray) told =
        g_array_sized_new(FALSE, FALSE, sizeof(X86CpuidEntry), X86_CPUID_MAX);

    told->len = x86_contract_encode_cpuid(contract, topology, index,
                                          (X86CpuidEntry *)(void *)told->data);
    return kvm_vcpu_set_cpuid(vcpu, (const X86CpuidEntry *)(void *)told->data, told->len,
                              errp) &&
           check_cpuid(vcpu, told, report, errp);
}

static const char *contract_msr_name(const CpuContract *contract, uint32_t index)
{
    const X86MsrRow *row = x86_pmu_msr_row(contract, index);
    const X86MsrRule *rule = x86_msr_rule(index);

    return row ? row->name : rule ? rule->name : NULL;
}

/* Sets @count MSRs in order and compares what KVM kept of the last @compared ones. */
static bool set_msrs(KvmVcpu *vcpu, const CpuContract *contract, const X86Msr *wanted,
                     unsigned count, unsigned compared, GError **errp)
{
    KvmMsr msrs[X86_PMU_STATE_MAX];
    unsigned first = count - compared;

    for (unsigned i = 0; i < count; i++) {
        msrs[i] = (KvmMsr){wanted[i].index, wanted[i].value,
                           contract_msr_name(contract, wanted[i].index)};
    }
    if (!kvm_vcpu_set_msrs(vcpu, msrs, count, errp) ||
        !kvm_vcpu_get_msrs(vcpu, msrs + first, compared, errp)) {
        return false;
    }
    for (unsigned i = first; i < count; i++) {
        if (msrs[i].value != wanted[i].value) {
            error_set(errp,
                      "%s 0x%" PRIx32 ": the contract says 0x%" PRIx64
                      ", KVM kept 0x%" PRIx64,
                      msrs[i].name ? msrs[i].name : "MSR", msrs[i].index, wanted[i].value,
                      msrs[i].value);
            return false;
        }
    }
    return true;
}

static bool set_contract_msrs(KvmVcpu *vcpu, const CpuContract *contract, GError **errp)
{
    X86Msr wanted[X86_PMU_STATE_MAX];
    unsigned count = x86_contract_encode_msrs(contract, wanted, ARRAY_LEN(wanted));

    return set_msrs(vcpu, contract, wanted, count, count, errp);
}

bool kvm_x86_vcpu_reset_pmu(KvmVcpu *vcpu, const CpuContract *contract, GError **errp)
{
    X86Msr writes[X86_PMU_STATE_MAX], list[X86_PMU_STATE_MAX];
    unsigned count = x86_pmu_state_reset(contract, writes);
    unsigned rows = x86_pmu_state_list(contract, list);

    return set_msrs(vcpu, contract, writes, count, rows, errp);
}

bool kvm_x86_vcpu_load_pmu(KvmVcpu *vcpu, const CpuContract *contract,
                           const X86Msr *state, unsigned count, GError **errp)
{
    X86Msr writes[X86_PMU_STATE_MAX];
    unsigned total = x86_pmu_state_encode(contract, state, count, writes);

    /* Counters that were running go on at once, so their values are not compared. */
    return set_msrs(vcpu, contract, writes, total, 0, errp);
}

int kvm_x86_vcpu_save_pmu(KvmVcpu *vcpu, const CpuContract *contract, X86Msr *ret_state,
                          GError **errp)
{
    X86Msr list[X86_PMU_STATE_MAX];
    KvmMsr msrs[X86_PMU_STATE_MAX];
    unsigned count = x86_pmu_state_list(contract, list);

    for (unsigned i = 0; i < count; i++) {
        msrs[i] = (KvmMsr){list[i].index, 0, contract_msr_name(contract, list[i].index)};
    }
    if (!kvm_vcpu_get_msrs(vcpu, msrs, count, errp)) {
        return -1;
    }
    for (unsigned i = 0; i < count; i++) {
        ret_state[i] = (X86Msr){msrs[i].index, msrs[i].value};
    }
    return (int)count;
}

bool kvm_x86_vcpu_power_on(KvmVcpu *vcpu, const X86PowerOn *state, bool boots,
                           GError **errp)
{
    const KvmMsr mtrr = {MSR_MTRR_DEF_TYPE, state->mtrr_def_type, "MTRR default type"};
    struct kvm_lapic_state lapic;

    if (!kvm_vcpu_set_msrs(vcpu, &mtrr, 1, errp)) {
        return false;
    }
    if (!boots) {
        return true;
    }
    if (!kvm_vcpu_get_lapic(vcpu, &lapic, errp)) {
        return false;
    }
    memcpy(lapic.regs + APIC_LVT0, &state->lint0, sizeof(state->lint0));
    memcpy(lapic.regs + APIC_LVT1, &state->lint1, sizeof(state->lint1));
    return kvm_vcpu_set_lapic(vcpu, &lapic, errp);
}

bool kvm_x86_vcpu_setup(KvmVcpu *vcpu, const CpuContract *contract,
                        const X86Topology *topology, unsigned index, Report *report,
                        GError **errp)
{
    /* CPUID first: KVM judges every MSR by it. */
    return program_cpuid(vcpu, contract, topology, index, report, errp) &&
           (!contract->x86.tsc_khz ||
            kvm_vcpu_set_tsc_khz(vcpu, contract->x86.tsc_khz, errp)) &&
           set_platform_info(vcpu, errp) && set_contract_msrs(vcpu, contract, errp) &&
           kvm_x86_vcpu_reset_pmu(vcpu, contract, errp);
}

KvmVcpu *kvm_x86_vcpu_new(KvmVm *vm, const CpuContract *contract,
                          const X86Topology *topology, unsigned index, Report *report,
                          GError **errp)
{
    g_autoptr(KvmVcpu) vcpu =
        kvm_vcpu_new(vm, x86_topology_apic_id(topology, index), errp);

    return vcpu && kvm_x86_vcpu_setup(vcpu, contract, topology, index, report, errp)
               ? g_steal_pointer(&vcpu)
               : NULL;
}

static struct kvm_segment encode_segment(const X86Segment *segment)
{
    return (struct kvm_segment){
        .selector = segment->selector,
        .limit = segment->limit,
        .type = segment->type,
        .present = 1,
        .s = segment->is_code_or_data,
        .db = segment->is_32,
        .l = segment->is_64,
        .g = segment->is_code_or_data,
    };
}

static void fill_sregs(struct kvm_sregs *sregs, const X86Start *start)
{
    const X86StartState *state = start->state;
    struct kvm_segment data = encode_segment(&state->data);

    sregs->cs = encode_segment(&state->code);
    sregs->ds = sregs->es = sregs->fs = sregs->gs = sregs->ss = data;
    sregs->tr = encode_segment(&state->task);
    sregs->ldt = (struct kvm_segment){.type = 0x2, .unusable = 1};
    sregs->gdt.base = start->gdt_base;
    sregs->gdt.limit = sizeof(state->gdt) - 1;
    sregs->idt.base = 0;
    sregs->idt.limit = 0;
    sregs->cr0 = state->cr0;
    sregs->cr3 = start->cr3;
    sregs->cr4 = state->cr4;
    sregs->efer = state->efer;
}

bool kvm_x86_vcpu_start(KvmVcpu *vcpu, const X86Start *start, GError **errp)
{
    const struct kvm_regs regs = {
        .rip = start->rip,
        .rsp = start->rsp,
        .rax = start->rax,
        .rbx = start->rbx,
        .rsi = start->rsi,
        .rflags = RFLAGS_RESERVED,
    };
    struct kvm_sregs sregs;

    if (!kvm_vcpu_get_sregs(vcpu, &sregs, errp)) {
        return false;
    }
    fill_sregs(&sregs, start);
    return kvm_vcpu_set_sregs(vcpu, &sregs, errp) && kvm_vcpu_set_regs(vcpu, &regs, errp);
}
