/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvpmu through its public header alone.
 */
#include <glib.h>
#include <json-c/json.h>
#include <string.h>

#include "vpmu/vpmu.h"

#define STREAMS PROFILES "/../migration/streams"

static VpmuHost *host_of(const char *name)
{
    g_autofree char *path = g_strdup_printf("%s/%s.json", PROFILES, name);
    char *message = NULL;
    VpmuHost *host = NULL;

    if (vpmu_host_read(path, &host, &message) != VPMU_OK) {
        g_error("%s", message);
    }
    return host;
}

static VpmuPlan *plan_on(const VpmuHost *host, const char *machine, const char *cpu)
{
    VpmuRequest *request = NULL;
    VpmuPlan *plan = NULL;
    char *message = NULL;

    if (vpmu_request_new(vpmu_host_arch(host), machine, cpu, &request, &message) !=
            VPMU_OK ||
        vpmu_resolve(request, host, &plan, &message) != VPMU_OK) {
        g_error("%s", message);
    }
    vpmu_request_free(request); /* the plan does not need it */
    return plan;
}

static VpmuPlan *plan_of(const char *name, const char *cpu)
{
    VpmuHost *host = host_of(name);
    VpmuPlan *plan = plan_on(host, NULL, cpu);

    vpmu_host_free(host); /* nor its host */
    return plan;
}

static const VpmuFinding *find(const VpmuReport *report, const char *row)
{
    const VpmuFinding *finding;

    for (unsigned i = 0; (finding = vpmu_report_get(report, i)); i++) {
        if (g_str_equal(finding->row, row)) {
            return finding;
        }
    }
    g_error("there is no finding about %s", row);
    return NULL;
}

/* @text is one JSON value; the caller puts it. */
static json_object *parse(char *text)
{
    json_object *json = json_tokener_parse(text);

    g_assert_nonnull(json);
    vpmu_free(text);
    return json;
}

static void test_a_plan_says_what_is_given(void)
{
    VpmuPlan *plan = plan_of("intel-icelake-sp", "host,pmu=on");
    json_object *json = parse(vpmu_plan_to_json(plan));
    json_object *table = parse(vpmu_plan_table_to_json(plan));
    char *text = vpmu_plan_to_text(plan);
    char *digest = vpmu_contract_digest(vpmu_plan_contract(plan));

    g_assert_true(vpmu_plan_is_resolved(plan));
    g_assert_true(vpmu_contract_has_pmu(vpmu_plan_contract(plan)));
    g_assert_cmpint(vpmu_contract_arch(vpmu_plan_contract(plan)), ==, VPMU_X86_64);
    g_assert_cmpuint(vpmu_report_errors(vpmu_plan_report(plan)), ==, 0);
    g_assert_cmpstr(vpmu_plan_cpu(plan), ==, "host");
    g_assert_true(g_str_has_prefix(vpmu_plan_machine(plan), "pc-q35-"));
    g_assert_true(json_object_get_boolean(json_object_object_get(json, "resolved")));
    g_assert_cmpuint(json_object_array_length(table), >, 5);
    g_assert_nonnull(strstr(text, digest));
    vpmu_free(digest);
    vpmu_free(text);
    json_object_put(table);
    json_object_put(json);
    vpmu_plan_free(plan);
}

static void test_a_guest_that_cannot_start_is_an_answer(void)
{
    VpmuPlan *plan = plan_of("intel-icelake-sp", "host,pmu=on,pebs-fmt=3,enforce=on");
    const VpmuFinding *finding = find(vpmu_plan_report(plan), "pebs-fmt");
    char *line = vpmu_finding_to_text(finding);
    char *text = vpmu_plan_to_text(plan);

    g_assert_false(vpmu_plan_is_resolved(plan));
    g_assert_null(vpmu_plan_contract(plan));
    g_assert_cmpint(finding->level, ==, VPMU_LEVEL_ERROR);
    g_assert_cmpstr(finding->asked, ==, "3");
    g_assert_nonnull(finding->cause);
    g_assert_true(g_str_has_prefix(line, "pebs-fmt: "));
    g_assert_true(g_str_has_suffix(text, "refused\n"));
    vpmu_free(text);
    vpmu_free(line);
    vpmu_plan_free(plan);
}

static void test_bad_input_is_a_status_and_a_line(void)
{
    VpmuRequest *request = (VpmuRequest *)1;
    VpmuContract *contract = (VpmuContract *)1;
    VpmuHost *host = (VpmuHost *)1;
    char *message = NULL;

    g_assert_cmpint(vpmu_request_new(VPMU_X86_64, NULL, "hots", &request, &message), ==,
                    VPMU_INVALID);
    g_assert_nonnull(strstr(message, "did you mean 'host'?"));
    vpmu_free(message);
    g_assert_cmpint(
        vpmu_request_new(VPMU_X86_64, "pc-q35-99", "host", &request, &message), ==,
        VPMU_INVALID);
    g_assert_nonnull(strstr(message, "pc-q35-99"));
    vpmu_free(message);
    g_assert_cmpint(vpmu_request_new((VpmuArch)7, NULL, NULL, &request, &message), ==,
                    VPMU_INVALID);
    vpmu_free(message);
    g_assert_cmpint(vpmu_contract_parse("{}", 2, &contract, &message), ==, VPMU_INVALID);
    vpmu_free(message);
    g_assert_cmpint(vpmu_host_parse("{\0}", 3, &host, &message), ==, VPMU_INVALID);
    vpmu_free(message);
    g_assert_cmpint(vpmu_host_read("/nonexistent", &host, &message), ==, VPMU_SYSTEM);
    g_assert_nonnull(strstr(message, "/nonexistent"));
    vpmu_free(message);
    /* Who does not want the message does not get it. */
    g_assert_cmpint(vpmu_host_parse("", 0, &host, NULL), ==, VPMU_INVALID);
    /* Nothing was touched. */
    g_assert_true(request == (VpmuRequest *)1);
    g_assert_true(contract == (VpmuContract *)1);
    g_assert_true(host == (VpmuHost *)1);
}

static void test_another_architecture_is_refused(void)
{
    VpmuHost *host = host_of("arm-altra");
    VpmuRequest *request = NULL;
    VpmuPlan *plan = NULL;
    char *message = NULL;

    g_assert_cmpint(vpmu_request_most(VPMU_X86_64, &request, NULL), ==, VPMU_OK);
    g_assert_cmpint(vpmu_resolve(request, host, &plan, &message), ==, VPMU_INVALID);
    g_assert_cmpstr(message, ==, "the request is for x86_64, the host is aarch64");
    g_assert_null(plan);
    vpmu_free(message);
    vpmu_request_free(request);
    vpmu_host_free(host);
}

static void test_of_a_command_line_the_rest_is_passed_over(void)
{
    static const char *const line[] = {
        "qemu-system-x86_64", "-name", "guest", "-M", "pc-q35-9.0", "-cpu",
        "host,pmu=on",        "-m",    "4G",    "-S"};
    VpmuHost *host = host_of("intel-icelake-sp");
    VpmuRequest *request = NULL;
    VpmuPlan *plan = NULL;
    const VpmuFinding *finding;

    g_assert_cmpint(
        vpmu_request_from_args(VPMU_X86_64, G_N_ELEMENTS(line), line, &request, NULL), ==,
        VPMU_OK);
    g_assert_cmpint(vpmu_resolve(request, host, &plan, NULL), ==, VPMU_OK);
    finding = find(vpmu_plan_report(plan), "command line");
    g_assert_cmpint(finding->level, ==, VPMU_LEVEL_NOTE);
    g_assert_nonnull(strstr(finding->cause, "-name"));
    g_assert_cmpstr(vpmu_plan_machine(plan), ==, "pc-q35-9.0");
    vpmu_plan_free(plan);
    vpmu_request_free(request);
    vpmu_host_free(host);
}

/* A contract of its own, as it comes from somewhere else. */
static VpmuContract *contract_of(const VpmuPlan *plan)
{
    char *text = vpmu_plan_to_json(plan);
    VpmuContract *contract = NULL;

    g_assert_cmpint(vpmu_contract_parse(text, strlen(text), &contract, NULL), ==,
                    VPMU_OK);
    vpmu_free(text);
    return contract;
}

static void test_a_contract_survives_text(void)
{
    VpmuPlan *plan = plan_of("intel-sapphirerapids", "host,pmu=on,pebs-fmt=host");
    VpmuContract *contract = contract_of(plan);
    char *one = vpmu_contract_to_json(vpmu_plan_contract(plan));
    char *two = vpmu_contract_to_json(contract);
    char *digit = strstr(one, "\"digest\":\"") + strlen("\"digest\":\"");
    VpmuContract *damaged = NULL;
    char *message = NULL;

    g_assert_cmpstr(one, ==, two);
    *digit = *digit == '0' ? '1' : '0';
    g_assert_cmpint(vpmu_contract_parse(one, strlen(one), &damaged, &message), ==,
                    VPMU_INVALID);
    g_assert_nonnull(strstr(message, "digest"));
    g_assert_null(damaged);
    vpmu_free(message);
    vpmu_free(one);
    vpmu_free(two);
    vpmu_contract_free(contract);
    vpmu_plan_free(plan);
}

static bool has_reason(const char *code)
{
    VpmuReason reason;

    for (unsigned i = 0; vpmu_reason_get(i, &reason); i++) {
        g_assert_nonnull(reason.relation);
        g_assert_nonnull(reason.sentence);
        if (g_str_equal(reason.code, code)) {
            return true;
        }
    }
    return false;
}

static void test_a_verdict_has_reasons_with_codes(void)
{
    VpmuPlan *plan = plan_of("intel-sapphirerapids", "host,pmu=on,pebs-fmt=host");
    VpmuHost *own = host_of("intel-sapphirerapids"), *other = host_of("amd-zen4-genoa");
    VpmuReport *report = NULL;
    const VpmuFinding *finding;

    g_assert_true(vpmu_check(vpmu_plan_contract(plan), own, &report));
    g_assert_cmpuint(vpmu_report_errors(report), ==, 0);
    vpmu_report_free(report);
    g_assert_false(vpmu_check(vpmu_plan_contract(plan), other, &report));
    finding = find(report, "vendor");
    g_assert_cmpstr(finding->code, ==, "vendor-differs");
    for (unsigned i = 0; (finding = vpmu_report_get(report, i)); i++) {
        g_assert_true(finding->level != VPMU_LEVEL_ERROR || has_reason(finding->code));
    }
    g_assert_false(has_reason("no such reason"));
    json_object_put(parse(vpmu_report_to_json(report)));
    vpmu_report_free(report);
    /* Who wants the verdict alone gets it. */
    g_assert_false(vpmu_check(vpmu_plan_contract(plan), other, NULL));
    g_assert_cmpuint(vpmu_surplus(vpmu_plan_contract(plan), own), <, 1000);
    vpmu_host_free(own);
    vpmu_host_free(other);
    vpmu_plan_free(plan);
}

static void test_a_guest_arrives_where_no_less_is_promised(void)
{
    VpmuHost *host = host_of("intel-sapphirerapids");
    VpmuPlan *guest = plan_on(host, NULL, "host,pmu=on");
    VpmuPlan *same = plan_on(host, NULL, "host,pmu=on");
    VpmuPlan *without = plan_on(host, NULL, "host,pmu=off");
    VpmuReport *report = NULL;

    g_assert_true(vpmu_check_arrival(vpmu_plan_contract(guest), vpmu_plan_contract(same),
                                     host, NULL));
    g_assert_false(vpmu_check_arrival(vpmu_plan_contract(guest),
                                      vpmu_plan_contract(without), host, &report));
    g_assert_cmpstr(find(report, "pmu")->given, ==, NULL);
    g_assert_cmpstr(find(report, "pmu")->asked, ==, "on");
    vpmu_report_free(report);
    vpmu_plan_free(guest);
    vpmu_plan_free(same);
    vpmu_plan_free(without);
    vpmu_host_free(host);
}

static void check_order(const char *one, const char *one_cpu, const char *two,
                        const char *two_cpu, VpmuOrder expected, const char *name)
{
    VpmuPlan *first = plan_of(one, one_cpu), *second = plan_of(two, two_cpu);
    char *names = NULL;

    g_assert_cmpint(
        vpmu_compare(vpmu_plan_contract(first), vpmu_plan_contract(second), &names), ==,
        expected);
    if (name) {
        g_assert_nonnull(strstr(names, name));
    } else {
        g_assert_cmpstr(names, ==, "[]");
    }
    vpmu_free(names);
    vpmu_plan_free(first);
    vpmu_plan_free(second);
}

static void test_two_contracts_are_compared(void)
{
    const char *x86 = "intel-icelake-sp", *arm = "arm-altra", *cpu = "host,pmu=on";

    check_order(x86, cpu, x86, cpu, VPMU_IDENTICAL, NULL);
    check_order(x86, cpu, x86, "host,pmu=on,avx512f=off", VPMU_SUPERSET, "\"avx512f\"");
    check_order(x86, "host,pmu=on,avx512f=off", x86, cpu, VPMU_SUBSET, "\"avx512f\"");
    check_order(x86, cpu, "amd-zen4-genoa", cpu, VPMU_INCOMPATIBLE, "\"vendor\"");
    check_order(arm, cpu, arm, cpu, VPMU_IDENTICAL, NULL);
    check_order(arm, cpu, arm, "host,pmu=off", VPMU_SUPERSET, "\"pmu");
    check_order(arm, cpu, "arm-grace", cpu, VPMU_INCOMPATIBLE, "\"midr\"");
    check_order(x86, cpu, arm, cpu, VPMU_INCOMPATIBLE, "[\"arch\"]");
}

static void test_a_difference_is_told_both_ways(void)
{
    VpmuPlan *all = plan_of("intel-icelake-sp", "host,pmu=on");
    VpmuPlan *less = plan_of("intel-icelake-sp", "host,pmu=on,avx512f=off");
    VpmuDiff *diff =
        vpmu_diff_contracts(vpmu_plan_contract(all), vpmu_plan_contract(less));
    VpmuDiff *none =
        vpmu_diff_contracts(vpmu_plan_contract(all), vpmu_plan_contract(all));
    char *text = vpmu_diff_to_text(none);

    g_assert_false(vpmu_diff_is_same(diff));
    g_assert_cmpstr(find(vpmu_diff_rows(diff), "avx512f")->asked, ==, "on");
    g_assert_cmpuint(vpmu_report_errors(vpmu_diff_way(diff, false)), >, 0);
    g_assert_cmpuint(vpmu_report_errors(vpmu_diff_way(diff, true)), ==, 0);
    json_object_put(parse(vpmu_diff_to_json(diff)));
    g_assert_true(vpmu_diff_is_same(none));
    g_assert_cmpstr(text, ==, "the same\n");
    vpmu_free(text);
    vpmu_diff_free(none);
    vpmu_diff_free(diff);
    vpmu_plan_free(less);
    vpmu_plan_free(all);
}

static void test_hosts_differ_by_what_they_give(void)
{
    VpmuHost *left = host_of("intel-icelake-sp"),
             *right = host_of("intel-icelake-sp-nopmu");
    VpmuDiff *diff = NULL, *none = NULL;

    g_assert_cmpint(vpmu_diff_hosts(left, right, &diff, NULL), ==, VPMU_OK);
    g_assert_cmpint(vpmu_diff_hosts(left, left, &none, NULL), ==, VPMU_OK);
    g_assert_false(vpmu_diff_is_same(diff));
    g_assert_cmpuint(vpmu_report_errors(vpmu_diff_way(diff, false)), >, 0);
    g_assert_true(vpmu_diff_is_same(none));
    vpmu_diff_free(none);
    vpmu_diff_free(diff);
    vpmu_host_free(left);
    vpmu_host_free(right);
}

static VpmuStatus add(VpmuBaseline *baseline, const char *name, char **message)
{
    VpmuHost *host = host_of(name);
    VpmuRequest *request = NULL;
    VpmuPlan *plan = NULL;
    VpmuStatus status;

    g_assert_cmpint(vpmu_request_most(vpmu_host_arch(host), &request, NULL), ==, VPMU_OK);
    g_assert_cmpint(vpmu_resolve(request, host, &plan, NULL), ==, VPMU_OK);
    status = vpmu_baseline_add(baseline, plan, name, message);
    vpmu_plan_free(plan);
    vpmu_request_free(request);
    vpmu_host_free(host);
    return status;
}

/* The CPU is given by each host, and a guest of it goes from each to each. */
static void check_baseline(const char *const *names, const char *cpu)
{
    for (unsigned i = 0; names[i]; i++) {
        VpmuPlan *plan = plan_of(names[i], cpu);

        g_assert_true(vpmu_plan_is_resolved(plan));
        for (unsigned k = 0; names[k]; k++) {
            VpmuHost *host = host_of(names[k]);

            g_assert_true(vpmu_check(vpmu_plan_contract(plan), host, NULL));
            vpmu_host_free(host);
        }
        vpmu_plan_free(plan);
    }
}

static void test_a_baseline_runs_on_each_host(void)
{
    static const char *const fleets[][3] = {
        {"intel-icelake-sp", "intel-sapphirerapids", NULL},
        {"intel-icelake-sp", "intel-icelake-sp-nopmu", NULL},
        {"arm-altra", "arm-altra", NULL},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(fleets); i++) {
        VpmuBaseline *baseline = vpmu_baseline_new();
        char *cpu = NULL, *no_pmu = NULL;

        g_assert_cmpint(vpmu_baseline_find(baseline, &cpu, &no_pmu, NULL), ==,
                        VPMU_INVALID);
        for (unsigned k = 0; fleets[i][k]; k++) {
            g_assert_cmpint(add(baseline, fleets[i][k], NULL), ==, VPMU_OK);
        }
        g_assert_cmpint(vpmu_baseline_find(baseline, &cpu, &no_pmu, NULL), ==, VPMU_OK);
        check_baseline(fleets[i], cpu);
        g_assert_true(!no_pmu == !strstr(cpu, "pmu=off"));
        vpmu_free(cpu);
        vpmu_free(no_pmu);
        vpmu_baseline_free(baseline);
    }
}

static void test_hosts_without_a_common_cpu_have_no_baseline(void)
{
    VpmuBaseline *baseline = vpmu_baseline_new();
    char *message = NULL;

    g_assert_cmpint(add(baseline, "intel-icelake-sp", NULL), ==, VPMU_OK);
    g_assert_cmpint(add(baseline, "arm-altra", &message), ==, VPMU_REFUSED);
    g_assert_nonnull(strstr(message, "arm-altra (aarch64)"));
    vpmu_free(message);
    g_assert_cmpint(add(baseline, "amd-zen4-genoa", &message), ==, VPMU_REFUSED);
    vpmu_free(message);
    vpmu_baseline_free(baseline);
}

static void test_a_host_is_derived_from_its_cpuid(void)
{
    const char *path = PROFILES "/cpuid/intel-sapphirerapids.json";
    static const struct {
        const char *settings, *message;
    } bad[] = {
        {"kernel=six", "kernel: 'six' is no version"},
        {"perf-capabilities=x", "perf-capabilities: 'x' is not a number"},
        {"topdown=maybe", "topdown: 'maybe' is neither on nor off"},
        {"colour=red", "colour: there is no such setting; kernel,"},
    };
    VpmuHost *host = NULL;
    json_object *json;

    g_assert_cmpint(
        vpmu_host_read_cpuid(path, "kernel=6.1,perf-capabilities=0xf5c0", &host, NULL),
        ==, VPMU_OK);
    json = parse(vpmu_host_to_json(host));
    g_assert_cmpstr(json_object_get_string(json_object_object_get(json, "arch")), ==,
                    "x86_64");
    json_object_put(json);
    vpmu_host_free(host);
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        char *message = NULL;

        host = NULL;
        g_assert_cmpint(vpmu_host_read_cpuid(path, bad[i].settings, &host, &message), ==,
                        VPMU_INVALID);
        g_assert_true(g_str_has_prefix(message, bad[i].message));
        g_assert_null(host);
        vpmu_free(message);
    }
}

static uint32_t hex_at(json_object *array, size_t index)
{
    const char *text = json_object_get_string(json_object_array_get_idx(array, index));

    return (uint32_t)g_ascii_strtoull(text, NULL, 16);
}

/* The leaves and MSRs of @plan's guest, as a monitor would read them back. */
static GArray *leaves_of(const VpmuPlan *plan)
{
    GArray *leaves = g_array_new(FALSE, TRUE, sizeof(VpmuCpuid));
    json_object *json = parse(vpmu_contract_to_json(vpmu_plan_contract(plan)));
    json_object *table = json_object_object_get(json, "cpuid");

    json_object_object_foreach(table, name, regs)
    {
        VpmuCpuid leaf = {0};
        char *dot = NULL;

        leaf.leaf = (uint32_t)g_ascii_strtoull(name, &dot, 16);
        leaf.subleaf = (uint32_t)g_ascii_strtoull(dot + 1, NULL, 16);
        leaf.eax = hex_at(regs, 0);
        leaf.ebx = hex_at(regs, 1);
        leaf.ecx = hex_at(regs, 2);
        leaf.edx = hex_at(regs, 3);
        g_array_append_val(leaves, leaf);
    }
    json_object_put(json);
    return leaves;
}

static void test_a_vcpu_with_another_pmu_is_found_out(void)
{
    VpmuPlan *plan =
        plan_of("intel-icelake-sp", "host,pmu=on,pdcm=on,full-width-write=on");
    const VpmuContract *contract = vpmu_plan_contract(plan);
    GArray *leaves = leaves_of(plan);
    const VpmuMsr good = {0x345, 0x2000}, bad = {0x345, 0};
    VpmuX86Vcpu vcpu = {
        .cpuid = (VpmuCpuid *)leaves->data,
        .cpuid_count = leaves->len,
        .msrs = &good,
        .msr_count = 1,
    };
    VpmuReport *report = NULL;
    char *message = NULL;

    g_assert_cmpint(vpmu_verify_x86(contract, &vcpu, &report, NULL), ==, VPMU_OK);
    g_assert_cmpuint(vpmu_report_errors(report), ==, 0);
    vpmu_report_free(report);

    vcpu.msrs = &bad;
    g_assert_cmpint(vpmu_verify_x86(contract, &vcpu, &report, &message), ==,
                    VPMU_REFUSED);
    g_assert_cmpstr(find(report, "MSR 0x345")->asked, ==, "0x2000");
    g_assert_nonnull(strstr(message, "MSR 0x345"));
    vpmu_free(message);
    vpmu_report_free(report);

    vcpu.msr_count = 0;
    g_assert_cmpint(vpmu_verify_x86(contract, &vcpu, &report, NULL), ==, VPMU_OK);
    g_assert_cmpint(find(report, "MSR 0x345")->level, ==, VPMU_LEVEL_NOTE);
    vpmu_report_free(report);

    for (unsigned i = 0; i < leaves->len; i++) {
        VpmuCpuid *leaf = &g_array_index(leaves, VpmuCpuid, i);

        leaf->eax ^= leaf->leaf == 0xa ? 0x100 : 0; /* one counter more, or less */
    }
    g_assert_cmpint(vpmu_verify_x86(contract, &vcpu, &report, NULL), ==, VPMU_REFUSED);
    g_assert_cmpint(find(report, "CPUID 0xa.0 eax")->level, ==, VPMU_LEVEL_ERROR);
    vpmu_report_free(report);
    g_array_unref(leaves);
    vpmu_plan_free(plan);
}

static void test_what_cannot_be_verified_is_bad_input(void)
{
    static const struct {
        VpmuTopology topology;
        unsigned index;
    } cases[] = {
        {{1, 1, 1, 0, 1}, 0},
        {{65536, 65536, 1, 1, 1}, 0},
        {{0, 0, 0, 0, 0}, 1},
        {{1, 1, 1, 2, 2}, 4},
    };
    VpmuPlan *plan = plan_of("intel-icelake-sp", "host,pmu=on");
    const VpmuContract *contract = vpmu_plan_contract(plan);

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        const VpmuX86Vcpu vcpu = {.topology = cases[i].topology, .index = cases[i].index};

        g_assert_cmpint(vpmu_verify_x86(contract, &vcpu, NULL, NULL), ==, VPMU_INVALID);
    }
    g_assert_cmpint(vpmu_verify_arm64(contract, NULL, 0, NULL, NULL), ==, VPMU_INVALID);
    vpmu_plan_free(plan);
}

static void test_an_arm64_vcpu_is_verified_by_its_registers(void)
{
    VpmuHost *host = host_of("arm-rig-stock-linux61");
    VpmuPlan *plan = plan_on(host, NULL, "host,pmu=on");
    json_object *json = parse(vpmu_contract_to_json(vpmu_plan_contract(plan)));
    json_object *pmu = json_object_object_get(json, "pmu");
    uint64_t counters = json_object_get_uint64(json_object_object_get(pmu, "counters"));
    VpmuRegister registers[] = {
        {0x603000000013dce0, counters << 11}, /* PMCR_EL0 */
        {0x603000000013dce0, (counters + 1) << 11},
    };
    VpmuReport *report = NULL;

    g_assert_cmpuint(counters, >, 0);
    (void)vpmu_verify_arm64(vpmu_plan_contract(plan), &registers[1], 1, &report, NULL);
    g_assert_cmpstr(find(report, "pmu.counters")->cause, ==, "PMCR_EL0.N tells");
    vpmu_report_free(report);
    g_assert_cmpint(vpmu_verify_arm64(vpmu_plan_contract(plan), NULL, 0, &report, NULL),
                    ==, VPMU_REFUSED);
    g_assert_cmpstr(find(report, "pmu")->given, ==, "off");
    vpmu_report_free(report);
    json_object_put(json);
    vpmu_plan_free(plan);
    vpmu_host_free(host);
}

typedef struct Seen {
    unsigned kinds[VPMU_SAVED_RAM + 1];
    char *pmu_register; /* name of MSR 0x38f */
} Seen;

static void see(const VpmuSaved *saved, void *opaque)
{
    Seen *seen = opaque;

    seen->kinds[saved->kind]++;
    if (saved->kind >= VPMU_SAVED_SECTION && saved->kind < VPMU_SAVED_RAM) {
        g_assert_nonnull(saved->section);
    }
    if (saved->kind == VPMU_SAVED_REGISTER && g_str_equal(saved->key, "0xc0000300")) {
        g_free(seen->pmu_register);
        seen->pmu_register = g_strdup(saved->name);
    }
}

static void test_a_saved_guest_is_read(void)
{
    static const char *const names[] = {"x86-2", "x86-guest-amd-1", "arm64-1"};

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_strdup_printf("%s/%s.stream", STREAMS, names[i]);
        Seen seen = {0};

        g_assert_cmpint(vpmu_saved_read(path, 0, see, &seen, NULL), ==, VPMU_OK);
        g_assert_cmpuint(seen.kinds[VPMU_SAVED_HEADER], ==, 1);
        g_assert_cmpuint(seen.kinds[VPMU_SAVED_CONTRACT], ==, 1);
        g_assert_cmpuint(seen.kinds[VPMU_SAVED_SECTION], >, 3);
        g_assert_cmpuint(seen.kinds[VPMU_SAVED_REGISTER], >, 50);
        g_assert_cmpuint(seen.kinds[VPMU_SAVED_RAM], ==, 1);
        g_free(seen.pmu_register);
    }
}

/* The contract and the registers of vCPU 0 of a guest that real KVM ran. */
typedef struct Vcpu {
    VpmuContract *contract;
    GArray *registers; /* VpmuRegister */
} Vcpu;

static void collect(const VpmuSaved *saved, void *opaque)
{
    Vcpu *vcpu = opaque;

    if (saved->kind == VPMU_SAVED_CONTRACT) {
        g_assert_cmpint(
            vpmu_contract_parse(saved->json, strlen(saved->json), &vcpu->contract, NULL),
            ==, VPMU_OK);
    } else if (saved->kind == VPMU_SAVED_REGISTER && saved->instance == 0 &&
               g_str_equal(saved->section, "arm64-vcpu")) {
        const VpmuRegister reg = {g_ascii_strtoull(saved->key, NULL, 16),
                                  g_ascii_strtoull(saved->value, NULL, 16)};

        g_array_append_val(vcpu->registers, reg);
    }
}

static void test_a_saved_arm64_vcpu_is_verified(void)
{
    Vcpu vcpu = {.registers = g_array_new(FALSE, FALSE, sizeof(VpmuRegister))};
    char *message = NULL;

    g_assert_cmpint(vpmu_saved_read(STREAMS "/arm64-1.stream", 0, collect, &vcpu, NULL),
                    ==, VPMU_OK);
    g_assert_cmpuint(vcpu.registers->len, >, 100);
    (void)vpmu_verify_arm64(vcpu.contract, (VpmuRegister *)vcpu.registers->data,
                            vcpu.registers->len, NULL, &message);
    g_assert_cmpstr(message, ==, NULL);
    for (unsigned i = 0; i < vcpu.registers->len; i++) {
        VpmuRegister *reg = &g_array_index(vcpu.registers, VpmuRegister, i);

        reg->value ^= reg->id == 0x603000000013c000 ? 0x10 : 0; /* MIDR_EL1 */
    }
    g_assert_cmpint(vpmu_verify_arm64(vcpu.contract, (VpmuRegister *)vcpu.registers->data,
                                      vcpu.registers->len, NULL, &message),
                    ==, VPMU_REFUSED);
    g_assert_nonnull(strstr(message, "midr"));
    vpmu_free(message);
    g_array_unref(vcpu.registers);
    vpmu_contract_free(vcpu.contract);
}

static void test_a_damaged_stream_is_told_from_a_missing_one(void)
{
    Seen seen = {0};
    char *message = NULL;

    g_assert_cmpint(vpmu_saved_read("/nonexistent", 0, see, &seen, &message), ==,
                    VPMU_SYSTEM);
    vpmu_free(message);
    g_assert_cmpint(vpmu_saved_read(STREAMS "/x86-2.stream", 1, see, &seen, &message), ==,
                    VPMU_INVALID);
    g_assert_nonnull(strstr(message, "does not begin as"));
    vpmu_free(message);
    g_assert_cmpint(
        vpmu_saved_read(STREAMS "/x86-2.stream", UINT64_MAX, see, &seen, NULL), ==,
        VPMU_INVALID);
}

static void test_a_wish_has_a_finding_about_each_lack(void)
{
    static const struct {
        const char *host, *row;
    } lacks[] = {
        {"intel-icelake-sp", "perf-metrics"},
        {"amd-zen3-milan", "perfmon-v2"},
        {"intel-icelake-sp-nopmu", "pmu"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(lacks); i++) {
        VpmuHost *host = host_of(lacks[i].host);
        VpmuRequest *request = NULL;
        VpmuPlan *plan = NULL;

        g_assert_cmpint(vpmu_request_wish(host, &request, NULL), ==, VPMU_OK);
        g_assert_cmpint(vpmu_resolve(request, host, &plan, NULL), ==, VPMU_OK);
        g_assert_nonnull(find(vpmu_plan_report(plan), lacks[i].row)->cause);
        vpmu_plan_free(plan);
        vpmu_request_free(request);
        vpmu_host_free(host);
    }
}

static void test_nothing_is_freed_as_nothing(void)
{
    vpmu_free(NULL);
    vpmu_host_free(NULL);
    vpmu_request_free(NULL);
    vpmu_plan_free(NULL);
    vpmu_contract_free(NULL);
    vpmu_report_free(NULL);
    vpmu_diff_free(NULL);
    vpmu_baseline_free(NULL);
    g_assert_null(vpmu_arch_name((VpmuArch)9));
    g_assert_null(vpmu_level_name((VpmuLevel)9));
    g_assert_cmpstr(vpmu_arch_name(VPMU_AARCH64), ==, "aarch64");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        {"a-plan-says-what-is-given", test_a_plan_says_what_is_given},
        {"a-guest-that-cannot-start", test_a_guest_that_cannot_start_is_an_answer},
        {"bad-input", test_bad_input_is_a_status_and_a_line},
        {"another-architecture", test_another_architecture_is_refused},
        {"command-line", test_of_a_command_line_the_rest_is_passed_over},
        {"contract-text", test_a_contract_survives_text},
        {"verdict", test_a_verdict_has_reasons_with_codes},
        {"arrival", test_a_guest_arrives_where_no_less_is_promised},
        {"compare", test_two_contracts_are_compared},
        {"diff", test_a_difference_is_told_both_ways},
        {"diff-hosts", test_hosts_differ_by_what_they_give},
        {"baseline", test_a_baseline_runs_on_each_host},
        {"no-baseline", test_hosts_without_a_common_cpu_have_no_baseline},
        {"cpuid", test_a_host_is_derived_from_its_cpuid},
        {"verify-x86", test_a_vcpu_with_another_pmu_is_found_out},
        {"verify-bad-input", test_what_cannot_be_verified_is_bad_input},
        {"verify-arm64", test_an_arm64_vcpu_is_verified_by_its_registers},
        {"saved", test_a_saved_guest_is_read},
        {"verify-saved-arm64", test_a_saved_arm64_vcpu_is_verified},
        {"saved-damaged", test_a_damaged_stream_is_told_from_a_missing_one},
        {"wish", test_a_wish_has_a_finding_about_each_lack},
        {"nothing", test_nothing_is_freed_as_nothing},
    };

    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/libvpmu/", tests[i].name, NULL);

        g_test_add_func(path, tests[i].run);
    }
    return g_test_run();
}
