/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From an X86Cpu and a host to a contract: a list of small passes over one working value.
 */
#include "resolve.h"

#include <inttypes.h>
#include <string.h>

#include "common/unavailable.h"
#include "util/bits.h"

void x86_work_remove(X86Work *work, X86Word word, uint64_t mask, X86Cause cause,
                     unsigned arg)
{
    uint64_t gone = work->words[word] & mask;

    work->words[word] &= ~mask;
    work->implied[word] &= ~mask;
    while (gone) {
        unsigned bit = (unsigned)__builtin_ctzll(gone);

        gone &= gone - 1;
        if (!(work->cause_mask[word] & BIT64(bit))) {
            work->cause_mask[word] |= BIT64(bit);
            work->cause[word][bit] = (uint8_t)cause;
            work->cause_arg[word][bit] = (uint16_t)arg;
        }
    }
}

uint64_t x86_work_asked(const X86Work *work, X86Word word)
{
    return (work->model_words[word] & ~work->cpu->set_mask[word]) |
           work->cpu->set_value[word];
}

/* The model's words, then what compat list, -global and user set. */
static void pass_asked(X86Work *work)
{
    x86_cpu_model_words(work->cpu, work->model_words);
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        work->words[word] = x86_work_asked(work, word);
    }
}

/* The bits that host and max take over by themselves: of all words in one walk. */
static void auto_masks(const X86Work *work, uint64_t ret[X86_WORD_COUNT])
{
    bool migratable = work->cpu->migratable;
    unsigned refused = X86_NO_AUTOENABLE | (migratable ? X86_UNMIGRATABLE : 0);

    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        ret[word] = migratable || (x86_word_rows[word].flags & X86_WORD_COMPUTED)
                        ? 0
                        : ~UINT64_C(0);
    }
    for (unsigned i = 0; i < X86_FEATURE_COUNT; i++) {
        const X86FeatureRow *row = &x86_feature_rows[i];

        if (row->flags & refused) {
            ret[row->word] &= ~row->mask;
        } else {
            ret[row->word] |= row->mask;
        }
    }
    if (migratable && !work->cpu->x_auto_perf_capabilities) {
        ret[X86_WORD_PERF_CAPABILITIES] &= x86_feature_rows[X86_FULL_WIDTH_WRITE].mask;
    }
}

static void pass_host_model(X86Work *work)
{
    uint64_t masks[X86_WORD_COUNT];

    if (!work->is_host_model) {
        return;
    }
    auto_masks(work, masks);
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        work->words[word] |= work->host[word] & masks[word] & ~work->cpu->set_mask[word];
    }
}

/* An Intel-only MSR that KVM emulates everywhere; old machines showed it on AMD too. */
static void pass_vendor(X86Work *work)
{
    const X86FeatureRow *row = &x86_feature_rows[X86_ARCH_CAPABILITIES];

    if (work->is_host_model && work->host_pmu.is_amd &&
        !work->cpu->x_arch_cap_always_on &&
        !(work->cpu->set_mask[row->word] & row->mask)) {
        work->words[row->word] &= ~row->mask;
    }
}

static void pass_hidden(X86Work *work)
{
    if (!work->cpu->kvm) {
        x86_work_remove(work, X86_WORD_KVM_EAX, ~UINT64_C(0), X86_CAUSE_HIDDEN, 0);
        x86_work_remove(work, X86_WORD_KVM_EDX, ~UINT64_C(0), X86_CAUSE_HIDDEN, 0);
    }
}

/* False where @word has none of @mask, or @needed is there. */
static bool drop_dependent(X86Work *work, X86FeatureId needed, X86Word word,
                           uint64_t mask)
{
    if (!(work->words[word] & mask) || x86_words_have(work->words, needed)) {
        return false;
    }
    x86_work_remove(work, word, mask, X86_CAUSE_DEPENDENCY, needed);
    return true;
}

static bool drop_unannounced(X86Work *work)
{
    bool changed = false;

    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        const X86WordRow *row = &x86_word_rows[word];

        if (row->parent != X86_NO_FEATURE && !(row->flags & X86_WORD_COMPUTED)) {
            changed |= drop_dependent(work, row->parent, word, ~UINT64_C(0));
        }
    }
    return changed;
}

/* Without what they need, bits go; repeated until nothing changes. */
static void pass_dependencies(X86Work *work)
{
    bool changed = true;

    while (changed) {
        changed = drop_unannounced(work);
        for (unsigned i = 0; i < x86_dependency_count; i++) {
            const X86DependencyRow *row = &x86_dependency_rows[i];

            if (!x86_words_have(work->words, row->needed)) {
                changed |= drop_dependent(work, row->needed,
                                          x86_feature_rows[row->dependent].word,
                                          x86_dependency_mask(row));
            }
        }
    }
}

/* What is in leaves nobody can see is not there; nor is what stands for such a leaf. */
static void pass_levels(X86Work *work)
{
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        const X86WordRow *row = &x86_word_rows[word];

        if (row->msr || row->leaf <= x86_work_level(work, row->leaf)) {
            continue;
        }
        x86_work_remove(work, word, ~UINT64_C(0), X86_CAUSE_LEVEL, word);
        if (row->parent != X86_NO_FEATURE) {
            const X86FeatureRow *parent = &x86_feature_rows[row->parent];

            x86_work_remove(work, parent->word, parent->mask, X86_CAUSE_LEVEL, word);
        }
    }
}

static void pass_host_filter(X86Work *work)
{
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        uint64_t missing = work->words[word] & ~work->host[word];

        /* The formats are judged by number, see x86_resolve_pmu_finish(). */
        if (word == X86_WORD_PERF_CAPABILITIES) {
            missing &= ~(X86_LBR_FMT_MASK | X86_PEBS_FMT_MASK);
        }
        if ((x86_word_rows[word].flags & X86_WORD_COMPUTED)) {
            continue;
        }
        if (work->cpu->x_force_features) {
            work->forced[word] = missing;
        } else {
            x86_work_remove(work, word, missing, X86_CAUSE_HOST, 0);
        }
    }
}

static void pass_amd_aliases(X86Work *work)
{
    char vendor[13];
    uint64_t bits = work->words[X86_WORD_1_EDX] & X86_AMD_ALIASES;

    host_profile_vendor(work->in->host, vendor);
    if (x86_vendor_is_amd(work->cpu->vendor ? work->cpu->vendor : vendor)) {
        work->implied[X86_WORD_80000001_EDX] |=
            bits & ~work->words[X86_WORD_80000001_EDX];
        work->words[X86_WORD_80000001_EDX] |= bits;
    }
}

static BitOrigin bit_origin(const X86Work *work, X86Word word, uint64_t bit)
{
    const X86Cpu *cpu = work->cpu;

    if (!(work->words[word] & bit)) {
        return cpu->user_mask[word] & ~cpu->set_value[word] & bit ? BIT_USER_OFF
                                                                  : BIT_UNSET;
    }
    if (cpu->set_mask[word] & bit && !(work->implied[word] & bit)) {
        return cpu->user_mask[word] & bit ? BIT_USER_ON : BIT_COMPAT;
    }
    if (work->implied[word] & bit || (x86_word_rows[word].flags & X86_WORD_COMPUTED)) {
        return BIT_IMPLIED;
    }
    return work->model_words[word] & bit ? BIT_MODEL : BIT_HOST;
}

/* A bit that is off and that no user spoke of has no origin: BIT_UNSET. */
static void finish_origins(X86Work *work)
{
    for (X86Word word = 0; word < X86_WORD_COUNT; word++) {
        uint64_t told = work->words[word] | work->cpu->user_mask[word];

        for (; told; told &= told - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(told);

            work->contract->x86.origins[word][bit] =
                (uint8_t)bit_origin(work, word, BIT64(bit));
        }
    }
}

/* Accepted by name, as management software knows them, but not to be had yet. */
static const UnavailableRow unavailable[] = {
    {"lmce", "local machine checks are not offered to guests"},
};

/* On x86 the accelerator has no PMU to choose: the CPU's own property decides. */
static void check_accel(const X86Work *work)
{
    static const char *const arm_only[] = {"pmu", "backcompat-pmu", "pmu-affinity",
                                           "x-fixed-counters-only"};
    const Object *accel = (const Object *)work->in->accel;

    for (unsigned i = 0; accel && i < ARRAY_LEN(arm_only); i++) {
        g_autofree char *row = g_strconcat("accel.", arm_only[i], NULL);
        g_autofree char *cause =
            g_strdup_printf("-accel kvm,%s= is about Arm event sources and has no "
                            "meaning on x86",
                            arm_only[i]);

        if (object_origin(accel, arm_only[i]) >= ORIGIN_GLOBAL) {
            report_add(work->report, &(Finding){.level = FINDING_ERROR,
                                                .row = row,
                                                .cause = cause,
                                                .remedy = "use -cpu ...,pmu=on|off"});
        }
    }
}

bool x86_cpu_finding_level(const X86Cpu *cpu, FindingLevel *ret)
{
    *ret = cpu->enforce ? FINDING_ERROR : FINDING_WARNING;
    return cpu->enforce || cpu->check;
}

CpuContract *x86_cpu_resolve(const X86Cpu *cpu, const CpuResolveInput *in, Report *report)
{
    CpuContract *contract = cpu_contract_new(TARGET_ARCH_X86_64);
    const X86CpuModel *model = x86_cpu_model(cpu);
    X86Work *work = g_new0(X86Work, 1);

    *work = (X86Work){
        .cpu = cpu,
        .in = in,
        .model = model,
        .report = report,
        .is_host_model = model->kind == X86_MODEL_HOST || model->kind == X86_MODEL_MAX,
        .pmu_wanted = x86_cpu_pmu_wanted(cpu),
        .host_pmu = x86_host_pmu(in),
        .contract = contract,
        .words = contract->x86.words,
    };
    work->is_silent = !x86_cpu_finding_level(cpu, &work->level);
    contract->machine = g_strdup(in->machine);
    contract->cpu_model =
        g_strndup(cpu->parent.type->name,
                  strlen(cpu->parent.type->name) - strlen(X86_CPU_TYPE_SUFFIX));
    x86_host_words(in, work->host);

    check_accel(work);
    check_unavailable((const Object *)cpu, unavailable, ARRAY_LEN(unavailable), report);
    check_unavailable((const Object *)in->accel, accel_unavailable,
                      accel_unavailable_count, report);
    x86_resolve_check_identity(work);
    pass_asked(work);
    pass_host_model(work);
    pass_vendor(work);
    x86_resolve_formats(work);
    x86_resolve_pmu_switch(work);
    pass_hidden(work);
    pass_levels(work);
    pass_dependencies(work);
    pass_host_filter(work);
    pass_amd_aliases(work);
    x86_resolve_xsave(work);
    pass_dependencies(work);
    x86_resolve_identity(work);
    x86_resolve_pmu_finish(work);
    x86_resolve_numbers(work);
    x86_resolve_findings(work);
    finish_origins(work);
    x86_contract_build_cpuid(contract, cpu, in);
    g_free(work);
    return contract;
}
