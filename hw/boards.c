/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "boards.h"
#include "hw/devices.h"
#include "hw/machine-props.h"
#include "hw/machine.h"
#include "hw/pci.h"
#include "hw/rng-backend.h"
#include "hw/virtio.h"
#include "util/bits.h"
#include "util/near-name.h"

const Board *board_find(const char *name, const MachineVersion **ret_version)
{
    unsigned board_count, version_count;
    const Board *const *all = boards(&board_count);
    const MachineVersion *versions = machine_versions(&version_count);

    for (unsigned i = 0; i < board_count; i++) {
        const Board *board = all[i];

        if (!board->is_versioned) {
            if (strcmp(name, board->family) == 0) {
                *ret_version = NULL;
                return board;
            }
            continue;
        }
        if (board->alias && strcmp(name, board->alias) == 0) {
            *ret_version = &versions[0];
            return board;
        }
        for (unsigned k = 0; k < version_count; k++) {
            g_autofree char *full = board_machine_name(board, &versions[k]);

            if (strcmp(name, full) == 0) {
                *ret_version = &versions[k];
                return board;
            }
        }
    }
    return NULL;
}

char *board_near_hint(const char *name)
{
    unsigned board_count, version_count;
    const Board *const *all = boards(&board_count);
    const MachineVersion *versions = machine_versions(&version_count);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    NearName near = {.name = name};

    for (unsigned i = 0; i < board_count; i++) {
        g_ptr_array_add(names, g_strdup(all[i]->alias ? all[i]->alias : all[i]->family));
        for (unsigned k = 0; all[i]->is_versioned && k < version_count; k++) {
            g_ptr_array_add(names, board_machine_name(all[i], &versions[k]));
        }
    }
    for (unsigned i = 0; i < names->len; i++) {
        near_name_offer(&near, g_ptr_array_index(names, i));
    }
    return near.best ? near_name_hint(&near) : g_strdup("; see -machine help");
}

char *board_machine_name(const Board *board, const MachineVersion *version)
{
    return version ? g_strdup_printf("%s-%s", board->family, version->name)
                   : g_strdup(board->family);
}

static const Property device_props[] = {0};

/* Where the board puts it. */
static const Property sysbus_props[] = {
    {"base", PROP_UINT64, offsetof(SysbusConfig, base), .read_only = true,
     .seen_by = SEEN_BY_ALL, .doc = "guest physical address"},
    {"irq", PROP_UINT32, offsetof(SysbusConfig, irq), .read_only = true,
     .seen_by = SEEN_BY_ALL, .doc = "shared interrupt, counted from the first one"},
};

static const Property pci_props[] = {
    {"addr", PROP_STRING, offsetof(DeviceConfig, addr), .seen_by = SEEN_BY_ALL,
     .doc = "slot and function on its bus, hexadecimal: 2 or 02.0"},
    {"bus", PROP_STRING, offsetof(DeviceConfig, bus), .deprecated_alias = true,
     .seen_by = SEEN_BY_ALL, .doc = "pcie.0, or the id of a root port"},
    {"multifunction", PROP_BOOL, offsetof(DeviceConfig, multifunction),
     .seen_by = SEEN_BY_ALL, .doc = "the slot has more functions than this one"},
};

void hw_register_types(TypeRegistry *registry)
{
    const ObjectType device = {.name = TYPE_DEVICE,
                               .doc = "something on a board",
                               .is_abstract = true,
                               .instance_size = sizeof(Object),
                               .props = device_props};
    const ObjectType sysbus = {.name = TYPE_SYSBUS_DEVICE,
                               .parent = TYPE_DEVICE,
                               .doc = "a memory-mapped device of a board",
                               .is_abstract = true,
                               .instance_size = sizeof(SysbusConfig),
                               .props = sysbus_props,
                               .prop_count = ARRAY_LEN(sysbus_props)};
    const ObjectType pci = {.name = TYPE_PCI_DEVICE,
                            .parent = TYPE_DEVICE,
                            .doc = "a function of a PCI Express bus",
                            .is_abstract = true,
                            .instance_size = sizeof(DeviceConfig),
                            .props = pci_props,
                            .prop_count = ARRAY_LEN(pci_props)};
    /* libvirt takes vmport=off for known where it finds the type. */
    const ObjectType vmport = {.name = "vmport",
                               .parent = TYPE_DEVICE,
                               .doc = "VMware's port, which no machine here has",
                               .instance_size = sizeof(Object),
                               .props = device_props};
    unsigned class_count;
    const DeviceClass *const *classes = device_classes(&class_count);

    machine_props_register(registry);
    type_registry_add(registry, &device);
    type_registry_add(registry, &sysbus);
    type_registry_add(registry, &pci);
    type_registry_add(registry, &vmport);
    virtio_register_types(registry);
    rng_backend_register_types(registry);
    for (unsigned i = 0; i < class_count; i++) {
        type_registry_add(registry, &classes[i]->type);
    }
    boards_register_types(registry);
}

/* One type per board and version: "pc-q35-9.0-machine". */
void boards_register_types(TypeRegistry *registry)
{
    unsigned board_count, version_count;
    const Board *const *all = boards(&board_count);
    const MachineVersion *versions = machine_versions(&version_count);

    for (unsigned i = 0; i < board_count; i++) {
        const Board *board = all[i];
        const char *parent = machine_props_register_family(registry, board->family);
        ObjectType type = {.parent = parent, .doc = board->doc, .data = board};

        for (unsigned k = 0; k < (board->is_versioned ? version_count : 1); k++) {
            g_autofree char *name =
                board_machine_name(board, board->is_versioned ? &versions[k] : NULL);
            g_autofree char *type_name = g_strconcat(name, "-machine", NULL);

            type.name = g_intern_string(type_name);
            type_registry_add(registry, &type);
        }
    }
}
