/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu record: a host profile from the running kernel, from raw CPUID facts, or from a
 * copied sysfs tree.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "tool.h"

typedef struct RecordArgs {
    const char *output, *from_cpuid, *sysfs, *kvm, *midr, *perf_capabilities, *kernel;
    bool is_mediated, has_topdown, no_pmu;
} RecordArgs;

/* Options with a value, and switches (value NULL). */
/* What goes with what. */
static bool judge_args(const RecordArgs *args, GError **errp)
{
    if (args->from_cpuid && args->sysfs) {
        tool_error(errp, "--from-cpuid makes an x86 profile and --sysfs an arm64 one: "
                         "give one of them");
        return false;
    }
    if (!args->from_cpuid && (args->perf_capabilities || args->kernel ||
                              args->is_mediated || args->has_topdown || args->no_pmu)) {
        tool_error(
            errp, "--perf-capabilities, --kernel, --mediated, --topdown and --no-pmu say "
                  "what --from-cpuid cannot know, and go with it alone");
        return false;
    }
    if (!args->sysfs && (args->kvm || args->midr)) {
        tool_error(errp, "--kvm and --midr say what --sysfs cannot know, and go with it "
                         "alone");
        return false;
    }
    if (args->output && !*args->output) {
        tool_error(errp, "-o: the name of the file is empty");
        return false;
    }
    return true;
}

static bool read_args(char **args, RecordArgs *ret, GError **errp)
{
    const struct {
        const char *name;
        const char **value;
        bool *flag;
    } rows[] = {
        {"-o", &ret->output, NULL},
        {"--from-cpuid", &ret->from_cpuid, NULL},
        {"--perf-capabilities", &ret->perf_capabilities, NULL},
        {"--kernel", &ret->kernel, NULL},
        {"--sysfs", &ret->sysfs, NULL},
        {"--kvm", &ret->kvm, NULL},
        {"--midr", &ret->midr, NULL},
        {"--mediated", NULL, &ret->is_mediated},
        {"--topdown", NULL, &ret->has_topdown},
        {"--no-pmu", NULL, &ret->no_pmu},
    };

    while (*args) {
        unsigned i = 0;

        while (i < G_N_ELEMENTS(rows) && strcmp(rows[i].name, *args) != 0) {
            i++;
        }
        if (i == G_N_ELEMENTS(rows)) {
            tool_error(errp, "'%s' is not an option, see vpmu help", *args);
            return false;
        }
        if (rows[i].flag) {
            *rows[i].flag = true;
        } else {
            const char *value = tool_take_value(&args, errp);

            if (!value) {
                return false;
            }
            *rows[i].value = value;
        }
        args++;
    }
    return judge_args(ret, errp);
}

static void add_setting(GString *text, const char *name, const char *value)
{
    g_auto(GStrv) parts = value ? g_strsplit(value, ",", -1) : NULL;
    g_autofree char *quoted = value ? g_strjoinv(",,", parts) : NULL;

    if (value) {
        g_string_append_printf(text, "%s%s=%s", text->len ? "," : "", name, quoted);
    }
}

/* What --from-cpuid cannot know, as the library takes it. */
static char *format_settings(const RecordArgs *args)
{
    GString *text = g_string_new(NULL);

    add_setting(text, "perf-capabilities", args->perf_capabilities);
    add_setting(text, "kernel", args->kernel);
    add_setting(text, "mediated", args->is_mediated ? "on" : NULL);
    add_setting(text, "topdown", args->has_topdown ? "on" : NULL);
    add_setting(text, "no-pmu", args->no_pmu ? "on" : NULL);
    return g_string_free(text, FALSE);
}

static VpmuHost *record_cpuid(const RecordArgs *args, GError **errp)
{
    g_autofree char *settings = format_settings(args);
    VpmuHost *host = NULL;
    char *message = NULL;
    VpmuStatus status = vpmu_host_read_cpuid(args->from_cpuid, settings, &host, &message);

    if (status != VPMU_OK) {
        /* What it calls a setting is an option here. */
        bool is_option = g_str_has_prefix(message, "kernel: ") ||
                         g_str_has_prefix(message, "perf-capabilities: ");
        g_autofree char *text = g_strconcat(is_option ? "--" : "", message, NULL);

        vpmu_free(message);
        tool_error(errp, "%s", text);
    }
    return host;
}

/* What was lost is said. */
static void warn_lost(const VpmuReport *lost)
{
    const VpmuFinding *finding;

    for (unsigned i = 0; (finding = vpmu_report_get(lost, i)); i++) {
        tool_autotext *line = vpmu_finding_to_text(finding);

        fprintf(stderr, "vpmu record: warning: %s\n", line);
    }
}

static VpmuHost *record_sysfs(const RecordArgs *args, GError **errp)
{
    g_autoptr(VpmuReport) lost = NULL;
    VpmuHost *host = NULL;
    char *message = NULL;
    uint64_t midr = 0;

    if (args->midr && !tool_parse_number(args->midr, &midr)) {
        tool_error(errp, "--midr: '%s' is not a number", args->midr);
        return NULL;
    }
    if (vpmu_host_read_sysfs(args->sysfs, args->kvm, midr, &host, &lost, &message) !=
        VPMU_OK) {
        tool_error(errp, "--%s", message);
        vpmu_free(message);
        return NULL;
    }
    warn_lost(lost);
    return host;
}

/* A file is there whole or not at all; a device, a pipe or a link is written through, not
 * put away. */
static bool write_file(const char *path, const char *text, GError **errp)
{
    struct stat status;
    bool is_special = lstat(path, &status) == 0 && !S_ISREG(status.st_mode);
    FILE *file;
    bool ok;

    if (!is_special) {
        if (!g_file_set_contents(path, text, -1, errp)) {
            g_prefix_error(errp, "-o %s: ", path);
            return false;
        }
        return true;
    }
    file = fopen(path, "we");
    ok = file && fputs(text, file) >= 0 && fflush(file) == 0;
    if (!ok) {
        tool_error(errp, "-o %s: cannot write it: %s", path, g_strerror(errno));
    }
    if (file) {
        fclose(file);
    }
    return ok;
}

static bool write_profile(const VpmuHost *host, const char *path, FILE *out,
                          GError **errp)
{
    tool_autotext *text = vpmu_host_to_json(host);
    g_autofree char *line = g_strconcat(text, "\n", NULL);

    if (path) {
        return write_file(path, line, errp);
    }
    fputs(line, out);
    return true;
}

ToolExit cmd_record(char **args, FILE *out, GError **errp)
{
    RecordArgs record = {0};
    g_autoptr(VpmuHost) host = NULL;

    if (!read_args(args, &record, errp)) {
        return TOOL_EXIT_BAD_INPUT;
    }
    host = record.from_cpuid ? record_cpuid(&record, errp)
           : record.sysfs    ? record_sysfs(&record, errp)
                             : tool_load_host("live", errp);
    if (!host || !write_profile(host, record.output, out, errp)) {
        return TOOL_EXIT_BAD_INPUT;
    }
    return TOOL_EXIT_OK;
}
