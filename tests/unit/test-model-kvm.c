/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The modelled kernel against what the kernel's own selftests expect, and the programming
 * of vCPUs against the modelled kernel.  Results are modelled.  The B and T numbers are
 * those of docs/behaviours-x86.md; LS is tools/testing/selftests/kvm in Linux.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "accel/guest-memory.h"
#include "accel/vcpu-setup.h"
#include "model-kvm.h"
#include "resolve-case.h"
#include "target/x86-pmu-state.h"

#define CAPS         0x345
#define RESERVED_GPA 0xfeffc000 /* pages for KVM itself */

/* A vCPU of a resolved contract on the modelled kernel of its host. */
typedef struct Guest {
    ResolveCase *c;
    ModelKvm *model;
    KvmSys *sys;
    KvmVm *vm;
    KvmVcpu *vcpu;
} Guest;

static void guest_free(Guest *guest)
{
    kvm_vcpu_free(guest->vcpu);
    kvm_vm_free(guest->vm);
    kvm_sys_free(guest->sys);
    resolve_case_free(guest->c);
    g_free(guest);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Guest, guest_free)

static bool guest_setup(Guest *guest, GError **errp)
{
    static const X86Topology topology = {1, 1, 1, 1, 1};
    const CpuContract *contract = guest->c->contract;
    g_autoptr(CpuBinding) binding = cpu_bind(contract, guest->c->host, NULL);

    guest->vm = kvm_vm_new(guest->sys, 0, errp);
    if (!guest->vm || !kvm_vm_create_irqchip(guest->vm, RESERVED_GPA, errp) ||
        !kvm_x86_vm_setup(guest->vm, binding, errp)) {
        return false;
    }
    guest->vcpu = kvm_vcpu_new(guest->vm, 0, errp);
    return guest->vcpu &&
           kvm_x86_vcpu_setup(guest->vcpu, contract, &topology, 0, NULL, errp);
}

static Guest *guest_new(const char *profile, const char *cpu)
{
    Guest *guest = g_new0(Guest, 1);

    guest->c = resolve(profile, "q35", cpu);
    guest->sys = model_kvm_new(guest->c->host, &guest->model);
    return guest;
}

/* A guest that was set up, as most tests want it. */
static Guest *guest_ready(const char *profile, const char *cpu)
{
    Guest *guest = guest_new(profile, cpu);
    g_autoptr(GError) error = NULL;
    bool ok = guest_setup(guest, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
    return guest;
}

static bool set_msr(Guest *guest, uint32_t index, uint64_t value)
{
    const KvmMsr msr = {index, value, NULL};

    return kvm_vcpu_set_msrs(guest->vcpu, &msr, 1, NULL);
}

static uint64_t get_msr(Guest *guest, uint32_t index)
{
    KvmMsr msr = {index, 0, NULL};
    bool ok = kvm_vcpu_get_msrs(guest->vcpu, &msr, 1, NULL);

    g_assert_true(ok);
    return msr.value;
}

static void run_once(Guest *guest)
{
    VcpuExit exit;
    bool ok = kvm_vcpu_run(guest->vcpu, &exit, NULL);

    g_assert_true(ok);
}

static uint64_t offered_caps(const Guest *guest)
{
    uint64_t value = 0;

    host_profile_feature_msr(guest->c->host, CAPS, &value);
    return value;
}

/* LS vmx_pmu_caps_test, guest_wrmsr_perf_capabilities: every write of a guest faults. */
static void test_guest_writes_fault(void)
{
    g_autoptr(Guest) guest = guest_ready("intel-icelake-sp", "host,migratable=off");
    uint64_t value = get_msr(guest, CAPS);

    g_assert_false(model_kvm_guest_wrmsr(guest->model, CAPS, value));
    g_assert_false(model_kvm_guest_wrmsr(guest->model, CAPS, 0));
    for (unsigned bit = 0; bit < 64; bit++) {
        g_assert_false(model_kvm_guest_wrmsr(guest->model, CAPS, value ^ BIT64(bit)));
    }
}

/* LS basic_perf_capabilities: before the first run 0 and the full value, alternately. */
static void test_zero_and_full_are_accepted(void)
{
    g_autoptr(Guest) guest = guest_ready("intel-icelake-sp", "host,migratable=off");

    for (unsigned i = 0; i < 3; i++) {
        g_assert_true(set_msr(guest, CAPS, 0));
        g_assert_true(set_msr(guest, CAPS, offered_caps(guest)));
        g_assert_cmphex(get_msr(guest, CAPS), ==, offered_caps(guest));
    }
}

/* LS fungible and immutable perf capabilities, all 64 bits. */
static void test_walk_64_bits(void)
{
    g_autoptr(Guest) guest = guest_ready("intel-icelake-sp", "host,migratable=off");
    uint64_t offered = offered_caps(guest);
    uint64_t formats = X86_LBR_FMT_MASK | X86_PEBS_GROUP_MASK;

    g_assert_true(offered & BIT64(13)); /* LS requires full-width writes to be offered */
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t mask = BIT64(bit);
        /* A format of one bit flips to 0, which is off, and off is allowed. */
        bool is_off =
            (X86_PEBS_FMT_MASK & mask) && !((offered ^ mask) & X86_PEBS_FMT_MASK);
        bool is_free = (offered & mask) && (!(formats & mask) || is_off);

        g_assert_true(set_msr(guest, CAPS, 0));
        if (!(X86_LBR_FMT_MASK & mask) && !(X86_PEBS_FMT_MASK & mask)) {
            g_assert_cmpint(set_msr(guest, CAPS, mask), ==, (offered & mask) != 0);
        }
        g_assert_cmpint(set_msr(guest, CAPS, offered ^ mask), ==, is_free);
    }
}

/* LS immutable: no other LBR or PEBS format than the host's. */
static void test_other_formats_are_refused(void)
{
    g_autoptr(Guest) guest = guest_ready("intel-icelake-sp", "host,migratable=off");
    uint64_t offered = offered_caps(guest);

    for (uint64_t format = 1; format <= X86_LBR_FMT_MASK; format++) {
        uint64_t value = (offered & ~X86_LBR_FMT_MASK) | format;

        g_assert_cmpint(set_msr(guest, CAPS, value), ==, value == offered);
    }
    for (uint64_t format = 1; format <= 15; format++) {
        uint64_t value = (offered & ~X86_PEBS_FMT_MASK) | format << X86_PEBS_FMT_SHIFT;

        g_assert_cmpint(set_msr(guest, CAPS, value), ==, value == offered);
    }
}

/*
 * The same fields with nothing beside them: an LBR format can stand alone, a PEBS format
 * cannot, as the rest of its group is the host's or it is none.
 */
static void test_formats_alone(void)
{
    static const char *const hosts[] = {"intel-icelake-sp", "intel-skylake-sp",
                                        "intel-sapphirerapids"};

    for (unsigned i = 0; i < ARRAY_LEN(hosts); i++) {
        g_autoptr(Guest) guest = guest_ready(hosts[i], "host,migratable=off");
        uint64_t offered = offered_caps(guest);

        for (uint64_t format = 1; format <= X86_LBR_FMT_MASK; format++) {
            g_assert_cmpint(set_msr(guest, CAPS, format), ==,
                            format == (offered & X86_LBR_FMT_MASK));
        }
        for (uint64_t format = 1; format <= 15; format++) {
            uint64_t value = format << X86_PEBS_FMT_SHIFT;

            g_assert_cmpint(set_msr(guest, CAPS, value), ==,
                            value == (offered & X86_PEBS_GROUP_MASK));
        }
    }
}

/* LS after run: the same value again, nothing else. */
static void test_immutable_after_run(void)
{
    g_autoptr(Guest) guest = guest_ready("intel-icelake-sp", "host,migratable=off");
    uint64_t value = get_msr(guest, CAPS);

    run_once(guest);
    g_assert_true(set_msr(guest, CAPS, value));
    g_assert_false(set_msr(guest, CAPS, 0));
    for (unsigned bit = 0; bit < 64; bit++) {
        g_assert_false(set_msr(guest, CAPS, value ^ BIT64(bit)));
    }
    g_assert_cmphex(get_msr(guest, CAPS), ==, value);
}

/* LS unsupported: without PDCM it reads 0, takes 0, refuses every bit. */
static void test_without_pdcm(void)
{
    g_autoptr(Guest) guest = guest_ready("intel-icelake-sp", "host,pmu=on,pdcm=off");

    g_assert_cmphex(get_msr(guest, CAPS), ==, 0);
    g_assert_true(set_msr(guest, CAPS, 0));
    for (unsigned bit = 0; bit < 64; bit++) {
        g_assert_false(set_msr(guest, CAPS, BIT64(bit)));
    }
}

/* LS lbr_perf_capabilities: the stack's top is writable, and not without a PMU. */
static void test_lbr_needs_a_pmu(void)
{
    g_autoptr(Guest) with = guest_ready("intel-skylake-sp", "host,lbr-fmt=host");
    g_autoptr(Guest) without = guest_ready("intel-skylake-sp", "host,pmu=off");

    g_assert_true(set_msr(with, 0x1c9, 7));
    g_assert_cmphex(get_msr(with, 0x1c9), ==, 7);
    g_assert_false(set_msr(without, 0x1c9, 7));
}

/* A vCPU that was only told what KVM offers; @quirks: those switched off. */
static KvmVcpu *stuffed_vcpu(Guest *guest, uint64_t quirks)
{
    const GArray *offered = guest->c->host->x86.supported;
    const X86CpuidEntry *entries = (const X86CpuidEntry *)(const void *)offered->data;

    guest->vm = kvm_vm_new(guest->sys, 0, NULL);
    g_assert_true(kvm_vm_enable_cap(guest->vm, KVM_CAP_DISABLE_QUIRKS2, quirks, NULL));
    guest->vcpu = kvm_vcpu_new(guest->vm, 0, NULL);
    g_assert_true(kvm_vcpu_set_cpuid(guest->vcpu, entries, offered->len, NULL));
    return guest->vcpu;
}

/* LS feature_msrs_test: a vCPU starts with the offered value unless the quirk is off. */
static void test_stuffing_quirk(void)
{
    static const struct {
        const char *host;
        uint32_t index;
        uint64_t offered;
    } rows[] = {
        {"intel-nested-nopmu-linux618", 0x10a, 0xc00e16d},
        {"intel-nested-nopmu-linux618", 0xce, 0x80000000},
        {"intel-icelake-sp", CAPS, 0x24c5},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(Guest) loud = guest_new(rows[i].host, "host");
        g_autoptr(Guest) quiet = guest_new(rows[i].host, "host");

        g_assert_nonnull(stuffed_vcpu(loud, 0));
        g_assert_nonnull(stuffed_vcpu(quiet, BIT64(8)));
        g_assert_cmphex(get_msr(loud, rows[i].index), ==, rows[i].offered);
        g_assert_cmphex(get_msr(quiet, rows[i].index), ==, 0);
    }
}

/* Fewer than 256 per call: the kernel's bound, and we stay below it. */
static void test_long_lists_are_split(void)
{
    g_autoptr(Guest) guest = guest_ready("intel-icelake-sp", "host");
    KvmMsr msrs[600];
    bool ok;

    for (unsigned i = 0; i < ARRAY_LEN(msrs); i++) {
        msrs[i] = (KvmMsr){0x4000 + i, i, NULL};
    }
    ok = kvm_vcpu_set_msrs(guest->vcpu, msrs, ARRAY_LEN(msrs), NULL);
    g_assert_true(ok);
    memset(msrs, 0, sizeof(msrs));
    for (unsigned i = 0; i < ARRAY_LEN(msrs); i++) {
        msrs[i].index = 0x4000 + i;
    }
    ok = kvm_vcpu_get_msrs(guest->vcpu, msrs, ARRAY_LEN(msrs), NULL);
    g_assert_true(ok);
    for (unsigned i = 0; i < ARRAY_LEN(msrs); i++) {
        g_assert_cmpuint(msrs[i].value, ==, i);
    }
}

/* B39: a short count names MSR and value. */
static void test_refusal_names_the_msr(void)
{
    g_autoptr(Guest) guest = guest_ready("intel-icelake-sp", "host,pmu=on");
    const KvmMsr msr = {0x38f, BIT64(60), "perf-global-ctrl"};
    g_autoptr(GError) error = NULL;

    g_assert_false(kvm_vcpu_set_msrs(guest->vcpu, &msr, 1, &error));
    g_assert_nonnull(
        strstr(error->message, "perf-global-ctrl 0x38f = 0x1000000000000000"));
    g_assert_nonnull(strstr(error->message, "; it takes bits of counters"));
}

/* A set-up on a kernel that keeps bit 4 of @index otherwise than told; the message. */
static char *twisted_setup(const char *host, const char *cpu, uint32_t index)
{
    g_autoptr(Guest) guest = guest_new(host, cpu);
    g_autoptr(GError) error = NULL;

    model_kvm_twist_msr(guest->model, index, BIT64(4));
    g_assert_false(guest_setup(guest, &error));
    g_assert_nonnull(error);
    return g_strdup(error->message);
}

/* T18: every MSR of the contract is read back; a difference names it and both values. */
static void test_kept_otherwise_is_an_error(void)
{
    static const char *const hosts[] = {"intel-icelake-sp", "amd-zen4-genoa"};

    for (unsigned i = 0; i < ARRAY_LEN(hosts); i++) {
        g_autoptr(ResolveCase) c = resolve(hosts[i], "q35", "host");
        X86Msr wanted[X86_PMU_STATE_MAX];
        unsigned count = x86_contract_encode_msrs(c->contract, wanted, ARRAY_LEN(wanted));

        g_assert_cmpuint(count, >, 0);
        for (unsigned k = 0; k < count; k++) {
            g_autofree char *message = twisted_setup(hosts[i], "host", wanted[k].index);
            g_autofree char *expected = g_strdup_printf(
                " 0x%" PRIx32 ": the contract says 0x%" PRIx64 ", KVM kept 0x%" PRIx64,
                wanted[k].index, wanted[k].value, wanted[k].value ^ BIT64(4));

            g_assert_nonnull(strstr(message, expected));
        }
    }
}

/* The same of what a reset zeroes, row by row. */
static void test_state_kept_otherwise_is_an_error(void)
{
    static const char cpu[] = "host,pebs-fmt=host,lbr-fmt=host";
    g_autoptr(ResolveCase) c = resolve("intel-icelake-sp", "q35", cpu);
    X86Msr list[X86_PMU_STATE_MAX];
    unsigned count = x86_pmu_state_list(c->contract, list);

    for (unsigned i = 0; i < count; i++) {
        g_autofree char *message = twisted_setup("intel-icelake-sp", cpu, list[i].index);
        g_autofree char *expected = g_strdup_printf(
            "%s 0x%" PRIx32 ": the contract says 0x0, KVM kept 0x10",
            x86_pmu_msr_row(c->contract, list[i].index)->name, list[i].index);

        g_assert_cmpstr(message, ==, expected);
    }
}

static void test_kept_otherwise_names_the_row(void)
{
    g_autofree char *caps = twisted_setup("intel-icelake-sp", "host,pebs-fmt=host", CAPS);
    g_autofree char *misc = twisted_setup("intel-icelake-sp", "host", 0x1a0);

    g_assert_cmpstr(caps, ==,
                    "perf-capabilities 0x345: the contract says 0x24c0, KVM kept 0x24d0");
    g_assert_true(g_str_has_prefix(misc, "misc-enable 0x1a0: the contract says 0x"));
}

/* kvm/api.rst 8.34: PMU_CAPABILITY before the first vCPU, known bits, enable_pmu on. */
static void test_pmu_capability_errors(void)
{
    g_autoptr(Guest) guest = guest_new("intel-icelake-sp", "host");
    g_autoptr(Guest) off = guest_new("intel-icelake-sp-nopmu", "host");
    g_autoptr(KvmVm) vm = kvm_vm_new(guest->sys, 0, NULL);
    g_autoptr(KvmVm) vm_off = kvm_vm_new(off->sys, 0, NULL);
    g_autoptr(KvmVcpu) vcpu = NULL;

    g_assert_false(kvm_vm_enable_cap(vm, KVM_CAP_PMU_CAPABILITY, 2, NULL));
    g_assert_true(kvm_vm_enable_cap(vm, KVM_CAP_PMU_CAPABILITY, 1, NULL));
    g_assert_true(kvm_vm_enable_cap(vm, KVM_CAP_PMU_CAPABILITY, 0, NULL));
    vcpu = kvm_vcpu_new(vm, 0, NULL);
    g_assert_nonnull(vcpu);
    g_assert_false(kvm_vm_enable_cap(vm, KVM_CAP_PMU_CAPABILITY, 1, NULL));
    g_assert_false(kvm_vm_enable_cap(vm_off, KVM_CAP_PMU_CAPABILITY, 1, NULL));
}

/* T27: the mediated PMU and the watchdog want the same counters; pmu=off wants none. */
static void test_watchdog_keeps_vcpus_away(void)
{
    g_autoptr(Guest) on = guest_new("intel-sapphirerapids-mediated", "host");
    g_autoptr(Guest) off = guest_new("intel-sapphirerapids-mediated", "host,pmu=off");
    g_autoptr(GError) error = NULL;

    on->c->host->nmi_watchdog = off->c->host->nmi_watchdog = 1;
    g_assert_false(guest_setup(on, &error));
    g_assert_nonnull(strstr(error->message, "vCPU 0"));
    g_assert_nonnull(strstr(error->message, "KVM_CREATE_VCPU"));
    g_assert_true(guest_setup(off, NULL));
}

static const char *const cpu_texts[] = {
    "host,pmu=on",
    "host,pmu=off",
    "max,pmu=on,pebs-fmt=host,lbr-fmt=host",
    "host,pmu=on,pebs-fmt=host",
    "host,pmu=on,migratable=off",
    "qemu64,pmu=on",
    "qemu64,pmu=off",
    "Skylake-Server,pmu=on",
    "EPYC,pmu=on",
};

/* What resolves without error is taken by the kernel and reads back, on every host. */
static void test_every_contract_is_taken(void)
{
    g_auto(GStrv) names = resolve_profile_names("");
    unsigned taken = 0;

    for (unsigned i = 0; names[i]; i++) {
        for (unsigned k = 0; k < ARRAY_LEN(cpu_texts); k++) {
            g_autoptr(HostProfile) host = resolve_profile(names[i]);
            g_autoptr(Guest) guest = NULL;
            g_autoptr(GError) error = NULL;
            bool ok;

            if (host->arch != TARGET_ARCH_X86_64) {
                continue;
            }
            guest = guest_new(names[i], cpu_texts[k]);
            if (resolve_errors(guest->c)) {
                continue;
            }
            g_test_message("%s: %s", names[i], cpu_texts[k]);
            ok = guest_setup(guest, &error);
            g_assert_no_error(error);
            g_assert_true(ok);
            taken++;
        }
    }
    g_assert_cmpuint(taken, >, 60);
}

static bool used_msr(const Guest *guest, uint32_t index)
{
    const GArray *uses = model_kvm_uses(guest->model);

    for (unsigned i = 0; i < uses->len; i++) {
        if (g_array_index(uses, ModelMsrUse, i).index == index) {
            return true;
        }
    }
    return false;
}

/* B9, B21: no PEBS, no PEBS or DS MSR in any set or get. */
static void test_no_pebs_msr_without_pebs(void)
{
    static const uint32_t pebs_msrs[] = {0x600, 0x3f1};
    g_autoptr(Guest) without = guest_ready("intel-sapphirerapids", "host,pmu=on");
    g_autoptr(Guest) with =
        guest_ready("intel-sapphirerapids", "host,pmu=on,pebs-fmt=host");
    X86Msr state[X86_PMU_STATE_MAX];

    g_assert_cmpint(
        kvm_x86_vcpu_save_pmu(without->vcpu, without->c->contract, state, NULL), >, 0);
    for (unsigned i = 0; i < ARRAY_LEN(pebs_msrs); i++) {
        g_assert_false(used_msr(without, pebs_msrs[i]));
        g_assert_true(used_msr(with, pebs_msrs[i]));
    }
}

/* B13: the capability word is written once, before any state, and not by a reset. */
static void test_reset_leaves_capabilities(void)
{
    g_autoptr(Guest) guest = guest_ready("intel-icelake-sp", "host,pebs-fmt=host");
    uint64_t caps = get_msr(guest, CAPS);
    bool ok;

    run_once(guest);
    g_assert_true(set_msr(guest, 0x186, 0x4300c0));
    g_assert_true(set_msr(guest, 0x4c1, 1234));
    g_assert_true(set_msr(guest, 0x600, 0x1000));
    model_kvm_clear_uses(guest->model);
    ok = kvm_x86_vcpu_reset_pmu(guest->vcpu, guest->c->contract, NULL);
    g_assert_true(ok);
    g_assert_false(used_msr(guest, CAPS));
    g_assert_cmphex(get_msr(guest, CAPS), ==, caps);
    g_assert_cmphex(get_msr(guest, 0x186), ==, 0);
    g_assert_cmphex(get_msr(guest, 0x4c1), ==, 0);
    g_assert_cmphex(get_msr(guest, 0x600), ==, 0);
}

/* What a row of state takes and no other has: bit 48 too, where there are metrics. */
static uint64_t value_alone(const CpuContract *contract, uint32_t index)
{
    bool has_metrics = x86_contract_has(contract, X86_PERF_METRICS);

    return index == 0x38f && has_metrics ? BIT64(48) : index == 0x329 ? 0x20304050 : 1;
}

/* All but @index are zero, here and after the move. */
static void check_alone(const char *host, const char *cpu, uint32_t index)
{
    g_autoptr(Guest) source = guest_ready(host, cpu);
    g_autoptr(Guest) target = guest_ready(host, cpu);
    const CpuContract *contract = source->c->contract;
    uint64_t value = value_alone(contract, index);
    X86Msr state[X86_PMU_STATE_MAX];
    int count;

    g_assert_true(set_msr(source, index, value));
    count = kvm_x86_vcpu_save_pmu(source->vcpu, contract, state, NULL);
    g_assert_cmpint(count, >, 0);
    g_assert_true(
        kvm_x86_vcpu_load_pmu(target->vcpu, contract, state, (unsigned)count, NULL));
    for (int i = 0; i < count; i++) {
        g_assert_cmphex(get_msr(target, state[i].index), ==,
                        state[i].index == index ? value : 0);
    }
}

/*
 * B25, B26, T7: each piece of state survives alone.  The second host has the metrics,
 * where all else is zero, and bit 48 of the global control.
 */
static void test_state_survives_alone(void)
{
    static const struct {
        const char *host, *cpu;
        uint32_t needs; /* an MSR that makes the row what it is */
    } rows[] = {
        {"intel-icelake-sp", "host,pebs-fmt=host,lbr-fmt=host", 0x600},
        {"intel-sapphirerapids-topdown", "host", 0x329},
        {"amd-zen4-genoa", "host", 0xc0000301},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(ResolveCase) c = resolve(rows[i].host, "q35", rows[i].cpu);
        X86Msr list[X86_PMU_STATE_MAX];
        unsigned count = x86_pmu_state_list(c->contract, list);

        g_assert_nonnull(x86_pmu_msr_row(c->contract, rows[i].needs));
        for (unsigned k = 0; k < count; k++) {
            check_alone(rows[i].host, rows[i].cpu, list[k].index);
        }
    }
}

/* T25: where KVM refuses branch records, the save is an error that names them. */
static void test_refused_branch_records_are_an_error(void)
{
    g_autoptr(Guest) guest = guest_ready("intel-sapphirerapids", "host");
    g_autoptr(CpuContract) contract = cpu_contract_dup(guest->c->contract);
    g_autoptr(GError) error = NULL;
    X86Msr state[X86_PMU_STATE_MAX];

    contract->x86.words[X86_WORD_PERF_CAPABILITIES] |= 5; /* this KVM has none */
    g_assert_cmpint(kvm_x86_vcpu_save_pmu(guest->vcpu, contract, state, &error), ==, -1);
    g_assert_nonnull(strstr(error->message, "KVM does not give lbr-select 0x1c8"));
}

/* B33, B34: off is off on both vendors; KVM is told before the first vCPU. */
static void test_off_is_off(void)
{
    static const struct {
        const char *host;
        uint32_t msr;
    } rows[] = {
        {"intel-icelake-sp", 0x38f},
        {"amd-zen3-milan", 0xc0010200},
        {"amd-zen4-genoa", 0xc0000301},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(Guest) on = guest_ready(rows[i].host, "host,pmu=on");
        g_autoptr(Guest) off = guest_ready(rows[i].host, "host,pmu=off");
        uint64_t value;

        g_assert_true(model_kvm_guest_rdmsr(on->model, rows[i].msr, &value));
        g_assert_false(model_kvm_pmu_disabled(on->model));
        g_assert_false(model_kvm_guest_rdmsr(off->model, rows[i].msr, &value));
        g_assert_true(model_kvm_pmu_disabled(off->model));
    }
}

/* Registers of old processors: without a PMU they read 0 and forget what is written. */
static void test_legacy_registers_forget(void)
{
    static const uint32_t legacy[] = {0xc1, 0xc2, 0x186, 0x187, 0xc0010000, 0xc0010007};
    g_autoptr(Guest) off = guest_ready("amd-zen1-naples", "host,pmu=off");

    for (unsigned i = 0; i < ARRAY_LEN(legacy); i++) {
        uint64_t value = 1;

        g_assert_true(model_kvm_guest_wrmsr(off->model, legacy[i], 0x4300c0));
        g_assert_true(model_kvm_guest_rdmsr(off->model, legacy[i], &value));
        g_assert_cmphex(value, ==, 0);
    }
}

/* B35: where the host has no vPMU, pmu=off starts without the capability. */
static void test_off_without_capability(void)
{
    g_autoptr(Guest) guest = guest_ready("intel-icelake-sp-nopmu", "host,pmu=off");

    g_assert_false(model_kvm_pmu_disabled(guest->model));
}

/* Feature MSRs hold what the contract sets, not what KVM would stuff them with. */
static void test_nothing_is_stuffed(void)
{
    g_autoptr(Guest) guest = guest_ready("intel-icelake-sp", "host,pmu=on,pebs-fmt=off");

    g_assert_cmphex(model_kvm_disabled_quirks(guest->model), ==, BIT64(8));
    g_assert_cmphex(get_msr(guest, CAPS), ==,
                    guest->c->contract->x86.words[X86_WORD_PERF_CAPABILITIES]);
}

/* Fail the 1st, 2nd, ... call of a set-up: an error with a message, nothing left open. */
static void test_fault_loop(void)
{
    for (unsigned nth = 1;; nth++) {
        g_autoptr(Guest) guest = guest_new("intel-icelake-sp", "host,pebs-fmt=host");
        g_autoptr(GError) error = NULL;

        unsigned before = kvm_sys_uses(guest->sys);

        kvm_sys_set_fault(guest->sys, nth, EIO);
        if (guest_setup(guest, &error)) {
            if (kvm_sys_uses(guest->sys) < before + nth) {
                g_assert_cmpuint(nth, >, 8);
                break;
            }
            continue; /* a question that may stay unanswered */
        }
        g_assert_nonnull(error);
        g_assert_cmpuint(strlen(error->message), >, 10);
        g_clear_pointer(&guest->vcpu, kvm_vcpu_free);
        g_clear_pointer(&guest->vm, kvm_vm_free);
        g_assert_cmpuint(model_kvm_open_fds(guest->model), ==, 1);
    }
}

/* ---- dirty rings ---- */

#define RING_ENTRIES 1024u

typedef struct RingGuest {
    ResolveCase *c;
    ModelKvm *model;
    KvmSys *sys;
    KvmVm *vm;
    KvmVcpu *vcpu;
    GuestMemory *memory;
} RingGuest;

static void ring_guest_free(RingGuest *guest)
{
    kvm_vcpu_free(guest->vcpu);
    kvm_vm_free(guest->vm);
    guest_memory_free(guest->memory);
    kvm_sys_free(guest->sys);
    resolve_case_free(guest->c);
    g_free(guest);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RingGuest, ring_guest_free)

/* Two ranges of 2 MiB with the log on, and one vCPU with a ring. */
static RingGuest *ring_guest_new(void)
{
    const GuestRange ranges[] = {{0, 2 * MIB}, {8 * MIB, 2 * MIB}};
    RingGuest *guest = g_new0(RingGuest, 1);
    HostProfile *host = resolve_profile("intel-icelake-sp");

    host->caps[KVM_CAPID_DIRTY_RING] = 1 << 20;
    guest->c = resolve_case_new(host, "q35", "host", NULL);
    guest->sys = model_kvm_new(guest->c->host, &guest->model);
    guest->vm = kvm_vm_new(guest->sys, 0, NULL);
    g_assert_true(kvm_vm_enable_dirty_ring(guest->vm, RING_ENTRIES, NULL));
    guest->memory = guest_memory_new(ranges, ARRAY_LEN(ranges), NULL);
    g_assert_true(guest_memory_attach(guest->memory, guest->vm, NULL));
    guest->vcpu = kvm_vcpu_new(guest->vm, 0, NULL);
    g_assert_nonnull(guest->vcpu);
    g_assert_true(guest_memory_set_dirty_log(guest->memory, guest->vm, true, NULL));
    return guest;
}

static void take(RingGuest *guest, unsigned range, uint64_t *ret_words)
{
    memset(ret_words, 0, 8 * sizeof(*ret_words));
    g_assert_true(
        guest_memory_sync_dirty(guest->memory, guest->vm, range, ret_words, NULL));
}

/* LX virt/kvm/dirty_ring.c: entries go round, and each page comes out once. */
static void test_ring_hands_every_page_over_once(void)
{
    g_autoptr(RingGuest) guest = ring_guest_new();
    uint64_t low[8], high[8];

    for (unsigned lap = 0; lap < 3 * RING_ENTRIES; lap += 2) {
        uint64_t page = lap % 512, other = 511 - page;

        g_assert_true(model_kvm_guest_write(guest->model, 0, page));
        g_assert_true(model_kvm_guest_write(guest->model, 1, other));
        g_assert_true(guest_memory_write(guest->memory, 8 * MIB, "x", 1, NULL));
        take(guest, 0, low);
        take(guest, 1, high);
        for (unsigned i = 0; i < 8; i++) {
            g_assert_cmphex(low[i], ==, page / 64 == i ? BIT64(page % 64) : 0);
            g_assert_cmphex(high[i], ==,
                            (other / 64 == i ? BIT64(other % 64) : 0) | (i == 0));
        }
    }
    take(guest, 0, low);
    g_assert_cmphex(low[0], ==, 0);
}

static void test_full_ring_has_room_again_once_collected(void)
{
    g_autoptr(RingGuest) guest = ring_guest_new();
    unsigned written = 0, bits = 0;
    uint64_t low[8];

    for (unsigned lap = 0; lap < 5; lap++) {
        while (model_kvm_guest_write(guest->model, 0, written % 512)) {
            written++;
        }
        g_assert_true(guest_memory_collect_dirty(guest->memory, guest->vm, NULL));
    }
    g_assert_cmpuint(written, >=, 4 * RING_ENTRIES);
    take(guest, 0, low);
    for (unsigned i = 0; i < 8; i++) {
        bits += (unsigned)__builtin_popcountll(low[i]);
    }
    g_assert_cmpuint(bits, ==, 512);
}

/* A ring is filled by the kernel; still nothing is believed that leads out of RAM. */
static void test_ring_entries_outside_are_left_alone(void)
{
    g_autoptr(RingGuest) guest = ring_guest_new();
    uint64_t low[8], high[8];

    g_assert_true(model_kvm_guest_write(guest->model, 0, 512));
    g_assert_true(model_kvm_guest_write(guest->model, 2, 0));
    g_assert_true(model_kvm_guest_write(guest->model, 1, UINT64_MAX));
    take(guest, 0, low);
    take(guest, 1, high);
    for (unsigned i = 0; i < 8; i++) {
        g_assert_cmphex(low[i] | high[i], ==, 0);
    }
}

/* Seen with a kernel that interprets guest code: it wrote on when the ring was full. */
static void test_overrun_ring_is_an_error_and_goes_on(void)
{
    g_autoptr(RingGuest) guest = ring_guest_new();
    g_autoptr(GError) error = NULL;
    uint64_t low[8];

    for (unsigned i = 0; i < RING_ENTRIES + 14; i++) {
        model_kvm_guest_overrun(guest->model, 0, i % 512);
    }
    g_assert_false(guest_memory_sync_dirty(guest->memory, guest->vm, 0, low, &error));
    g_assert_nonnull(strstr(error->message, "dirty-ring-size"));
    /* From the next log on nothing is lost, and the ring never stays full. */
    g_assert_true(guest_memory_set_dirty_log(guest->memory, guest->vm, true, NULL));
    for (unsigned lap = 0; lap < 5000; lap++) {
        if (!model_kvm_guest_write(guest->model, 0, lap % 512)) {
            take(guest, 0, low);
            g_assert_true(model_kvm_guest_write(guest->model, 0, lap % 512));
        }
    }
    take(guest, 0, low);
    g_assert_true(model_kvm_guest_write(guest->model, 0, 77));
    take(guest, 0, low);
    g_assert_cmphex(low[1], ==, BIT64(77 - 64));
}

static void test_ring_is_refused_where_kvm_refuses(void)
{
    g_autoptr(RingGuest) guest = ring_guest_new();
    g_autoptr(GError) late = NULL, failed = NULL;
    uint64_t low[8] = {0};

    /* After the first vCPU. */
    g_assert_false(kvm_vm_enable_dirty_ring(guest->vm, RING_ENTRIES, &late));
    g_assert_nonnull(strstr(late->message, "dirty-ring-size=1024"));
    g_assert_true(model_kvm_guest_write(guest->model, 0, 1));
    kvm_sys_set_fault(guest->sys, 1, EIO);
    g_assert_false(guest_memory_sync_dirty(guest->memory, guest->vm, 0, low, &failed));
    g_assert_nonnull(strstr(failed->message, "KVM_RESET_DIRTY_RINGS"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/guest-writes-fault", test_guest_writes_fault);
    g_test_add_func("/model/zero-and-full-are-accepted", test_zero_and_full_are_accepted);
    g_test_add_func("/model/walk-64-bits", test_walk_64_bits);
    g_test_add_func("/model/other-formats-are-refused", test_other_formats_are_refused);
    g_test_add_func("/model/formats-alone", test_formats_alone);
    g_test_add_func("/model/immutable-after-run", test_immutable_after_run);
    g_test_add_func("/model/without-pdcm", test_without_pdcm);
    g_test_add_func("/model/lbr-needs-a-pmu", test_lbr_needs_a_pmu);
    g_test_add_func("/model/stuffing-quirk", test_stuffing_quirk);
    g_test_add_func("/model/T17-long-lists-are-split", test_long_lists_are_split);
    g_test_add_func("/model/pmu-capability-errors", test_pmu_capability_errors);
    g_test_add_func("/model/T27-watchdog-keeps-vcpus-away",
                    test_watchdog_keeps_vcpus_away);
    g_test_add_func("/programming/B39-refusal-names-the-msr", test_refusal_names_the_msr);
    g_test_add_func("/programming/T18-kept-otherwise-is-an-error",
                    test_kept_otherwise_is_an_error);
    g_test_add_func("/programming/T18-state-kept-otherwise-is-an-error",
                    test_state_kept_otherwise_is_an_error);
    g_test_add_func("/programming/T18-kept-otherwise-names-the-row",
                    test_kept_otherwise_names_the_row);
    g_test_add_func("/programming/every-contract-is-taken", test_every_contract_is_taken);
    g_test_add_func("/programming/B9-B21-no-pebs-msr-without-pebs",
                    test_no_pebs_msr_without_pebs);
    g_test_add_func("/programming/B13-reset-leaves-capabilities",
                    test_reset_leaves_capabilities);
    g_test_add_func("/programming/B25-B26-T7-state-survives-alone",
                    test_state_survives_alone);
    g_test_add_func("/programming/T25-refused-branch-records-are-an-error",
                    test_refused_branch_records_are_an_error);
    g_test_add_func("/programming/B33-B34-off-is-off", test_off_is_off);
    g_test_add_func("/model/legacy-registers", test_legacy_registers_forget);
    g_test_add_func("/programming/B35-off-without-capability",
                    test_off_without_capability);
    g_test_add_func("/programming/nothing-is-stuffed", test_nothing_is_stuffed);
    g_test_add_func("/programming/fault-loop", test_fault_loop);
    g_test_add_func("/dirty-ring/hands-every-page-over-once",
                    test_ring_hands_every_page_over_once);
    g_test_add_func("/dirty-ring/full-ring-has-room-again-once-collected",
                    test_full_ring_has_room_again_once_collected);
    g_test_add_func("/dirty-ring/entries-outside-are-left-alone",
                    test_ring_entries_outside_are_left_alone);
    g_test_add_func("/dirty-ring/overrun-is-an-error-and-goes-on",
                    test_overrun_ring_is_an_error_and_goes_on);
    g_test_add_func("/dirty-ring/refused-where-kvm-refuses",
                    test_ring_is_refused_where_kvm_refuses);
    return g_test_run();
}
