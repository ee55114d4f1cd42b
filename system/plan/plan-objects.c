/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolving.h"

#include "block/block.h"
#include "hw/devices.h"
#include "net/net.h"
#include "system/cmdline/vm-spec.h"
#include "util/error.h"
#include "util/json.h"
#include "util/keyval.h"

Object *plan_add_object(Object *parent, const TypeRegistry *registry, const char *type,
                        const char *id, GError **errp)
{
    Object *object = object_new(registry, type, id, errp);

    if (object) {
        object_add_child(parent, object);
    }
    return object;
}

bool plan_apply_defaults(const Resolving *r, Object *object, GError **errp)
{
    return object_apply_compat(object, (const CompatProperty *)r->plan->compat->data,
                               r->plan->compat->len, ORIGIN_COMPAT, errp) &&
           object_apply_compat(object, (const CompatProperty *)r->plan->globals->data,
                               r->plan->globals->len, ORIGIN_GLOBAL, errp);
}

bool plan_apply_keyvals(Object *object, const KeyvalList *list, const char *text,
                        GError **errp)
{
    for (unsigned i = 0; list && i < keyval_count(list); i++) {
        const KeyvalPair *pair = keyval_at(list, i);

        if (!object_set_string(object, pair->key, pair->value, ORIGIN_USER, errp)) {
            g_prefix_error(errp, "%s: ", text);
            return false;
        }
    }
    return true;
}

bool plan_apply_json(Object *object, json_object *json, const char *text, GError **errp)
{
    if (!json) {
        return true;
    }
    json_object_object_foreach(json, name, value)
    {
        if (!object_set_json(object, name, value, ORIGIN_USER, errp)) {
            g_prefix_error(errp, "%s: ", text);
            return false;
        }
    }
    return true;
}

static bool apply_item(const Resolving *r, Object *object, const SpecItem *item,
                       GError **errp)
{
    return plan_apply_defaults(r, object, errp) &&
           plan_apply_keyvals(object, item->keyvals, item->text, errp) &&
           plan_apply_json(object, item->json, item->text, errp);
}

bool plan_check_device(const Board *board, const SpecItem *item, GError **errp)
{
    const DeviceClass *class = device_class_find(item->driver);

    if (!class || !class->type.is_user_creatable || !board->has_cpus) {
        error_set_code(errp, VPMU_ERROR_NOT_FOUND,
                       "%s: '%s' is not a device this machine can have; see -device help",
                       item->text, item->driver);
        return false;
    }
    return true;
}

/* -serial: one port each; a missing port is left out. */
static bool plan_serials(Resolving *r, GError **errp)
{
    const GPtrArray *serials = r->spec->serials;
    const Board *board = r->plan->machine->board;

    if (!board->new_serial || !r->plan->machine->config->isa_serial) {
        return true;
    }
    for (unsigned i = 0; i < serials->len; i++) {
        const char *chardev = g_ptr_array_index(serials, i);
        Object *object;

        if (!*chardev) {
            continue;
        }
        object = board->new_serial(r->registry, i, errp);
        if (!object) {
            return false;
        }
        g_ptr_array_add(r->plan->built_in, object);
        if (!object_set_string(object, "chardev", chardev, ORIGIN_USER, errp) ||
            !machine_plan_add_device(r->plan->machine, object, errp)) {
            return false;
        }
    }
    return true;
}

static bool plan_device(Resolving *r, const SpecItem *item, GError **errp)
{
    Object *object;

    if (!plan_check_device(r->plan->machine->board, item, errp)) {
        return false;
    }
    if (item->id && object_find(r->peripheral, item->id)) {
        error_set(errp, "%s: id '%s' is taken", item->text, item->id);
        return false;
    }
    object = item->id ? plan_add_object(r->peripheral, r->registry, item->driver,
                                        item->id, errp)
                      : object_new(r->registry, item->driver, NULL, errp);
    if (!object) {
        return false;
    }
    if (!item->id) {
        g_ptr_array_add(r->plan->built_in, object);
    }
    return apply_item(r, object, item, errp) &&
           machine_plan_add_device(r->plan->machine, object, errp);
}

bool plan_objects(Resolving *r, GError **errp)
{
    Object *folder = object_find(r->plan->root, "/objects");

    for (unsigned i = 0; i < r->spec->objects->len; i++) {
        const SpecItem *item = g_ptr_array_index(r->spec->objects, i);
        const ObjectType *type = type_registry_find(r->registry, item->driver);
        Object *object;

        if (!type || !type->is_user_creatable || device_class_find(item->driver)) {
            error_set_code(errp, VPMU_ERROR_NOT_FOUND,
                           "%s: there is no object type '%s'; see -object help",
                           item->text, item->driver);
            return false;
        }
        if (!item->id || object_find(folder, item->id)) {
            error_set(errp, "%s: %s", item->text,
                      item->id ? "the id is taken" : "id= is missing");
            return false;
        }
        object = plan_add_object(folder, r->registry, item->driver, item->id, errp);
        if (!object || !apply_item(r, object, item, errp)) {
            return false;
        }
    }
    return true;
}

/* -drive if=virtio: a disk for each, on the bus this board has for it. */
static bool plan_drives(Resolving *r, GError **errp)
{
    const GPtrArray *blocks = r->spec->blocks;
    MachinePlan *machine = r->plan->machine;
    const char *type = machine->pci ? "virtio-blk-pci" : "virtio-blk-device";

    for (unsigned i = 0; i < blocks->len; i++) {
        const BlockConfig *config = g_ptr_array_index(blocks, i);
        Object *object;

        if (!config->is_drive || config->interface != BLOCK_INTERFACE_VIRTIO) {
            continue;
        }
        object = object_new(r->registry, type, NULL, errp);
        if (!object) {
            g_prefix_error(errp, "%s: ", config->text);
            return false;
        }
        g_ptr_array_add(r->plan->built_in, object);
        if (!plan_apply_defaults(r, object, errp) ||
            !object_set_string(object, "drive", config->id, ORIGIN_USER, errp) ||
            !machine_plan_add_device(machine, object, errp)) {
            g_prefix_error(errp, "%s: ", config->text);
            return false;
        }
    }
    return true;
}

/* -nic: a card for each, of the model that was asked for or the one this board has. */
static bool plan_nics(Resolving *r, GError **errp)
{
    const GPtrArray *nets = r->spec->nets;
    MachinePlan *machine = r->plan->machine;
    const char *usual = machine->pci ? "virtio-net-pci" : "virtio-net-device";

    for (unsigned i = 0; i < nets->len; i++) {
        const NetConfig *config = g_ptr_array_index(nets, i);
        bool is_usual = !config->model || g_strcmp0(config->model, "virtio") == 0;
        Object *object;

        if (!config->is_nic) {
            continue;
        }
        if (!is_usual && !g_str_has_prefix(config->model, "virtio-net-")) {
            error_set(errp, "%s: model=%s: virtio and virtio-net-pci are possible here",
                      config->text, config->model);
            return false;
        }
        object = object_new(r->registry, is_usual ? usual : config->model, NULL, errp);
        if (!object) {
            g_prefix_error(errp, "%s: ", config->text);
            return false;
        }
        g_ptr_array_add(r->plan->built_in, object);
        if (!plan_apply_defaults(r, object, errp) ||
            !object_set_string(object, "netdev", config->id, ORIGIN_USER, errp) ||
            (config->mac &&
             !object_set_string(object, "mac", config->mac, ORIGIN_USER, errp)) ||
            !machine_plan_add_device(machine, object, errp)) {
            g_prefix_error(errp, "%s: ", config->text);
            return false;
        }
    }
    return true;
}

bool plan_devices(Resolving *r, GError **errp)
{
    MachinePlan *machine = r->plan->machine;

    if (!machine->board->plan(machine, r->plan->built_in, r->registry, errp) ||
        !plan_serials(r, errp)) {
        return false;
    }
    for (unsigned i = 0; i < r->spec->devices->len; i++) {
        if (!plan_device(r, g_ptr_array_index(r->spec->devices, i), errp)) {
            return false;
        }
    }
    return plan_drives(r, errp) && plan_nics(r, errp) && pci_plan_assign(machine, errp);
}
