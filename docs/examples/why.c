/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does a guest get of this host's PMU, and who took the rest?
 *
 *     cc why.c $(pkg-config --cflags --libs vpmu) -o why
 *     ./why live pc-q35-11.1 host,pmu=on,pebs-fmt=host
 *     ./why tests/profiles/amd-zen4-genoa.json q35 host,pmu=on
 */
#include <stdio.h>
#include <string.h>
#include <vpmu/vpmu.h>

/* The status of the program: 0 yes, 1 no, 2 the question was not understood. */
static int complain(VpmuStatus status, char *message)
{
    fprintf(stderr, "why: %s\n", message);
    vpmu_free(message);
    return status == VPMU_REFUSED ? 1 : 2;
}

static void print_findings(const VpmuReport *report)
{
    const VpmuFinding *finding;

    for (unsigned i = 0; (finding = vpmu_report_get(report, i)) != NULL; i++) {
        printf("%s: %s", vpmu_level_name(finding->level), finding->row);
        if (finding->asked && finding->given) {
            printf(": asked %s, given %s", finding->asked, finding->given);
        }
        printf("\n    because: %s\n", finding->cause ? finding->cause : "-");
        if (finding->remedy) {
            printf("    to do: %s\n", finding->remedy);
        }
    }
}

static int explain(const VpmuRequest *request, const VpmuHost *host)
{
    VpmuPlan *plan = NULL;
    char *message = NULL, *table, *digest;
    VpmuStatus status = vpmu_resolve(request, host, &plan, &message);
    int is_resolved;

    if (status != VPMU_OK) {
        return complain(status, message);
    }
    table = vpmu_plan_table_to_text(plan);
    printf("%s\n", table);
    vpmu_free(table);
    print_findings(vpmu_plan_report(plan));
    is_resolved = vpmu_plan_is_resolved(plan);
    if (is_resolved) {
        digest = vpmu_contract_digest(vpmu_plan_contract(plan));
        printf("contract %s\n", digest);
        vpmu_free(digest);
    }
    vpmu_plan_free(plan);
    return is_resolved ? 0 : 1;
}

int main(int argc, char **argv)
{
    VpmuHost *host = NULL;
    VpmuRequest *request = NULL;
    char *message = NULL;
    VpmuStatus status;
    int result;

    if (argc != 4) {
        fprintf(stderr, "usage: why live|PROFILE MACHINE CPU\n");
        return 2;
    }
    status = strcmp(argv[1], "live") == 0 ? vpmu_host_probe(&host, &message)
                                          : vpmu_host_read(argv[1], &host, &message);
    if (status == VPMU_OK) {
        status =
            vpmu_request_new(vpmu_host_arch(host), argv[2], argv[3], &request, &message);
    }
    result = status == VPMU_OK ? explain(request, host) : complain(status, message);
    vpmu_request_free(request);
    vpmu_host_free(host);
    return result;
}
