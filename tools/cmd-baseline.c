/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu baseline: the CPU that every one of some hosts can run.
 */
#include <string.h>

#include "target/contract-check.h"
#include "util/error.h"
#include "vpmu.h"

static CpuContract *load(const char *path, HostProfile **ret_host, GError **errp)
{
    g_autoptr(HostProfile) host = vpmu_load_host(path, errp);
    CpuContract *contract = host ? vpmu_host_contract(host, NULL, errp) : NULL;

    if (contract && contract->arch != TARGET_ARCH_X86_64) {
        error_set(errp,
                  "%s: on arm64 the guest's CPU is the host's, there is no baseline",
                  path);
        cpu_contract_free(contract);
        return NULL;
    }
    if (contract) {
        *ret_host = g_steal_pointer(&host);
    }
    return contract;
}

/* What all so far can run, as a guest of the first would have it. */
typedef struct Common {
    HostProfile *first;
    CpuContract *contract;
    char *cpu;
} Common;

static void common_clear(Common *common)
{
    host_profile_free(common->first);
    cpu_contract_free(common->contract);
    g_free(common->cpu);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Common, common_clear)

static VpmuExit add_host(Common *common, const char *path, GError **errp)
{
    g_autoptr(HostProfile) host = NULL;
    g_autoptr(CpuContract) next = load(path, &host, errp);
    const CpuContract *before = common->contract ? common->contract : next;
    char *cpu;

    if (!next) {
        return VPMU_EXIT_BAD_INPUT;
    }
    cpu = x86_contract_baseline(before, next, errp);
    if (!cpu) {
        g_prefix_error(errp, "%s: ", path);
        return VPMU_EXIT_REFUSED;
    }
    g_free(common->cpu);
    common->cpu = cpu;
    if (before->pmu_enabled && next->pmu_enabled && strstr(cpu, ",pmu=off")) {
        fprintf(
            stderr,
            "vpmu baseline: note: %s has other counters than the hosts before it, and a "
            "guest has those of the host it starts on: with a PMU it could go one way "
            "only, so pmu=off\n",
            path);
    }
    if (!common->first) {
        common->first = g_steal_pointer(&host);
    }
    cpu_contract_free(common->contract);
    common->contract = vpmu_host_contract(common->first, cpu, errp);
    return common->contract ? VPMU_EXIT_OK : VPMU_EXIT_BAD_INPUT;
}

VpmuExit vpmu_baseline(char **args, FILE *out, GError **errp)
{
    g_auto(Common) common = {0};
    VpmuExit status = VPMU_EXIT_OK;

    for (; *args && status == VPMU_EXIT_OK; args++) {
        if ((*args)[0] == '-') {
            error_set(errp, "'%s' is not an option, see vpmu help", *args);
            return VPMU_EXIT_BAD_INPUT;
        }
        status = add_host(&common, *args, errp);
    }
    if (status == VPMU_EXIT_OK && !common.cpu) {
        error_set(errp, "host profiles are needed");
        return VPMU_EXIT_BAD_INPUT;
    }
    if (status == VPMU_EXIT_OK) {
        fprintf(out, "%s\n", common.cpu);
    }
    return status;
}
