/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -machine, -accel, -cpu, -smp, -m and what belongs to them. */
#include <string.h>

#include "util/bits.h"
#include "util/error.h"
#include "util/number.h"

#include "spec-new.h"
#include "system/cmdline/options.h"

static bool is_help(const char *text)
{
    return g_strcmp0(text, "help") == 0 || g_strcmp0(text, "?") == 0;
}

/* One accelerator of a list; tcg is only remembered. */
static bool add_accel(Cmdline *cmd, const char *name, KeyvalList *keyvals, GError **errp)
{
    SpecItem *item;

    if (strcmp(name, "tcg") == 0) {
        cmd->has_tcg = true;
        keyval_free(keyvals);
        return true;
    }
    if (strcmp(name, "kvm") != 0) {
        error_set(errp, "there is no accelerator '%s', only kvm", name);
        keyval_free(keyvals);
        return false;
    }
    item = g_new0(SpecItem, 1);
    item->text = g_strdup(cmd->text);
    item->driver = g_strdup(name);
    item->keyvals = keyvals;
    g_ptr_array_add(cmd->spec->accels, item);
    return true;
}

static bool add_accel_list(Cmdline *cmd, const char *text, GError **errp)
{
    g_auto(GStrv) names = g_strsplit(text, ":", -1);

    for (unsigned i = 0; names[i]; i++) {
        if (!add_accel(cmd, names[i], keyval_new(), errp)) {
            return false;
        }
    }
    return true;
}

/* What machines had once and accelerators have now; libvirt still writes it there. */
static void take_accel_keys(VmSpec *spec, KeyvalList *list)
{
    static const struct {
        const char *key, *property;
    } rows[] = {
        {"kernel-irqchip", "kernel-irqchip"},
        {"kernel_irqchip", "kernel-irqchip"},
        {"kvm-shadow-mem", "kvm-shadow-mem"},
        {"kvm_shadow_mem", "kvm-shadow-mem"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autofree char *value = keyval_take(list, rows[i].key);

        if (value) {
            keyval_add(spec->machine_accel, rows[i].property, value);
        }
    }
}

bool option_machine(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    VmSpec *spec = cmd->spec;
    g_autoptr(KeyvalList) list = keyval_parse(arg, "type", errp);
    g_autofree char *accel = list ? keyval_take(list, "accel") : NULL;
    g_autofree char *type = list ? keyval_take(list, "type") : NULL;

    (void)row; /* the only one */
    if (!list) {
        return false;
    }
    if (is_help(type)) {
        spec->query = SPEC_QUERY_MACHINES;
        return true;
    }
    if (keyval_get(list, "help")) {
        spec->query = SPEC_QUERY_MACHINE_PROPS;
        g_free(spec->query_name);
        spec->query_name = g_steal_pointer(&type);
        return true;
    }
    if (type) {
        g_free(spec->machine);
        spec->machine = g_steal_pointer(&type);
    }
    take_accel_keys(spec, list);
    keyval_merge(spec->machine_options, list);
    return !accel || add_accel_list(cmd, accel, errp);
}

bool option_accel(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    g_autoptr(KeyvalList) list = keyval_parse(arg, "accel", errp);
    g_autofree char *name = list ? keyval_take(list, "accel") : NULL;

    (void)row; /* the only one */
    if (!list) {
        return false;
    }
    if (is_help(name) || keyval_get(list, "help")) {
        cmd->spec->query = SPEC_QUERY_ACCELS;
        return true;
    }
    if (!name) {
        error_set(errp, "the accelerator's name is missing, kvm");
        return false;
    }
    if (strchr(name, ':')) {
        error_set(errp, "one accelerator at a time; -machine accel=%s takes a list",
                  name);
        return false;
    }
    return add_accel(cmd, name, g_steal_pointer(&list), errp);
}

bool option_enable_kvm(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    (void)row;
    (void)arg; /* it has none */
    return add_accel(cmd, "kvm", keyval_new(), errp);
}

bool option_cpu(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    (void)row; /* the only one */
    if (is_help(arg)) {
        cmd->spec->query = SPEC_QUERY_CPUS;
        return true;
    }
    if (arg[0] == '\0' || arg[0] == ',') {
        error_set(errp, "the model's name is missing");
        return false;
    }
    g_free(cmd->spec->cpu);
    g_free(cmd->spec->cpu_text);
    cmd->spec->cpu = g_strdup(arg);
    cmd->spec->cpu_text = g_strdup(cmd->text);
    return true;
}

const KeyvalRow smp_keys[SMP_KEY_COUNT] = {
    {"cpus", KEYVAL_UINT, offsetof(SpecSmp, cpus), "vCPUs at the start", NULL},
    {"maxcpus", KEYVAL_UINT, offsetof(SpecSmp, max_cpus), "vCPUs at most", NULL},
    {"sockets", KEYVAL_UINT, offsetof(SpecSmp, sockets), "sockets", NULL},
    {"dies", KEYVAL_UINT, offsetof(SpecSmp, dies), "dies in a socket", NULL},
    {"clusters", KEYVAL_UINT, offsetof(SpecSmp, clusters), "clusters in a die", NULL},
    {"modules", KEYVAL_UINT, offsetof(SpecSmp, modules), "modules in a cluster", NULL},
    {"cores", KEYVAL_UINT, offsetof(SpecSmp, cores), "cores in a module", NULL},
    {"threads", KEYVAL_UINT, offsetof(SpecSmp, threads), "threads in a core", NULL},
};

bool option_smp(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    g_autoptr(KeyvalList) list = keyval_parse(arg, "cpus", errp);
    SpecSmp smp = {0};

    if (!list || !keyval_apply(list, row->keys, row->key_count, &smp, NULL, errp)) {
        return false;
    }
    for (unsigned i = 0; i < keyval_count(list); i++) {
        uint64_t value;

        if (number_parse_uint64(keyval_at(list, i)->value, &value) && value == 0) {
            error_set(errp, "%s must be at least 1", keyval_at(list, i)->key);
            return false;
        }
    }
    if (!smp_complete(&smp, errp)) {
        return false;
    }
    cmd->spec->smp = smp;
    return true;
}

typedef struct Memory {
    char *size;
    unsigned slots;
    char *max;
} Memory;

const KeyvalRow memory_keys[MEMORY_KEY_COUNT] = {
    {"size", KEYVAL_STRING, offsetof(Memory, size), "memory at the start", NULL},
    {"slots", KEYVAL_UINT, offsetof(Memory, slots), "places for more; 0", NULL},
    {"maxmem", KEYVAL_STRING, offsetof(Memory, max), "memory at most; the size", NULL},
};

/* As QEMU has it: the size is rounded up, not refused. */
#define MEMORY_STEP (8 * KIB)

static bool check_memory(const Memory *memory, uint64_t *ret, GError **errp)
{
    uint64_t bytes = 0, max = 0;

    if (memory->size && (!number_parse_size(memory->size, 'M', &bytes) || bytes == 0)) {
        error_set(errp, "'%s' is not a size such as 512, 512M or 2G", memory->size);
        return false;
    }
    if (bytes > INT64_MAX) {
        error_set(errp, "'%s' is more than any machine has", memory->size);
        return false;
    }
    if (memory->max && (!number_parse_size(memory->max, 'M', &max) || max < bytes)) {
        error_set(errp, "maxmem=%s is no size of at least the memory's own", memory->max);
        return false;
    }
    if (memory->slots || max > bytes) {
        error_set(errp,
                  "memory cannot be added while the guest runs, leave out slots= and "
                  "maxmem=");
        return false;
    }
    *ret = (bytes + MEMORY_STEP - 1) / MEMORY_STEP * MEMORY_STEP;
    return true;
}

bool option_memory(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    g_autoptr(KeyvalList) list = keyval_parse(arg, "size", errp);
    Memory memory = {0};
    bool ok;

    if (list && keyval_count(list) == 0) {
        error_set(errp, "the size is missing");
        return false;
    }
    ok = list && keyval_apply(list, row->keys, row->key_count, &memory, NULL, errp) &&
         check_memory(&memory, &cmd->spec->ram_bytes, errp);
    g_free(memory.size);
    g_free(memory.max);
    return ok;
}

const KeyvalRow overcommit_keys[OVERCOMMIT_KEY_COUNT] = {
    {"mem-lock", KEYVAL_BOOL, offsetof(VmSpec, is_mem_lock), "keep memory in RAM", NULL},
    {"cpu-pm", KEYVAL_REFUSE, 0, "idle vCPUs always leave the CPU to the host", NULL},
};
