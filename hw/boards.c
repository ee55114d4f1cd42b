/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "boards.h"
#include "hw/devices.h"
#include "hw/machine.h"
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

static const char *const gic_names[] = {"host", "2", "3", "max", NULL};

/* The real-time clock is a device of its own, by which guests are told apart. */
static const Property machine_props[] = {
    {"acpi",                                                                              PROP_BOOL,                     offsetof(MachineConfig,                                                                    acpi),                                                                                                                                                                                         true,                                                                                                                                                                                                                                                                                                                                                                    .seen_by = SEEN_BY_X86,
     .doc = "ACPI tables for the guest (x86)"},
    {"accel",                                            PROP_STRING,                                                                         offsetof(MachineConfig,                                                                                                                                                            accel),
     .doc = "accelerators to try in order, separated by colons; kvm is the one there is"                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           },
    {"dump-guest-core", PROP_BOOL,                              offsetof(MachineConfig,                                                                                                       dump_guest_core),                                                                                                                                                                                                                                                                                           false,
     .doc = "guest memory in core dumps; it never is"},
    {"gic-version",                                                                              PROP_ENUM,                                                                   offsetof(MachineConfig,                                                                                                                                                            gic_version),                                                                                                                                                                                                                                                                                                                                             GIC_VERSION_HOST,
     .names = gic_names, .seen_by = SEEN_BY_ARM,
     .doc = "interrupt controller (arm64): host and max take 3 where KVM has it, else 2"},
    {"graphics",                                                                       PROP_BOOL,                                                                                    offsetof(MachineConfig,                                                                                                                                                                                            graphics),                                                                                                                                                                                                                                                                                                                                                                   false,
     .doc = "accepted; there is no display adapter"},
    {"iommu",                                                                          PROP_STRING,                        offsetof(MachineConfig,        iommu),
     .doc = "accepted where it says none; there is no IOMMU"},
    {"mem-merge",                                                                                   PROP_BOOL,                                                                                                          offsetof(MachineConfig,                                                                                                               mem_merge),                                                                                                                                                                                                                                                               true,
     .doc = "accepted; the host's KSM setting decides"},
    {"memory-backend",                                                                                   PROP_STRING,                                                                                                      offsetof(MachineConfig,                                                                                                    memory_backend),
     .doc = "id of the memory backend object that is the RAM"                                                                                                                                                                                                                                                                                                                                                                                                                },
    {"pit",                                   PROP_BOOL,                                                                offsetof(MachineConfig,                                                                                                                                          pit),                                                                                                                                                                                                                                          true,                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      .seen_by = SEEN_BY_X86,
     .doc = "i8254 timer in the kernel (x86)"},
    {"rtc",                            PROP_BOOL,                                                         offsetof(MachineConfig,                                                                                                                                              rtc),                                                                                                                                                                                                                                                                                                true,
     .doc = "real-time clock at port 0x70 (x86)"},
    {"smm",                                                                               PROP_STRING,                                                                                      offsetof(MachineConfig,                                                                                                                                                                      smm),
     .doc = "accepted; there is no firmware that would use it"                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     },
    {"usb",                                                             PROP_BOOL,                              offsetof(MachineConfig,usb),                                                                                                                                                                                                                                                                                                                                                                  false,
     .doc = "accepted where off; there is no USB"},
    {"vmport",PROP_STRING,offsetof(MachineConfig,vmport),
     .doc = "accepted; there is no such port"},
};

static const Property device_props[] = {0};

/* Where the board puts it. */
static const Property sysbus_props[] = {
    {"base", PROP_UINT64, offsetof(SysbusConfig, base), .read_only = true,
     .seen_by = SEEN_BY_ALL, .doc = "guest physical address"                      },
    {"irq",  PROP_UINT32, offsetof(SysbusConfig, irq),  .read_only = true,
     .seen_by = SEEN_BY_ALL, .doc = "shared interrupt, counted from the first one"},
};

void hw_register_types(TypeRegistry *registry)
{
    const ObjectType machine = {.name = TYPE_MACHINE,
                                .doc = "a board",
                                .is_abstract = true,
                                .instance_size = sizeof(MachineConfig),
                                .props = machine_props,
                                .prop_count = ARRAY_LEN(machine_props)};
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
    unsigned class_count;
    const DeviceClass *const *classes = device_classes(&class_count);

    type_registry_add(registry, &machine);
    type_registry_add(registry, &device);
    type_registry_add(registry, &sysbus);
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
        const char *parent = board->parent_type ? board->parent_type : TYPE_MACHINE;
        ObjectType type = {.parent = parent, .doc = board->doc, .data = board};

        if (!type_registry_find(registry, parent)) {
            type_registry_add(registry, &(ObjectType){.name = parent,
                                                      .parent = TYPE_MACHINE,
                                                      .doc = board->doc,
                                                      .is_abstract = true});
        }
        for (unsigned k = 0; k < (board->is_versioned ? version_count : 1); k++) {
            g_autofree char *name =
                board_machine_name(board, board->is_versioned ? &versions[k] : NULL);
            g_autofree char *type_name = g_strconcat(name, "-machine", NULL);

            type.name = g_intern_string(type_name);
            type_registry_add(registry, &type);
        }
    }
}
