/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * golden PROFILE|models|versions - print, for comparison with the committed text, what
 * every machine version gives on one host (neighbouring versions that give the same are
 * one line), or what every x86 model is before it meets a host; or the machine versions,
 * newest first.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../unit/resolve-case.h"
#include "util/bits.h"
#include "util/json.h"

static const char *const x86_cpus[] = {"host,pmu=on",
                                       "host,pmu=off",
                                       "max,pmu=on",
                                       "max,pmu=off",
                                       "Skylake-Server,pmu=on",
                                       "Skylake-Server,pmu=off",
                                       "SapphireRapids,pmu=on",
                                       "SapphireRapids,pmu=off",
                                       "EPYC-Genoa,pmu=on",
                                       "EPYC-Genoa,pmu=off",
                                       "host,+pebs-arch-reg,lbr-fmt=host",
                                       "host,migratable=off"};
static const char *const arm_cpus[] = {"host", "host,pmu=on", "host,pmu=off",
                                       "max",  "max,pmu=on",  "max,pmu=off"};

static void describe_x86(const CpuContract *contract, const CpuBinding *binding,
                         GString *text)
{
    const X86Contract *x86 = &contract->x86;

    g_string_append_printf(
        text,
        "pmu %s, version %u, %u general, %u fixed, perf-capabilities 0x%" PRIx64
        ", misc-enable 0x%" PRIx64 "%s\n    features:",
        contract->pmu_enabled ? "on" : "off", x86->pmu.version, x86->pmu.gp_counters,
        x86->pmu.fixed_counters, x86->words[X86_WORD_PERF_CAPABILITIES], x86->misc_enable,
        binding->disable_pmu ? ", KVM's PMU disabled" : "");
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        if (x86_contract_has(contract, i)) {
            g_string_append_printf(text, " %s", x86_feature_rows[i].name);
        }
    }
    g_string_append_c(text, '\n');
}

static void describe_arm(const CpuContract *contract, const CpuBinding *binding,
                         GString *text)
{
    const ArmContract *arm = &contract->arm;
    g_autofree char *cpus = binding->pmu_cpus ? cpu_set_format(binding->pmu_cpus) : NULL;

    g_string_append_printf(
        text,
        "pmu %s, %s, source %s, CPUs %s, PMUVer %u, counters %d, "
        "vcpu features 0x%x%s\n",
        contract->pmu_enabled ? "on" : "off", arm_pmu_kind_name(arm->pmu_kind),
        arm->pmu_source ? arm->pmu_source : "-", cpus ? cpus : "-", arm->pmu_version,
        arm->pmu_counters, arm->vcpu_features, binding->confine ? ", confined" : "");
}

/* Everything about one case that must not change unnoticed, machine name aside. */
static char *describe(const ResolveCase *c)
{
    g_autoptr(CpuContract) bare = cpu_contract_dup(c->contract);
    g_autofree char *digest = NULL;
    GString *text = g_string_new(NULL);

    g_free(bare->machine);
    bare->machine = NULL;
    digest = cpu_contract_digest(bare);
    g_string_append_printf(text, "%.16s ", digest);
    if (bare->arch == TARGET_ARCH_X86_64) {
        describe_x86(bare, c->binding, text);
    } else {
        describe_arm(bare, c->binding, text);
    }
    for (unsigned i = 0; i < report_size(c->report); i++) {
        const Finding *finding = report_get(c->report, i);

        g_string_append_printf(text, "    %s: %s: %s\n",
                               finding_level_name(finding->level), finding->row,
                               finding->cause);
    }
    return g_string_free(text, FALSE);
}

static void print_group(const char *from, const char *to, const char *text)
{
    printf("  %s%s%s: %s", from, strcmp(from, to) == 0 ? "" : " .. ",
           strcmp(from, to) == 0 ? "" : to, text);
}

static void print_cpu(const char *profile, const char *family, const char *cpu)
{
    const MachineVersion *versions;
    g_autofree char *last = NULL;
    unsigned count, first = 0;

    versions = machine_versions(&count);
    printf("-cpu %s\n", cpu);
    for (unsigned i = 0; i < count; i++) {
        g_autofree char *machine = g_strdup_printf("%s-%s", family, versions[i].name);
        g_autoptr(ResolveCase) c = resolve(profile, machine, cpu);
        char *text = describe(c);

        if (last && strcmp(last, text) != 0) {
            print_group(versions[first].name, versions[i - 1].name, last);
            first = i;
        }
        g_free(last);
        last = text;
    }
    print_group(versions[first].name, versions[count - 1].name, last);
}

/* Those in the words from @begin to before @end. */
static void print_features(const Object *cpu, X86Word begin, X86Word end)
{
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        const X86FeatureRow *row = &x86_feature_rows[i];
        json_object *value = object_get_json(cpu, row->name, NULL);

        if (row->word >= begin && row->word < end && json_object_get_boolean(value)) {
            printf(" %s", row->name);
        }
        json_object_put(value);
    }
}

/* The row behind @type, and the features its objects say they have. */
static void print_model(const TypeRegistry *registry, const ObjectType *type)
{
    const X86Identity *identity = x86_model_identity(type->data);
    const char *alias_of = x86_cpu_type_alias_of(type);
    uint64_t words[X86_WORD_COUNT];
    Object *cpu;

    if (alias_of) {
        printf("%s is %s\n", type->name, alias_of);
        return;
    }
    cpu = object_new(registry, type->name, NULL, NULL);
    printf("%s: %s family %u model %u stepping %u, leaves to 0x%" PRIx32 " and 0x%" PRIx32
           ", \"%s\"\n   ",
           type->name, identity->vendor, identity->family, identity->model,
           identity->stepping, identity->level, identity->xlevel,
           x86_model_id(type->data));
    print_features(cpu, 0, X86_WORD_COUNT);
    x86_model_words(type->data, words);
    if (words[X86_WORD_8000000A_EDX]) {
        g_autojson *yes = json_object_new_boolean(true);

        object_set_json(cpu, "svm", yes, ORIGIN_USER, NULL);
        printf("\n    with svm:");
        print_features(cpu, X86_WORD_8000000A_EDX, X86_WORD_8000000A_EDX + 1);
    }
    if (words[X86_WORD_VMX_PIN]) {
        g_autojson *yes = json_object_new_boolean(true);

        object_set_json(cpu, "vmx", yes, ORIGIN_USER, NULL);
        printf("\n    with vmx:");
        print_features(cpu, X86_WORD_VMX_PIN, X86_WORD_VMX_BASIC + 1);
    }
    printf("\n");
    object_free(cpu);
}

static void print_models(void)
{
    g_autoptr(TypeRegistry) registry = type_registry_new();
    g_autoptr(GPtrArray) types = NULL;

    target_register_types(registry);
    types = type_registry_list(registry, TYPE_X86_CPU, false);
    for (unsigned i = 0; i < types->len; i++) {
        print_model(registry, g_ptr_array_index(types, i));
    }
}

static void print_versions(void)
{
    unsigned count;
    const MachineVersion *versions = machine_versions(&count);

    for (unsigned i = 0; i < count; i++) {
        printf("%s\n", versions[i].name);
    }
}

int main(int argc, char **argv)
{
    bool arm = argc == 2 && g_str_has_prefix(argv[1], "arm-");
    const char *const *cpus = arm ? arm_cpus : x86_cpus;

    if (argc != 2) {
        fprintf(stderr, "usage: golden PROFILE|models|versions\n");
        return 2;
    }
    if (strcmp(argv[1], "models") == 0) {
        print_models();
        return 0;
    }
    if (strcmp(argv[1], "versions") == 0) {
        print_versions();
        return 0;
    }
    for (unsigned i = 0; i < (arm ? ARRAY_LEN(arm_cpus) : ARRAY_LEN(x86_cpus)); i++) {
        print_cpu(argv[1], arm ? "virt" : "pc-q35", cpus[i]);
    }
    return 0;
}
