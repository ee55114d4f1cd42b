/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qapi/value.h"

#include <string.h>

#include "qapi/events.h"
#include "qapi/introspect.h"
#include "qapi/types.h"
#include "util/bits.h"
#include "util/json.h"

static void test_enum_names_round_trip(void)
{
    for (int i = 0; i < RUN_STATE_COUNT; i++) {
        RunState state;

        g_assert_true(run_state_parse(run_state_name((RunState)i), &state));
        g_assert_cmpint(state, ==, i);
    }
    g_assert_false(run_state_parse("asleep", &(RunState){0}));
    g_assert_cmpstr(run_state_name(RUN_STATE_GUEST_PANICKED), ==, "guest-panicked");
}

/* Type, text, and whether it parses; what parses formats to the same text. */
static void test_parse_is_strict_and_formats_back(void)
{
    const struct {
        const QapiType *type;
        const char *text;
        const char *error; /* part of the message; NULL: it is good */
    } cases[] = {
        {&qapi_type_status_info, "{\"running\":true,\"status\":\"paused\"}", NULL},
        {&qapi_type_status_info, "{\"running\":true}", "top.status is missing"},
        {&qapi_type_status_info, "{\"running\":1,\"status\":\"paused\"}", "top.running"},
        {&qapi_type_status_info, "{\"running\":true,\"status\":\"x\"}", "'x'"},
        {&qapi_type_status_info, "{\"running\":true,\"status\":\"paused\",\"a\":1}",
         "top.a is not known"},
        {&qapi_type_status_info, "[]", "an object"},
        {&qapi_type_version_info,
         "{\"qemu\":{\"major\":1,\"minor\":2,\"micro\":-3},\"package\":\"\"}", NULL},
        {&qapi_type_version_info, "{\"qemu\":{\"major\":1,\"minor\":2},\"package\":\"\"}",
         "top.qemu.micro"},
        {&qapi_type_version_info,
         "{\"qemu\":{\"major\":1,\"minor\":2,\"micro\":1.5},\"package\":\"\"}",
         "top.qemu.micro"},
        {&qapi_type_qmp_capabilities_args, "{\"enable\":[\"a\",\"b\"]}", NULL},
        {&qapi_type_qmp_capabilities_args, "{}", NULL},
        {&qapi_type_qmp_capabilities_args, "{\"enable\":[\"a\",1]}", "top.enable[1]"},
        {&qapi_type_qmp_capabilities_args, "{\"enable\":\"a\"}", "a list"},
        {&qapi_type_set_action_args, "{\"reboot\":\"shutdown\"}", NULL},
        {&qapi_type_set_action_args, "{\"reboot\":\"reset\",\"shutdown\":\"pause\"}",
         NULL},
        {&qapi_type_qom_set_args,
         "{\"path\":\"/\",\"property\":\"p\",\"value\":{\"any\":[1,null]}}", NULL},
        {&qapi_type_qom_get_args, "{\"path\":\"a\\u0000b\",\"property\":\"p\"}", "NUL"},
        {&qapi_type_migrate_set_capabilities_args,
         "{\"capabilities\":[{\"capability\":\"events\",\"state\":true}]}", NULL},
        {&qapi_type_migrate_set_capabilities_args,
         "{\"capabilities\":[{\"capability\":7,\"state\":true}]}",
         "top.capabilities[0].capability"},
        {&qapi_list_tpm_type, "[\"passthrough\",\"emulator\"]", NULL},
        {&qapi_type_memory_info, "{\"base-memory\":-1}", "top.base-memory"},
        {&qapi_type_memory_info,
         "{\"base-memory\":18446744073709551615,\"plugged-memory\":0}", NULL},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autojson *json = json_tokener_parse(cases[i].text);
        g_autoptr(GError) error = NULL;
        uint64_t place = 0;

        g_test_message("%s", cases[i].text);
        g_assert_nonnull(json);
        if (qapi_parse(cases[i].type, json, "top", &place, &error)) {
            g_autojson *back = qapi_format(cases[i].type, &place);
            g_autofree char *text = json_format(back);

            g_assert_null(cases[i].error);
            g_assert_cmpstr(text, ==, cases[i].text);
            qapi_clear(cases[i].type, &place);
        } else {
            g_assert_nonnull(cases[i].error);
            g_assert_nonnull(strstr(error->message, cases[i].error));
        }
        g_assert_cmpuint(place, ==, 0);
    }
}

static void test_event_has_its_data(void)
{
    const ShutdownEvent data = {.guest = true, .reason = SHUTDOWN_CAUSE_GUEST_SHUTDOWN};
    g_autojson *shutdown = qapi_event_shutdown(&data);
    g_autojson *stop = qapi_event_stop();
    g_autofree char *shutdown_text = json_format(shutdown);
    g_autofree char *stop_text = json_format(stop);

    g_assert_cmpstr(shutdown_text, ==,
                    "{\"event\":\"SHUTDOWN\",\"data\":"
                    "{\"guest\":true,\"reason\":\"guest-shutdown\"}}");
    g_assert_cmpstr(stop_text, ==, "{\"event\":\"STOP\"}");
}

/* Every type that is named by an entry is an entry. */
static void test_introspection_is_closed(void)
{
    static const char *const references[] = {"arg-type", "ret-type", "element-type"};
    g_autojson *schema = json_parse(qapi_introspection, -1, NULL);
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    size_t count = json_object_array_length(schema);

    for (size_t i = 0; i < count; i++) {
        json_object *entry = json_object_array_get_idx(schema, i);
        json_object *name = json_object_object_get(entry, "name");

        g_assert_true(g_hash_table_add(names, (gpointer)json_object_get_string(name)));
    }
    for (size_t i = 0; i < count; i++) {
        json_object *entry = json_object_array_get_idx(schema, i);
        json_object *members = json_object_object_get(entry, "members");

        for (unsigned k = 0; k < ARRAY_LEN(references); k++) {
            json_object *type = json_object_object_get(entry, references[k]);

            g_assert_true(!type ||
                          g_hash_table_contains(names, json_object_get_string(type)));
        }
        for (size_t k = 0; members && k < json_object_array_length(members); k++) {
            json_object *member = json_object_array_get_idx(members, k);
            json_object *type = json_object_object_get(member, "type");

            g_assert_true(!type ||
                          g_hash_table_contains(names, json_object_get_string(type)));
        }
    }
    g_assert_true(g_hash_table_contains(names, "query-status"));
    g_assert_true(g_hash_table_contains(names, "SHUTDOWN"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qapi/enum-names", test_enum_names_round_trip);
    g_test_add_func("/qapi/strict", test_parse_is_strict_and_formats_back);
    g_test_add_func("/qapi/events", test_event_has_its_data);
    g_test_add_func("/qapi/introspection-closed", test_introspection_is_closed);
    return g_test_run();
}
