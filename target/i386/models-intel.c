/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The models of Intel's processors: desktops and servers by generation, then the small
 * cores and the Phi.
 */
#include "models.h"

/* clang-format off */

#define INTEL(family, model, stepping, level) \
    IDENTITY("GenuineIntel", family, model, stepping, level, 0x80000008)

static const X86CpuModel i486[] = {
    {MODEL("486"), .caches = x86_caches_leaf_2,
     .identity = IDENTITY("GenuineIntel", 4, 8, 0, 0x1, 0x0),
     .model_id = "", .added = FEATURES(X86_FPU, X86_VME, X86_PSE)},
};

static const X86CpuModel pentium[] = {
    {MODEL("pentium"), .base = FROM(i486, 1),
     .identity = IDENTITY("GenuineIntel", 5, 4, 3, 0x1, 0x0), .model_id = "",
     .added = FEATURES(X86_DE, X86_TSC, X86_MSR, X86_MCE, X86_CX8, X86_APIC, X86_MMX)},
};

static const X86CpuModel pentium2[] = {
    {MODEL("pentium2"), .base = FROM(pentium, 1),
     .identity = IDENTITY("GenuineIntel", 6, 5, 2, 0x2, 0x0), .model_id = "",
     .added = FEATURES(X86_PAE, X86_SEP, X86_MTRR, X86_PGE, X86_MCA, X86_CMOV, X86_PAT,
                       X86_PSE36, X86_FXSR)},
};

static const X86CpuModel pentium3[] = {
    {MODEL("pentium3"), .base = FROM(pentium2, 1),
     .identity = IDENTITY("GenuineIntel", 6, 7, 3, 0x3, 0x0), .model_id = "",
     .added = FEATURES(X86_SSE)},
};

static const X86CpuModel coreduo[] = {
    {MODEL("coreduo"), .caches = x86_caches_none, .base = FROM(pentium3, 1),
     .identity = INTEL(6, 14, 8, 0xa),
     .model_id = "Genuine Intel(R) CPU           T2600  @ 2.16GHz",
     .removed = FEATURES(X86_PSE36),
     .added = FEATURES(X86_CLFLUSH, X86_SSE2, X86_SS, X86_PNI, X86_NX, VMX_COREDUO)},
};

static const X86CpuModel conroe[] = {
    {MODEL("Conroe"), .caches = x86_caches_none, .base = FROM(pentium3, 1),
     .identity = INTEL(6, 15, 3, 0xa),
     .model_id = "Intel Celeron_4x0 (Conroe/Merom Class Core 2)",
     .added = FEATURES(X86_CLFLUSH, X86_SSE2, X86_PNI, X86_SSSE3, X86_SYSCALL, X86_NX,
                       X86_LM, X86_LAHF_LM, VMX_CONROE)},
};

static const X86CpuModel core2duo[] = {
    {MODEL("core2duo"), .base = FROM(conroe, 1), .identity = INTEL(6, 15, 11, 0xa),
     .model_id = "Intel(R) Core(TM)2 Duo CPU     T7700  @ 2.40GHz",
     .added = FEATURES(X86_SS, X86_CX16)},
};

static const X86CpuModel penryn[] = {
    {MODEL("Penryn"), .base = FROM(conroe, 1), .identity = INTEL(6, 23, 3, 0xa),
     .model_id = "Intel Core 2 Duo P9xxx (Penryn Class Core 2)",
     .added = FEATURES(X86_CX16, X86_SSE4_1, X86_VMX_WBINVD_EXIT,
                       X86_VMX_EXIT_LOAD_PERF_GLOBAL_CTRL,
                       X86_VMX_ENTRY_LOAD_PERF_GLOBAL_CTRL)},
};

static const X86CpuModel nehalem[] = {
    {MODEL("Nehalem"), .base = FROM(penryn, 1), .identity = INTEL(6, 26, 3, 0xb),
     .model_id = "Intel Core i7 9xx (Nehalem Class Core i7)",
     .added = FEATURES(X86_SSE4_2, X86_POPCNT, X86_VMX_PREEMPTION_TIMER,
                       X86_VMX_CR3_LOAD_NOEXIT, X86_VMX_CR3_STORE_NOEXIT, X86_VMX_MTF,
                       X86_VMX_EPT, X86_VMX_DESC_EXIT, X86_VMX_APICV_X2APIC,
                       X86_VMX_VPID, X86_VMX_EXIT_NOSAVE_DEBUGCTL,
                       X86_VMX_EXIT_SAVE_PAT, X86_VMX_EXIT_LOAD_PAT,
                       X86_VMX_EXIT_SAVE_EFER, X86_VMX_EXIT_LOAD_EFER,
                       X86_VMX_EXIT_SAVE_PREEMPTION_TIMER,
                       X86_VMX_ENTRY_NOLOAD_DEBUGCTL, X86_VMX_ENTRY_LOAD_PAT,
                       X86_VMX_ENTRY_LOAD_EFER, X86_VMX_EPT_EXECONLY,
                       X86_VMX_PAGE_WALK_4, X86_VMX_EPT_2MB, X86_VMX_EPT_1GB,
                       X86_VMX_INVEPT, X86_VMX_INVEPT_SINGLE_CONTEXT,
                       X86_VMX_INVEPT_ALL_CONTEXT, X86_VMX_INVVPID,
                       X86_VMX_INVVPID_SINGLE_ADDR, X86_VMX_INVVPID_ALL_CONTEXT,
                       X86_VMX_INVEPT_SINGLE_CONTEXT_NOGLOBALS, X86_VMX_TRUE_CTLS)},
    {VERSION("Nehalem", 2), .base = FROM(nehalem, 1), .alias = TYPE("Nehalem-IBRS"),
     .model_id = "Intel Core i7 9xx (Nehalem Core i7, IBRS update)",
     .added = FEATURES(X86_SPEC_CTRL)},
};

static const X86CpuModel westmere[] = {
    {MODEL("Westmere"), .base = FROM(nehalem, 1), .identity = INTEL(6, 44, 1, 0xb),
     .model_id = "Westmere E56xx/L56xx/X56xx (Nehalem-C)",
     .added = FEATURES(X86_PCLMULQDQ, X86_AES, X86_ARAT, X86_VMX_UNRESTRICTED_GUEST,
                       X86_VMX_STORE_LMA)},
    {VERSION("Westmere", 2), .base = FROM(westmere, 1), .alias = TYPE("Westmere-IBRS"),
     .model_id = "Westmere E56xx/L56xx/X56xx (IBRS update)",
     .added = FEATURES(X86_SPEC_CTRL)},
};

static const X86CpuModel sandybridge[] = {
    {MODEL("SandyBridge"), .base = FROM(westmere, 1), .identity = INTEL(6, 42, 1, 0xd),
     .model_id = "Intel Xeon E312xx (Sandy Bridge)",
     .added = FEATURES(X86_TSC_DEADLINE, X86_XSAVE, X86_AVX, X86_XSAVEOPT, X86_RDTSCP,
                       X86_VMX_RDTSCP_EXIT)},
    {VERSION("SandyBridge", 2), .base = FROM(sandybridge, 1),
     .alias = TYPE("SandyBridge-IBRS"),
     .model_id = "Intel Xeon E312xx (Sandy Bridge, IBRS update)",
     .added = FEATURES(X86_SPEC_CTRL)},
};

static const X86CpuModel ivybridge[] = {
    {MODEL("IvyBridge"), .base = FROM(sandybridge, 1), .identity = INTEL(6, 58, 9, 0xd),
     .model_id = "Intel Xeon E3-12xx v2 (Ivy Bridge)",
     .added = FEATURES(X86_F16C, X86_RDRAND, X86_FSGSBASE, X86_SMEP, X86_ERMS,
                       X86_VMX_POSTED_INTR, X86_VMX_APICV_REGISTER, X86_VMX_APICV_VID,
                       X86_VMX_RDRAND_EXIT)},
    {VERSION("IvyBridge", 2), .base = FROM(ivybridge, 1), .alias = TYPE("IvyBridge-IBRS"),
     .model_id = "Intel Xeon E3-12xx v2 (Ivy Bridge, IBRS)",
     .added = FEATURES(X86_SPEC_CTRL)},
};

static const X86CpuModel haswell[] = {
    {MODEL("Haswell"), .base = FROM(ivybridge, 1), .identity = INTEL(6, 60, 4, 0xd),
     .model_id = "Intel Core Processor (Haswell)",
     .added = FEATURES(X86_FMA, X86_PCID, X86_MOVBE, X86_BMI1, X86_HLE, X86_AVX2,
                       X86_BMI2, X86_INVPCID, X86_RTM, X86_ABM, X86_VMX_INVPCID_EXIT,
                       X86_VMX_VMFUNC, X86_VMX_SHADOW_VMCS,
                       X86_VMX_VMWRITE_VMEXIT_FIELDS, X86_VMX_EPTAD,
                       X86_VMX_EPTP_SWITCHING)},
    {VERSION("Haswell", 2), .base = FROM(haswell, 1), .alias = TYPE("Haswell-noTSX"),
     .identity = INTEL(6, 60, 1, 0xd),
     .model_id = "Intel Core Processor (Haswell, no TSX)",
     .removed = FEATURES(X86_HLE, X86_RTM)},
    {VERSION("Haswell", 3), .base = FROM(haswell, 1), .alias = TYPE("Haswell-IBRS"),
     .model_id = "Intel Core Processor (Haswell, IBRS)",
     .added = FEATURES(X86_SPEC_CTRL)},
    {VERSION("Haswell", 4), .base = FROM(haswell, 2), .alias = TYPE("Haswell-noTSX-IBRS"),
     .model_id = "Intel Core Processor (Haswell, no TSX, IBRS)",
     .added = FEATURES(X86_SPEC_CTRL)},
};

static const X86CpuModel broadwell[] = {
    {MODEL("Broadwell"), .base = FROM(haswell, 1), .identity = INTEL(6, 61, 2, 0xd),
     .model_id = "Intel Core Processor (Broadwell)",
     .added = FEATURES(X86_RDSEED, X86_ADX, X86_SMAP, X86_3DNOWPREFETCH,
                       X86_VMX_RDSEED_EXIT, X86_VMX_PML)},
    {VERSION("Broadwell", 2), .base = FROM(broadwell, 1),
     .alias = TYPE("Broadwell-noTSX"),
     .model_id = "Intel Core Processor (Broadwell, no TSX)",
     .removed = FEATURES(X86_HLE, X86_RTM)},
    {VERSION("Broadwell", 3), .base = FROM(broadwell, 1), .alias = TYPE("Broadwell-IBRS"),
     .model_id = "Intel Core Processor (Broadwell, IBRS)",
     .added = FEATURES(X86_SPEC_CTRL)},
    {VERSION("Broadwell", 4), .base = FROM(broadwell, 2),
     .alias = TYPE("Broadwell-noTSX-IBRS"),
     .model_id = "Intel Core Processor (Broadwell, no TSX, IBRS)",
     .added = FEATURES(X86_SPEC_CTRL)},
};

static const X86CpuModel skylake_client[] = {
    {MODEL("Skylake-Client"), .base = FROM(broadwell, 1),
     .identity = INTEL(6, 94, 3, 0xd), .model_id = "Intel Core Processor (Skylake)",
     .removed = FEATURES(X86_VMX_POSTED_INTR, X86_VMX_APICV_X2APIC,
                         X86_VMX_APICV_REGISTER, X86_VMX_APICV_VID),
     .added = FEATURES(X86_XSAVEC, X86_XGETBV1)},
    {VERSION("Skylake-Client", 2), .base = FROM(skylake_client, 1),
     .alias = TYPE("Skylake-Client-IBRS"),
     .model_id = "Intel Core Processor (Skylake, IBRS)",
     .added = FEATURES(X86_SPEC_CTRL)},
    {VERSION("Skylake-Client", 3), .base = FROM(skylake_client, 2),
     .alias = TYPE("Skylake-Client-noTSX-IBRS"),
     .model_id = "Intel Core Processor (Skylake, IBRS, no TSX)",
     .removed = FEATURES(X86_HLE, X86_RTM)},
    {VERSION("Skylake-Client", 4), .base = FROM(skylake_client, 3),
     .added = FEATURES(X86_XSAVES, X86_VMX_XSAVES)},
};

static const X86CpuModel skylake_server[] = {
    {MODEL("Skylake-Server"), .base = FROM(skylake_client, 1),
     .identity = INTEL(6, 85, 4, 0xd), .model_id = "Intel Xeon Processor (Skylake)",
     .removed = FEATURES(X86_VMX_EPTP_SWITCHING),
     .added = FEATURES(X86_AVX512F, X86_AVX512DQ, X86_CLFLUSHOPT, X86_CLWB,
                       X86_AVX512CD, X86_AVX512BW, X86_AVX512VL, X86_PKU, X86_PDPE1GB,
                       X86_VMX_POSTED_INTR, X86_VMX_APICV_X2APIC,
                       X86_VMX_APICV_REGISTER, X86_VMX_APICV_VID)},
    {VERSION("Skylake-Server", 2), .base = FROM(skylake_server, 1),
     .alias = TYPE("Skylake-Server-IBRS"),
     .model_id = "Intel Xeon Processor (Skylake, IBRS)",
     .removed = FEATURES(X86_CLFLUSHOPT), .added = FEATURES(X86_SPEC_CTRL)},
    {VERSION("Skylake-Server", 3), .base = FROM(skylake_server, 2),
     .alias = TYPE("Skylake-Server-noTSX-IBRS"),
     .model_id = "Intel Xeon Processor (Skylake, IBRS, no TSX)",
     .removed = FEATURES(X86_HLE, X86_RTM)},
    {VERSION("Skylake-Server", 4), .base = FROM(skylake_server, 3),
     .added = FEATURES(X86_VMX_EPTP_SWITCHING)},
    {VERSION("Skylake-Server", 5), .base = FROM(skylake_server, 4),
     .added = FEATURES(X86_XSAVES, X86_VMX_XSAVES)},
    {VERSION("Skylake-Server", 6), .base = FROM(skylake_server, 5),
     .added = FEATURES(X86_VMX_MBEC)},
};

static const X86CpuModel cascadelake_server[] = {
    {MODEL("Cascadelake-Server"), .base = FROM(skylake_server, 1),
     .identity = INTEL(6, 85, 6, 0xd), .model_id = "Intel Xeon Processor (Cascadelake)",
     .added = FEATURES(X86_AVX512VNNI, X86_SPEC_CTRL, X86_SSBD)},
    {VERSION("Cascadelake-Server", 2), .base = FROM(cascadelake_server, 1),
     .added = FEATURES(X86_ARCH_CAPABILITIES, X86_RDCTL_NO, X86_IBRS_ALL,
                       X86_SKIP_L1DFL_VMENTRY, X86_MDS_NO)},
    {VERSION("Cascadelake-Server", 3), .base = FROM(cascadelake_server, 2),
     .alias = TYPE("Cascadelake-Server-noTSX"), .removed = FEATURES(X86_HLE, X86_RTM)},
    {VERSION("Cascadelake-Server", 4), .base = FROM(cascadelake_server, 3),
     .added = FEATURES(X86_VMX_EPTP_SWITCHING)},
    {VERSION("Cascadelake-Server", 5), .base = FROM(cascadelake_server, 4),
     .added = FEATURES(X86_XSAVES, X86_VMX_XSAVES)},
    {VERSION("Cascadelake-Server", 6), .base = FROM(cascadelake_server, 5),
     .added = FEATURES(X86_SBDR_SSDP_NO, X86_PSDP_NO, X86_FB_CLEAR, X86_GDS_NO,
                       X86_RFDS_NO)},
    {VERSION("Cascadelake-Server", 7), .base = FROM(cascadelake_server, 6),
     .added = FEATURES(X86_VMX_MBEC)},
};

static const X86CpuModel cooperlake[] = {
    {MODEL("Cooperlake"), .base = FROM(cascadelake_server, 2),
     .identity = INTEL(6, 85, 10, 0xd), .model_id = "Intel Xeon Processor (Cooperlake)",
     .added = FEATURES(X86_STIBP, X86_AVX512_BF16, X86_PSCHANGE_MC_NO, X86_TAA_NO,
                       X86_VMX_EPTP_SWITCHING)},
    {VERSION("Cooperlake", 2), .base = FROM(cooperlake, 1),
     .added = FEATURES(X86_XSAVES, X86_VMX_XSAVES)},
};

static const X86CpuModel icelake_server[] = {
    {MODEL("Icelake-Server"), .base = FROM(cascadelake_server, 1),
     .identity = INTEL(6, 134, 0, 0xd), .model_id = "Intel Xeon Processor (Icelake)",
     .removed = FEATURES(X86_VMX_RDSEED_EXIT, X86_VMX_PML),
     .added = FEATURES(X86_AVX512VBMI, X86_UMIP, X86_AVX512VBMI2, X86_GFNI, X86_VAES,
                       X86_VPCLMULQDQ, X86_AVX512BITALG, X86_AVX512_VPOPCNTDQ, X86_LA57,
                       X86_WBNOINVD)},
    {VERSION("Icelake-Server", 2), .base = FROM(icelake_server, 1),
     .alias = TYPE("Icelake-Server-noTSX"), .removed = FEATURES(X86_HLE, X86_RTM)},
    {VERSION("Icelake-Server", 3), .base = FROM(icelake_server, 2),
     .added = FEATURES(X86_ARCH_CAPABILITIES, X86_RDCTL_NO, X86_IBRS_ALL,
                       X86_SKIP_L1DFL_VMENTRY, X86_MDS_NO, X86_PSCHANGE_MC_NO,
                       X86_TAA_NO)},
    {VERSION("Icelake-Server", 4), .base = FROM(icelake_server, 3),
     .identity = INTEL(6, 106, 0, 0xd),
     .added = FEATURES(X86_AVX512IFMA, X86_SHA_NI, X86_RDPID, X86_FSRM,
                       X86_VMX_RDSEED_EXIT, X86_VMX_PML, X86_VMX_EPTP_SWITCHING)},
    {VERSION("Icelake-Server", 5), .base = FROM(icelake_server, 4),
     .added = FEATURES(X86_XSAVES, X86_VMX_XSAVES)},
    {VERSION("Icelake-Server", 6), .base = FROM(icelake_server, 5),
     .added = FEATURES(X86_VMX_PAGE_WALK_5)},
    {VERSION("Icelake-Server", 7), .base = FROM(icelake_server, 6),
     .added = FEATURES(X86_HLE, X86_RTM)},
    {VERSION("Icelake-Server", 8), .base = FROM(icelake_server, 7),
     .added = FEATURES(X86_SBDR_SSDP_NO, X86_PSDP_NO, X86_FB_CLEAR, X86_GDS_NO,
                       X86_RFDS_NO)},
    {VERSION("Icelake-Server", 9), .base = FROM(icelake_server, 8),
     .added = FEATURES(X86_VMX_MBEC)},
};

/* What versions since 2025 have of control-flow enforcement. */
#define CET \
    .added = FEATURES(X86_CET_SS, X86_CET_IBT, X86_VMX_EXIT_SAVE_CET, \
                      X86_VMX_ENTRY_LOAD_CET)

static const X86CpuModel sapphirerapids[] = {
    {MODEL("SapphireRapids"), .base = FROM(icelake_server, 7),
     .identity = INTEL(6, 143, 4, 0x20),
     .model_id = "Intel Xeon Processor (SapphireRapids)",
     .added = FEATURES(X86_BUS_LOCK_DETECT, X86_SERIALIZE, X86_TSX_LDTRK, X86_AMX_BF16,
                       X86_AVX512_FP16, X86_AMX_TILE, X86_AMX_INT8, X86_AVX_VNNI,
                       X86_AVX512_BF16, X86_FZRM, X86_FSRS, X86_FSRC, X86_XFD)},
    {VERSION("SapphireRapids", 2), .base = FROM(sapphirerapids, 1),
     .added = FEATURES(X86_SBDR_SSDP_NO, X86_FBSDP_NO, X86_PSDP_NO)},
    {VERSION("SapphireRapids", 3), .base = FROM(sapphirerapids, 2),
     .added = FEATURES(X86_SS, X86_TSC_ADJUST, X86_CLDEMOTE, X86_MOVDIRI, X86_MOVDIR64B)},
    {VERSION("SapphireRapids", 4), .base = FROM(sapphirerapids, 3), .has_leaf_1f = true,
     .caches = x86_caches_spr},
    {VERSION("SapphireRapids", 5), .base = FROM(sapphirerapids, 4), CET},
    {VERSION("SapphireRapids", 6), .base = FROM(sapphirerapids, 5),
     .added = FEATURES(X86_ITS_NO)},
    {VERSION("SapphireRapids", 7), .base = FROM(sapphirerapids, 6),
     .added = FEATURES(X86_GDS_NO, X86_RFDS_NO)},
    {VERSION("SapphireRapids", 8), .base = FROM(sapphirerapids, 7),
     .added = FEATURES(X86_VMX_MBEC)},
};

static const X86CpuModel graniterapids[] = {
    {MODEL("GraniteRapids"), .base = FROM(sapphirerapids, 2),
     .identity = INTEL(6, 173, 0, 0x20),
     .model_id = "Intel Xeon Processor (GraniteRapids)",
     .added = FEATURES(X86_AMX_FP16, X86_PREFETCHITI, X86_MCDT_NO, X86_PBRSB_NO)},
    {VERSION("GraniteRapids", 2), .base = FROM(graniterapids, 1), .avx10_version = 1,
     .identity = INTEL(6, 173, 1, 0x24),
     .added = FEATURES(X86_SS, X86_TSC_ADJUST, X86_CLDEMOTE, X86_MOVDIRI, X86_MOVDIR64B,
                       X86_AVX10, X86_AVX10_128, X86_AVX10_256, X86_AVX10_512)},
    {VERSION("GraniteRapids", 3), .base = FROM(graniterapids, 2), .has_leaf_1f = true,
     .caches = x86_caches_gnr},
    {VERSION("GraniteRapids", 4), .base = FROM(graniterapids, 3), CET},
    {VERSION("GraniteRapids", 5), .base = FROM(graniterapids, 4),
     .added = FEATURES(X86_ITS_NO)},
    {VERSION("GraniteRapids", 6), .base = FROM(graniterapids, 5),
     .added = FEATURES(X86_GDS_NO, X86_RFDS_NO)},
    {VERSION("GraniteRapids", 7), .base = FROM(graniterapids, 6),
     .added = FEATURES(X86_VMX_MBEC)},
};

static const X86CpuModel diamondrapids[] = {
    {MODEL("DiamondRapids"), .base = FROM(graniterapids, 2), .has_leaf_1f = true,
     .avx10_version = 2, .identity = INTEL(19, 1, 0, 0x29),
     .model_id = "Intel Xeon Processor (DiamondRapids)",
     .added = FEATURES(X86_FDP_EXCPTN_ONLY, X86_ZERO_FCS_FDS, X86_CET_SS, X86_MD_CLEAR,
                       X86_CET_IBT, X86_STIBP, X86_FLUSH_L1D, X86_CMPCCXADD, X86_FRED,
                       X86_LKGS, X86_WRMSRNS, X86_AVX_IFMA, X86_LAM, X86_MOVRS,
                       X86_AVX_VNNI_INT8, X86_AVX_NE_CONVERT, X86_AMX_COMPLEX, X86_APXF,
                       X86_INTEL_PSFD, X86_IPRED_CTRL, X86_RRSBA_CTRL, X86_DDPD_U,
                       X86_BHI_CTRL, X86_AMX_INT8_ALIAS, X86_AMX_BF16_ALIAS,
                       X86_AMX_COMPLEX_ALIAS, X86_AMX_FP16_ALIAS, X86_AMX_FP8,
                       X86_AMX_TF32, X86_AMX_AVX512, X86_AMX_MOVRS, X86_AVX10_VNNI_INT,
                       X86_APX_NCI_NDD_NF, X86_BHI_NO, X86_GDS_NO, X86_RFDS_NO,
                       X86_VMX_EXIT_SAVE_CET, X86_VMX_ENTRY_LOAD_CET)},
    {VERSION("DiamondRapids", 2), .base = FROM(diamondrapids, 1),
     .added = FEATURES(X86_VMX_MBEC)},
};

/* Small cores. */
static const X86CpuModel n270[] = {
    {MODEL("n270"), .base = FROM(coreduo, 1), .identity = INTEL(6, 28, 2, 0xa),
     .model_id = "Intel(R) Atom(TM) CPU N270   @ 1.60GHz",
     .removed = FEATURES(VMX_COREDUO),
     .added = FEATURES(X86_SSSE3, X86_MOVBE, X86_LAHF_LM)},
};

static const X86CpuModel denverton[] = {
    {MODEL("Denverton"), .base = FROM(westmere, 1), .identity = INTEL(6, 95, 1, 0x15),
     .model_id = "Intel Atom Processor (Denverton)",
     .added = FEATURES(X86_MOVBE, X86_TSC_DEADLINE, X86_XSAVE, X86_RDRAND, X86_FSGSBASE,
                       X86_SMEP, X86_ERMS, X86_MPX, X86_RDSEED, X86_SMAP,
                       X86_CLFLUSHOPT, X86_SHA_NI, X86_SPEC_CTRL, X86_ARCH_CAPABILITIES,
                       X86_SSBD, X86_XSAVEOPT, X86_XSAVEC, X86_XGETBV1, X86_PDPE1GB,
                       X86_RDTSCP, X86_3DNOWPREFETCH, X86_RDCTL_NO,
                       X86_SKIP_L1DFL_VMENTRY, X86_VMX_POSTED_INTR, X86_VMX_RDTSCP_EXIT,
                       X86_VMX_APICV_REGISTER, X86_VMX_APICV_VID, X86_VMX_RDRAND_EXIT,
                       X86_VMX_VMFUNC, X86_VMX_SHADOW_VMCS,
                       X86_VMX_RDSEED_EXIT, X86_VMX_PML, X86_VMX_VMWRITE_VMEXIT_FIELDS,
                       X86_VMX_EPTAD, X86_VMX_EPTP_SWITCHING)},
    {VERSION("Denverton", 2), .base = FROM(denverton, 1), .removed = FEATURES(X86_MPX)},
    {VERSION("Denverton", 3), .base = FROM(denverton, 2),
     .added = FEATURES(X86_XSAVES, X86_VMX_XSAVES)},
};

static const X86CpuModel snowridge[] = {
    {MODEL("Snowridge"), .base = FROM(denverton, 1), .identity = INTEL(6, 134, 1, 0x1b),
     .model_id = "Intel Atom Processor (SnowRidge)",
     .removed = FEATURES(X86_RDCTL_NO, X86_SKIP_L1DFL_VMENTRY),
     .added = FEATURES(X86_CLWB, X86_UMIP, X86_GFNI, X86_CLDEMOTE, X86_MOVDIRI,
                       X86_MOVDIR64B, X86_CORE_CAPABILITY, X86_SPLIT_LOCK_DETECT)},
    {VERSION("Snowridge", 2), .base = FROM(snowridge, 1),
     .model_id = "Intel Atom Processor (Snowridge, no MPX)",
     .removed = FEATURES(X86_MPX)},
    {VERSION("Snowridge", 3), .base = FROM(snowridge, 2),
     .added = FEATURES(X86_XSAVES, X86_VMX_XSAVES)},
    {VERSION("Snowridge", 4), .base = FROM(snowridge, 3),
     .removed = FEATURES(X86_CORE_CAPABILITY, X86_SPLIT_LOCK_DETECT)},
};

/* The Phi: its feature set grew out of that of the first AVX generations. */
static const X86CpuModel knightsmill[] = {
    {MODEL("KnightsMill"), .base = FROM(ivybridge, 1), .identity = INTEL(6, 133, 0, 0xd),
     .model_id = "Intel Xeon Phi Processor (Knights Mill)",
     .removed = FEATURES(VMX_IVYBRIDGE),
     .added = FEATURES(X86_SS, X86_FMA, X86_MOVBE, X86_BMI1, X86_AVX2, X86_BMI2,
                       X86_AVX512F, X86_RDSEED, X86_ADX, X86_AVX512PF, X86_AVX512ER,
                       X86_AVX512CD, X86_AVX512_VPOPCNTDQ, X86_AVX512_4VNNIW,
                       X86_AVX512_4FMAPS, X86_PDPE1GB, X86_ABM, X86_3DNOWPREFETCH)},
};

/* Servers of small cores: Icelake-Server as far as it goes without AVX-512. */
static const X86CpuModel sierraforest[] = {
    {MODEL("SierraForest"), .base = FROM(icelake_server, 5),
     .identity = INTEL(6, 175, 0, 0x23),
     .model_id = "Intel Xeon Processor (SierraForest)",
     .removed = FEATURES(X86_AVX512F, X86_AVX512DQ, X86_AVX512IFMA, X86_AVX512CD,
                         X86_AVX512BW, X86_AVX512VL, X86_AVX512VBMI, X86_AVX512VBMI2,
                         X86_AVX512VNNI, X86_AVX512BITALG, X86_AVX512_VPOPCNTDQ,
                         X86_LA57, X86_TAA_NO),
     .added = FEATURES(X86_BUS_LOCK_DETECT, X86_SERIALIZE, X86_AVX_VNNI, X86_CMPCCXADD,
                       X86_FSRS, X86_AVX_IFMA, X86_AVX_VNNI_INT8, X86_AVX_NE_CONVERT,
                       X86_MCDT_NO, X86_SBDR_SSDP_NO, X86_FBSDP_NO, X86_PSDP_NO,
                       X86_PBRSB_NO)},
    {VERSION("SierraForest", 2), .base = FROM(sierraforest, 1),
     .identity = INTEL(6, 175, 3, 0x23),
     .added = FEATURES(X86_SS, X86_TSC_ADJUST, X86_CLDEMOTE, X86_MOVDIRI, X86_MOVDIR64B,
                       X86_LAM, X86_INTEL_PSFD, X86_IPRED_CTRL, X86_RRSBA_CTRL,
                       X86_BHI_CTRL, X86_GDS_NO, X86_RFDS_NO)},
    {VERSION("SierraForest", 3), .base = FROM(sierraforest, 2), .has_leaf_1f = true,
     .caches = x86_caches_srf},
    {VERSION("SierraForest", 4), .base = FROM(sierraforest, 3), CET},
    {VERSION("SierraForest", 5), .base = FROM(sierraforest, 4),
     .added = FEATURES(X86_ITS_NO)},
    {VERSION("SierraForest", 6), .base = FROM(sierraforest, 5),
     .added = FEATURES(X86_VMX_MBEC)},
};

static const X86CpuModel clearwaterforest[] = {
    {MODEL("ClearwaterForest"), .base = FROM(sierraforest, 2),
     .identity = INTEL(6, 221, 0, 0x23),
     .model_id = "Intel Xeon Processor (ClearwaterForest)",
     .added = FEATURES(X86_SHA512, X86_SM3, X86_SM4, X86_AVX_VNNI_INT16,
                       X86_PREFETCHITI, X86_DDPD_U, X86_BHI_NO)},
    {VERSION("ClearwaterForest", 2), .base = FROM(clearwaterforest, 1), CET},
    {VERSION("ClearwaterForest", 3), .base = FROM(clearwaterforest, 2),
     .has_leaf_1f = true, .caches = x86_caches_cwf, .added = FEATURES(X86_ITS_NO)},
    {VERSION("ClearwaterForest", 4), .base = FROM(clearwaterforest, 3),
     .added = FEATURES(X86_VMX_MBEC)},
};

const X86ModelVersions x86_models_intel[] = {
    VERSIONS(i486), VERSIONS(pentium), VERSIONS(pentium2), VERSIONS(pentium3),
    VERSIONS(coreduo), VERSIONS(conroe), VERSIONS(core2duo), VERSIONS(penryn),
    VERSIONS(nehalem), VERSIONS(westmere), VERSIONS(sandybridge), VERSIONS(ivybridge),
    VERSIONS(haswell), VERSIONS(broadwell), VERSIONS(skylake_client),
    VERSIONS(skylake_server), VERSIONS(cascadelake_server), VERSIONS(cooperlake),
    VERSIONS(icelake_server), VERSIONS(sapphirerapids), VERSIONS(graniterapids),
    VERSIONS(diamondrapids),
    VERSIONS(n270), VERSIONS(denverton), VERSIONS(snowridge), VERSIONS(knightsmill),
    VERSIONS(sierraforest), VERSIONS(clearwaterforest), NO_MODEL,
};
/* clang-format on */
