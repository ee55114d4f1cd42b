/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A contract as it comes from a peer.  The digest is judged last, so damaged ones get
 * through the whole parser; what passes it is encoded, checked and compared.
 */
#include "fuzz.h"

#include <string.h>

#include "target/contract-check.h"
#include "target/x86-encode.h"
#include "util/json.h"

static CpuContract *parse(json_object *json)
{
    g_autoptr(GError) error = NULL;
    CpuContract *contract = cpu_contract_parse(json, &error);

    fuzz_promise_error(!contract, error);
    return contract;
}

static void use(const CpuContract *contract)
{
    static const X86Topology topology = {1, 1, 1, 2, 2};
    X86CpuidEntry entries[X86_CPUID_MAX];
    X86Msr msrs[16];
    g_autoptr(Report) report = report_new();
    g_autoptr(HostProfile) host = host_profile_new(contract->arch);

    if (contract->arch == TARGET_ARCH_X86_64) {
        fuzz_promise(x86_contract_encode_cpuid(contract, &topology, 3, entries) <=
                     X86_CPUID_MAX);
        fuzz_promise(x86_contract_encode_msrs(contract, msrs, G_N_ELEMENTS(msrs)) <=
                     G_N_ELEMENTS(msrs));
    }
    (void)contract_check_host(contract, host, report);
    fuzz_promise(contract_diff(contract, contract, report, NULL, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autojson *json = json_parse((const char *)data, (gssize)size, NULL);
    g_autoptr(CpuContract) contract = json ? parse(json) : NULL;

    if (contract) {
        g_autojson *again = cpu_contract_format(contract);
        g_autoptr(CpuContract) back = parse(again);

        fuzz_promise(back);
        use(contract);
    }
    return 0;
}
