/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/arm-cpu.h"

#include "util/bits.h"

static const char *const auto_names[] = {"auto", "on", "off", NULL};

#define FIELD(f) .offset = offsetof(ArmCpu, f)

static const Property arm_cpu_props[] = {
    {.name = "pmu",
     .kind = PROP_ENUM,
     FIELD(pmu),
     .names = auto_names,
     .type_name = "bool",
     .doc = "give the guest a performance monitoring unit"},
    {.name = "pmu-counters",
     .kind = PROP_UINT64,
     FIELD(pmu_counters),
     .default_value = UINT64_MAX,
     .doc = "number of event counters, at most what the source has"},
    {.name = "sve",
     .kind = PROP_ENUM,
     FIELD(sve),
     .names = auto_names,
     .type_name = "bool",
     .doc = "scalable vector extension"},
    {.name = "pauth",
     .kind = PROP_ENUM,
     FIELD(pauth),
     .names = auto_names,
     .type_name = "bool",
     .doc = "pointer authentication"},
    {.name = "aarch64",
     .kind = PROP_BOOL,
     FIELD(aarch64),
     .default_value = true,
     .doc = "start in 64-bit state"},
    {.name = "kvm-no-adjvtime",
     .kind = PROP_BOOL,
     FIELD(kvm_no_adjvtime),
     .doc = "virtual time goes on while the guest is stopped"},
    {.name = "kvm-steal-time",
     .kind = PROP_BOOL,
     FIELD(kvm_steal_time),
     .doc = "tell the guest how much time the host took"},
    {.name = "x-pmu-strict",
     .kind = PROP_BOOL,
     FIELD(x_pmu_strict),
     .doc = "use the kernel's strict PMU mode where it exists"},
};

void arm_cpu_register_types(TypeRegistry *registry)
{
    static const ObjectType types[] = {
        {.name = TYPE_ARM_CPU,
         .parent = "cpu",
         .doc = "an Arm processor",
         .is_abstract = true,
         .instance_size = sizeof(ArmCpu),
         .props = arm_cpu_props,
         .prop_count = ARRAY_LEN(arm_cpu_props)},
        {.name = "host" ARM_CPU_TYPE_SUFFIX,
         .parent = TYPE_ARM_CPU,
         .doc = "the host's processor"},
        {.name = "max" ARM_CPU_TYPE_SUFFIX,
         .parent = TYPE_ARM_CPU,
         .doc = "with KVM the same as host"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(types); i++) {
        type_registry_add(registry, &types[i]);
    }
}
