/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of a QEMU in libvpmu's terms: what it calls its machine, and what its
 * machine type made of defaults that changed.
 */
#include <glib.h>

#include "hw/core/boards.h"
#include "qemu/accel.h"
#include "vpmu-line.h"

static MachineClass class;
static MachineState machine = {.class = &class};
MachineState *current_machine = &machine;

static Object *const cpu = (Object *)&class;
static const char *off; /* the one property that is off; "" none; NULL: there is none */

AccelState *current_accel(void)
{
    return (AccelState *)&machine;
}

ObjectProperty *object_property_find(Object *obj, const char *name)
{
    bool is_cpus = g_str_has_prefix(name, "x-");

    g_assert_true(obj == (is_cpus ? cpu : OBJECT(current_accel())));
    g_assert_cmpstr(name, !=, "x-auto-perf-capabilities");
    return is_cpus && off ? (ObjectProperty *)obj : NULL;
}

bool object_property_get_bool(Object *obj, const char *name, Error **errp)
{
    return g_strcmp0(off, name) != 0;
}

/* What a host of Ice Lake gives to @line of a machine that is @name, as JSON. */
static char *contract_of(const char *name, const char *line, const char *model)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    VpmuHost *host = NULL;
    VpmuPlan *plan = NULL;
    VpmuRequest *request;
    Error *error = NULL;
    char *text;

    class.name = name;
    vpmu_line_keep((int)g_strv_length(words), words);
    request = vpmu_line_request(cpu, model, &error);
    g_assert_cmpstr(stub_error_take(&error), ==, NULL);
    g_assert_true(vpmu_host_read(PROFILES "/intel-icelake-sp.json", &host, NULL) ==
                  VPMU_OK);
    g_assert_true(vpmu_resolve(request, host, &plan, NULL) == VPMU_OK);
    g_assert_nonnull(vpmu_plan_contract(plan));
    text = vpmu_contract_to_json(vpmu_plan_contract(plan));
    vpmu_plan_free(plan);
    vpmu_host_free(host);
    vpmu_request_free(request);
    return text;
}

static void assert_has(const char *contract, const char *text, bool has)
{
    g_assert_cmpint(strstr(contract, text) != NULL, ==, has);
}

/* To libvpmu "q35" is its own newest machine, to a QEMU one of its own. */
static void test_aliases_are_the_machine_that_runs(void)
{
    g_autofree char *text =
        contract_of("pc-q35-11.0", "qemu -M q35,usb=off -cpu host -m 128", NULL);

    assert_has(text, "\"machine\":\"pc-q35-11.0\"", true);
}

/* A release keeps what its machine types had, a development tree gives its newest more.
 */
static void test_old_defaults_are_as_the_machine_type_has_them(void)
{
    static const char *const ds = "\"ds\"";
    g_autofree char *without = NULL, *kept = NULL, *changed = NULL;

    off = NULL;
    without = contract_of("pc-q35-11.0", "qemu -M q35 -cpu host,pmu=off", NULL);
    off = "";
    kept = contract_of("pc-q35-11.0", "qemu -M q35 -cpu host,pmu=off", NULL);
    off = "x-ds-without-pmu";
    changed = contract_of("pc-q35-11.0", "qemu -M q35 -cpu host,pmu=off", NULL);
    off = NULL;
    g_assert_cmpstr(without, ==, kept);
    assert_has(kept, ds, true);
    assert_has(changed, ds, false);
}

/* QEMU's host takes no PEBS over unasked, whatever the machine. */
static void test_no_default_of_ours_comes_in(void)
{
    g_autofree char *text = contract_of("none", "qemu -cpu host", NULL);

    assert_has(text, "pebs-arch-reg", false);
}

static void test_a_model_comes_in_place_of_the_lines(void)
{
    g_autofree char *text =
        contract_of("pc-q35-10.2", "qemu -cpu host -accel kvm", "Skylake-Server,pmu=off");

    assert_has(text, "\"cpu-model\":\"Skylake-Server\"", true);
}

static void test_what_is_not_understood_is_an_error(void)
{
    g_auto(GStrv) words = g_strsplit("qemu -cpu host,nonsense=on", " ", -1);
    g_autofree char *message = NULL;
    Error *error = NULL;

    class.name = "pc-q35-10.2";
    vpmu_line_keep(3, words);
    g_assert_null(vpmu_line_request(cpu, NULL, &error));
    message = stub_error_take(&error);
    g_assert_true(g_str_has_prefix(message, "command line: "));
    g_assert_nonnull(strstr(message, "nonsense"));
}

#define ADD(path, function) g_test_add_func("/patches-line/" path, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("aliases-are-the-machine-that-runs", test_aliases_are_the_machine_that_runs);
    ADD("old-defaults-are-as-the-machine-type-has-them",
        test_old_defaults_are_as_the_machine_type_has_them);
    ADD("no-default-of-ours-comes-in", test_no_default_of_ours_comes_in);
    ADD("a-model-comes-in-place-of-the-lines", test_a_model_comes_in_place_of_the_lines);
    ADD("what-is-not-understood-is-an-error", test_what_is_not_understood_is_an_error);
    return g_test_run();
}
