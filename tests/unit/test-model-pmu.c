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
#define CAPS         0x345
#define FULL_WIDTH   BIT64(13)

#define GP_MAX    8 /* LS: as many as KVM ever gives */
#define FIXED_MAX 4

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

static Bare *bare_on(const char *profile)
{
    Bare *bare = bare_new(resolve_profile(profile), true);

    tell_cpuid(bare, NULL);
    return bare;
}

static bool host_set(Bare *bare, uint32_t index, uint64_t value)
{
    const KvmMsr msr = {index, value, NULL};

    return kvm_vcpu_set_msrs(bare->vcpu, &msr, 1, NULL);
}

static uint64_t host_get(Bare *bare, uint32_t index)
{
    KvmMsr msr = {index, 0, NULL};

    g_assert_true(kvm_vcpu_get_msrs(bare->vcpu, &msr, 1, NULL));
    return msr.value;
}

static bool guest_set(Bare *bare, uint32_t index, uint64_t value)
{
    return model_kvm_guest_wrmsr(bare->model, index, value);
}

static uint64_t guest_get(Bare *bare, uint32_t index)
{
    uint64_t value;

    g_assert_true(model_kvm_guest_rdmsr(bare->model, index, &value));
    return value;
}

static bool guest_can_read(Bare *bare, uint32_t index)
{
    uint64_t value;

    return model_kvm_guest_rdmsr(bare->model, index, &value);
}

/* ---- LS pmu_counters_test: which counters there are ---- */

typedef struct Geometry {
    unsigned version, gp, fixed;
    uint32_t bitmap;
    bool is_full_width;
} Geometry;

static X86CpuidEntry leaf_a(const Geometry *g)
{
    return (X86CpuidEntry){.function = 0xa,
                           .eax = 7u << 24 | 48u << 16 | g->gp << 8 | g->version,
                           .ecx = g->bitmap,
                           .edx = 48u << 5 | g->fixed};
}

/* PERF_CAPABILITIES come first (LS): to take them KVM may want a PMU. */
static Bare *bare_with(HostProfile *host, const Geometry *g)
{
    Bare *bare = bare_new(host, true);
    X86CpuidEntry leaf = leaf_a(g);

    tell_cpuid(bare, NULL);
    g_assert_true(host_set(bare, CAPS, g->is_full_width ? FULL_WIDTH : 0));
    tell_cpuid(bare, &leaf);
    return bare;
}

/* LS guest_rd_wr_counters: one that is absent faults; of P6's two writes are dropped. */
static void check_counter(Bare *bare, uint32_t index, bool exists)
{
    bool is_p6 = index == 0xc1 || index == 0xc2;

    g_assert_cmpint(guest_set(bare, index, 0xffff), ==, exists || is_p6);
    g_assert_cmpint(guest_can_read(bare, index), ==, exists || is_p6);
    if (exists || is_p6) {
        g_assert_cmphex(guest_get(bare, index), ==, exists ? 0xffff : 0);
    }
}

/* LS guest_test_gp_counters: @has of them, and the global control as after a reset. */
static void check_gp(Bare *bare, const Geometry *g, unsigned has)
{
    for (unsigned i = 0; i < GP_MAX; i++) {
        check_counter(bare, 0xc1 + i, i < has);
        check_counter(bare, 0x4c1 + i, i < has && g->is_full_width);
    }
    g_assert_cmpint(guest_can_read(bare, 0x38f), ==, g->version > 1);
    if (g->version > 1) {
        g_assert_cmphex(guest_get(bare, 0x38f), ==, BIT64(has) - 1);
    }
}

/* LS guest_test_fixed_counters: one that is absent cannot be enabled, either. */
static void check_fixed(Bare *bare, uint32_t has)
{
    for (unsigned i = 0; i < FIXED_MAX; i++) {
        bool exists = has >> i & 1;

        check_counter(bare, 0x309 + i, exists);
        g_assert_cmpint(guest_set(bare, 0x38d, UINT64_C(1) << (4 * i)), ==, exists);
        g_assert_cmpint(guest_set(bare, 0x38f, BIT64(32 + i)), ==, exists);
    }
}

/* KVM gives no more than it has itself; fixed counter 3 is there with the mediated PMU.
 */
static const struct {
    const char *host;
    unsigned gp, fixed;
} counted[] = {
    {"intel-skylake-sp", 4, 3},
    {"intel-icelake-sp", 8, 3},
    {"intel-sapphirerapids-topdown", 8, 4},
};

static void test_gp_counters(void)
{
    for (unsigned i = 0; i < ARRAY_LEN(counted); i++) {
        for (unsigned n = 0; n < 6 * (GP_MAX + 1) * 2; n++) {
            const Geometry g = {.version = n / 2 % 6,
                                .gp = n / 2 / 6,
                                .fixed = 3,
                                .is_full_width = n % 2};
            unsigned has = g.version ? MIN(g.gp, counted[i].gp) : 0;
            g_autoptr(Bare) bare = bare_with(resolve_profile(counted[i].host), &g);

            check_gp(bare, &g, has);
        }
    }
}

static void test_fixed_counters(void)
{
    for (unsigned i = 0; i < ARRAY_LEN(counted); i++) {
        for (unsigned n = 0; n < 6 * (FIXED_MAX + 1); n++) {
            const Geometry g = {.version = n % 6, .gp = 4, .fixed = n / 6};
            unsigned has = g.version > 1 ? MIN(g.fixed, counted[i].fixed) : 0;
            g_autoptr(Bare) bare = bare_with(resolve_profile(counted[i].host), &g);

            check_fixed(bare, (uint32_t)BIT64(has) - 1);
        }
    }
}

/* A KVM of version @version that has fixed counters 0 and 1 by count, 3 by bitmap. */
static HostProfile *kvm_with_bitmap(unsigned version)
{
    HostProfile *host = resolve_profile("intel-icelake-sp");
    const Geometry g = {.version = version, .gp = 8, .fixed = 2, .bitmap = BIT64(3)};

    *x86_cpuid_find(host->x86.supported, 0xa, 0) = leaf_a(&g);
    return host;
}

/*
 * LS pmu_counters_test: below the count, or from version 5 on in the bitmap; the version
 * is the lesser of the guest's and KVM's.  KVMs of today offer 2: there the bitmap is
 * nothing.
 */
static void test_bitmap_of_fixed_counters(void)
{
    for (unsigned kvm = 2; kvm <= 5; kvm++) {
        for (unsigned n = 0; n < 6 * (FIXED_MAX + 1) * 16; n++) {
            const Geometry g = {
                .version = n % 6, .gp = 4, .fixed = n / 6 / 16, .bitmap = n / 6 % 16};
            bool has_bitmap = kvm == 5 && g.version == 5;
            uint32_t wanted =
                (uint32_t)(BIT64(g.fixed) - 1) | (has_bitmap ? g.bitmap : 0);
            uint32_t given = has_bitmap ? 0xb : 0x3;
            g_autoptr(Bare) bare = bare_with(kvm_with_bitmap(kvm), &g);

            check_fixed(bare, g.version > 1 ? wanted & given : 0);
        }
    }
}

/* ---- the global control as KVM initialises it ---- */

/* LP kvm_pmu_refresh, on each change of CPUID or PERF_CAPABILITIES and on no other. */
static void test_global_ctrl_is_initialised(void)
{
    const Geometry three = {.version = 2, .gp = 3};
    X86CpuidEntry leaf = leaf_a(&three);
    g_autoptr(Bare) bare = bare_on("intel-icelake-sp");

    g_assert_cmphex(host_get(bare, 0x38f), ==, 0xff);
    tell_cpuid(bare, &leaf);
    g_assert_cmphex(host_get(bare, 0x38f), ==, 0x7);
    g_assert_true(host_set(bare, 0x38f, 0));
    g_assert_true(host_set(bare, CAPS, host_get(bare, CAPS)));
    g_assert_cmphex(host_get(bare, 0x38f), ==, 0);
    g_assert_true(host_set(bare, CAPS, FULL_WIDTH));
    g_assert_cmphex(host_get(bare, 0x38f), ==, 0x7);
}

static void test_global_ctl_of_amd_is_initialised(void)
{
    X86CpuidEntry leaf = {.function = 0x80000022, .eax = 1, .ebx = 4};
    g_autoptr(Bare) with = bare_on("amd-zen4-genoa");
    g_autoptr(Bare) without = bare_on("amd-zen3-milan");

    g_assert_cmphex(host_get(with, 0xc0000301), ==, 0x3f);
    tell_cpuid(with, &leaf);
    g_assert_cmphex(host_get(with, 0xc0000301), ==, 0xf);
    g_assert_false(guest_can_read(without, 0xc0000301));
}

/* ---- what becomes of a value ---- */

/* SDM vol 4, IA32_PMCn: by its old address a counter takes 32 bits with their sign. */
static void test_guest_writes_counters_narrow(void)
{
    static const struct {
        uint64_t written, kept;
    } rows[] = {
        {0x7fffffff, 0x7fffffff},
        {0x80000000, 0xffff80000000},
        {0xffffffff, 0xffffffffffff},
        {0x100000001, 1},
        {0x123456789abcdef0u, 0xffff9abcdef0},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(Bare) bare = bare_on("intel-icelake-sp");

        g_assert_true(guest_set(bare, 0xc1, rows[i].written));
        g_assert_cmphex(guest_get(bare, 0xc1), ==, rows[i].kept);
        g_assert_cmphex(guest_get(bare, 0x4c1), ==, rows[i].kept);
    }
}

/* LP: user space restores what it saved, so its value is the counter's, 48 bits here. */
static void test_host_writes_counters_whole(void)
{
    static const uint32_t counters[] = {0xc1, 0xc8, 0x309, 0x30b};
    static const uint32_t amd[] = {0xc0010201, 0xc001020b, 0xc0010004, 0xc0010007};
    g_autoptr(Bare) bare = bare_on("intel-icelake-sp");
    g_autoptr(Bare) zen = bare_on("amd-zen4-genoa");

    for (unsigned i = 0; i < ARRAY_LEN(counters); i++) {
        g_assert_true(host_set(bare, counters[i], 0x812345678123));
        g_assert_cmphex(guest_get(bare, counters[i]), ==, 0x812345678123);
        g_assert_true(host_set(bare, counters[i], UINT64_MAX));
        g_assert_cmphex(guest_get(bare, counters[i]), ==, 0xffffffffffff);
    }
    for (unsigned i = 0; i < ARRAY_LEN(amd); i++) {
        g_assert_true(host_set(zen, amd[i], UINT64_MAX));
        g_assert_cmphex(guest_get(zen, amd[i]), ==, 0xffffffffffff);
    }
}

/* LP intel_pmu_set_msr: through the full-width address nobody writes more than it has. */
static void test_full_width_is_no_wider_than_the_counter(void)
{
    g_autoptr(Bare) bare = bare_on("intel-icelake-sp");

    for (unsigned bit = 0; bit < 64; bit++) {
        g_assert_cmpint(guest_set(bare, 0x4c1, BIT64(bit)), ==, bit < 48);
        g_assert_cmpint(host_set(bare, 0x4c1, BIT64(bit)), ==, bit < 48);
    }
    g_assert_true(guest_set(bare, 0x4c1, BIT64(47)));
    g_assert_cmphex(guest_get(bare, 0xc1), ==, BIT64(47));
}

/* LP amd_pmu_set_msr: AMD's reserved bits are dropped; KM6 for the two of nested guests.
 */
static void test_amd_select_bits(void)
{
    static const struct {
        const char *host;
        bool has_svm;
        uint64_t kept;
    } rows[] = {
        {"amd-zen4-genoa", false, UINT64_C(0xfffd7ffff)},
        {"amd-zen4-genoa", true, UINT64_C(0xfffd7ffff)},
        {"amd-zen4-genoa-mediated", false, UINT64_C(0xfffd7ffff)},
        {"amd-zen4-genoa-mediated", true, UINT64_C(0x30fffd7ffff)},
    };
    static const uint32_t selects[] = {0xc0010000, 0xc0010003, 0xc0010200, 0xc001020a};

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(Bare) bare = bare_on(rows[i].host);
        X86CpuidEntry leaf = *x86_cpuid_find(bare->host->x86.supported, 0x80000001, 0);

        leaf.ecx = (leaf.ecx & ~4u) | (rows[i].has_svm ? 4 : 0);
        tell_cpuid(bare, &leaf);
        for (unsigned k = 0; k < ARRAY_LEN(selects); k++) {
            g_assert_true(guest_set(bare, selects[k], UINT64_MAX));
            g_assert_cmphex(guest_get(bare, selects[k]), ==, rows[i].kept);
            g_assert_true(host_set(bare, selects[k], UINT64_MAX));
            g_assert_cmphex(guest_get(bare, selects[k]), ==, rows[i].kept);
        }
        /* The counters beside them keep what a counter has. */
        g_assert_true(guest_set(bare, 0xc0010201, BIT64(47)));
        g_assert_cmphex(guest_get(bare, 0xc0010201), ==, BIT64(47));
    }
}

/* LP kvm_pmu_set_msr: a guest's write of the status faults on Intel. */
static void test_intel_status(void)
{
    g_autoptr(Bare) bare = bare_on("intel-icelake-sp");

    g_assert_true(host_set(bare, 0x38e, 0x5));
    g_assert_false(guest_set(bare, 0x38e, 0x5));
    g_assert_false(host_set(bare, 0x38e, BIT64(8)));
    g_assert_true(host_set(bare, 0x390, 0x5)); /* no effect from the host */
    g_assert_cmphex(guest_get(bare, 0x38e), ==, 0x5);
    g_assert_true(guest_set(bare, 0x390, 0x4));
    g_assert_cmphex(guest_get(bare, 0x38e), ==, 0x1);
    g_assert_cmphex(guest_get(bare, 0x390), ==, 0);
    g_assert_false(guest_set(bare, 0x390, BIT64(8)));
}

/* The same of AMD (PPR): it is ignored.  Bits are cleared and set by other registers. */
static void test_amd_status(void)
{
    g_autoptr(Bare) bare = bare_on("amd-zen4-genoa");

    g_assert_true(host_set(bare, 0xc0000300, 0x5));
    g_assert_true(guest_set(bare, 0xc0000300, 0x2));
    g_assert_true(guest_set(bare, 0xc0000300, BIT64(60)));
    g_assert_cmphex(guest_get(bare, 0xc0000300), ==, 0x5);
    g_assert_false(host_set(bare, 0xc0000300, BIT64(6)));
    g_assert_true(host_set(bare, 0xc0000302, 0x5));
    g_assert_cmphex(guest_get(bare, 0xc0000300), ==, 0x5);
    g_assert_true(guest_set(bare, 0xc0000302, 0x4));
    g_assert_cmphex(guest_get(bare, 0xc0000300), ==, 0x1);
    g_assert_true(host_set(bare, 0xc0000303, 0x2));
    g_assert_cmphex(guest_get(bare, 0xc0000300), ==, 0x1);
    g_assert_true(guest_set(bare, 0xc0000303, UINT64_MAX));
    g_assert_cmphex(guest_get(bare, 0xc0000300), ==, 0x3f);
    g_assert_cmphex(guest_get(bare, 0xc0000302), ==, 0);
    g_assert_cmphex(guest_get(bare, 0xc0000303), ==, 0);
}

/* LP kvm_pmu_set_msr: reserved bits of the global control fault on Intel... */
static void test_intel_global_ctrl_refuses(void)
{
    g_autoptr(Bare) bare = bare_on("intel-icelake-sp");

    for (unsigned bit = 0; bit < 64; bit++) {
        bool exists = bit < 8 || (bit >= 32 && bit < 35);

        g_assert_cmpint(guest_set(bare, 0x38f, BIT64(bit)), ==, exists);
        g_assert_cmpint(host_set(bare, 0x38f, BIT64(bit)), ==, exists);
    }
}

/* ... and are masked on AMD, whoever writes. */
static void test_amd_global_ctl_masks(void)
{
    g_autoptr(Bare) bare = bare_on("amd-zen4-genoa");

    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t kept = bit < 6 ? BIT64(bit) : 0;

        g_assert_true(guest_set(bare, 0xc0000301, BIT64(bit)));
        g_assert_cmphex(guest_get(bare, 0xc0000301), ==, kept);
        g_assert_true(host_set(bare, 0xc0000301, BIT64(bit)));
        g_assert_cmphex(host_get(bare, 0xc0000301), ==, kept);
    }
}

/* LX: user space has every bit of MISC_ENABLE, a guest not those about its PMU. */
static void test_misc_enable(void)
{
    g_autoptr(Bare) bare = bare_on("intel-icelake-sp");

    g_assert_cmphex(host_get(bare, 0x1a0), ==, 0x1800); /* LX kvm_vcpu_reset */
    for (unsigned start = 0; start < 2; start++) {
        uint64_t value = start ? 0x1881 : 0x1;

        g_assert_true(host_set(bare, 0x1a0, value));
        g_assert_cmphex(guest_get(bare, 0x1a0), ==, value);
        g_assert_true(guest_set(bare, 0x1a0, value));
        g_assert_false(guest_set(bare, 0x1a0, value ^ BIT64(11)));
        g_assert_false(guest_set(bare, 0x1a0, value ^ BIT64(12)));
        g_assert_true(guest_set(bare, 0x1a0, value ^ BIT64(7)));
        g_assert_cmphex(guest_get(bare, 0x1a0), ==, value);
        g_assert_true(guest_set(bare, 0x1a0, value ^ BIT64(0)));
        g_assert_cmphex(guest_get(bare, 0x1a0), ==, value ^ BIT64(0));
    }
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
        {"intel-sapphirerapids", 0x38f, false},
        {"intel-sapphirerapids-mediated", 0x38f, true},
        {"amd-zen4-genoa", 0xc0000301, false},
        {"amd-zen4-genoa-mediated", 0xc0000301, true},
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
    g_test_add_func("/model-pmu/gp-counters", test_gp_counters);
    g_test_add_func("/model-pmu/fixed-counters", test_fixed_counters);
    g_test_add_func("/model-pmu/bitmap-of-fixed-counters", test_bitmap_of_fixed_counters);
    g_test_add_func("/model-pmu/global-ctrl-is-initialised",
                    test_global_ctrl_is_initialised);
    g_test_add_func("/model-pmu/global-ctl-of-amd-is-initialised",
                    test_global_ctl_of_amd_is_initialised);
    g_test_add_func("/model-pmu/guest-writes-counters-narrow",
                    test_guest_writes_counters_narrow);
    g_test_add_func("/model-pmu/host-writes-counters-whole",
                    test_host_writes_counters_whole);
    g_test_add_func("/model-pmu/full-width-is-no-wider-than-the-counter",
                    test_full_width_is_no_wider_than_the_counter);
    g_test_add_func("/model-pmu/intel-status", test_intel_status);
    g_test_add_func("/model-pmu/amd-status", test_amd_status);
    g_test_add_func("/model-pmu/amd-select-bits", test_amd_select_bits);
    g_test_add_func("/model-pmu/intel-global-ctrl-refuses",
                    test_intel_global_ctrl_refuses);
    g_test_add_func("/model-pmu/amd-global-ctl-masks", test_amd_global_ctl_masks);
    g_test_add_func("/model-pmu/misc-enable", test_misc_enable);
    g_test_add_func("/model-pmu/mediated-pmu-needs-the-irqchip",
                    test_mediated_pmu_needs_the_irqchip);
    g_test_add_func("/model-pmu/irqchip-comes-first", test_irqchip_comes_first);
    g_test_add_func("/model-pmu/no-irqchip-no-watchdog", test_no_irqchip_no_watchdog);
    return g_test_run();
}
