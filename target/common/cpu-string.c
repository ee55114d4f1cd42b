/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of -cpu.
 */
#include <string.h>

#include "target/cpu-resolve.h"
#include "util/error.h"

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
        char first = (*items)[0];

        if (first == '+' || first == '-') {
            g_ptr_array_add(first == '+' ? words->plus : words->minus, *items + 1);
        } else if (first == '\0' || first == '=') {
            error_set(errp, "-cpu: a property name is missing before or after ','");
            return false;
        } else {
            g_ptr_array_add(words->settings, *items);
        }
    }
    return true;
}

/* Explain what is known but not to be had, before "has no property" is said. */
static bool check_known(const Object *cpu, const char *name, GError **errp)
{
    if (type_find_property(cpu->registry, cpu->type, name)) {
        return true;
    }
    if (g_str_has_prefix(name, "hv-") || g_str_has_prefix(name, "hv_")) {
        error_set(errp, "-cpu: '%s' is a Hyper-V enlightenment, and vpmu offers none",
                  name);
    } else {
        error_set(errp,
                  "-cpu: '%s' is neither a feature nor a property of CPU model '%s'",
                  name, cpu->id);
    }
    return false;
}

/* tsc-freq takes decimal suffixes, unlike every other number. */
static char *tsc_frequency(const char *text)
{
    static const char suffixes[] = "kMG";
    char *end = NULL;
    double value = g_ascii_strtod(text, &end);
    const char *at = *end ? strchr(suffixes, *end == 'K' ? 'k' : *end) : NULL;

    for (const char *s = suffixes; at && s <= at; s++) {
        value *= 1000;
    }
    if (end == text || (*end && (!at || end[1])) || value < 0 || value > 1e15) {
        return g_strdup(text);
    }
    return g_strdup_printf("%" G_GUINT64_FORMAT, (guint64)value);
}

static bool apply_setting(Object *cpu, const char *setting, GError **errp)
{
    const char *equals = strchr(setting, '=');
    g_autofree char *name =
        equals ? g_strndup(setting, (gsize)(equals - setting)) : g_strdup(setting);
    g_autofree char *value = g_strdup(equals ? equals + 1 : "on");

    g_strdelimit(name, "_", '-');
    if (strcmp(name, "tsc-freq") == 0) {
        char *hertz = tsc_frequency(value);

        g_free(name);
        g_free(value);
        name = g_strdup("tsc-frequency");
        value = hertz;
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

static bool apply_switches(Object *cpu, const GPtrArray *names, const char *value,
                           GError **errp)
{
    for (unsigned i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);

        if (!check_known(cpu, name, errp)) {
            return false;
        }
        if (!object_set_string(cpu, name, value, ORIGIN_USER, errp)) {
            g_prefix_error(errp, "-cpu: ");
            return false;
        }
    }
    return true;
}

static bool has_name(const GPtrArray *names, const char *name, size_t len)
{
    for (unsigned i = 0; i < names->len; i++) {
        const char *item = g_ptr_array_index(names, i);

        if (strlen(item) == len && strncmp(item, name, len) == 0) {
            return true;
        }
    }
    return false;
}

static void warn_mixing(const CpuWords *words, Report *report)
{
    for (unsigned i = 0; i < words->settings->len; i++) {
        const char *setting = g_ptr_array_index(words->settings, i);
        size_t len = strcspn(setting, "=");
        g_autofree char *name = g_strndup(setting, len);

        if (has_name(words->plus, name, len) || has_name(words->minus, name, len)) {
            report_add(report,
                       &(Finding){.level = FINDING_WARNING,
                                  .row = name,
                                  .cause = (char *)"given both as +/- and with '=': the "
                                                   "+/- form wins, wherever it stands",
                                  .remedy = (char *)"give it once"});
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
        warn_mixing(&words, report);
    }
    words_clear(&words);
    return ok;
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
        error_set_code(errp, VPMU_ERROR_NOT_FOUND,
                       "-cpu: there is no CPU model '%s', see -cpu help", items[0]);
        return NULL;
    }
    if (!apply_list(cpu, compat, ORIGIN_COMPAT, errp) ||
        !apply_list(cpu, globals, ORIGIN_GLOBAL, errp) ||
        !apply_text(cpu, items + 1, report, errp)) {
        return NULL;
    }
    return g_steal_pointer(&cpu);
}
