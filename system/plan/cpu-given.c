/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/plan/cpu-given.h"

#include <string.h>

#include "target/x86-features.h"
#include "util/json.h"

typedef json_object *GivenFunc(const CpuContract *contract);

static json_object *given_vendor(const CpuContract *contract)
{
    return json_object_new_string(contract->x86.vendor);
}

static json_object *given_model_id(const CpuContract *contract)
{
    const char *text = contract->x86.model_id;

    return json_object_new_string(text ? text : "");
}

static json_object *given_family(const CpuContract *contract)
{
    return json_object_new_uint64(contract->x86.family);
}

static json_object *given_model(const CpuContract *contract)
{
    return json_object_new_uint64(contract->x86.model);
}

static json_object *given_stepping(const CpuContract *contract)
{
    return json_object_new_uint64(contract->x86.stepping);
}

static json_object *given_level(const CpuContract *contract)
{
    return json_object_new_uint64(contract->x86.level);
}

static json_object *given_xlevel(const CpuContract *contract)
{
    return json_object_new_uint64(contract->x86.xlevel);
}

static json_object *given_phys_bits(const CpuContract *contract)
{
    return json_object_new_uint64(contract->x86.phys_bits);
}

/* A format of 0 is no format: absent, as where nobody asked. */
static json_object *given_pebs_fmt(const CpuContract *contract)
{
    uint64_t format = x86_field_get(contract->x86.words, X86_PEBS_FMT);

    return format ? json_object_new_uint64(format) : NULL;
}

static json_object *given_lbr_fmt(const CpuContract *contract)
{
    uint64_t format = x86_field_get(contract->x86.words, X86_LBR_FMT);

    return format ? json_object_new_uint64(format) : NULL;
}

/* Numbers of a PMU that is not there are none. */
static json_object *given_pmu(const CpuContract *contract, uint64_t value)
{
    return contract->pmu_enabled ? json_object_new_uint64(value) : NULL;
}

static json_object *given_pmu_version(const CpuContract *contract)
{
    return given_pmu(contract, contract->x86.pmu.version);
}

static json_object *given_pmu_counters(const CpuContract *contract)
{
    return given_pmu(contract, contract->x86.pmu.gp_counters);
}

static json_object *given_pmu_fixed_counters(const CpuContract *contract)
{
    return given_pmu(contract, contract->x86.pmu.fixed_counters);
}

static json_object *given_pmu_events(const CpuContract *contract)
{
    return given_pmu(contract, x86_pmu_events(&contract->x86.pmu));
}

static const struct {
    const char *name;
    GivenFunc *get;
} x86_given_rows[] = {
    {"vendor",             given_vendor            },
    {"model-id",           given_model_id          },
    {"family",             given_family            },
    {"model",              given_model             },
    {"stepping",           given_stepping          },
    {"level",              given_level             },
    {"xlevel",             given_xlevel            },
    {"min-level",          given_level             },
    {"min-xlevel",         given_xlevel            },
    {"phys-bits",          given_phys_bits         },
    {"pebs-fmt",           given_pebs_fmt          },
    {"lbr-fmt",            given_lbr_fmt           },
    {"pmu-version",        given_pmu_version       },
    {"pmu-counters",       given_pmu_counters      },
    {"pmu-fixed-counters", given_pmu_fixed_counters},
    {"pmu-events",         given_pmu_events        },
};

static bool is_x86_feature(const Property *prop, X86FeatureId *ret)
{
    *ret = x86_feature_find(prop->name);
    return *ret != X86_NO_FEATURE && prop->data == &x86_feature_rows[*ret];
}

json_object *cpu_given_property(const CpuContract *contract, const Object *cpu,
                                const Property *prop)
{
    X86FeatureId feature;

    if (strcmp(prop->name, "pmu") == 0) {
        return json_object_new_boolean(contract->pmu_enabled);
    }
    if (contract->arch == TARGET_ARCH_X86_64) {
        if (is_x86_feature(prop, &feature)) {
            return json_object_new_boolean(x86_contract_has(contract, feature));
        }
        for (unsigned i = 0; i < ARRAY_LEN(x86_given_rows); i++) {
            if (strcmp(x86_given_rows[i].name, prop->name) == 0) {
                return x86_given_rows[i].get(contract);
            }
        }
    }
    return object_get_json(cpu, prop->name, NULL);
}
