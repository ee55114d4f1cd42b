/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of -cpu.
 */
#include <string.h>

#include "target/arm-cpu.h"
#include "target/compat.h"
#include "target/cpu-resolve.h"
#include "target/x86-absent.h"
#include "target/x86-cpu.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"
#include "util/near-name.h"

#define CPU_TEXT_MAX 65536

char *target_cpu_typename(TargetArch arch, const char *model)
{
    return g_strconcat(model, arch == TARGET_ARCH_X86_64 ? "-x86_64-cpu" : "-arm-cpu",
                       NULL);
}

/* The words of a -cpu text, sorted by when they apply. */
typedef struct CpuWords {
    GPtrArray *settings; /* "name=value", as written */
    GPtrArray *plus, *minus;
} CpuWords;

static void words_clear(CpuWords *words)
{
    g_ptr_array_unref(words->settings);
    g_ptr_array_unref(words->plus);
    g_ptr_array_unref(words->minus);
}

static bool split_words(char **items, CpuWords *words, GError **errp)
{
    for (; *items; items++) {
        bool is_switch = (*items)[0] == '+' || (*items)[0] == '-';
        char first = (*items)[is_switch];

        if (!is_switch && first == '\0') {
            continue; /* an empty word asks for nothing */
        }
        if (first == '\0' || first == '=') {
            error_set(errp, "-cpu: a property name is missing before or after '%c'",
                      is_switch ? (*items)[0] : ',');
            return false;
        }
        if (is_switch) {
            g_ptr_array_add((*items)[0] == '+' ? words->plus : words->minus, *items + 1);
        } else {
            g_ptr_array_add(words->settings, *items);
        }
    }
    return true;
}

/* The row of a property that QEMU has and vpmu knows by name alone, or NULL. */
static const X86AbsentRow *find_absent(const Object *cpu, const char *name)
{
    return object_is_a(cpu, TYPE_X86_CPU) ? x86_absent_find(name) : NULL;
}

/* A property of the models that follow the host, and of those alone. */
static bool is_of_host_model(const Object *cpu, const char *name)
{
    const ObjectType *host = type_registry_find(
        cpu->registry, object_is_a(cpu, TYPE_X86_CPU) ? "host" X86_CPU_TYPE_SUFFIX
                                                      : "host" ARM_CPU_TYPE_SUFFIX);

    return host && type_find_property(cpu->registry, host, name);
}

/* Explain what is known but not to be had, before "has no property" is said. */
static bool check_known(const Object *cpu, const char *name, GError **errp)
{
    g_autofree char *hint = NULL;

    if (type_find_property(cpu->registry, cpu->type, name)) {
        return true;
    }
    if (is_of_host_model(cpu, name)) {
        error_set(errp, "-cpu: '%s' is for the models host and max, not for '%s'", name,
                  cpu->id);
    } else if (strcmp(name, "help") == 0 || strcmp(name, "?") == 0) {
        error_set(errp, "-cpu: help stands alone: -cpu help lists models and features");
    } else {
        hint = object_near_property_hint(cpu, name);
        error_set(errp,
                  "-cpu: '%s' is neither a feature nor a property of CPU model '%s'%s",
                  name, cpu->id, hint);
    }
    return false;
}

/* tsc-freq takes decimal suffixes, unlike every other number; NULL with an error. */
static char *tsc_frequency(const char *text, GError **errp)
{
    static const char suffixes[] = "kMG";
    char *end = NULL;
    double value = g_ascii_strtod(text, &end);
    const char *at = *end ? strchr(suffixes, *end == 'K' ? 'k' : *end) : NULL;

    for (const char *s = suffixes; at && s <= at; s++) {
        value *= 1000;
    }
    if (end == text || (*end && (!at || end[1])) || value < 0 || value > 1e15) {
        error_set(errp,
                  "-cpu: tsc-freq=%s: a frequency such as 2500000000 or 2.5G is "
                  "expected",
                  text);
        return NULL;
    }
    return g_strdup_printf("%" G_GUINT64_FORMAT, (guint64)value);
}

static bool set_text(Object *cpu, const char *name, const char *value, GError **errp)
{
    const X86AbsentRow *absent = find_absent(cpu, name);

    if (absent) {
        g_autojson *text = json_object_new_string(value);

        return x86_absent_check(absent, text, errp);
    }
    if (!check_known(cpu, name, errp)) {
        return false;
    }
    if (!object_set_string(cpu, name, value, ORIGIN_USER, errp)) {
        g_prefix_error(errp, "-cpu: ");
        return false;
    }
    return true;
}

static bool apply_setting(Object *cpu, const char *setting, GError **errp)
{
    const char *equals = strchr(setting, '=');
    g_autofree char *name =
        equals ? g_strndup(setting, (gsize)(equals - setting)) : g_strdup(setting);
    g_autofree char *value = g_strdup(equals ? equals + 1 : "on");

    g_strdelimit(name, "_", '-');
    if (strcmp(name, "tsc-freq") == 0) {
        char *hertz = tsc_frequency(value, errp);

        if (!hertz) {
            return false;
        }
        g_free(name);
        g_free(value);
        name = g_strdup("tsc-frequency");
        value = hertz;
    }
    return set_text(cpu, name, value, errp);
}

bool cpu_set_json(Object *cpu, const char *name, json_object *value, GError **errp)
{
    const X86AbsentRow *absent = find_absent(cpu, name);

    return absent ? x86_absent_check(absent, value, errp)
                  : check_known(cpu, name, errp) &&
                        object_set_json(cpu, name, value, ORIGIN_USER, errp);
}

static bool apply_switches(Object *cpu, const GPtrArray *names, const char *value,
                           GError **errp)
{
    for (unsigned i = 0; i < names->len; i++) {
        if (!set_text(cpu, g_ptr_array_index(names, i), value, errp)) {
            return false;
        }
    }
    return true;
}

/* What a word is about: spellings of one feature share its row. */
static const void *subject(const Object *cpu, const char *word)
{
    g_autofree char *name = g_strndup(word, strcspn(word, "="));
    const Property *prop = type_find_property(cpu->registry, cpu->type, name);

    return prop && prop->data ? prop->data : prop;
}

static const char *find_subject(const Object *cpu, const GPtrArray *words,
                                const void *what)
{
    for (unsigned i = 0; what && i < words->len; i++) {
        const char *word = g_ptr_array_index(words, i);

        if (subject(cpu, word) == what) {
            return word;
        }
    }
    return NULL;
}

static void add_warning(Report *report, const char *word, const char *cause)
{
    g_autofree char *name = g_strndup(word, strcspn(word, "="));

    report_add(report, &(Finding){.level = FINDING_WARNING,
                                  .row = name,
                                  .cause = cause,
                                  .remedy = "give it once"});
}

/* Words that take each other's effect. */
static void warn_contradictions(const Object *cpu, const CpuWords *words, Report *report)
{
    for (unsigned i = 0; i < words->settings->len; i++) {
        const char *word = g_ptr_array_index(words->settings, i);
        const void *what = subject(cpu, word);
        const char *first = find_subject(cpu, words->settings, what);

        if (find_subject(cpu, words->plus, what) ||
            find_subject(cpu, words->minus, what)) {
            add_warning(
                report, word,
                "given both as +/- and with '=': the +/- form wins, wherever it stands");
        } else if (first && first != word &&
                   g_strcmp0(strchr(first, '='), strchr(word, '=')) != 0) {
            add_warning(report, word,
                        "given twice, with two values: the last one counts");
        }
    }
    for (unsigned i = 0; i < words->plus->len; i++) {
        const char *word = g_ptr_array_index(words->plus, i);

        if (find_subject(cpu, words->minus, subject(cpu, word))) {
            add_warning(report, word,
                        "given both as + and as -: the - wins, wherever it stands");
        }
    }
}

static bool apply_list(Object *cpu, const GArray *list, PropertyOrigin origin,
                       GError **errp)
{
    return !list || object_apply_compat(cpu, (const CompatProperty *)list->data,
                                        list->len, origin, errp);
}

static bool apply_text(Object *cpu, char **items, Report *report, GError **errp)
{
    CpuWords words = {g_ptr_array_new(), g_ptr_array_new(), g_ptr_array_new()};
    bool ok = split_words(items, &words, errp);

    for (unsigned i = 0; ok && i < words.settings->len; i++) {
        ok = apply_setting(cpu, g_ptr_array_index(words.settings, i), errp);
    }
    ok = ok && apply_switches(cpu, words.plus, "on", errp) &&
         apply_switches(cpu, words.minus, "off", errp);
    if (ok) {
        warn_contradictions(cpu, &words, report);
    }
    words_clear(&words);
    return ok;
}

static void set_unknown_model(const TypeRegistry *registry, TargetArch arch,
                              const char *name, GError **errp)
{
    const char *suffix =
        arch == TARGET_ARCH_X86_64 ? X86_CPU_TYPE_SUFFIX : ARM_CPU_TYPE_SUFFIX;
    g_autoptr(GPtrArray) types = type_registry_list(registry, "cpu", false);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    NearName near = {.name = name};
    g_autofree char *hint = NULL;

    for (unsigned i = 0; i < types->len; i++) {
        const ObjectType *type = g_ptr_array_index(types, i);

        if (g_str_has_suffix(type->name, suffix)) {
            g_ptr_array_add(names,
                            g_strndup(type->name, strlen(type->name) - strlen(suffix)));
            near_name_offer(&near, g_ptr_array_index(names, names->len - 1));
        }
    }
    hint = near_name_hint(&near);
    error_set_code(
        errp, VPMU_ERROR_NOT_FOUND, "-cpu: there is no CPU model '%s'%s%s", name, hint,
        *hint                         ? ""
        : arch == TARGET_ARCH_AARCH64 ? ": KVM gives guests the host's, -cpu host"
                                      : ", see -cpu help");
}

char *cpu_text_on_machine(const char *machine, const char *text)
{
    size_t length = strcspn(text, ",");
    const X86CpuModel *newest =
        machine_takes_newest_models(machine) ? x86_model_newest(text, length) : NULL;

    return newest ? g_strconcat(newest->name, text + length, NULL) : g_strdup(text);
}

Object *cpu_new_from_string(const TypeRegistry *registry, TargetArch arch,
                            const char *text, const GArray *compat, const GArray *globals,
                            Report *report, GError **errp)
{
    g_auto(GStrv) items = NULL;
    g_autofree char *type = NULL;
    g_autoptr(Object) cpu = NULL;

    if (strlen(text) > CPU_TEXT_MAX) {
        error_set(errp, "-cpu: the text is longer than %d bytes", CPU_TEXT_MAX);
        return NULL;
    }
    items = g_strsplit(text, ",", -1);
    if (!items[0] || !items[0][0]) {
        error_set(errp, "-cpu: a CPU model is missing, see -cpu help");
        return NULL;
    }
    type = target_cpu_typename(arch, items[0]);
    cpu = object_new(registry, type, items[0], NULL);
    if (!cpu) {
        set_unknown_model(registry, arch, items[0], errp);
        return NULL;
    }
    if (!apply_list(cpu, compat, ORIGIN_COMPAT, errp) ||
        !apply_list(cpu, globals, ORIGIN_GLOBAL, errp) ||
        !apply_text(cpu, items + 1, report, errp)) {
        return NULL;
    }
    return g_steal_pointer(&cpu);
}
