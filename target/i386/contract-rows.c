/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that an x86 contract says, a row each.
 */
#include <inttypes.h>

#include "common/checks.h"
#include "common/contract-rows.h"
#include "resolve.h"
#include "util/bits.h"

#define ASKED(field) .asked = offsetof(X86Cpu, field)

static bool has_pmu(const CpuContract *guest)
{
    return guest->pmu_enabled;
}

/* Records of PEBS and LBR have the format of one processor. */
static bool has_format(const CpuContract *guest)
{
    for (X86FieldId field = 0; field < X86_FIELD_COUNT; field++) {
        if (x86_field_get(guest->x86.words, field)) {
            return true;
        }
    }
    return false;
}

static bool has_pebs(const CpuContract *guest)
{
    return x86_field_get(guest->x86.words, X86_PEBS_FMT) != 0;
}

HostMode x86_contract_needs_mode(const CpuContract *contract)
{
    return has_format(contract)                           ? HOST_MODE_HOST_PERF
           : x86_contract_has(contract, X86_PERF_METRICS) ? HOST_MODE_MEDIATED
                                                          : HOST_MODE_UNKNOWN;
}

/* How KVM is told that there is no PMU is a matter of the host: see CpuBinding. */
static uint64_t off_get(const ContractRow *row, const CpuContract *contract)
{
    (void)row;
    return !contract->pmu_enabled;
}

static uint64_t events_get(const ContractRow *row, const CpuContract *contract)
{
    (void)row;
    return x86_pmu_events(&contract->x86.pmu);
}

/* Bits of the word in @row's place that nothing else speaks for. */
static uint64_t unnamed_get(const ContractRow *row, const CpuContract *contract)
{
    size_t first = offsetof(CpuContract, x86.words);

    return x86_word_unnamed(contract->x86.words,
                            (X86Word)((row->place - first) / sizeof(uint64_t)));
}

static char *tsc_text(const CpuContract *contract, const CpuContract *beside)
{
    (void)beside;
    return contract->x86.tsc_khz
               ? g_strdup_printf("%" PRIu64, UINT64_C(1000) * contract->x86.tsc_khz)
               : NULL;
}

static char *pmu_asked(const Object *cpu, const CpuResolveInput *in)
{
    const X86Cpu *x86 = (const X86Cpu *)cpu;

    (void)in;
    return g_strdup(x86->pmu == ON_OFF_AUTO_ON    ? "on"
                    : x86->pmu == ON_OFF_AUTO_OFF ? "off"
                    : x86_cpu_pmu_wanted(x86)     ? "auto"
                                                  : "off (CPU model)");
}

#define WORD_PLACE(w) ROW_PLACE(x86.words[X86_WORD_##w])

#define FEATURE_ROW(id, n, w, m, f, d)                                                   \
    {                                                                                    \
        .name = n,                                                                       \
        .kind = ROW_FEATURE,                                                             \
        WORD_PLACE(w),                                                                   \
        .mask = m,                                                                       \
        .relation = RELATION_SUBSET,                                                     \
        .reason = CHECK_FEATURE_MISSING,                                                 \
        .feature = &x86_feature_rows[X86_##id],                                          \
        .property = n,                                                                   \
        .label = (f) & (X86_SHOW_INTEL | X86_SHOW_AMD) ? n : NULL,                       \
        .flags = ROW_SPARES | ((f)&X86_OF_PEBS ? ROW_IN_GROUP : 0) |                     \
                 ((f)&X86_UNMIGRATABLE ? ROW_STAYS : 0) |                                \
                 ((f)&X86_SHOW_INTEL ? ROW_INTEL : 0) |                                  \
                 ((f)&X86_SHOW_AMD ? ROW_AMD : 0),                                       \
    },

#define UNNAMED_ROW(id, n, leaf, subleaf, reg, msr, parent, f)                           \
    {                                                                                    \
        .name = n,                                                                       \
        .kind = ROW_BITS,                                                                \
        WORD_PLACE(id),                                                                  \
        .get = unnamed_get,                                                              \
        .relation = RELATION_SUBSET,                                                     \
        .reason = CHECK_UNNAMED_BITS_MISSING,                                            \
        .flags = ROW_SPARES | ROW_PART,                                                  \
    },

/* A number of leaf 0xA, or AMD's leaf 0x80000022. */
#define PMU_NUMBER(n, field, most)                                                       \
    .name = n, .kind = ROW_NUMBER, ROW_PLACE(x86.pmu.field), .member = n, .max = (most), \
    .relation = RELATION_AT_MOST, .binds = has_pmu
/* What the guest sees beside, which no host has to have. */
#define PMU_FACT(n, m, field, most)                                                      \
    .name = n, .kind = ROW_NUMBER, ROW_PLACE(x86.pmu.field), .member = m, .max = (most), \
    .relation = RELATION_KEPT

/* What KVM compares for equality, or the guest has none of it. */
#define FORMAT(n, w, m, why)                                                             \
    .name = n, .member = "pmu." n, .kind = ROW_FIELD, WORD_PLACE(w), .mask = m,          \
    .max = (m) >> __builtin_ctzll(m), .relation = RELATION_EQUAL_OR_ABSENT,              \
    .reason = why, .property = n, .label = n,                                            \
    .flags = ROW_REPEATS | ROW_SPARES | ROW_ZERO_IS_OFF | ROW_INTEL

#define KEPT(n, field, most)                                                             \
    .name = n, .member = "identity." n, .kind = ROW_NUMBER, ROW_PLACE(x86.field),        \
    .max = (most), .relation = RELATION_KEPT

/* clang-format off */
const ContractRow x86_contract_rows[] = {
    ROWS_OF_ALL,
    {.name = "vendor", .member = "identity.vendor", .kind = ROW_TEXT, ROW_PLACE(x86.vendor),
     .relation = RELATION_EQUAL, .reason = CHECK_VENDOR_DIFFERS, .property = "vendor"},
    {.name = "model-id", .member = "identity.model-id", .kind = ROW_TEXT, ROW_PLACE(x86.model_id),
     .relation = RELATION_KEPT, .max = 48, .property = "model-id"},
    {.name = "family", .member = "identity.family", .kind = ROW_NUMBER, ROW_PLACE(x86.family),
     .max = 270, .relation = RELATION_EQUAL, .binds = has_format, .reason = CHECK_FAMILY_DIFFERS,
     .property = "family"},
    {.name = "model", .member = "identity.model", .kind = ROW_NUMBER, ROW_PLACE(x86.model),
     .max = 255, .relation = RELATION_EQUAL, .binds = has_format, .reason = CHECK_MODEL_DIFFERS,
     .property = "model"},
    {KEPT("stepping", stepping, 15), .property = "stepping"},
    {KEPT("level", level, UINT32_MAX), .flags = ROW_HEX, .property = "level"},
    {KEPT("xlevel", xlevel, UINT32_MAX), .flags = ROW_HEX, .property = "xlevel"},
    {.name = "min-level", .kind = ROW_NUMBER, ROW_PLACE(x86.level), .property = "min-level"},
    {.name = "min-xlevel", .kind = ROW_NUMBER, ROW_PLACE(x86.xlevel), .property = "min-xlevel"},
    {.name = "phys-bits", .member = "identity.phys-bits", .kind = ROW_NUMBER,
     ROW_PLACE(x86.phys_bits), .max = 64, .relation = RELATION_AT_MOST,
     .reason = CHECK_PHYS_BITS_FEWER, .property = "phys-bits"},
    {KEPT("linear-bits", linear_bits, 64)},
    {.name = "disable-pmu", .member = "identity.disable-pmu", .kind = ROW_NUMBER, .get = off_get,
     .max = 1, .flags = ROW_WRITTEN},
    {.name = "tsc-frequency", .member = "identity.tsc-khz", .kind = ROW_NUMBER,
     ROW_PLACE(x86.tsc_khz), .max = UINT32_MAX, .text = tsc_text,
     .relation = RELATION_EQUAL_OR_ABSENT, .among = RELATION_KEPT, .reason = CHECK_TSC_NOT_SCALED},
    {KEPT("amd-pmu", is_amd_pmu, 1)},
    {KEPT("l1-per-core", l1_per_core, 1)},
    {KEPT("dies-are-nodes", dies_are_nodes, 1)},
    {KEPT("misc-enable", misc_enable, UINT64_MAX), .flags = ROW_HEX | ROW_HEX_MEMBER},

    X86_FEATURE_LIST(FEATURE_ROW)
    X86_WORD_LIST(UNNAMED_ROW)

    {.name = "pmu", .member = "pmu.enabled", .kind = ROW_SWITCH, ROW_PLACE(pmu_enabled),
     .relation = RELATION_EQUAL, .among = RELATION_SUBSET, .reason = CHECK_PMU_MISSING,
     .differs = CHECK_PMU_SWITCH_DIFFERS, .property = "pmu", .label = "pmu",
     .asked_text = pmu_asked},
    {PMU_NUMBER("pmu.version", version, 255), .reason = CHECK_PMU_VERSION_LOWER,
     .property = "pmu-version", ASKED(pmu_version), .flags = ROW_OF_PMU, .label = "version"},
    {PMU_NUMBER("pmu.gp-counters", gp_counters, 255), .reason = CHECK_GP_COUNTERS_FEWER,
     .property = "pmu-counters", ASKED(pmu_counters), .flags = ROW_OF_PMU | ROW_SPARES,
     .label = "general-purpose counters"},
    {PMU_NUMBER("pmu.gp-width", gp_width, 255), .reason = CHECK_GP_WIDTH_LESS,
     .flags = ROW_OF_PMU},
    {PMU_FACT("pmu.events-length", "pmu.events", events, 255)},
    {PMU_FACT("pmu.events-missing", "pmu.events-missing", events_missing, UINT32_MAX),
     .flags = ROW_HEX},
    {PMU_NUMBER("pmu.fixed-counters", fixed_counters, 31), .reason = CHECK_FIXED_COUNTERS_FEWER,
     .property = "pmu-fixed-counters", ASKED(pmu_fixed_counters),
     .flags = ROW_OF_PMU | ROW_SPARES, .label = "fixed counters"},
    {PMU_FACT("pmu.fixed-bitmap", "pmu.fixed-bitmap", fixed_bitmap, UINT32_MAX), .flags = ROW_HEX},
    {PMU_NUMBER("pmu.fixed-width", fixed_width, 255), .reason = CHECK_FIXED_WIDTH_LESS,
     .flags = ROW_OF_PMU},
    {PMU_FACT("pmu.anythread-deprecated", "pmu.anythread-deprecated", anythread_deprecated, 1)},
    {.name = "pmu.events", .kind = ROW_BITS, .get = events_get, .binds = has_pmu,
     .relation = RELATION_SUBSET, .reason = CHECK_EVENT_MISSING, .property = "pmu-events",
     ASKED(pmu_events), .flags = ROW_OF_PMU},
    {.name = "perf-capabilities", .member = "pmu.perf-capabilities", .kind = ROW_NUMBER,
     WORD_PLACE(PERF_CAPABILITIES), .max = UINT64_MAX,
         .flags = ROW_HEX | ROW_HEX_MEMBER | ROW_REPEATS | ROW_INTEL,
     .label = "perf-capabilities"},
    {FORMAT("pebs-fmt", PERF_CAPABILITIES, X86_PEBS_FMT_MASK, CHECK_PEBS_FORMAT_DIFFERS)},
    {FORMAT("lbr-fmt", PERF_CAPABILITIES, X86_LBR_FMT_MASK, CHECK_LBR_FORMAT_DIFFERS)},
    {.name = "pebs", .kind = ROW_BITS, WORD_PLACE(PERF_CAPABILITIES), .mask = X86_PEBS_FEATURES,
     .relation = RELATION_GROUP, .binds = has_pebs, .reason = CHECK_PEBS_GROUP_DIFFERS,
     .property = "pebs-fmt"},
    ROW_PMU_MODE,
    ROW_PMU_MODE_MEMBER,
    ROWS_END,
};
/* clang-format on */
const unsigned x86_contract_row_count = ARRAY_LEN(x86_contract_rows) - 1;
