/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One host and one request, used by many threads at the same time. */
#include <glib.h>

#include "vpmu/vpmu.h"

#define THREADS 8
#define ROUNDS  20

typedef struct Shared {
    VpmuHost *host;
    VpmuRequest *request;
    VpmuContract *contract;
    gint ready;
} Shared;

static gpointer work(gpointer data)
{
    Shared *shared = data;
    char *last = NULL;

    g_atomic_int_inc(&shared->ready);
    while (g_atomic_int_get(&shared->ready) < THREADS) {
        g_thread_yield();
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        VpmuPlan *plan = NULL;
        VpmuRequest *own = NULL;
        VpmuReport *report = NULL;
        char *text;

        g_assert_cmpint(vpmu_resolve(shared->request, shared->host, &plan, NULL), ==,
                        VPMU_OK);
        g_assert_cmpint(
            vpmu_request_new(VPMU_X86_64, "pc-q35-9.0", "host,pmu=on", &own, NULL), ==,
            VPMU_OK);
        g_assert_true(vpmu_check(shared->contract, shared->host, &report));
        text = vpmu_plan_to_text(plan);
        g_assert_true(!last || g_str_equal(last, text));
        vpmu_free(last);
        last = text;
        vpmu_report_free(report);
        vpmu_request_free(own);
        vpmu_plan_free(plan);
    }
    return last;
}

static VpmuContract *contract_of(const VpmuPlan *plan)
{
    char *text = vpmu_contract_to_json(vpmu_plan_contract(plan));
    VpmuContract *contract = NULL;

    g_assert_cmpint(vpmu_contract_parse(text, strlen(text), &contract, NULL), ==,
                    VPMU_OK);
    vpmu_free(text);
    return contract;
}

static void test_threads_share_handles_and_get_the_same_answer(void)
{
    Shared shared = {0};
    GThread *threads[THREADS];
    VpmuPlan *plan = NULL;
    char *first = NULL;

    g_assert_cmpint(vpmu_host_read(PROFILES "/intel-icelake-sp.json", &shared.host, NULL),
                    ==, VPMU_OK);
    g_assert_cmpint(
        vpmu_request_new(VPMU_X86_64, NULL, "host,pmu=on", &shared.request, NULL), ==,
        VPMU_OK);
    g_assert_cmpint(vpmu_resolve(shared.request, shared.host, &plan, NULL), ==, VPMU_OK);
    shared.contract = contract_of(plan);
    vpmu_plan_free(plan);
    for (unsigned i = 0; i < THREADS; i++) {
        threads[i] = g_thread_new("resolve", work, &shared);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        char *text = g_thread_join(threads[i]);

        g_assert_true(!first || g_str_equal(first, text));
        vpmu_free(first);
        first = text;
    }
    vpmu_free(first);
    vpmu_contract_free(shared.contract);
    vpmu_request_free(shared.request);
    vpmu_host_free(shared.host);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/libvpmu/threads-share-handles",
                    test_threads_share_handles_and_get_the_same_answer);
    return g_test_run();
}
