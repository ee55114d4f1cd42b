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

/* Names below the folder of modules, and of each the parameters that matter. */
static const struct {
    const char *module, *name;
} parameter_rows[] = {
    {"kvm",       "enable_pmu"         },
    {"kvm",       "ignore_msrs"        },
    {"kvm_amd",   "enable_mediated_pmu"},
    {"kvm_amd",   "nested"             },
    {"kvm_amd",   "avic"               },
    {"kvm_intel", "enable_mediated_pmu"},
    {"kvm_intel", "nested"             },
    {"kvm_intel", "pt_mode"            },
};

static CpuSet *read_set(FileSys *fs, const char *path, GError **errp)
{
    size_t len;
    g_autofree char *text = file_read(fs, path, LIST_MAX, &len, errp);
    CpuSet *set = text ? cpu_set_parse(text, len, errp) : NULL;

    if (text && !set) {
        g_prefix_error(errp, "%s: ", path);
    }
    return set;
}

static void read_host_sets(FileSys *fs, const char *prefix, HostProfile *host)
{
    const struct {
        const char *name;
        CpuSet **set;
    } rows[] = {
        {"possible", &host->possible},
        {"present",  &host->present },
        {"online",   &host->online  }
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autofree char *path =
            g_strdup_printf("%s/devices/system/cpu/%s", prefix, rows[i].name);
        g_autoptr(GError) err = NULL;

        *rows[i].set = read_set(fs, path, &err);
        if (!*rows[i].set && !host->cpus_problem) {
            host->cpus_problem = g_strdup(err->message);
        }
    }
}

/* "type": a decimal number and a newline, nothing else. */
static bool read_type(FileSys *fs, const char *dir, uint32_t *ret)
{
    g_autofree char *path = g_strconcat(dir, "/type", NULL);
    size_t len;
    g_autofree char *text = file_read(fs, path, 64, &len, NULL);
    uint64_t type;

    if (!text || len < 2 || strlen(text) != len || text[len - 1] != '\n') {
        return false;
    }
    text[len - 1] = '\0';
    if (!g_ascii_isdigit(text[0]) || strchr(text, 'x') ||
        !number_parse_uint64(text, &type) || type > UINT32_MAX) {
        return false;
    }
    *ret = (uint32_t)type;
    return true;
}

/* An optional list; false where it is there but unreadable. */
static bool read_optional_set(FileSys *fs, const char *dir, const char *name,
                              CpuSet **ret)
{
    g_autofree char *path = g_strconcat(dir, "/", name, NULL);
    g_autoptr(GError) err = NULL;

    *ret = read_set(fs, path, &err);
    return *ret || g_error_matches(err, VPMU_ERROR, VPMU_ERROR_NO_FILE);
}

/* An entry that is odd in any way is not a source a guest could use: it is left out. */
static void read_source(FileSys *fs, const char *folder, const char *name,
                        HostProfile *host)
{
    g_autofree char *dir = g_strconcat(folder, "/", name, NULL);
    g_autofree char *link = file_read_link(fs, dir, NULL);
    PmuSource source = {.name = (char *)name, .location = link, .trial = PMU_TRIAL_NONE};

    if (link && read_type(fs, dir, &source.type) &&
        read_optional_set(fs, dir, "cpus", &source.cpus) &&
        read_optional_set(fs, dir, "cpumask", &source.cpumask)) {
        host_profile_add_source(host, &source);
    }
    cpu_set_free(source.cpus);
    cpu_set_free(source.cpumask);
}

void host_probe_sysfs(FileSys *fs, const char *prefix, HostProfile *host)
{
    g_autofree char *folder = g_strconcat(prefix, "/bus/event_source/devices", NULL);
    g_auto(GStrv) names = file_list(fs, folder, NULL);

    read_host_sets(fs, prefix, host);
    for (unsigned i = 0; names && names[i]; i++) {
        if (g_utf8_validate(names[i], -1, NULL)) {
            read_source(fs, folder, names[i], host);
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
