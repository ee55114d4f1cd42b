/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/host-profile.h"

#include <string.h>

#include "resolve-case.h"
#include "util/bits.h"
#include "util/json.h"

static void test_format_and_parse_are_inverse(void)
{
    g_auto(GStrv) names = resolve_profile_names("");

    for (unsigned i = 0; names[i]; i++) {
        g_autoptr(HostProfile) host = resolve_profile(names[i]);
        g_autojson *json = host_profile_format(host);
        g_autoptr(GError) err = NULL;
        g_autoptr(HostProfile) back = host_profile_parse(json, &err);

        g_assert_no_error(err);
        g_assert_true(host_profile_equal(host, back));
        g_assert_true(host->origin == HOST_RECORDED || host->origin_detail);
    }
}

/* Replace every member in turn by every kind of value; each is an error or is ignored. */
static void damage(json_object *root, json_object *object)
{
    static const char *const values[] = {"1",  "\"x\"", "[]",        "{}", "true",
                                         "-1", "[{}]",  "{\"x\":1}", "1.5"};
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    json_object_object_foreach(object, key, member)
    {
        (void)member;
        g_ptr_array_add(names, g_strdup(key));
    }
    for (unsigned i = 0; i < names->len && i < 24; i++) {
        const char *name = g_ptr_array_index(names, i);
        json_object *old = json_object_get(json_object_object_get(object, name));

        for (unsigned k = 0; k <= ARRAY_LEN(values); k++) {
            g_autoptr(GError) err = NULL;
            g_autoptr(HostProfile) host = NULL;

            json_object_object_del(object, name);
            if (k < ARRAY_LEN(values)) {
                json_object_object_add(object, name, json_parse(values[k], -1, NULL));
            }
            host = host_profile_parse(root, &err);
            g_assert_true((host != NULL) == (err == NULL));
        }
        json_object_object_del(object, name);
        json_object_object_add(object, name, old);
        if (json_object_is_type(old, json_type_object)) {
            damage(root, old);
        }
    }
}

static void test_damaged_profiles(void)
{
    static const char *const names[] = {"intel-skylake-sp", "arm-cix-p1"};

    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        g_autoptr(HostProfile) host = resolve_profile(names[i]);
        g_autojson *json = host_profile_format(host);
        g_autoptr(GError) err = NULL;
        g_autoptr(HostProfile) again = NULL;

        damage(json, json);
        again = host_profile_parse(json, &err);
        g_assert_no_error(err);
    }
}

static void test_messages_name_the_member(void)
{
    static const struct {
        const char *text, *part;
    } rows[] = {
        {"[]", "profile"},
        {"{}", "format"},
        {"{\"format\":\"x\",\"version\":1,\"arch\":\"x86_64\"}", "'x'"},
        {"{\"format\":\"vpmu-host-profile\",\"version\":2,\"arch\":\"x86_64\"}",
         "version 2"},
        {"{\"format\":\"vpmu-host-profile\",\"version\":1,\"arch\":\"mips\"}", "mips"},
        {"{\"format\":\"vpmu-host-profile\",\"version\":1,\"arch\":\"x86_64\"}",
         "origin"},
        {"{", "JSON"},
        {"", "JSON"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        g_autoptr(GError) err = NULL;
        g_autoptr(HostProfile) host = host_profile_parse_text(rows[i].text, -1, &err);

        g_assert_null(host);
        g_assert_nonnull(strstr(err->message, rows[i].part));
    }
}

/* A file that says "live" was live for whoever wrote it. */
static void test_live_becomes_recorded(void)
{
    g_autoptr(HostProfile) host = resolve_profile("arm-altra");
    g_autojson *json = NULL;
    json_object *origin;

    host->origin = HOST_LIVE;
    json = host_profile_format(host);
    json_object_object_get_ex(json, "origin", &origin);
    g_assert_cmpstr(json_object_get_string(json_object_object_get(origin, "kind")), ==,
                    "recorded");
}

static void test_capabilities_are_distinct(void)
{
    for (unsigned i = 0; i < KVM_CAPID_COUNT; i++) {
        g_assert_nonnull(kvm_cap_rows[i].name);
        g_assert_true(kvm_cap_rows[i].is_x86 || kvm_cap_rows[i].is_arm);
        for (unsigned k = 0; k < i; k++) {
            g_assert_cmpuint(kvm_cap_rows[i].number, !=, kvm_cap_rows[k].number);
            g_assert_cmpstr(kvm_cap_rows[i].name, !=, kvm_cap_rows[k].name);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/host-profile/format-and-parse-are-inverse",
                    test_format_and_parse_are_inverse);
    g_test_add_func("/host-profile/damaged-profiles", test_damaged_profiles);
    g_test_add_func("/host-profile/messages-name-the-member",
                    test_messages_name_the_member);
    g_test_add_func("/host-profile/live-becomes-recorded", test_live_becomes_recorded);
    g_test_add_func("/host-profile/capabilities-are-distinct",
                    test_capabilities_are_distinct);
    return g_test_run();
}
