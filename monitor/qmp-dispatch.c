/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/qmp-dispatch.h"

#include <string.h>

#include "monitor/monitor.h"
#include "qapi/command.h"
#include "util/error.h"
#include "util/json.h"

#define NEGOTIATE "qmp_capabilities"

static json_object *error_reply(const char *class, const char *text)
{
    json_object *error = json_object_new_object();
    json_object *reply = json_object_new_object();
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    json_add_string(error, "class", class);
    json_add_string(error, "desc", valid);
    json_add(reply, "error", error);
    return reply;
}

json_object *qmp_error_reply(const GError *error)
{
    const char *class = "GenericError";

    if (g_error_matches(error, VPMU_ERROR, VPMU_ERROR_NOT_FOUND)) {
        class = "DeviceNotFound";
    } else if (g_error_matches(error, VPMU_ERROR, VPMU_ERROR_NOT_ACTIVE)) {
        class = "DeviceNotActive";
    }
    return error_reply(class, error->message);
}

/* Says what is wrong with the form of a request; checks nothing inside arguments. */
static bool check_form(json_object *request, const char **ret_name,
                       json_object **ret_args, GError **errp)
{
    *ret_args = NULL;
    if (!json_object_is_type(request, json_type_object)) {
        error_set(errp, "a request must be an object");
        return false;
    }
    json_object_object_foreach(request, key, value)
    {
        if (strcmp(key, "arguments") == 0) {
            if (!json_object_is_type(value, json_type_object)) {
                error_set(errp, "request member 'arguments' must be an object");
                return false;
            }
            *ret_args = value;
        } else if (strcmp(key, "execute") != 0 && strcmp(key, "id") != 0) {
            error_set(errp, "request member '%s' is not known", key);
            return false;
        }
    }
    return json_get_string(request, "request", "execute", ret_name, errp);
}

static const QmpCommand *find_command(const QmpCommand *commands, const char *name)
{
    for (; commands->name; commands++) {
        if (strcmp(commands->name, name) == 0) {
            return commands;
        }
    }
    return NULL;
}

/* What a command returned, as JSON. */
static json_object *format_ret(const QmpCommand *command, const void *ret)
{
    json_object *value = command->ret ? qapi_format(command->ret, ret) : NULL;

    return value ? value : json_object_new_object();
}

/* NULL without an error where the answer comes later. */
static json_object *run_command(const QmpCommand *command, QmpContext *ctx,
                                json_object *args, GError **errp)
{
    g_autojson *none = json_object_new_object();
    uint64_t args_place = 0, ret_place = 0;
    json_object *value;
    void *parsed = NULL;
    bool ok;

    if (command->args) {
        if (!qapi_parse(command->args, args ? args : none, command->name, &args_place,
                        errp)) {
            return NULL;
        }
        memcpy(&parsed, &args_place, sizeof(parsed));
    } else if (args && json_object_object_length(args)) {
        error_set(errp, "%s takes no arguments", command->name);
        return NULL;
    }
    ok = command->invoke(ctx, parsed, &ret_place, errp);
    if (command->args) {
        qapi_clear(command->args, &args_place);
    }
    if (!ok) {
        return NULL;
    }
    value = ctx->later ? NULL : format_ret(command, &ret_place);
    if (command->ret) {
        qapi_clear(command->ret, &ret_place);
    }
    return value;
}

static json_object *value_reply(json_object *value)
{
    json_object *reply = json_object_new_object();

    json_add(reply, "return", value);
    return reply;
}

static json_object *reply_to(const QmpCommand *commands, QmpContext *ctx,
                             bool is_negotiated, json_object *request)
{
    g_autoptr(GError) error = NULL;
    const QmpCommand *command;
    const char *name;
    json_object *args, *value;
    g_autofree char *text = NULL;

    if (!check_form(request, &name, &args, &error)) {
        return qmp_error_reply(error);
    }
    if (is_negotiated == (strcmp(name, NEGOTIATE) == 0)) {
        return error_reply("CommandNotFound",
                           is_negotiated ? "capabilities are negotiated already"
                                         : "capabilities must be negotiated first, by "
                                           "command " NEGOTIATE);
    }
    command = find_command(commands, name);
    if (!command) {
        text = g_strdup_printf("there is no command '%s'", name);
        return error_reply("CommandNotFound", text);
    }
    value = run_command(command, ctx, args, &error);
    if (!value && !error) {
        ctx->later->command = command;
        return NULL;
    }
    return value ? value_reply(value) : qmp_error_reply(error);
}

json_object *qmp_dispatch(const QmpCommand *commands, QmpContext *ctx, bool is_negotiated,
                          json_object *request)
{
    json_object *reply = reply_to(commands, ctx, is_negotiated, request);
    json_object *id;

    if (json_object_is_type(request, json_type_object) &&
        json_object_object_get_ex(request, "id", &id)) {
        if (reply) {
            json_add(reply, "id", json_object_get(id));
        } else {
            ctx->later->id = json_object_get(id);
        }
    }
    return reply;
}

json_object *qmp_later_reply(const QmpLater *later, const void *ret, const GError *error)
{
    json_object *reply =
        error ? qmp_error_reply(error) : value_reply(format_ret(later->command, ret));

    if (later->id) {
        json_add(reply, "id", json_object_get(later->id));
    }
    return reply;
}
