/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The laws of every contract, for every model on every machine version and every host.
 */
#include <string.h>

#include "resolve-case.h"
#include "target/contract-check.h"
#include "util/bits.h"
#include "x86-laws.h"

/* One host and one machine version, on which every model is resolved. */
typedef struct Walk {
    TypeRegistry *registry;
    const char *profile;
    HostProfile *host;
    GPtrArray *models; /* const ObjectType * */
    bool is_short;     /* the newest and the oldest machine version only */
    Object *accel;
    GArray *compat;
    char *machine;
} Walk;

typedef char *ModelLaw(const CpuResolveInput *in, const X86Cpu *cpu,
                       const CpuContract *contract, const Report *report);

static void check_model(const Walk *walk, const char *text, ModelLaw *law)
{
    const CpuResolveInput in = {walk->host, (const KvmAccel *)walk->accel, walk->machine};
    g_autoptr(Report) report = report_new();
    g_autoptr(CpuContract) contract = NULL;
    g_autofree char *wrong = NULL;
    Object *cpu = cpu_new_from_string(walk->registry, TARGET_ARCH_X86_64, text,
                                      walk->compat, NULL, report, NULL);

    g_assert_nonnull(cpu);
    contract = cpu_resolve(cpu, &in, report);
    wrong = law(&in, (const X86Cpu *)cpu, contract, report);
    if (wrong) {
        g_test_message("%s, %s, %s: %s", walk->profile, walk->machine, text, wrong);
        g_test_fail();
    }
    object_free(cpu);
}

static void walk_models(const Walk *walk, ModelLaw *law)
{
    static const char *const settings[] = {"pmu=on", "pmu=off"};
    static unsigned number;

    for (unsigned m = 0; m < walk->models->len; m++) {
        const char *type = ((const ObjectType *)walk->models->pdata[m])->name;
        int len = (int)(strlen(type) - strlen(X86_CPU_TYPE_SUFFIX));

        if (x86_cpu_type_alias_of(walk->models->pdata[m])) {
            continue; /* its other name is one, too */
        }
        for (unsigned i = 0; i < ARRAY_LEN(settings); i++) {
            g_autofree char *text = g_strdup_printf("%.*s,%s", len, type, settings[i]);

            if (resolve_sample(number++)) {
                check_model(walk, text, law);
            }
        }
    }
}

static void walk_versions(Walk *walk, ModelLaw *law)
{
    unsigned count;
    const MachineVersion *versions = machine_versions(&count);

    for (unsigned i = 0; i < count; i += walk->is_short ? count - 1 : 1) {
        walk->machine = g_strdup_printf("pc-q35-%s", versions[i].name);
        walk->compat = machine_version_compat(&versions[i]);
        walk->accel = object_new(walk->registry, TYPE_KVM_ACCEL, NULL, NULL);
        object_apply_compat(walk->accel, (const CompatProperty *)walk->compat->data,
                            walk->compat->len, ORIGIN_COMPAT, NULL);
        walk_models(walk, law);
        object_free(walk->accel);
        g_array_unref(walk->compat);
        g_free(walk->machine);
    }
}

/* Hosts of which there is no profile: what KVM lacks, or has by a module parameter. */
static HostProfile *with_pt(void)
{
    return resolve_profile_with_pt("intel-icelake-sp");
}

static HostProfile *with_events_missing(void)
{
    HostProfile *host = resolve_profile("intel-sapphirerapids");

    x86_cpuid_find(host->x86.supported, 0xa, 0)->ebx = 0x84;
    return host;
}

static const struct {
    const char *name;
    HostProfile *(*make)(void);
} made_up[] = {
    {"made-up Ice Lake with Intel PT", with_pt},
    {"made-up Sapphire Rapids with events missing", with_events_missing},
};

/* @host: taken over */
static void walk_host(Walk *walk, const char *name, HostProfile *host, ModelLaw *law)
{
    walk->profile = name;
    walk->host = host;
    if (host->arch == TARGET_ARCH_X86_64) {
        walk_versions(walk, law);
    }
    host_profile_free(host);
}

static void walk_hosts(ModelLaw *law, bool is_short)
{
    g_auto(GStrv) names = resolve_profile_names("");
    g_autoptr(TypeRegistry) registry = type_registry_new();
    g_autoptr(GPtrArray) models = NULL;
    Walk walk = {.registry = registry, .is_short = is_short};

    target_register_types(registry);
    models = type_registry_list(registry, TYPE_X86_CPU, false);
    walk.models = models;
    for (unsigned i = 0; names[i]; i++) {
        walk_host(&walk, names[i], resolve_profile(names[i]), law);
    }
    for (unsigned i = 0; i < ARRAY_LEN(made_up); i++) {
        walk_host(&walk, made_up[i].name, made_up[i].make(), law);
    }
}

static char *words_are_seen(const CpuResolveInput *in, const X86Cpu *cpu,
                            const CpuContract *contract, const Report *report)
{
    (void)in;
    (void)cpu;
    (void)report;
    return x86_law_words_are_seen(contract);
}

static char *contract_is_sound(const CpuResolveInput *in, const X86Cpu *cpu,
                               const CpuContract *contract, const Report *report)
{
    (void)cpu;
    (void)report;
    return x86_law_sound(in, contract);
}

/* What a host gives a guest, it can give one that arrives, unless that may not leave. */
static char *contract_fits_its_host(const CpuResolveInput *in, const X86Cpu *cpu,
                                    const CpuContract *contract, const Report *resolved)
{
    g_autoptr(Report) report = report_new();

    (void)cpu;
    return report_count(resolved, FINDING_ERROR) ||
                   !contract_check_unmigratable(contract, NULL) ||
                   contract_check_host(contract, in->host, report)
               ? NULL
               : finding_format(report_get(report, 0));
}

/* All bits that have a name. */
static void named_words(uint64_t ret[X86_WORD_COUNT])
{
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        ret[x86_feature_rows[i].word] |= x86_feature_rows[i].mask;
    }
}

/* What is to be added for @cpu: what has a name and it does not ask for, and formats. */
static void better_words(const X86Cpu *cpu, uint64_t ret[X86_WORD_COUNT])
{
    static uint64_t named[X86_WORD_COUNT];
    uint64_t model[X86_WORD_COUNT];

    if (!named[X86_WORD_1_EDX]) {
        named_words(named);
    }
    x86_cpu_model_words(cpu, model);
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        ret[word] = named[word] & ~model[word] & ~cpu->set_value[word];
    }
    ret[X86_WORD_PERF_CAPABILITIES] |= X86_PEBS_FMT_MASK | X86_LBR_FMT_MASK;
}

static void add_to_msr(GArray *msrs, uint32_t index, uint64_t more)
{
    const X86Msr msr = {index, more};

    for (unsigned i = 0; i < msrs->len; i++) {
        if (g_array_index(msrs, X86Msr, i).index == index) {
            g_array_index(msrs, X86Msr, i).value |= more;
            return;
        }
    }
    g_array_append_val(msrs, msr);
}

static void add_to_leaf(GArray *leaves, const X86WordRow *row, uint32_t more)
{
    const X86CpuidEntry none = {.function = row->leaf, .index = row->subleaf};
    X86CpuidEntry *entry = x86_cpuid_find(leaves, row->leaf, row->subleaf);

    if (!entry) {
        g_array_append_val(leaves, none);
        entry = &g_array_index(leaves, X86CpuidEntry, leaves->len - 1);
    }
    *x86_entry_reg(entry, row->reg) |= more;
}

/* A host that offers more does not change what a named model's guest sees. */
static char *better_host_changes_nothing(const CpuResolveInput *in, const X86Cpu *cpu,
                                         const CpuContract *contract,
                                         const Report *resolved)
{
    X86ModelKind kind = x86_cpu_model(cpu)->kind;
    HostProfile better = *in->host; /* what changes is copied */
    const CpuResolveInput there = {&better, in->accel, in->machine};
    g_autoptr(GArray) leaves = g_array_copy(in->host->x86.supported);
    g_autoptr(GArray) msrs = g_array_copy(in->host->x86.feature_msrs);
    g_autoptr(Report) report = report_new();
    g_autoptr(CpuContract) changed = NULL;
    g_autofree char *before = NULL, *after = NULL;
    uint64_t more[X86_WORD_COUNT];

    (void)resolved;
    if (kind == X86_MODEL_HOST || kind == X86_MODEL_MAX) {
        return NULL;
    }
    better.x86.supported = leaves;
    better.x86.feature_msrs = msrs;
    better_words(cpu, more);
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        if (x86_word_rows[word].msr) {
            add_to_msr(msrs, x86_word_rows[word].msr, more[word]);
        } else {
            add_to_leaf(leaves, &x86_word_rows[word], (uint32_t)more[word]);
        }
    }
    changed = cpu_resolve((const Object *)cpu, &there, report);
    before = cpu_contract_digest(contract);
    after = cpu_contract_digest(changed);
    return strcmp(before, after) == 0 ? NULL : g_strdup("a better host gives another");
}

#define WALK(law, is_short)                                                              \
    static void test_##law(void)                                                         \
    {                                                                                    \
        walk_hosts(law, is_short);                                                       \
    }

WALK(words_are_seen, false)
WALK(contract_is_sound, false)
WALK(contract_fits_its_host, false)
WALK(better_host_changes_nothing, true)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/walk/words-are-seen", test_words_are_seen);
    g_test_add_func("/walk/contract-is-sound", test_contract_is_sound);
    g_test_add_func("/walk/contract-fits-its-host", test_contract_fits_its_host);
    g_test_add_func("/walk/better-host-changes-nothing",
                    test_better_host_changes_nothing);
    return g_test_run();
}
