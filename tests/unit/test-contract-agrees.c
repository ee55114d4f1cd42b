/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The leaves and MSRs a contract gives KVM are those its words speak of, which are what
 * is compared with hosts: whatever else a stream brings is refused by name.
 */
#include <string.h>

#include "resolve-case.h"
#include "target/arm-cpu.h"
#include "target/x86-encode.h"
#include "util/bits.h"
#include "util/json.h"

static const char *const cpus[] = {"host",
                                   "max,migratable=off",
                                   "host,pmu=off",
                                   "host,pebs-fmt=host,lbr-fmt=host",
                                   "qemu64",
                                   "qemu64,vendor=AuthenticAMD",
                                   "base",
                                   "host,kvm=off,level=4,xlevel=0x80000001",
                                   "host,-xsave",
                                   "EPYC-Genoa,pmu=on,+svm",
                                   "SapphireRapids,pmu=on,+pdcm,family=6,model=1"};

static char *disagreement(const CpuContract *contract)
{
    GError *error = NULL;
    char *message = NULL;

    if (!x86_contract_check_agrees(contract, &error)) {
        g_assert_nonnull(error);
        message = g_strdup(error->message);
        g_error_free(error);
    }
    return message;
}

static void test_every_contract_agrees_with_itself(void)
{
    static const char *const machines[] = {"q35", "pc-q35-11.1", "pc-q35-10.0",
                                           "pc-q35-7.2"};
    g_auto(GStrv) profiles = resolve_profile_names("");

    for (unsigned p = 0; profiles[p]; p++) {
        for (unsigned i = 0; i < ARRAY_LEN(cpus) * ARRAY_LEN(machines); i++) {
            const char *machine = machines[i % ARRAY_LEN(machines)];
            const char *cpu = cpus[i / ARRAY_LEN(machines)];
            g_autoptr(ResolveCase) c = g_str_has_prefix(profiles[p], "arm-")
                                           ? NULL
                                           : resolve(profiles[p], machine, cpu);
            g_autofree char *wrong = c ? disagreement(c->contract) : NULL;

            if (wrong) {
                g_test_message("%s, %s, %s: %s", profiles[p], machine, cpu, wrong);
                g_test_fail();
            }
        }
    }
}

/* Words of the one and leaves, or MSRs, of the other. */
static void test_two_contracts_make_none(void)
{
    static const char *const hosts[] = {"intel-icelake-sp", "intel-sapphirerapids",
                                        "amd-zen4-genoa", "intel-skylake-sp"};
    unsigned refused = 0;

    for (unsigned i = 0; i < ARRAY_LEN(hosts) * ARRAY_LEN(hosts); i++) {
        g_autoptr(ResolveCase) a = resolve(hosts[i % ARRAY_LEN(hosts)], "q35", "host");
        g_autoptr(ResolveCase) b = resolve(hosts[i / ARRAY_LEN(hosts)], "q35", "host");
        g_autofree char *before = disagreement(a->contract);
        g_autofree char *text = NULL;
        GArray *leaves = a->contract->x86.cpuid;

        g_assert_null(before);
        a->contract->x86.cpuid = b->contract->x86.cpuid;
        b->contract->x86.cpuid = leaves;
        text = disagreement(a->contract);
        g_assert_true((text == NULL) == (i % ARRAY_LEN(hosts) == i / ARRAY_LEN(hosts)));
        refused += text && strstr(text, "contract.cpuid: leaf 0x");
    }
    g_assert_cmpuint(refused, ==, ARRAY_LEN(hosts) * (ARRAY_LEN(hosts) - 1));
}

/* Numbers of the host's that no comparison needs: caches, sizes, frequencies. */
static bool is_free(const X86CpuidEntry *entry, X86Reg reg, unsigned bit)
{
    switch (entry->function) {
    case 0x2:
    case 0x4:
    case 0x15:
    case 0x16:
    case 0x1c:
    case 0x1d:
    case 0x1e:
    case 0x80000005:
    case 0x80000006:
    case 0x8000001d:
    case 0x8000001e:
        return true;
    case 0xd:
        return entry->index > 1 || reg == X86_EBX ||
               (entry->index == 0 ? reg == X86_ECX : reg == X86_EDX);
    case 0x14:
        return entry->index > 0 || reg != X86_ECX;
    case 0x24:
        return reg != X86_EBX || bit < 8;
    case 0x8000000a:
        return reg != X86_EDX;
    case 0x80000008:
        return reg == X86_EAX && bit >= 16 && bit < 24;
    default:
        return false;
    }
}

/* One bit of one register, everywhere. */
static void check_flips(const char *host, const char *cpu)
{
    g_autoptr(ResolveCase) c = resolve(host, "q35", cpu);
    GArray *leaves = c->contract->x86.cpuid;

    for (unsigned i = 0; i < leaves->len; i++) {
        X86CpuidEntry *entry = &g_array_index(leaves, X86CpuidEntry, i);

        for (unsigned at = 0; at < 128; at++) {
            X86Reg reg = at / 32;
            g_autofree char *wrong = NULL;

            *x86_entry_reg(entry, reg) ^= (uint32_t)BIT64(at % 32);
            wrong = disagreement(c->contract);
            *x86_entry_reg(entry, reg) ^= (uint32_t)BIT64(at % 32);
            if (!wrong != is_free(entry, reg, at % 32)) {
                g_test_message("%s, %s: 0x%x.%u register %u bit %u: %s", host, cpu,
                               entry->function, entry->index, reg, at % 32,
                               wrong ? wrong : "taken");
                g_test_fail();
            }
        }
    }
}

static void test_no_bit_of_a_leaf_is_another(void)
{
    check_flips("intel-sapphirerapids", "host");
    check_flips("intel-icelake-sp", "host,pmu=off");
    check_flips("amd-zen4-genoa", "host,+svm");
    check_flips("amd-zen4-genoa", "qemu64,vendor=GenuineIntel");
}

/* Leaves that no feature of this guest brings: topology, PMU, tracing, made-up ones. */
static void test_no_other_leaf_is_taken(void)
{
    static const uint32_t functions[] = {
        0x3,        0x8,        0xb,        0xc,        0xf,        0x10,
        0x12,       0x14,       0x17,       0x18,       0x19,       0x1b,
        0x1c,       0x1f,       0x20,       0x23,       0x24,       0x29,
        0x40000002, 0x40000010, 0x40000100, 0x8000000b, 0x80000019, 0x8000001b,
        0x8000001f, 0x80000020, 0x80000026, 0x8fffffff, 0xc0000000, 0xc0000001,
        0xffffffff};

    for (unsigned i = 0; i < 2 * ARRAY_LEN(functions); i++) {
        g_autoptr(ResolveCase) c = resolve("amd-zen3-milan", "q35", "host,pmu=off");
        X86CpuidEntry entry = {.function = functions[i / 2], .eax = i % 2};
        g_autofree char *wrong = NULL;

        g_assert_null(x86_cpuid_find(c->contract->x86.cpuid, entry.function, 0));
        g_array_append_val(c->contract->x86.cpuid, entry);
        wrong = disagreement(c->contract);
        g_assert_nonnull(wrong);
        g_assert_nonnull(strstr(wrong, "belongs to no feature"));
    }
}

static void test_no_other_register_is_taken(void)
{
    static const uint32_t indices[] = {
        0x0,   0x10,  0x1b,  0x8b,  0xc1,       0xce,       0xcf,      0x10a, 0x122,
        0x140, 0x174, 0x186, 0x1d9, 0x345,      0x38d,      0x38f,     0x3f1, 0x3f2,
        0x480, 0x4c1, 0x600, 0xd90, 0xc0000080, 0xc0010015, 0xc0010200};

    for (unsigned i = 0; i < ARRAY_LEN(indices); i++) {
        g_autoptr(ResolveCase) c = resolve("amd-zen3-milan", "q35", "qemu64,pmu=off");
        X86Msr msr = {indices[i], 1};
        g_autofree char *wrong = NULL;

        g_array_append_val(c->contract->x86.msrs, msr);
        wrong = disagreement(c->contract);
        g_assert_nonnull(wrong);
        g_assert_nonnull(strstr(wrong, "contract.msrs: 0x"));
    }
}

static void test_no_bit_of_a_register_is_another(void)
{
    g_autoptr(ResolveCase) c = resolve("intel-sapphirerapids", "q35", "host");
    GArray *msrs = c->contract->x86.msrs;

    g_assert_cmpuint(msrs->len, >=, 3);
    for (unsigned i = 0; i < msrs->len * 64; i++) {
        X86Msr *msr = &g_array_index(msrs, X86Msr, i / 64);
        g_autofree char *wrong = NULL;

        msr->value ^= BIT64(i % 64);
        wrong = disagreement(c->contract);
        msr->value ^= BIT64(i % 64);
        g_assert_nonnull(wrong);
    }
}

/* Through the door of a stream or a file, where the digest is right. */
static void test_a_forged_contract_is_not_read(void)
{
    g_autoptr(ResolveCase) ice = resolve("intel-icelake-sp", "q35", "host");
    g_autoptr(ResolveCase) sapphire = resolve("intel-sapphirerapids", "q35", "host");
    GArray *leaves = ice->contract->x86.cpuid;
    g_autojson *json = NULL;
    g_autoptr(GError) error = NULL;

    ice->contract->x86.cpuid = sapphire->contract->x86.cpuid;
    sapphire->contract->x86.cpuid = leaves;
    json = cpu_contract_format(ice->contract);
    g_assert_null(cpu_contract_parse(json, &error));
    g_assert_nonnull(strstr(error->message, "contract.cpuid: leaf 0x"));
}

/* A host that offers tracing: with a PMU and without one, and in every way to write. */
static void test_a_contract_with_tracing_agrees(void)
{
    static const struct {
        const char *cpu;
        uint32_t own, qemu; /* ECX of leaf 0x14, on our machine and on QEMU's */
    } rows[] = {
        {"host", 0x80000007, 0x80000007},
        {"host,pmu=off", 0, 0x80000007},
        {"host,-intel-pt-lip", 0x7, 0x7},
        {"host,-intel-pt", 0, 0},
        {"Skylake-Server,pmu=on,+intel-pt", 0x7, 0x7},
        {"Skylake-Server,+intel-pt", 0, 0x7},
        {"Skylake-Server,+intel-pt,+intel-pt-lip", 0, 0x80000007},
    };
    static const char *const machines[] = {"q35", "pc-q35-11.1", "pc-q35-7.2"};

    for (unsigned i = 0; i < ARRAY_LEN(rows) * ARRAY_LEN(machines); i++) {
        const unsigned r = i / ARRAY_LEN(machines);
        const char *machine = machines[i % ARRAY_LEN(machines)];
        HostProfile *host = resolve_profile_with_pt("intel-icelake-sp");
        g_autoptr(ResolveCase) c = resolve_case_new(host, machine, rows[r].cpu, NULL);
        g_autofree char *wrong = disagreement(c->contract);

        g_test_message("%s: %s", rows[r].cpu, wrong);
        g_assert_null(wrong);
        g_assert_cmphex(resolve_cpuid(c, 0x14, 0, X86_ECX), ==,
                        strcmp(machine, "q35") ? rows[r].qemu : rows[r].own);
    }
}

static void test_every_arm_contract_agrees(void)
{
    static const char *const arm_cpus[] = {"host", "max", "host,pmu=off", "host,pmu=on",
                                           "host,sve=off,pauth=off"};
    g_auto(GStrv) profiles = resolve_profile_names("arm-");

    for (unsigned p = 0; profiles[p]; p++) {
        for (unsigned i = 0; i < 2 * ARRAY_LEN(arm_cpus); i++) {
            g_autoptr(ResolveCase) c =
                resolve(profiles[p], i % 2 ? "virt" : "virt-10.0", arm_cpus[i / 2]);
            g_autoptr(GError) error = NULL;

            g_test_message("%s, %s", profiles[p], arm_cpus[i / 2]);
            (void)arm_contract_check_agrees(c->contract, &error);
            g_assert_no_error(error);
        }
    }
}

/* Each number that says something of the PMU, changed alone; features bit by bit. */
static void test_no_part_of_an_arm_contract_is_another(void)
{
    for (unsigned i = 0; i < 32 + 4; i++) {
        g_autoptr(ResolveCase) c = resolve("arm-grace", "virt", "host,pmu=on");
        ArmContract *arm = &c->contract->arm;
        bool is_free = i == ARM_VCPU_PSCI_0_2 || i == ARM_VCPU_SVE ||
                       i == ARM_VCPU_PTRAUTH_ADDRESS || i == ARM_VCPU_PTRAUTH_GENERIC ||
                       i == ARM_VCPU_PMU_V3_STRICT;
        g_autofree char *source = NULL;
        g_autoptr(GError) error = NULL;

        g_assert_true(arm_contract_check_agrees(c->contract, NULL));
        if (i < 32) {
            arm->vcpu_features ^= (uint32_t)BIT64(i);
        }
        c->contract->pmu_enabled ^= i == 32;
        if (i == 33) {
            source = g_steal_pointer(&arm->pmu_source);
        }
        arm->pmu_kind = i == 34   ? ARM_PMU_NONE
                        : i == 35 ? ARM_PMU_KVM_DEFAULT
                                  : arm->pmu_kind;
        g_assert_true(arm_contract_check_agrees(c->contract, &error) == is_free);
        g_assert_true(is_free == (error == NULL));
    }
}

/* Programs that rewrite JSON may sort its members: the contract is the same. */
static void test_the_order_of_members_says_nothing(void)
{
    static const char *const rewritten[] = {"host,pmu=on", "host,migratable=off"};

    for (unsigned i = 0; i < ARRAY_LEN(rewritten); i++) {
        g_autoptr(ResolveCase) c = resolve("intel-sapphirerapids", "q35", rewritten[i]);
        g_autojson *json = cpu_contract_format(c->contract);
        g_autofree char *digest = cpu_contract_digest(c->contract);
        json_object *msrs = json_object_object_get(json, "msrs");
        g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GError) error = NULL;
        g_autoptr(CpuContract) again = NULL;
        g_autofree char *same = NULL;

        json_object_object_foreach(msrs, name, value)
        {
            (void)value;
            g_ptr_array_add(names, g_strdup(name));
        }
        g_assert_cmpuint(names->len, >, 1);
        /* All but the last to the end, one after the other: the order turned round. */
        for (unsigned k = names->len - 1; k > 0; k--) {
            const char *moved = names->pdata[k - 1];
            json_object *member = json_object_get(json_object_object_get(msrs, moved));

            json_object_object_del(msrs, moved);
            json_object_object_add(msrs, moved, member);
        }
        again = cpu_contract_parse(json, &error);
        g_assert_no_error(error);
        same = cpu_contract_digest(again);
        g_assert_cmpstr(same, ==, digest);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/contract-agrees/with-itself",
                    test_every_contract_agrees_with_itself);
    g_test_add_func("/contract-agrees/not-with-another", test_two_contracts_make_none);
    g_test_add_func("/contract-agrees/leaf-bits", test_no_bit_of_a_leaf_is_another);
    g_test_add_func("/contract-agrees/other-leaves", test_no_other_leaf_is_taken);
    g_test_add_func("/contract-agrees/other-registers", test_no_other_register_is_taken);
    g_test_add_func("/contract-agrees/register-bits",
                    test_no_bit_of_a_register_is_another);
    g_test_add_func("/contract-agrees/forged", test_a_forged_contract_is_not_read);
    g_test_add_func("/contract-agrees/tracing", test_a_contract_with_tracing_agrees);
    g_test_add_func("/contract-agrees/arm", test_every_arm_contract_agrees);
    g_test_add_func("/contract-agrees/arm-parts",
                    test_no_part_of_an_arm_contract_is_another);
    g_test_add_func("/contract-agrees/in-any-order",
                    test_the_order_of_members_says_nothing);
    return g_test_run();
}
