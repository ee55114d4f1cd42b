/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CPU that every one of some hosts can run, and go on with.
 */
#include <inttypes.h>
#include <limits.h>

#include "internal.h"
#include "target/contract-row.h"
#include "target/x86-baseline.h"
#include "util/error.h"

/* An arm64 host, with what is asked of it again once all are known. */
typedef struct ArmMember {
    VpmuHost *host;
    char *name;
    bool has_pmu;
    int counters; /* PMCR_EL0.N, -1 unknown */
    uint64_t midr;
    char *no_pmu; /* why it has no PMU, or NULL */
} ArmMember;

struct VpmuBaseline {
    char *first; /* the first host's name; NULL: there is none yet */
    TargetArch arch;
    X86Baseline *x86;
    GPtrArray *arm; /* ArmMember * */
};

static void member_free(ArmMember *member)
{
    vpmu_host_free(member->host);
    g_free(member->name);
    g_free(member->no_pmu);
    g_free(member);
}

VpmuBaseline *vpmu_baseline_new(void)
{
    VpmuBaseline *baseline = g_new0(VpmuBaseline, 1);

    baseline->x86 = x86_baseline_new();
    baseline->arm = g_ptr_array_new_with_free_func((GDestroyNotify)member_free);
    return baseline;
}

void vpmu_baseline_free(VpmuBaseline *baseline)
{
    if (baseline) {
        x86_baseline_free(baseline->x86);
        g_ptr_array_unref(baseline->arm);
        g_free(baseline->first);
        g_free(baseline);
    }
}

/* Why the guest of @plan has no PMU; NULL where it has one, or nobody said. */
static const char *no_pmu_cause(const VpmuPlan *plan)
{
    const Finding *finding =
        report_find_of(plan->report->inner, contract_pmu_row(plan->contract.inner->arch));

    return finding && !plan->contract.inner->pmu_enabled ? finding->cause : NULL;
}

static ArmMember *member_new(const VpmuPlan *plan, const char *name)
{
    ArmMember *member = g_new0(ArmMember, 1);

    member->host = lib_host_ref(plan->host);
    member->name = g_strdup(name);
    member->has_pmu = plan->contract.inner->pmu_enabled;
    member->counters = plan->contract.inner->arm.pmu_counters;
    member->midr = plan->contract.inner->arm.midr;
    member->no_pmu = g_strdup(no_pmu_cause(plan));
    return member;
}

VpmuStatus vpmu_baseline_add(VpmuBaseline *baseline, const VpmuPlan *plan,
                             const char *name, char **message)
{
    TargetArch arch = plan->request->arch;
    GError *error = NULL;

    if (!baseline->first) {
        baseline->first = g_strdup(name);
        baseline->arch = arch;
    }
    if (arch != baseline->arch) {
        error_set(&error, "%s (%s) and %s (%s) have no CPU in common", baseline->first,
                  target_arch_name(baseline->arch), name, target_arch_name(arch));
        return lib_fail_with(VPMU_REFUSED, error, message);
    }
    if (arch == TARGET_ARCH_AARCH64) {
        g_ptr_array_add(baseline->arm, member_new(plan, name));
    } else if (!x86_baseline_add(baseline->x86, plan->contract.inner, name,
                                 no_pmu_cause(plan), &error)) {
        return lib_fail_with(VPMU_REFUSED, error, message);
    }
    return VPMU_OK;
}

static char *first_error(const VpmuReport *report)
{
    const VpmuFinding *finding;

    for (unsigned i = 0; (finding = vpmu_report_get(report, i)); i++) {
        if (finding->level == VPMU_LEVEL_ERROR) {
            return vpmu_finding_to_text(finding);
        }
    }
    return NULL;
}

/* Why a guest of @guest's host cannot go on with @host; NULL where it can. */
static char *why_not(const VpmuPlan *guest, const VpmuHost *host)
{
    g_autoptr(VpmuReport) report = NULL;

    return vpmu_check(&guest->contract, host, &report) ? NULL : first_error(report);
}

static VpmuPlan *plan_of(const ArmMember *member, const VpmuRequest *request)
{
    return lib_plan_new(request, member->host);
}

/*
 * Whether guests with @cpu go from the first host to each other and back; nearly all is
 * equal or not at all, so that is from any to any.  @ret_why: the first reason against
 * it, the caller's.
 */
static bool arm_holds(const VpmuBaseline *baseline, const char *cpu, char **ret_why)
{
    const ArmMember *first = g_ptr_array_index(baseline->arm, 0);
    g_autoptr(VpmuRequest) request = NULL;
    g_autoptr(VpmuPlan) of_first = NULL;

    if (vpmu_request_new(VPMU_AARCH64, NULL, cpu, &request, ret_why) != VPMU_OK) {
        return false;
    }
    of_first = plan_of(first, request);
    for (unsigned i = 1; i < baseline->arm->len; i++) {
        const ArmMember *other = g_ptr_array_index(baseline->arm, i);
        g_autoptr(VpmuPlan) of_other = plan_of(other, request);
        g_autofree char *there = why_not(of_first, other->host);
        g_autofree char *back = there ? NULL : why_not(of_other, first->host);

        if (there || back) {
            *ret_why =
                g_strdup_printf("%s %s %s: %s", baseline->first, there ? "to" : "from",
                                other->name, there ? there : back);
            return false;
        }
    }
    return true;
}

/* The CPU with as many event counters as the host with the fewest; NULL where some kernel
 * cannot give fewer than there are. */
static char *arm_least_counters(const VpmuBaseline *baseline)
{
    int least = INT_MAX;

    for (unsigned i = 0; i < baseline->arm->len; i++) {
        const ArmMember *member = g_ptr_array_index(baseline->arm, i);

        if (!member->host->profile->arm.has_pmu_attr[ARM_ATTR_NR_COUNTERS] ||
            member->counters < 0) {
            return NULL;
        }
        least = MIN(least, member->counters);
    }
    return g_strdup_printf("host,pmu=on,pmu-counters=%d", least);
}

/* Why not every host has a PMU for guests by itself; NULL where each has. */
static char *arm_no_pmu(const VpmuBaseline *baseline)
{
    for (unsigned i = 0; i < baseline->arm->len; i++) {
        const ArmMember *member = g_ptr_array_index(baseline->arm, i);

        if (!member->has_pmu) {
            return g_strdup_printf("%s has none for guests by itself%s%s", member->name,
                                   member->no_pmu ? ": " : "",
                                   member->no_pmu ? member->no_pmu : "");
        }
    }
    return NULL;
}

/* On arm64 the CPU is the host's; what can be chosen is its PMU. */
static char *arm_find(const VpmuBaseline *baseline, char **ret_no_pmu, GError **errp)
{
    const ArmMember *first = g_ptr_array_index(baseline->arm, 0);
    g_autofree char *no_pmu = arm_no_pmu(baseline);
    g_autofree char *least = no_pmu ? NULL : arm_least_counters(baseline);
    g_autofree char *why = NULL, *why_less = NULL, *why_none = NULL;

    if (!no_pmu && arm_holds(baseline, "host,pmu=on", &why)) {
        return g_strdup("host,pmu=on");
    }
    if (least && arm_holds(baseline, least, &why_less)) {
        return g_steal_pointer(&least);
    }
    if (!arm_holds(baseline, "host,pmu=off", &why_none)) {
        error_set(errp, "no CPU in common, from midr 0x%" PRIx64 " on: %s", first->midr,
                  why_none);
        return NULL;
    }
    *ret_no_pmu = no_pmu ? g_steal_pointer(&no_pmu) : g_steal_pointer(&why);
    return g_strdup("host,pmu=off");
}

VpmuStatus vpmu_baseline_find(const VpmuBaseline *baseline, char **ret_cpu,
                              char **ret_no_pmu, char **message)
{
    GError *error = NULL;
    g_autofree char *no_pmu = NULL;
    char *cpu;

    if (!baseline->first) {
        error_set(&error, "no host was added");
        return lib_fail(error, message);
    }
    if (baseline->arch == TARGET_ARCH_AARCH64) {
        cpu = arm_find(baseline, &no_pmu, &error);
    } else {
        cpu = x86_baseline_text(baseline->x86);
        no_pmu = g_strdup(x86_baseline_no_pmu(baseline->x86));
    }
    if (!cpu) {
        return lib_fail_with(VPMU_REFUSED, error, message);
    }
    *ret_cpu = cpu;
    if (ret_no_pmu) {
        *ret_no_pmu = g_steal_pointer(&no_pmu);
    }
    return VPMU_OK;
}
