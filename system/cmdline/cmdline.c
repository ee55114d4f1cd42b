/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/cmdline/cmdline.h"

#include <string.h>

#include "chardev/chardev.h"
#include "util/error.h"

#include "spec-new.h"
#include "system/cmdline/options.h"

static bool set_unknown(const char *word, const char *name, GError **errp)
{
    const char *near = option_suggest(name);

    if (near) {
        error_set(errp, "there is no option '%s'; did you mean -%s?", word, near);
    } else {
        error_set(errp, "there is no option '%s'; -help lists them", word);
    }
    return false;
}

/* Splits "-name" and "--name=value"; the value only where the option may go without. */
static const OptionRow *find_row(const char *word, const char **ret_value, GError **errp)
{
    const char *name = word + (word[1] == '-' ? 2 : 1);
    const char *equals = strchr(name, '=');
    g_autofree char *before =
        equals ? g_strndup(name, (gsize)(equals - name)) : g_strdup(name);
    const OptionRow *row = option_find(before);

    if (!row || (equals && !option_is_optional_argument(row))) {
        if (row) {
            error_set(errp, "'%s': write the value as a word of its own, -%s %s", word,
                      row->name, row->argument ? equals + 1 : "");
        } else {
            set_unknown(word, before, errp);
        }
        return NULL;
    }
    *ret_value = equals ? equals + 1 : NULL;
    return row;
}

static bool handle_option(Cmdline *cmd, const OptionRow *row, const char *arg,
                          GError **errp)
{
    g_autofree char *text =
        g_strdup_printf("-%s%s%s", row->name, arg ? " " : "", arg ? arg : "");

    cmd->text = text;
    if (!row->handle(cmd, row, arg, errp)) {
        g_prefix_error(errp, "%s: ", text);
        return false;
    }
    return true;
}

static bool parse_words(Cmdline *cmd, int argc, char *const *argv, GError **errp)
{
    for (int i = 0; i < argc; i++) {
        const OptionRow *row;
        const char *value = NULL;

        if (argv[i][0] != '-' || argv[i][1] == '\0') {
            error_set(errp, "'%s' is no option; there are no disks to be named alone",
                      argv[i]);
            return false;
        }
        row = find_row(argv[i], &value, errp);
        if (!row) {
            return false;
        }
        if (row->argument && !option_is_optional_argument(row)) {
            if (i + 1 == argc) {
                error_set(errp, "%s: its argument is missing, %s", argv[i],
                          row->argument);
                return false;
            }
            value = argv[++i];
        }
        if (!handle_option(cmd, row, value, errp)) {
            return false;
        }
    }
    return true;
}

/* Where nobody said what the first serial port is. */
static bool add_default_serial(Cmdline *cmd, GError **errp)
{
    VmSpec *spec = cmd->spec;
    bool wants_terminal = spec->is_nographic || !cmd->is_display_given;

    if (spec->serials->len || spec->is_nodefaults) {
        return true;
    }
    if (!wants_terminal || spec->is_daemonize) {
        g_ptr_array_add(spec->serials, g_strdup("serial0"));
        return spec_add_short_chardev(spec, "null", "serial0", errp);
    }
    g_ptr_array_add(spec->serials, g_strdup("serial0"));
    return spec_add_short_chardev(spec, "mon:stdio", "serial0", errp);
}

static bool check_accels(Cmdline *cmd, GError **errp)
{
    SpecItem *item;

    if (cmd->spec->accels->len) {
        return true;
    }
    if (cmd->has_tcg) {
        error_set(errp,
                  "accelerator tcg: this program runs guests on KVM only and has no "
                  "emulation; use kvm, or kvm:tcg to take kvm where both are known");
        return false;
    }
    item = g_new0(SpecItem, 1);
    item->text = g_strdup("-accel kvm");
    item->driver = g_strdup("kvm");
    item->keyvals = keyval_new();
    g_ptr_array_add(cmd->spec->accels, item);
    return true;
}

static bool check_references(const VmSpec *spec, GError **errp)
{
    for (unsigned i = 0; i < spec->serials->len; i++) {
        const char *id = g_ptr_array_index(spec->serials, i);

        if (id[0] && !spec_has_chardev(spec, id)) {
            error_set(errp, "-serial chardev:%s: there is no -chardev with id=%s", id,
                      id);
            return false;
        }
    }
    for (unsigned i = 0; i < spec->monitors->len; i++) {
        const SpecMonitor *monitor = g_ptr_array_index(spec->monitors, i);

        if (!spec_has_chardev(spec, monitor->chardev)) {
            error_set(errp, "%s: there is no -chardev with id=%s", monitor->text,
                      monitor->chardev);
            return false;
        }
    }
    return true;
}

static bool check_stdio(const VmSpec *spec, GError **errp)
{
    unsigned users = 0;

    for (unsigned i = 0; i < spec->chardevs->len; i++) {
        const ChardevConfig *config = g_ptr_array_index(spec->chardevs, i);

        users += config->backend == CHARDEV_STDIO;
    }
    if (users > 1) {
        error_set(errp, "%u chardevs want the terminal (stdio), it can serve one", users);
        return false;
    }
    if (users && spec->is_daemonize) {
        error_set(errp,
                  "-daemonize: a program in the background has no terminal (stdio)");
        return false;
    }
    return true;
}

static bool check_boot(const VmSpec *spec, GError **errp)
{
    const struct {
        const char *option;
        const char *value;
    } need_kernel[] = {{"initrd", spec->initrd}, {"append", spec->append}};

    for (unsigned i = 0; i < G_N_ELEMENTS(need_kernel); i++) {
        if (need_kernel[i].value && !spec->kernel) {
            error_set(errp, "-%s goes with -kernel only", need_kernel[i].option);
            return false;
        }
    }
    return true;
}

/* What can be said only when every option is known. */
static bool finish(Cmdline *cmd, GError **errp)
{
    if (cmd->spec->query) {
        return true;
    }
    return add_default_serial(cmd, errp) && smp_complete(&cmd->spec->smp, errp) &&
           check_accels(cmd, errp) && check_references(cmd->spec, errp) &&
           check_stdio(cmd->spec, errp) && check_boot(cmd->spec, errp);
}

static bool is_about_cpu(const OptionRow *row)
{
    static OptionHandler *const handlers[] = {option_machine,    option_accel,
                                              option_enable_kvm, option_cpu,
                                              option_global,     option_object};

    for (unsigned i = 0; i < G_N_ELEMENTS(handlers); i++) {
        if (row->handle == handlers[i]) {
            return true;
        }
    }
    return false;
}

/*
 * How many words an argument is that decides nothing: the first, and those that its
 * blanks make where a line comes from /proc/PID/cmdline.
 */
static int count_values(int argc, char *const *argv)
{
    int count = argc > 0;

    while (count < argc && argv[count][0] != '-') {
        count++;
    }
    return count;
}

/* One option at @argv, with its argument; how many words it has, or 0 with an error. */
static int parse_cpu_word(Cmdline *cmd, int argc, char *const *argv, GPtrArray *passed,
                          GError **errp)
{
    const char *name = argv[0] + (argv[0][1] == '-' ? 2 : 1);
    g_autofree char *before = g_strndup(name, strcspn(name, "="));
    const OptionRow *row = option_find(before);
    bool wants = row ? row->argument && !option_is_optional_argument(row)
                     : argc > 1 && argv[1][0] != '-' && !strchr(name, '=');

    if (row && is_about_cpu(row)) {
        const char *value;

        if (!find_row(argv[0], &value, errp)) {
            return 0;
        }
        if (wants && argc == 1) {
            error_set(errp, "%s: its argument is missing, %s", argv[0], row->argument);
            return 0;
        }
        return handle_option(cmd, row, wants ? argv[1] : NULL, errp) ? 1 + wants : 0;
    }
    if (!row && option_suggest(before)) {
        set_unknown(argv[0], before, errp);
        return 0;
    }
    g_ptr_array_add(passed, g_strdup_printf("-%s", before));
    return 1 + (wants ? count_values(argc - 1, argv + 1) : 0);
}

static bool is_qemu(const char *word)
{
    const char *slash = strrchr(word, '/');
    const char *name = slash ? slash + 1 : word;

    return strcmp(name, "kvm") == 0 || g_str_has_prefix(name, "qemu-kvm") ||
           g_str_has_prefix(name, "qemu-system-");
}

/* What runs guests, whatever folder it is in. */
static bool is_program(const char *word)
{
    const char *slash = strrchr(word, '/');

    return is_qemu(word) || g_str_has_prefix(slash ? slash + 1 : word, "vpmu-system-");
}

/*
 * Where the options of a pasted line begin: after the program, and whatever started it
 * ("sudo", "taskset -c 4-7", "VAR=value"); without a program after settings and paths.
 */
static int find_options(int argc, char *const *argv)
{
    int at = 0;

    if (argc && argv[0][0] != '-') {
        for (int i = 0; i < argc; i++) {
            if (is_program(argv[i])) {
                return i + 1;
            }
        }
    }
    while (at < argc && argv[at][0] != '-' && strpbrk(argv[at], "=/\\")) {
        at++;
    }
    return at;
}

/* @argv without what a shell would have taken away: "\\" before a line's end, quotes. */
static GPtrArray *strip_shell(int argc, char *const *argv)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);

    for (int i = 0; i < argc; i++) {
        size_t len = strlen(argv[i]);
        bool is_quoted = len > 1 && argv[i][0] == '\'' && argv[i][len - 1] == '\'';

        if (strcmp(argv[i], "\\") != 0 && strcmp(argv[i], "\\\n") != 0) {
            g_ptr_array_add(words, is_quoted ? g_strndup(argv[i] + 1, len - 2)
                                             : g_strdup(argv[i]));
        }
    }
    return words;
}

VmSpec *cmdline_parse_cpu(int argc, char *const *argv, GPtrArray *passed,
                          bool *ret_is_qemus, GError **errp)
{
    g_autoptr(VmSpec) spec = vm_spec_new();
    g_autoptr(GPtrArray) line = strip_shell(argc, argv);
    char *const *words = (char *const *)line->pdata;
    int count = (int)line->len;
    Cmdline cmd = {.spec = spec};
    int at = find_options(count, words);

    *ret_is_qemus = at > 0 && is_qemu(words[at - 1]);
    while (at < count) {
        int taken;

        if (words[at][0] != '-' || words[at][1] == '\0') {
            error_set(errp,
                      "'%s' is not an option; -machine, -cpu, -accel and -global are",
                      words[at]);
            return NULL;
        }
        taken = parse_cpu_word(&cmd, count - at, words + at, passed, errp);
        if (!taken) {
            return NULL;
        }
        at += taken;
    }
    return spec->query || check_accels(&cmd, errp) ? g_steal_pointer(&spec) : NULL;
}

VmSpec *cmdline_parse(int argc, char *const *argv, GError **errp)
{
    g_autoptr(VmSpec) spec = vm_spec_new();
    Cmdline cmd = {.spec = spec};
    g_autoptr(GError) error = NULL;

    if (!parse_words(&cmd, argc, argv, &error) || !finish(&cmd, &error)) {
        g_strdelimit(error->message, "\r\n", ' '); /* a word may hold line ends */
        g_propagate_error(errp, g_steal_pointer(&error));
        return NULL;
    }
    return g_steal_pointer(&spec);
}
