/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the tables of models-*.c are written, and where models.c finds them.
 *
 * A table holds the versions of one model, oldest first.  The first row states identity
 * and model id and starts from the generation before it, or from nothing; the others
 * start from an earlier version.  Released rows do not change, and others build on them:
 * correct a model with a new version.  tests/resolve/golden/models.txt has every model
 * spelled out.
 */
#ifndef TARGET_I386_MODELS_H
#define TARGET_I386_MODELS_H

#include "target/x86-cpu.h"
#include "util/bits.h"

#define TYPE(n) n X86_CPU_TYPE_SUFFIX

/* Version @v of model @n, and the first, which has the plain name, too. */
#define VERSION(n, v)                                                                    \
    .name = n "-v" #v, .type_name = TYPE(n "-v" #v), .kind = X86_MODEL_NAMED
#define MODEL(n) VERSION(n, 1), .alias = TYPE(n)

/* FROM(haswell, 2) - the row of Haswell-v2. */
#define FROM(table, v) (&(table)[(v)-1])

/* Vendor, family, model, stepping, highest basic leaf, extended leaf, Zhaoxin's leaf. */
#define IDENTITY(...) (&(const X86Identity){__VA_ARGS__})

#define FEATURES(...) ((const uint16_t[]){__VA_ARGS__, X86_NO_FEATURE})

/* A table, for one of the lists below; NO_MODEL ends them. */
#define VERSIONS(table)                                                                  \
    {                                                                                    \
        table, ARRAY_LEN(table)                                                          \
    }
#define NO_MODEL                                                                         \
    {                                                                                    \
        NULL, 0                                                                          \
    }

extern const X86ModelVersions x86_models_intel[];
extern const X86ModelVersions x86_models_amd[];
extern const X86ModelVersions x86_models_other[];

/* clang-format off */
/*
 * What nested VMX can do, by generation, each with all of the one before it; it comes to
 * bear with vmx=on, as no model has vmx by itself.
 */
#define VMX_COREDUO \
    X86_VMX_INTR_EXIT, X86_VMX_NMI_EXIT, X86_VMX_VINTR_PENDING, X86_VMX_TSC_OFFSET, \
    X86_VMX_HLT_EXIT, X86_VMX_INVLPG_EXIT, X86_VMX_MWAIT_EXIT, X86_VMX_RDPMC_EXIT, \
    X86_VMX_RDTSC_EXIT, X86_VMX_MOVDR_EXIT, X86_VMX_IO_EXIT, X86_VMX_IO_BITMAP, \
    X86_VMX_MSR_BITMAP, X86_VMX_MONITOR_EXIT, X86_VMX_PAUSE_EXIT, \
    X86_VMX_EXIT_ACK_INTR, X86_VMX_ACTIVITY_HLT
#define VMX_CONROE \
    VMX_COREDUO, X86_VMX_VNMI, X86_VMX_CR8_LOAD_EXIT, X86_VMX_CR8_STORE_EXIT, \
    X86_VMX_FLEXPRIORITY, X86_VMX_VNMI_PENDING, X86_VMX_SECONDARY_CTLS, \
    X86_VMX_APICV_XAPIC, X86_VMX_ENTRY_IA32E_MODE, X86_VMX_INS_OUTS
#define VMX_PENRYN \
    VMX_CONROE, X86_VMX_WBINVD_EXIT, X86_VMX_EXIT_LOAD_PERF_GLOBAL_CTRL, \
    X86_VMX_ENTRY_LOAD_PERF_GLOBAL_CTRL
#define VMX_NEHALEM \
    VMX_PENRYN, X86_VMX_PREEMPTION_TIMER, X86_VMX_CR3_LOAD_NOEXIT, \
    X86_VMX_CR3_STORE_NOEXIT, X86_VMX_MTF, X86_VMX_EPT, X86_VMX_DESC_EXIT, \
    X86_VMX_APICV_X2APIC, X86_VMX_VPID, X86_VMX_EXIT_NOSAVE_DEBUGCTL, \
    X86_VMX_EXIT_SAVE_PAT, X86_VMX_EXIT_LOAD_PAT, X86_VMX_EXIT_SAVE_EFER, \
    X86_VMX_EXIT_LOAD_EFER, X86_VMX_EXIT_SAVE_PREEMPTION_TIMER, \
    X86_VMX_ENTRY_NOLOAD_DEBUGCTL, X86_VMX_ENTRY_LOAD_PAT, X86_VMX_ENTRY_LOAD_EFER, \
    X86_VMX_EPT_EXECONLY, X86_VMX_PAGE_WALK_4, X86_VMX_EPT_2MB, X86_VMX_EPT_1GB, \
    X86_VMX_INVEPT, X86_VMX_INVEPT_SINGLE_CONTEXT, X86_VMX_INVEPT_ALL_CONTEXT, \
    X86_VMX_INVVPID, X86_VMX_INVVPID_SINGLE_ADDR, X86_VMX_INVVPID_ALL_CONTEXT, \
    X86_VMX_INVEPT_SINGLE_CONTEXT_NOGLOBALS, X86_VMX_TRUE_CTLS
#define VMX_IVYBRIDGE \
    VMX_NEHALEM, X86_VMX_POSTED_INTR, X86_VMX_RDTSCP_EXIT, \
    X86_VMX_UNRESTRICTED_GUEST, X86_VMX_APICV_REGISTER, X86_VMX_APICV_VID, \
    X86_VMX_RDRAND_EXIT, X86_VMX_STORE_LMA
#define VMX_HASWELL \
    VMX_IVYBRIDGE, X86_VMX_INVPCID_EXIT, X86_VMX_VMFUNC, X86_VMX_SHADOW_VMCS, \
    X86_VMX_VMWRITE_VMEXIT_FIELDS, X86_VMX_EPTAD, X86_VMX_EPTP_SWITCHING
/* clang-format on */

/* models-caches.c */
extern const X86CacheRow x86_caches_none[X86_CACHES]; /* what the base had, it has not */
extern const X86CacheRow x86_caches_leaf_2[X86_CACHES];
extern const X86CacheRow x86_caches_spr[X86_CACHES];
extern const X86CacheRow x86_caches_gnr[X86_CACHES];
extern const X86CacheRow x86_caches_srf[X86_CACHES];
extern const X86CacheRow x86_caches_cwf[X86_CACHES];
extern const X86CacheRow x86_caches_yongfeng[X86_CACHES];
extern const X86CacheRow x86_caches_naples[X86_CACHES];
extern const X86CacheRow x86_caches_rome[X86_CACHES];
extern const X86CacheRow x86_caches_milan[X86_CACHES];
extern const X86CacheRow x86_caches_genoa[X86_CACHES];
extern const X86CacheRow x86_caches_turin[X86_CACHES];

#endif
