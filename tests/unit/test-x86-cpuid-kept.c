/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The read-back of CPUID: every bit of every leaf, and a vCPU whose KVM keeps something
 * else. Results of the second are modelled. */
#include <string.h>

#include "accel/vcpu-setup.h"
#include "model-kvm.h"
#include "resolve-case.h"
#include "target/x86-cpuid-kept.h"
#include "util/bits.h"

static const X86Topology topology = {1, 1, 1, 2, 1};

static GArray *told_of(const CpuContract *contract)
{
    GArray *told = g_array_sized_new(FALSE, FALSE, sizeof(X86CpuidEntry), X86_CPUID_MAX);

    told->len = x86_contract_encode_cpuid(contract, &topology, 1,
                                          (X86CpuidEntry *)(void *)told->data);
    return told;
}

/* What the manual says of these places, said once more and differently. */
static bool is_followed(const X86CpuidEntry *entry, X86Reg reg, unsigned bit)
{
    uint32_t leaf = entry->function, part = entry->index;

    return (leaf == 1 && reg == X86_ECX && (bit == 3 || bit == 27)) ||
           (leaf == 1 && reg == X86_EDX && bit == 9) ||
           (leaf == 7 && part == 0 && reg == X86_ECX && bit == 4) ||
           (leaf == 0xd && part <= 1 && reg == X86_EBX);
}

static bool is_pmu(const X86CpuidEntry *entry, X86Reg reg, unsigned bit)
{
    uint32_t leaf = entry->function, part = entry->index;

    return leaf == 0xa || leaf == 0x14 || leaf == 0x1c || leaf == 0x23 ||
           leaf == 0x80000022 || (leaf == 1 && reg == X86_EDX && bit == 21) ||
           (leaf == 1 && reg == X86_ECX && (bit == 2 || bit == 15)) ||
           (leaf == 7 && part == 0 && reg == X86_EBX && bit == 25) ||
           (leaf == 7 && part == 0 && reg == X86_EDX && bit == 19) ||
           (leaf == 0x80000001 && reg == X86_ECX && (bit == 23 || bit == 24));
}

static void check_flip(const GArray *told, unsigned at, X86Reg reg, unsigned bit)
{
    g_autoptr(GArray) kept = g_array_copy((GArray *)told);
    g_autoptr(Report) report = report_new();
    X86CpuidEntry *entry = &g_array_index(kept, X86CpuidEntry, at);
    uint32_t *place = x86_entry_reg(entry, reg);
    bool was_set = *place & BIT64(bit);
    const Finding *finding;

    *place ^= (uint32_t)BIT64(bit);
    x86_cpuid_check_kept(told, kept, report);
    if (is_followed(entry, reg, bit)) {
        g_assert_cmpuint(report_size(report), ==, 0);
        return;
    }
    g_assert_cmpuint(report_size(report), ==, 1);
    finding = report_get(report, 0);
    if (is_pmu(entry, reg, bit)) {
        g_assert_cmpint(finding->level, ==, FINDING_ERROR);
        g_assert_true(g_str_has_prefix(finding->row, "CPUID 0x"));
    } else {
        g_assert_cmpint(finding->level, ==, FINDING_WARNING);
        g_assert_cmpstr(finding->row, ==, was_set ? "cpuid-lost" : "cpuid-added");
    }
}

static void test_every_bit(void)
{
    static const char *const hosts[] = {"intel-sapphirerapids", "amd-zen4-genoa"};

    for (unsigned h = 0; h < ARRAY_LEN(hosts); h++) {
        g_autoptr(ResolveCase) c = resolve(hosts[h], "q35", "host");
        g_autoptr(GArray) told = told_of(c->contract);
        g_autoptr(Report) report = report_new();

        x86_cpuid_check_kept(told, told, report);
        g_assert_cmpuint(report_size(report), ==, 0);
        for (unsigned i = 0; i < told->len; i++) {
            for (X86Reg reg = X86_EAX; reg < X86_REG_COUNT; reg++) {
                for (unsigned bit = 0; bit < 32; bit++) {
                    check_flip(told, i, reg, bit);
                }
            }
        }
    }
}

/* One vCPU on a kernel that flips @twist; false: refused. */
static bool set_up(const char *profile, const char *cpu, const X86CpuidEntry *twist,
                   Report *report, GError **errp)
{
    g_autoptr(ResolveCase) c = resolve(profile, "q35", cpu);
    ModelKvm *model;
    g_autoptr(KvmSys) sys = model_kvm_new(c->host, &model);
    g_autoptr(KvmVm) vm = kvm_vm_new(sys, 0, NULL);
    g_autoptr(KvmVcpu) vcpu = NULL;
    g_autoptr(CpuBinding) binding = cpu_bind(c->contract, c->host, NULL);
    bool ok = vm && kvm_x86_vm_setup(vm, binding, errp);

    model_kvm_twist_cpuid(model, twist);
    vcpu = ok ? kvm_vcpu_new(vm, 0, errp) : NULL;
    return vcpu && kvm_x86_vcpu_setup(vcpu, c->contract, &topology, 0, report, errp);
}

static void test_more_and_less_are_warnings(void)
{
    const X86CpuidEntry feature = {.function = 1, .ecx = (uint32_t)BIT64(12)};
    const X86CpuidEntry taken = {.function = 1, .ecx = (uint32_t)BIT64(0)};
    g_autoptr(Report) report = report_new();
    g_autoptr(GError) error = NULL;
    bool ok = set_up("intel-icelake-sp", "Nehalem", &feature, report, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
    ok = set_up("intel-icelake-sp", "Nehalem", &taken, report, &error);
    g_assert_no_error(error);
    g_assert_true(ok);
    /* A second vCPU says nothing new. */
    ok = set_up("intel-icelake-sp", "Nehalem", &taken, report, &error);
    g_assert_true(ok);
    g_assert_cmpuint(report_size(report), ==, 2);
    g_assert_cmpuint(report_count(report, FINDING_ERROR), ==, 0);
    g_assert_cmpstr(report_get(report, 0)->row, ==, "cpuid-added");
    g_assert_cmpstr(report_get(report, 0)->given, ==, "fma");
    g_assert_cmpstr(report_get(report, 1)->row, ==, "cpuid-lost");
    g_assert_cmpstr(report_get(report, 1)->asked, ==, "pni");
}

static void test_a_leaf_nobody_told(void)
{
    const X86CpuidEntry leaf = {.function = 0x4fffffff, .eax = 5};
    g_autoptr(Report) report = report_new();
    g_autoptr(GError) error = NULL;
    bool ok = set_up("intel-icelake-sp", "Nehalem", &leaf, report, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
    g_assert_cmpuint(report_size(report), ==, 1);
    g_assert_cmpstr(report_get(report, 0)->given, ==, "0x4fffffff.0.eax:0x5");
}

static void test_another_pmu_is_an_error(void)
{
    const X86CpuidEntry more = {.function = 0xa, .eax = 0x800};
    const X86CpuidEntry revived = {.function = 1, .ecx = (uint32_t)BIT64(15)};
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) other = NULL;

    g_assert_false(set_up("intel-icelake-sp", "host,pmu=on", &more, NULL, &error));
    g_assert_nonnull(strstr(error->message, "CPUID 0xa.0 eax"));
    g_assert_false(set_up("intel-icelake-sp", "host,pmu=off", &revived, NULL, &other));
    g_assert_nonnull(strstr(other->message, "CPUID 0x1.0 ecx"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/x86-cpuid-kept/every-bit", test_every_bit);
    g_test_add_func("/x86-cpuid-kept/more-and-less-are-warnings",
                    test_more_and_less_are_warnings);
    g_test_add_func("/x86-cpuid-kept/a-leaf-nobody-told", test_a_leaf_nobody_told);
    g_test_add_func("/x86-cpuid-kept/another-pmu-is-an-error",
                    test_another_pmu_is_an_error);
    return g_test_run();
}
