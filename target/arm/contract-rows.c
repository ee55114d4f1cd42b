/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that an Arm contract says, a row each.
 */
#include "common/contract-rows.h"
#include "common/checks.h"
#include "target/arm-cpu.h"
#include "target/arm-registers.h"
#include "util/bits.h"

static bool has_pmu(const CpuContract *guest)
{
    return guest->pmu_enabled;
}

static bool has_source(const CpuContract *guest)
{
    return guest->arm.pmu_kind == ARM_PMU_EVENT_SOURCE;
}

static bool knows_counters(const CpuContract *guest)
{
    return guest->pmu_enabled && guest->arm.pmu_counters >= 0;
}

/* The promise is the other way round than the member: a source for every CPU. */
static uint64_t covers_get(const ContractRow *row, const CpuContract *contract)
{
    (void)row;
    return !contract->arm.is_partial;
}

static char *covers_text(const CpuContract *contract, const CpuContract *beside)
{
    (void)beside;
    return g_strdup(contract->arm.is_partial ? "some" : "every possible CPU");
}

static char *counters_text(const CpuContract *contract, const CpuContract *beside)
{
    (void)beside;
    return knows_counters(contract) ? g_strdup_printf("%d", contract->arm.pmu_counters)
                                    : NULL;
}

/* Registers that no guest of the other is saved with; of those that are known. */
static char *registers_text(const CpuContract *contract, const CpuContract *beside)
{
    return beside ? arm_registers_missing(contract->arm.registers, beside->arm.registers)
                  : NULL;
}

/* Contracts named CPUs of their first host once. */
static char *no_text(const CpuContract *contract, const CpuContract *beside)
{
    (void)contract;
    (void)beside;
    return NULL;
}

static char *switch_asked(int asked)
{
    static const char *const names[] = {"auto", "on", "off"};

    return g_strdup(names[asked]);
}

static char *pmu_asked(const Object *cpu, const CpuResolveInput *in)
{
    (void)in;
    return switch_asked(((const ArmCpu *)cpu)->pmu);
}

static char *counters_asked(const Object *cpu, const CpuResolveInput *in)
{
    uint64_t asked = ((const ArmCpu *)cpu)->pmu_counters;

    (void)in;
    return asked == UINT64_MAX ? NULL : g_strdup_printf("%" G_GUINT64_FORMAT, asked);
}

static char *source_asked(const Object *cpu, const CpuResolveInput *in)
{
    static const char *const names[] = {
        [PMU_REQUEST_AUTO] = "auto",
        [PMU_REQUEST_NONE] = "none",
        [PMU_REQUEST_FIXED_COUNTERS_ONLY] = "fixed-counters-only",
        [PMU_REQUEST_BIG] = "big",
        [PMU_REQUEST_LITTLE] = "little",
    };
    const PmuRequest *request = &in->accel->pmu;

    (void)cpu;
    return request->kind == PMU_REQUEST_TYPE   ? g_strdup_printf("type %u", request->type)
           : request->kind == PMU_REQUEST_NAME ? g_strdup(request->name)
                                               : g_strdup(names[request->kind]);
}

static char *nothing_asked(const Object *cpu, const CpuResolveInput *in)
{
    (void)cpu;
    (void)in;
    return NULL;
}

static char *nothing_offered(const CpuResolveInput *in)
{
    (void)in;
    return NULL;
}

static char *sources_offered(const CpuResolveInput *in)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < in->host->sources->len; i++) {
        const PmuSource *source = &g_array_index(in->host->sources, PmuSource, i);

        if (source->cpus) {
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", source->name);
        }
    }
    return g_string_free(text, FALSE);
}

/* Where the backend serves vCPUs on this host. */
static char *cpus_given(const CpuResolveInput *in, const CpuContract *contract)
{
    const PmuSource *source = arm_host_source(in->host, contract->arm.pmu_source);

    return source ? cpu_set_format(source->cpus) : NULL;
}

static char *cpus_offered(const CpuResolveInput *in)
{
    return in->host->possible ? cpu_set_format(in->host->possible) : NULL;
}

static char *version_offered(const CpuResolveInput *in)
{
    return g_strdup_printf("%u", arm_host_pmu_version(in->host));
}

static char *counters_offered(const CpuResolveInput *in)
{
    return in->host->arm.pmu_counters
               ? g_strdup_printf("%u", (unsigned)in->host->arm.pmu_counters)
               : NULL;
}

/* A feature of KVM_ARM_VCPU_INIT: there where KVM has the capability, and the same for
 * each vCPU that a saved one is loaded into. */
#define VCPU_FEATURE(n, feature)                                                         \
    .name = n, .kind = ROW_FEATURE, ROW_PLACE(arm.vcpu_features),                        \
    .mask = BIT64(feature), .relation = RELATION_SUBSET, .among = RELATION_EQUAL,        \
    .reason = CHECK_VCPU_FEATURE_MISSING, .differs = CHECK_VCPU_FEATURES_DIFFER

/* clang-format off */
const ContractRow arm_contract_rows[] = {
    ROWS_OF_ALL,
    {.name = "vcpu-features", .member = "vcpu-features", .kind = ROW_BITS,
     ROW_PLACE(arm.vcpu_features), .max = UINT32_MAX},
    {VCPU_FEATURE("sve", ARM_VCPU_SVE), .property = "sve", .flags = ROW_SPARES},
    {VCPU_FEATURE("pauth", ARM_VCPU_PTRAUTH_ADDRESS), .property = "pauth", .flags = ROW_SPARES},
    {VCPU_FEATURE("pauth", ARM_VCPU_PTRAUTH_GENERIC), .flags = ROW_IN_GROUP},
    {.name = "midr", .member = "midr", .kind = ROW_NUMBER, ROW_PLACE(arm.midr), .max = UINT64_MAX,
     .relation = RELATION_EQUAL, .reason = CHECK_MIDR_DIFFERS,
     .flags = ROW_HEX | ROW_HEX_MEMBER | ROW_OF_HOST},
    {.name = "registers", .kind = ROW_LIST, .text = registers_text, .relation = RELATION_SUBSET,
     .reason = CHECK_REGISTER_MISSING, .flags = ROW_UNSEEN | ROW_OF_HOST},

    {.name = "pmu", .member = "pmu.enabled", .kind = ROW_SWITCH, ROW_PLACE(pmu_enabled),
     .relation = RELATION_SUBSET, .reason = CHECK_VCPU_FEATURE_MISSING,
     .differs = CHECK_PMU_SWITCH_DIFFERS, .property = "pmu", .flags = ROW_SPARES,
     .label = "pmu", .asked_text = pmu_asked},
    {.name = "pmu.kind", .member = "pmu.kind", .kind = ROW_CHOICE, ROW_PLACE(arm.pmu_kind),
     .names = arm_pmu_kind_names, .max = ARM_PMU_KIND_COUNT - 1, .relation = RELATION_EQUAL,
         .binds = has_pmu,
     .reason = CHECK_BACKEND_MISSING, .differs = CHECK_KIND_DIFFERS,
     .label = "kind", .asked_text = nothing_asked, .offered_text = nothing_offered},
    {.name = "pmu.source", .member = "pmu.source", .kind = ROW_TEXT, ROW_PLACE(arm.pmu_source),
     .relation = RELATION_COVERAGE, .binds = has_pmu, .reason = CHECK_SOURCE_MISSING,
     .differs = CHECK_SOURCE_DIFFERS, .flags = ROW_OPTIONAL,
     .label = "source", .asked_text = source_asked, .offered_text = sources_offered},
    {.name = "pmu.cpus-of-host", .member = "pmu.cpus", .kind = ROW_TEXT, .text = no_text,
     .flags = ROW_OPTIONAL | ROW_WRITTEN},
    {.name = "pmu.cpus", .kind = ROW_NUMBER, .get = covers_get, .text = covers_text,
     .relation = RELATION_COVERAGE, .among = RELATION_KEPT, .binds = has_source,
     .reason = CHECK_SOURCE_PARTIAL,
     .label = "cpus", .asked_text = nothing_asked, .offered_text = cpus_offered,
     .given_text = cpus_given},
    {.name = "pmu.version", .member = "pmu.version", .kind = ROW_NUMBER, ROW_PLACE(arm.pmu_version),
     .max = 15, .relation = RELATION_EQUAL, .binds = has_pmu, .reason = CHECK_PMUVER_DIFFERS,
     .flags = ROW_OF_PMU | ROW_OF_HOST,
     .label = "PMUVer", .asked_text = nothing_asked, .offered_text = version_offered},
    {.name = "pmu.counters", .member = "pmu.counters", .kind = ROW_NUMBER,
     ROW_PLACE(arm.pmu_counters), .max = 31, .text = counters_text, .binds = knows_counters,
     .relation = RELATION_EQUAL, .reason = CHECK_COUNTERS_DIFFER, .property = "pmu-counters",
     .flags = ROW_OPTIONAL | ROW_SPARES | ROW_OF_HOST,
     .label = "event counters", .asked_text = counters_asked, .offered_text = counters_offered},
    {.name = "pmu.set-nr-counters", .member = "pmu.set-nr-counters", .kind = ROW_SWITCH,
     ROW_PLACE(arm.set_nr_counters)},
    {VCPU_FEATURE("pmu.strict", ARM_VCPU_PMU_V3_STRICT), .member = "pmu.strict",
     .property = "x-pmu-strict", .flags = ROW_SPARES | ROW_REPEATS},
    {.name = "pmu.partial", .member = "pmu.partial", .kind = ROW_SWITCH, ROW_PLACE(arm.is_partial)},
    {.name = "pmu.confine", .member = "pmu.confine", .kind = ROW_SWITCH, ROW_PLACE(arm.is_partial),
     .flags = ROW_WRITTEN},
    ROW_PMU_MODE,
    ROW_PMU_MODE_MEMBER,
    ROWS_END,
};
/* clang-format on */
const unsigned arm_contract_row_count = ARRAY_LEN(arm_contract_rows) - 1;
