/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/plan/types.h"

#include "hw/machine.h"
#include "system/plan/host-arch.h"
#include "target/cpu-resolve.h"
#include "util/bits.h"

static const Property memory_backend_props[] = {
    {"dump", PROP_BOOL, offsetof(MemoryBackend, dump), false,
     .doc = "accepted; guest memory is never in core dumps"},
    {"merge", PROP_BOOL, offsetof(MemoryBackend, merge), false,
     .doc = "accepted; the host's KSM setting decides"},
    {"prealloc", PROP_BOOL, offsetof(MemoryBackend, prealloc), false,
     .doc = "accepted; pages are taken when first used"},
    {"share", PROP_BOOL, offsetof(MemoryBackend, share), false,
     .doc = "accepted; the memory is private to the process"},
    {"size", PROP_SIZE, offsetof(MemoryBackend, size), 0,
     .doc = "bytes of RAM, the same as -m"},
};

/* A file with a key libvirt hands over; nothing here needs it. */
typedef struct Secret {
    Object object;
    char *format, *file, *data;
} Secret;

static const Property secret_props[] = {
    {"data", PROP_STRING, offsetof(Secret, data),
     .doc = "accepted; nothing is encrypted"},
    {"file", PROP_STRING, offsetof(Secret, file),
     .doc = "accepted; nothing is encrypted"},
    {"format", PROP_STRING, offsetof(Secret, format),
     .doc = "accepted; nothing is encrypted"},
};

typedef struct BoardPart {
    Object object;
    int policy;
} BoardPart;

static const ObjectType container_type = {
    .name = TYPE_CONTAINER,
    .doc = "a folder of objects",
    .instance_size = sizeof(Object),
};

static const ObjectType memory_backend_type = {
    .name = TYPE_MEMORY_BACKEND,
    .doc = "where guest RAM comes from",
    .is_abstract = true,
    .instance_size = sizeof(MemoryBackend),
    .props = memory_backend_props,
    .prop_count = ARRAY_LEN(memory_backend_props),
};

static const ObjectType memory_backend_ram_type = {
    .name = "memory-backend-ram",
    .parent = TYPE_MEMORY_BACKEND,
    .doc = "anonymous memory of this process",
    .is_user_creatable = true,
};

static const ObjectType secret_type = {
    .name = "secret",
    .doc = "a key for encrypted storage",
    .is_user_creatable = true,
    .instance_size = sizeof(Secret),
    .props = secret_props,
    .prop_count = ARRAY_LEN(secret_props),
};

static const char *const tick_policies[] = {"discard", "delay", NULL};

static const Property kvm_pit_props[] = {
    {.name = "lost_tick_policy",
     .kind = PROP_ENUM,
     .offset = offsetof(BoardPart, policy),
     .names = tick_policies,
     .default_value = 1,
     .type_name = "LostTickPolicy",
     .doc = "what becomes of timer ticks the guest missed"},
};

static const ObjectType board_part_types[] = {
    {.name = "kvm-pit",
     .parent = TYPE_DEVICE,
     .doc = "i8254 timer in the kernel",
     .instance_size = sizeof(BoardPart),
     .props = kvm_pit_props,
     .prop_count = ARRAY_LEN(kvm_pit_props)},
};

void vm_types_register(TypeRegistry *registry)
{
    target_register_types(registry);
    hw_register_types(registry);
    type_registry_add(registry, &container_type);
    type_registry_add(registry, &memory_backend_type);
    type_registry_add(registry, &memory_backend_ram_type);
    type_registry_add(registry, &secret_type);
    for (unsigned i = 0;
         HOST_ARCH == TARGET_ARCH_X86_64 && i < ARRAY_LEN(board_part_types); i++) {
        type_registry_add(registry, &board_part_types[i]);
    }
}
