/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qom/object.h"

#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"

typedef struct Lamp {
    Object object;
    bool is_lit;
    uint8_t level;
    uint64_t memory_bytes;
    uint64_t serial;
    char *label;
    int colour;
    int state;
    unsigned custom_sets;
    unsigned inits;
} Lamp;

static unsigned clear_calls;

static const char *const colours[] = {"red", "green", NULL};
static const char *const states[] = {"auto", "on", "off", NULL};

static bool lamp_set_custom(Object *object, const Property *prop, json_object *value,
                            PropertyOrigin origin, GError **errp)
{
    Lamp *lamp = (Lamp *)object;

    g_assert_cmpstr(prop->name, ==, "custom");
    g_assert_cmpint(origin, ==, ORIGIN_USER);
    /* Who sets it has judged the type: nothing else comes this far. */
    g_assert_true(json_object_is_type(value, json_type_string));
    (void)errp;
    lamp->custom_sets++;
    return true;
}

static json_object *lamp_get_custom(const Object *object, const Property *prop)
{
    g_assert_nonnull(prop);
    return json_object_new_uint64(((const Lamp *)object)->custom_sets);
}

static void lamp_init(Object *object)
{
    Lamp *lamp = (Lamp *)object;

    g_assert_cmpuint(lamp->level, ==, 3);
    lamp->inits++;
}

static void lamp_clear(Object *object)
{
    g_assert_cmpstr(object->type->name, !=, "");
    clear_calls++;
}

static const Property lamp_props[] = {
    {.name = "lit", .kind = PROP_BOOL, .offset = offsetof(Lamp, is_lit), .is_live = true},
    {.name = "light-level",
     .kind = PROP_UINT8,
     .offset = offsetof(Lamp, level),
     .default_value = 3,
     .min = 1,
     .max = 9},
    {.name = "memory",
     .kind = PROP_SIZE,
     .offset = offsetof(Lamp, memory_bytes),
     .default_value = 4096},
    {.name = "label", .kind = PROP_STRING, .offset = offsetof(Lamp, label)},
    {.name = "colour",
     .kind = PROP_ENUM,
     .offset = offsetof(Lamp, colour),
     .default_value = 1,
     .names = colours},
    {.name = "switch",
     .kind = PROP_ENUM,
     .offset = offsetof(Lamp, state),
     .names = states,
     .type_name = "bool"},
    {.name = "custom",
     .kind = PROP_CUSTOM,
     .set = lamp_set_custom,
     .get = lamp_get_custom},
    {.name = "serial",
     .kind = PROP_UINT64,
     .offset = offsetof(Lamp, serial),
     .read_only = true},
};

static const Property bright_props[] = {
    {.name = "label",
     .kind = PROP_STRING,
     .offset = offsetof(Lamp, label),
     .default_string = "bright"},
};

static const ObjectType types[] = {
    {.name = "thing", .is_abstract = true},
    {.name = "lamp",
     .parent = "thing",
     .instance_size = sizeof(Lamp),
     .props = lamp_props,
     .prop_count = ARRAY_LEN(lamp_props),
     .init = lamp_init,
     .clear = lamp_clear},
    {.name = "bright-lamp",
     .parent = "lamp",
     .props = bright_props,
     .prop_count = ARRAY_LEN(bright_props)},
};

static TypeRegistry *new_registry(void)
{
    TypeRegistry *registry = type_registry_new();

    for (unsigned i = 0; i < ARRAY_LEN(types); i++) {
        type_registry_add(registry, &types[i]);
    }
    return registry;
}

static void test_defaults_come_from_the_most_derived_row(void)
{
    g_autoptr(TypeRegistry) registry = new_registry();
    g_autoptr(Object) plain = object_new(registry, "lamp", NULL, NULL);
    g_autoptr(Object) bright = object_new(registry, "bright-lamp", NULL, NULL);

    g_assert_null(((Lamp *)plain)->label);
    g_assert_cmpstr(((Lamp *)bright)->label, ==, "bright");
    g_assert_cmpuint(((Lamp *)bright)->memory_bytes, ==, 4096);
    g_assert_cmpuint(((Lamp *)bright)->inits, ==, 1);
    g_assert_true(object_is_a(bright, "thing"));
    g_assert_false(object_is_a(plain, "bright-lamp"));
}

static void test_unknown_and_abstract_types_are_not_found(void)
{
    g_autoptr(TypeRegistry) registry = new_registry();
    static const char *const names[] = {"nope", "thing"};

    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(object_new(registry, names[i], NULL, &error));
        g_assert_error(error, VPMU_ERROR, VPMU_ERROR_NOT_FOUND);
    }
}

static void test_text_is_checked(void)
{
    static const struct {
        const char *name;
        const char *value;
        bool is_good;
    } cases[] = {
        {"lit", "on", true},          {"lit", "no", true},
        {"lit", "1", false},          {"lit", "", false},
        {"light-level", "9", true},   {"light_level", "0x2", true},
        {"light-level", "0", false},  {"light-level", "10", false},
        {"light-level", "-1", false}, {"light-level", "5 ", false},
        {"memory", "64k", true},      {"memory", "1.5G", true},
        {"memory", "lots", false},    {"colour", "red", true},
        {"colour", "blue", false},    {"label", "", true},
        {"custom", "any", true},      {"serial", "1", false},
        {"absent", "1", false},
    };
    g_autoptr(TypeRegistry) registry = new_registry();
    g_autoptr(Object) lamp = object_new(registry, "bright-lamp", NULL, NULL);

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autoptr(GError) error = NULL;
        bool ok =
            object_set_string(lamp, cases[i].name, cases[i].value, ORIGIN_USER, &error);

        g_test_message("%s=%s", cases[i].name, cases[i].value);
        g_assert_true(ok == cases[i].is_good);
        g_assert_true((error == NULL) == ok);
    }
    g_assert_cmpuint(((Lamp *)lamp)->level, ==, 2);
    g_assert_cmpuint(((Lamp *)lamp)->memory_bytes, ==, 1536 * MIB);
    g_assert_cmpint(((Lamp *)lamp)->colour, ==, 0);
}

static void test_json_is_typed(void)
{
    static const struct {
        const char *name;
        const char *value;
        bool is_good;
    } cases[] = {
        {"lit", "true", true},
        {"lit", "\"on\"", false},
        {"light-level", "4", true},
        {"light-level", "\"4\"", false},
        {"light-level", "-4", false},
        {"colour", "\"red\"", true},
        {"colour", "0", false},
        {"label", "\"a\"", true},
        {"label", "[]", false},
        {"label", "null", false},
        {"label", "\"a\\u0000b\"", false},
        {"lit", "null", false},
        {"lit", "1", false},
        {"light-level", "null", false},
        {"light-level", "4.0", false},
        {"light-level", "true", false},
        {"memory", "\"4k\"", false},
        {"memory", "{}", false},
        {"colour", "null", false},
        {"colour", "true", false},
        {"switch", "true", true},
        {"switch", "\"off\"", true},
        {"switch", "null", false},
        {"switch", "1", false},
        {"custom", "\"a\"", true},
        {"custom", "\"\\u0000\"", false},
        {"custom", "[]", false},
        {"custom", "{}", false},
        {"custom", "null", false},
        {"custom", "1.5", false},
    };
    g_autoptr(TypeRegistry) registry = new_registry();
    g_autoptr(Object) lamp = object_new(registry, "lamp", NULL, NULL);

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autojson *value = json_tokener_parse(cases[i].value);
        g_autoptr(GError) error = NULL;
        bool ok = object_set_json(lamp, cases[i].name, value, ORIGIN_USER, &error);

        g_test_message("%s=%s", cases[i].name, cases[i].value);
        g_assert_true(ok == cases[i].is_good);
    }
}

static void test_values_read_back(void)
{
    g_autoptr(TypeRegistry) registry = new_registry();
    g_autoptr(Object) lamp = object_new(registry, "lamp", NULL, NULL);
    g_autoptr(GError) error = NULL;
    g_autojson *level = object_get_json(lamp, "light_level", NULL);
    g_autojson *colour = object_get_json(lamp, "colour", NULL);
    g_autojson *lit = object_get_json(lamp, "lit", NULL);

    g_assert_cmpint(json_object_get_int(level), ==, 3);
    g_assert_cmpstr(json_object_get_string(colour), ==, "green");
    g_assert_false(json_object_get_boolean(lit));
    g_assert_null(object_get_json(lamp, "label", &error));
    g_assert_nonnull(error);
}

static void test_stronger_origin_wins(void)
{
    static const CompatProperty compat[] = {
        {"thing", "light-level", "5", false},
        {"lamp", "not-there", "x", true},
        {"bright-lamp", "light-level", "6", false},
    };
    g_autoptr(TypeRegistry) registry = new_registry();
    g_autoptr(Object) lamp = object_new(registry, "lamp", NULL, NULL);

    g_assert_true(
        object_apply_compat(lamp, compat, ARRAY_LEN(compat), ORIGIN_COMPAT, NULL));
    g_assert_cmpuint(((Lamp *)lamp)->level, ==, 5);
    g_assert_true(object_set_string(lamp, "light-level", "7", ORIGIN_USER, NULL));
    g_assert_true(object_set_string(lamp, "light-level", "8", ORIGIN_GLOBAL, NULL));
    g_assert_cmpuint(((Lamp *)lamp)->level, ==, 7);
    g_assert_cmpint(object_origin(lamp, "light-level"), ==, ORIGIN_USER);
    g_assert_cmpint(object_origin(lamp, "lit"), ==, ORIGIN_DEFAULT);
}

static void test_frozen_object_keeps_all_but_live(void)
{
    g_autoptr(TypeRegistry) registry = new_registry();
    g_autoptr(Object) lamp = object_new(registry, "lamp", NULL, NULL);
    g_autoptr(GError) error = NULL;

    object_freeze(lamp);
    g_assert_true(object_set_string(lamp, "lit", "on", ORIGIN_USER, NULL));
    g_assert_false(object_set_string(lamp, "light-level", "4", ORIGIN_USER, &error));
    g_assert_nonnull(error);
}

static void test_paths_find_objects(void)
{
    g_autoptr(TypeRegistry) registry = new_registry();
    Object *root = object_new(registry, "lamp", NULL, NULL);
    Object *inner = object_new(registry, "lamp", "inner", NULL);
    Object *leaf = object_new(registry, "lamp", "leaf", NULL);
    unsigned before = clear_calls;

    object_add_child(root, inner);
    object_add_child(inner, leaf);
    g_assert_true(object_find(root, "/inner/leaf") == leaf);
    g_assert_true(object_find(root, "/") == root);
    g_assert_null(object_find(root, "/inner/other"));
    g_assert_null(object_find(root, "inner"));
    object_free(leaf);
    g_assert_null(object_find(root, "/inner/leaf"));
    object_free(root);
    g_assert_cmpuint(clear_calls - before, ==, 3);
}

static void test_lists_are_sorted_and_complete(void)
{
    g_autoptr(TypeRegistry) registry = new_registry();
    g_autoptr(GPtrArray) concrete = type_registry_list(registry, "thing", false);
    g_autoptr(GPtrArray) all = type_registry_list(registry, NULL, true);
    g_autoptr(GPtrArray) props =
        type_list_properties(registry, type_registry_find(registry, "bright-lamp"));

    g_assert_cmpuint(concrete->len, ==, 2);
    g_assert_cmpstr(((ObjectType *)concrete->pdata[0])->name, ==, "bright-lamp");
    g_assert_cmpuint(all->len, ==, 3);
    g_assert_cmpuint(props->len, ==, ARRAY_LEN(lamp_props));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qom/defaults", test_defaults_come_from_the_most_derived_row);
    g_test_add_func("/qom/unknown-type", test_unknown_and_abstract_types_are_not_found);
    g_test_add_func("/qom/text-is-checked", test_text_is_checked);
    g_test_add_func("/qom/json-is-typed", test_json_is_typed);
    g_test_add_func("/qom/values-read-back", test_values_read_back);
    g_test_add_func("/qom/stronger-origin-wins", test_stronger_origin_wins);
    g_test_add_func("/qom/frozen", test_frozen_object_keeps_all_but_live);
    g_test_add_func("/qom/tree-paths", test_paths_find_objects);
    g_test_add_func("/qom/lists", test_lists_are_sorted_and_complete);
    return g_test_run();
}
