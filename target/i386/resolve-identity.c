/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The passes of the x86 resolver that decide who the guest's CPU is: vendor, family,
 * model, highest leaves, width of addresses, TSC.
 */
#include <inttypes.h>
#include <string.h>

#include "resolve.h"
#include "util/bits.h"

static uint64_t pick(uint64_t asked, uint64_t otherwise)
{
    return asked == X86_NUMBER_UNSET ? otherwise : asked;
}

void x86_resolve_identity(X86Work *work)
{
    X86Contract *x86 = &work->contract->x86;
    const X86Cpu *cpu = work->cpu;
    uint32_t signature = host_profile_signature(work->in->host);
    const X86Identity *own = x86_model_identity(work->model);
    char host_vendor[13];

    host_profile_vendor(work->in->host, host_vendor);
    /* KVM gives every model the host's vendor, so that its own rules apply. */
    g_strlcpy(x86->vendor, cpu->vendor ? cpu->vendor : host_vendor, sizeof(x86->vendor));
    x86->family = (unsigned)pick(
        cpu->family, work->is_host_model ? x86_signature_family(signature) : own->family);
    x86->model = (unsigned)pick(
        cpu->model, work->is_host_model ? x86_signature_model(signature) : own->model);
    x86->stepping = (unsigned)pick(cpu->stepping,
                                   work->is_host_model ? signature & 0xf : own->stepping);
    if (cpu->model_id) {
        x86->model_id = g_strdup(cpu->model_id);
    } else if (work->is_host_model && work->in->host->model_name) {
        x86->model_id = g_strdup(work->in->host->model_name);
    } else {
        x86->model_id = g_strdup(x86_model_id(work->model));
    }
}

/* Text that CPUID holds byte by byte. */
static void check_text(X86Work *work, const char *row, const char *text, size_t min,
                       size_t max)
{
    g_autofree char *cause = NULL;
    size_t len = text ? strlen(text) : min;

    if (len >= min && len <= max && (!text || g_str_is_ascii(text))) {
        return;
    }
    cause = g_strdup_printf("CPUID holds %s%zu ASCII characters",
                            min == max ? "exactly " : "at most ", max);
    report_add(work->report, &(Finding){.level = FINDING_ERROR,
                                        .row = row,
                                        .asked = text,
                                        .cause = cause,
                                        .remedy = "leave it out"});
}

void x86_resolve_check_identity(X86Work *work)
{
    const X86Cpu *cpu = work->cpu;
    const struct {
        const char *row;
        uint64_t value, min, max;
    } rows[] = {
        {"family", cpu->family, 0, 15 + 255},
        {"model", cpu->model, 0, 255},
        {"stepping", cpu->stepping, 0, 15},
        {"level", cpu->level, 1, 0x3fffffff},
        {"xlevel", cpu->xlevel, 0x80000000, 0x8000ffff},
        {"min-level", cpu->min_level, 0, 0x3fffffff},
        {"min-xlevel", cpu->min_xlevel ?: X86_NUMBER_UNSET, 0x80000000, 0x8000ffff},
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].value != X86_NUMBER_UNSET &&
            (rows[i].value < rows[i].min || rows[i].value > rows[i].max)) {
            bool is_leaf = rows[i].max > 0xffff;
            const char *format = is_leaf ? "0x%" PRIx64 : "%" PRIu64;
            g_autofree char *asked = g_strdup_printf(format, rows[i].value);
            g_autofree char *least = g_strdup_printf(format, rows[i].min);
            g_autofree char *most = g_strdup_printf(format, rows[i].max);
            g_autofree char *offered = g_strconcat(least, " to ", most, NULL);

            report_add(work->report,
                       &(Finding){.level = FINDING_ERROR,
                                  .row = rows[i].row,
                                  .asked = asked,
                                  .offered = offered,
                                  .cause = "CPUID can say nothing else",
                                  .remedy = "use one of these, or leave it out"});
        }
    }
    check_text(work, "vendor", cpu->vendor, 12, 12);
    check_text(work, "model-id", cpu->model_id, 0, 48);
}

/* The highest leaf each feature needs to be seen. */
static uint32_t needed_level(const X86Work *work)
{
    const uint64_t *w = work->words;
    uint32_t level = 1;

    if (w[X86_WORD_6_EAX]) {
        level = 6;
    }
    if (w[X86_WORD_7_0_EBX] | w[X86_WORD_7_0_ECX] | w[X86_WORD_7_0_EDX] |
        w[X86_WORD_7_1_EAX] | w[X86_WORD_7_1_ECX] | w[X86_WORD_7_1_EDX] |
        w[X86_WORD_7_2_EDX]) {
        level = 7;
    }
    if (work->pmu_on && !work->host_pmu.is_amd) {
        level = 0xa;
    }
    if (x86_words_have(w, X86_XSAVE)) {
        level = 0xd;
    }
    if (w[X86_WORD_12_0_EAX] | w[X86_WORD_12_0_EBX] | w[X86_WORD_12_1_EAX]) {
        level = 0x12;
    }
    if (x86_words_have(w, X86_INTEL_PT)) {
        level = 0x14;
    }
    if (x86_words_have(w, X86_ARCH_LBR)) {
        level = 0x1c;
    }
    if (x86_words_have(w, X86_AMX_TILE)) {
        level = 0x1e;
    }
    if (work->cpu->x_force_cpuid_0x1f) {
        level = 0x1f;
    }
    if (w[X86_WORD_24_0_EBX]) {
        level = 0x24;
    }
    return w[X86_WORD_29_0_EBX] ? 0x29 : level;
}

static uint32_t needed_xlevel(const X86Work *work)
{
    const uint64_t *w = work->words;
    uint32_t xlevel = 0;

    /* AMD's copies of leaf 1 come after the levels: alone they make no leaf. */
    if ((w[X86_WORD_80000001_EDX] & ~work->implied[X86_WORD_80000001_EDX]) |
        w[X86_WORD_80000001_ECX]) {
        xlevel = 0x80000001;
    }
    if (w[X86_WORD_80000007_EBX] | w[X86_WORD_80000007_EDX]) {
        xlevel = 0x80000007;
    }
    if (w[X86_WORD_80000008_EBX] || x86_words_have(w, X86_LM)) {
        xlevel = 0x80000008;
    }
    if (x86_words_have(w, X86_SVM)) {
        xlevel = 0x8000000a;
    }
    if (w[X86_WORD_80000021_EAX] | w[X86_WORD_80000021_ECX]) {
        xlevel = 0x80000021;
    }
    return w[X86_WORD_80000022_EAX] ? 0x80000022 : xlevel;
}

/* The highest leaves where no feature and no number asks for others. */
static uint32_t own_level(const X86Work *work)
{
    const GArray *supported = work->in->host->x86.supported;

    /* Leaf 1 says what the processor is; without it there is none. */
    return work->is_host_model ? MIN(x86_cpuid_reg(supported, 0, 0, X86_EAX), 0x24)
                               : MAX(x86_model_identity(work->model)->level, 1);
}

static uint32_t own_xlevel(const X86Work *work)
{
    const GArray *supported = work->in->host->x86.supported;

    return work->is_host_model
               ? MIN(x86_cpuid_reg(supported, 0x80000000, 0, X86_EAX), 0x80000022)
               : x86_model_identity(work->model)->xlevel;
}

uint32_t x86_work_level(const X86Work *work, uint32_t leaf)
{
    const X86Cpu *cpu = work->cpu;
    bool is_extended = leaf >= 0x80000000;
    bool is_other = (leaf >= 0x40000000 && !is_extended) || leaf >= 0xc0000000;
    uint64_t asked = is_extended ? cpu->xlevel : cpu->level;
    uint64_t least = is_extended ? cpu->min_xlevel : cpu->min_level;

    if (is_other || (asked == X86_NUMBER_UNSET && cpu->full_cpuid_auto_level)) {
        return UINT32_MAX;
    }
    return (uint32_t)pick(asked,
                          MAX(is_extended ? own_xlevel(work) : own_level(work), least));
}

static void finish_levels(X86Work *work)
{
    X86Contract *x86 = &work->contract->x86;
    const X86Cpu *cpu = work->cpu;
    uint32_t level = own_level(work), xlevel = own_xlevel(work);

    if (cpu->full_cpuid_auto_level) {
        level = MAX(level, needed_level(work));
        xlevel = MAX(xlevel, needed_xlevel(work));
    }
    x86->level = (uint32_t)pick(cpu->level, MAX(level, cpu->min_level));
    x86->xlevel = (uint32_t)pick(cpu->xlevel, MAX(xlevel, cpu->min_xlevel));
}

static void check_guest_phys_bits(X86Work *work)
{
    uint32_t bits = work->cpu->guest_phys_bits, most = work->contract->x86.phys_bits;

    if (bits != 0 && bits != X86_GUEST_PHYS_BITS_UNSET && (bits < 32 || bits > most)) {
        g_autofree char *asked = g_strdup_printf("%" PRIu32, bits);
        g_autofree char *offered = g_strdup_printf("0, or 32 to %" PRIu32, most);

        report_add(work->report, &(Finding){.level = FINDING_ERROR,
                                            .row = "guest-phys-bits",
                                            .asked = asked,
                                            .offered = offered,
                                            .cause = "it lies within phys-bits",
                                            .remedy = "leave guest-phys-bits out"});
    }
}

static void finish_address_bits(X86Work *work)
{
    X86Contract *x86 = &work->contract->x86;
    const X86Cpu *cpu = work->cpu;
    unsigned host_bits = x86_host_phys_bits(work->in->host);
    unsigned limit = cpu->host_phys_bits_limit;

    x86->linear_bits = x86_words_have(work->words, X86_LA57) ? 57 : 48;
    if (cpu->phys_bits) {
        x86->phys_bits = cpu->phys_bits;
    } else if (!x86_words_have(work->words, X86_LM)) {
        x86->phys_bits = x86_words_have(work->words, X86_PSE36) ? 36 : 32;
    } else if (cpu->host_phys_bits) {
        x86->phys_bits = limit ? MIN(host_bits, limit) : host_bits;
    } else {
        x86->phys_bits = MIN(40, host_bits);
    }
    if (x86->phys_bits < 32 || x86->phys_bits > 52 || x86->phys_bits > host_bits) {
        g_autofree char *asked = g_strdup_printf("%u", x86->phys_bits);
        g_autofree char *offered = g_strdup_printf("32 to %u", host_bits);

        report_add(work->report,
                   &(Finding){.level = x86->phys_bits < 32 || x86->phys_bits > 52
                                           ? FINDING_ERROR
                                           : FINDING_WARNING,
                              .row = "phys-bits",
                              .asked = asked,
                              .offered = offered,
                              .cause = (x86->phys_bits < 32 || x86->phys_bits > 52
                                            ? "no processor has that many"
                                            : "the host CPU addresses less "
                                              "memory"),
                              .remedy = "leave it out, or use a number of these"});
    }
    check_guest_phys_bits(work);
}

static void finish_tsc(X86Work *work)
{
    uint64_t khz = work->cpu->tsc_frequency / 1000;
    g_autofree char *asked = NULL;
    const char *cause = NULL;

    if (!work->cpu->tsc_frequency) {
        return;
    }
    asked = g_strdup_printf("%" G_GUINT64_FORMAT, work->cpu->tsc_frequency);
    if (khz == 0 || khz > 10000000) {
        cause = "1 kHz to 10 GHz can be set";
    } else if (!work->in->host->caps[KVM_CAPID_TSC_CONTROL]) {
        cause = "KVM on this host cannot scale the TSC";
    }
    if (cause) {
        report_add(work->report, &(Finding){.level = FINDING_ERROR,
                                            .row = "tsc-frequency",
                                            .asked = asked,
                                            .cause = cause,
                                            .remedy = "leave tsc-frequency out"});
        return;
    }
    work->contract->x86.tsc_khz = (uint32_t)khz;
}

void x86_resolve_numbers(X86Work *work)
{
    finish_levels(work);
    finish_address_bits(work);
    finish_tsc(work);
}
