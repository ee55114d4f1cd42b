/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spec-new.h"

#include <json-c/json.h>

#include "block/block.h"
#include "chardev/chardev.h"
#include "net/net.h"
#include "util/keyval.h"

void spec_item_free(SpecItem *item)
{
    if (item) {
        g_free(item->text);
        g_free(item->driver);
        g_free(item->id);
        keyval_free(item->keyvals);
        json_object_put(item->json);
        g_free(item);
    }
}

static void item_free(gpointer data)
{
    spec_item_free(data);
}

static void global_free(gpointer data)
{
    SpecGlobal *global = data;

    g_free(global->text);
    g_free(global->driver);
    g_free(global->property);
    g_free(global->value);
    g_free(global);
}

static void monitor_free(gpointer data)
{
    SpecMonitor *monitor = data;

    g_free(monitor->text);
    g_free(monitor->id);
    g_free(monitor->chardev);
    g_free(monitor);
}

static void fd_free(gpointer data)
{
    SpecFd *fd = data;

    g_free(fd->text);
    g_free(fd->opaque);
    g_free(fd);
}

static void config_free(gpointer data)
{
    chardev_config_free(data);
}

static void block_free(gpointer data)
{
    block_config_free(data);
}

static void net_free(gpointer data)
{
    net_config_free(data);
}

VmSpec *vm_spec_new(void)
{
    VmSpec *spec = g_new0(VmSpec, 1);

    spec->machine_options = keyval_new();
    spec->machine_accel = keyval_new();
    spec->rtc = keyval_new();
    spec->boot = keyval_new();
    spec->accels = g_ptr_array_new_with_free_func(item_free);
    spec->chardevs = g_ptr_array_new_with_free_func(config_free);
    spec->serials = g_ptr_array_new_with_free_func(g_free);
    spec->monitors = g_ptr_array_new_with_free_func(monitor_free);
    spec->blocks = g_ptr_array_new_with_free_func(block_free);
    spec->nets = g_ptr_array_new_with_free_func(net_free);
    spec->devices = g_ptr_array_new_with_free_func(item_free);
    spec->objects = g_ptr_array_new_with_free_func(item_free);
    spec->fw_cfg = g_ptr_array_new_with_free_func(item_free);
    spec->globals = g_ptr_array_new_with_free_func(global_free);
    spec->fds = g_ptr_array_new_with_free_func(fd_free);
    spec->trace = g_ptr_array_new_with_free_func(g_free);
    return spec;
}

void vm_spec_free(VmSpec *spec)
{
    if (!spec) {
        return;
    }
    char *const strings[] = {spec->query_name, spec->machine,  spec->cpu,
                             spec->cpu_text,   spec->kernel,   spec->initrd,
                             spec->append,     spec->name,     spec->uuid,
                             spec->pidfile,    spec->log_file, spec->incoming};
    GPtrArray *const arrays[] = {spec->accels,   spec->chardevs, spec->serials,
                                 spec->monitors, spec->devices,  spec->objects,
                                 spec->fw_cfg,   spec->globals,  spec->fds,
                                 spec->trace,    spec->blocks,   spec->nets};

    for (unsigned i = 0; i < G_N_ELEMENTS(strings); i++) {
        g_free(strings[i]);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(arrays); i++) {
        g_ptr_array_unref(arrays[i]);
    }
    keyval_free(spec->machine_options);
    keyval_free(spec->machine_accel);
    keyval_free(spec->rtc);
    keyval_free(spec->boot);
    keyval_free(spec->sandbox);
    g_free(spec);
}
