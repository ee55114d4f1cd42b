/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a monitor's vCPU really has, against the contract it was made of.
 */
#include <inttypes.h>
#include <string.h>

#include "internal.h"
#include "target/arm-registers.h"
#include "target/x86-cpuid-kept.h"
#include "target/x86-encode.h"
#include "util/bits.h"
#include "util/error.h"

/* More MSRs than a contract has. */
#define MSRS_MAX 64

/* Where KVM_GET_REG_LIST has the system registers that are judged: KVM_REG_ARM64,
 * KVM_REG_SIZE_U64, KVM_REG_ARM64_SYSREG.  Source: Linux uapi, asm/kvm.h. */
#define ARM_REGISTER(op0, op1, crn, crm, op2)                                            \
    (UINT64_C(0x6030000000130000) | ARM_SYSREG(op0, op1, crn, crm, op2))
#define MIDR_EL1        ARM_REGISTER(3u, 0u, 0u, 0u, 0u)
#define ID_AA64DFR0_EL1 ARM_REGISTER(3u, 0u, 0u, 5u, 0u)
#define PMCR_EL0        ARM_REGISTER(3u, 3u, 9u, 12u, 0u)

static bool is_of_arch(const VpmuContract *contract, TargetArch arch, GError **errp)
{
    if (contract->inner->arch != arch) {
        error_set(errp, "the contract is of a guest of %s, the vCPU is one of %s",
                  target_arch_name(contract->inner->arch), target_arch_name(arch));
        return false;
    }
    return true;
}

static bool read_topology(const VpmuX86Vcpu *vcpu, X86Topology *ret, GError **errp)
{
    static const VpmuTopology none = {0}, one = {1, 1, 1, 1, 1};
    const VpmuTopology *from =
        memcmp(&vcpu->topology, &none, sizeof(none)) == 0 ? &one : &vcpu->topology;
    const unsigned counts[] = {from->sockets, from->dies, from->modules, from->cores,
                               from->threads};
    uint64_t cpus = 1;

    for (unsigned i = 0; i < ARRAY_LEN(counts); i++) {
        cpus = cpus <= UINT16_MAX ? cpus * counts[i] : cpus;
        if (counts[i] < 1 || cpus > UINT16_MAX) {
            error_set(errp, "topology: 1 to %u processors are accepted", UINT16_MAX);
            return false;
        }
    }
    if (vcpu->index >= cpus) {
        error_set(errp, "vCPU %u of %" PRIu64 " processors", vcpu->index, cpus);
        return false;
    }
    *ret = (X86Topology){from->sockets, from->dies, from->modules, from->cores,
                         from->threads};
    return true;
}

static GArray *told_leaves(const CpuContract *contract, const X86Topology *topology,
                           unsigned index)
{
    GArray *leaves = g_array_new(FALSE, TRUE, sizeof(X86CpuidEntry));

    g_array_set_size(leaves, X86_CPUID_MAX);
    g_array_set_size(leaves, x86_contract_encode_cpuid(contract, topology, index,
                                                       (X86CpuidEntry *)leaves->data));
    return leaves;
}

static GArray *given_leaves(const VpmuCpuid *cpuid, size_t count)
{
    GArray *leaves = g_array_new(FALSE, FALSE, sizeof(X86CpuidEntry));

    for (size_t i = 0; i < count; i++) {
        const X86CpuidEntry entry = {
            .function = cpuid[i].leaf,
            .index = cpuid[i].subleaf,
            .flags = x86_leaf_has_index(cpuid[i].leaf) ? X86_CPUID_HAS_INDEX : 0,
            .eax = cpuid[i].eax,
            .ebx = cpuid[i].ebx,
            .ecx = cpuid[i].ecx,
            .edx = cpuid[i].edx,
        };

        g_array_append_val(leaves, entry);
    }
    return leaves;
}

static void report_value(Report *report, FindingLevel level, const char *row,
                         const char *format, uint64_t told, uint64_t given,
                         const char *cause)
{
    g_autofree char *asked = g_strdup_printf(format, told);
    g_autofree char *got = g_strdup_printf(format, given);

    report_add(
        report,
        &(Finding){
            .level = level, .row = row, .asked = asked, .given = got, .cause = cause});
}

static const VpmuMsr *find_msr(const VpmuMsr *msrs, size_t count, uint32_t index)
{
    for (size_t i = 0; i < count; i++) {
        if (msrs[i].index == index) {
            return &msrs[i];
        }
    }
    return NULL;
}

static void check_msrs(const CpuContract *contract, const VpmuMsr *msrs, size_t count,
                       Report *report)
{
    X86Msr told[MSRS_MAX];
    unsigned told_count = x86_contract_encode_msrs(contract, told, MSRS_MAX);

    for (unsigned i = 0; i < told_count; i++) {
        const VpmuMsr *given = find_msr(msrs, count, told[i].index);
        g_autofree char *row = g_strdup_printf("MSR 0x%" PRIx32, told[i].index);

        if (given && given->value != told[i].value) {
            report_value(report, FINDING_ERROR, row, "0x%" PRIx64, told[i].value,
                         given->value, "the vCPU has another value");
        } else if (!given) {
            report_add(
                report,
                &(Finding){.level = FINDING_NOTE, .row = row, .cause = "not read back"});
        }
    }
}

static VpmuStatus conclude(Report *report, VpmuReport **ret_report, char **message)
{
    GError *error = NULL;
    bool ok = report_to_error(report, &error);

    lib_report_give(report, ret_report);
    return ok ? VPMU_OK : lib_fail_with(VPMU_REFUSED, error, message);
}

VpmuStatus vpmu_verify_x86(const VpmuContract *contract, const VpmuX86Vcpu *vcpu,
                           VpmuReport **ret_report, char **message)
{
    GError *error = NULL;
    Report *report;
    X86Topology topology;
    g_autoptr(GArray) told = NULL, kept = NULL;

    if (!is_of_arch(contract, TARGET_ARCH_X86_64, &error) ||
        !read_topology(vcpu, &topology, &error)) {
        return lib_fail(error, message);
    }
    told = told_leaves(contract->inner, &topology, vcpu->index);
    kept = given_leaves(vcpu->cpuid, vcpu->cpuid_count);
    report = report_new();
    x86_cpuid_check_kept(told, kept, report);
    check_msrs(contract->inner, vcpu->msrs, vcpu->msr_count, report);
    return conclude(report, ret_report, message);
}

/* False where the vCPU does not have it. */
static bool find_register(const VpmuRegister *registers, size_t count, uint64_t id,
                          uint64_t *ret)
{
    for (size_t i = 0; i < count; i++) {
        if (registers[i].id == id) {
            *ret = registers[i].value;
            return true;
        }
    }
    return false;
}

static int compare_ids(gconstpointer a, gconstpointer b)
{
    uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;

    return one < two ? -1 : one > two;
}

/* Those a saved vCPU has and this one does not. */
static void check_list(const ArmContract *arm, const VpmuRegister *registers,
                       size_t count, Report *report)
{
    g_autoptr(GArray) here = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    g_autofree char *missing = NULL;

    for (size_t i = 0; i < count; i++) {
        g_array_append_val(here, registers[i].id);
    }
    g_array_sort(here, compare_ids);
    missing = arm_registers_missing(arm->registers, here);
    if (missing) {
        report_add(report, &(Finding){.level = FINDING_ERROR,
                                      .row = "registers",
                                      .asked = missing,
                                      .cause = "the vCPU does not have them"});
    }
}

static void check_pmu(const CpuContract *contract, const VpmuRegister *registers,
                      size_t count, Report *report)
{
    const ArmContract *arm = &contract->arm;
    uint64_t pmcr = 0, dfr0 = 0;
    bool has_pmcr = find_register(registers, count, PMCR_EL0, &pmcr);
    uint64_t counters = bits_get(pmcr, 11, 5);

    if (has_pmcr != contract->pmu_enabled) {
        report_add(report, &(Finding){.level = FINDING_ERROR,
                                      .row = "pmu",
                                      .asked = (has_pmcr ? "off" : "on"),
                                      .given = (has_pmcr ? "on" : "off"),
                                      .cause = "PMCR_EL0 tells"});
        return;
    }
    if (!has_pmcr) {
        return;
    }
    if (find_register(registers, count, ID_AA64DFR0_EL1, &dfr0) &&
        bits_get(dfr0, 8, 4) != arm->pmu_version) {
        report_value(report, FINDING_ERROR, "pmu.version", "%" PRIu64, arm->pmu_version,
                     bits_get(dfr0, 8, 4), "ID_AA64DFR0_EL1.PMUVer tells");
    }
    if (arm->pmu_counters >= 0 && counters != (uint64_t)arm->pmu_counters) {
        report_value(report, FINDING_ERROR, "pmu.counters", "%" PRIu64,
                     (uint64_t)arm->pmu_counters, counters, "PMCR_EL0.N tells");
    }
}

VpmuStatus vpmu_verify_arm64(const VpmuContract *contract, const VpmuRegister *registers,
                             size_t count, VpmuReport **ret_report, char **message)
{
    GError *error = NULL;
    Report *report;
    uint64_t midr;

    if (!is_of_arch(contract, TARGET_ARCH_AARCH64, &error)) {
        return lib_fail(error, message);
    }
    report = report_new();
    if (find_register(registers, count, MIDR_EL1, &midr) && contract->inner->arm.midr &&
        midr != contract->inner->arm.midr) {
        report_value(report, FINDING_ERROR, "midr", "0x%" PRIx64,
                     contract->inner->arm.midr, midr, "the vCPU is another processor");
    }
    check_pmu(contract->inner, registers, count, report);
    check_list(&contract->inner->arm, registers, count, report);
    return conclude(report, ret_report, message);
}
