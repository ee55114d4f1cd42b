/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/qmp/monitors.h"

#include <string.h>

#include "monitor/monitor.h"
#include "qapi/commands.h"
#include "system/cmdline/cmdline.h"
#include "util/error.h"
#include "util/json.h"

struct Monitors {
    MonitorSet *set;
};

/* The release whose interface is followed; libvirt reads it. */
static json_object *version_new(void)
{
    const VersionTriple triple = {
        .major = CMDLINE_QEMU_MAJOR, .minor = CMDLINE_QEMU_MINOR, .micro = 0};
    const VersionInfo info = {.qemu = (VersionTriple *)&triple,
                              .package = (char *)"vpmu-" VPMU_VERSION};
    const VersionInfo *place = &info;

    return qapi_format(&qapi_type_version_info, &place);
}

/*
 * A program that libvirt started only to ask questions ends with the connection: nobody
 * would find it otherwise, should libvirt die.
 */
static void probe_is_over(void *opaque)
{
    Program *program = opaque;

    vm_quit(program->vm, SHUTDOWN_CAUSE_HOST_QMP_QUIT, 0);
}

static Chardev *find_chardev(const Program *program, const char *id)
{
    for (unsigned i = 0; i < program->chardevs->len; i++) {
        Chardev *chardev = g_ptr_array_index(program->chardevs, i);

        if (strcmp(chardev_id(chardev), id) == 0) {
            return chardev;
        }
    }
    return NULL;
}

Monitors *monitors_new(Program *program, GError **errp)
{
    Monitors *monitors = g_new0(Monitors, 1);
    const VmSpec *spec = program->spec;

    monitors->set = monitor_set_new(qmp_commands, version_new(), program);
    if (spec->is_daemonize && g_strcmp0(spec->machine, "none") == 0) {
        monitor_set_on_close(monitors->set, probe_is_over);
    }
    for (unsigned i = 0; i < spec->monitors->len; i++) {
        const SpecMonitor *monitor = g_ptr_array_index(spec->monitors, i);
        Chardev *chardev = find_chardev(program, monitor->chardev);

        if (!chardev || chardev_is_used(chardev)) {
            error_set(errp, "%s: chardev '%s' is in use by something else", monitor->text,
                      monitor->chardev);
            monitors_free(monitors);
            return NULL;
        }
        monitor_set_add(monitors->set, chardev, monitor->is_pretty);
    }
    return monitors;
}

void monitors_emit(Monitors *monitors, json_object *event)
{
    if (monitors) {
        monitor_set_emit(monitors->set, event);
    } else {
        json_object_put(event);
    }
}

void monitors_free(Monitors *monitors)
{
    if (monitors) {
        monitor_set_free(monitors->set);
        g_free(monitors);
    }
}
