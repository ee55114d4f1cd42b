/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The MSRs of a contract: feature MSRs and others that are set once. */
#include "resolve.h"
#include "util/bits.h"
#include "vmx.h"

static void add_msr(GArray *msrs, uint32_t index, uint64_t value)
{
    X86Msr msr = {index, value};

    g_array_append_val(msrs, msr);
}

/* Memory types are of extended page tables. */
void x86_contract_add_vmx_msrs(X86Contract *x86, const X86Cpu *cpu,
                               const HostProfile *host)
{
    for (X86Word w = 0; w < X86_WORD_COUNT; w++) {
        const X86WordRow *row = &x86_word_rows[w];
        uint64_t offered = 0;

        if ((row->flags & X86_WORD_OF_VMX) && x86_words_have(x86->words, X86_VMX) &&
            (host_profile_feature_msr(host, row->msr, &offered) ||
             cpu->x_force_features)) {
            bool is_off =
                w == X86_WORD_VMX_EPT_VPID && !x86_words_have(x86->words, X86_VMX_EPT);

            add_msr(x86->msrs, row->msr,
                    x86_vmx_encode(w, x86->words[w], is_off ? 0 : offered));
        }
    }
}

void x86_contract_build_msrs(const X86Contract *x86, GArray *msrs)
{
    if (x86_words_have(x86->words, X86_ARCH_CAPABILITIES)) {
        add_msr(msrs, X86_MSR_ARCH_CAPABILITIES, x86->words[X86_WORD_ARCH_CAPABILITIES]);
    }
    if (x86_words_have(x86->words, X86_CORE_CAPABILITY)) {
        add_msr(msrs, X86_MSR_CORE_CAPABILITY, x86->words[X86_WORD_CORE_CAPABILITY]);
    }
    if (x86_words_have(x86->words, X86_PDCM)) {
        add_msr(msrs, X86_MSR_PERF_CAPABILITIES, x86->words[X86_WORD_PERF_CAPABILITIES]);
    }
    add_msr(msrs, X86_MSR_MISC_ENABLE, x86->misc_enable);
}
