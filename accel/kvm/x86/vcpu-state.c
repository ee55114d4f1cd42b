/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Order of loading, and why:
 *   1. TSC frequency: the TSC and its deadline are measured in it.
 *   2. System registers: they hold the APIC's mode and base, and EFER.SVME.  With PAE
 *      paging KVM reads the page directory pointers from RAM, which is there by now.
 *   3. Nested virtualisation: needs EFER, and is what later registers belong to.
 *   4. XCR0, then the XSAVE area, which KVM judges by it; general and debug registers.
 *   5. Local APIC, before the MSRs: the deadline MSR is ignored unless the timer is in
 *      deadline mode.
 *   6. MSRs, TSC first and deadline last; then those of the PMU, stopped first.
 *   7. Pending events, and last whether the vCPU runs, halts or waits for SIPI.
 */
#include "accel/vcpu-state.h"

#include <inttypes.h>
#include <string.h>

#include "../vcpu-internal.h"
#include "accel/vcpu-setup.h"
#include "target/x86-pmu-state.h"
#include "target/x86-state.h"
#include "util/bits.h"
#include "util/error.h"

#define MSR_WIRE_BYTES 12 /* number, value */
#define NESTED_MAX     (64 * 1024)
#define XSAVE_MAX      (64 * 1024)
/* A host whose TSC differs by less is not told apart from one measured badly. */
#define TSC_TOLERANCE_PPM 250

struct VcpuState {
    struct kvm_regs regs;
    struct kvm_sregs sregs;
    struct kvm_debugregs debug;
    struct kvm_vcpu_events events;
    struct kvm_mp_state mp;
    struct kvm_lapic_state lapic;
    uint64_t xcr0;
    uint32_t tsc_khz;
    GByteArray *xsave, *nested, *msrs, *pmu_msrs;
};

static bool has_xsave(const void *context)
{
    return x86_contract_has(context, X86_XSAVE);
}

static bool has_nested(const void *context)
{
    return x86_contract_has(context, X86_VMX) || x86_contract_has(context, X86_SVM);
}

static bool has_pmu(const void *context)
{
    return ((const CpuContract *)context)->pmu_enabled;
}

#define AT(field) offsetof(VcpuState, field)
#define SEGMENT(name)                                                                    \
    {#name ".base", STATE_U64, AT(sregs.name.base)},                                     \
        {#name ".limit", STATE_U32, AT(sregs.name.limit)},                               \
        {#name ".selector", STATE_U16, AT(sregs.name.selector)},                         \
        {#name ".type", STATE_U8, AT(sregs.name.type)},                                  \
        {#name ".present", STATE_U8, AT(sregs.name.present)},                            \
        {#name ".dpl", STATE_U8, AT(sregs.name.dpl)},                                    \
        {#name ".db", STATE_U8, AT(sregs.name.db)},                                      \
        {#name ".s", STATE_U8, AT(sregs.name.s)},                                        \
        {#name ".l", STATE_U8, AT(sregs.name.l)},                                        \
        {#name ".g", STATE_U8, AT(sregs.name.g)},                                        \
        {#name ".avl", STATE_U8, AT(sregs.name.avl)},                                    \
    {                                                                                    \
#name ".unusable", STATE_U8, AT(sregs.name.unusable)                             \
    }

/* clang-format off */
static const StateRow vcpu_rows[] = {
    {"rax", STATE_U64, AT(regs.rax)},
    {"rbx", STATE_U64, AT(regs.rbx)},
    {"rcx", STATE_U64, AT(regs.rcx)},
    {"rdx", STATE_U64, AT(regs.rdx)},
    {"rsi", STATE_U64, AT(regs.rsi)},
    {"rdi", STATE_U64, AT(regs.rdi)},
    {"rsp", STATE_U64, AT(regs.rsp)},
    {"rbp", STATE_U64, AT(regs.rbp)},
    {"r8", STATE_U64, AT(regs.r8)},
    {"r9", STATE_U64, AT(regs.r9)},
    {"r10", STATE_U64, AT(regs.r10)},
    {"r11", STATE_U64, AT(regs.r11)},
    {"r12", STATE_U64, AT(regs.r12)},
    {"r13", STATE_U64, AT(regs.r13)},
    {"r14", STATE_U64, AT(regs.r14)},
    {"r15", STATE_U64, AT(regs.r15)},
    {"rip", STATE_U64, AT(regs.rip)},
    {"rflags", STATE_U64, AT(regs.rflags)},
    SEGMENT(cs), SEGMENT(ds), SEGMENT(es), SEGMENT(fs), SEGMENT(gs), SEGMENT(ss),
    SEGMENT(tr), SEGMENT(ldt),
    {"gdt.base", STATE_U64, AT(sregs.gdt.base)},
    {"gdt.limit", STATE_U16, AT(sregs.gdt.limit)},
    {"idt.base", STATE_U64, AT(sregs.idt.base)},
    {"idt.limit", STATE_U16, AT(sregs.idt.limit)},
    {"cr0", STATE_U64, AT(sregs.cr0)},
    {"cr2", STATE_U64, AT(sregs.cr2)},
    {"cr3", STATE_U64, AT(sregs.cr3)},
    {"cr4", STATE_U64, AT(sregs.cr4)},
    {"cr8", STATE_U64, AT(sregs.cr8)},
    {"efer", STATE_U64, AT(sregs.efer)},
    {"apic-base", STATE_U64, AT(sregs.apic_base)},
    {"interrupt-bitmap", STATE_U64, AT(sregs.interrupt_bitmap), 4},
    {"dr", STATE_U64, AT(debug.db), 4},
    {"dr6", STATE_U64, AT(debug.dr6)},
    {"dr7", STATE_U64, AT(debug.dr7)},
    {"exception.injected", STATE_U8, AT(events.exception.injected)},
    {"exception.nr", STATE_U8, AT(events.exception.nr)},
    {"exception.has-error-code", STATE_U8, AT(events.exception.has_error_code)},
    {"exception.pending", STATE_U8, AT(events.exception.pending)},
    {"exception.error-code", STATE_U32, AT(events.exception.error_code)},
    {"exception.has-payload", STATE_U8, AT(events.exception_has_payload)},
    {"exception.payload", STATE_U64, AT(events.exception_payload)},
    {"interrupt.injected", STATE_U8, AT(events.interrupt.injected)},
    {"interrupt.nr", STATE_U8, AT(events.interrupt.nr)},
    {"interrupt.soft", STATE_U8, AT(events.interrupt.soft)},
    {"interrupt.shadow", STATE_U8, AT(events.interrupt.shadow)},
    {"nmi.injected", STATE_U8, AT(events.nmi.injected)},
    {"nmi.pending", STATE_U8, AT(events.nmi.pending)},
    {"nmi.masked", STATE_U8, AT(events.nmi.masked)},
    {"sipi-vector", STATE_U32, AT(events.sipi_vector)},
    {"smi.smm", STATE_U8, AT(events.smi.smm)},
    {"smi.pending", STATE_U8, AT(events.smi.pending)},
    {"smi.inside-nmi", STATE_U8, AT(events.smi.smm_inside_nmi)},
    {"smi.latched-init", STATE_U8, AT(events.smi.latched_init)},
    {"triple-fault.pending", STATE_U8, AT(events.triple_fault.pending)},
    {"events.flags", STATE_U32, AT(events.flags), .doc = "which of the events count"},
    {"mp-state", STATE_U32, AT(mp.mp_state)},
    {"lapic", STATE_U8, AT(lapic.regs), sizeof(((VcpuState *)0)->lapic.regs)},
    {"tsc-khz", STATE_U32, AT(tsc_khz), .doc = "0: unknown"},
    {"xcr0", STATE_U64, AT(xcr0), .applies = has_xsave, .when = "xsave"},
    {"xsave", STATE_BLOB, AT(xsave), XSAVE_MAX},
    {"nested", STATE_BLOB, AT(nested), NESTED_MAX, .applies = has_nested,
     .when = "vmx or svm"},
    {"msrs", STATE_BLOB, AT(msrs), X86_STATE_MAX *MSR_WIRE_BYTES,
     .doc = "pairs of number and value", .list = &x86_state_saved},
    {"pmu-msrs", STATE_BLOB, AT(pmu_msrs), X86_PMU_STATE_MAX *MSR_WIRE_BYTES,
     .applies = has_pmu, .when = "pmu", .doc = "pairs of number and value",
     .list = &x86_pmu_state_saved},
};
/* clang-format on */

static const StateTable vcpu_table = {
    .name = "x86-vcpu",
    .version = 1,
    .size = sizeof(VcpuState),
    .rows = vcpu_rows,
    .row_count = ARRAY_LEN(vcpu_rows),
};

const StateTable *kvm_vcpu_state_table(void)
{
    return &vcpu_table;
}

/* ---- capabilities ---- */

static int extension(const KvmVcpu *vcpu, int capability)
{
    return kvm_sys_check_extension(vcpu->sys, capability);
}

/* ---- MSRs ---- */

typedef struct MsrRead {
    KvmMsr msr;
    bool is_there;
} MsrRead;

/* Those that KVM may lack are asked for one by one, as a refusal ends a call. */
static bool read_msrs(KvmVcpu *vcpu, const CpuContract *contract, MsrRead *reads,
                      unsigned count, GError **errp)
{
    KvmMsr needed[X86_STATE_MAX];
    unsigned needed_count = 0;

    for (unsigned i = 0; i < count; i++) {
        const X86StateRow *row = x86_state_row(contract, reads[i].msr.index);
        g_autoptr(GError) cause = NULL;

        reads[i].msr.name = row->name;
        reads[i].is_there = true;
        if (!row->is_optional) {
            needed[needed_count++] = reads[i].msr;
        } else if (!kvm_vcpu_get_msrs(vcpu, &reads[i].msr, 1, &cause)) {
            reads[i].is_there = false;
            if (!g_error_matches(cause, VPMU_ERROR, VPMU_ERROR_NOT_SUPPORTED)) {
                g_propagate_error(errp, g_steal_pointer(&cause));
                return false;
            }
        }
    }
    if (!kvm_vcpu_get_msrs(vcpu, needed, needed_count, errp)) {
        return false;
    }
    for (unsigned i = 0, k = 0; k < needed_count; i++) {
        if (reads[i].msr.index == needed[k].index) {
            reads[i].msr.value = needed[k++].value;
        }
    }
    return true;
}

static bool save_msrs(KvmVcpu *vcpu, const CpuContract *contract, GByteArray *out,
                      GError **errp)
{
    X86Msr list[X86_STATE_MAX];
    MsrRead reads[X86_STATE_MAX];
    unsigned count = x86_state_list(contract, list);

    for (unsigned i = 0; i < count; i++) {
        reads[i] = (MsrRead){.msr = {.index = list[i].index}};
    }
    if (!read_msrs(vcpu, contract, reads, count, errp)) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        if (reads[i].is_there) {
            state_list_add_u64(&x86_state_saved, out, 0, reads[i].msr.index,
                               reads[i].msr.value);
        }
    }
    return true;
}

static bool load_msrs(KvmVcpu *vcpu, const CpuContract *contract, const GByteArray *in,
                      GError **errp)
{
    KvmMsr msrs[X86_STATE_MAX];
    unsigned count = 0;
    StateEntry entry;
    size_t at = 0;

    if (!state_list_check(&x86_state_saved, in->data, in->len, errp)) {
        return false;
    }
    while (state_list_next(&x86_state_saved, in->data, in->len, &at, &entry)) {
        const X86StateRow *row = x86_state_row(contract, (uint32_t)entry.number);

        if (!row) {
            error_set(errp, "msrs: this guest has no MSR 0x%" PRIx64, entry.number);
            return false;
        }
        msrs[count++] =
            (KvmMsr){(uint32_t)entry.number, state_entry_u64(&entry), row->name};
    }
    return kvm_vcpu_set_msrs(vcpu, msrs, count, errp);
}

static bool save_pmu(KvmVcpu *vcpu, const CpuContract *contract, GByteArray *out,
                     GError **errp)
{
    X86Msr state[X86_PMU_STATE_MAX];
    int count = kvm_x86_vcpu_save_pmu(vcpu, contract, state, errp);

    for (int i = 0; i < count; i++) {
        state_list_add_u64(&x86_pmu_state_saved, out, 0, state[i].index, state[i].value);
    }
    return count >= 0;
}

/* Where in @state, of @count MSRs, @index stands; -1 nowhere. */
static int find_msr(const X86Msr *state, unsigned count, uint32_t index)
{
    for (unsigned i = 0; i < count; i++) {
        if (state[i].index == index) {
            return (int)i;
        }
    }
    return -1;
}

/* A register that an older program did not know is not in its streams, and stays 0. */
static bool load_pmu(KvmVcpu *vcpu, const CpuContract *contract, const GByteArray *in,
                     GError **errp)
{
    X86Msr state[X86_PMU_STATE_MAX];
    unsigned count = x86_pmu_state_list(contract, state);
    StateEntry entry;
    size_t at = 0;

    if (!contract->pmu_enabled) {
        return true;
    }
    if (!state_list_check(&x86_pmu_state_saved, in->data, in->len, errp)) {
        return false;
    }
    while (state_list_next(&x86_pmu_state_saved, in->data, in->len, &at, &entry)) {
        int place = find_msr(state, count, (uint32_t)entry.number);

        if (place < 0) {
            error_set(errp, "pmu-msrs: this guest has no MSR 0x%" PRIx64, entry.number);
            return false;
        }
        state[place].value = state_entry_u64(&entry);
    }
    return kvm_x86_vcpu_load_pmu(vcpu, contract, state, count, errp);
}

/* ---- FPU ---- */

static unsigned xsave_bytes(const KvmVcpu *vcpu)
{
    int bytes = extension(vcpu, KVM_CAP_XSAVE2);

    return bytes >= (int)sizeof(struct kvm_xsave) ? (unsigned)bytes
                                                  : sizeof(struct kvm_xsave);
}

static bool save_fpu(KvmVcpu *vcpu, const CpuContract *contract, VcpuState *state,
                     GError **errp)
{
    unsigned bytes = xsave_bytes(vcpu);
    struct kvm_xcrs xcrs = {0};

    g_byte_array_set_size(state->xsave, bytes);
    memset(state->xsave->data, 0, bytes);
    if (bytes > sizeof(struct kvm_xsave)) {
        if (kvm_ioctl(vcpu->sys, vcpu->fd, KVM_GET_XSAVE2,
                      (struct kvm_xsave *)state->xsave->data, errp) < 0) {
            return false;
        }
    } else if (kvm_ioctl(vcpu->sys, vcpu->fd, KVM_GET_XSAVE,
                         (struct kvm_xsave *)state->xsave->data, errp) < 0) {
        return false;
    }
    if (!has_xsave(contract)) {
        return true;
    }
    if (kvm_ioctl(vcpu->sys, vcpu->fd, KVM_GET_XCRS, &xcrs, errp) < 0) {
        return false;
    }
    if (xcrs.nr_xcrs != 1 || xcrs.xcrs[0].xcr != 0) {
        error_set(errp, "KVM_GET_XCRS: more than XCR0");
        return false;
    }
    state->xcr0 = xcrs.xcrs[0].value;
    return true;
}

static bool load_fpu(KvmVcpu *vcpu, const CpuContract *contract, const VcpuState *state,
                     GError **errp)
{
    unsigned bytes = xsave_bytes(vcpu);
    struct kvm_xcrs xcrs = {.nr_xcrs = 1, .xcrs = {{.xcr = 0, .value = state->xcr0}}};
    g_autofree uint8_t *area = g_malloc0(MAX(bytes, state->xsave->len));

    if (has_xsave(contract) &&
        kvm_ioctl(vcpu->sys, vcpu->fd, KVM_SET_XCRS, &xcrs, errp) < 0) {
        return false;
    }
    for (unsigned i = bytes; i < state->xsave->len; i++) {
        if (state->xsave->data[i]) {
            error_set(errp, "xsave: %u bytes, KVM here takes %u", state->xsave->len,
                      bytes);
            return false;
        }
    }
    memcpy(area, state->xsave->data, state->xsave->len);
    return kvm_ioctl(vcpu->sys, vcpu->fd, KVM_SET_XSAVE, (struct kvm_xsave *)area,
                     errp) >= 0;
}

/* ---- nested virtualisation ---- */

static const char no_nested[] =
    "the guest has virtual machine extensions, and KVM on this "
    "host does not give their state";

const char *kvm_vcpu_state_blocker(KvmSys *sys, const CpuContract *contract)
{
    return has_nested(contract) && kvm_sys_check_extension(sys, KVM_CAP_NESTED_STATE) <
                                       (int)sizeof(struct kvm_nested_state)
               ? no_nested
               : NULL;
}

static bool save_nested(KvmVcpu *vcpu, GByteArray *out, GError **errp)
{
    int bytes = extension(vcpu, KVM_CAP_NESTED_STATE);
    struct kvm_nested_state *nested;

    if (bytes < (int)sizeof(*nested) || bytes > NESTED_MAX) {
        error_set(errp, "%s", no_nested);
        return false;
    }
    g_byte_array_set_size(out, (guint)bytes);
    memset(out->data, 0, (size_t)bytes);
    nested = (struct kvm_nested_state *)out->data;
    nested->size = (uint32_t)bytes;
    if (kvm_ioctl(vcpu->sys, vcpu->fd, KVM_GET_NESTED_STATE, nested, errp) < 0) {
        return false;
    }
    g_byte_array_set_size(out, MIN(nested->size, (uint32_t)bytes));
    return true;
}

static bool load_nested(KvmVcpu *vcpu, const GByteArray *in, GError **errp)
{
    struct kvm_nested_state *nested = (struct kvm_nested_state *)in->data;

    if (in->len < sizeof(*nested) || nested->size != in->len) {
        error_set(errp, "nested: %u bytes are not what their own size says", in->len);
        return false;
    }
    return kvm_ioctl(vcpu->sys, vcpu->fd, KVM_SET_NESTED_STATE, nested, errp) >= 0;
}

/* ---- the TSC's frequency ---- */

static uint32_t tsc_khz(const KvmVcpu *vcpu)
{
    int khz =
        kvm_ioctl_errno_(vcpu->sys, vcpu->fd, KVM_GET_TSC_KHZ, "KVM_GET_TSC_KHZ", NULL);

    return khz > 0 ? (uint32_t)khz : 0;
}

static bool load_tsc_khz(const KvmVcpu *vcpu, uint32_t khz, GError **errp)
{
    uint32_t own = tsc_khz(vcpu);
    uint64_t gap = khz > own ? khz - own : own - khz;

    if (khz == 0 || own == 0 || gap * 1000000 <= (uint64_t)khz * TSC_TOLERANCE_PPM) {
        return true;
    }
    if (kvm_ioctl_errno_(vcpu->sys, vcpu->fd, KVM_SET_TSC_KHZ, "KVM_SET_TSC_KHZ",
                         (void *)(uintptr_t)khz) < 0) {
        error_set(errp,
                  "the guest's TSC runs at %" PRIu32 " kHz, this host's at %" PRIu32
                  " kHz, and the host cannot scale it",
                  khz, own);
        return false;
    }
    return true;
}

/* ---- the whole ---- */

static bool save_registers(KvmVcpu *vcpu, VcpuState *state, GError **errp)
{
    return kvm_vcpu_get_regs(vcpu, &state->regs, errp) &&
           kvm_vcpu_get_sregs(vcpu, &state->sregs, errp) &&
           kvm_vcpu_get_lapic(vcpu, &state->lapic, errp) &&
           kvm_ioctl(vcpu->sys, vcpu->fd, KVM_GET_DEBUGREGS, &state->debug, errp) >= 0 &&
           kvm_ioctl(vcpu->sys, vcpu->fd, KVM_GET_VCPU_EVENTS, &state->events, errp) >= 0;
}

bool kvm_vcpu_save_state(KvmVcpu *vcpu, const CpuContract *contract, VcpuState *state,
                         GError **errp)
{
    state->xsave = g_byte_array_new();
    state->msrs = g_byte_array_new();
    state->pmu_msrs = g_byte_array_new();
    state->nested = g_byte_array_new();
    state->tsc_khz = tsc_khz(vcpu);
    /*
     * First the run state: asking for it makes KVM take INIT and SIPI that are pending.
     * Counters before the local APIC: one that overflows between the two interrupts once
     * too often, not once too little.
     */
    return kvm_ioctl(vcpu->sys, vcpu->fd, KVM_GET_MP_STATE, &state->mp, errp) >= 0 &&
           save_pmu(vcpu, contract, state->pmu_msrs, errp) &&
           save_registers(vcpu, state, errp) && save_fpu(vcpu, contract, state, errp) &&
           (!has_nested(contract) || save_nested(vcpu, state->nested, errp)) &&
           save_msrs(vcpu, contract, state->msrs, errp);
}

bool kvm_vcpu_load_state(KvmVcpu *vcpu, const CpuContract *contract,
                         const VcpuState *state, GError **errp)
{
    bool ok =
        load_tsc_khz(vcpu, state->tsc_khz, errp) &&
        kvm_vcpu_set_sregs(vcpu, &state->sregs, errp) &&
        (!has_nested(contract) || load_nested(vcpu, state->nested, errp)) &&
        load_fpu(vcpu, contract, state, errp) &&
        kvm_vcpu_set_regs(vcpu, &state->regs, errp) &&
        kvm_ioctl(vcpu->sys, vcpu->fd, KVM_SET_DEBUGREGS, &state->debug, errp) >= 0 &&
        kvm_vcpu_set_lapic(vcpu, &state->lapic, errp) &&
        load_msrs(vcpu, contract, state->msrs, errp) &&
        load_pmu(vcpu, contract, state->pmu_msrs, errp) &&
        kvm_ioctl(vcpu->sys, vcpu->fd, KVM_SET_VCPU_EVENTS, &state->events, errp) >= 0 &&
        kvm_ioctl(vcpu->sys, vcpu->fd, KVM_SET_MP_STATE, &state->mp, errp) >= 0;

    if (!ok) {
        g_prefix_error(errp, "vCPU %lu: ", vcpu->id);
        return false;
    }
    /* The guest's watchdog is told of the pause; guests without kvmclock have none. */
    (void)kvm_ioctl_errno_(vcpu->sys, vcpu->fd, KVM_KVMCLOCK_CTRL, "KVM_KVMCLOCK_CTRL",
                           NULL);
    return true;
}
