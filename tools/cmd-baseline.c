/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu baseline: the CPU that every one of some hosts can run, and go on with.
 */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "fleet.h"
#include "progress.h"
#include "target/contract-check.h"
#include "target/x86-baseline.h"
#include "util/error.h"
#include "util/json.h"
#include "vpmu.h"

/* One host, as a thread of the fleet made it. */
typedef struct Most {
    HostProfile *host;     /* NULL: it could not be read … */
    CpuContract *contract; /* the most it can give */
    char *no_pmu;          /* why that has no PMU, or NULL */
    GError *error;         /* … for this reason */
} Most;

static void most_free(Most *most)
{
    host_profile_free(most->host);
    cpu_contract_free(most->contract);
    g_free(most->no_pmu);
    g_clear_error(&most->error);
    g_free(most);
}

typedef struct Gathering {
    GuestArgs *args[2]; /* the request for the most, by architecture */
    const char *first;  /* path of the first host */
    TargetArch arch;    /* its architecture */
    X86Baseline *x86;
    GPtrArray *arm; /* Most, of arm64 hosts; their paths are in … */
    GPtrArray *arm_paths;
    Progress progress;
    GError *error; /* the first thing that went wrong … */
    bool is_none;  /* … is that the hosts have no CPU in common */
} Gathering;

static gpointer find_most(const char *path, void *opaque)
{
    const Gathering *gathering = opaque;
    Most *most = g_new0(Most, 1);
    g_autoptr(Report) report = report_new();
    const GuestArgs *args;
    const Finding *pmu;
    CpuResolveInput in;

    most->host = vpmu_load_host(path, &most->error);
    if (!most->host) {
        return most;
    }
    args = gathering->args[most->host->arch];
    in = (CpuResolveInput){most->host, (const KvmAccel *)args->accel, args->machine};
    most->contract = cpu_resolve(args->cpu, &in, report);
    pmu = report_find(report, "pmu");
    most->no_pmu = pmu && !most->contract->pmu_enabled ? g_strdup(pmu->cause) : NULL;
    return most;
}

/* Whether the host is one of those so far; @gathering has the error where it is not. */
static bool add_most(Gathering *gathering, const char *path, Most *most)
{
    if (!most->host) {
        g_propagate_error(&gathering->error, g_steal_pointer(&most->error));
        return false;
    }
    if (!gathering->first) {
        gathering->first = path;
        gathering->arch = most->host->arch;
    }
    gathering->is_none = true;
    if (most->host->arch != gathering->arch) {
        error_set(&gathering->error, "%s (%s) and %s (%s) have no CPU in common",
                  gathering->first, target_arch_name(gathering->arch), path,
                  target_arch_name(most->host->arch));
        return false;
    }
    return gathering->arch == TARGET_ARCH_AARCH64 ||
           x86_baseline_add(gathering->x86, most->contract, path, most->no_pmu,
                            &gathering->error);
}

static void take_most(const char *path, gpointer result, void *opaque)
{
    Gathering *gathering = opaque;
    Most *most = result;

    progress_step(&gathering->progress);
    if (!gathering->error && add_most(gathering, path, most) &&
        gathering->arch == TARGET_ARCH_AARCH64) {
        g_ptr_array_add(gathering->arm, most);
        g_ptr_array_add(gathering->arm_paths, (gpointer)path);
        return;
    }
    most_free(most);
}

/* What is found of a fleet: -cpu for all, and why it has no PMU. */
typedef struct Baseline {
    char *cpu;
    char *no_pmu; /* why the CPU has no PMU; NULL where it has one */
} Baseline;

static void baseline_clear(Baseline *baseline)
{
    g_free(baseline->cpu);
    g_free(baseline->no_pmu);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Baseline, baseline_clear)

static char *first_error(const Report *report)
{
    for (unsigned i = 0; i < report_size(report); i++) {
        const Finding *finding = report_get(report, i);

        if (finding->level == FINDING_ERROR) {
            return finding_format(finding);
        }
    }
    return NULL;
}

static CpuContract *resolve_on(const GuestArgs *args, const HostProfile *host)
{
    const CpuResolveInput in = {host, (const KvmAccel *)args->accel, args->machine};

    return cpu_resolve(args->cpu, &in, NULL);
}

/*
 * Whether guests with @cpu go from the first host to each other and back; nearly all is
 * equal or not at all, so that is from any to any.  @ret_why: the first reason against
 * it.
 */
static bool arm_holds(const Gathering *gathering, const char *cpu, char **ret_why,
                      GError **errp)
{
    const char *const line[] = {"-cpu", cpu, NULL};
    g_autoptr(Report) ignored = report_new();
    g_autoptr(GuestArgs) args =
        guest_args_parse((char **)line, TARGET_ARCH_AARCH64, ignored, errp);
    const Most *first = g_ptr_array_index(gathering->arm, 0);
    g_autoptr(CpuContract) of_first = args ? resolve_on(args, first->host) : NULL;

    for (unsigned i = 1; args && i < gathering->arm->len; i++) {
        const Most *other = g_ptr_array_index(gathering->arm, i);
        g_autoptr(CpuContract) of_other = resolve_on(args, other->host);
        g_autoptr(Report) there = report_new();
        g_autoptr(Report) back = report_new();

        if (!contract_check_host(of_first, other->host, there) ||
            !contract_check_host(of_other, first->host, back)) {
            g_autofree char *one = first_error(there);
            g_autofree char *two = one ? NULL : first_error(back);

            *ret_why =
                g_strdup_printf("%s %s %s: %s", gathering->first, one ? "to" : "from",
                                (const char *)g_ptr_array_index(gathering->arm_paths, i),
                                one ? one : two);
            return false;
        }
    }
    return args != NULL;
}

/* The CPU with as many event counters as the host with the fewest; NULL where some kernel
 * cannot give fewer than there are. */
static char *arm_least_counters(const Gathering *gathering)
{
    int least = INT_MAX;

    for (unsigned i = 0; i < gathering->arm->len; i++) {
        const Most *most = g_ptr_array_index(gathering->arm, i);

        if (!most->host->arm.has_nr_counters || most->contract->arm.pmu_counters < 0) {
            return NULL;
        }
        least = MIN(least, most->contract->arm.pmu_counters);
    }
    return g_strdup_printf("host,pmu=on,pmu-counters=%d", least);
}

/* On arm64 the CPU is the host's; what can be chosen is its PMU. */
static VpmuExit arm_baseline(const Gathering *gathering, Baseline *ret, GError **errp)
{
    const Most *first = g_ptr_array_index(gathering->arm, 0);
    g_autofree char *why = NULL;
    g_autofree char *why_none = NULL, *why_less = NULL, *least = NULL;
    g_autoptr(GError) error = NULL;

    for (unsigned i = 0; i < gathering->arm->len && !ret->no_pmu; i++) {
        const Most *most = g_ptr_array_index(gathering->arm, i);

        if (!most->contract->pmu_enabled) {
            ret->no_pmu = g_strdup_printf(
                "%s has none for guests by itself%s%s",
                (const char *)g_ptr_array_index(gathering->arm_paths, i),
                most->no_pmu ? ": " : "", most->no_pmu ? most->no_pmu : "");
        }
    }
    least = ret->no_pmu ? NULL : arm_least_counters(gathering);
    if (!ret->no_pmu && arm_holds(gathering, "host,pmu=on", &why, &error)) {
        ret->cpu = g_strdup("host,pmu=on");
        return VPMU_EXIT_OK;
    }
    if (least && arm_holds(gathering, least, &why_less, &error)) {
        ret->cpu = g_steal_pointer(&least);
        return VPMU_EXIT_OK;
    }
    if (!ret->no_pmu) {
        ret->no_pmu = g_steal_pointer(&why);
    }
    if (!arm_holds(gathering, "host,pmu=off", &why_none, &error)) {
        error_set(errp, "no CPU in common, from midr 0x%" G_GINT64_MODIFIER "x on: %s",
                  first->contract->arm.midr, why_none ? why_none : "");
        return VPMU_EXIT_REFUSED;
    }
    ret->cpu = g_strdup("host,pmu=off");
    return VPMU_EXIT_OK;
}

static void print_json(FILE *out, const Baseline *baseline, const GPtrArray *paths)
{
    g_autojson *json = json_object_new_object();
    g_autofree char *text = NULL;

    json_add_string(json, "cpu", baseline->cpu);
    json_add_bool(json, "pmu", !baseline->no_pmu);
    if (baseline->no_pmu) {
        json_add_string(json, "no-pmu", baseline->no_pmu);
    }
    json_add_uint(json, "hosts", paths->len);
    text = json_format_pretty(json);
    fprintf(out, "%s\n", text);
}

static bool read_args(char **args, GPtrArray *paths, bool *ret_json, GError **errp)
{
    for (; *args; args++) {
        if (strcmp(*args, "--json") == 0) {
            *ret_json = true;
        } else if ((*args)[0] == '-') {
            error_set(errp, "'%s' is not an option, see vpmu help", *args);
            return false;
        } else {
            fleet_add_path(paths, *args);
        }
    }
    if (!paths->len) {
        error_set(errp, "host profiles, or folders that have some (*.json), are needed");
        return false;
    }
    return true;
}

static VpmuExit find_baseline(Gathering *gathering, const GPtrArray *paths, Baseline *ret,
                              GError **errp)
{
    fleet_map(paths, find_most, take_most, gathering);
    progress_hide(&gathering->progress);
    if (gathering->error) {
        g_propagate_error(errp, g_steal_pointer(&gathering->error));
        return gathering->is_none ? VPMU_EXIT_REFUSED : VPMU_EXIT_BAD_INPUT;
    }
    if (gathering->arch == TARGET_ARCH_AARCH64) {
        return arm_baseline(gathering, ret, errp);
    }
    ret->cpu = x86_baseline_text(gathering->x86);
    ret->no_pmu = g_strdup(x86_baseline_no_pmu(gathering->x86));
    return VPMU_EXIT_OK;
}

VpmuExit vpmu_baseline(char **args, FILE *out, GError **errp)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    bool as_json = false;
    g_auto(Baseline) baseline = {0};
    Gathering gathering = {.x86 = x86_baseline_new()};
    VpmuExit status = VPMU_EXIT_BAD_INPUT;

    gathering.arm = g_ptr_array_new_with_free_func((GDestroyNotify)most_free);
    gathering.arm_paths = g_ptr_array_new();
    if (read_args(args, paths, &as_json, errp)) {
        gathering.args[TARGET_ARCH_X86_64] = vpmu_most_args(TARGET_ARCH_X86_64, NULL);
        gathering.args[TARGET_ARCH_AARCH64] = vpmu_most_args(TARGET_ARCH_AARCH64, NULL);
        gathering.progress = progress_new(paths->len, !isatty(fileno(out)));
        status = find_baseline(&gathering, paths, &baseline, errp);
    }
    if (status == VPMU_EXIT_OK && as_json) {
        print_json(out, &baseline, paths);
    } else if (status == VPMU_EXIT_OK) {
        if (baseline.no_pmu) {
            fprintf(stderr, "vpmu baseline: note: pmu=off: %s\n", baseline.no_pmu);
        }
        fprintf(out, "%s\n", baseline.cpu);
    }
    guest_args_free(gathering.args[TARGET_ARCH_X86_64]);
    guest_args_free(gathering.args[TARGET_ARCH_AARCH64]);
    x86_baseline_free(gathering.x86);
    g_ptr_array_unref(gathering.arm);
    g_ptr_array_unref(gathering.arm_paths);
    return status;
}
