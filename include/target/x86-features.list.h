/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words: registers of CPUID leaves, and feature MSRs.
 *
 * X(identifier, name for people, leaf, sub-leaf, register, MSR, parent, flags)
 */
/* clang-format off */
#define X86_WORD_LIST(X) \
    X(1_EDX, "CPUID 1 EDX", 1, 0, EDX, 0, NO_FEATURE, 0) \
    X(1_ECX, "CPUID 1 ECX", 1, 0, ECX, 0, NO_FEATURE, 0) \
    X(6_EAX, "CPUID 6 EAX", 6, 0, EAX, 0, NO_FEATURE, 0) \
    X(7_0_EBX, "CPUID 7.0 EBX", 7, 0, EBX, 0, NO_FEATURE, 0) \
    X(7_0_ECX, "CPUID 7.0 ECX", 7, 0, ECX, 0, NO_FEATURE, 0) \
    X(7_0_EDX, "CPUID 7.0 EDX", 7, 0, EDX, 0, NO_FEATURE, 0) \
    X(7_1_EAX, "CPUID 7.1 EAX", 7, 1, EAX, 0, NO_FEATURE, 0) \
    X(7_1_ECX, "CPUID 7.1 ECX", 7, 1, ECX, 0, NO_FEATURE, 0) \
    X(7_1_EDX, "CPUID 7.1 EDX", 7, 1, EDX, 0, NO_FEATURE, 0) \
    X(7_2_EDX, "CPUID 7.2 EDX", 7, 2, EDX, 0, NO_FEATURE, 0) \
    X(D_0_EAX, "CPUID 0xd.0 EAX", 0xd, 0, EAX, 0, XSAVE, X86_WORD_COMPUTED) \
    X(D_0_EDX, "CPUID 0xd.0 EDX", 0xd, 0, EDX, 0, XSAVE, X86_WORD_COMPUTED) \
    X(D_1_EAX, "CPUID 0xd.1 EAX", 0xd, 1, EAX, 0, XSAVE, 0) \
    X(D_1_ECX, "CPUID 0xd.1 ECX", 0xd, 1, ECX, 0, XSAVES, X86_WORD_COMPUTED) \
    X(12_0_EAX, "CPUID 0x12.0 EAX", 0x12, 0, EAX, 0, SGX, X86_WORD_LATER) \
    X(12_0_EBX, "CPUID 0x12.0 EBX", 0x12, 0, EBX, 0, SGX, X86_WORD_LATER) \
    X(12_1_EAX, "CPUID 0x12.1 EAX", 0x12, 1, EAX, 0, SGX, X86_WORD_LATER) \
    X(14_0_ECX, "CPUID 0x14.0 ECX", 0x14, 0, ECX, 0, INTEL_PT, 0) \
    X(1E_1_EAX, "CPUID 0x1e.1 EAX", 0x1e, 1, EAX, 0, AMX_TILE, X86_WORD_LATER) \
    X(24_0_EBX, "CPUID 0x24.0 EBX", 0x24, 0, EBX, 0, AVX10, 0) \
    X(24_1_ECX, "CPUID 0x24.1 ECX", 0x24, 1, ECX, 0, AVX10, X86_WORD_LATER) \
    X(29_0_EBX, "CPUID 0x29.0 EBX", 0x29, 0, EBX, 0, APXF, X86_WORD_LATER) \
    X(80000001_EDX, "CPUID 0x80000001 EDX", 0x80000001, 0, EDX, 0, NO_FEATURE, 0) \
    X(80000001_ECX, "CPUID 0x80000001 ECX", 0x80000001, 0, ECX, 0, NO_FEATURE, 0) \
    X(80000007_EBX, "CPUID 0x80000007 EBX", 0x80000007, 0, EBX, 0, NO_FEATURE, 0) \
    X(80000007_EDX, "CPUID 0x80000007 EDX", 0x80000007, 0, EDX, 0, NO_FEATURE, 0) \
    X(80000008_EBX, "CPUID 0x80000008 EBX", 0x80000008, 0, EBX, 0, NO_FEATURE, 0) \
    X(8000000A_EDX, "CPUID 0x8000000a EDX", 0x8000000a, 0, EDX, 0, SVM, 0) \
    X(80000021_EAX, "CPUID 0x80000021 EAX", 0x80000021, 0, EAX, 0, NO_FEATURE, 0) \
    X(80000021_ECX, "CPUID 0x80000021 ECX", 0x80000021, 0, ECX, 0, NO_FEATURE, 0) \
    X(80000022_EAX, "CPUID 0x80000022 EAX", 0x80000022, 0, EAX, 0, NO_FEATURE, 0) \
    X(C0000001_EDX, "CPUID 0xc0000001 EDX", 0xc0000001, 0, EDX, 0, NO_FEATURE, X86_WORD_LATER) \
    X(KVM_EAX, "CPUID 0x40000001 EAX", 0x40000001, 0, EAX, 0, NO_FEATURE, 0) \
    X(KVM_EDX, "CPUID 0x40000001 EDX", 0x40000001, 0, EDX, 0, NO_FEATURE, 0) \
    X(ARCH_CAPABILITIES, "MSR 0x10a", 0, 0, EAX, X86_MSR_ARCH_CAPABILITIES, ARCH_CAPABILITIES, 0) \
    X(CORE_CAPABILITY, "MSR 0xcf", 0, 0, EAX, X86_MSR_CORE_CAPABILITY, CORE_CAPABILITY, 0) \
    X(PERF_CAPABILITIES, "MSR 0x345", 0, 0, EAX, X86_MSR_PERF_CAPABILITIES, PDCM, 0) \
    X(VMX_PIN, "MSR 0x48d", 0, 0, EAX, 0x48d, VMX, X86_WORD_LATER | X86_WORD_OF_VMX) \
    X(VMX_PROC, "MSR 0x48e", 0, 0, EAX, 0x48e, VMX, X86_WORD_LATER | X86_WORD_OF_VMX) \
    X(VMX_PROC2, "MSR 0x48b", 0, 0, EAX, 0x48b, VMX_SECONDARY_CTLS, \
      X86_WORD_LATER | X86_WORD_OF_VMX) \
    X(VMX_EXIT, "MSR 0x48f", 0, 0, EAX, 0x48f, VMX, X86_WORD_LATER | X86_WORD_OF_VMX) \
    X(VMX_ENTRY, "MSR 0x490", 0, 0, EAX, 0x490, VMX, X86_WORD_LATER | X86_WORD_OF_VMX) \
    X(VMX_MISC, "MSR 0x485", 0, 0, EAX, 0x485, VMX, X86_WORD_LATER | X86_WORD_OF_VMX) \
    X(VMX_EPT_VPID, "MSR 0x48c", 0, 0, EAX, 0x48c, VMX, X86_WORD_LATER | X86_WORD_OF_VMX) \
    X(VMX_VMFUNC, "MSR 0x491", 0, 0, EAX, 0x491, VMX_VMFUNC, X86_WORD_LATER | X86_WORD_OF_VMX) \
    X(VMX_BASIC, "MSR 0x480", 0, 0, EAX, 0x480, VMX, X86_WORD_LATER | X86_WORD_OF_VMX)
/* clang-format on */

/*
 * Every named bit of the x86 feature words: one row, sorted by word and bit.
 *
 * X(identifier, name, word, mask, flags, documentation)
 *
 * Names are the ones QEMU uses.  A name with several bits stands for all of them.  Fields
 * that hold numbers follow the bits.
 * Sources: Intel SDM volume 2A (CPUID) and 4 (MSRs), AMD APM volume 3 appendix E,
 * Linux Documentation/virt/kvm/x86/cpuid.rst.
 */
/* clang-format off */
#define X86_FEATURE_LIST(X) \
    /* 1_edx */ \
    X(FPU, "fpu", 1_EDX, BIT64(0), 0, "x87 floating point unit") \
    X(VME, "vme", 1_EDX, BIT64(1), 0, "virtual-8086 mode extensions") \
    X(DE, "de", 1_EDX, BIT64(2), 0, "debugging extensions") \
    X(PSE, "pse", 1_EDX, BIT64(3), 0, "4 MiB pages") \
    X(TSC, "tsc", 1_EDX, BIT64(4), 0, "time stamp counter") \
    X(MSR, "msr", 1_EDX, BIT64(5), 0, "RDMSR and WRMSR") \
    X(PAE, "pae", 1_EDX, BIT64(6), 0, "physical address extension") \
    X(MCE, "mce", 1_EDX, BIT64(7), 0, "machine check exception") \
    X(CX8, "cx8", 1_EDX, BIT64(8), 0, "CMPXCHG8B") \
    X(APIC, "apic", 1_EDX, BIT64(9), 0, "local APIC") \
    X(SEP, "sep", 1_EDX, BIT64(11), 0, "SYSENTER and SYSEXIT") \
    X(MTRR, "mtrr", 1_EDX, BIT64(12), 0, "memory type range registers") \
    X(PGE, "pge", 1_EDX, BIT64(13), 0, "global pages") \
    X(MCA, "mca", 1_EDX, BIT64(14), 0, "machine check architecture") \
    X(CMOV, "cmov", 1_EDX, BIT64(15), 0, "conditional moves") \
    X(PAT, "pat", 1_EDX, BIT64(16), 0, "page attribute table") \
    X(PSE36, "pse36", 1_EDX, BIT64(17), 0, "36-bit addresses with 4 MiB pages") \
    X(PN, "pn", 1_EDX, BIT64(18), 0, "processor serial number") \
    X(CLFLUSH, "clflush", 1_EDX, BIT64(19), 0, "CLFLUSH") \
    X(DS, "ds", 1_EDX, BIT64(21), X86_OF_PMU | X86_SHOW_INTEL, \
      "debug store: the memory area of PEBS and BTS") \
    X(ACPI, "acpi", 1_EDX, BIT64(22), 0, "thermal monitor and clock control") \
    X(MMX, "mmx", 1_EDX, BIT64(23), 0, "MMX") \
    X(FXSR, "fxsr", 1_EDX, BIT64(24), 0, "FXSAVE and FXRSTOR") \
    X(SSE, "sse", 1_EDX, BIT64(25), 0, "SSE") \
    X(SSE2, "sse2", 1_EDX, BIT64(26), 0, "SSE2") \
    X(SS, "ss", 1_EDX, BIT64(27), 0, "self snoop") \
    X(HT, "ht", 1_EDX, BIT64(28), X86_NO_AUTOENABLE, \
      "more than one logical processor per package") \
    X(TM, "tm", 1_EDX, BIT64(29), 0, "thermal monitor") \
    X(IA64, "ia64", 1_EDX, BIT64(30), 0, "IA-64 processor emulating x86") \
    X(PBE, "pbe", 1_EDX, BIT64(31), 0, "pending break enable") \
    /* 1_ecx */ \
    X(PNI, "pni", 1_ECX, BIT64(0), 0, "SSE3") \
    X(PCLMULQDQ, "pclmulqdq", 1_ECX, BIT64(1), 0, "carry-less multiplication") \
    X(DTES64, "dtes64", 1_ECX, BIT64(2), X86_OF_PMU | X86_SHOW_INTEL, \
      "64-bit layout of the debug store area") \
    X(MONITOR, "monitor", 1_ECX, BIT64(3), 0, "MONITOR and MWAIT") \
    X(DS_CPL, "ds-cpl", 1_ECX, BIT64(4), 0, "branch trace store qualified by privilege level") \
    X(VMX, "vmx", 1_ECX, BIT64(5), 0, "virtual machine extensions") \
    X(SMX, "smx", 1_ECX, BIT64(6), 0, "safer mode extensions") \
    X(EST, "est", 1_ECX, BIT64(7), 0, "enhanced SpeedStep") \
    X(TM2, "tm2", 1_ECX, BIT64(8), 0, "thermal monitor 2") \
    X(SSSE3, "ssse3", 1_ECX, BIT64(9), 0, "SSSE3") \
    X(CID, "cid", 1_ECX, BIT64(10), 0, "L1 context id") \
    X(FMA, "fma", 1_ECX, BIT64(12), 0, "fused multiply-add") \
    X(CX16, "cx16", 1_ECX, BIT64(13), 0, "CMPXCHG16B") \
    X(XTPR, "xtpr", 1_ECX, BIT64(14), 0, "xTPR update control") \
    X(PDCM, "pdcm", 1_ECX, BIT64(15), X86_OF_PMU | X86_SHOW_INTEL, \
      "the performance capability MSR 0x345 exists") \
    X(PCID, "pcid", 1_ECX, BIT64(17), 0, "process-context identifiers") \
    X(DCA, "dca", 1_ECX, BIT64(18), 0, "direct cache access") \
    X(SSE4_1, "sse4.1", 1_ECX, BIT64(19), 0, "SSE4.1") \
    X(SSE4_2, "sse4.2", 1_ECX, BIT64(20), 0, "SSE4.2") \
    X(X2APIC, "x2apic", 1_ECX, BIT64(21), 0, "x2APIC mode") \
    X(MOVBE, "movbe", 1_ECX, BIT64(22), 0, "MOVBE") \
    X(POPCNT, "popcnt", 1_ECX, BIT64(23), 0, "POPCNT") \
    X(TSC_DEADLINE, "tsc-deadline", 1_ECX, BIT64(24), 0, "local APIC timer by TSC deadline") \
    X(AES, "aes", 1_ECX, BIT64(25), 0, "AES instructions") \
    X(XSAVE, "xsave", 1_ECX, BIT64(26), 0, "XSAVE and the extended control register") \
    X(OSXSAVE, "osxsave", 1_ECX, BIT64(27), 0, "the guest's kernel has enabled XSAVE") \
    X(AVX, "avx", 1_ECX, BIT64(28), 0, "AVX") \
    X(F16C, "f16c", 1_ECX, BIT64(29), 0, "half-precision conversion") \
    X(RDRAND, "rdrand", 1_ECX, BIT64(30), 0, "RDRAND") \
    X(HYPERVISOR, "hypervisor", 1_ECX, BIT64(31), 0, "a hypervisor is present") \
    /* 7_0_ebx */ \
    X(FSGSBASE, "fsgsbase", 7_0_EBX, BIT64(0), 0, "RDFSBASE and relatives") \
    X(TSC_ADJUST, "tsc-adjust", 7_0_EBX, BIT64(1), 0, "TSC adjust MSR") \
    X(SGX, "sgx", 7_0_EBX, BIT64(2), X86_UNMIGRATABLE, "software guard extensions") \
    X(BMI1, "bmi1", 7_0_EBX, BIT64(3), 0, "first group of bit manipulation") \
    X(HLE, "hle", 7_0_EBX, BIT64(4), 0, "hardware lock elision") \
    X(AVX2, "avx2", 7_0_EBX, BIT64(5), 0, "AVX2") \
    X(FDP_EXCPTN_ONLY, "fdp-excptn-only", 7_0_EBX, BIT64(6), 0, \
      "x87 data pointer updated on exceptions only") \
    X(SMEP, "smep", 7_0_EBX, BIT64(7), 0, "supervisor mode execution prevention") \
    X(BMI2, "bmi2", 7_0_EBX, BIT64(8), 0, "second group of bit manipulation") \
    X(ERMS, "erms", 7_0_EBX, BIT64(9), 0, "enhanced REP MOVSB and STOSB") \
    X(INVPCID, "invpcid", 7_0_EBX, BIT64(10), 0, "INVPCID") \
    X(RTM, "rtm", 7_0_EBX, BIT64(11), 0, "restricted transactional memory") \
    X(ZERO_FCS_FDS, "zero-fcs-fds", 7_0_EBX, BIT64(13), 0, "x87 code and data selectors are zero") \
    X(MPX, "mpx", 7_0_EBX, BIT64(14), 0, "memory protection extensions") \
    X(AVX512F, "avx512f", 7_0_EBX, BIT64(16), 0, "AVX-512 foundation") \
    X(AVX512DQ, "avx512dq", 7_0_EBX, BIT64(17), 0, "AVX-512 doubleword and quadword") \
    X(RDSEED, "rdseed", 7_0_EBX, BIT64(18), 0, "RDSEED") \
    X(ADX, "adx", 7_0_EBX, BIT64(19), 0, "ADCX and ADOX") \
    X(SMAP, "smap", 7_0_EBX, BIT64(20), 0, "supervisor mode access prevention") \
    X(AVX512IFMA, "avx512ifma", 7_0_EBX, BIT64(21), 0, "AVX-512 integer fused multiply-add") \
    X(PCOMMIT, "pcommit", 7_0_EBX, BIT64(22), 0, "PCOMMIT") \
    X(CLFLUSHOPT, "clflushopt", 7_0_EBX, BIT64(23), 0, "CLFLUSHOPT") \
    X(CLWB, "clwb", 7_0_EBX, BIT64(24), 0, "CLWB") \
    X(INTEL_PT, "intel-pt", 7_0_EBX, BIT64(25), X86_OF_PMU, "Intel Processor Trace") \
    X(AVX512PF, "avx512pf", 7_0_EBX, BIT64(26), 0, "AVX-512 prefetch") \
    X(AVX512ER, "avx512er", 7_0_EBX, BIT64(27), 0, "AVX-512 exponential and reciprocal") \
    X(AVX512CD, "avx512cd", 7_0_EBX, BIT64(28), 0, "AVX-512 conflict detection") \
    X(SHA_NI, "sha-ni", 7_0_EBX, BIT64(29), 0, "SHA instructions") \
    X(AVX512BW, "avx512bw", 7_0_EBX, BIT64(30), 0, "AVX-512 byte and word") \
    X(AVX512VL, "avx512vl", 7_0_EBX, BIT64(31), 0, "AVX-512 vector length") \
    /* 7_0_ecx */ \
    X(AVX512VBMI, "avx512vbmi", 7_0_ECX, BIT64(1), 0, "AVX-512 vector byte manipulation") \
    X(UMIP, "umip", 7_0_ECX, BIT64(2), 0, "user mode instruction prevention") \
    X(PKU, "pku", 7_0_ECX, BIT64(3), 0, "protection keys for user pages") \
    X(OSPKE, "ospke", 7_0_ECX, BIT64(4), 0, "the guest's kernel has enabled protection keys") \
    X(WAITPKG, "waitpkg", 7_0_ECX, BIT64(5), 0, "UMONITOR, UMWAIT and TPAUSE") \
    X(AVX512VBMI2, "avx512vbmi2", 7_0_ECX, BIT64(6), 0, \
      "AVX-512 second group of byte manipulation") \
    X(CET_SS, "cet-ss", 7_0_ECX, BIT64(7), X86_UNMIGRATABLE, "shadow stacks") \
    X(GFNI, "gfni", 7_0_ECX, BIT64(8), 0, "Galois field instructions") \
    X(VAES, "vaes", 7_0_ECX, BIT64(9), 0, "vector AES") \
    X(VPCLMULQDQ, "vpclmulqdq", 7_0_ECX, BIT64(10), 0, "vector carry-less multiplication") \
    X(AVX512VNNI, "avx512vnni", 7_0_ECX, BIT64(11), 0, "AVX-512 neural network instructions") \
    X(AVX512BITALG, "avx512bitalg", 7_0_ECX, BIT64(12), 0, "AVX-512 bit algorithms") \
    X(AVX512_VPOPCNTDQ, "avx512-vpopcntdq", 7_0_ECX, BIT64(14), 0, "AVX-512 population count") \
    X(LA57, "la57", 7_0_ECX, BIT64(16), 0, "57-bit linear addresses") \
    X(RDPID, "rdpid", 7_0_ECX, BIT64(22), 0, "RDPID") \
    X(BUS_LOCK_DETECT, "bus-lock-detect", 7_0_ECX, BIT64(24), 0, "debug exception on bus locks") \
    X(CLDEMOTE, "cldemote", 7_0_ECX, BIT64(25), 0, "CLDEMOTE") \
    X(MOVDIRI, "movdiri", 7_0_ECX, BIT64(27), 0, "MOVDIRI") \
    X(MOVDIR64B, "movdir64b", 7_0_ECX, BIT64(28), 0, "MOVDIR64B") \
    X(SGXLC, "sgxlc", 7_0_ECX, BIT64(30), X86_UNMIGRATABLE, "SGX launch control") \
    X(PKS, "pks", 7_0_ECX, BIT64(31), X86_UNMIGRATABLE, "protection keys for supervisor pages") \
    /* 7_0_edx */ \
    X(AVX512_4VNNIW, "avx512-4vnniw", 7_0_EDX, BIT64(2), 0, \
      "AVX-512 4-register neural network instructions") \
    X(AVX512_4FMAPS, "avx512-4fmaps", 7_0_EDX, BIT64(3), 0, \
      "AVX-512 4-register multiply-accumulate") \
    X(FSRM, "fsrm", 7_0_EDX, BIT64(4), 0, "fast short REP MOVSB") \
    X(AVX512_VP2INTERSECT, "avx512-vp2intersect", 7_0_EDX, BIT64(8), 0, "AVX-512 VP2INTERSECT") \
    X(MD_CLEAR, "md-clear", 7_0_EDX, BIT64(10), 0, "VERW clears microarchitectural buffers") \
    X(SERIALIZE, "serialize", 7_0_EDX, BIT64(14), 0, "SERIALIZE") \
    X(TSX_LDTRK, "tsx-ldtrk", 7_0_EDX, BIT64(16), 0, "TSX load tracking control") \
    X(ARCH_LBR, "arch-lbr", 7_0_EDX, BIT64(19), X86_OF_PMU | X86_SHOW_INTEL, \
      "architectural last branch records") \
    X(CET_IBT, "cet-ibt", 7_0_EDX, BIT64(20), 0, "indirect branch tracking") \
    X(AMX_BF16, "amx-bf16", 7_0_EDX, BIT64(22), 0, "AMX bfloat16") \
    X(AVX512_FP16, "avx512-fp16", 7_0_EDX, BIT64(23), 0, "AVX-512 half precision") \
    X(AMX_TILE, "amx-tile", 7_0_EDX, BIT64(24), 0, "AMX tiles") \
    X(AMX_INT8, "amx-int8", 7_0_EDX, BIT64(25), 0, "AMX 8-bit integers") \
    X(SPEC_CTRL, "spec-ctrl", 7_0_EDX, BIT64(26), 0, "IBRS and IBPB") \
    X(STIBP, "stibp", 7_0_EDX, BIT64(27), 0, "single thread indirect branch predictors") \
    X(FLUSH_L1D, "flush-l1d", 7_0_EDX, BIT64(28), 0, "L1 data cache flush command") \
    X(ARCH_CAPABILITIES, "arch-capabilities", 7_0_EDX, BIT64(29), 0, \
      "the architecture capability MSR 0x10a exists") \
    X(CORE_CAPABILITY, "core-capability", 7_0_EDX, BIT64(30), 0, \
      "the core capability MSR 0xcf exists") \
    X(SSBD, "ssbd", 7_0_EDX, BIT64(31), 0, "speculative store bypass disable") \
    /* 7_1_eax */ \
    X(SHA512, "sha512", 7_1_EAX, BIT64(0), 0, "SHA-512 instructions") \
    X(SM3, "sm3", 7_1_EAX, BIT64(1), 0, "SM3 instructions") \
    X(SM4, "sm4", 7_1_EAX, BIT64(2), 0, "SM4 instructions") \
    X(AVX_VNNI, "avx-vnni", 7_1_EAX, BIT64(4), 0, "AVX neural network instructions") \
    X(AVX512_BF16, "avx512-bf16", 7_1_EAX, BIT64(5), 0, "AVX-512 bfloat16") \
    X(CMPCCXADD, "cmpccxadd", 7_1_EAX, BIT64(7), 0, "compare and add if condition is met") \
    X(FZRM, "fzrm", 7_1_EAX, BIT64(10), 0, "fast zero-length REP MOVSB") \
    X(FSRS, "fsrs", 7_1_EAX, BIT64(11), 0, "fast short REP STOSB") \
    X(FSRC, "fsrc", 7_1_EAX, BIT64(12), 0, "fast short REP CMPSB and SCASB") \
    X(FRED, "fred", 7_1_EAX, BIT64(17), X86_UNMIGRATABLE, "flexible return and event delivery") \
    X(LKGS, "lkgs", 7_1_EAX, BIT64(18), 0, "LKGS") \
    X(WRMSRNS, "wrmsrns", 7_1_EAX, BIT64(19), 0, "non-serializing WRMSR") \
    X(AMX_FP16, "amx-fp16", 7_1_EAX, BIT64(21), 0, "AMX half precision") \
    X(AVX_IFMA, "avx-ifma", 7_1_EAX, BIT64(23), 0, "AVX integer fused multiply-add") \
    X(LAM, "lam", 7_1_EAX, BIT64(26), 0, "linear address masking") \
    X(MOVRS, "movrs", 7_1_EAX, BIT64(31), 0, "MOVRS") \
    /* 7_1_ecx */ \
    X(MSR_IMM, "msr-imm", 7_1_ECX, BIT64(5), 0, "RDMSR and WRMSRNS with immediate operand") \
    /* 7_1_edx */ \
    X(AVX_VNNI_INT8, "avx-vnni-int8", 7_1_EDX, BIT64(4), 0, \
      "AVX neural network instructions on bytes") \
    X(AVX_NE_CONVERT, "avx-ne-convert", 7_1_EDX, BIT64(5), 0, \
      "AVX conversions without exceptions") \
    X(AMX_COMPLEX, "amx-complex", 7_1_EDX, BIT64(8), 0, "AMX complex numbers") \
    X(AVX_VNNI_INT16, "avx-vnni-int16", 7_1_EDX, BIT64(10), 0, \
      "AVX neural network instructions on words") \
    X(PREFETCHITI, "prefetchiti", 7_1_EDX, BIT64(14), 0, "instruction prefetch") \
    X(AVX10, "avx10", 7_1_EDX, BIT64(19), 0, "AVX10") \
    X(APXF, "apxf", 7_1_EDX, BIT64(21), X86_LATER, "16 more general registers") \
    /* 7_2_edx */ \
    X(INTEL_PSFD, "intel-psfd", 7_2_EDX, BIT64(0), 0, "fast store forwarding predictor disable") \
    X(IPRED_CTRL, "ipred-ctrl", 7_2_EDX, BIT64(1), 0, "indirect predictor restriction") \
    X(RRSBA_CTRL, "rrsba-ctrl", 7_2_EDX, BIT64(2), 0, "return stack fallback restriction") \
    X(DDPD_U, "ddpd-u", 7_2_EDX, BIT64(3), 0, "data dependent prefetcher disable") \
    X(BHI_CTRL, "bhi-ctrl", 7_2_EDX, BIT64(4), 0, "branch history injection control") \
    X(MCDT_NO, "mcdt-no", 7_2_EDX, BIT64(5), 0, "not affected by MCDT") \
    /* 24_0_ebx */ \
    X(AVX10_128, "avx10-128", 24_0_EBX, BIT64(16), 0, "AVX10 with 128-bit vectors") \
    X(AVX10_256, "avx10-256", 24_0_EBX, BIT64(17), 0, "AVX10 with 256-bit vectors") \
    X(AVX10_512, "avx10-512", 24_0_EBX, BIT64(18), 0, "AVX10 with 512-bit vectors") \
    /* 24_1_ecx */ \
    X(AVX10_VNNI_INT, "avx10-vnni-int", 24_1_ECX, BIT64(2), X86_LATER, \
      "AVX10 neural network instructions on integers") \
    /* 1e_1_eax */ \
    X(AMX_INT8_ALIAS, "amx-int8-alias", 1E_1_EAX, BIT64(0), X86_LATER, \
      "AMX 8-bit integers, said again in AMX's own leaf") \
    X(AMX_BF16_ALIAS, "amx-bf16-alias", 1E_1_EAX, BIT64(1), X86_LATER, \
      "AMX bfloat16, said again in AMX's own leaf") \
    X(AMX_COMPLEX_ALIAS, "amx-complex-alias", 1E_1_EAX, BIT64(2), X86_LATER, \
      "AMX complex numbers, said again in AMX's own leaf") \
    X(AMX_FP16_ALIAS, "amx-fp16-alias", 1E_1_EAX, BIT64(3), X86_LATER, \
      "AMX half precision, said again in AMX's own leaf") \
    X(AMX_FP8, "amx-fp8", 1E_1_EAX, BIT64(4), X86_LATER, "AMX 8-bit floating point") \
    X(AMX_TF32, "amx-tf32", 1E_1_EAX, BIT64(6), X86_LATER, "AMX 19-bit floating point") \
    X(AMX_AVX512, "amx-avx512", 1E_1_EAX, BIT64(7), X86_LATER, "AMX rows in AVX-512 registers") \
    X(AMX_MOVRS, "amx-movrs", 1E_1_EAX, BIT64(8), X86_LATER, "AMX loads with a read-shared hint") \
    /* 29_0_ebx */ \
    X(APX_NCI_NDD_NF, "apx-nci-ndd-nf", 29_0_EBX, BIT64(0), X86_LATER, \
      "APX: new conditional instructions, new destinations, no flags") \
    /* 12_0_eax */ \
    X(SGX1, "sgx1", 12_0_EAX, BIT64(0), X86_LATER, "first set of SGX instructions") \
    X(SGX2, "sgx2", 12_0_EAX, BIT64(1), X86_LATER, "SGX instructions for dynamic memory") \
    X(SGX_EDECCSSA, "sgx-edeccssa", 12_0_EAX, BIT64(11), X86_LATER, "SGX: EDECCSSA") \
    /* 12_0_ebx */ \
    X(SGX_EXINFO, "sgx-exinfo", 12_0_EBX, BIT64(0), X86_LATER, \
      "SGX: exceptions are told to the enclave") \
    /* 12_1_eax */ \
    X(SGX_DEBUG, "sgx-debug", 12_1_EAX, BIT64(1), X86_LATER, "SGX: enclaves can be debugged") \
    X(SGX_MODE64, "sgx-mode64", 12_1_EAX, BIT64(2), X86_LATER, "SGX: 64-bit enclaves") \
    X(SGX_PROVISIONKEY, "sgx-provisionkey", 12_1_EAX, BIT64(4), X86_LATER, \
      "SGX: the provisioning key can be had") \
    X(SGX_TOKENKEY, "sgx-tokenkey", 12_1_EAX, BIT64(5), X86_LATER, \
      "SGX: the launch token key can be had") \
    X(SGX_KSS, "sgx-kss", 12_1_EAX, BIT64(7), X86_LATER, "SGX: key separation and sharing") \
    X(SGX_AEX_NOTIFY, "sgx-aex-notify", 12_1_EAX, BIT64(10), X86_LATER, \
      "SGX: asynchronous exits are told to the enclave") \
    /* d_1_eax */ \
    X(XSAVEOPT, "xsaveopt", D_1_EAX, BIT64(0), 0, "XSAVEOPT") \
    X(XSAVEC, "xsavec", D_1_EAX, BIT64(1), 0, "XSAVEC") \
    X(XGETBV1, "xgetbv1", D_1_EAX, BIT64(2), 0, "XGETBV of index 1") \
    X(XSAVES, "xsaves", D_1_EAX, BIT64(3), 0, "XSAVES and XRSTORS") \
    X(XFD, "xfd", D_1_EAX, BIT64(4), 0, "extended feature disable") \
    /* 14_0_ecx */ \
    X(INTEL_PT_LIP, "intel-pt-lip", 14_0_ECX, BIT64(31), 0, "trace packets hold linear addresses") \
    /* 6_eax */ \
    X(ARAT, "arat", 6_EAX, BIT64(2), 0, "local APIC timer runs in every C-state") \
    /* 80000001_edx */ \
    X(SYSCALL, "syscall", 80000001_EDX, BIT64(11), 0, "SYSCALL and SYSRET") \
    X(NX, "nx", 80000001_EDX, BIT64(20), 0, "no-execute pages") \
    X(MMXEXT, "mmxext", 80000001_EDX, BIT64(22), 0, "AMD extensions to MMX") \
    X(FXSR_OPT, "fxsr-opt", 80000001_EDX, BIT64(25), 0, "fast FXSAVE") \
    X(PDPE1GB, "pdpe1gb", 80000001_EDX, BIT64(26), 0, "1 GiB pages") \
    X(RDTSCP, "rdtscp", 80000001_EDX, BIT64(27), 0, "RDTSCP") \
    X(LM, "lm", 80000001_EDX, BIT64(29), 0, "64-bit mode") \
    X(3DNOWEXT, "3dnowext", 80000001_EDX, BIT64(30), 0, "AMD extensions to 3DNow!") \
    X(3DNOW, "3dnow", 80000001_EDX, BIT64(31), 0, "3DNow!") \
    /* 80000001_ecx */ \
    X(LAHF_LM, "lahf-lm", 80000001_ECX, BIT64(0), 0, "LAHF and SAHF in 64-bit mode") \
    X(CMP_LEGACY, "cmp-legacy", 80000001_ECX, BIT64(1), 0, "core count by the legacy method") \
    X(SVM, "svm", 80000001_ECX, BIT64(2), 0, "secure virtual machine") \
    X(EXTAPIC, "extapic", 80000001_ECX, BIT64(3), 0, "extended APIC space") \
    X(CR8LEGACY, "cr8legacy", 80000001_ECX, BIT64(4), 0, "CR8 in 32-bit mode") \
    X(ABM, "abm", 80000001_ECX, BIT64(5), 0, "LZCNT") \
    X(SSE4A, "sse4a", 80000001_ECX, BIT64(6), 0, "SSE4A") \
    X(MISALIGNSSE, "misalignsse", 80000001_ECX, BIT64(7), 0, "misaligned SSE") \
    X(3DNOWPREFETCH, "3dnowprefetch", 80000001_ECX, BIT64(8), 0, "PREFETCH and PREFETCHW") \
    X(OSVW, "osvw", 80000001_ECX, BIT64(9), 0, "OS visible workarounds") \
    X(IBS, "ibs", 80000001_ECX, BIT64(10), X86_UNMIGRATABLE, "instruction based sampling") \
    X(XOP, "xop", 80000001_ECX, BIT64(11), 0, "extended operations") \
    X(SKINIT, "skinit", 80000001_ECX, BIT64(12), 0, "SKINIT") \
    X(WDT, "wdt", 80000001_ECX, BIT64(13), 0, "watchdog timer") \
    X(LWP, "lwp", 80000001_ECX, BIT64(15), X86_UNMIGRATABLE, "lightweight profiling") \
    X(FMA4, "fma4", 80000001_ECX, BIT64(16), 0, "four-operand fused multiply-add") \
    X(TCE, "tce", 80000001_ECX, BIT64(17), 0, "translation cache extension") \
    X(NODEID_MSR, "nodeid-msr", 80000001_ECX, BIT64(19), 0, "node id MSR") \
    X(TBM, "tbm", 80000001_ECX, BIT64(21), 0, "trailing bit manipulation") \
    X(TOPOEXT, "topoext", 80000001_ECX, BIT64(22), X86_NO_AUTOENABLE, \
      "topology leaves 0x8000001d and 0x8000001e") \
    X(PERFCTR_CORE, "perfctr-core", 80000001_ECX, BIT64(23), X86_OF_PMU | X86_SHOW_AMD, \
      "six core performance counters") \
    X(PERFCTR_NB, "perfctr-nb", 80000001_ECX, BIT64(24), X86_OF_PMU, \
      "northbridge performance counters") \
    /* 80000007_edx */ \
    X(INVTSC, "invtsc", 80000007_EDX, BIT64(8), X86_UNMIGRATABLE, \
      "TSC runs at a constant rate in every state") \
    /* 80000007_ebx */ \
    X(OVERFLOW_RECOV, "overflow-recov", 80000007_EBX, BIT64(0), 0, \
      "machine check overflow recovery") \
    X(SUCCOR, "succor", 80000007_EBX, BIT64(1), 0, "software uncorrectable error containment") \
    /* 80000008_ebx */ \
    X(CLZERO, "clzero", 80000008_EBX, BIT64(0), 0, "CLZERO") \
    X(XSAVEERPTR, "xsaveerptr", 80000008_EBX, BIT64(2), 0, "error pointers always saved") \
    X(WBNOINVD, "wbnoinvd", 80000008_EBX, BIT64(9), 0, "WBNOINVD") \
    X(IBPB, "ibpb", 80000008_EBX, BIT64(12), 0, "indirect branch prediction barrier") \
    X(IBRS, "ibrs", 80000008_EBX, BIT64(14), 0, "indirect branch restricted speculation") \
    X(AMD_STIBP, "amd-stibp", 80000008_EBX, BIT64(15), 0, \
      "single thread indirect branch predictors") \
    X(STIBP_ALWAYS_ON, "stibp-always-on", 80000008_EBX, BIT64(17), 0, "STIBP may stay on") \
    X(AMD_SSBD, "amd-ssbd", 80000008_EBX, BIT64(24), 0, "speculative store bypass disable") \
    X(VIRT_SSBD, "virt-ssbd", 80000008_EBX, BIT64(25), 0, \
      "speculative store bypass disable by a virtual MSR") \
    X(AMD_NO_SSB, "amd-no-ssb", 80000008_EBX, BIT64(26), 0, \
      "not affected by speculative store bypass") \
    X(AMD_PSFD, "amd-psfd", 80000008_EBX, BIT64(28), 0, "predictive store forwarding disable") \
    /* 8000000a_edx */ \
    X(NPT, "npt", 8000000A_EDX, BIT64(0), X86_NO_AUTOENABLE, "nested paging") \
    X(LBRV, "lbrv", 8000000A_EDX, BIT64(1), X86_NO_AUTOENABLE, \
      "last branch record virtualization") \
    X(SVM_LOCK, "svm-lock", 8000000A_EDX, BIT64(2), X86_NO_AUTOENABLE, "SVM lock") \
    X(NRIP_SAVE, "nrip-save", 8000000A_EDX, BIT64(3), X86_NO_AUTOENABLE, \
      "next instruction pointer saved") \
    X(TSC_SCALE, "tsc-scale", 8000000A_EDX, BIT64(4), X86_NO_AUTOENABLE, "TSC ratio MSR") \
    X(VMCB_CLEAN, "vmcb-clean", 8000000A_EDX, BIT64(5), X86_NO_AUTOENABLE, "VMCB clean bits") \
    X(FLUSHBYASID, "flushbyasid", 8000000A_EDX, BIT64(6), X86_NO_AUTOENABLE, \
      "TLB flush by address space") \
    X(DECODEASSISTS, "decodeassists", 8000000A_EDX, BIT64(7), X86_NO_AUTOENABLE, "decode assists") \
    X(PAUSE_FILTER, "pause-filter", 8000000A_EDX, BIT64(10), X86_NO_AUTOENABLE, \
      "PAUSE intercept filter") \
    X(PFTHRESHOLD, "pfthreshold", 8000000A_EDX, BIT64(12), X86_NO_AUTOENABLE, \
      "PAUSE filter threshold") \
    X(AVIC, "avic", 8000000A_EDX, BIT64(13), X86_NO_AUTOENABLE, "virtual interrupt controller") \
    X(V_VMSAVE_VMLOAD, "v-vmsave-vmload", 8000000A_EDX, BIT64(15), X86_NO_AUTOENABLE, \
      "virtualized VMSAVE and VMLOAD") \
    X(VGIF, "vgif", 8000000A_EDX, BIT64(16), X86_NO_AUTOENABLE, \
      "virtualized global interrupt flag") \
    X(GMET, "gmet", 8000000A_EDX, BIT64(17), X86_NO_AUTOENABLE | X86_LATER, \
      "guest mode execute trap") \
    X(VNMI, "vnmi", 8000000A_EDX, BIT64(25), X86_NO_AUTOENABLE, "virtual NMI") \
    X(SVME_ADDR_CHK, "svme-addr-chk", 8000000A_EDX, BIT64(28), X86_NO_AUTOENABLE, \
      "address check of SVM instructions") \
    /* 80000021_eax */ \
    X(NO_NESTED_DATA_BP, "no-nested-data-bp", 80000021_EAX, BIT64(0), 0, \
      "no nested data breakpoints") \
    X(FS_GS_BASE_NS, "fs-gs-base-ns", 80000021_EAX, BIT64(1), 0, \
      "non-serializing writes of FS and GS base") \
    X(LFENCE_ALWAYS_SERIALIZING, "lfence-always-serializing", 80000021_EAX, BIT64(2), 0, \
      "LFENCE is always serializing") \
    X(VERW_CLEAR, "verw-clear", 80000021_EAX, BIT64(5), 0, \
      "VERW clears microarchitectural buffers") \
    X(NULL_SEL_CLR_BASE, "null-sel-clr-base", 80000021_EAX, BIT64(6), 0, \
      "null selectors clear the base") \
    X(AUTO_IBRS, "auto-ibrs", 80000021_EAX, BIT64(8), 0, "automatic IBRS") \
    X(PREFETCHI, "prefetchi", 80000021_EAX, BIT64(20), 0, "instruction prefetch") \
    X(ERAPS, "eraps", 80000021_EAX, BIT64(24), 0, "enhanced return address predictor security") \
    X(SBPB, "sbpb", 80000021_EAX, BIT64(27), 0, "selective branch predictor barrier") \
    X(IBPB_BRTYPE, "ibpb-brtype", 80000021_EAX, BIT64(28), 0, \
      "IBPB flushes branch type predictions") \
    X(SRSO_NO, "srso-no", 80000021_EAX, BIT64(29), 0, "not affected by SRSO") \
    X(SRSO_USER_KERNEL_NO, "srso-user-kernel-no", 80000021_EAX, BIT64(30), 0, \
      "not affected by SRSO across user and kernel") \
    /* 80000021_ecx */ \
    X(TSA_SQ_NO, "tsa-sq-no", 80000021_ECX, BIT64(1), 0, \
      "not affected by TSA through the store queue") \
    X(TSA_L1_NO, "tsa-l1-no", 80000021_ECX, BIT64(2), 0, \
      "not affected by TSA through the L1 cache") \
    /* 80000022_eax */ \
    X(PERFMON_V2, "perfmon-v2", 80000022_EAX, BIT64(0), X86_OF_PMU | X86_SHOW_AMD, \
      "AMD performance monitoring version 2: global control and status") \
    /* c0000001_edx */ \
    X(XSTORE, "xstore", C0000001_EDX, BIT64(2), X86_LATER, "Zhaoxin: random numbers exist") \
    X(XSTORE_EN, "xstore-en", C0000001_EDX, BIT64(3), X86_LATER, \
      "Zhaoxin: random numbers are enabled") \
    X(XCRYPT, "xcrypt", C0000001_EDX, BIT64(6), X86_LATER, "Zhaoxin: cryptography engine exists") \
    X(XCRYPT_EN, "xcrypt-en", C0000001_EDX, BIT64(7), X86_LATER, \
      "Zhaoxin: cryptography engine is enabled") \
    X(ACE2, "ace2", C0000001_EDX, BIT64(8), X86_LATER, \
      "Zhaoxin: second cryptography engine exists") \
    X(ACE2_EN, "ace2-en", C0000001_EDX, BIT64(9), X86_LATER, \
      "Zhaoxin: second cryptography engine is enabled") \
    X(PHE, "phe", C0000001_EDX, BIT64(10), X86_LATER, "Zhaoxin: hash engine exists") \
    X(PHE_EN, "phe-en", C0000001_EDX, BIT64(11), X86_LATER, "Zhaoxin: hash engine is enabled") \
    X(PMM, "pmm", C0000001_EDX, BIT64(12), X86_LATER, "Zhaoxin: Montgomery multiplier exists") \
    X(PMM_EN, "pmm-en", C0000001_EDX, BIT64(13), X86_LATER, \
      "Zhaoxin: Montgomery multiplier is enabled") \
    /* kvm_eax */ \
    X(KVMCLOCK, "kvmclock", KVM_EAX, BIT64(0) | BIT64(3), 0, "paravirtual clock") \
    X(KVM_NOPIODELAY, "kvm-nopiodelay", KVM_EAX, BIT64(1), 0, "no delay needed on port access") \
    X(KVM_MMU, "kvm-mmu", KVM_EAX, BIT64(2), 0, "paravirtual page table updates") \
    X(KVM_ASYNCPF, "kvm-asyncpf", KVM_EAX, BIT64(4), 0, "asynchronous page faults") \
    X(KVM_STEAL_TIME, "kvm-steal-time", KVM_EAX, BIT64(5), 0, "time stolen by the host") \
    X(KVM_PV_EOI, "kvm-pv-eoi", KVM_EAX, BIT64(6), 0, "paravirtual end of interrupt") \
    X(KVM_PV_UNHALT, "kvm-pv-unhalt", KVM_EAX, BIT64(7), 0, "paravirtual spin lock wake-up") \
    X(KVM_PV_TLB_FLUSH, "kvm-pv-tlb-flush", KVM_EAX, BIT64(9), 0, "paravirtual TLB flush") \
    X(KVM_ASYNCPF_VMEXIT, "kvm-asyncpf-vmexit", KVM_EAX, BIT64(10), 0, \
      "asynchronous page faults delivered as exits") \
    X(KVM_PV_IPI, "kvm-pv-ipi", KVM_EAX, BIT64(11), 0, \
      "paravirtual interrupts between processors") \
    X(KVM_POLL_CONTROL, "kvm-poll-control", KVM_EAX, BIT64(12), 0, \
      "host polling on HLT can be switched off") \
    X(KVM_PV_SCHED_YIELD, "kvm-pv-sched-yield", KVM_EAX, BIT64(13), 0, \
      "yield to a preempted processor") \
    X(KVM_ASYNCPF_INT, "kvm-asyncpf-int", KVM_EAX, BIT64(14), 0, \
      "asynchronous page faults announced by interrupt") \
    X(KVM_MSI_EXT_DEST_ID, "kvm-msi-ext-dest-id", KVM_EAX, BIT64(15), 0, \
      "15-bit destinations in MSI addresses") \
    X(KVMCLOCK_STABLE_BIT, "kvmclock-stable-bit", KVM_EAX, BIT64(24), 0, \
      "paravirtual clock is stable across processors") \
    /* kvm_edx */ \
    X(KVM_HINT_DEDICATED, "kvm-hint-dedicated", KVM_EDX, BIT64(0), X86_NO_AUTOENABLE, \
      "processors have host CPUs of their own") \
    /* arch_capabilities */ \
    X(RDCTL_NO, "rdctl-no", ARCH_CAPABILITIES, BIT64(0), 0, "not affected by Meltdown") \
    X(IBRS_ALL, "ibrs-all", ARCH_CAPABILITIES, BIT64(1), 0, "enhanced IBRS") \
    X(RSBA, "rsba", ARCH_CAPABILITIES, BIT64(2), 0, "return stack may be influenced") \
    X(SKIP_L1DFL_VMENTRY, "skip-l1dfl-vmentry", ARCH_CAPABILITIES, BIT64(3), 0, \
      "no L1 flush needed on entry") \
    X(SSB_NO, "ssb-no", ARCH_CAPABILITIES, BIT64(4), 0, \
      "not affected by speculative store bypass") \
    X(MDS_NO, "mds-no", ARCH_CAPABILITIES, BIT64(5), 0, "not affected by MDS") \
    X(PSCHANGE_MC_NO, "pschange-mc-no", ARCH_CAPABILITIES, BIT64(6), 0, \
      "no machine check on page size change") \
    X(TSX_CTRL, "tsx-ctrl", ARCH_CAPABILITIES, BIT64(7), 0, "TSX control MSR exists") \
    X(TAA_NO, "taa-no", ARCH_CAPABILITIES, BIT64(8), 0, "not affected by TAA") \
    X(SBDR_SSDP_NO, "sbdr-ssdp-no", ARCH_CAPABILITIES, BIT64(13), 0, \
      "not affected by SBDR and SSDP") \
    X(FBSDP_NO, "fbsdp-no", ARCH_CAPABILITIES, BIT64(14), 0, "not affected by FBSDP") \
    X(PSDP_NO, "psdp-no", ARCH_CAPABILITIES, BIT64(15), 0, "not affected by PSDP") \
    X(FB_CLEAR, "fb-clear", ARCH_CAPABILITIES, BIT64(17), 0, "VERW clears fill buffers") \
    X(BHI_NO, "bhi-no", ARCH_CAPABILITIES, BIT64(20), 0, \
      "not affected by branch history injection") \
    X(PBRSB_NO, "pbrsb-no", ARCH_CAPABILITIES, BIT64(24), 0, \
      "not affected by post-barrier RSB prediction") \
    X(GDS_NO, "gds-no", ARCH_CAPABILITIES, BIT64(26), 0, "not affected by gather data sampling") \
    X(RFDS_NO, "rfds-no", ARCH_CAPABILITIES, BIT64(27), 0, \
      "not affected by register file data sampling") \
    X(RFDS_CLEAR, "rfds-clear", ARCH_CAPABILITIES, BIT64(28), 0, "VERW clears register file data") \
    X(ITS_NO, "its-no", ARCH_CAPABILITIES, BIT64(62), 0, \
      "not affected by indirect target selection") \
    /* core_capability */ \
    X(SPLIT_LOCK_DETECT, "split-lock-detect", CORE_CAPABILITY, BIT64(5), 0, \
      "exception on split locks") \
    /* perf_capabilities */ \
    X(PEBS_TRAP, "pebs-trap", PERF_CAPABILITIES, BIT64(6), X86_OF_PEBS | X86_SHOW_INTEL, \
      "PEBS records are taken after the instruction") \
    X(PEBS_ARCH_REG, "pebs-arch-reg", PERF_CAPABILITIES, BIT64(7), X86_OF_PEBS | X86_SHOW_INTEL, \
      "PEBS records hold the architectural registers") \
    X(FULL_WIDTH_WRITE, "full-width-write", PERF_CAPABILITIES, BIT64(13), X86_SHOW_INTEL, \
      "counters can be written at full width through MSR 0x4c1") \
    X(PEBS_BASELINE, "pebs-baseline", PERF_CAPABILITIES, BIT64(14), X86_OF_PEBS | X86_SHOW_INTEL, \
      "adaptive PEBS with a configurable record") \
    X(PERF_METRICS, "perf-metrics", PERF_CAPABILITIES, BIT64(15), X86_SHOW_INTEL, \
      "topdown level-1 metrics MSR 0x329 exists") \
    X(PEBS_TIMING_INFO, "pebs-timing-info", PERF_CAPABILITIES, BIT64(17), \
      X86_OF_PEBS | X86_SHOW_INTEL, "PEBS records hold the retire latency") \
    /* vmx_pin */ \
    X(VMX_INTR_EXIT, "vmx-intr-exit", VMX_PIN, BIT64(0), X86_LATER, \
      "nested VMX: exit on external interrupts") \
    X(VMX_NMI_EXIT, "vmx-nmi-exit", VMX_PIN, BIT64(3), X86_LATER, "nested VMX: exit on NMIs") \
    X(VMX_VNMI, "vmx-vnmi", VMX_PIN, BIT64(5), X86_LATER, "nested VMX: virtual NMIs") \
    X(VMX_PREEMPTION_TIMER, "vmx-preemption-timer", VMX_PIN, BIT64(6), X86_LATER, \
      "nested VMX: preemption timer") \
    X(VMX_POSTED_INTR, "vmx-posted-intr", VMX_PIN, BIT64(7), X86_LATER, \
      "nested VMX: posted interrupts") \
    /* vmx_proc */ \
    X(VMX_VINTR_PENDING, "vmx-vintr-pending", VMX_PROC, BIT64(2), X86_LATER, \
      "nested VMX: interrupt window") \
    X(VMX_TSC_OFFSET, "vmx-tsc-offset", VMX_PROC, BIT64(3), X86_LATER, "nested VMX: TSC offset") \
    X(VMX_HLT_EXIT, "vmx-hlt-exit", VMX_PROC, BIT64(7), X86_LATER, "nested VMX: exit on HLT") \
    X(VMX_INVLPG_EXIT, "vmx-invlpg-exit", VMX_PROC, BIT64(9), X86_LATER, \
      "nested VMX: exit on INVLPG") \
    X(VMX_MWAIT_EXIT, "vmx-mwait-exit", VMX_PROC, BIT64(10), X86_LATER, \
      "nested VMX: exit on MWAIT") \
    X(VMX_RDPMC_EXIT, "vmx-rdpmc-exit", VMX_PROC, BIT64(11), X86_LATER, \
      "nested VMX: exit on RDPMC") \
    X(VMX_RDTSC_EXIT, "vmx-rdtsc-exit", VMX_PROC, BIT64(12), X86_LATER, \
      "nested VMX: exit on RDTSC") \
    X(VMX_CR3_LOAD_NOEXIT, "vmx-cr3-load-noexit", VMX_PROC, BIT64(15), X86_LATER, \
      "nested VMX: CR3 can be written without an exit") \
    X(VMX_CR3_STORE_NOEXIT, "vmx-cr3-store-noexit", VMX_PROC, BIT64(16), X86_LATER, \
      "nested VMX: CR3 can be read without an exit") \
    X(VMX_CR8_LOAD_EXIT, "vmx-cr8-load-exit", VMX_PROC, BIT64(19), X86_LATER, \
      "nested VMX: exit on writes of CR8") \
    X(VMX_CR8_STORE_EXIT, "vmx-cr8-store-exit", VMX_PROC, BIT64(20), X86_LATER, \
      "nested VMX: exit on reads of CR8") \
    X(VMX_FLEXPRIORITY, "vmx-flexpriority", VMX_PROC, BIT64(21), X86_LATER, \
      "nested VMX: TPR shadow") \
    X(VMX_VNMI_PENDING, "vmx-vnmi-pending", VMX_PROC, BIT64(22), X86_LATER, \
      "nested VMX: NMI window") \
    X(VMX_MOVDR_EXIT, "vmx-movdr-exit", VMX_PROC, BIT64(23), X86_LATER, \
      "nested VMX: exit on debug register accesses") \
    X(VMX_IO_EXIT, "vmx-io-exit", VMX_PROC, BIT64(24), X86_LATER, \
      "nested VMX: exit on every port access") \
    X(VMX_IO_BITMAP, "vmx-io-bitmap", VMX_PROC, BIT64(25), X86_LATER, "nested VMX: exits by port") \
    X(VMX_MTF, "vmx-mtf", VMX_PROC, BIT64(27), X86_LATER, "nested VMX: monitor trap flag") \
    X(VMX_MSR_BITMAP, "vmx-msr-bitmap", VMX_PROC, BIT64(28), X86_LATER, \
      "nested VMX: exits by MSR") \
    X(VMX_MONITOR_EXIT, "vmx-monitor-exit", VMX_PROC, BIT64(29), X86_LATER, \
      "nested VMX: exit on MONITOR") \
    X(VMX_PAUSE_EXIT, "vmx-pause-exit", VMX_PROC, BIT64(30), X86_LATER, \
      "nested VMX: exit on PAUSE") \
    X(VMX_SECONDARY_CTLS, "vmx-secondary-ctls", VMX_PROC, BIT64(31), X86_LATER, \
      "nested VMX: secondary processor controls") \
    /* vmx_proc2 */ \
    X(VMX_APICV_XAPIC, "vmx-apicv-xapic", VMX_PROC2, BIT64(0), X86_LATER, \
      "nested VMX: virtualized APIC accesses") \
    X(VMX_EPT, "vmx-ept", VMX_PROC2, BIT64(1), X86_LATER, "nested VMX: extended page tables") \
    X(VMX_DESC_EXIT, "vmx-desc-exit", VMX_PROC2, BIT64(2), X86_LATER, \
      "nested VMX: exit on descriptor table accesses") \
    X(VMX_RDTSCP_EXIT, "vmx-rdtscp-exit", VMX_PROC2, BIT64(3), X86_LATER, \
      "nested VMX: RDTSCP in the guest") \
    X(VMX_APICV_X2APIC, "vmx-apicv-x2apic", VMX_PROC2, BIT64(4), X86_LATER, \
      "nested VMX: virtualized x2APIC mode") \
    X(VMX_VPID, "vmx-vpid", VMX_PROC2, BIT64(5), X86_LATER, "nested VMX: virtual processor ids") \
    X(VMX_WBINVD_EXIT, "vmx-wbinvd-exit", VMX_PROC2, BIT64(6), X86_LATER, \
      "nested VMX: exit on WBINVD") \
    X(VMX_UNRESTRICTED_GUEST, "vmx-unrestricted-guest", VMX_PROC2, BIT64(7), X86_LATER, \
      "nested VMX: real mode and paging off in the guest") \
    X(VMX_APICV_REGISTER, "vmx-apicv-register", VMX_PROC2, BIT64(8), X86_LATER, \
      "nested VMX: virtualized APIC registers") \
    X(VMX_APICV_VID, "vmx-apicv-vid", VMX_PROC2, BIT64(9), X86_LATER, \
      "nested VMX: virtual interrupt delivery") \
    X(VMX_PLE, "vmx-ple", VMX_PROC2, BIT64(10), X86_LATER, "nested VMX: exit on PAUSE loops") \
    X(VMX_RDRAND_EXIT, "vmx-rdrand-exit", VMX_PROC2, BIT64(11), X86_LATER, \
      "nested VMX: exit on RDRAND") \
    X(VMX_INVPCID_EXIT, "vmx-invpcid-exit", VMX_PROC2, BIT64(12), X86_LATER, \
      "nested VMX: INVPCID in the guest") \
    X(VMX_VMFUNC, "vmx-vmfunc", VMX_PROC2, BIT64(13), X86_LATER, "nested VMX: VM functions") \
    X(VMX_SHADOW_VMCS, "vmx-shadow-vmcs", VMX_PROC2, BIT64(14), X86_LATER, \
      "nested VMX: VMCS shadowing") \
    X(VMX_ENCLS_EXIT, "vmx-encls-exit", VMX_PROC2, BIT64(15), X86_LATER, \
      "nested VMX: exit on ENCLS") \
    X(VMX_RDSEED_EXIT, "vmx-rdseed-exit", VMX_PROC2, BIT64(16), X86_LATER, \
      "nested VMX: exit on RDSEED") \
    X(VMX_PML, "vmx-pml", VMX_PROC2, BIT64(17), X86_LATER, "nested VMX: page modification log") \
    X(VMX_XSAVES, "vmx-xsaves", VMX_PROC2, BIT64(20), X86_LATER, \
      "nested VMX: XSAVES in the guest") \
    X(VMX_MBEC, "vmx-mbec", VMX_PROC2, BIT64(22), X86_LATER, \
      "nested VMX: mode-based execute control") \
    X(VMX_TSC_SCALING, "vmx-tsc-scaling", VMX_PROC2, BIT64(25), X86_LATER, \
      "nested VMX: TSC scaling") \
    X(VMX_ENABLE_USER_WAIT_PAUSE, "vmx-enable-user-wait-pause", VMX_PROC2, BIT64(26), X86_LATER, \
      "nested VMX: TPAUSE and UMWAIT in the guest") \
    /* vmx_exit */ \
    X(VMX_EXIT_NOSAVE_DEBUGCTL, "vmx-exit-nosave-debugctl", VMX_EXIT, BIT64(2), X86_LATER, \
      "nested VMX: exit can leave the debug controls unsaved") \
    X(VMX_EXIT_LOAD_PERF_GLOBAL_CTRL, "vmx-exit-load-perf-global-ctrl", VMX_EXIT, BIT64(12), \
      X86_LATER, "nested VMX: exit loads PERF_GLOBAL_CTRL") \
    X(VMX_EXIT_ACK_INTR, "vmx-exit-ack-intr", VMX_EXIT, BIT64(15), X86_LATER, \
      "nested VMX: exit acknowledges the interrupt") \
    X(VMX_EXIT_SAVE_PAT, "vmx-exit-save-pat", VMX_EXIT, BIT64(18), X86_LATER, \
      "nested VMX: exit saves PAT") \
    X(VMX_EXIT_LOAD_PAT, "vmx-exit-load-pat", VMX_EXIT, BIT64(19), X86_LATER, \
      "nested VMX: exit loads PAT") \
    X(VMX_EXIT_SAVE_EFER, "vmx-exit-save-efer", VMX_EXIT, BIT64(20), X86_LATER, \
      "nested VMX: exit saves EFER") \
    X(VMX_EXIT_LOAD_EFER, "vmx-exit-load-efer", VMX_EXIT, BIT64(21), X86_LATER, \
      "nested VMX: exit loads EFER") \
    X(VMX_EXIT_SAVE_PREEMPTION_TIMER, "vmx-exit-save-preemption-timer", VMX_EXIT, BIT64(22), \
      X86_LATER, "nested VMX: exit saves the preemption timer") \
    X(VMX_EXIT_CLEAR_BNDCFGS, "vmx-exit-clear-bndcfgs", VMX_EXIT, BIT64(23), X86_LATER, \
      "nested VMX: exit clears BNDCFGS") \
    X(VMX_EXIT_CLEAR_RTIT_CTL, "vmx-exit-clear-rtit-ctl", VMX_EXIT, BIT64(25), X86_LATER, \
      "nested VMX: exit clears the trace controls") \
    X(VMX_EXIT_SAVE_CET, "vmx-exit-save-cet", VMX_EXIT, BIT64(28), X86_LATER, \
      "nested VMX: exit loads the CET state") \
    X(VMX_EXIT_LOAD_PKRS, "vmx-exit-load-pkrs", VMX_EXIT, BIT64(29), X86_LATER, \
      "nested VMX: exit loads PKRS") \
    X(VMX_EXIT_SECONDARY_CTLS, "vmx-exit-secondary-ctls", VMX_EXIT, BIT64(31), X86_LATER, \
      "nested VMX: secondary exit controls") \
    /* vmx_entry */ \
    X(VMX_ENTRY_NOLOAD_DEBUGCTL, "vmx-entry-noload-debugctl", VMX_ENTRY, BIT64(2), X86_LATER, \
      "nested VMX: entry can leave the debug controls alone") \
    X(VMX_ENTRY_IA32E_MODE, "vmx-entry-ia32e-mode", VMX_ENTRY, BIT64(9), X86_LATER, \
      "nested VMX: entry into 64-bit mode") \
    X(VMX_ENTRY_LOAD_PERF_GLOBAL_CTRL, "vmx-entry-load-perf-global-ctrl", VMX_ENTRY, BIT64(13), \
      X86_LATER, "nested VMX: entry loads PERF_GLOBAL_CTRL") \
    X(VMX_ENTRY_LOAD_PAT, "vmx-entry-load-pat", VMX_ENTRY, BIT64(14), X86_LATER, \
      "nested VMX: entry loads PAT") \
    X(VMX_ENTRY_LOAD_EFER, "vmx-entry-load-efer", VMX_ENTRY, BIT64(15), X86_LATER, \
      "nested VMX: entry loads EFER") \
    X(VMX_ENTRY_LOAD_BNDCFGS, "vmx-entry-load-bndcfgs", VMX_ENTRY, BIT64(16), X86_LATER, \
      "nested VMX: entry loads BNDCFGS") \
    X(VMX_ENTRY_LOAD_RTIT_CTL, "vmx-entry-load-rtit-ctl", VMX_ENTRY, BIT64(18), X86_LATER, \
      "nested VMX: entry loads the trace controls") \
    X(VMX_ENTRY_LOAD_CET, "vmx-entry-load-cet", VMX_ENTRY, BIT64(20), X86_LATER, \
      "nested VMX: entry loads the CET state") \
    X(VMX_ENTRY_LOAD_PKRS, "vmx-entry-load-pkrs", VMX_ENTRY, BIT64(22), X86_LATER, \
      "nested VMX: entry loads PKRS") \
    X(VMX_ENTRY_LOAD_FRED, "vmx-entry-load-fred", VMX_ENTRY, BIT64(23), X86_LATER, \
      "nested VMX: entry loads the FRED state") \
    /* vmx_misc */ \
    X(VMX_STORE_LMA, "vmx-store-lma", VMX_MISC, BIT64(5), X86_LATER, \
      "nested VMX: exit stores EFER.LMA in the entry controls") \
    X(VMX_ACTIVITY_HLT, "vmx-activity-hlt", VMX_MISC, BIT64(6), X86_LATER, \
      "nested VMX: activity state HLT") \
    X(VMX_ACTIVITY_SHUTDOWN, "vmx-activity-shutdown", VMX_MISC, BIT64(7), X86_LATER, \
      "nested VMX: activity state shutdown") \
    X(VMX_ACTIVITY_WAIT_SIPI, "vmx-activity-wait-sipi", VMX_MISC, BIT64(8), X86_LATER, \
      "nested VMX: activity state wait-for-SIPI") \
    X(VMX_VMWRITE_VMEXIT_FIELDS, "vmx-vmwrite-vmexit-fields", VMX_MISC, BIT64(29), X86_LATER, \
      "nested VMX: VMWRITE to fields about exits") \
    X(VMX_ZERO_LEN_INJECT, "vmx-zero-len-inject", VMX_MISC, BIT64(30), X86_LATER, \
      "nested VMX: injection with instruction length 0") \
    /* vmx_ept_vpid */ \
    X(VMX_EPT_EXECONLY, "vmx-ept-execonly", VMX_EPT_VPID, BIT64(0), X86_LATER, \
      "nested VMX: pages to execute only") \
    X(VMX_PAGE_WALK_4, "vmx-page-walk-4", VMX_EPT_VPID, BIT64(6), X86_LATER, \
      "nested VMX: four levels of extended page tables") \
    X(VMX_PAGE_WALK_5, "vmx-page-walk-5", VMX_EPT_VPID, BIT64(7), X86_LATER, \
      "nested VMX: five levels of extended page tables") \
    X(VMX_EPT_2MB, "vmx-ept-2mb", VMX_EPT_VPID, BIT64(16), X86_LATER, \
      "nested VMX: 2 MiB pages in extended page tables") \
    X(VMX_EPT_1GB, "vmx-ept-1gb", VMX_EPT_VPID, BIT64(17), X86_LATER, \
      "nested VMX: 1 GiB pages in extended page tables") \
    X(VMX_INVEPT, "vmx-invept", VMX_EPT_VPID, BIT64(20), X86_LATER, "nested VMX: INVEPT") \
    X(VMX_EPTAD, "vmx-eptad", VMX_EPT_VPID, BIT64(21), X86_LATER, \
      "nested VMX: accessed and dirty flags in extended page tables") \
    X(VMX_EPT_ADVANCED_EXITINFO, "vmx-ept-advanced-exitinfo", VMX_EPT_VPID, BIT64(22), X86_LATER, \
      "nested VMX: more about exits for extended page tables") \
    X(VMX_INVEPT_SINGLE_CONTEXT, "vmx-invept-single-context", VMX_EPT_VPID, BIT64(25) | BIT64(41), \
      X86_LATER, "nested VMX: INVEPT and INVVPID of one context") \
    X(VMX_INVEPT_ALL_CONTEXT, "vmx-invept-all-context", VMX_EPT_VPID, BIT64(26), X86_LATER, \
      "nested VMX: INVEPT of all contexts") \
    X(VMX_INVVPID, "vmx-invvpid", VMX_EPT_VPID, BIT64(32), X86_LATER, "nested VMX: INVVPID") \
    X(VMX_INVVPID_SINGLE_ADDR, "vmx-invvpid-single-addr", VMX_EPT_VPID, BIT64(40), X86_LATER, \
      "nested VMX: INVVPID of one address") \
    X(VMX_INVVPID_ALL_CONTEXT, "vmx-invvpid-all-context", VMX_EPT_VPID, BIT64(42), X86_LATER, \
      "nested VMX: INVVPID of all contexts") \
    X(VMX_INVEPT_SINGLE_CONTEXT_NOGLOBALS, "vmx-invept-single-context-noglobals", VMX_EPT_VPID, \
      BIT64(43), X86_LATER, "nested VMX: INVVPID of one context but for global pages") \
    /* vmx_vmfunc */ \
    X(VMX_EPTP_SWITCHING, "vmx-eptp-switching", VMX_VMFUNC, BIT64(0), X86_LATER, \
      "nested VMX: VM function: switch the extended page tables") \
    /* vmx_basic */ \
    X(VMX_INS_OUTS, "vmx-ins-outs", VMX_BASIC, BIT64(54), X86_LATER, \
      "nested VMX: exits tell of INS and OUTS") \
    X(VMX_TRUE_CTLS, "vmx-true-ctls", VMX_BASIC, BIT64(55), X86_LATER, \
      "nested VMX: controls whose default is 1 can be 0") \
    X(VMX_ANY_ERRCODE, "vmx-any-errcode", VMX_BASIC, BIT64(56), X86_LATER, \
      "nested VMX: injection with any error code") \
    X(VMX_NESTED_EXCEPTION, "vmx-nested-exception", VMX_BASIC, BIT64(58), X86_LATER, \
      "nested VMX: nested exceptions are told apart")

/*
 * Fields of words that hold a number, 0 for none.
 *
 * X(identifier, name, word, mask, flags, values, documentation)
 */
#define X86_FIELD_LIST(X) \
    X(PEBS_FMT, "pebs-fmt", PERF_CAPABILITIES, X86_PEBS_FMT_MASK, X86_OF_PEBS, "0-15|host|off", \
      "PEBS record format, the host's alone can be had; switches the PEBS group") \
    X(LBR_FMT, "lbr-fmt", PERF_CAPABILITIES, X86_LBR_FMT_MASK, 0, "0-63|host|off", \
      "LBR record format, the host's alone can be had")
/* clang-format on */
