/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitors.h"

#include <json-c/json.h>

struct Monitors {
    const Program *program;
};

Monitors *monitors_new(Program *program, GError **errp)
{
    Monitors *monitors = g_new0(Monitors, 1);

    (void)errp;
    monitors->program = program;
    return monitors;
}

void monitors_emit(Monitors *monitors, json_object *event)
{
    (void)monitors;
    json_object_put(event);
}

void monitors_free(Monitors *monitors)
{
    g_free(monitors);
}
