/* SPDX-License-Identifier: GPL-2.0-or-later */
/* query-command-line-options: a walk over the option table. */
#include <string.h>

#include "qapi/commands.h"
#include "system/cmdline/options.h"
#include "util/error.h"

static CommandLineParameterType parameter_type(KeyvalKind kind)
{
    switch (kind) {
    case KEYVAL_BOOL:
        return COMMAND_LINE_PARAMETER_TYPE_BOOLEAN;
    case KEYVAL_UINT:
        return COMMAND_LINE_PARAMETER_TYPE_NUMBER;
    case KEYVAL_SIZE:
        return COMMAND_LINE_PARAMETER_TYPE_SIZE;
    default:
        return COMMAND_LINE_PARAMETER_TYPE_STRING;
    }
}

static CommandLineOptionInfo *option_info_new(const OptionRow *row)
{
    CommandLineOptionInfo *info = g_new0(CommandLineOptionInfo, 1);

    info->option = g_strdup(row->name);
    info->parameters = g_ptr_array_new();
    for (unsigned i = 0; i < row->key_count; i++) {
        const KeyvalRow *key = &row->keys[i];
        CommandLineParameterInfo *parameter = g_new0(CommandLineParameterInfo, 1);

        parameter->name = g_strdup(key->key);
        parameter->type = parameter_type(key->kind);
        parameter->help = g_strdup(key->doc);
        g_ptr_array_add(info->parameters, parameter);
    }
    return info;
}

/* Options with settings; an option without a fixed set of them takes "prop=value". */
static bool has_settings(const OptionRow *row)
{
    return row->group != OPTION_GROUP_REFUSED &&
           (row->key_count || (row->argument && strstr(row->argument, "=value")));
}

bool qmp_query_command_line_options(QmpContext *ctx,
                                    const QueryCommandLineOptionsArgs *args,
                                    GPtrArray **ret, GError **errp)
{
    GPtrArray *list = g_ptr_array_new();
    GPtrArray *place = list;

    (void)ctx; /* the same for every guest */
    for (unsigned i = 0; i < option_row_count; i++) {
        const OptionRow *row = &option_rows[i];

        if (has_settings(row) &&
            (!args->option || strcmp(args->option, row->name) == 0)) {
            g_ptr_array_add(list, option_info_new(row));
        }
    }
    if (args->option && list->len == 0) {
        error_set(errp, "there is no option '%s' with settings", args->option);
        qapi_clear(&qapi_list_command_line_option_info, &place);
        return false;
    }
    *ret = list;
    return true;
}
