/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract in QEMU's migration stream: when it is sent, and what is refused.
 */
#include <glib.h>

#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qom/object_interfaces.h"
#include "vpmu-decision.h"
#include "vpmu-stream.h"

#define PROFILE PROFILES "/intel-icelake-sp.json"

static const VMStateDescription *section;
static const TypeInfo *type;
static void *opaque;
static VpmuDecision decision;

int vmstate_register(VMStateIf *obj, int instance_id, const VMStateDescription *vmsd,
                     void *state)
{
    section = vmsd;
    opaque = state;
    return 0;
}

void type_register_static(const TypeInfo *info)
{
    type = info;
}

const VpmuDecision *vpmu_decision(Error **errp)
{
    return &decision;
}

/* This host is to give @cpu; the plan stays. */
static const VpmuContract *promise(const char *cpu)
{
    VpmuRequest *request = NULL;
    VpmuPlan *plan = NULL;

    g_assert_true(vpmu_request_new(VPMU_X86_64, "q35", cpu, &request, NULL) == VPMU_OK);
    g_assert_true(vpmu_resolve(request, decision.host, &plan, NULL) == VPMU_OK);
    vpmu_request_free(request);
    vpmu_plan_free(decision.plan);
    decision.plan = plan;
    decision.contract = vpmu_plan_contract(plan);
    g_assert_nonnull(decision.contract);
    return decision.contract;
}

/* As the loader does: the fields are filled, the text is NULL where it has no bytes. */
static char *arrive(const char *text)
{
    Error *error = NULL;
    bool ok;

    g_free(stub_report_take());
    g_assert_cmpint(section->pre_load(opaque), ==, 0);
    *(uint32_t *)((char *)opaque + section->fields[0].offset) = (uint32_t)strlen(text);
    *(char **)((char *)opaque + section->fields[1].offset) =
        *text ? g_strdup(text) : NULL;
    ok = section->post_load_errp(opaque, 1, &error);
    g_assert_cmpint(ok, ==, error == NULL);
    return stub_error_take(&error);
}

static void test_is_sent_where_an_object_asks(void)
{
    UserCreatableClass class = {NULL};
    g_autofree Object *object = g_malloc0(type->instance_size);
    char *text = vpmu_contract_to_json(promise("host"));

    vpmu_stream_start();
    g_assert_true(section->early_setup);
    g_assert_false(section->needed(opaque));
    type->class_init((ObjectClass *)&class, NULL);
    type->instance_finalize(object); /* one that was never complete asks for nothing */
    class.complete((UserCreatable *)object, NULL);
    g_assert_true(section->needed(opaque));
    g_assert_cmpint(section->pre_save(opaque), ==, 0);
    g_assert_cmpstr(*(char **)((char *)opaque + section->fields[1].offset), ==, text);
    g_assert_cmpuint(*(uint32_t *)((char *)opaque + section->fields[0].offset), ==,
                     strlen(text));
    type->instance_finalize(object);
    g_assert_false(section->needed(opaque));
    vpmu_free(text);
}

static void test_is_judged_where_it_arrives(void)
{
    char *text = vpmu_contract_to_json(promise("host,x2apic=off"));
    g_autofree char *same = NULL, *more = NULL, *less = NULL, *none = NULL;
    g_autofree char *warned = NULL;

    same = arrive(text);
    g_assert_null(same);
    g_assert_null(stub_report_take());
    promise("host");
    more = arrive(text);
    g_assert_null(more);
    warned = stub_report_take();
    g_assert_nonnull(strstr(warned, "x2apic"));
    promise("host,x2apic=off,erms=off");
    less = arrive(text);
    g_assert_nonnull(strstr(less, "cannot go on here: erms: asked on, offered off"));
    decision.contract = NULL;
    none = arrive(text);
    g_assert_nonnull(strstr(none, "the first vCPU is not what libvpmu makes"));
    vpmu_free(text);
}

static void test_text_that_is_no_contract(void)
{
    static const char *const texts[] = {"", "{", "{}", "[1]"};

    promise("host");
    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *why = arrive(texts[i]);

        g_assert_nonnull(strstr(why, "what came is no contract"));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(vpmu_host_read(PROFILE, &decision.host, NULL) == VPMU_OK);
    g_test_add_func("/stream/sent", test_is_sent_where_an_object_asks);
    g_test_add_func("/stream/judged", test_is_judged_where_it_arrives);
    g_test_add_func("/stream/no-contract", test_text_that_is_no_contract);
    return g_test_run();
}
