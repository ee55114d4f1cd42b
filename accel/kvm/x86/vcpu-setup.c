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

#define EFER_LME        BIT64(8)
#define EFER_LMA        BIT64(10)
#define CR0_PE          BIT64(0)
#define CR0_ET          BIT64(4)
#define CR0_PG          BIT64(31)
#define CR4_PAE         BIT64(5)
#define RFLAGS_RESERVED 0x2

#define APIC_LVT0           0x350
#define APIC_LVT1           0x360
#define APIC_DELIVER_NMI    0x400
#define APIC_DELIVER_EXTINT 0x700

#define MSR_MTRR_DEF_TYPE 0x2ff
#define MTRR_ENABLED_WB   0xc06 /* MTRRs and fixed ranges on, default write-back */

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

/* Memory is write-back without a firmware to say so. */
static bool set_memory_type(KvmVcpu *vcpu, GError **errp)
{
    const KvmMsr msr = {MSR_MTRR_DEF_TYPE, MTRR_ENABLED_WB, "MTRR default type"};

    return kvm_vcpu_set_msrs(vcpu, &msr, 1, errp);
}

/* The legacy interrupt controller arrives at LINT0, NMI at LINT1, as a firmware wires it.
 */
static bool wire_lapic(KvmVcpu *vcpu, GError **errp)
{
    struct kvm_lapic_state lapic;
    const uint32_t extint = APIC_DELIVER_EXTINT, nmi = APIC_DELIVER_NMI;

    if (!kvm_vcpu_get_lapic(vcpu, &lapic, errp)) {
        return false;
    }
    memcpy(lapic.regs + APIC_LVT0, &extint, sizeof(extint));
    memcpy(lapic.regs + APIC_LVT1, &nmi, sizeof(nmi));
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
           kvm_x86_vcpu_reset_pmu(vcpu, contract, errp) && set_memory_type(vcpu, errp) &&
           (index != 0 || wire_lapic(vcpu, errp));
}

void x86_start_gdt(X86StartMode mode, uint64_t ret_gdt[X86_START_GDT_ENTRIES])
{
    ret_gdt[0] = 0;
    ret_gdt[1] = 0;
    ret_gdt[2] = mode == X86_START_LONG_64 ? UINT64_C(0x00af9b000000ffff)
                                           : UINT64_C(0x00cf9b000000ffff);
    ret_gdt[3] = UINT64_C(0x00cf93000000ffff);
}

static struct kvm_segment flat_segment(uint16_t selector, bool is_code, bool is_long)
{
    return (struct kvm_segment){
        .selector = selector,
        .limit = 0xffffffff,
        .type = is_code ? 0xb : 0x3, /* accessed */
        .present = 1,
        .s = 1,
        .db = !is_long,
        .l = is_long,
        .g = 1,
    };
}

static void fill_sregs(struct kvm_sregs *sregs, const X86Start *start)
{
    bool is_long = start->mode == X86_START_LONG_64;
    struct kvm_segment data = flat_segment(X86_START_DATA_SEL, false, false);

    sregs->cs = flat_segment(X86_START_CODE_SEL, true, is_long);
    sregs->ds = sregs->es = sregs->fs = sregs->gs = sregs->ss = data;
    sregs->tr = (struct kvm_segment){.type = 0xb, .present = 1, .limit = 0x67};
    sregs->ldt = (struct kvm_segment){.type = 0x2, .unusable = 1};
    sregs->gdt.base = start->gdt_base;
    sregs->gdt.limit = X86_START_GDT_ENTRIES * sizeof(uint64_t) - 1;
    sregs->idt.base = 0;
    sregs->idt.limit = 0;
    sregs->cr0 = CR0_PE | CR0_ET | (is_long ? CR0_PG : 0);
    sregs->cr3 = is_long ? start->cr3 : 0;
    sregs->cr4 = is_long ? CR4_PAE : 0;
    sregs->efer = is_long ? EFER_LME | EFER_LMA : 0;
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
