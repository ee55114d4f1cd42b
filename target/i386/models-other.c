/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Models that are no one processor, and Zhaoxin's.
 */
#include "models.h"

/* clang-format off */

static const X86CpuModel kvm32[] = {
    {MODEL("kvm32"), .identity = IDENTITY("GenuineIntel", 15, 6, 1, 0x5, 0x80000008),
     .model_id = "Common 32-bit KVM processor",
     .added = FEATURES(X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE,
                       X86_MCE, X86_CX8, X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA,
                       X86_CMOV, X86_PAT, X86_PSE36, X86_CLFLUSH, X86_MMX, X86_FXSR,
                       X86_SSE, X86_SSE2, X86_PNI, VMX_COREDUO)},
};

static const X86CpuModel kvm64[] = {
    {MODEL("kvm64"), .base = FROM(kvm32, 1),
     .identity = IDENTITY("GenuineIntel", 15, 6, 1, 0xd, 0x80000008),
     .model_id = "Common KVM processor",
     .removed = FEATURES(X86_VMX_MSR_BITMAP),
     .added = FEATURES(X86_CX16, X86_SYSCALL, X86_NX, X86_LM, X86_VMX_CR8_LOAD_EXIT,
                       X86_VMX_CR8_STORE_EXIT, X86_VMX_FLEXPRIORITY,
                       X86_VMX_ENTRY_IA32E_MODE)},
};

static const X86CpuModel qemu32[] = {
    {MODEL("qemu32"), .identity = IDENTITY("GenuineIntel", 6, 6, 3, 0x4, 0x80000004),
     .model_id = "QEMU Virtual CPU version 2.5+",
     .added = FEATURES(X86_FPU, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE,
                       X86_CX8, X86_APIC, X86_SEP, X86_PGE, X86_CMOV, X86_PAT, X86_MMX,
                       X86_FXSR, X86_SSE, X86_SSE2, X86_PNI)},
};

/* All that kvm64 has of VMX. */
#define VMX_KVM64 \
    X86_VMX_INTR_EXIT, X86_VMX_NMI_EXIT, X86_VMX_VINTR_PENDING, X86_VMX_TSC_OFFSET, \
    X86_VMX_HLT_EXIT, X86_VMX_INVLPG_EXIT, X86_VMX_MWAIT_EXIT, X86_VMX_RDPMC_EXIT, \
    X86_VMX_RDTSC_EXIT, X86_VMX_MOVDR_EXIT, X86_VMX_IO_EXIT, X86_VMX_IO_BITMAP, \
    X86_VMX_MONITOR_EXIT, X86_VMX_PAUSE_EXIT, X86_VMX_EXIT_ACK_INTR, \
    X86_VMX_ACTIVITY_HLT, X86_VMX_CR8_LOAD_EXIT, X86_VMX_CR8_STORE_EXIT, \
    X86_VMX_FLEXPRIORITY, X86_VMX_ENTRY_IA32E_MODE

static const X86CpuModel qemu64[] = {
    {MODEL("qemu64"), .base = FROM(kvm64, 1),
     .identity = IDENTITY("AuthenticAMD", 15, 107, 1, 0xd, 0x8000000a),
     .model_id = "QEMU Virtual CPU version 2.5+", .removed = FEATURES(X86_VME, VMX_KVM64),
     .added = FEATURES(X86_LAHF_LM)},
};

static const X86CpuModel yongfeng[] = {
    {MODEL("YongFeng"),
     .identity = IDENTITY("CentaurHauls", 7, 11, 3, 0x1f, 0x80000008, 0xc0000001),
     .model_id = "Zhaoxin YongFeng Processor",
     .added = FEATURES(X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE,
                       X86_MCE, X86_CX8, X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA,
                       X86_CMOV, X86_PAT, X86_PSE36, X86_CLFLUSH, X86_MMX, X86_FXSR,
                       X86_SSE, X86_SSE2, X86_SS, X86_PNI, X86_PCLMULQDQ, X86_SSSE3,
                       X86_FMA, X86_CX16, X86_PCID, X86_SSE4_1, X86_SSE4_2, X86_MOVBE,
                       X86_POPCNT, X86_TSC_DEADLINE, X86_AES, X86_XSAVE, X86_AVX,
                       X86_F16C, X86_RDRAND, X86_FSGSBASE, X86_BMI1, X86_AVX2, X86_SMEP,
                       X86_BMI2, X86_INVPCID, X86_RDSEED, X86_ADX, X86_SMAP, X86_SHA_NI,
                       X86_UMIP, X86_PKU, X86_RDPID, X86_SPEC_CTRL,
                       X86_ARCH_CAPABILITIES, X86_XSAVEOPT, X86_SYSCALL, X86_NX,
                       X86_PDPE1GB, X86_RDTSCP, X86_LM, X86_LAHF_LM, X86_ABM,
                       X86_3DNOWPREFETCH, X86_INVTSC, X86_RDCTL_NO,
                       X86_SKIP_L1DFL_VMENTRY, X86_SSB_NO, X86_MDS_NO,
                       X86_PSCHANGE_MC_NO, X86_XSTORE, X86_XSTORE_EN, X86_XCRYPT,
                       X86_XCRYPT_EN, X86_ACE2, X86_PHE, X86_PHE_EN, X86_PMM,
                       X86_PMM_EN, VMX_HASWELL, X86_VMX_PML)},
    {VERSION("YongFeng", 2), .base = FROM(yongfeng, 1),
     .identity = IDENTITY("CentaurHauls", 7, 91, 3, 0x1f, 0x80000008, 0xc0000001)},
    {VERSION("YongFeng", 3), .base = FROM(yongfeng, 2), .has_leaf_1f = true,
     .caches = x86_caches_yongfeng},
};

const X86ModelVersions x86_models_other[] = {
    VERSIONS(kvm32), VERSIONS(kvm64), VERSIONS(qemu32), VERSIONS(qemu64),
    VERSIONS(yongfeng), NO_MODEL,
};
/* clang-format on */
