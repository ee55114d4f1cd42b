/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The modelled kernel's PMU as a guest and user space meet it, register by register, on a
 * vCPU that was told its CPUID and nothing else.  Results are modelled.  LS is
 * tools/testing/selftests/kvm in Linux, LP arch/x86/kvm/pmu.c and what it calls.
 */
#include <string.h>

#include "accel/kvm-vcpu.h"
#include "model-kvm.h"
#include "resolve-case.h"
#include "target/x86-cpuid.h"
#include "util/bits.h"

#define RESERVED_GPA 0xfeffc000 /* pages for KVM itself */

typedef struct Bare {
    HostProfile *host;
    ModelKvm *model;
    KvmSys *sys;
    KvmVm *vm;
    KvmVcpu *vcpu;
} Bare;

static void bare_free(Bare *bare)
{
    kvm_vcpu_free(bare->vcpu);
    kvm_vm_free(bare->vm);
    kvm_sys_free(bare->sys);
    host_profile_free(bare->host);
    g_free(bare);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bare, bare_free)

/* Tells all that KVM offers, with @leaf in the place of that leaf; NULL: nothing else. */
static void tell_cpuid(Bare *bare, const X86CpuidEntry *leaf)
{
    const GArray *offered = bare->host->x86.supported;
    g_autoptr(GArray) told = g_array_new(FALSE, FALSE, sizeof(X86CpuidEntry));

    g_array_append_vals(told, offered->data, offered->len);
    if (leaf) {
        *x86_cpuid_find(told, leaf->function, leaf->index) = *leaf;
    }
    g_assert_true(kvm_vcpu_set_cpuid(bare->vcpu, (const X86CpuidEntry *)told->data,
                                     told->len, NULL));
}

/* @host: taken over */
static Bare *bare_new(HostProfile *host, bool has_irqchip)
{
    Bare *bare = g_new0(Bare, 1);

    bare->host = host;
    bare->sys = model_kvm_new(host, &bare->model);
    bare->vm = kvm_vm_new(bare->sys, 0, NULL);
    if (has_irqchip) {
        g_assert_true(kvm_vm_create_irqchip(bare->vm, RESERVED_GPA, NULL));
    }
    bare->vcpu = kvm_vcpu_new(bare->vm, 0, NULL);
    g_assert_nonnull(bare->vcpu);
    return bare;
}

static bool guest_can_read(Bare *bare, uint32_t index)
{
    uint64_t value;

    return model_kvm_guest_rdmsr(bare->model, index, &value);
}

/* ---- KM6: the mediated PMU ---- */

/* Without the kernel's interrupt chip it is gone, and nothing says so. */
static void test_mediated_pmu_needs_the_irqchip(void)
{
    static const struct {
        const char *host;
        uint32_t global_ctrl;
        bool is_mediated;
    } rows[] = {
        {"intel-sapphirerapids",          0x38f,      false},
        {"intel-sapphirerapids-mediated", 0x38f,      true },
        {"amd-zen4-genoa",                0xc0000301, false},
        {"amd-zen4-genoa-mediated",       0xc0000301, true },
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(Bare) with = bare_new(resolve_profile(rows[i].host), true);
        g_autoptr(Bare) without = bare_new(resolve_profile(rows[i].host), false);

        tell_cpuid(with, NULL);
        tell_cpuid(without, NULL);
        g_assert_true(guest_can_read(with, rows[i].global_ctrl));
        g_assert_cmpint(guest_can_read(without, rows[i].global_ctrl), ==,
                        !rows[i].is_mediated);
    }
}

/* LX kvm_arch_vm_ioctl: there is one, and it comes before the first vCPU. */
static void test_irqchip_comes_first(void)
{
    g_autoptr(Bare) with = bare_new(resolve_profile("intel-icelake-sp"), true);
    g_autoptr(Bare) without = bare_new(resolve_profile("intel-icelake-sp"), false);

    g_assert_false(kvm_vm_create_irqchip(with->vm, RESERVED_GPA, NULL));
    g_assert_false(kvm_vm_create_irqchip(without->vm, RESERVED_GPA, NULL));
}

/* A PMU that is not there is in nobody's way, either. */
static void test_no_irqchip_no_watchdog(void)
{
    HostProfile *host = resolve_profile("intel-sapphirerapids-mediated");
    g_autoptr(Bare) bare = NULL;

    host->nmi_watchdog = 1;
    bare = bare_new(host, false);
    tell_cpuid(bare, NULL);
    g_assert_false(guest_can_read(bare, 0x38f));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model-pmu/mediated-pmu-needs-the-irqchip",
                    test_mediated_pmu_needs_the_irqchip);
    g_test_add_func("/model-pmu/irqchip-comes-first", test_irqchip_comes_first);
    g_test_add_func("/model-pmu/no-irqchip-no-watchdog", test_no_irqchip_no_watchdog);
    return g_test_run();
}
