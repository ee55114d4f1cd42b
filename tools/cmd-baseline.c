/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vpmu baseline: the CPU that every one of some hosts can run.
 */
#include "target/contract-check.h"
#include "util/error.h"
#include "vpmu.h"

VpmuExit vpmu_baseline(char **args, FILE *out, GError **errp)
{
    g_autofree char *cpu = NULL;
    g_autoptr(CpuContract) so_far = NULL;
    g_autoptr(HostProfile) first = NULL;

    for (; *args; args++) {
        g_autoptr(HostProfile) host = NULL;
        g_autoptr(CpuContract) next = NULL;

        if ((*args)[0] == '-') {
            error_set(errp, "'%s' is not an option, see vpmu help", *args);
            return VPMU_EXIT_BAD_INPUT;
        }
        host = vpmu_load_host(*args, errp);
        next = host ? vpmu_host_contract(host, NULL, errp) : NULL;
        if (!next) {
            return VPMU_EXIT_BAD_INPUT;
        }
        if (next->arch != TARGET_ARCH_X86_64) {
            error_set(errp,
                      "%s: on arm64 the guest's CPU is the host's, there is no "
                      "baseline",
                      *args);
            return VPMU_EXIT_BAD_INPUT;
        }
        g_free(cpu);
        cpu = x86_contract_baseline(so_far ? so_far : next, next);
        if (!first) {
            first = g_steal_pointer(&host);
        }
        cpu_contract_free(so_far);
        so_far = vpmu_host_contract(first, cpu, errp);
        if (!so_far) {
            return VPMU_EXIT_BAD_INPUT;
        }
    }
    if (!so_far) {
        error_set(errp, "host profiles are needed");
        return VPMU_EXIT_BAD_INPUT;
    }
    fprintf(out, "%s\n", cpu);
    return VPMU_EXIT_OK;
}
