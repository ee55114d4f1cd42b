/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The modelled arm64 kernel against what was seen of real ones, and accel/kvm/arm against
 * it, on any machine.  Results are modelled; tests/rig/arm64_suite is where a real kernel
 * answers.  T numbers are rows of the decision table in docs/vpmu-arm.md.
 */
#include <errno.h>
#include <string.h>

#include "accel/vcpu-id.h"
#include "accel/vcpu-setup.h"
#include "accel/vcpu-state.h"
#include "model-arm.h"
#include "resolve-case.h"
#include "util/bits.h"

#define HOST      "arm-altra"
#define PMU_INTID 23

#define PMCR_EL0        ARM64_SYS_REG(3, 3, 9, 12, 0)
#define PMCNTENSET_EL0  ARM64_SYS_REG(3, 3, 9, 12, 1)
#define PMCNTENCLR_EL0  ARM64_SYS_REG(3, 3, 9, 12, 2)
#define PMMIR_EL1       ARM64_SYS_REG(3, 0, 9, 14, 6)
#define ID_AA64DFR0_EL1 ARM64_SYS_REG(3, 0, 0, 5, 0)
#define ID_AA64PFR0_EL1 ARM64_SYS_REG(3, 0, 0, 4, 0)
#define SCTLR_EL1       ARM64_SYS_REG(3, 0, 1, 0, 0)

/* Attributes of the PMU: asm/kvm.h, and arm_pmu_attr_rows. */
enum {
    IRQ,
    INIT,
    FILTER,
    SET_PMU,
    NR_COUNTERS,
    FIXED
};

/* A vCPU of a resolved contract on the modelled kernel of its host. */
typedef struct Guest {
    ResolveCase *c;
    ModelArm *model;
    KvmSys *sys;
    KvmVm *vm;
    KvmVcpu *vcpu;
    KvmDevice *gic;
} Guest;

static void guest_free(Guest *guest)
{
    kvm_device_free(guest->gic);
    kvm_vcpu_free(guest->vcpu);
    kvm_vm_free(guest->vm);
    kvm_sys_free(guest->sys);
    resolve_case_free(guest->c);
    g_free(guest);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Guest, guest_free)

static Guest *guest_on(HostProfile *host, const char *cpu, const char *accel)
{
    Guest *guest = g_new0(Guest, 1);

    guest->c = resolve_case_new(host, "virt", cpu, accel);
    g_assert_cmpuint(resolve_errors(guest->c), ==, 0);
    guest->sys = model_arm_new(guest->c->host, &guest->model);
    return guest;
}

static Guest *guest_new(const char *profile, const char *cpu, const char *accel)
{
    return guest_on(resolve_profile(profile), cpu, accel);
}

/* Features and backend; neither GIC nor the PMU's INIT. */
static bool guest_begin(Guest *guest, GError **errp)
{
    guest->vm = kvm_vm_new(guest->sys, kvm_arm_vm_type(guest->sys), errp);
    guest->vcpu = guest->vm ? kvm_vcpu_new(guest->vm, 0, errp) : NULL;
    return guest->vcpu && kvm_arm_vcpu_setup(guest->vm, guest->vcpu, guest->c->contract,
                                             guest->c->binding, 0, errp);
}

static bool guest_setup(Guest *guest, GError **errp)
{
    const KvmGicPlace place = {
        .is_v3 = true, .spis = 256, .dist_gpa = 0x8000000, .cpu_side_gpa = 0x80a0000};

    if (!guest_begin(guest, errp)) {
        return false;
    }
    guest->gic = kvm_gic_new(guest->vm, &place, errp);
    return guest->gic &&
           kvm_arm_vcpu_finish_pmu(guest->vcpu, guest->c->contract, PMU_INTID, errp);
}

static Guest *guest_done(Guest *guest, bool (*setup)(Guest *, GError **))
{
    g_autoptr(GError) error = NULL;
    bool ok = setup(guest, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
    return guest;
}

/* As a machine has it; as one that has no GIC yet. */
static Guest *guest_ready(const char *profile, const char *cpu, const char *accel)
{
    return guest_done(guest_new(profile, cpu, accel), guest_setup);
}

static Guest *guest_begun(const char *profile, const char *cpu, const char *accel)
{
    return guest_done(guest_new(profile, cpu, accel), guest_begin);
}

static int set_number(Guest *guest, uint64_t attr, int number)
{
    return -kvm_vcpu_set_attr_errno(guest->vcpu, KVM_ARM_VCPU_PMU_V3_CTRL, attr, &number);
}

static int set_filter(Guest *guest, unsigned first, unsigned count, unsigned action)
{
    const struct kvm_pmu_event_filter filter = {.base_event = (uint16_t)first,
                                                .nevents = (uint16_t)count,
                                                .action = (uint8_t)action};

    return -kvm_vcpu_set_attr_errno(guest->vcpu, KVM_ARM_VCPU_PMU_V3_CTRL, FILTER,
                                    &filter);
}

static uint64_t get_reg(Guest *guest, uint64_t id)
{
    uint64_t value = 0;
    bool ok = kvm_vcpu_get_reg(guest->vcpu, id, &value, NULL);

    g_assert_true(ok);
    return value;
}

static bool set_reg(Guest *guest, uint64_t id, uint64_t value)
{
    return kvm_vcpu_set_reg(guest->vcpu, id, value, NULL);
}

static VcpuExit run_once(Guest *guest)
{
    VcpuExit exit;
    bool ok = kvm_vcpu_run(guest->vcpu, &exit, NULL);

    g_assert_true(ok);
    return exit;
}

/* ---- the kernel ---- */

/* Seen: types that are none of a CPU's PMU, then the last one that is wins. */
static void test_set_pmu(void)
{
    g_autoptr(Guest) guest = guest_begun("arm-rk3399", "host", "pmu=8");
    static const int others[] = {-1, 0, 1, 2, 3, 4, 5, 6, 7, 10, 1000};

    for (unsigned i = 0; i < ARRAY_LEN(others); i++) {
        g_assert_cmpint(set_number(guest, SET_PMU, others[i]), ==, ENXIO);
    }
    g_assert_cmpint(set_number(guest, SET_PMU, 9), ==, 0);
    g_assert_cmpint(model_arm_pmu_type(guest->model), ==, 9);
    g_assert_cmpint(set_number(guest, SET_PMU, 8), ==, 0);
    g_assert_cmpint(set_filter(guest, 0, 16, KVM_PMU_EVENT_DENY + 1), ==, EINVAL);
    g_assert_cmpint(set_filter(guest, 0xffff, 2, KVM_PMU_EVENT_DENY), ==, EINVAL);
    g_assert_cmpint(set_filter(guest, 0, 16, KVM_PMU_EVENT_DENY), ==, 0);
    g_assert_cmpint(set_number(guest, SET_PMU, 8), ==, 0);
    g_assert_cmpint(set_number(guest, SET_PMU, 9), ==, EBUSY);
}

/* Seen: no controller, no interrupt; no interrupt, no INIT; after INIT nothing. */
static void test_order_of_irq_and_init(void)
{
    g_autoptr(Guest) guest = guest_begun(HOST, "host", NULL);
    static const int bad[] = {0, 5, 15, 1020, 2000};
    const KvmGicPlace place = {true, 256, 0x8000000, 0x80a0000};

    g_assert_cmpint(set_number(guest, IRQ, PMU_INTID), ==, EINVAL);
    guest->gic = kvm_gic_new(guest->vm, &place, NULL);
    g_assert_nonnull(guest->gic);
    g_assert_cmpint(set_number(guest, INIT, 0), ==, ENXIO);
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        g_assert_cmpint(set_number(guest, IRQ, bad[i]), ==, EINVAL);
    }
    g_assert_cmpint(set_number(guest, IRQ, PMU_INTID), ==, 0);
    g_assert_cmpint(set_number(guest, IRQ, PMU_INTID), ==, EBUSY);
    g_assert_cmpint(set_number(guest, INIT, 0), ==, 0);
    for (uint64_t attr = IRQ; attr <= FIXED + 1; attr++) {
        g_assert_cmpint(set_number(guest, attr, 8), ==, EBUSY);
    }
}

/* Seen: without INIT KVM_RUN is refused; a vCPU without a PMU has no attribute. */
static void test_init_is_needed_and_a_pmu_for_it(void)
{
    g_autoptr(Guest) guest = guest_begun(HOST, "host", NULL);
    g_autoptr(Guest) without = guest_begun(HOST, "host,pmu=off", NULL);
    g_autoptr(GError) error = NULL;
    VcpuExit exit;

    g_assert_false(kvm_vcpu_run(guest->vcpu, &exit, &error));
    g_assert_nonnull(strstr(error->message, "KVM_RUN"));
    g_assert_cmpint(run_once(without).kind, ==, VCPU_EXIT_INTERRUPTED);
    g_assert_cmpint(set_number(without, SET_PMU, 8), ==, ENODEV);
    g_assert_false(kvm_vcpu_get_reg(without->vcpu, PMCR_EL0, &(uint64_t){0}, NULL));
    g_assert_cmphex(bits_get(get_reg(without, ID_AA64DFR0_EL1), 8, 4), ==, 0);
}

/* Seen, 6.12: the CPU the caller sits on decides, and luck is no answer: T46. */
static void test_init_looks_at_the_cpu(void)
{
    g_autoptr(HostProfile) host = resolve_profile("arm-rk3399");
    g_autoptr(Guest) guest = guest_new("arm-rk3399", "host", "pmu=8");
    g_autoptr(GError) error = NULL;

    model_arm_move(guest->model, 6);
    g_assert_false(guest_begin(guest, &error));
    g_assert_nonnull(strstr(error->message, "KVM_ARM_VCPU_INIT"));
    g_assert_nonnull(strstr(error->message, g_strerror(ENODEV)));
}

/* ---- realization ---- */

/* Every recorded and derived arm64 host, every kind of backend it has. */
static void test_every_host_is_set_up(void)
{
    static const char *const cpus[] = {"host", "host,pmu=off"};
    g_auto(GStrv) names = resolve_profile_names("arm-");

    for (unsigned i = 0; names[i]; i++) {
        for (unsigned k = 0; k < ARRAY_LEN(cpus); k++) {
            g_autoptr(Guest) guest = guest_ready(names[i], cpus[k], NULL);
            const ArmContract *arm = &guest->c->contract->arm;

            g_test_message("%s: %s, %s", names[i], cpus[k],
                           arm_pmu_kind_name(arm->pmu_kind));
            if (arm->pmu_kind == ARM_PMU_EVENT_SOURCE) {
                g_assert_cmpint(model_arm_pmu_type(guest->model), ==,
                                (int)guest->c->binding->pmu_type);
            }
            if (guest->c->contract->pmu_enabled && arm->pmu_counters >= 0) {
                g_assert_cmpuint(bits_get(get_reg(guest, PMCR_EL0), 11, 5), ==,
                                 (unsigned)arm->pmu_counters);
            }
        }
    }
}

static HostProfile *new_kernel(void)
{
    HostProfile *host = resolve_profile(HOST);

    host->arm.has_pmu_attr[ARM_ATTR_NR_COUNTERS] = true;
    return host;
}

/* Fewer counters than the source has, by SET_NR_COUNTERS. */
static void test_counters_asked_for_are_given(void)
{
    for (int count = 0; count <= 6; count++) {
        g_autofree char *cpu = g_strdup_printf("host,pmu-counters=%d", count);
        g_autoptr(Guest) guest =
            guest_done(guest_on(new_kernel(), cpu, NULL), guest_setup);

        g_assert_cmpint((int)bits_get(get_reg(guest, PMCR_EL0), 11, 5), ==, count);
    }
}

/* KVM answers 0 and keeps another: what reads back is what counts. */
static void test_kept_otherwise_is_an_error(void)
{
    static const struct {
        uint64_t id, flips;
        const char *text;
    } rows[] = {{PMCR_EL0, BIT64(11), "PMCR_EL0.N: the contract says"},
                {ID_AA64DFR0_EL1, BIT64(8), "PMUVer: the contract says"}};

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(Guest) guest = guest_new("arm-rig-stock-linux61", "host", NULL);
        g_autoptr(GError) error = NULL;

        model_arm_twist_reg(guest->model, rows[i].id, rows[i].flips);
        g_assert_false(guest_setup(guest, &error));
        g_assert_nonnull(strstr(error->message, rows[i].text));
    }
}

/* T49: a kernel that has something else behind attribute 5. */
static void test_fixed_counters_are_verified(void)
{
    HostProfile *host = resolve_profile("arm-rk3399");
    g_autoptr(Guest) guest = NULL;
    g_autoptr(GError) error = NULL;

    host->arm.has_pmu_attr[ARM_ATTR_FIXED_COUNTERS_ONLY] = true;
    guest = guest_on(host, "host", "x-fixed-counters-only=on");
    g_assert_cmpint(guest->c->contract->arm.pmu_kind, ==, ARM_PMU_FIXED_COUNTERS_ONLY);
    model_arm_twist_reg(guest->model, PMCR_EL0, UINT64_C(6) << 11);
    g_assert_false(guest_setup(guest, &error));
    g_assert_nonnull(strstr(error->message, "the contract says 0, KVM gives 6"));
    model_arm_twist_reg(guest->model, 0, 0);
    g_assert_cmpuint(bits_get(get_reg(guest, PMCR_EL0), 11, 5), ==, 0);
    g_assert_cmpint(set_number(guest, SET_PMU, 8), ==, EBUSY);
}

/* T43: not a single attribute of a PMU that is off. */
static void count_attributes(void *opaque, const char *request, const void *arg, int ret)
{
    (void)arg;
    (void)ret;
    *(unsigned *)opaque += strcmp(request, KVM_SET_VCPU_ATTR_NAME) == 0;
}

static void test_off_makes_no_call(void)
{
    static const struct {
        const char *cpu;
        unsigned calls; /* SET_PMU, IRQ, INIT */
    } rows[] = {{"host", 3}, {"host,pmu=off", 0}};

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(Guest) guest = guest_new(HOST, rows[i].cpu, NULL);
        unsigned calls = 0;

        kvm_sys_set_trace(guest->sys, count_attributes, &calls);
        guest_done(guest, guest_setup);
        g_assert_cmpuint(calls, ==, rows[i].calls);
    }
}

/* Fail the 1st, 2nd, … call: an error with a message, nothing left open. */
static void test_fault_loop(void)
{
    for (unsigned nth = 1;; nth++) {
        g_autoptr(Guest) guest =
            guest_on(new_kernel(), "host,pmu-counters=4,sve=off", NULL);
        g_autoptr(GError) error = NULL;
        unsigned before = kvm_sys_uses(guest->sys);

        kvm_sys_set_fault(guest->sys, nth, EIO);
        if (guest_setup(guest, &error)) {
            if (kvm_sys_uses(guest->sys) < before + nth) {
                g_assert_cmpuint(nth, >, 12);
                break;
            }
            continue; /* a question that may stay unanswered */
        }
        g_assert_nonnull(error);
        g_assert_cmpuint(strlen(error->message), >, 10);
        g_clear_pointer(&guest->gic, kvm_device_free);
        g_clear_pointer(&guest->vcpu, kvm_vcpu_free);
        g_clear_pointer(&guest->vm, kvm_vm_free);
        g_assert_cmpuint(model_arm_open_fds(guest->model), ==, 1);
    }
}

/* T47 at the door: KVM_RUN says 0, and the exit says which CPU it was. */
static void test_failed_entry_names_the_cpu(void)
{
    g_autoptr(Guest) guest = guest_ready("arm-rk3399", "host", "pmu=8");
    VcpuExit exit;

    model_arm_move(guest->model, 5);
    exit = run_once(guest);
    g_assert_cmpint(exit.kind, ==, VCPU_EXIT_CPU_UNSUPPORTED);
    g_assert_cmpuint(exit.cpu, ==, 5);
    model_arm_move(guest->model, 0);
    g_assert_cmpint(run_once(guest).kind, ==, VCPU_EXIT_INTERRUPTED);
    g_assert_cmpint(set_number(guest, SET_PMU, 9), ==, EBUSY);
}

/* ---- registers ---- */

/* What KVM keeps of an ID register decides, not what it answers. */
static void test_id_registers_are_tried(void)
{
    g_autoptr(Guest) guest = guest_ready("arm-rig-stock-linux61", "host", NULL);
    g_autoptr(GArray) own = kvm_vcpu_read_id_registers(guest->vcpu, NULL);
    uint64_t dfr0 = get_reg(guest, ID_AA64DFR0_EL1);
    const ArmIdValue rows[] = {{ID_AA64DFR0_EL1, dfr0 - (bits_get(dfr0, 8, 4) << 8)},
                               {ID_AA64PFR0_EL1, UINT64_MAX}};
    g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(ArmIdValue));
    g_autoptr(GArray) trials = NULL;
    const ArmIdTrial *trial;

    g_assert_cmpuint(own->len, >, 5);
    g_array_append_vals(wanted, rows, ARRAY_LEN(rows));
    trials = kvm_vcpu_try_id_registers(guest->vcpu, wanted, NULL);
    trial = &g_array_index(trials, ArmIdTrial, 0);
    g_assert_true(trial->is_written);
    g_assert_cmpint(trial->error, ==, 0);
    g_assert_cmphex(trial->kept, ==, rows[0].value);
    trial = &g_array_index(trials, ArmIdTrial, 1);
    g_assert_cmpint(trial->error, ==, EINVAL);
    g_assert_cmphex(trial->kept, ==, trial->own);
    run_once(guest);
    g_assert_false(set_reg(guest, ID_AA64DFR0_EL1, dfr0));
    g_assert_true(set_reg(guest, ID_AA64DFR0_EL1, rows[0].value));
}

static bool move_state(Guest *from, Guest *to, GError **errp)
{
    g_autoptr(VcpuState) state = vcpu_state_new();
    g_autoptr(GError) error = NULL;
    bool ok = kvm_vcpu_save_state(from->vcpu, from->c->contract, state, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
    return kvm_vcpu_load_state(to->vcpu, from->c->contract, state, errp);
}

/* Every register arrives; enables of counters that the new vCPU came with do not stay. */
static void test_state_survives(void)
{
    g_autoptr(Guest) from = guest_ready(HOST, "host", NULL);
    g_autoptr(Guest) to = guest_ready(HOST, "host", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_true(set_reg(from, SCTLR_EL1, 0x30d00801));
    g_assert_true(set_reg(from, PMCNTENCLR_EL0, UINT32_MAX));
    g_assert_true(set_reg(from, PMCNTENSET_EL0, 1));
    g_assert_cmphex(get_reg(to, PMCNTENSET_EL0), !=, 1);
    g_assert_true(move_state(from, to, &error));
    g_assert_no_error(error);
    g_assert_cmphex(get_reg(to, SCTLR_EL1), ==, 0x30d00801);
    g_assert_cmphex(get_reg(to, PMCNTENSET_EL0), ==, 1);
}

/* T54: N 6 to N 4: KVM answers 0, the value read back is what refuses. */
static void test_fewer_counters_are_refused(void)
{
    g_autoptr(Guest) from = guest_done(guest_on(new_kernel(), "host", NULL), guest_setup);
    g_autoptr(Guest) to =
        guest_done(guest_on(new_kernel(), "host,pmu-counters=4", NULL), guest_setup);
    g_autoptr(GError) error = NULL;

    g_assert_false(move_state(from, to, &error));
    g_assert_nonnull(strstr(error->message, "PMCR_EL0.N: the guest has 6, KVM keeps 4"));
}

/* A kernel without a register refuses a guest that has it; PMMIR_EL1, 0 anyhow, it may
 * lack. */
static void test_missing_register_is_an_error(void)
{
    g_autoptr(Guest) from = guest_ready(HOST, "host", NULL);
    g_autoptr(Guest) without = guest_ready(HOST, "host", NULL);
    g_autoptr(Guest) older = guest_ready(HOST, "host", NULL);
    g_autoptr(GError) error = NULL;

    model_arm_hide_reg(older->model, PMMIR_EL1);
    g_assert_true(move_state(from, older, &error));
    g_assert_no_error(error);
    model_arm_hide_reg(without->model, SCTLR_EL1);
    g_assert_false(move_state(from, without, &error));
    g_assert_nonnull(strstr(error->message, "SCTLR_EL1"));
    g_assert_nonnull(strstr(error->message, "KVM on this host does not have it"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/set-pmu", test_set_pmu);
    g_test_add_func("/model/order-of-irq-and-init", test_order_of_irq_and_init);
    g_test_add_func("/model/init-is-needed-and-a-pmu-for-it",
                    test_init_is_needed_and_a_pmu_for_it);
    g_test_add_func("/model/46-init-looks-at-the-cpu", test_init_looks_at_the_cpu);
    g_test_add_func("/realize/every-host-is-set-up", test_every_host_is_set_up);
    g_test_add_func("/realize/counters-asked-for-are-given",
                    test_counters_asked_for_are_given);
    g_test_add_func("/realize/kept-otherwise-is-an-error",
                    test_kept_otherwise_is_an_error);
    g_test_add_func("/realize/49-fixed-counters-are-verified",
                    test_fixed_counters_are_verified);
    g_test_add_func("/realize/43-off-makes-no-call", test_off_makes_no_call);
    g_test_add_func("/realize/fault-loop", test_fault_loop);
    g_test_add_func("/run/47-failed-entry-names-the-cpu",
                    test_failed_entry_names_the_cpu);
    g_test_add_func("/registers/id-registers-are-tried", test_id_registers_are_tried);
    g_test_add_func("/state/survives", test_state_survives);
    g_test_add_func("/state/54-fewer-counters-are-refused",
                    test_fewer_counters_are_refused);
    g_test_add_func("/state/missing-register-is-an-error",
                    test_missing_register_is_an_error);
    return g_test_run();
}
