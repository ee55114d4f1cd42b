/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading CPU sets, event sources and module parameters.  What the files mean for a guest
 * is decided elsewhere.
 */
#include "accel/host-probe.h"

#include <string.h>

#include "util/bits.h"
#include "util/error.h"
#include "util/number.h"

/* The kernel cuts a list at one page, which is at most 64 KiB. */
#define LIST_MAX 65536

/* A page less its end; what has as many bytes may have been cut. */
#define CUT_BYTES 4095

typedef struct Probe {
    FileSys *fs;
    HostProfile *host;
    Report *report; /* NULL: a live host, where nobody has touched the files */
} Probe;

/* Names below the folder of modules, and of each the parameters that matter. */
static const struct {
    const char *module, *name;
} parameter_rows[] = {
    {"kvm", "enable_pmu"},
    {"kvm", "ignore_msrs"},
    {"kvm_amd", "enable_mediated_pmu"},
    {"kvm_amd", "nested"},
    {"kvm_amd", "avic"},
    {"kvm_intel", "enable_mediated_pmu"},
    {"kvm_intel", "nested"},
    {"kvm_intel", "pt_mode"},
};

/*
 * A file as the kernel writes it, which ends in one newline: where that is missing, it
 * was cut.  Of a copied tree also with the end that tools which copy have given it, if it
 * is too short to be a page that was cut.
 */
static char *read_text(const Probe *probe, const char *path, size_t *ret_len,
                       GError **errp)
{
    size_t len;
    char *text = file_read(probe->fs, path, LIST_MAX, &len, errp);

    if (text && probe->report && len < CUT_BYTES) {
        while (len && strchr("\r\n", text[len - 1]) && text[len - 1]) {
            len--;
        }
        text = g_realloc(text, len + 2); /* there may have been nothing to take off */
        memcpy(text + len++, "\n", 2);
    }
    *ret_len = len;
    return text;
}

/* @text without its newline, for a message. */
static char *quote(const char *text, size_t len)
{
    return g_strndup(text, MIN(len ? len - 1 : 0, 40));
}

static CpuSet *read_set(const Probe *probe, const char *path, GError **errp)
{
    size_t len = 0;
    g_autofree char *text = read_text(probe, path, &len, errp);
    CpuSet *set = text ? cpu_set_parse(text, len, errp) : NULL;

    if (text && !set) {
        g_autofree char *value = quote(text, len);

        g_prefix_error(errp, "%s: '%s' is no list of CPUs: ", path, value);
    }
    return set;
}

static void read_host_sets(const Probe *probe, const char *prefix)
{
    HostProfile *host = probe->host;
    const struct {
        const char *name;
        CpuSet **set;
    } rows[] = {{"possible", &host->possible},
                {"present", &host->present},
                {"online", &host->online}};

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autofree char *path =
            g_strdup_printf("%s/devices/system/cpu/%s", prefix, rows[i].name);
        g_autoptr(GError) err = NULL;

        *rows[i].set = read_set(probe, path, &err);
        if (!*rows[i].set && !host->cpus_problem) {
            host->cpus_problem = g_strdup(err->message);
        }
    }
}

static void note_loss(const Probe *probe, const char *path, const char *cause)
{
    if (probe->report) {
        report_add(probe->report,
                   &(Finding){.level = FINDING_WARNING, .row = path, .cause = cause});
    }
}

/* "type": a decimal number and a newline, nothing else. */
static bool read_type(const Probe *probe, const char *dir, uint32_t *ret, GError **errp)
{
    g_autofree char *path = g_strconcat(dir, "/type", NULL);
    size_t len = 0;
    g_autofree char *text = read_text(probe, path, &len, errp);
    g_autofree char *value = text ? quote(text, len) : NULL;
    uint64_t type;

    if (!text) {
        return false;
    }
    if (len < 2 || strlen(text) != len || text[len - 1] != '\n' ||
        !g_ascii_isdigit(value[0]) || strchr(value, 'x') ||
        !number_parse_uint64(value, &type) || type > UINT32_MAX) {
        error_set(errp, "%s: '%s' is no perf type number", path, value);
        return false;
    }
    *ret = (uint32_t)type;
    return true;
}

/* An optional list; false where it is there but unreadable. */
static bool read_optional_set(const Probe *probe, const char *dir, const char *name,
                              CpuSet **ret, GError **errp)
{
    g_autofree char *path = g_strconcat(dir, "/", name, NULL);
    g_autoptr(GError) cause = NULL;

    *ret = read_set(probe, path, &cause);
    if (*ret || g_error_matches(cause, VPMU_ERROR, VPMU_ERROR_NO_FILE)) {
        return true;
    }
    g_propagate_error(errp, g_steal_pointer(&cause));
    return false;
}

/* A mask such as "30" reads as a list of one CPU, which is none this host can have. */
static bool are_cpus_possible(const Probe *probe, const char *dir, const CpuSet *cpus,
                              GError **errp)
{
    g_autofree char *text = NULL;

    if (!cpus || !probe->host->possible || cpu_set_covers(probe->host->possible, cpus)) {
        return true;
    }
    text = cpu_set_format(cpus);
    error_set(errp, "%s/cpus: '%s' has CPUs that are not possible", dir, text);
    return false;
}

/* Where the source is: what its link names, or in a copied tree the folder itself. */
static char *read_location(const Probe *probe, const char *dir)
{
    char *link = file_read_link(probe->fs, dir, NULL);

    return link || !probe->report ? link : g_strdup(dir);
}

/* An entry that is odd in any way is not a source a guest could use: it is left out. */
static void read_source(const Probe *probe, const char *folder, const char *name)
{
    g_autofree char *dir = g_strconcat(folder, "/", name, NULL);
    g_autofree char *location = read_location(probe, dir);
    g_autoptr(GError) cause = NULL;
    PmuSource source = {
        .name = (char *)name, .location = location, .trial = PMU_TRIAL_NONE};

    if (location && read_type(probe, dir, &source.type, &cause) &&
        read_optional_set(probe, dir, "cpus", &source.cpus, &cause) &&
        are_cpus_possible(probe, dir, source.cpus, &cause) &&
        read_optional_set(probe, dir, "cpumask", &source.cpumask, &cause)) {
        host_profile_add_source(probe->host, &source);
    } else if (g_error_matches(cause, VPMU_ERROR, VPMU_ERROR_NO_FILE)) {
        g_autofree char *text =
            g_strdup_printf("left out: %s has no 'type'; does the copy lack what the "
                            "link names?",
                            location);

        note_loss(probe, dir, text);
    } else if (cause) {
        g_autofree char *text = g_strdup_printf("left out: %s", cause->message);

        note_loss(probe, dir, text);
    }
    cpu_set_free(source.cpus);
    cpu_set_free(source.cpumask);
}

void host_probe_sysfs(FileSys *fs, const char *prefix, HostProfile *host, Report *report)
{
    const Probe probe = {fs, host, report};
    g_autofree char *folder = g_strconcat(prefix, "/bus/event_source/devices", NULL);
    g_autoptr(GError) cause = NULL;
    g_auto(GStrv) names = file_list(fs, folder, &cause);

    read_host_sets(&probe, prefix);
    if (host->cpus_problem) {
        note_loss(&probe, "devices/system/cpu", host->cpus_problem);
    }
    if (!names) {
        note_loss(&probe, folder, cause->message);
    }
    for (unsigned i = 0; names && names[i]; i++) {
        if (g_utf8_validate(names[i], -1, NULL)) {
            read_source(&probe, folder, names[i]);
        } else {
            note_loss(&probe, folder, "left out: a name that is not UTF-8");
        }
    }
}

void host_probe_kernel(FileSys *fs, HostProfile *host)
{
    g_autofree char *watchdog = file_read_line(fs, "/proc/sys/kernel/nmi_watchdog", NULL);

    host->kernel = file_read_line(fs, "/proc/sys/kernel/osrelease", NULL);
    if (watchdog) {
        host->nmi_watchdog = watchdog[0] == '1';
    }
    for (unsigned i = 0; i < ARRAY_LEN(parameter_rows); i++) {
        g_autofree char *path =
            g_strdup_printf("/sys/module/%s/parameters/%s", parameter_rows[i].module,
                            parameter_rows[i].name);
        g_autofree char *value = file_read_line(fs, path, NULL);

        if (value) {
            host_profile_add_module_parameter(host, parameter_rows[i].module,
                                              parameter_rows[i].name, value);
        }
    }
}
