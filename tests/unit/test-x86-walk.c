/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The laws of every contract, for every model on every machine version and every host.
 */
#include <string.h>

#include "resolve-case.h"
#include "util/bits.h"
#include "x86-laws.h"

/* One host and one machine version, on which every model is resolved. */
typedef struct Walk {
    TypeRegistry *registry;
    const char *profile;
    HostProfile *host;
    GPtrArray *models; /* const ObjectType * */
    Object *accel;
    GArray *compat;
    char *machine;
} Walk;

typedef char *ModelLaw(const CpuResolveInput *in, const CpuContract *contract,
                       const Report *report);

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
    wrong = law(&in, contract, report);
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

    for (unsigned i = 0; i < count; i++) {
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

static void walk_hosts(ModelLaw *law)
{
    g_auto(GStrv) names = resolve_profile_names("");
    g_autoptr(TypeRegistry) registry = type_registry_new();
    g_autoptr(GPtrArray) models = NULL;
    Walk walk = {.registry = registry};

    target_register_types(registry);
    models = type_registry_list(registry, TYPE_X86_CPU, false);
    walk.models = models;
    for (unsigned i = 0; names[i]; i++) {
        walk.profile = names[i];
        walk.host = resolve_profile(names[i]);
        if (walk.host->arch == TARGET_ARCH_X86_64) {
            walk_versions(&walk, law);
        }
        host_profile_free(walk.host);
    }
    walk.profile = "intel-icelake-sp with Intel PT";
    walk.host = resolve_profile_with_pt("intel-icelake-sp");
    walk_versions(&walk, law);
    host_profile_free(walk.host);
}

static char *words_are_seen(const CpuResolveInput *in, const CpuContract *contract,
                            const Report *report)
{
    (void)in;
    (void)report;
    return x86_law_words_are_seen(contract);
}

static void test_words_are_seen(void)
{
    walk_hosts(words_are_seen);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/walk/words-are-seen", test_words_are_seen);
    return g_test_run();
}
