/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/host-profile.h"

#include <string.h>

#include "util/json.h"

/* Source: Linux uapi of arm64, asm/kvm.h; Linux virt/kvm/devices/vcpu.rst, section 1. */
const ArmPmuAttrRow arm_pmu_attr_rows[ARM_ATTR_COUNT] = {
    [ARM_ATTR_SET_PMU] = {"set-pmu", 3},
    [ARM_ATTR_NR_COUNTERS] = {"nr-counters", 4},
    [ARM_ATTR_FIXED_COUNTERS_ONLY] = {"fixed-counters-only", 5},
};

/* Numbers: Linux uapi, kvm.h. */
const KvmCapRow kvm_cap_rows[KVM_CAPID_COUNT] = {
    [KVM_CAPID_SPLIT_IRQCHIP] = {"split-irqchip", 121, true, false},
    [KVM_CAPID_GET_MSR_FEATURES] = {"get-msr-features", 153, true, false},
    [KVM_CAPID_PMU_EVENT_FILTER] = {"pmu-event-filter", 173, true, false},
    [KVM_CAPID_PMU_EVENT_MASKED_EVENTS] = {"pmu-event-masked-events", 226, true, false},
    [KVM_CAPID_PMU_CAPABILITY] = {"pmu-capability", 212, true, false},
    [KVM_CAPID_DISABLE_QUIRKS2] = {"disable-quirks2", 213, true, false},
    [KVM_CAPID_TSC_CONTROL] = {"tsc-control", 60, true, false},
    [KVM_CAPID_X2APIC_API] = {"x2apic-api", 129, true, false},
    [KVM_CAPID_XSAVE2] = {"xsave2", 208, true, false},
    [KVM_CAPID_NR_VCPUS] = {"nr-vcpus", 9, true, true},
    [KVM_CAPID_MAX_VCPUS] = {"max-vcpus", 66, true, true},
    [KVM_CAPID_DIRTY_RING] = {"dirty-log-ring-acq-rel", 223, true, true},
    [KVM_CAPID_ARM_PMU_V3] = {"pmu-v3", 126, false, true},
    [KVM_CAPID_ARM_PMU_V3_STRICT] = {"pmu-v3-strict", 251, false, true},
    [KVM_CAPID_ARM_EL1_32BIT] = {"el1-32bit", 105, false, true},
    [KVM_CAPID_ARM_VM_IPA_SIZE] = {"vm-ipa-size", 165, false, true},
    [KVM_CAPID_ARM_SVE] = {"sve", 170, false, true},
    [KVM_CAPID_ARM_PTRAUTH_ADDRESS] = {"ptrauth-address", 171, false, true},
    [KVM_CAPID_ARM_PTRAUTH_GENERIC] = {"ptrauth-generic", 172, false, true},
};

static void module_parameter_clear(gpointer data)
{
    ModuleParameter *parameter = data;

    g_free(parameter->module);
    g_free(parameter->name);
    g_free(parameter->value);
}

static void source_clear(gpointer data)
{
    PmuSource *source = data;

    g_free(source->name);
    g_free(source->location);
    cpu_set_free(source->cpus);
    cpu_set_free(source->cpumask);
}

static void id_reg_clear(gpointer data)
{
    g_free(((ArmIdReg *)data)->name);
}

static GArray *array_new(size_t size, GDestroyNotify clear)
{
    GArray *array = g_array_new(FALSE, TRUE, (guint)size);

    g_array_set_clear_func(array, clear);
    return array;
}

HostProfile *host_profile_new(TargetArch arch)
{
    HostProfile *host = g_new0(HostProfile, 1);

    host->arch = arch;
    host->nmi_watchdog = -1;
    host->module_parameters = array_new(sizeof(ModuleParameter), module_parameter_clear);
    host->sources = array_new(sizeof(PmuSource), source_clear);
    host->x86.supported = array_new(sizeof(X86CpuidEntry), NULL);
    host->x86.cpuid = array_new(sizeof(X86CpuidEntry), NULL);
    host->x86.feature_msrs = array_new(sizeof(X86Msr), NULL);
    host->x86.msr_indices = array_new(sizeof(uint32_t), NULL);
    host->x86.msrs_refused = array_new(sizeof(uint32_t), NULL);
    host->arm.id_regs = array_new(sizeof(ArmIdReg), id_reg_clear);
    host->arm.registers = array_new(sizeof(uint64_t), NULL);
    return host;
}

void host_profile_free(HostProfile *host)
{
    if (!host) {
        return;
    }
    g_free(host->origin_detail);
    g_free(host->kernel);
    g_free(host->model_name);
    g_free(host->cpus_problem);
    cpu_set_free(host->possible);
    cpu_set_free(host->present);
    cpu_set_free(host->online);
    cpu_set_free(host->allowed);
    g_array_unref(host->module_parameters);
    g_array_unref(host->sources);
    g_array_unref(host->x86.supported);
    g_array_unref(host->x86.cpuid);
    g_array_unref(host->x86.feature_msrs);
    g_array_unref(host->x86.msr_indices);
    g_array_unref(host->x86.msrs_refused);
    g_array_unref(host->arm.id_regs);
    g_array_unref(host->arm.registers);
    g_free(host);
}

bool host_profile_equal(const HostProfile *a, const HostProfile *b)
{
    g_autojson *one = host_profile_format(a);
    g_autojson *two = host_profile_format(b);

    json_object_object_del(one, "origin");
    json_object_object_del(two, "origin");
    return json_object_equal(one, two);
}

void host_profile_add_module_parameter(HostProfile *host, const char *module,
                                       const char *name, const char *value)
{
    ModuleParameter parameter = {g_strdup(module), g_strdup(name), g_strdup(value)};

    g_array_append_val(host->module_parameters, parameter);
}

const char *host_profile_module_parameter(const HostProfile *host, const char *module,
                                          const char *name)
{
    for (unsigned i = 0; i < host->module_parameters->len; i++) {
        const ModuleParameter *parameter =
            &g_array_index(host->module_parameters, ModuleParameter, i);

        if ((!module || strcmp(parameter->module, module) == 0) &&
            strcmp(parameter->name, name) == 0) {
            return parameter->value;
        }
    }
    return NULL;
}

bool host_profile_module_flag(const HostProfile *host, const char *name, bool missing)
{
    const char *value = host_profile_module_parameter(host, NULL, name);

    return value ? value[0] == 'Y' || value[0] == '1' : missing;
}

void host_profile_add_source(HostProfile *host, const PmuSource *source)
{
    PmuSource copy = {
        .name = g_strdup(source->name),
        .type = source->type,
        .location = g_strdup(source->location),
        .cpus = cpu_set_copy(source->cpus),
        .cpumask = cpu_set_copy(source->cpumask),
        .trial = source->trial,
        .counters = source->counters,
        .midr = source->midr,
        .capacity = source->capacity,
    };

    g_array_append_val(host->sources, copy);
}

static bool has_index(const GArray *indices, uint32_t index)
{
    for (unsigned i = 0; i < indices->len; i++) {
        if (g_array_index(indices, uint32_t, i) == index) {
            return true;
        }
    }
    return false;
}

bool host_profile_has_msr(const HostProfile *host, uint32_t index)
{
    return has_index(host->x86.msr_indices, index);
}

bool host_profile_refuses_msr(const HostProfile *host, uint32_t index)
{
    return has_index(host->x86.msrs_refused, index);
}

bool host_profile_feature_msr(const HostProfile *host, uint32_t index, uint64_t *ret)
{
    for (unsigned i = 0;
         i < host->x86.feature_msrs->len && !host_profile_refuses_msr(host, index); i++) {
        const X86Msr *msr = &g_array_index(host->x86.feature_msrs, X86Msr, i);

        if (msr->index == index) {
            *ret = msr->value;
            return true;
        }
    }
    return false;
}

/* What KVM reports is always there; the host's own CPUID may be unknown. */
static const GArray *host_leaves(const HostProfile *host)
{
    return host->x86.cpuid->len ? host->x86.cpuid : host->x86.supported;
}

void host_profile_vendor(const HostProfile *host, char ret[13])
{
    const X86CpuidEntry *entry = x86_cpuid_find(host_leaves(host), 0, 0);

    memset(ret, 0, 13);
    if (entry) {
        memcpy(ret, &entry->ebx, 4);
        memcpy(ret + 4, &entry->edx, 4);
        memcpy(ret + 8, &entry->ecx, 4);
    }
}

uint32_t host_profile_signature(const HostProfile *host)
{
    return x86_cpuid_reg(host_leaves(host), 1, 0, X86_EAX);
}

bool host_profile_is_hybrid(const HostProfile *host)
{
    return x86_cpuid_reg(host->x86.cpuid, 7, 0, X86_EDX) & (UINT32_C(1) << 15);
}

const char *const host_mode_names[HOST_MODE_COUNT] = {
    "unknown", "host-perf", "mediated", "vhe", "nvhe", "protected"};

const char *host_mode_name(HostMode mode)
{
    return host_mode_names[mode];
}

bool host_mode_parse(const char *name, HostMode *ret)
{
    for (HostMode mode = HOST_MODE_UNKNOWN + 1; mode < HOST_MODE_COUNT; mode++) {
        if (strcmp(name, host_mode_names[mode]) == 0) {
            *ret = mode;
            return true;
        }
    }
    return false;
}

bool host_profile_can_disable_pmu(const HostProfile *host)
{
    return host->caps[KVM_CAPID_PMU_CAPABILITY] & 1;
}

HostMode host_profile_mode(const HostProfile *host)
{
    if (host->arch == TARGET_ARCH_AARCH64) {
        return host->arm.mode;
    }
    return host_profile_module_flag(host, "enable_mediated_pmu", false)
               ? HOST_MODE_MEDIATED
               : HOST_MODE_HOST_PERF;
}

const char *host_origin_name(HostOrigin origin)
{
    static const char *const names[] = {"live", "recorded", "derived"};

    return names[origin];
}

const char *const target_arch_names[TARGET_ARCH_COUNT] = {
    [TARGET_ARCH_X86_64] = "x86_64",
    [TARGET_ARCH_AARCH64] = "aarch64",
};

const char *target_arch_name(TargetArch arch)
{
    return target_arch_names[arch];
}
