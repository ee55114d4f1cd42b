/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/machine-props.h"

#include <string.h>

#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"
#include "util/keyval.h"

static const char *const gic_names[] = {"host", "2", "3", "max", NULL};

/* What may be said of what is not there: "off", or what Property.values lists. */
static bool set_absent(Object *object, const Property *prop, json_object *value,
                       PropertyOrigin origin, GError **errp)
{
    static const char *const off[] = {"off", "no", "false", "n", "none", NULL};
    const char *text = json_object_get_string(value);
    g_auto(GStrv) words = g_strsplit(prop->values ? prop->values : "off", "|", -1);

    (void)object;
    (void)origin;
    if (g_strv_contains(off, text) || g_strv_contains((const char *const *)words, text)) {
        return true;
    }
    error_set(errp, "'%s': %s; %s is accepted", text, (const char *)prop->data,
              prop->values ? prop->values : "off");
    return false;
}

static json_object *get_absent(const Object *object, const Property *prop)
{
    (void)object;
    return prop->values ? json_object_new_string("off") : json_object_new_boolean(false);
}

/* "auto" is what the board has by itself. */
static bool set_on_auto(Object *object, const Property *prop, json_object *value,
                        PropertyOrigin origin, GError **errp)
{
    bool *place = (bool *)((char *)object + prop->offset);
    const char *text = json_object_get_string(value);

    (void)origin;
    if (strcmp(text, "auto") == 0) {
        *place = true;
        return true;
    }
    if (!keyval_parse_bool(prop->name, text, place, NULL)) {
        error_set(errp, "'%s' is none of on, off and auto", text);
        return false;
    }
    return true;
}

static json_object *get_on_auto(const Object *object, const Property *prop)
{
    return json_object_new_boolean(*(const bool *)((const char *)object + prop->offset));
}

#define BOOL(prop, field, on, seen, text)                                                \
    {                                                                                    \
        .name = prop, .kind = PROP_BOOL, .offset = offsetof(MachineConfig, field),       \
        .default_value = on, .seen_by = seen, .doc = text                                \
    }
/* One that machine_init() switches on. */
#define ON_AUTO(prop, field, seen, text)                                                 \
    {                                                                                    \
        .name = prop, .kind = PROP_CUSTOM, .offset = offsetof(MachineConfig, field),     \
        .type_name = "bool", .values = "on|off|auto", .set = set_on_auto,                \
        .get = get_on_auto, .seen_by = seen, .doc = text                                 \
    }
#define STRING(prop, field, text)                                                        \
    {                                                                                    \
        .name = prop, .kind = PROP_STRING, .offset = offsetof(MachineConfig, field),     \
        .doc = text                                                                      \
    }
/* What the machines of that name have elsewhere, and these do not. */
#define ABSENT(prop, why)                                                                \
    {                                                                                    \
        .name = prop, .kind = PROP_CUSTOM, .type_name = "bool", .set = set_absent,       \
        .get = get_absent, .data = why, .doc = "accepted where off; " why                \
    }
#define ABSENT_AUTO(prop, why)                                                           \
    {                                                                                    \
        .name = prop, .kind = PROP_CUSTOM, .type_name = "OnOffAuto",                     \
        .values = "off|auto", .set = set_absent, .get = get_absent, .data = why,         \
        .doc = "accepted where not on; " why                                             \
    }
/* Whatever is said of it, there is nothing it would change. */
#define WITHOUT_EFFECT(prop, type, words, why)                                           \
    {                                                                                    \
        .name = prop, .kind = PROP_CUSTOM, .type_name = type, .values = words,           \
        .set = set_absent, .get = get_absent, .data = why, .doc = "accepted; " why       \
    }

/* Sorted by name. */
static const Property common_props[] = {
    STRING("accel", accel,
           "accelerators to try in order, separated by colons; kvm is the one there is"),
    ABSENT("aux-ram-share", "there is no memory beside the RAM"),
    ABSENT("confidential-guest-support", "there are no encrypted guests"),
    BOOL("dump-guest-core", dump_guest_core, false, 0,
         "guest memory in core dumps; it never is"),
    ABSENT("graphics", "there is no display adapter"),
    ABSENT("igd-passthru", "there are no assigned devices"),
    ABSENT("iommu", "there is no IOMMU"),
    BOOL("mem-merge", mem_merge, true, 0, "accepted; the host's KSM setting decides"),
    STRING("memory-backend", memory_backend,
           "id of the memory backend object that is the RAM"),
    ABSENT("memory-encryption", "there are no encrypted guests"),
    ABSENT("nvdimm", "there is no persistent memory"),
    WITHOUT_EFFECT("suppress-vmdesc", "str", "on|off",
                   "no description goes with a migration"),
    ABSENT("usb", "there is no USB"),
};

static const Property q35_props[] = {
    ON_AUTO("acpi", acpi, SEEN_BY_X86, "ACPI tables for the guest"),
    ABSENT("cxl", "there is no CXL"),
    ABSENT("default-bus-bypass-iommu", "there is no IOMMU"),
    ABSENT("fd-bootchk", "there is no floppy drive"),
    ABSENT("hmat", "there is one NUMA node"),
    ABSENT("hpet", "there is no HPET"),
    BOOL("i8042", i8042, true, SEEN_BY_X86,
         "keyboard controller, which resets the guest"),
    BOOL("pit", pit, true, SEEN_BY_X86, "i8254 timer in the kernel"),
    BOOL("rtc", rtc, true, SEEN_BY_X86, "real-time clock at port 0x70"),
    ABSENT("sata", "there are no disks"),
    WITHOUT_EFFECT("smbios-entry-point-type", "str", "32|64|auto",
                   "there are no SMBIOS tables"),
    ABSENT("smbus", "there is no SMBus"),
    ABSENT_AUTO("smm", "there is no firmware that would use it"),
    ABSENT_AUTO("vmport", "there is no such port"),
};

static const Property microvm_props[] = {
    ON_AUTO("acpi", acpi, SEEN_BY_X86, "ACPI tables for the guest"),
    BOOL("auto-kernel-cmdline", auto_kernel_cmdline, true, 0,
         "without ACPI the kernel's command line names the virtio devices"),
    ABSENT_AUTO("ioapic2", "there is one IOAPIC"),
    BOOL("isa-serial", isa_serial, true, 0, "serial ports; off leaves -serial out"),
    ABSENT_AUTO("pcie", "there is no PCI Express"),
    WITHOUT_EFFECT("pic", "OnOffAuto", "on|off|auto",
                   "KVM's own is behind its ports, and nothing describes it"),
    ON_AUTO("pit", pit, SEEN_BY_X86, "i8254 timer in the kernel"),
    ON_AUTO("rtc", rtc, SEEN_BY_X86, "real-time clock at port 0x70"),
    ABSENT("x-option-roms", "there are no option ROMs"),
};

static const Property virt_props[] = {
    ON_AUTO("acpi", acpi, 0, "accepted; the device tree describes the board"),
    ABSENT("compact-highmem", "there is no region above the RAM"),
    ABSENT("cxl", "there is no CXL"),
    ABSENT("default-bus-bypass-iommu", "there is no IOMMU"),
    ABSENT("dtb-randomness", "the device tree has no seeds"),
    {.name = "gic-version",
     .kind = PROP_ENUM,
     .offset = offsetof(MachineConfig, gic_version),
     .default_value = GIC_VERSION_HOST,
     .names = gic_names,
     .seen_by = SEEN_BY_ARM,
     .doc = "interrupt controller: host and max take 3 where KVM has it, else 2"},
    BOOL("highmem", highmem, true, 0, "guest memory may reach above 4 GiB"),
    ABSENT("highmem-ecam", "there is no PCI Express"),
    ABSENT("highmem-mmio", "there is no PCI Express"),
    ABSENT("hmat", "there is one NUMA node"),
    ABSENT_AUTO("its", "there is no PCI Express, so no interrupts by message"),
    ABSENT("mte", "memory tags are given to no guest"),
    ABSENT("ras", "errors of memory are told to no guest"),
    ABSENT("secure", "the secure world is for emulation"),
    ABSENT("virtualization", "guests are given no EL2"),
};

/* Families, the types that stand for them as in QEMU, and what their boards accept. */
static const struct {
    const char *family, *type, *doc;
    const Property *props;
    unsigned count;
} families[] = {
    {"pc-q35", "generic-pc-machine", "a PC", q35_props, ARRAY_LEN(q35_props)},
    {"pc-i440fx", "generic-pc-machine", "a PC", q35_props, ARRAY_LEN(q35_props)},
    {"microvm", "x86-machine", "a minimal PC", microvm_props, ARRAY_LEN(microvm_props)},
    {"virt", "virt-machine", "an arm64 board", virt_props, ARRAY_LEN(virt_props)},
};

/* What a board has unless it says otherwise, and ports where there is no switch. */
static void machine_init(Object *object)
{
    MachineConfig *config = (MachineConfig *)object;

    config->acpi = config->rtc = config->pit = config->isa_serial = true;
}

void machine_props_register(TypeRegistry *registry)
{
    type_registry_add(registry, &(ObjectType){.name = TYPE_MACHINE,
                                              .doc = "a board",
                                              .is_abstract = true,
                                              .instance_size = sizeof(MachineConfig),
                                              .props = common_props,
                                              .prop_count = ARRAY_LEN(common_props),
                                              .init = machine_init});
}

const char *machine_props_register_family(TypeRegistry *registry, const char *family)
{
    unsigned i = 0;

    while (i < ARRAY_LEN(families) && strcmp(families[i].family, family) != 0) {
        i++;
    }
    if (i == ARRAY_LEN(families)) {
        return TYPE_MACHINE; /* it accepts what all do */
    }
    if (!type_registry_find(registry, families[i].type)) {
        type_registry_add(registry, &(ObjectType){.name = families[i].type,
                                                  .parent = TYPE_MACHINE,
                                                  .doc = families[i].doc,
                                                  .is_abstract = true,
                                                  .props = families[i].props,
                                                  .prop_count = families[i].count});
    }
    return families[i].type;
}
