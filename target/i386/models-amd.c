/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The models of AMD's processors by generation, with Hygon's, which is a first EPYC.
 *
 * What they have of nested SVM (npt and what follows it in leaf 0x8000000a) comes to bear
 * with svm=on; no model has svm by itself.
 */
#include "models.h"

/* clang-format off */

#define AMD(family, model, stepping, level, xlevel) \
    IDENTITY("AuthenticAMD", family, model, stepping, level, xlevel)

static const X86CpuModel athlon[] = {
    {MODEL("athlon"), .identity = AMD(6, 2, 3, 0x2, 0x80000008),
     .model_id = "QEMU Virtual CPU version 2.5+",
     .added = FEATURES(X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE,
                       X86_MCE, X86_CX8, X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA,
                       X86_CMOV, X86_PAT, X86_PSE36, X86_MMX, X86_FXSR, X86_SSE,
                       X86_SSE2, X86_MMXEXT, X86_3DNOWEXT, X86_3DNOW)},
};

static const X86CpuModel opteron_g1[] = {
    {MODEL("Opteron_G1"), .identity = AMD(15, 6, 1, 0x5, 0x80000008),
     .model_id = "AMD Opteron 240 (Gen 1 Class Opteron)",
     .added = FEATURES(X86_FPU, X86_VME, X86_DE, X86_PSE, X86_TSC, X86_MSR, X86_PAE,
                       X86_MCE, X86_CX8, X86_APIC, X86_SEP, X86_MTRR, X86_PGE, X86_MCA,
                       X86_CMOV, X86_PAT, X86_PSE36, X86_CLFLUSH, X86_MMX, X86_FXSR,
                       X86_SSE, X86_SSE2, X86_PNI, X86_SYSCALL, X86_NX, X86_LM)},
};

static const X86CpuModel opteron_g2[] = {
    {MODEL("Opteron_G2"), .base = FROM(opteron_g1, 1),
     .identity = AMD(15, 6, 1, 0x5, 0x80000008),
     .model_id = "AMD Opteron 22xx (Gen 2 Class Opteron)",
     .added = FEATURES(X86_CX16, X86_LAHF_LM)},
};

static const X86CpuModel opteron_g3[] = {
    {MODEL("Opteron_G3"), .base = FROM(opteron_g2, 1),
     .identity = AMD(16, 2, 3, 0x5, 0x80000008),
     .model_id = "AMD Opteron 23xx (Gen 3 Class Opteron)",
     .added = FEATURES(X86_POPCNT, X86_RDTSCP, X86_ABM, X86_SSE4A, X86_MISALIGNSSE)},
};

static const X86CpuModel phenom[] = {
    {MODEL("phenom"), .base = FROM(opteron_g3, 1),
     .identity = AMD(16, 2, 3, 0x5, 0x8000001a),
     .model_id = "AMD Phenom(tm) 9550 Quad-Core Processor",
     .removed = FEATURES(X86_MISALIGNSSE),
     .added = FEATURES(X86_MMXEXT, X86_FXSR_OPT, X86_PDPE1GB, X86_3DNOWEXT, X86_3DNOW,
                       X86_NPT)},
};

static const X86CpuModel opteron_g4[] = {
    {MODEL("Opteron_G4"), .base = FROM(opteron_g3, 1),
     .identity = AMD(21, 1, 2, 0xd, 0x8000001a), .model_id = "AMD Opteron 62xx class CPU",
     .added = FEATURES(X86_PCLMULQDQ, X86_SSSE3, X86_SSE4_1, X86_SSE4_2, X86_AES,
                       X86_XSAVE, X86_AVX, X86_PDPE1GB, X86_3DNOWPREFETCH, X86_XOP,
                       X86_FMA4, X86_NPT, X86_NRIP_SAVE)},
};

static const X86CpuModel opteron_g5[] = {
    {MODEL("Opteron_G5"), .base = FROM(opteron_g4, 1),
     .identity = AMD(21, 2, 0, 0xd, 0x8000001a), .model_id = "AMD Opteron 63xx class CPU",
     .added = FEATURES(X86_FMA, X86_F16C, X86_TBM)},
};

/* What the versions of 2025 have more than those before them, of all generations. */
#define RAS_AND_SVM \
    X86_OVERFLOW_RECOV, X86_SUCCOR, X86_LBRV, X86_TSC_SCALE, X86_VMCB_CLEAN, \
    X86_FLUSHBYASID, X86_PAUSE_FILTER, X86_PFTHRESHOLD, X86_V_VMSAVE_VMLOAD, X86_VGIF

static const X86CpuModel epyc[] = {
    {MODEL("EPYC"), .caches = x86_caches_naples, .base = FROM(opteron_g5, 1),
     .identity = AMD(23, 1, 2, 0xd, 0x8000001e), .model_id = "AMD EPYC Processor",
     .removed = FEATURES(X86_XOP, X86_FMA4, X86_TBM),
     .added = FEATURES(X86_MOVBE, X86_RDRAND, X86_FSGSBASE, X86_BMI1, X86_AVX2,
                       X86_SMEP, X86_BMI2, X86_RDSEED, X86_ADX, X86_SMAP,
                       X86_CLFLUSHOPT, X86_SHA_NI, X86_XSAVEOPT, X86_XSAVEC,
                       X86_XGETBV1, X86_ARAT, X86_MMXEXT, X86_FXSR_OPT, X86_CR8LEGACY,
                       X86_OSVW, X86_TOPOEXT)},
    {VERSION("EPYC", 2), .base = FROM(epyc, 1), .alias = TYPE("EPYC-IBPB"),
     .model_id = "AMD EPYC Processor (with IBPB)", .added = FEATURES(X86_IBPB)},
    {VERSION("EPYC", 3), .base = FROM(epyc, 2), .model_id = "AMD EPYC Processor",
     .added = FEATURES(X86_XSAVES, X86_PERFCTR_CORE, X86_CLZERO, X86_XSAVEERPTR)},
    {VERSION("EPYC", 4), .base = FROM(epyc, 3), .model_id = "AMD EPYC-v4 Processor"},
    {VERSION("EPYC", 5), .base = FROM(epyc, 4), .model_id = "AMD EPYC-v5 Processor",
     .added = FEATURES(RAS_AND_SVM)},
};

static const X86CpuModel dhyana[] = {
    {MODEL("Dhyana"), .base = FROM(epyc, 2),
     .identity = IDENTITY("HygonGenuine", 24, 0, 1, 0xd, 0x8000001e),
     .model_id = "Hygon Dhyana Processor",
     .removed = FEATURES(X86_PCLMULQDQ, X86_AES, X86_SHA_NI)},
    {VERSION("Dhyana", 2), .base = FROM(dhyana, 1), .added = FEATURES(X86_XSAVES)},
};

static const X86CpuModel epyc_rome[] = {
    {MODEL("EPYC-Rome"), .caches = x86_caches_rome, .base = FROM(epyc, 3),
     .identity = AMD(23, 49, 0, 0xd, 0x8000001e), .model_id = "AMD EPYC-Rome Processor",
     .added = FEATURES(X86_CLWB, X86_UMIP, X86_RDPID, X86_WBNOINVD, X86_AMD_STIBP)},
    {VERSION("EPYC-Rome", 2), .base = FROM(epyc_rome, 1),
     .added = FEATURES(X86_IBRS, X86_AMD_SSBD)},
    {VERSION("EPYC-Rome", 3), .base = FROM(epyc_rome, 2),
     .model_id = "AMD EPYC-Rome-v3 Processor"},
    {VERSION("EPYC-Rome", 4), .base = FROM(epyc_rome, 3),
     .model_id = "AMD EPYC-Rome-v4 Processor (no XSAVES)",
     .removed = FEATURES(X86_XSAVES)},
    {VERSION("EPYC-Rome", 5), .base = FROM(epyc_rome, 4),
     .model_id = "AMD EPYC-Rome-v5 Processor", .added = FEATURES(RAS_AND_SVM)},
};

static const X86CpuModel epyc_milan[] = {
    {MODEL("EPYC-Milan"), .caches = x86_caches_milan, .base = FROM(epyc_rome, 2),
     .identity = AMD(25, 1, 1, 0xd, 0x8000001e), .model_id = "AMD EPYC-Milan Processor",
     .added = FEATURES(X86_PCID, X86_ERMS, X86_INVPCID, X86_PKU, X86_FSRM,
                       X86_SVME_ADDR_CHK)},
    {VERSION("EPYC-Milan", 2), .base = FROM(epyc_milan, 1),
     .identity = AMD(25, 1, 1, 0xd, 0x80000021),
     .model_id = "AMD EPYC-Milan-v2 Processor",
     .added = FEATURES(X86_VAES, X86_VPCLMULQDQ, X86_STIBP_ALWAYS_ON, X86_AMD_PSFD,
                       X86_NO_NESTED_DATA_BP, X86_LFENCE_ALWAYS_SERIALIZING,
                       X86_NULL_SEL_CLR_BASE)},
    {VERSION("EPYC-Milan", 3), .base = FROM(epyc_milan, 2),
     .model_id = "AMD EPYC-Milan-v3 Processor", .added = FEATURES(RAS_AND_SVM)},
    {VERSION("EPYC-Milan", 4), .base = FROM(epyc_milan, 3),
     .model_id = "AMD EPYC-Milan-v4 Processor", .added = FEATURES(X86_GMET)},
};

static const X86CpuModel epyc_genoa[] = {
    {MODEL("EPYC-Genoa"), .caches = x86_caches_genoa, .base = FROM(epyc_milan, 2),
     .identity = AMD(25, 17, 0, 0xd, 0x80000022), .model_id = "AMD EPYC-Genoa Processor",
     .added = FEATURES(X86_AVX512F, X86_AVX512DQ, X86_AVX512IFMA, X86_AVX512CD,
                       X86_AVX512BW, X86_AVX512VL, X86_AVX512VBMI, X86_AVX512VBMI2,
                       X86_GFNI, X86_AVX512VNNI, X86_AVX512BITALG, X86_AVX512_VPOPCNTDQ,
                       X86_LA57, X86_AVX512_BF16, X86_AUTO_IBRS, X86_VNMI)},
    {VERSION("EPYC-Genoa", 2), .base = FROM(epyc_genoa, 1),
     .model_id = "AMD EPYC-Genoa-v2 Processor",
     .added = FEATURES(RAS_AND_SVM, X86_FS_GS_BASE_NS, X86_PERFMON_V2)},
    {VERSION("EPYC-Genoa", 3), .base = FROM(epyc_genoa, 2),
     .model_id = "AMD EPYC-Genoa-v3 Processor", .added = FEATURES(X86_GMET)},
};

static const X86CpuModel epyc_turin[] = {
    {MODEL("EPYC-Turin"), .caches = x86_caches_turin, .base = FROM(epyc_genoa, 2),
     .identity = AMD(26, 0, 0, 0xd, 0x80000022), .model_id = "AMD EPYC-Turin Processor",
     .added = FEATURES(X86_MOVDIRI, X86_MOVDIR64B, X86_AVX512_VP2INTERSECT,
                       X86_AVX_VNNI, X86_PREFETCHI, X86_SBPB, X86_IBPB_BRTYPE,
                       X86_SRSO_USER_KERNEL_NO)},
    {VERSION("EPYC-Turin", 2), .base = FROM(epyc_turin, 1),
     .model_id = "AMD EPYC-Turin-v2 Processor", .added = FEATURES(X86_GMET)},
};

const X86ModelVersions x86_models_amd[] = {
    VERSIONS(athlon), VERSIONS(opteron_g1), VERSIONS(opteron_g2), VERSIONS(opteron_g3),
    VERSIONS(phenom), VERSIONS(opteron_g4), VERSIONS(opteron_g5), VERSIONS(epyc),
    VERSIONS(dhyana), VERSIONS(epyc_rome), VERSIONS(epyc_milan), VERSIONS(epyc_genoa),
    VERSIONS(epyc_turin), NO_MODEL,
};
/* clang-format on */
