/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_CPU_H
#define STUB_CPU_H

#include "qemu/osdep.h"
#include "qom/object.h"

typedef enum FeatureWord {
    FEAT_1_ECX,
    FEAT_1_EDX,
    FEAT_7_0_EBX,
    FEAT_PERF_CAPABILITIES,
    FEATURE_WORDS,
} FeatureWord;

#define CPUID_EXT_PDCM               (1u << 15)
#define CPUID_EXT_DTES64             (1u << 2)
#define CPUID_DTS                    (1u << 21)
#define CPUID_7_0_EBX_INTEL_PT       (1u << 25)
#define PERF_CAP_LBR_FMT             0x3f
#define PERF_CAP_METRICS             (1u << 15)
#define MSR_IA32_PERF_CAPABILITIES   0x345
#define MSR_IA32_MISC_ENABLE_DEFAULT 1
#define MAX_FIXED_COUNTERS           3
#define IS_AMD_CPU(env)              ((env)->amd)

typedef struct CPUX86State {
    uint64_t features[FEATURE_WORDS];
    uint64_t user_features[FEATURE_WORDS];
    uint32_t cpuid_version;
    bool amd;
    uint64_t msr_ds_area;
    uint64_t msr_pebs_enable;
    uint64_t msr_pebs_data_cfg;
    uint64_t msr_fixed_more[4];
    uint64_t msr_perf_metrics;
    uint64_t msr_debugctl;
    uint64_t msr_legacy_lbr[2];
    uint64_t msr_legacy_lbr_from[32];
    uint64_t msr_legacy_lbr_to[32];
    uint64_t msr_legacy_lbr_info[32];
} CPUX86State;

typedef struct CPUState {
    int cpu_index;
    int kvm_fd;
} CPUState;

typedef struct X86CPU {
    CPUState parent;
    CPUX86State env;
    bool enable_pmu;
    bool enforce_cpuid;
    bool ds_without_pmu;
    bool pt_without_pmu;
    bool misc_enable_all;
    uint64_t lbr_fmt;
    uint64_t pebs_fmt;
} X86CPU;

typedef struct DeviceState {
    bool realized;
} DeviceState;

#define CPU(cpu)     (&(cpu)->parent)
#define X86_CPU(obj) ((X86CPU *)(obj))
#define DEVICE(obj)  ((DeviceState *)(obj))

enum {
    R_EAX,
    R_ECX,
    R_EDX,
    R_EBX
};

void host_cpuid(uint32_t function, uint32_t count, uint32_t *eax, uint32_t *ebx,
                uint32_t *ecx, uint32_t *edx);
void cpu_x86_cpuid(CPUX86State *env, uint32_t index, uint32_t count, uint32_t *eax,
                   uint32_t *ebx, uint32_t *ecx, uint32_t *edx);

#endif
