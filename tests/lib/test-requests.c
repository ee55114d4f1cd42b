/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command lines of a QEMU: what decides the CPU is read or refused, the rest passed over.
 */
#include <glib.h>
#include <string.h>

#include "vpmu/vpmu.h"

/* The plan of @line, words with blanks between, on a host of Ice Lake; NULL with
 * @ret_message where it is not understood. */
static VpmuPlan *plan_of_program(const char *program, const char *line,
                                 char **ret_message)
{
    g_autofree char *all = g_strdup_printf("%s %s", program, line);
    g_auto(GStrv) words = g_strsplit(all, " ", -1);
    VpmuHost *host = NULL;
    VpmuRequest *request = NULL;
    VpmuPlan *plan = NULL;

    if (vpmu_request_from_args(VPMU_X86_64, (int)g_strv_length(words),
                               (const char *const *)words, &request,
                               ret_message) != VPMU_OK) {
        return NULL;
    }
    g_assert_true(vpmu_host_read(PROFILES "/intel-icelake-sp.json", &host, NULL) ==
                  VPMU_OK);
    g_assert_true(vpmu_resolve(request, host, &plan, NULL) == VPMU_OK);
    vpmu_request_free(request);
    vpmu_host_free(host);
    return plan;
}

static VpmuPlan *plan_of(const char *line, char **ret_message)
{
    return plan_of_program("qemu-system-x86_64", line, ret_message);
}

static void test_what_decides_no_cpu_is_passed_over(void)
{
    static const struct {
        const char *line, *noted;
    } rows[] = {
        {"-M pc-q35-10.2,usb=on", "-machine usb"},
        {"-M pc-q35-10.2,hpet=on,smm=on,vmport=auto", "-machine smm"},
        {"-M pc-q35-10.2,smp.cpus=4,max-ram-below-4g=2G", "-machine smp"},
        {"-M pc-q35-10.2,pflash0=code,memory-encryption=off", "-machine pflash0"},
        {"-M pc-q35-10.2 -accel kvm,notify-vmexit=run,notify-window=9",
         "-accel kvm notify-window"},
        {"-M pc-q35-10.2,kernel-irqchip=split,sata=off", "-machine sata"},
        {"-M pc-q35-10.2,kvm-shadow-mem=4096", "-machine kvm-shadow-mem"},
    };
    VpmuPlan *bare = plan_of("-M pc-q35-10.2", NULL);

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        VpmuPlan *plan = plan_of(rows[i].line, NULL);
        const VpmuFinding *note = vpmu_report_get(vpmu_plan_report(plan), 0);

        g_assert_cmpstr(note->row, ==, "command line");
        g_assert_cmpint(note->level, ==, VPMU_LEVEL_NOTE);
        g_assert_nonnull(strstr(note->cause, rows[i].noted));
        g_assert_cmpint(
            vpmu_compare(vpmu_plan_contract(bare), vpmu_plan_contract(plan), NULL), ==,
            VPMU_IDENTICAL);
        vpmu_plan_free(plan);
    }
    vpmu_plan_free(bare);
}

static void test_what_decides_one_and_has_no_contract_is_refused(void)
{
    static const struct {
        const char *line, *said;
    } rows[] = {
        {"-M q35,confidential-guest-support=sev0", "confidential-guest-support=sev0"},
        {"-M q35,memory-encryption=on", "memory-encryption=on"},
        {"-M q35,sgx-epc.0.memdev=m", "sgx-epc=m"},
        {"-M q35,smp-cache.0.cache=l3", "smp-cache=l3"},
        {"-accel kvm,pmu-filter=f", "pmu-filter=f"},
        {"-accel kvm,xen-version=0x4000a", "xen-version=0x4000a"},
        {"-M isapc", "isapc"},
        {"-M q35,ubs=off", "did you mean 'usb'"},
        {"-M q35,pit=maybe", "maybe"},
        {"-accel kvm,rpal=on", "rpal"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        char *message = NULL;

        g_assert_null(plan_of(rows[i].line, &message));
        g_assert_nonnull(strstr(message, rows[i].said));
        vpmu_free(message);
    }
}

/* Its versions have the CPUs of pc-q35, and end where QEMU's end. */
static void test_a_pc_has_the_cpus_of_its_version(void)
{
    static const char *const versions[] = {"7.2", "9.0", "10.0", "11.1"};
    VpmuPlan *newest = plan_of("-M pc", NULL);
    char *message = NULL;

    g_assert_cmpstr(vpmu_plan_machine(newest), ==, "pc-i440fx-11.1");
    for (unsigned i = 0; i < G_N_ELEMENTS(versions); i++) {
        g_autofree char *pc =
            g_strdup_printf("-M pc-i440fx-%s,usb=off,acpi=on", versions[i]);
        g_autofree char *q35 = g_strdup_printf("-M pc-q35-%s", versions[i]);
        char *differ = NULL;
        VpmuPlan *a = plan_of(pc, NULL), *b = plan_of(q35, NULL);

        g_assert_true(g_str_has_suffix(vpmu_plan_machine(a), versions[i]));
        (void)vpmu_compare(vpmu_plan_contract(a), vpmu_plan_contract(b), &differ);
        g_assert_cmpstr(differ, ==, "[\"machine\"]");
        vpmu_free(differ);
        vpmu_plan_free(a);
        vpmu_plan_free(b);
    }
    g_assert_null(plan_of("-M pc-i440fx-vpmu1.0", &message));
    vpmu_free(message);
    vpmu_plan_free(newest);
}

/* A line of our monitors is read as they read it. */
static void test_a_line_of_ours_knows_none_of_it(void)
{
    static const char *const lines[] = {"-M pc", "-M q35,usb=on", "-M q35,smp.cpus=4",
                                        "-accel kvm,notify-vmexit=run"};

    for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
        char *message = NULL;
        VpmuPlan *plan = plan_of(lines[i], NULL);

        g_assert_nonnull(plan);
        vpmu_plan_free(plan);
        g_assert_null(plan_of_program("vpmu-system-x86_64", lines[i], &message));
        vpmu_free(message);
    }
}

static void test_each_has_its_own_defaults(void)
{
    VpmuPlan *qemus = plan_of_program("/usr/bin/qemu-system-x86_64", "-S", NULL);
    VpmuPlan *ours = plan_of_program("vpmu-system-x86_64", "-S", NULL);

    g_assert_cmpstr(vpmu_plan_cpu(qemus), ==, "qemu64");
    g_assert_true(g_str_has_prefix(vpmu_plan_machine(qemus), "pc-i440fx-"));
    g_assert_cmpstr(vpmu_plan_cpu(ours), ==, "host");
    g_assert_true(g_str_has_prefix(vpmu_plan_machine(ours), "pc-q35-vpmu"));
    vpmu_plan_free(qemus);
    vpmu_plan_free(ours);
}

#define ADD(path, function) g_test_add_func("/requests/" path, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("what-decides-no-cpu-is-passed-over", test_what_decides_no_cpu_is_passed_over);
    ADD("what-decides-one-and-has-no-contract-is-refused",
        test_what_decides_one_and_has_no_contract_is_refused);
    ADD("a-pc-has-the-cpus-of-its-version", test_a_pc_has_the_cpus_of_its_version);
    ADD("a-line-of-ours-knows-none-of-it", test_a_line_of_ours_knows_none_of_it);
    ADD("each-has-its-own-defaults", test_each_has_its_own_defaults);
    return g_test_run();
}
