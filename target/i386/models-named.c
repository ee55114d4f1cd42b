/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The named CPU models and their versions, sorted by name: what each has, as facts about
 * processors and about the names management software knows them by.  A version is the one
 * before it with some features less and some more.  What KVM adds to every named model
 * (x2apic, hypervisor, the paravirtual features) is in x86_named_extra, not here.
 */
#include "models.h"

#include "util/bits.h"

/* clang-format off */

static const uint16_t i486_v1_features[] = {
    X86_FPU, X86_VME, X86_PSE, X86_NO_FEATURE
};

static const X86CpuModel i486_v1_model = {
    MODEL_NAMED("486-v1"),
    .vendor = "GenuineIntel",
    .family = 4, .model = 8, .stepping = 0,
    .level = 0x1, .xlevel = 0x0,
    .model_id = "",
    .features = i486_v1_features,
};

static const uint16_t athlon_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_MMXEXT, X86_3DNOWEXT, X86_3DNOW,
    X86_NO_FEATURE
};

static const X86CpuModel athlon_v1_model = {
    MODEL_NAMED("athlon-v1"),
    .vendor = "AuthenticAMD",
    .family = 6, .model = 2, .stepping = 3,
    .level = 0x2, .xlevel = 0x80000008,
    .model_id = "QEMU Virtual CPU version 2.5+",
    .features = athlon_v1_features,
};

static const uint16_t broadwell_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_FMA, X86_CX16, X86_PCID, X86_SSE4_1, X86_SSE4_2, X86_MOVBE,
    X86_POPCNT, X86_TSC_DEADLINE, X86_AES, X86_XSAVE, X86_AVX, X86_F16C, X86_RDRAND,
    X86_FSGSBASE, X86_BMI1, X86_HLE, X86_AVX2, X86_SMEP, X86_BMI2, X86_ERMS,
    X86_INVPCID, X86_RTM, X86_RDSEED, X86_ADX, X86_SMAP, X86_XSAVEOPT, X86_ARAT,
    X86_SYSCALL, X86_NX, X86_RDTSCP, X86_LM, X86_LAHF_LM, X86_ABM,
    X86_3DNOWPREFETCH, X86_NO_FEATURE
};

static const X86CpuModel broadwell_v1_model = {
    MODEL_NAMED("Broadwell-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 61, .stepping = 2,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Core Processor (Broadwell)",
    .features = broadwell_v1_features,
};

static const uint16_t broadwell_v2_features[] = {
    X86_NO_FEATURE
};

static const uint16_t broadwell_v2_removed[] = {
    X86_HLE, X86_RTM, X86_NO_FEATURE
};

static const X86CpuModel broadwell_v2_model = {
    MODEL_NAMED("Broadwell-v2"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 61, .stepping = 2,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Core Processor (Broadwell, no TSX)",
    .features = broadwell_v2_features,
    .base = &broadwell_v1_model,
    .removed = broadwell_v2_removed,
};

static const uint16_t broadwell_v3_features[] = {
    X86_HLE, X86_RTM, X86_SPEC_CTRL, X86_NO_FEATURE
};

static const X86CpuModel broadwell_v3_model = {
    MODEL_NAMED("Broadwell-v3"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 61, .stepping = 2,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Core Processor (Broadwell, IBRS)",
    .features = broadwell_v3_features,
    .base = &broadwell_v2_model,
};

static const uint16_t broadwell_v4_features[] = {
    X86_NO_FEATURE
};

static const uint16_t broadwell_v4_removed[] = {
    X86_HLE, X86_RTM, X86_NO_FEATURE
};

static const X86CpuModel broadwell_v4_model = {
    MODEL_NAMED("Broadwell-v4"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 61, .stepping = 2,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Core Processor (Broadwell, no TSX, IBRS)",
    .features = broadwell_v4_features,
    .base = &broadwell_v3_model,
    .removed = broadwell_v4_removed,
};

static const uint16_t cascadelake_server_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_FMA, X86_CX16, X86_PCID, X86_SSE4_1, X86_SSE4_2, X86_MOVBE,
    X86_POPCNT, X86_TSC_DEADLINE, X86_AES, X86_XSAVE, X86_AVX, X86_F16C, X86_RDRAND,
    X86_FSGSBASE, X86_BMI1, X86_HLE, X86_AVX2, X86_SMEP, X86_BMI2, X86_ERMS,
    X86_INVPCID, X86_RTM, X86_AVX512F, X86_AVX512DQ, X86_RDSEED, X86_ADX, X86_SMAP,
    X86_CLFLUSHOPT, X86_CLWB, X86_AVX512CD, X86_AVX512BW, X86_AVX512VL, X86_PKU,
    X86_AVX512VNNI, X86_SPEC_CTRL, X86_SSBD, X86_XSAVEOPT, X86_XSAVEC, X86_XGETBV1,
    X86_ARAT, X86_SYSCALL, X86_NX, X86_PDPE1GB, X86_RDTSCP, X86_LM, X86_LAHF_LM,
    X86_ABM, X86_3DNOWPREFETCH, X86_NO_FEATURE
};

static const X86CpuModel cascadelake_server_v1_model = {
    MODEL_NAMED("Cascadelake-Server-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 85, .stepping = 6,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Cascadelake)",
    .features = cascadelake_server_v1_features,
};

static const uint16_t cascadelake_server_v2_features[] = {
    X86_ARCH_CAPABILITIES, X86_RDCTL_NO, X86_IBRS_ALL, X86_SKIP_L1DFL_VMENTRY,
    X86_MDS_NO, X86_NO_FEATURE
};

static const X86CpuModel cascadelake_server_v2_model = {
    MODEL_NAMED("Cascadelake-Server-v2"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 85, .stepping = 6,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Cascadelake)",
    .features = cascadelake_server_v2_features,
    .base = &cascadelake_server_v1_model,
};

static const uint16_t cascadelake_server_v3_features[] = {
    X86_NO_FEATURE
};

static const uint16_t cascadelake_server_v3_removed[] = {
    X86_HLE, X86_RTM, X86_NO_FEATURE
};

static const X86CpuModel cascadelake_server_v3_model = {
    MODEL_NAMED("Cascadelake-Server-v3"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 85, .stepping = 6,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Cascadelake)",
    .features = cascadelake_server_v3_features,
    .base = &cascadelake_server_v2_model,
    .removed = cascadelake_server_v3_removed,
};

static const uint16_t cascadelake_server_v4_features[] = {
    X86_NO_FEATURE
};

static const X86CpuModel cascadelake_server_v4_model = {
    MODEL_NAMED("Cascadelake-Server-v4"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 85, .stepping = 6,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Cascadelake)",
    .features = cascadelake_server_v4_features,
    .base = &cascadelake_server_v3_model,
};

static const uint16_t cascadelake_server_v5_features[] = {
    X86_XSAVES, X86_NO_FEATURE
};

static const X86CpuModel cascadelake_server_v5_model = {
    MODEL_NAMED("Cascadelake-Server-v5"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 85, .stepping = 6,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Cascadelake)",
    .features = cascadelake_server_v5_features,
    .base = &cascadelake_server_v4_model,
};

static const uint16_t clearwaterforest_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_SS, X86_PNI,
    X86_PCLMULQDQ, X86_SSSE3, X86_FMA, X86_CX16, X86_PCID, X86_SSE4_1, X86_SSE4_2,
    X86_MOVBE, X86_POPCNT, X86_TSC_DEADLINE, X86_AES, X86_XSAVE, X86_AVX, X86_F16C,
    X86_RDRAND, X86_FSGSBASE, X86_TSC_ADJUST, X86_BMI1, X86_AVX2, X86_SMEP,
    X86_BMI2, X86_ERMS, X86_INVPCID, X86_RDSEED, X86_ADX, X86_SMAP, X86_CLFLUSHOPT,
    X86_CLWB, X86_SHA_NI, X86_UMIP, X86_PKU, X86_GFNI, X86_VAES, X86_VPCLMULQDQ,
    X86_RDPID, X86_BUS_LOCK_DETECT, X86_CLDEMOTE, X86_MOVDIRI, X86_MOVDIR64B,
    X86_FSRM, X86_SERIALIZE, X86_SPEC_CTRL, X86_ARCH_CAPABILITIES, X86_SSBD,
    X86_SHA512, X86_SM3, X86_SM4, X86_AVX_VNNI, X86_CMPCCXADD, X86_FSRS,
    X86_AVX_IFMA, X86_LAM, X86_AVX_VNNI_INT8, X86_AVX_NE_CONVERT,
    X86_AVX_VNNI_INT16, X86_PREFETCHITI, X86_INTEL_PSFD, X86_IPRED_CTRL,
    X86_RRSBA_CTRL, X86_DDPD_U, X86_BHI_CTRL, X86_MCDT_NO, X86_XSAVEOPT, X86_XSAVEC,
    X86_XGETBV1, X86_XSAVES, X86_ARAT, X86_SYSCALL, X86_NX, X86_PDPE1GB, X86_RDTSCP,
    X86_LM, X86_LAHF_LM, X86_ABM, X86_3DNOWPREFETCH, X86_WBNOINVD, X86_RDCTL_NO,
    X86_IBRS_ALL, X86_SKIP_L1DFL_VMENTRY, X86_MDS_NO, X86_PSCHANGE_MC_NO,
    X86_SBDR_SSDP_NO, X86_FBSDP_NO, X86_PSDP_NO, X86_BHI_NO, X86_PBRSB_NO,
    X86_GDS_NO, X86_RFDS_NO, X86_NO_FEATURE
};

static const X86CpuModel clearwaterforest_v1_model = {
    MODEL_NAMED("ClearwaterForest-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 221, .stepping = 0,
    .level = 0x23, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (ClearwaterForest)",
    .features = clearwaterforest_v1_features,
};

static const uint16_t conroe_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_SSSE3,
    X86_SYSCALL, X86_NX, X86_LM, X86_LAHF_LM, X86_NO_FEATURE
};

static const X86CpuModel conroe_v1_model = {
    MODEL_NAMED("Conroe-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 15, .stepping = 3,
    .level = 0xa, .xlevel = 0x80000008,
    .model_id = "Intel Celeron_4x0 (Conroe/Merom Class Core 2)",
    .features = conroe_v1_features,
};

static const uint16_t cooperlake_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_FMA, X86_CX16, X86_PCID, X86_SSE4_1, X86_SSE4_2, X86_MOVBE,
    X86_POPCNT, X86_TSC_DEADLINE, X86_AES, X86_XSAVE, X86_AVX, X86_F16C, X86_RDRAND,
    X86_FSGSBASE, X86_BMI1, X86_HLE, X86_AVX2, X86_SMEP, X86_BMI2, X86_ERMS,
    X86_INVPCID, X86_RTM, X86_AVX512F, X86_AVX512DQ, X86_RDSEED, X86_ADX, X86_SMAP,
    X86_CLFLUSHOPT, X86_CLWB, X86_AVX512CD, X86_AVX512BW, X86_AVX512VL, X86_PKU,
    X86_AVX512VNNI, X86_SPEC_CTRL, X86_STIBP, X86_ARCH_CAPABILITIES, X86_SSBD,
    X86_AVX512_BF16, X86_XSAVEOPT, X86_XSAVEC, X86_XGETBV1, X86_ARAT, X86_SYSCALL,
    X86_NX, X86_PDPE1GB, X86_RDTSCP, X86_LM, X86_LAHF_LM, X86_ABM,
    X86_3DNOWPREFETCH, X86_RDCTL_NO, X86_IBRS_ALL, X86_SKIP_L1DFL_VMENTRY,
    X86_MDS_NO, X86_PSCHANGE_MC_NO, X86_TAA_NO, X86_NO_FEATURE
};

static const X86CpuModel cooperlake_v1_model = {
    MODEL_NAMED("Cooperlake-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 85, .stepping = 10,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Cooperlake)",
    .features = cooperlake_v1_features,
};

static const uint16_t cooperlake_v2_features[] = {
    X86_XSAVES, X86_NO_FEATURE
};

static const X86CpuModel cooperlake_v2_model = {
    MODEL_NAMED("Cooperlake-v2"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 85, .stepping = 10,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Cooperlake)",
    .features = cooperlake_v2_features,
    .base = &cooperlake_v1_model,
};

static const uint16_t core2duo_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_SS, X86_PNI, X86_SSSE3,
    X86_CX16, X86_SYSCALL, X86_NX, X86_LM, X86_LAHF_LM, X86_NO_FEATURE
};

static const X86CpuModel core2duo_v1_model = {
    MODEL_NAMED("core2duo-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 15, .stepping = 11,
    .level = 0xa, .xlevel = 0x80000008,
    .model_id = "Intel(R) Core(TM)2 Duo CPU     T7700  @ 2.40GHz",
    .features = core2duo_v1_features,
};

static const uint16_t coreduo_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_CLFLUSH,
    X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_SS, X86_PNI, X86_NX, X86_NO_FEATURE
};

static const X86CpuModel coreduo_v1_model = {
    MODEL_NAMED("coreduo-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 14, .stepping = 8,
    .level = 0xa, .xlevel = 0x80000008,
    .model_id = "Genuine Intel(R) CPU           T2600  @ 2.16GHz",
    .features = coreduo_v1_features,
};

static const uint16_t denverton_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_CX16, X86_SSE4_1, X86_SSE4_2, X86_MOVBE, X86_POPCNT,
    X86_TSC_DEADLINE, X86_AES, X86_XSAVE, X86_RDRAND, X86_FSGSBASE, X86_SMEP,
    X86_ERMS, X86_MPX, X86_RDSEED, X86_SMAP, X86_CLFLUSHOPT, X86_SHA_NI,
    X86_SPEC_CTRL, X86_ARCH_CAPABILITIES, X86_SSBD, X86_XSAVEOPT, X86_XSAVEC,
    X86_XGETBV1, X86_ARAT, X86_SYSCALL, X86_NX, X86_PDPE1GB, X86_RDTSCP, X86_LM,
    X86_LAHF_LM, X86_3DNOWPREFETCH, X86_RDCTL_NO, X86_SKIP_L1DFL_VMENTRY,
    X86_NO_FEATURE
};

static const X86CpuModel denverton_v1_model = {
    MODEL_NAMED("Denverton-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 95, .stepping = 1,
    .level = 0x15, .xlevel = 0x80000008,
    .model_id = "Intel Atom Processor (Denverton)",
    .features = denverton_v1_features,
};

static const uint16_t denverton_v2_features[] = {
    X86_NO_FEATURE
};

static const uint16_t denverton_v2_removed[] = {
    X86_MPX, X86_NO_FEATURE
};

static const X86CpuModel denverton_v2_model = {
    MODEL_NAMED("Denverton-v2"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 95, .stepping = 1,
    .level = 0x15, .xlevel = 0x80000008,
    .model_id = "Intel Atom Processor (Denverton)",
    .features = denverton_v2_features,
    .base = &denverton_v1_model,
    .removed = denverton_v2_removed,
};

static const uint16_t denverton_v3_features[] = {
    X86_XSAVES, X86_NO_FEATURE
};

static const X86CpuModel denverton_v3_model = {
    MODEL_NAMED("Denverton-v3"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 95, .stepping = 1,
    .level = 0x15, .xlevel = 0x80000008,
    .model_id = "Intel Atom Processor (Denverton)",
    .features = denverton_v3_features,
    .base = &denverton_v2_model,
};

static const uint16_t dhyana_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_SSSE3, X86_FMA,
    X86_CX16, X86_SSE4_1, X86_SSE4_2, X86_MOVBE, X86_POPCNT, X86_XSAVE, X86_AVX,
    X86_F16C, X86_RDRAND, X86_FSGSBASE, X86_BMI1, X86_AVX2, X86_SMEP, X86_BMI2,
    X86_RDSEED, X86_ADX, X86_SMAP, X86_CLFLUSHOPT, X86_XSAVEOPT, X86_XSAVEC,
    X86_XGETBV1, X86_ARAT, X86_SYSCALL, X86_NX, X86_MMXEXT, X86_FXSR_OPT,
    X86_PDPE1GB, X86_RDTSCP, X86_LM, X86_LAHF_LM, X86_CR8LEGACY, X86_ABM, X86_SSE4A,
    X86_MISALIGNSSE, X86_3DNOWPREFETCH, X86_OSVW, X86_TOPOEXT, X86_IBPB,
    X86_NO_FEATURE
};

static const X86CpuModel dhyana_v1_model = {
    MODEL_NAMED("Dhyana-v1"),
    .vendor = "HygonGenuine",
    .family = 24, .model = 0, .stepping = 1,
    .level = 0xd, .xlevel = 0x8000001e,
    .model_id = "Hygon Dhyana Processor",
    .features = dhyana_v1_features,
};

static const uint16_t dhyana_v2_features[] = {
    X86_XSAVES, X86_NO_FEATURE
};

static const X86CpuModel dhyana_v2_model = {
    MODEL_NAMED("Dhyana-v2"),
    .vendor = "HygonGenuine",
    .family = 24, .model = 0, .stepping = 1,
    .level = 0xd, .xlevel = 0x8000001e,
    .model_id = "Hygon Dhyana Processor",
    .features = dhyana_v2_features,
    .base = &dhyana_v1_model,
};

static const uint16_t epyc_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_FMA, X86_CX16, X86_SSE4_1, X86_SSE4_2, X86_MOVBE, X86_POPCNT,
    X86_AES, X86_XSAVE, X86_AVX, X86_F16C, X86_RDRAND, X86_FSGSBASE, X86_BMI1,
    X86_AVX2, X86_SMEP, X86_BMI2, X86_RDSEED, X86_ADX, X86_SMAP, X86_CLFLUSHOPT,
    X86_SHA_NI, X86_XSAVEOPT, X86_XSAVEC, X86_XGETBV1, X86_ARAT, X86_SYSCALL,
    X86_NX, X86_MMXEXT, X86_FXSR_OPT, X86_PDPE1GB, X86_RDTSCP, X86_LM, X86_LAHF_LM,
    X86_CR8LEGACY, X86_ABM, X86_SSE4A, X86_MISALIGNSSE, X86_3DNOWPREFETCH, X86_OSVW,
    X86_TOPOEXT, X86_NO_FEATURE
};

static const X86CpuModel epyc_v1_model = {
    MODEL_NAMED("EPYC-v1"),
    .vendor = "AuthenticAMD",
    .family = 23, .model = 1, .stepping = 2,
    .level = 0xd, .xlevel = 0x8000001e,
    .model_id = "AMD EPYC Processor",
    .features = epyc_v1_features,
};

static const uint16_t epyc_v2_features[] = {
    X86_IBPB, X86_NO_FEATURE
};

static const X86CpuModel epyc_v2_model = {
    MODEL_NAMED("EPYC-v2"),
    .vendor = "AuthenticAMD",
    .family = 23, .model = 1, .stepping = 2,
    .level = 0xd, .xlevel = 0x8000001e,
    .model_id = "AMD EPYC Processor (with IBPB)",
    .features = epyc_v2_features,
    .base = &epyc_v1_model,
};

static const uint16_t epyc_v3_features[] = {
    X86_XSAVES, X86_PERFCTR_CORE, X86_CLZERO, X86_XSAVEERPTR, X86_NO_FEATURE
};

static const X86CpuModel epyc_v3_model = {
    MODEL_NAMED("EPYC-v3"),
    .vendor = "AuthenticAMD",
    .family = 23, .model = 1, .stepping = 2,
    .level = 0xd, .xlevel = 0x8000001e,
    .model_id = "AMD EPYC Processor",
    .features = epyc_v3_features,
    .base = &epyc_v2_model,
};

static const uint16_t epyc_v4_features[] = {
    X86_NO_FEATURE
};

static const X86CpuModel epyc_v4_model = {
    MODEL_NAMED("EPYC-v4"),
    .vendor = "AuthenticAMD",
    .family = 23, .model = 1, .stepping = 2,
    .level = 0xd, .xlevel = 0x8000001e,
    .model_id = "AMD EPYC-v4 Processor",
    .features = epyc_v4_features,
    .base = &epyc_v3_model,
};

static const uint16_t epyc_genoa_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_FMA, X86_CX16, X86_PCID, X86_SSE4_1, X86_SSE4_2, X86_MOVBE,
    X86_POPCNT, X86_AES, X86_XSAVE, X86_AVX, X86_F16C, X86_RDRAND, X86_FSGSBASE,
    X86_BMI1, X86_AVX2, X86_SMEP, X86_BMI2, X86_ERMS, X86_INVPCID, X86_AVX512F,
    X86_AVX512DQ, X86_RDSEED, X86_ADX, X86_SMAP, X86_AVX512IFMA, X86_CLFLUSHOPT,
    X86_CLWB, X86_AVX512CD, X86_SHA_NI, X86_AVX512BW, X86_AVX512VL, X86_AVX512VBMI,
    X86_UMIP, X86_PKU, X86_AVX512VBMI2, X86_GFNI, X86_VAES, X86_VPCLMULQDQ,
    X86_AVX512VNNI, X86_AVX512BITALG, X86_AVX512_VPOPCNTDQ, X86_LA57, X86_RDPID,
    X86_FSRM, X86_AVX512_BF16, X86_XSAVEOPT, X86_XSAVEC, X86_XGETBV1, X86_XSAVES,
    X86_ARAT, X86_SYSCALL, X86_NX, X86_MMXEXT, X86_FXSR_OPT, X86_PDPE1GB,
    X86_RDTSCP, X86_LM, X86_LAHF_LM, X86_CR8LEGACY, X86_ABM, X86_SSE4A,
    X86_MISALIGNSSE, X86_3DNOWPREFETCH, X86_OSVW, X86_TOPOEXT, X86_PERFCTR_CORE,
    X86_CLZERO, X86_XSAVEERPTR, X86_WBNOINVD, X86_IBPB, X86_IBRS, X86_AMD_STIBP,
    X86_STIBP_ALWAYS_ON, X86_AMD_SSBD, X86_AMD_PSFD, X86_NO_NESTED_DATA_BP,
    X86_LFENCE_ALWAYS_SERIALIZING, X86_NULL_SEL_CLR_BASE, X86_AUTO_IBRS,
    X86_NO_FEATURE
};

static const X86CpuModel epyc_genoa_v1_model = {
    MODEL_NAMED("EPYC-Genoa-v1"),
    .vendor = "AuthenticAMD",
    .family = 25, .model = 17, .stepping = 0,
    .level = 0xd, .xlevel = 0x80000022,
    .model_id = "AMD EPYC-Genoa Processor",
    .features = epyc_genoa_v1_features,
};

static const uint16_t epyc_milan_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_FMA, X86_CX16, X86_PCID, X86_SSE4_1, X86_SSE4_2, X86_MOVBE,
    X86_POPCNT, X86_AES, X86_XSAVE, X86_AVX, X86_F16C, X86_RDRAND, X86_FSGSBASE,
    X86_BMI1, X86_AVX2, X86_SMEP, X86_BMI2, X86_ERMS, X86_INVPCID, X86_RDSEED,
    X86_ADX, X86_SMAP, X86_CLFLUSHOPT, X86_CLWB, X86_SHA_NI, X86_UMIP, X86_PKU,
    X86_RDPID, X86_FSRM, X86_XSAVEOPT, X86_XSAVEC, X86_XGETBV1, X86_XSAVES,
    X86_ARAT, X86_SYSCALL, X86_NX, X86_MMXEXT, X86_FXSR_OPT, X86_PDPE1GB,
    X86_RDTSCP, X86_LM, X86_LAHF_LM, X86_CR8LEGACY, X86_ABM, X86_SSE4A,
    X86_MISALIGNSSE, X86_3DNOWPREFETCH, X86_OSVW, X86_TOPOEXT, X86_PERFCTR_CORE,
    X86_CLZERO, X86_XSAVEERPTR, X86_WBNOINVD, X86_IBPB, X86_IBRS, X86_AMD_STIBP,
    X86_AMD_SSBD, X86_NO_FEATURE
};

static const X86CpuModel epyc_milan_v1_model = {
    MODEL_NAMED("EPYC-Milan-v1"),
    .vendor = "AuthenticAMD",
    .family = 25, .model = 1, .stepping = 1,
    .level = 0xd, .xlevel = 0x8000001e,
    .model_id = "AMD EPYC-Milan Processor",
    .features = epyc_milan_v1_features,
};

static const uint16_t epyc_milan_v2_features[] = {
    X86_VAES, X86_VPCLMULQDQ, X86_STIBP_ALWAYS_ON, X86_AMD_PSFD,
    X86_NO_NESTED_DATA_BP, X86_LFENCE_ALWAYS_SERIALIZING, X86_NULL_SEL_CLR_BASE,
    X86_NO_FEATURE
};

static const X86CpuModel epyc_milan_v2_model = {
    MODEL_NAMED("EPYC-Milan-v2"),
    .vendor = "AuthenticAMD",
    .family = 25, .model = 1, .stepping = 1,
    .level = 0xd, .xlevel = 0x80000021,
    .model_id = "AMD EPYC-Milan-v2 Processor",
    .features = epyc_milan_v2_features,
    .base = &epyc_milan_v1_model,
};

static const uint16_t epyc_rome_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_FMA, X86_CX16, X86_SSE4_1, X86_SSE4_2, X86_MOVBE, X86_POPCNT,
    X86_AES, X86_XSAVE, X86_AVX, X86_F16C, X86_RDRAND, X86_FSGSBASE, X86_BMI1,
    X86_AVX2, X86_SMEP, X86_BMI2, X86_RDSEED, X86_ADX, X86_SMAP, X86_CLFLUSHOPT,
    X86_CLWB, X86_SHA_NI, X86_UMIP, X86_RDPID, X86_XSAVEOPT, X86_XSAVEC,
    X86_XGETBV1, X86_XSAVES, X86_ARAT, X86_SYSCALL, X86_NX, X86_MMXEXT,
    X86_FXSR_OPT, X86_PDPE1GB, X86_RDTSCP, X86_LM, X86_LAHF_LM, X86_CR8LEGACY,
    X86_ABM, X86_SSE4A, X86_MISALIGNSSE, X86_3DNOWPREFETCH, X86_OSVW, X86_TOPOEXT,
    X86_PERFCTR_CORE, X86_CLZERO, X86_XSAVEERPTR, X86_WBNOINVD, X86_IBPB,
    X86_AMD_STIBP, X86_NO_FEATURE
};

static const X86CpuModel epyc_rome_v1_model = {
    MODEL_NAMED("EPYC-Rome-v1"),
    .vendor = "AuthenticAMD",
    .family = 23, .model = 49, .stepping = 0,
    .level = 0xd, .xlevel = 0x8000001e,
    .model_id = "AMD EPYC-Rome Processor",
    .features = epyc_rome_v1_features,
};

static const uint16_t epyc_rome_v2_features[] = {
    X86_IBRS, X86_AMD_SSBD, X86_NO_FEATURE
};

static const X86CpuModel epyc_rome_v2_model = {
    MODEL_NAMED("EPYC-Rome-v2"),
    .vendor = "AuthenticAMD",
    .family = 23, .model = 49, .stepping = 0,
    .level = 0xd, .xlevel = 0x8000001e,
    .model_id = "AMD EPYC-Rome Processor",
    .features = epyc_rome_v2_features,
    .base = &epyc_rome_v1_model,
};

static const uint16_t epyc_rome_v3_features[] = {
    X86_NO_FEATURE
};

static const X86CpuModel epyc_rome_v3_model = {
    MODEL_NAMED("EPYC-Rome-v3"),
    .vendor = "AuthenticAMD",
    .family = 23, .model = 49, .stepping = 0,
    .level = 0xd, .xlevel = 0x8000001e,
    .model_id = "AMD EPYC-Rome-v3 Processor",
    .features = epyc_rome_v3_features,
    .base = &epyc_rome_v2_model,
};

static const uint16_t epyc_rome_v4_features[] = {
    X86_NO_FEATURE
};

static const uint16_t epyc_rome_v4_removed[] = {
    X86_XSAVES, X86_NO_FEATURE
};

static const X86CpuModel epyc_rome_v4_model = {
    MODEL_NAMED("EPYC-Rome-v4"),
    .vendor = "AuthenticAMD",
    .family = 23, .model = 49, .stepping = 0,
    .level = 0xd, .xlevel = 0x8000001e,
    .model_id = "AMD EPYC-Rome-v4 Processor (no XSAVES)",
    .features = epyc_rome_v4_features,
    .base = &epyc_rome_v3_model,
    .removed = epyc_rome_v4_removed,
};

static const uint16_t graniterapids_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_FMA, X86_CX16, X86_PCID, X86_SSE4_1, X86_SSE4_2, X86_MOVBE,
    X86_POPCNT, X86_TSC_DEADLINE, X86_AES, X86_XSAVE, X86_AVX, X86_F16C, X86_RDRAND,
    X86_FSGSBASE, X86_BMI1, X86_HLE, X86_AVX2, X86_SMEP, X86_BMI2, X86_ERMS,
    X86_INVPCID, X86_RTM, X86_AVX512F, X86_AVX512DQ, X86_RDSEED, X86_ADX, X86_SMAP,
    X86_AVX512IFMA, X86_CLFLUSHOPT, X86_CLWB, X86_AVX512CD, X86_SHA_NI,
    X86_AVX512BW, X86_AVX512VL, X86_AVX512VBMI, X86_UMIP, X86_PKU, X86_AVX512VBMI2,
    X86_GFNI, X86_VAES, X86_VPCLMULQDQ, X86_AVX512VNNI, X86_AVX512BITALG,
    X86_AVX512_VPOPCNTDQ, X86_LA57, X86_RDPID, X86_BUS_LOCK_DETECT, X86_FSRM,
    X86_SERIALIZE, X86_TSX_LDTRK, X86_AMX_BF16, X86_AVX512_FP16, X86_AMX_TILE,
    X86_AMX_INT8, X86_SPEC_CTRL, X86_ARCH_CAPABILITIES, X86_SSBD, X86_AVX_VNNI,
    X86_AVX512_BF16, X86_FZRM, X86_FSRS, X86_FSRC, X86_AMX_FP16, X86_PREFETCHITI,
    X86_MCDT_NO, X86_XSAVEOPT, X86_XSAVEC, X86_XGETBV1, X86_XSAVES, X86_XFD,
    X86_ARAT, X86_SYSCALL, X86_NX, X86_PDPE1GB, X86_RDTSCP, X86_LM, X86_LAHF_LM,
    X86_ABM, X86_3DNOWPREFETCH, X86_WBNOINVD, X86_RDCTL_NO, X86_IBRS_ALL,
    X86_SKIP_L1DFL_VMENTRY, X86_MDS_NO, X86_PSCHANGE_MC_NO, X86_TAA_NO,
    X86_SBDR_SSDP_NO, X86_FBSDP_NO, X86_PSDP_NO, X86_PBRSB_NO, X86_NO_FEATURE
};

static const X86CpuModel graniterapids_v1_model = {
    MODEL_NAMED("GraniteRapids-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 173, .stepping = 0,
    .level = 0x20, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (GraniteRapids)",
    .features = graniterapids_v1_features,
};

static const uint16_t graniterapids_v2_features[] = {
    X86_SS, X86_TSC_ADJUST, X86_CLDEMOTE, X86_MOVDIRI, X86_MOVDIR64B, X86_AVX10,
    X86_AVX10_128, X86_AVX10_256, X86_AVX10_512, X86_NO_FEATURE
};

static const X86CpuModel graniterapids_v2_model = {
    MODEL_NAMED("GraniteRapids-v2"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 173, .stepping = 1,
    .level = 0x24, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (GraniteRapids)",
    .features = graniterapids_v2_features,
    .base = &graniterapids_v1_model,
};

static const uint16_t haswell_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_FMA, X86_CX16, X86_PCID, X86_SSE4_1, X86_SSE4_2, X86_MOVBE,
    X86_POPCNT, X86_TSC_DEADLINE, X86_AES, X86_XSAVE, X86_AVX, X86_F16C, X86_RDRAND,
    X86_FSGSBASE, X86_BMI1, X86_HLE, X86_AVX2, X86_SMEP, X86_BMI2, X86_ERMS,
    X86_INVPCID, X86_RTM, X86_XSAVEOPT, X86_ARAT, X86_SYSCALL, X86_NX, X86_RDTSCP,
    X86_LM, X86_LAHF_LM, X86_ABM, X86_NO_FEATURE
};

static const X86CpuModel haswell_v1_model = {
    MODEL_NAMED("Haswell-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 60, .stepping = 4,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Core Processor (Haswell)",
    .features = haswell_v1_features,
};

static const uint16_t haswell_v2_features[] = {
    X86_NO_FEATURE
};

static const uint16_t haswell_v2_removed[] = {
    X86_HLE, X86_RTM, X86_NO_FEATURE
};

static const X86CpuModel haswell_v2_model = {
    MODEL_NAMED("Haswell-v2"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 60, .stepping = 1,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Core Processor (Haswell, no TSX)",
    .features = haswell_v2_features,
    .base = &haswell_v1_model,
    .removed = haswell_v2_removed,
};

static const uint16_t haswell_v3_features[] = {
    X86_HLE, X86_RTM, X86_SPEC_CTRL, X86_NO_FEATURE
};

static const X86CpuModel haswell_v3_model = {
    MODEL_NAMED("Haswell-v3"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 60, .stepping = 4,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Core Processor (Haswell, IBRS)",
    .features = haswell_v3_features,
    .base = &haswell_v2_model,
};

static const uint16_t haswell_v4_features[] = {
    X86_NO_FEATURE
};

static const uint16_t haswell_v4_removed[] = {
    X86_HLE, X86_RTM, X86_NO_FEATURE
};

static const X86CpuModel haswell_v4_model = {
    MODEL_NAMED("Haswell-v4"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 60, .stepping = 1,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Core Processor (Haswell, no TSX, IBRS)",
    .features = haswell_v4_features,
    .base = &haswell_v3_model,
    .removed = haswell_v4_removed,
};

static const uint16_t icelake_server_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_FMA, X86_CX16, X86_PCID, X86_SSE4_1, X86_SSE4_2, X86_MOVBE,
    X86_POPCNT, X86_TSC_DEADLINE, X86_AES, X86_XSAVE, X86_AVX, X86_F16C, X86_RDRAND,
    X86_FSGSBASE, X86_BMI1, X86_HLE, X86_AVX2, X86_SMEP, X86_BMI2, X86_ERMS,
    X86_INVPCID, X86_RTM, X86_AVX512F, X86_AVX512DQ, X86_RDSEED, X86_ADX, X86_SMAP,
    X86_CLFLUSHOPT, X86_CLWB, X86_AVX512CD, X86_AVX512BW, X86_AVX512VL,
    X86_AVX512VBMI, X86_UMIP, X86_PKU, X86_AVX512VBMI2, X86_GFNI, X86_VAES,
    X86_VPCLMULQDQ, X86_AVX512VNNI, X86_AVX512BITALG, X86_AVX512_VPOPCNTDQ,
    X86_LA57, X86_SPEC_CTRL, X86_SSBD, X86_XSAVEOPT, X86_XSAVEC, X86_XGETBV1,
    X86_ARAT, X86_SYSCALL, X86_NX, X86_PDPE1GB, X86_RDTSCP, X86_LM, X86_LAHF_LM,
    X86_ABM, X86_3DNOWPREFETCH, X86_WBNOINVD, X86_NO_FEATURE
};

static const X86CpuModel icelake_server_v1_model = {
    MODEL_NAMED("Icelake-Server-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 134, .stepping = 0,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Icelake)",
    .features = icelake_server_v1_features,
};

static const uint16_t icelake_server_v2_features[] = {
    X86_NO_FEATURE
};

static const uint16_t icelake_server_v2_removed[] = {
    X86_HLE, X86_RTM, X86_NO_FEATURE
};

static const X86CpuModel icelake_server_v2_model = {
    MODEL_NAMED("Icelake-Server-v2"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 134, .stepping = 0,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Icelake)",
    .features = icelake_server_v2_features,
    .base = &icelake_server_v1_model,
    .removed = icelake_server_v2_removed,
};

static const uint16_t icelake_server_v3_features[] = {
    X86_ARCH_CAPABILITIES, X86_RDCTL_NO, X86_IBRS_ALL, X86_SKIP_L1DFL_VMENTRY,
    X86_MDS_NO, X86_PSCHANGE_MC_NO, X86_TAA_NO, X86_NO_FEATURE
};

static const X86CpuModel icelake_server_v3_model = {
    MODEL_NAMED("Icelake-Server-v3"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 134, .stepping = 0,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Icelake)",
    .features = icelake_server_v3_features,
    .base = &icelake_server_v2_model,
};

static const uint16_t icelake_server_v4_features[] = {
    X86_AVX512IFMA, X86_SHA_NI, X86_RDPID, X86_FSRM, X86_NO_FEATURE
};

static const X86CpuModel icelake_server_v4_model = {
    MODEL_NAMED("Icelake-Server-v4"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 106, .stepping = 0,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Icelake)",
    .features = icelake_server_v4_features,
    .base = &icelake_server_v3_model,
};

static const uint16_t icelake_server_v5_features[] = {
    X86_XSAVES, X86_NO_FEATURE
};

static const X86CpuModel icelake_server_v5_model = {
    MODEL_NAMED("Icelake-Server-v5"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 106, .stepping = 0,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Icelake)",
    .features = icelake_server_v5_features,
    .base = &icelake_server_v4_model,
};

static const uint16_t icelake_server_v6_features[] = {
    X86_NO_FEATURE
};

static const X86CpuModel icelake_server_v6_model = {
    MODEL_NAMED("Icelake-Server-v6"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 106, .stepping = 0,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Icelake)",
    .features = icelake_server_v6_features,
    .base = &icelake_server_v5_model,
};

static const uint16_t icelake_server_v7_features[] = {
    X86_HLE, X86_RTM, X86_NO_FEATURE
};

static const X86CpuModel icelake_server_v7_model = {
    MODEL_NAMED("Icelake-Server-v7"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 106, .stepping = 0,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Icelake)",
    .features = icelake_server_v7_features,
    .base = &icelake_server_v6_model,
};

static const uint16_t ivybridge_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_CX16, X86_SSE4_1, X86_SSE4_2, X86_POPCNT, X86_TSC_DEADLINE,
    X86_AES, X86_XSAVE, X86_AVX, X86_F16C, X86_RDRAND, X86_FSGSBASE, X86_SMEP,
    X86_ERMS, X86_XSAVEOPT, X86_ARAT, X86_SYSCALL, X86_NX, X86_RDTSCP, X86_LM,
    X86_LAHF_LM, X86_NO_FEATURE
};

static const X86CpuModel ivybridge_v1_model = {
    MODEL_NAMED("IvyBridge-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 58, .stepping = 9,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon E3-12xx v2 (Ivy Bridge)",
    .features = ivybridge_v1_features,
};

static const uint16_t ivybridge_v2_features[] = {
    X86_SPEC_CTRL, X86_NO_FEATURE
};

static const X86CpuModel ivybridge_v2_model = {
    MODEL_NAMED("IvyBridge-v2"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 58, .stepping = 9,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon E3-12xx v2 (Ivy Bridge, IBRS)",
    .features = ivybridge_v2_features,
    .base = &ivybridge_v1_model,
};

static const uint16_t knightsmill_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_SS, X86_PNI,
    X86_PCLMULQDQ, X86_SSSE3, X86_FMA, X86_CX16, X86_SSE4_1, X86_SSE4_2, X86_MOVBE,
    X86_POPCNT, X86_TSC_DEADLINE, X86_AES, X86_XSAVE, X86_AVX, X86_F16C, X86_RDRAND,
    X86_FSGSBASE, X86_BMI1, X86_AVX2, X86_SMEP, X86_BMI2, X86_ERMS, X86_AVX512F,
    X86_RDSEED, X86_ADX, X86_AVX512PF, X86_AVX512ER, X86_AVX512CD,
    X86_AVX512_VPOPCNTDQ, X86_AVX512_4VNNIW, X86_AVX512_4FMAPS, X86_XSAVEOPT,
    X86_ARAT, X86_SYSCALL, X86_NX, X86_PDPE1GB, X86_RDTSCP, X86_LM, X86_LAHF_LM,
    X86_ABM, X86_3DNOWPREFETCH, X86_NO_FEATURE
};

static const X86CpuModel knightsmill_v1_model = {
    MODEL_NAMED("KnightsMill-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 133, .stepping = 0,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Phi Processor (Knights Mill)",
    .features = knightsmill_v1_features,
};

static const uint16_t kvm32_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_NO_FEATURE
};

static const X86CpuModel kvm32_v1_model = {
    MODEL_NAMED("kvm32-v1"),
    .vendor = "GenuineIntel",
    .family = 15, .model = 6, .stepping = 1,
    .level = 0x5, .xlevel = 0x80000008,
    .model_id = "Common 32-bit KVM processor",
    .features = kvm32_v1_features,
};

static const uint16_t kvm64_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_CX16,
    X86_SYSCALL, X86_NX, X86_LM, X86_NO_FEATURE
};

static const X86CpuModel kvm64_v1_model = {
    MODEL_NAMED("kvm64-v1"),
    .vendor = "GenuineIntel",
    .family = 15, .model = 6, .stepping = 1,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Common KVM processor",
    .features = kvm64_v1_features,
};

static const uint16_t n270_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_CLFLUSH,
    X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_SS, X86_PNI, X86_SSSE3, X86_MOVBE,
    X86_NX, X86_LAHF_LM, X86_NO_FEATURE
};

static const X86CpuModel n270_v1_model = {
    MODEL_NAMED("n270-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 28, .stepping = 2,
    .level = 0xa, .xlevel = 0x80000008,
    .model_id = "Intel(R) Atom(TM) CPU N270   @ 1.60GHz",
    .features = n270_v1_features,
};

static const uint16_t nehalem_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_SSSE3, X86_CX16,
    X86_SSE4_1, X86_SSE4_2, X86_POPCNT, X86_SYSCALL, X86_NX, X86_LM, X86_LAHF_LM,
    X86_NO_FEATURE
};

static const X86CpuModel nehalem_v1_model = {
    MODEL_NAMED("Nehalem-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 26, .stepping = 3,
    .level = 0xb, .xlevel = 0x80000008,
    .model_id = "Intel Core i7 9xx (Nehalem Class Core i7)",
    .features = nehalem_v1_features,
};

static const uint16_t nehalem_v2_features[] = {
    X86_SPEC_CTRL, X86_NO_FEATURE
};

static const X86CpuModel nehalem_v2_model = {
    MODEL_NAMED("Nehalem-v2"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 26, .stepping = 3,
    .level = 0xb, .xlevel = 0x80000008,
    .model_id = "Intel Core i7 9xx (Nehalem Core i7, IBRS update)",
    .features = nehalem_v2_features,
    .base = &nehalem_v1_model,
};

static const uint16_t opteron_g1_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_SYSCALL, X86_NX,
    X86_LM, X86_NO_FEATURE
};

static const X86CpuModel opteron_g1_v1_model = {
    MODEL_NAMED("Opteron_G1-v1"),
    .vendor = "AuthenticAMD",
    .family = 15, .model = 6, .stepping = 1,
    .level = 0x5, .xlevel = 0x80000008,
    .model_id = "AMD Opteron 240 (Gen 1 Class Opteron)",
    .features = opteron_g1_v1_features,
};

static const uint16_t opteron_g2_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_CX16,
    X86_SYSCALL, X86_NX, X86_LM, X86_LAHF_LM, X86_NO_FEATURE
};

static const X86CpuModel opteron_g2_v1_model = {
    MODEL_NAMED("Opteron_G2-v1"),
    .vendor = "AuthenticAMD",
    .family = 15, .model = 6, .stepping = 1,
    .level = 0x5, .xlevel = 0x80000008,
    .model_id = "AMD Opteron 22xx (Gen 2 Class Opteron)",
    .features = opteron_g2_v1_features,
};

static const uint16_t opteron_g3_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_CX16,
    X86_POPCNT, X86_SYSCALL, X86_NX, X86_RDTSCP, X86_LM, X86_LAHF_LM, X86_ABM,
    X86_SSE4A, X86_MISALIGNSSE, X86_NO_FEATURE
};

static const X86CpuModel opteron_g3_v1_model = {
    MODEL_NAMED("Opteron_G3-v1"),
    .vendor = "AuthenticAMD",
    .family = 16, .model = 2, .stepping = 3,
    .level = 0x5, .xlevel = 0x80000008,
    .model_id = "AMD Opteron 23xx (Gen 3 Class Opteron)",
    .features = opteron_g3_v1_features,
};

static const uint16_t opteron_g4_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_CX16, X86_SSE4_1, X86_SSE4_2, X86_POPCNT, X86_AES, X86_XSAVE,
    X86_AVX, X86_SYSCALL, X86_NX, X86_PDPE1GB, X86_RDTSCP, X86_LM, X86_LAHF_LM,
    X86_ABM, X86_SSE4A, X86_MISALIGNSSE, X86_3DNOWPREFETCH, X86_XOP, X86_FMA4,
    X86_NO_FEATURE
};

static const X86CpuModel opteron_g4_v1_model = {
    MODEL_NAMED("Opteron_G4-v1"),
    .vendor = "AuthenticAMD",
    .family = 21, .model = 1, .stepping = 2,
    .level = 0xd, .xlevel = 0x8000001a,
    .model_id = "AMD Opteron 62xx class CPU",
    .features = opteron_g4_v1_features,
};

static const uint16_t opteron_g5_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_FMA, X86_CX16, X86_SSE4_1, X86_SSE4_2, X86_POPCNT, X86_AES,
    X86_XSAVE, X86_AVX, X86_F16C, X86_SYSCALL, X86_NX, X86_PDPE1GB, X86_RDTSCP,
    X86_LM, X86_LAHF_LM, X86_ABM, X86_SSE4A, X86_MISALIGNSSE, X86_3DNOWPREFETCH,
    X86_XOP, X86_FMA4, X86_TBM, X86_NO_FEATURE
};

static const X86CpuModel opteron_g5_v1_model = {
    MODEL_NAMED("Opteron_G5-v1"),
    .vendor = "AuthenticAMD",
    .family = 21, .model = 2, .stepping = 0,
    .level = 0xd, .xlevel = 0x8000001a,
    .model_id = "AMD Opteron 63xx class CPU",
    .features = opteron_g5_v1_features,
};

static const uint16_t penryn_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_SSSE3, X86_CX16,
    X86_SSE4_1, X86_SYSCALL, X86_NX, X86_LM, X86_LAHF_LM, X86_NO_FEATURE
};

static const X86CpuModel penryn_v1_model = {
    MODEL_NAMED("Penryn-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 23, .stepping = 3,
    .level = 0xa, .xlevel = 0x80000008,
    .model_id = "Intel Core 2 Duo P9xxx (Penryn Class Core 2)",
    .features = penryn_v1_features,
};

static const uint16_t pentium_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_MCE, X86_CX8, X86_APIC,
    X86_MMX, X86_NO_FEATURE
};

static const X86CpuModel pentium_v1_model = {
    MODEL_NAMED("pentium-v1"),
    .vendor = "GenuineIntel",
    .family = 5, .model = 4, .stepping = 3,
    .level = 0x1, .xlevel = 0x0,
    .model_id = "",
    .features = pentium_v1_features,
};

static const uint16_t pentium2_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_MMX, X86_FXSR, X86_NO_FEATURE
};

static const X86CpuModel pentium2_v1_model = {
    MODEL_NAMED("pentium2-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 5, .stepping = 2,
    .level = 0x2, .xlevel = 0x0,
    .model_id = "",
    .features = pentium2_v1_features,
};

static const uint16_t pentium3_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_MMX, X86_FXSR, X86_SSE, X86_NO_FEATURE
};

static const X86CpuModel pentium3_v1_model = {
    MODEL_NAMED("pentium3-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 7, .stepping = 3,
    .level = 0x3, .xlevel = 0x0,
    .model_id = "",
    .features = pentium3_v1_features,
};

static const uint16_t phenom_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_CX16,
    X86_POPCNT, X86_SYSCALL, X86_NX, X86_MMXEXT, X86_FXSR_OPT, X86_PDPE1GB,
    X86_RDTSCP, X86_LM, X86_3DNOWEXT, X86_3DNOW, X86_LAHF_LM, X86_ABM, X86_SSE4A,
    X86_NO_FEATURE
};

static const X86CpuModel phenom_v1_model = {
    MODEL_NAMED("phenom-v1"),
    .vendor = "AuthenticAMD",
    .family = 16, .model = 2, .stepping = 3,
    .level = 0x5, .xlevel = 0x8000001a,
    .model_id = "AMD Phenom(tm) 9550 Quad-Core Processor",
    .features = phenom_v1_features,
};

static const uint16_t qemu32_v1_features[] = {
    X86_FPU, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8, X86_APIC,
    X86_SEP, X86_PGE, X86_CMOV, X86_PAT, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2,
    X86_PNI, X86_NO_FEATURE
};

static const X86CpuModel qemu32_v1_model = {
    MODEL_NAMED("qemu32-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 6, .stepping = 3,
    .level = 0x4, .xlevel = 0x80000004,
    .model_id = "QEMU Virtual CPU version 2.5+",
    .features = qemu32_v1_features,
};

static const uint16_t qemu64_v1_features[] = {
    X86_FPU, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8, X86_APIC,
    X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36, X86_CLFLUSH,
    X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_CX16, X86_SYSCALL, X86_NX,
    X86_LM, X86_LAHF_LM, X86_NO_FEATURE
};

static const X86CpuModel qemu64_v1_model = {
    MODEL_NAMED("qemu64-v1"),
    .vendor = "AuthenticAMD",
    .family = 15, .model = 107, .stepping = 1,
    .level = 0xd, .xlevel = 0x8000000a,
    .model_id = "QEMU Virtual CPU version 2.5+",
    .features = qemu64_v1_features,
};

static const uint16_t sandybridge_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_CX16, X86_SSE4_1, X86_SSE4_2, X86_POPCNT, X86_TSC_DEADLINE,
    X86_AES, X86_XSAVE, X86_AVX, X86_XSAVEOPT, X86_ARAT, X86_SYSCALL, X86_NX,
    X86_RDTSCP, X86_LM, X86_LAHF_LM, X86_NO_FEATURE
};

static const X86CpuModel sandybridge_v1_model = {
    MODEL_NAMED("SandyBridge-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 42, .stepping = 1,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon E312xx (Sandy Bridge)",
    .features = sandybridge_v1_features,
};

static const uint16_t sandybridge_v2_features[] = {
    X86_SPEC_CTRL, X86_NO_FEATURE
};

static const X86CpuModel sandybridge_v2_model = {
    MODEL_NAMED("SandyBridge-v2"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 42, .stepping = 1,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon E312xx (Sandy Bridge, IBRS update)",
    .features = sandybridge_v2_features,
    .base = &sandybridge_v1_model,
};

static const uint16_t sapphirerapids_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_FMA, X86_CX16, X86_PCID, X86_SSE4_1, X86_SSE4_2, X86_MOVBE,
    X86_POPCNT, X86_TSC_DEADLINE, X86_AES, X86_XSAVE, X86_AVX, X86_F16C, X86_RDRAND,
    X86_FSGSBASE, X86_BMI1, X86_HLE, X86_AVX2, X86_SMEP, X86_BMI2, X86_ERMS,
    X86_INVPCID, X86_RTM, X86_AVX512F, X86_AVX512DQ, X86_RDSEED, X86_ADX, X86_SMAP,
    X86_AVX512IFMA, X86_CLFLUSHOPT, X86_CLWB, X86_AVX512CD, X86_SHA_NI,
    X86_AVX512BW, X86_AVX512VL, X86_AVX512VBMI, X86_UMIP, X86_PKU, X86_AVX512VBMI2,
    X86_GFNI, X86_VAES, X86_VPCLMULQDQ, X86_AVX512VNNI, X86_AVX512BITALG,
    X86_AVX512_VPOPCNTDQ, X86_LA57, X86_RDPID, X86_BUS_LOCK_DETECT, X86_FSRM,
    X86_SERIALIZE, X86_TSX_LDTRK, X86_AMX_BF16, X86_AVX512_FP16, X86_AMX_TILE,
    X86_AMX_INT8, X86_SPEC_CTRL, X86_ARCH_CAPABILITIES, X86_SSBD, X86_AVX_VNNI,
    X86_AVX512_BF16, X86_FZRM, X86_FSRS, X86_FSRC, X86_XSAVEOPT, X86_XSAVEC,
    X86_XGETBV1, X86_XSAVES, X86_XFD, X86_ARAT, X86_SYSCALL, X86_NX, X86_PDPE1GB,
    X86_RDTSCP, X86_LM, X86_LAHF_LM, X86_ABM, X86_3DNOWPREFETCH, X86_WBNOINVD,
    X86_RDCTL_NO, X86_IBRS_ALL, X86_SKIP_L1DFL_VMENTRY, X86_MDS_NO,
    X86_PSCHANGE_MC_NO, X86_TAA_NO, X86_NO_FEATURE
};

static const X86CpuModel sapphirerapids_v1_model = {
    MODEL_NAMED("SapphireRapids-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 143, .stepping = 4,
    .level = 0x20, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (SapphireRapids)",
    .features = sapphirerapids_v1_features,
};

static const uint16_t sapphirerapids_v2_features[] = {
    X86_SBDR_SSDP_NO, X86_FBSDP_NO, X86_PSDP_NO, X86_NO_FEATURE
};

static const X86CpuModel sapphirerapids_v2_model = {
    MODEL_NAMED("SapphireRapids-v2"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 143, .stepping = 4,
    .level = 0x20, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (SapphireRapids)",
    .features = sapphirerapids_v2_features,
    .base = &sapphirerapids_v1_model,
};

static const uint16_t sapphirerapids_v3_features[] = {
    X86_SS, X86_TSC_ADJUST, X86_CLDEMOTE, X86_MOVDIRI, X86_MOVDIR64B, X86_NO_FEATURE
};

static const X86CpuModel sapphirerapids_v3_model = {
    MODEL_NAMED("SapphireRapids-v3"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 143, .stepping = 4,
    .level = 0x20, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (SapphireRapids)",
    .features = sapphirerapids_v3_features,
    .base = &sapphirerapids_v2_model,
};

static const uint16_t sierraforest_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_FMA, X86_CX16, X86_PCID, X86_SSE4_1, X86_SSE4_2, X86_MOVBE,
    X86_POPCNT, X86_TSC_DEADLINE, X86_AES, X86_XSAVE, X86_AVX, X86_F16C, X86_RDRAND,
    X86_FSGSBASE, X86_BMI1, X86_AVX2, X86_SMEP, X86_BMI2, X86_ERMS, X86_INVPCID,
    X86_RDSEED, X86_ADX, X86_SMAP, X86_CLFLUSHOPT, X86_CLWB, X86_SHA_NI, X86_UMIP,
    X86_PKU, X86_GFNI, X86_VAES, X86_VPCLMULQDQ, X86_RDPID, X86_BUS_LOCK_DETECT,
    X86_FSRM, X86_SERIALIZE, X86_SPEC_CTRL, X86_ARCH_CAPABILITIES, X86_SSBD,
    X86_AVX_VNNI, X86_CMPCCXADD, X86_FSRS, X86_AVX_IFMA, X86_AVX_VNNI_INT8,
    X86_AVX_NE_CONVERT, X86_MCDT_NO, X86_XSAVEOPT, X86_XSAVEC, X86_XGETBV1,
    X86_XSAVES, X86_ARAT, X86_SYSCALL, X86_NX, X86_PDPE1GB, X86_RDTSCP, X86_LM,
    X86_LAHF_LM, X86_ABM, X86_3DNOWPREFETCH, X86_WBNOINVD, X86_RDCTL_NO,
    X86_IBRS_ALL, X86_SKIP_L1DFL_VMENTRY, X86_MDS_NO, X86_PSCHANGE_MC_NO,
    X86_SBDR_SSDP_NO, X86_FBSDP_NO, X86_PSDP_NO, X86_PBRSB_NO, X86_NO_FEATURE
};

static const X86CpuModel sierraforest_v1_model = {
    MODEL_NAMED("SierraForest-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 175, .stepping = 0,
    .level = 0x23, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (SierraForest)",
    .features = sierraforest_v1_features,
};

static const uint16_t sierraforest_v2_features[] = {
    X86_SS, X86_TSC_ADJUST, X86_CLDEMOTE, X86_MOVDIRI, X86_MOVDIR64B, X86_LAM,
    X86_INTEL_PSFD, X86_IPRED_CTRL, X86_RRSBA_CTRL, X86_BHI_CTRL, X86_GDS_NO,
    X86_RFDS_NO, X86_NO_FEATURE
};

static const X86CpuModel sierraforest_v2_model = {
    MODEL_NAMED("SierraForest-v2"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 175, .stepping = 3,
    .level = 0x23, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (SierraForest)",
    .features = sierraforest_v2_features,
    .base = &sierraforest_v1_model,
};

static const uint16_t skylake_client_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_FMA, X86_CX16, X86_PCID, X86_SSE4_1, X86_SSE4_2, X86_MOVBE,
    X86_POPCNT, X86_TSC_DEADLINE, X86_AES, X86_XSAVE, X86_AVX, X86_F16C, X86_RDRAND,
    X86_FSGSBASE, X86_BMI1, X86_HLE, X86_AVX2, X86_SMEP, X86_BMI2, X86_ERMS,
    X86_INVPCID, X86_RTM, X86_RDSEED, X86_ADX, X86_SMAP, X86_XSAVEOPT, X86_XSAVEC,
    X86_XGETBV1, X86_ARAT, X86_SYSCALL, X86_NX, X86_RDTSCP, X86_LM, X86_LAHF_LM,
    X86_ABM, X86_3DNOWPREFETCH, X86_NO_FEATURE
};

static const X86CpuModel skylake_client_v1_model = {
    MODEL_NAMED("Skylake-Client-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 94, .stepping = 3,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Core Processor (Skylake)",
    .features = skylake_client_v1_features,
};

static const uint16_t skylake_client_v2_features[] = {
    X86_SPEC_CTRL, X86_NO_FEATURE
};

static const X86CpuModel skylake_client_v2_model = {
    MODEL_NAMED("Skylake-Client-v2"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 94, .stepping = 3,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Core Processor (Skylake, IBRS)",
    .features = skylake_client_v2_features,
    .base = &skylake_client_v1_model,
};

static const uint16_t skylake_client_v3_features[] = {
    X86_NO_FEATURE
};

static const uint16_t skylake_client_v3_removed[] = {
    X86_HLE, X86_RTM, X86_NO_FEATURE
};

static const X86CpuModel skylake_client_v3_model = {
    MODEL_NAMED("Skylake-Client-v3"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 94, .stepping = 3,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Core Processor (Skylake, IBRS, no TSX)",
    .features = skylake_client_v3_features,
    .base = &skylake_client_v2_model,
    .removed = skylake_client_v3_removed,
};

static const uint16_t skylake_client_v4_features[] = {
    X86_XSAVES, X86_NO_FEATURE
};

static const X86CpuModel skylake_client_v4_model = {
    MODEL_NAMED("Skylake-Client-v4"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 94, .stepping = 3,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Core Processor (Skylake, IBRS, no TSX)",
    .features = skylake_client_v4_features,
    .base = &skylake_client_v3_model,
};

static const uint16_t skylake_server_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_FMA, X86_CX16, X86_PCID, X86_SSE4_1, X86_SSE4_2, X86_MOVBE,
    X86_POPCNT, X86_TSC_DEADLINE, X86_AES, X86_XSAVE, X86_AVX, X86_F16C, X86_RDRAND,
    X86_FSGSBASE, X86_BMI1, X86_HLE, X86_AVX2, X86_SMEP, X86_BMI2, X86_ERMS,
    X86_INVPCID, X86_RTM, X86_AVX512F, X86_AVX512DQ, X86_RDSEED, X86_ADX, X86_SMAP,
    X86_CLFLUSHOPT, X86_CLWB, X86_AVX512CD, X86_AVX512BW, X86_AVX512VL, X86_PKU,
    X86_XSAVEOPT, X86_XSAVEC, X86_XGETBV1, X86_ARAT, X86_SYSCALL, X86_NX,
    X86_PDPE1GB, X86_RDTSCP, X86_LM, X86_LAHF_LM, X86_ABM, X86_3DNOWPREFETCH,
    X86_NO_FEATURE
};

static const X86CpuModel skylake_server_v1_model = {
    MODEL_NAMED("Skylake-Server-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 85, .stepping = 4,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Skylake)",
    .features = skylake_server_v1_features,
};

static const uint16_t skylake_server_v2_features[] = {
    X86_SPEC_CTRL, X86_NO_FEATURE
};

static const uint16_t skylake_server_v2_removed[] = {
    X86_CLFLUSHOPT, X86_NO_FEATURE
};

static const X86CpuModel skylake_server_v2_model = {
    MODEL_NAMED("Skylake-Server-v2"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 85, .stepping = 4,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Skylake, IBRS)",
    .features = skylake_server_v2_features,
    .base = &skylake_server_v1_model,
    .removed = skylake_server_v2_removed,
};

static const uint16_t skylake_server_v3_features[] = {
    X86_NO_FEATURE
};

static const uint16_t skylake_server_v3_removed[] = {
    X86_HLE, X86_RTM, X86_NO_FEATURE
};

static const X86CpuModel skylake_server_v3_model = {
    MODEL_NAMED("Skylake-Server-v3"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 85, .stepping = 4,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Skylake, IBRS, no TSX)",
    .features = skylake_server_v3_features,
    .base = &skylake_server_v2_model,
    .removed = skylake_server_v3_removed,
};

static const uint16_t skylake_server_v4_features[] = {
    X86_NO_FEATURE
};

static const X86CpuModel skylake_server_v4_model = {
    MODEL_NAMED("Skylake-Server-v4"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 85, .stepping = 4,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Skylake, IBRS, no TSX)",
    .features = skylake_server_v4_features,
    .base = &skylake_server_v3_model,
};

static const uint16_t skylake_server_v5_features[] = {
    X86_XSAVES, X86_NO_FEATURE
};

static const X86CpuModel skylake_server_v5_model = {
    MODEL_NAMED("Skylake-Server-v5"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 85, .stepping = 4,
    .level = 0xd, .xlevel = 0x80000008,
    .model_id = "Intel Xeon Processor (Skylake, IBRS, no TSX)",
    .features = skylake_server_v5_features,
    .base = &skylake_server_v4_model,
};

static const uint16_t snowridge_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_CX16, X86_SSE4_1, X86_SSE4_2, X86_MOVBE, X86_POPCNT,
    X86_TSC_DEADLINE, X86_AES, X86_XSAVE, X86_RDRAND, X86_FSGSBASE, X86_SMEP,
    X86_ERMS, X86_MPX, X86_RDSEED, X86_SMAP, X86_CLFLUSHOPT, X86_CLWB, X86_SHA_NI,
    X86_UMIP, X86_GFNI, X86_CLDEMOTE, X86_MOVDIRI, X86_MOVDIR64B, X86_SPEC_CTRL,
    X86_ARCH_CAPABILITIES, X86_CORE_CAPABILITY, X86_SSBD, X86_XSAVEOPT, X86_XSAVEC,
    X86_XGETBV1, X86_ARAT, X86_SYSCALL, X86_NX, X86_PDPE1GB, X86_RDTSCP, X86_LM,
    X86_LAHF_LM, X86_3DNOWPREFETCH, X86_SPLIT_LOCK_DETECT, X86_NO_FEATURE
};

static const X86CpuModel snowridge_v1_model = {
    MODEL_NAMED("Snowridge-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 134, .stepping = 1,
    .level = 0x1b, .xlevel = 0x80000008,
    .model_id = "Intel Atom Processor (SnowRidge)",
    .features = snowridge_v1_features,
};

static const uint16_t snowridge_v2_features[] = {
    X86_NO_FEATURE
};

static const uint16_t snowridge_v2_removed[] = {
    X86_MPX, X86_NO_FEATURE
};

static const X86CpuModel snowridge_v2_model = {
    MODEL_NAMED("Snowridge-v2"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 134, .stepping = 1,
    .level = 0x1b, .xlevel = 0x80000008,
    .model_id = "Intel Atom Processor (Snowridge, no MPX)",
    .features = snowridge_v2_features,
    .base = &snowridge_v1_model,
    .removed = snowridge_v2_removed,
};

static const uint16_t snowridge_v3_features[] = {
    X86_XSAVES, X86_NO_FEATURE
};

static const X86CpuModel snowridge_v3_model = {
    MODEL_NAMED("Snowridge-v3"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 134, .stepping = 1,
    .level = 0x1b, .xlevel = 0x80000008,
    .model_id = "Intel Atom Processor (Snowridge, no MPX)",
    .features = snowridge_v3_features,
    .base = &snowridge_v2_model,
};

static const uint16_t snowridge_v4_features[] = {
    X86_NO_FEATURE
};

static const uint16_t snowridge_v4_removed[] = {
    X86_CORE_CAPABILITY, X86_SPLIT_LOCK_DETECT, X86_NO_FEATURE
};

static const X86CpuModel snowridge_v4_model = {
    MODEL_NAMED("Snowridge-v4"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 134, .stepping = 1,
    .level = 0x1b, .xlevel = 0x80000008,
    .model_id = "Intel Atom Processor (Snowridge, no MPX)",
    .features = snowridge_v4_features,
    .base = &snowridge_v3_model,
    .removed = snowridge_v4_removed,
};

static const uint16_t westmere_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_CX16, X86_SSE4_1, X86_SSE4_2, X86_POPCNT, X86_AES, X86_ARAT,
    X86_SYSCALL, X86_NX, X86_LM, X86_LAHF_LM, X86_NO_FEATURE
};

static const X86CpuModel westmere_v1_model = {
    MODEL_NAMED("Westmere-v1"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 44, .stepping = 1,
    .level = 0xb, .xlevel = 0x80000008,
    .model_id = "Westmere E56xx/L56xx/X56xx (Nehalem-C)",
    .features = westmere_v1_features,
};

static const uint16_t westmere_v2_features[] = {
    X86_SPEC_CTRL, X86_NO_FEATURE
};

static const X86CpuModel westmere_v2_model = {
    MODEL_NAMED("Westmere-v2"),
    .vendor = "GenuineIntel",
    .family = 6, .model = 44, .stepping = 1,
    .level = 0xb, .xlevel = 0x80000008,
    .model_id = "Westmere E56xx/L56xx/X56xx (IBRS update)",
    .features = westmere_v2_features,
    .base = &westmere_v1_model,
};

static const uint16_t yongfeng_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_SS, X86_PNI,
    X86_PCLMULQDQ, X86_SSSE3, X86_FMA, X86_CX16, X86_PCID, X86_SSE4_1, X86_SSE4_2,
    X86_MOVBE, X86_POPCNT, X86_TSC_DEADLINE, X86_AES, X86_XSAVE, X86_AVX, X86_F16C,
    X86_RDRAND, X86_FSGSBASE, X86_BMI1, X86_AVX2, X86_SMEP, X86_BMI2, X86_INVPCID,
    X86_RDSEED, X86_ADX, X86_SMAP, X86_SHA_NI, X86_UMIP, X86_PKU, X86_RDPID,
    X86_SPEC_CTRL, X86_ARCH_CAPABILITIES, X86_XSAVEOPT, X86_SYSCALL, X86_NX,
    X86_PDPE1GB, X86_RDTSCP, X86_LM, X86_LAHF_LM, X86_ABM, X86_3DNOWPREFETCH,
    X86_INVTSC, X86_RDCTL_NO, X86_SKIP_L1DFL_VMENTRY, X86_SSB_NO, X86_MDS_NO,
    X86_PSCHANGE_MC_NO, X86_NO_FEATURE
};

static const X86CpuModel yongfeng_v1_model = {
    MODEL_NAMED("YongFeng-v1"),
    .vendor = "CentaurHauls",
    .family = 7, .model = 11, .stepping = 3,
    .level = 0x1f, .xlevel = 0x80000008,
    .model_id = "Zhaoxin YongFeng Processor",
    .features = yongfeng_v1_features,
};

static const uint16_t yongfeng_v2_features[] = {
    X86_NO_FEATURE
};

static const X86CpuModel yongfeng_v2_model = {
    MODEL_NAMED("YongFeng-v2"),
    .vendor = "CentaurHauls",
    .family = 7, .model = 91, .stepping = 3,
    .level = 0x1f, .xlevel = 0x80000008,
    .model_id = "Zhaoxin YongFeng Processor",
    .features = yongfeng_v2_features,
    .base = &yongfeng_v1_model,
};

static const uint16_t epyc_turin_v1_features[] = {
    X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE, X86_MCE, X86_CX8,
    X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT, X86_PSE36,
    X86_CLFLUSH, X86_MMX, X86_FXSR, X86_SSE, X86_SSE2, X86_PNI, X86_PCLMULQDQ,
    X86_SSSE3, X86_FMA, X86_CX16, X86_PCID, X86_SSE4_1, X86_SSE4_2, X86_MOVBE,
    X86_POPCNT, X86_AES, X86_XSAVE, X86_AVX, X86_F16C, X86_RDRAND, X86_FSGSBASE,
    X86_BMI1, X86_AVX2, X86_SMEP, X86_BMI2, X86_ERMS, X86_INVPCID, X86_AVX512F,
    X86_AVX512DQ, X86_RDSEED, X86_ADX, X86_SMAP, X86_AVX512IFMA, X86_CLFLUSHOPT,
    X86_CLWB, X86_AVX512CD, X86_SHA_NI, X86_AVX512BW, X86_AVX512VL, X86_AVX512VBMI,
    X86_UMIP, X86_PKU, X86_AVX512VBMI2, X86_GFNI, X86_VAES, X86_VPCLMULQDQ,
    X86_AVX512VNNI, X86_AVX512BITALG, X86_AVX512_VPOPCNTDQ, X86_LA57, X86_RDPID,
    X86_MOVDIRI, X86_MOVDIR64B, X86_FSRM, X86_AVX512_VP2INTERSECT, X86_AVX_VNNI,
    X86_AVX512_BF16, X86_XSAVEOPT, X86_XSAVEC, X86_XGETBV1, X86_XSAVES, X86_ARAT,
    X86_SYSCALL, X86_NX, X86_MMXEXT, X86_FXSR_OPT, X86_PDPE1GB, X86_RDTSCP, X86_LM,
    X86_LAHF_LM, X86_CR8LEGACY, X86_ABM, X86_SSE4A, X86_MISALIGNSSE,
    X86_3DNOWPREFETCH, X86_OSVW, X86_TOPOEXT, X86_PERFCTR_CORE, X86_OVERFLOW_RECOV,
    X86_SUCCOR, X86_CLZERO, X86_XSAVEERPTR, X86_WBNOINVD, X86_IBPB, X86_IBRS,
    X86_AMD_STIBP, X86_STIBP_ALWAYS_ON, X86_AMD_SSBD, X86_AMD_PSFD,
    X86_NO_NESTED_DATA_BP, X86_FS_GS_BASE_NS, X86_LFENCE_ALWAYS_SERIALIZING,
    X86_NULL_SEL_CLR_BASE, X86_AUTO_IBRS, X86_PREFETCHI, X86_SBPB, X86_IBPB_BRTYPE,
    X86_SRSO_USER_KERNEL_NO, X86_PERFMON_V2, X86_NO_FEATURE
};

static const X86CpuModel epyc_turin_v1_model = {
    MODEL_NAMED("EPYC-Turin-v1"),
    .vendor = "AuthenticAMD",
    .family = 26, .model = 0, .stepping = 0,
    .level = 0xd, .xlevel = 0x80000022,
    .model_id = "AMD EPYC-Turin Processor",
    .features = epyc_turin_v1_features,
};

const X86CpuModel *const x86_named_models[] = {
    &i486_v1_model,
    &athlon_v1_model,
    &broadwell_v1_model,
    &broadwell_v2_model,
    &broadwell_v3_model,
    &broadwell_v4_model,
    &cascadelake_server_v1_model,
    &cascadelake_server_v2_model,
    &cascadelake_server_v3_model,
    &cascadelake_server_v4_model,
    &cascadelake_server_v5_model,
    &clearwaterforest_v1_model,
    &conroe_v1_model,
    &cooperlake_v1_model,
    &cooperlake_v2_model,
    &core2duo_v1_model,
    &coreduo_v1_model,
    &denverton_v1_model,
    &denverton_v2_model,
    &denverton_v3_model,
    &dhyana_v1_model,
    &dhyana_v2_model,
    &epyc_v1_model,
    &epyc_v2_model,
    &epyc_v3_model,
    &epyc_v4_model,
    &epyc_genoa_v1_model,
    &epyc_milan_v1_model,
    &epyc_milan_v2_model,
    &epyc_rome_v1_model,
    &epyc_rome_v2_model,
    &epyc_rome_v3_model,
    &epyc_rome_v4_model,
    &graniterapids_v1_model,
    &graniterapids_v2_model,
    &haswell_v1_model,
    &haswell_v2_model,
    &haswell_v3_model,
    &haswell_v4_model,
    &icelake_server_v1_model,
    &icelake_server_v2_model,
    &icelake_server_v3_model,
    &icelake_server_v4_model,
    &icelake_server_v5_model,
    &icelake_server_v6_model,
    &icelake_server_v7_model,
    &ivybridge_v1_model,
    &ivybridge_v2_model,
    &knightsmill_v1_model,
    &kvm32_v1_model,
    &kvm64_v1_model,
    &n270_v1_model,
    &nehalem_v1_model,
    &nehalem_v2_model,
    &opteron_g1_v1_model,
    &opteron_g2_v1_model,
    &opteron_g3_v1_model,
    &opteron_g4_v1_model,
    &opteron_g5_v1_model,
    &penryn_v1_model,
    &pentium_v1_model,
    &pentium2_v1_model,
    &pentium3_v1_model,
    &phenom_v1_model,
    &qemu32_v1_model,
    &qemu64_v1_model,
    &sandybridge_v1_model,
    &sandybridge_v2_model,
    &sapphirerapids_v1_model,
    &sapphirerapids_v2_model,
    &sapphirerapids_v3_model,
    &sierraforest_v1_model,
    &sierraforest_v2_model,
    &skylake_client_v1_model,
    &skylake_client_v2_model,
    &skylake_client_v3_model,
    &skylake_client_v4_model,
    &skylake_server_v1_model,
    &skylake_server_v2_model,
    &skylake_server_v3_model,
    &skylake_server_v4_model,
    &skylake_server_v5_model,
    &snowridge_v1_model,
    &snowridge_v2_model,
    &snowridge_v3_model,
    &snowridge_v4_model,
    &westmere_v1_model,
    &westmere_v2_model,
    &yongfeng_v1_model,
    &yongfeng_v2_model,
    &epyc_turin_v1_model,
};
const unsigned x86_named_model_count = ARRAY_LEN(x86_named_models);

const X86ModelAlias x86_model_aliases[] = {
    {"486" X86_CPU_TYPE_SUFFIX, "486-v1" X86_CPU_TYPE_SUFFIX},
    {"athlon" X86_CPU_TYPE_SUFFIX, "athlon-v1" X86_CPU_TYPE_SUFFIX},
    {"Broadwell" X86_CPU_TYPE_SUFFIX, "Broadwell-v1" X86_CPU_TYPE_SUFFIX},
    {"Broadwell-IBRS" X86_CPU_TYPE_SUFFIX, "Broadwell-v3" X86_CPU_TYPE_SUFFIX},
    {"Broadwell-noTSX" X86_CPU_TYPE_SUFFIX, "Broadwell-v2" X86_CPU_TYPE_SUFFIX},
    {"Broadwell-noTSX-IBRS" X86_CPU_TYPE_SUFFIX, "Broadwell-v4" X86_CPU_TYPE_SUFFIX},
    {"Cascadelake-Server" X86_CPU_TYPE_SUFFIX, "Cascadelake-Server-v1" X86_CPU_TYPE_SUFFIX},
    {"Cascadelake-Server-noTSX" X86_CPU_TYPE_SUFFIX, "Cascadelake-Server-v3" X86_CPU_TYPE_SUFFIX},
    {"ClearwaterForest" X86_CPU_TYPE_SUFFIX, "ClearwaterForest-v1" X86_CPU_TYPE_SUFFIX},
    {"Conroe" X86_CPU_TYPE_SUFFIX, "Conroe-v1" X86_CPU_TYPE_SUFFIX},
    {"Cooperlake" X86_CPU_TYPE_SUFFIX, "Cooperlake-v1" X86_CPU_TYPE_SUFFIX},
    {"core2duo" X86_CPU_TYPE_SUFFIX, "core2duo-v1" X86_CPU_TYPE_SUFFIX},
    {"coreduo" X86_CPU_TYPE_SUFFIX, "coreduo-v1" X86_CPU_TYPE_SUFFIX},
    {"Denverton" X86_CPU_TYPE_SUFFIX, "Denverton-v1" X86_CPU_TYPE_SUFFIX},
    {"Dhyana" X86_CPU_TYPE_SUFFIX, "Dhyana-v1" X86_CPU_TYPE_SUFFIX},
    {"EPYC" X86_CPU_TYPE_SUFFIX, "EPYC-v1" X86_CPU_TYPE_SUFFIX},
    {"EPYC-Genoa" X86_CPU_TYPE_SUFFIX, "EPYC-Genoa-v1" X86_CPU_TYPE_SUFFIX},
    {"EPYC-IBPB" X86_CPU_TYPE_SUFFIX, "EPYC-v2" X86_CPU_TYPE_SUFFIX},
    {"EPYC-Milan" X86_CPU_TYPE_SUFFIX, "EPYC-Milan-v1" X86_CPU_TYPE_SUFFIX},
    {"EPYC-Rome" X86_CPU_TYPE_SUFFIX, "EPYC-Rome-v1" X86_CPU_TYPE_SUFFIX},
    {"EPYC-Turin" X86_CPU_TYPE_SUFFIX, "EPYC-Turin-v1" X86_CPU_TYPE_SUFFIX},
    {"GraniteRapids" X86_CPU_TYPE_SUFFIX, "GraniteRapids-v1" X86_CPU_TYPE_SUFFIX},
    {"Haswell" X86_CPU_TYPE_SUFFIX, "Haswell-v1" X86_CPU_TYPE_SUFFIX},
    {"Haswell-IBRS" X86_CPU_TYPE_SUFFIX, "Haswell-v3" X86_CPU_TYPE_SUFFIX},
    {"Haswell-noTSX" X86_CPU_TYPE_SUFFIX, "Haswell-v2" X86_CPU_TYPE_SUFFIX},
    {"Haswell-noTSX-IBRS" X86_CPU_TYPE_SUFFIX, "Haswell-v4" X86_CPU_TYPE_SUFFIX},
    {"Icelake-Server" X86_CPU_TYPE_SUFFIX, "Icelake-Server-v1" X86_CPU_TYPE_SUFFIX},
    {"Icelake-Server-noTSX" X86_CPU_TYPE_SUFFIX, "Icelake-Server-v2" X86_CPU_TYPE_SUFFIX},
    {"IvyBridge" X86_CPU_TYPE_SUFFIX, "IvyBridge-v1" X86_CPU_TYPE_SUFFIX},
    {"IvyBridge-IBRS" X86_CPU_TYPE_SUFFIX, "IvyBridge-v2" X86_CPU_TYPE_SUFFIX},
    {"KnightsMill" X86_CPU_TYPE_SUFFIX, "KnightsMill-v1" X86_CPU_TYPE_SUFFIX},
    {"kvm32" X86_CPU_TYPE_SUFFIX, "kvm32-v1" X86_CPU_TYPE_SUFFIX},
    {"kvm64" X86_CPU_TYPE_SUFFIX, "kvm64-v1" X86_CPU_TYPE_SUFFIX},
    {"n270" X86_CPU_TYPE_SUFFIX, "n270-v1" X86_CPU_TYPE_SUFFIX},
    {"Nehalem" X86_CPU_TYPE_SUFFIX, "Nehalem-v1" X86_CPU_TYPE_SUFFIX},
    {"Nehalem-IBRS" X86_CPU_TYPE_SUFFIX, "Nehalem-v2" X86_CPU_TYPE_SUFFIX},
    {"Opteron_G1" X86_CPU_TYPE_SUFFIX, "Opteron_G1-v1" X86_CPU_TYPE_SUFFIX},
    {"Opteron_G2" X86_CPU_TYPE_SUFFIX, "Opteron_G2-v1" X86_CPU_TYPE_SUFFIX},
    {"Opteron_G3" X86_CPU_TYPE_SUFFIX, "Opteron_G3-v1" X86_CPU_TYPE_SUFFIX},
    {"Opteron_G4" X86_CPU_TYPE_SUFFIX, "Opteron_G4-v1" X86_CPU_TYPE_SUFFIX},
    {"Opteron_G5" X86_CPU_TYPE_SUFFIX, "Opteron_G5-v1" X86_CPU_TYPE_SUFFIX},
    {"Penryn" X86_CPU_TYPE_SUFFIX, "Penryn-v1" X86_CPU_TYPE_SUFFIX},
    {"pentium" X86_CPU_TYPE_SUFFIX, "pentium-v1" X86_CPU_TYPE_SUFFIX},
    {"pentium2" X86_CPU_TYPE_SUFFIX, "pentium2-v1" X86_CPU_TYPE_SUFFIX},
    {"pentium3" X86_CPU_TYPE_SUFFIX, "pentium3-v1" X86_CPU_TYPE_SUFFIX},
    {"phenom" X86_CPU_TYPE_SUFFIX, "phenom-v1" X86_CPU_TYPE_SUFFIX},
    {"qemu32" X86_CPU_TYPE_SUFFIX, "qemu32-v1" X86_CPU_TYPE_SUFFIX},
    {"qemu64" X86_CPU_TYPE_SUFFIX, "qemu64-v1" X86_CPU_TYPE_SUFFIX},
    {"SandyBridge" X86_CPU_TYPE_SUFFIX, "SandyBridge-v1" X86_CPU_TYPE_SUFFIX},
    {"SandyBridge-IBRS" X86_CPU_TYPE_SUFFIX, "SandyBridge-v2" X86_CPU_TYPE_SUFFIX},
    {"SapphireRapids" X86_CPU_TYPE_SUFFIX, "SapphireRapids-v1" X86_CPU_TYPE_SUFFIX},
    {"SierraForest" X86_CPU_TYPE_SUFFIX, "SierraForest-v1" X86_CPU_TYPE_SUFFIX},
    {"Skylake-Client" X86_CPU_TYPE_SUFFIX, "Skylake-Client-v1" X86_CPU_TYPE_SUFFIX},
    {"Skylake-Client-IBRS" X86_CPU_TYPE_SUFFIX, "Skylake-Client-v2" X86_CPU_TYPE_SUFFIX},
    {"Skylake-Client-noTSX-IBRS" X86_CPU_TYPE_SUFFIX, "Skylake-Client-v3" X86_CPU_TYPE_SUFFIX},
    {"Skylake-Server" X86_CPU_TYPE_SUFFIX, "Skylake-Server-v1" X86_CPU_TYPE_SUFFIX},
    {"Skylake-Server-IBRS" X86_CPU_TYPE_SUFFIX, "Skylake-Server-v2" X86_CPU_TYPE_SUFFIX},
    {"Skylake-Server-noTSX-IBRS" X86_CPU_TYPE_SUFFIX, "Skylake-Server-v3" X86_CPU_TYPE_SUFFIX},
    {"Snowridge" X86_CPU_TYPE_SUFFIX, "Snowridge-v1" X86_CPU_TYPE_SUFFIX},
    {"Westmere" X86_CPU_TYPE_SUFFIX, "Westmere-v1" X86_CPU_TYPE_SUFFIX},
    {"Westmere-IBRS" X86_CPU_TYPE_SUFFIX, "Westmere-v2" X86_CPU_TYPE_SUFFIX},
    {"YongFeng" X86_CPU_TYPE_SUFFIX, "YongFeng-v1" X86_CPU_TYPE_SUFFIX},
};
const unsigned x86_model_alias_count = ARRAY_LEN(x86_model_aliases);
/* clang-format on */
