/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -device, -object, -global and other options about what the guest has. */
#include <string.h>

#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"

#include "spec-new.h"
#include "system/cmdline/options.h"

/* Takes string member @name out of @object; NULL in @ret where it is absent. */
static bool take_string(json_object *object, const char *name, char **ret, GError **errp)
{
    const char *text;

    *ret = NULL;
    if (!json_has(object, name)) {
        return true;
    }
    if (!json_get_string(object, "the JSON", name, &text, errp)) {
        return false;
    }
    *ret = g_strdup(text);
    json_object_object_del(object, name);
    return true;
}

static bool fill_from_json(SpecItem *item, const char *text, const char *driver_key,
                           GError **errp)
{
    item->json = json_parse(text, -1, errp);
    if (!item->json) {
        return false;
    }
    if (!json_object_is_type(item->json, json_type_object)) {
        error_set(errp, "an object {…} is needed");
        return false;
    }
    return take_string(item->json, driver_key, &item->driver, errp) &&
           take_string(item->json, "id", &item->id, errp);
}

static bool check_id(const char *id, GError **errp)
{
    if (id && (!g_ascii_isalpha(id[0]) ||
               id[strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "0123456789-._")])) {
        error_set(errp,
                  "id '%s' must begin with a letter and go on with letters, digits, "
                  "'-', '.' and '_'",
                  id);
        return false;
    }
    return true;
}

static SpecItem *parse_item(Cmdline *cmd, const char *arg, const char *driver_key,
                            GError **errp)
{
    g_autoptr(SpecItem) item = g_new0(SpecItem, 1);

    item->text = g_strdup(cmd->text);
    if (arg[0] == '{') {
        if (!fill_from_json(item, arg, driver_key, errp)) {
            return NULL;
        }
    } else {
        item->keyvals = keyval_parse(arg, driver_key, errp);
        if (!item->keyvals) {
            return NULL;
        }
        item->driver = keyval_take(item->keyvals, driver_key);
        item->id = keyval_take(item->keyvals, "id");
    }
    if (!item->driver || item->driver[0] == '\0') {
        error_set(errp, "%s is missing", driver_key);
        return NULL;
    }
    return check_id(item->id, errp) ? g_steal_pointer(&item) : NULL;
}

static bool is_id_taken(const GPtrArray *items, const char *id)
{
    for (unsigned i = 0; id && i < items->len; i++) {
        const SpecItem *item = g_ptr_array_index(items, i);

        if (g_strcmp0(item->id, id) == 0) {
            return true;
        }
    }
    return false;
}

/* "help" alone, or with a type's name. */
static bool note_help(Cmdline *cmd, const SpecItem *item, SpecQuery query)
{
    bool is_list = strcmp(item->driver, "help") == 0 || strcmp(item->driver, "?") == 0;

    if (!is_list && !(item->keyvals && keyval_get(item->keyvals, "help"))) {
        return false;
    }
    cmd->spec->query = query;
    g_free(cmd->spec->query_name);
    cmd->spec->query_name = is_list ? NULL : g_strdup(item->driver);
    return true;
}

bool option_device(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    g_autoptr(SpecItem) item = parse_item(cmd, arg, "driver", errp);

    (void)row; /* the only one */
    if (!item) {
        return false;
    }
    if (note_help(cmd, item, SPEC_QUERY_DEVICES)) {
        return true;
    }
    if (is_id_taken(cmd->spec->devices, item->id)) {
        error_set(errp, "there is a device with id=%s already", item->id);
        return false;
    }
    g_ptr_array_add(cmd->spec->devices, g_steal_pointer(&item));
    return true;
}

bool option_object(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    g_autoptr(SpecItem) item = parse_item(cmd, arg, "qom-type", errp);

    (void)row; /* the only one */
    if (!item) {
        return false;
    }
    if (note_help(cmd, item, SPEC_QUERY_OBJECTS)) {
        return true;
    }
    if (!item->id) {
        error_set(errp, "id= is missing");
        return false;
    }
    if (is_id_taken(cmd->spec->objects, item->id)) {
        error_set(errp, "there is an object with id=%s already", item->id);
        return false;
    }
    g_ptr_array_add(cmd->spec->objects, g_steal_pointer(&item));
    return true;
}

static SpecGlobal *global_new(Cmdline *cmd, const char *driver, const char *property,
                              const char *value, GError **errp)
{
    SpecGlobal *global;

    if (!driver || !property || !value || !driver[0] || !property[0]) {
        error_set(errp, "driver.property=value is needed");
        return NULL;
    }
    global = g_new0(SpecGlobal, 1);
    global->text = g_strdup(cmd->text);
    global->driver = g_strdup(driver);
    global->property = g_strdup(property);
    global->value = g_strdup(value);
    return global;
}

bool option_global(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    const char *equals = strchr(arg, '=');
    g_autofree char *before = equals ? g_strndup(arg, (gsize)(equals - arg)) : NULL;
    char *dot = before ? strchr(before, '.') : NULL;
    g_autoptr(KeyvalList) list = NULL;
    SpecGlobal *global;

    (void)row; /* the only one */
    if (dot) {
        *dot = '\0';
        global = global_new(cmd, before, dot + 1, equals + 1, errp);
    } else {
        list = keyval_parse(arg, NULL, errp);
        global = !list ? NULL
                       : global_new(cmd, keyval_get(list, "driver"),
                                    keyval_get(list, "property"),
                                    keyval_get(list, "value"), errp);
    }
    if (!global) {
        return false;
    }
    g_ptr_array_add(cmd->spec->globals, global);
    return true;
}

const KeyvalRow fw_cfg_keys[FW_CFG_KEY_COUNT] = {
    {"name", KEYVAL_STRING, 0, "its name, such as opt/org.example/x", NULL},
    {"file", KEYVAL_STRING, 0, "content from a file", NULL},
    {"string", KEYVAL_STRING, 0, "content as text", NULL},
};

bool option_fw_cfg(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    g_autoptr(KeyvalList) list = keyval_parse(arg, "name", errp);
    const char *name = list ? keyval_get(list, "name") : NULL;
    SpecItem *item;

    (void)row; /* the only one */
    if (!list) {
        return false;
    }
    if (!name || name[0] == '\0' || strlen(name) > 55) {
        error_set(errp, "name= of 1 to 55 characters is needed");
        return false;
    }
    if (!keyval_get(list, "file") == !keyval_get(list, "string") ||
        keyval_count(list) != 2) {
        error_set(errp, "one of file= and string= is needed, and nothing else");
        return false;
    }
    item = g_new0(SpecItem, 1);
    item->text = g_strdup(cmd->text);
    item->keyvals = g_steal_pointer(&list);
    g_ptr_array_add(cmd->spec->fw_cfg, item);
    return true;
}

bool option_audiodev(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    g_autoptr(SpecItem) item = parse_item(cmd, arg, "driver", errp);

    (void)row; /* the only one */
    if (item && strcmp(item->driver, "none") != 0) {
        error_set(errp, "only driver 'none' is possible, there is no sound");
        return false;
    }
    return item != NULL;
}

bool option_display(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    if (!option_accept_none(cmd, row, arg, errp)) {
        return false;
    }
    cmd->is_display_given = true;
    return true;
}

bool option_watchdog_action(Cmdline *cmd, const OptionRow *row, const char *arg,
                            GError **errp)
{
    static const char *const words[] = {"reset", "shutdown", "poweroff",   "pause",
                                        "debug", "none",     "inject-nmi", NULL};

    (void)cmd;
    (void)row; /* there is no watchdog to tell */
    if (!g_strv_contains(words, arg)) {
        error_set(errp, "possible are reset, shutdown, poweroff, pause, debug, none and "
                        "inject-nmi");
        return false;
    }
    return true;
}
