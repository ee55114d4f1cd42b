/*
 * x86 virtual PMU: what a guest gets, decided before its vCPUs exist
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qapi/visitor-impl.h"
#include "system/kvm.h"
#include "kvm/kvm_i386.h"
#include "vpmu.h"
#include "vpmu-formats.h"

/* A property of a CPU that holds a format. */
typedef struct FormatProperty {
    const VpmuFormat *format;
    const char *alias;
    size_t offset;
} FormatProperty;

static const FormatProperty format_properties[] = {
    { &vpmu_lbr_fmt, "lbr_fmt", offsetof(X86CPU, lbr_fmt) },
};

static uint64_t *format_field(X86CPU *cpu, const FormatProperty *property)
{
    return (uint64_t *)((char *)cpu + property->offset);
}

/* What a format nobody gave reads as is what the guest gets. */
static void format_get(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    X86CPU *cpu = X86_CPU(obj);
    const FormatProperty *property = opaque;
    uint64_t value = *format_field(cpu, property);

    if (value == VPMU_FORMAT_UNSET || value == VPMU_FORMAT_HOST) {
        value = vpmu_format_of(property->format,
                               cpu->env.features[FEAT_PERF_CAPABILITIES]);
    }
    visit_type_uint64(v, name, &value, errp);
}

/*
 * A format comes as a number from JSON and as text from a command line.
 * Only visitors of JSON can tell which it is; the others know text only.
 */
static bool format_visit(Visitor *v, const char *name,
                         const VpmuFormat *format, uint64_t *value,
                         Error **errp)
{
    g_autofree char *text = NULL;
    bool is_number = false;

    if (v->start_alternate) {
        g_autofree GenericAlternate *alt = NULL;

        if (!visit_start_alternate(v, name, &alt, sizeof(*alt), errp)) {
            return false;
        }
        is_number = alt->type == QTYPE_QNUM;
        visit_end_alternate(v, (void **)&alt);
    }
    if (is_number) {
        return visit_type_uint64(v, name, value, errp) &&
               vpmu_format_check(format, *value, errp);
    }
    return visit_type_str(v, name, &text, errp) &&
           vpmu_format_parse(format, text, value, errp);
}

static void format_set(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    const FormatProperty *property = opaque;
    uint64_t value;

    if (DEVICE(obj)->realized) {
        error_setg(errp, "%s cannot change once the CPU exists", name);
        return;
    }
    if (format_visit(v, name, property->format, &value, errp)) {
        *format_field(X86_CPU(obj), property) = value;
    }
}

void x86_vpmu_add_properties(X86CPU *cpu)
{
    for (int i = 0; i < ARRAY_SIZE(format_properties); i++) {
        const FormatProperty *property = &format_properties[i];
        const char *name = property->format->name;

        *format_field(cpu, property) = VPMU_FORMAT_UNSET;
        object_property_add(OBJECT(cpu), name, "uint64", format_get,
                            format_set, NULL, (void *)property);
        object_property_set_description(OBJECT(cpu), name,
                                        "a number, 'host' or 'off'");
        object_property_add_alias(OBJECT(cpu), property->alias,
                                  OBJECT(cpu), name);
    }
}

/* Family and model, with their extended parts, as leaf 1 has them. */
static bool is_host_cpu(CPUX86State *env)
{
    uint32_t eax, ebx, ecx, edx;

    host_cpuid(1, 0, &eax, &ebx, &ecx, &edx);
    return ((eax ^ env->cpuid_version) & 0x0fff0ff0) == 0;
}

static void gather_facts(X86CPU *cpu, VpmuFacts *facts)
{
    CPUX86State *env = &cpu->env;

    *facts = (VpmuFacts) {
        .named = env->user_features[FEAT_PERF_CAPABILITIES],
        .kvm = kvm_enabled(),
        .pmu = cpu->enable_pmu,
        .pdcm = env->features[FEAT_1_ECX] & CPUID_EXT_PDCM,
        .ds = env->features[FEAT_1_EDX] & CPUID_DTS,
        .dtes64 = env->features[FEAT_1_ECX] & CPUID_EXT_DTES64,
    };
    if (kvm_enabled()) {
        facts->offered = kvm_arch_get_supported_msr_feature(
            kvm_state, MSR_IA32_PERF_CAPABILITIES);
        facts->same_cpu = is_host_cpu(env);
    }
}

bool x86_vpmu_expand(X86CPU *cpu, Error **errp)
{
    uint64_t *word = &cpu->env.features[FEAT_PERF_CAPABILITIES];
    VpmuFacts facts;

    gather_facts(cpu, &facts);
    if (!vpmu_format_decide(&vpmu_lbr_fmt, &facts, &cpu->lbr_fmt, word,
                            errp)) {
        return false;
    }
    return true; /* all decided */
}
