/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/cpu-binding.h"

#include "checks.h"
#include "util/json.h"

static void bind_source(CpuBinding *binding, const ArmContract *arm,
                        const HostProfile *host, const KvmAccel *accel)
{
    const PmuSource *source = arm_host_source(host, arm->pmu_source);

    if (source) {
        binding->pmu_type = source->type;
        binding->pmu_cpus = cpu_set_copy(source->cpus);
        binding->confine =
            arm->is_partial && (!accel || accel->pmu_affinity == PMU_AFFINITY_AUTO);
    }
}

CpuBinding *cpu_bind(const CpuContract *contract, const HostProfile *host,
                     const KvmAccel *accel)
{
    CpuBinding *binding = g_new0(CpuBinding, 1);

    binding->pmu_type = -1;
    binding->mode = contract->pmu_enabled ? host_profile_mode(host) : HOST_MODE_UNKNOWN;
    if (contract->arch == TARGET_ARCH_X86_64) {
        binding->disable_pmu =
            !contract->pmu_enabled && host_profile_can_disable_pmu(host);
    } else {
        bind_source(binding, &contract->arm, host, accel);
    }
    return binding;
}

void cpu_binding_free(CpuBinding *binding)
{
    if (binding) {
        cpu_set_free(binding->pmu_cpus);
        g_free(binding);
    }
}

json_object *cpu_binding_to_json(const CpuBinding *binding, TargetArch arch)
{
    json_object *json = json_object_new_object();

    json_add_string(json, "mode", host_mode_name(binding->mode));
    if (arch == TARGET_ARCH_X86_64) {
        json_add_bool(json, "disable-pmu", binding->disable_pmu);
        return json;
    }
    if (binding->pmu_type >= 0) {
        json_add_uint(json, "pmu-type", (uint64_t)binding->pmu_type);
    }
    if (binding->pmu_cpus) {
        g_autofree char *cpus = cpu_set_format(binding->pmu_cpus);

        json_add_string(json, "pmu-cpus", cpus);
    }
    json_add_bool(json, "confine", binding->confine);
    return json;
}
