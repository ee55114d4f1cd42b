/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of the text of -cpu: what asks for nothing, what cannot be had, what came later
 * than the first contracts, and what nested VMX can do.
 */
#include <string.h>

#include "resolve-case.h"
#include "target/compat.h"
#include "target/x86-absent.h"
#include "target/x86-encode.h"
#include "util/bits.h"
#include "util/json.h"

#define NEWEST "pc-q35-11.1"
#define HOST   "intel-sapphirerapids"

static char *digest_of(HostProfile *host, const char *machine, const char *cpu)
{
    g_autoptr(ResolveCase) c = resolve_case_new(host, machine, cpu, NULL);

    return cpu_contract_digest(c->contract);
}

static void test_words_that_ask_for_nothing(void)
{
    static const char *const rows[][2] = {
        {"host,", "host"},
        {"host,,", "host"},
        {"host,,pmu=on", "host,pmu=on"},
        {"qemu64,,+pdcm", "qemu64,+pdcm"},
        {"host,vmx-ins-outs=off", "host"},
        {"host,vmware-cpuid-freq=off", "host"},
        {"host,hv-relaxed=off", "host"},
        {"host,-hv-time", "host"},
        {"host,hv_time=no", "host"},
        {"host,hv-spinlocks=0xffffffff", "host"},
        {"host,fill-mtrr-mask=on", "host"},
        {"host,tcg-cpuid=off", "host"},
        {"host,-xen-vapic,-amx-fp8", "host"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autofree char *a = digest_of(resolve_profile(HOST), NEWEST, rows[i][0]);
        g_autofree char *b = digest_of(resolve_profile(HOST), NEWEST, rows[i][1]);

        g_test_message("%s", rows[i][0]);
        g_assert_cmpstr(a, ==, b);
    }
}

/* Another value than the row's is refused, by name; the row's is taken. */
static void test_what_is_absent_is_refused_by_name(void)
{
    const X86AbsentRow *row;
    unsigned i;

    for (i = 0; (row = x86_absent_row(i)); i++) {
        g_autofree char *more = g_strdup_printf("host,%s=3", row->name);
        g_autofree char *same = g_strdup_printf("host,%s=%s", row->name, row->value);
        g_autofree char *a = digest_of(resolve_profile(HOST), NEWEST, same);
        g_autofree char *message =
            row->takes_any ? NULL : resolve_cpu_error(TARGET_ARCH_X86_64, more);

        g_test_message("%s: %s", more, message);
        g_assert_true(row->takes_any || strstr(message, row->name));
        g_assert_true(row->takes_any || strstr(message, row->why));
        g_assert_true(i == 0 || strcmp(x86_absent_row(i - 1)->name, row->name) < 0);
        g_assert_cmpuint(x86_feature_find(row->name), ==, X86_NO_FEATURE);
        g_assert_nonnull(a);
    }
    g_assert_cmpuint(i, >, 40);
}

/* A host whose KVM lists what its nested VMX can do. */
static HostProfile *host_with_vmx(void)
{
    static const X86Msr msrs[] = {
        {0x480, 0x00d8100011e57ed0}, /* ins-outs, true-ctls; revision and size */
        {0x485, 0x000000002004c1e5}, /* store-lma, activity states, vmwrite */
        {0x48b, 0x0000001300000000}, /* apicv-xapic, ept, apicv-x2apic */
        {0x48c, 0x0000000006114141}, /* execonly, 4 levels, WB, 2 MiB, invept */
        {0x48d, 0x0000007f00000016}, /* intr-exit, nmi-exit, vnmi, timer */
        {0x48e, 0xfff9fffe04006172}, /* all but tertiary */
        {0x48f, 0x007fffff00036dfb}, /* nosave-debugctl, … */
        {0x490, 0x0000ffff000011fb},
    };
    HostProfile *host = resolve_profile(HOST);

    x86_cpuid_find(host->x86.supported, 1, 0)->ecx |= BIT64(5);
    g_array_append_vals(host->x86.feature_msrs, msrs, ARRAY_LEN(msrs));
    return host;
}

static uint64_t msr_of(const ResolveCase *c, uint32_t index)
{
    X86Msr msrs[16];
    unsigned count = x86_contract_encode_msrs(c->contract, msrs, ARRAY_LEN(msrs));

    for (unsigned i = 0; i < count; i++) {
        if (msrs[i].index == index) {
            return msrs[i].value;
        }
    }
    return 0;
}

/* Controls that can be either are features; the rest of a register is KVM's. */
static void test_host_takes_nested_vmx_over(void)
{
    g_autoptr(ResolveCase) c = resolve_case_new(host_with_vmx(), NEWEST, "host", NULL);
    g_autoptr(ResolveCase) off =
        resolve_case_new(host_with_vmx(), NEWEST, "host,vmx=off", NULL);

    g_assert_true(resolve_has(c, X86_VMX_EPT));
    g_assert_true(resolve_has(c, X86_VMX_INTR_EXIT));
    g_assert_true(resolve_has(c, X86_VMX_TRUE_CTLS));
    g_assert_true(resolve_has(c, X86_VMX_CR3_LOAD_NOEXIT));
    g_assert_false(resolve_has(c, X86_VMX_VPID));
    g_assert_false(resolve_has(c, X86_VMX_POSTED_INTR));
    g_assert_cmphex(msr_of(c, 0x48d), ==, 0x0000007f00000016);
    g_assert_cmphex(msr_of(c, 0x48e), ==, 0xfff9fffe04006172);
    g_assert_cmphex(msr_of(c, 0x480), ==, 0x00d8100011e57ed0);
    g_assert_cmphex(msr_of(off, 0x48d), ==, 0);
    g_assert_false(resolve_has(off, X86_VMX_EPT));
}

/* One bit: the control cannot be 1 any more, and no other changes. */
static void test_a_control_can_be_taken_away(void)
{
    g_autoptr(ResolveCase) c = resolve_case_new(
        host_with_vmx(), NEWEST, "host,vmx-ept=off,vmx-cr3-load-noexit=off", NULL);

    g_assert_cmpuint(resolve_errors(c), ==, 0);
    g_assert_cmphex(msr_of(c, 0x48b), ==, 0x0000001100000000);
    g_assert_cmphex(msr_of(c, 0x48e), ==, 0xfff9fffe0400e172);
    g_assert_cmphex(msr_of(c, 0x48c), ==, 0);
}

/* What a model has and this KVM has not is said; what nobody read is left to KVM. */
static void test_a_model_within_what_kvm_has(void)
{
    g_autoptr(ResolveCase) c =
        resolve_case_new(host_with_vmx(), NEWEST, "Skylake-Server,vmx=on", NULL);
    g_autoptr(ResolveCase) unread = resolve(HOST, NEWEST, "Skylake-Server,vmx=on");
    HostProfile *host = resolve_profile(HOST);
    g_autoptr(ResolveCase) unlisted = NULL;

    g_assert_true(resolve_has(c, X86_VMX_EPT));
    g_assert_cmpstr(resolve_finding(c, "vmx-vpid")->given, ==, "off");
    g_assert_null(report_find(unread->report, "vmx-ept"));
    x86_cpuid_find(host->x86.supported, 1, 0)->ecx |= BIT64(5);
    unlisted = resolve_case_new(host, NEWEST, "Skylake-Server,vmx=on", NULL);
    g_assert_true(resolve_has(unlisted, X86_VMX));
    g_assert_null(report_find(unlisted->report, "vmx-ept"));
    g_assert_cmphex(msr_of(unlisted, 0x48d), ==, 0);
}

/* No digest knows the words that came later, and no contract loses them. */
static void test_later_words_are_in_the_leaves(void)
{
    static const char *const cpus[] = {"host", "Skylake-Server,vmx=on",
                                       "DiamondRapids,x-force-features=on",
                                       "YongFeng-v3,x-force-features=on"};

    for (unsigned i = 0; i < ARRAY_LEN(cpus); i++) {
        g_autoptr(ResolveCase) c =
            resolve_case_new(host_with_vmx(), NEWEST, cpus[i], NULL);
        g_autojson *json = cpu_contract_format(c->contract);
        g_autoptr(GError) err = NULL;
        g_autoptr(CpuContract) back = cpu_contract_parse(json, &err);

        g_assert_no_error(err);
        for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
            g_test_message("%s, %s", cpus[i], x86_word_rows[word].name);
            g_assert_cmphex(back->x86.words[word], ==, c->contract->x86.words[word]);
        }
    }
}

/* The digests of guests that had it before it was called cet-ss. */
static void test_digests_keep_the_first_spelling(void)
{
    g_assert_cmpstr(x86_feature_first_name(X86_CET_SS), ==, "shstk");
    g_assert_cmpstr(x86_feature_first_name(X86_CET_IBT), ==, "ibt");
    g_assert_cmpstr(x86_feature_first_name(X86_PNI), ==, "pni");
    g_assert_null(x86_feature_first_name(X86_APXF));
    for (X86FeatureId i = 0; i < X86_FEATURE_COUNT; i++) {
        g_assert_true(!(x86_word_rows[x86_feature_rows[i].word].flags & X86_WORD_LATER) ||
                      x86_feature_rows[i].flags & X86_LATER);
    }
}

static void test_a_name_without_version_by_machine(void)
{
    static const char *const rows[][3] = {
        {"microvm", "Skylake-Server", "Skylake-Server-v6"},
        {"microvm", "EPYC,pmu=on", "EPYC-v5,pmu=on"},
        {"microvm", "Skylake-Server-v1", "Skylake-Server-v1"},
        {"microvm", "EPYC-IBPB", "EPYC-IBPB"},
        {"microvm", "host,", "host,"},
        {"microvm", "", ""},
        {"pc-q35-11.1", "Skylake-Server", "Skylake-Server"},
        {"none", "EPYC", "EPYC"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autofree char *text = cpu_text_on_machine(rows[i][0], rows[i][1]);

        g_assert_cmpstr(text, ==, rows[i][2]);
    }
}

static uint32_t encoded(const ResolveCase *c, const X86Topology *topology, uint32_t leaf,
                        uint32_t index, X86Reg reg)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, TRUE, sizeof(X86CpuidEntry));

    g_array_set_size(entries, X86_CPUID_MAX);
    g_array_set_size(entries,
                     x86_contract_encode_cpuid(c->contract, topology, 0,
                                               (X86CpuidEntry *)(void *)entries->data));
    return x86_cpuid_reg(entries, leaf, index, reg);
}

/* Leaf 4 of the versions with caches: who shares them, and nothing reserved. */
static void test_caches_of_the_new_versions(void)
{
    static const X86Topology topology = {1, 1, 2, 4, 1};
    static const struct {
        const char *cpu;
        uint32_t index, eax, ecx;
    } rows[] = {
        {"SapphireRapids-v3", 2, 0x1c000143, 0xfff}, /* of a core */
        {"SapphireRapids-v4", 0, 0x1c000121, 0x3f},
        {"SapphireRapids-v4", 3, 0x1c01c163, 0xffff}, /* of the socket */
        {"SierraForest-v3", 2, 0x1c00c143, 0xfff},    /* of a module */
        {"SierraForest-v3", 3, 0x1c01c163, 0x23fff},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(ResolveCase) c = resolve(HOST, NEWEST, rows[i].cpu);

        g_test_message("%s, cache %u", rows[i].cpu, rows[i].index);
        g_assert_cmphex(encoded(c, &topology, 4, rows[i].index, X86_EAX), ==,
                        rows[i].eax);
        g_assert_cmphex(encoded(c, &topology, 4, rows[i].index, X86_ECX), ==,
                        rows[i].ecx);
    }
}

static void test_leaf_1f_of_the_new_versions(void)
{
    static const X86Topology topology = {1, 1, 1, 4, 2};
    g_autoptr(ResolveCase) old = resolve(HOST, NEWEST, "SapphireRapids-v3");
    g_autoptr(ResolveCase) new = resolve(HOST, NEWEST, "SapphireRapids-v4");

    g_assert_cmphex(encoded(old, &topology, 0x1f, 0, X86_ECX), ==, 0);
    g_assert_cmphex(encoded(new, &topology, 0x1f, 0, X86_ECX), ==, 0x100);
    g_assert_cmphex(encoded(new, &topology, 0x1f, 1, X86_ECX), ==, 0x201);
    g_assert_cmphex(encoded(new, &topology, 0x1f, 1, X86_EBX), ==, 8);
    g_assert_cmphex(encoded(new, &topology, 0x1f, 2, X86_ECX), ==, 2);
}

/* As QEMU 7.2 tells KVM of them; scripts/compare-qemu compares all. */
static void test_leaves_of_old_models(void)
{
    static const struct {
        const char *cpu;
        uint32_t leaf;
        X86Reg reg;
        uint32_t value;
    } rows[] = {
        {"486", 0x2, X86_EDX, 0}, /* above its highest leaf */
        {"pentium3", 0x2, X86_EDX, 0x2c307d},
        {"pentium3", 0x4, X86_EAX, 0},
        {"kvm32", 0x80000008, X86_EAX, 0x24}, /* no linear addresses to tell */
        {"coreduo", 0x80000008, X86_EAX, 0x20},
        {"qemu32", 0x80000008, X86_EAX, 0},
        {"kvm64", 0x80000008, X86_EAX, 0x3028},
        {"Cooperlake", 0x7, X86_EAX, 1}, /* asked for, whatever is given */
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(ResolveCase) c = resolve("intel-skylake-sp", "pc-q35-7.2", rows[i].cpu);

        g_test_message("%s", rows[i].cpu);
        g_assert_cmphex(resolve_cpuid(c, rows[i].leaf, 0, rows[i].reg), ==,
                        rows[i].value);
    }
}

#define ADD(name, test) g_test_add_func("/x86-names/" name, test)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("words-that-ask-for-nothing", test_words_that_ask_for_nothing);
    ADD("what-is-absent-is-refused-by-name", test_what_is_absent_is_refused_by_name);
    ADD("host-takes-nested-vmx-over", test_host_takes_nested_vmx_over);
    ADD("a-control-can-be-taken-away", test_a_control_can_be_taken_away);
    ADD("a-model-within-what-kvm-has", test_a_model_within_what_kvm_has);
    ADD("later-words-are-in-the-leaves", test_later_words_are_in_the_leaves);
    ADD("digests-keep-the-first-spelling", test_digests_keep_the_first_spelling);
    ADD("a-name-without-version-by-machine", test_a_name_without_version_by_machine);
    ADD("caches-of-the-new-versions", test_caches_of_the_new_versions);
    ADD("leaves-of-old-models", test_leaves_of_old_models);
    ADD("leaf-1f-of-the-new-versions", test_leaf_1f_of_the_new_versions);
    return g_test_run();
}
