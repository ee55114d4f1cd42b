/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The accelerator's configuration: -accel kvm,… as an object of type "kvm-accel".
 */
#ifndef TARGET_KVM_ACCEL_H
#define TARGET_KVM_ACCEL_H

#include "qom/object.h"
#include "target/host-profile.h"
#include "util/report.h"

#define TYPE_KVM_ACCEL "kvm-accel"

typedef enum KvmIrqchip {
    KVM_IRQCHIP_ON,
    KVM_IRQCHIP_OFF,
    KVM_IRQCHIP_SPLIT,
} KvmIrqchip;

/* What -accel kvm,pmu= asked for. */
typedef enum PmuRequestKind {
    PMU_REQUEST_UNSET, /* not given */
    PMU_REQUEST_AUTO,  /* pmu=auto: choose, whatever the machine version says */
    PMU_REQUEST_NONE,
    PMU_REQUEST_TYPE, /* a perf event-source type number */
    PMU_REQUEST_NAME, /* a source's name */
    PMU_REQUEST_FIXED_COUNTERS_ONLY,
    PMU_REQUEST_BIG,    /* the source of the CPUs with the greatest capacity */
    PMU_REQUEST_LITTLE, /* … with the least */
} PmuRequestKind;

typedef struct PmuRequest {
    PmuRequestKind kind;
    uint32_t type;
    char *name;
} PmuRequest;

typedef enum PmuAffinity {
    PMU_AFFINITY_AUTO, /* confine vCPU threads where the user named a partial source */
    PMU_AFFINITY_OFF,
} PmuAffinity;

typedef struct KvmAccel {
    Object parent;
    int kernel_irqchip; /* KvmIrqchip */
    char *device;       /* path of the KVM device node */
    char *host_profile; /* path of a recorded host, or NULL for the live one */
    PmuRequest pmu;
    bool backcompat_pmu; /* leave the choice to KVM, as QEMU's machines do */
    bool x_fixed_counters_only;
    int pmu_affinity;  /* PmuAffinity */
    int notify_vmexit; /* 0, which is "disable" */
    uint32_t dirty_ring_size;
    uint64_t kvm_shadow_mem;
} KvmAccel;

/*
 * kvm_dirty_ring_entries - how many pages the dirty ring of each vCPU holds; 0: the pages
 * a guest writes are logged in bitmaps.  What was asked for and cannot be had is an error
 * in @report, which may be NULL.  Pure.
 */
uint32_t kvm_dirty_ring_entries(const KvmAccel *accel, const HostProfile *host,
                                Report *report);

/* kvm_accel_register_types - add "accel" (abstract) and "kvm-accel". */
void kvm_accel_register_types(TypeRegistry *registry);

/* kvm_accel_check - what @accel says can be had; false with an error that names it. */
bool kvm_accel_check(const KvmAccel *accel, GError **errp);

#endif
