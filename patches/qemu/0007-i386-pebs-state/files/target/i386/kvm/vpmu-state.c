/*
 * x86 virtual PMU: state that QEMU's own lists of MSRs do not have
 *
 * A register's whole life is one row: number, place in the state, and how
 * many of them this guest has.  The guest's features decide that, never what
 * the registers happen to hold: a guest with an address in DS_AREA and
 * nothing else keeps it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "system/kvm.h"
#include "qemu/error-report.h"
#include "kvm_i386.h"
#include "vpmu-msrs.h"
#include "vpmu-state.h"

/* KVM takes fewer than 256 MSRs in one call. */
#define MSRS_AT_ONCE 255

typedef struct MsrBuffer {
    struct kvm_msrs head;
    struct kvm_msr_entry entries[MSRS_AT_ONCE];
} MsrBuffer;

/* A row of registers with consecutive numbers; @count of this guest. */
typedef struct StateMsrs {
    uint32_t first;
    size_t offset;
    unsigned (*count)(X86CPU *cpu);
} StateMsrs;

static uint64_t capabilities(X86CPU *cpu)
{
    return cpu->enable_pmu ? cpu->env.features[FEAT_PERF_CAPABILITIES] : 0;
}

static unsigned pebs_count(X86CPU *cpu)
{
    return (capabilities(cpu) >> 8 & 15) != 0;
}

static unsigned adaptive_count(X86CPU *cpu)
{
    return pebs_count(cpu) && capabilities(cpu) >> 14 & 1;
}

/* In the order in which they are set. */
static const StateMsrs state_msrs[] = {
    { 0x600, offsetof(CPUX86State, msr_ds_area), pebs_count },
    { 0x3f1, offsetof(CPUX86State, msr_pebs_enable), pebs_count },
    { 0x3f2, offsetof(CPUX86State, msr_pebs_data_cfg), adaptive_count },
};

/* Hands one chunk to KVM; -EINVAL when it stops at an MSR. */
static int transfer(X86CPU *cpu, unsigned long request, MsrBuffer *buffer)
{
    int done = kvm_vcpu_ioctl(CPU(cpu), request, &buffer->head);

    if (done < 0 || done == buffer->head.nmsrs) {
        return MIN(done, 0);
    }
    if (request == KVM_SET_MSRS) {
        x86_vpmu_report_refused(buffer->entries[done].index,
                                buffer->entries[done].data);
    } else {
        error_report("KVM has no MSR 0x%" PRIx32, buffer->entries[done].index);
    }
    return -EINVAL;
}

/*
 * Walks the registers this guest has from number @at on and fills a chunk,
 * or takes its values over; returns how many it held.
 */
static unsigned walk(X86CPU *cpu, MsrBuffer *buffer, unsigned at, bool take)
{
    unsigned seen = 0, held = 0;

    for (int i = 0; i < ARRAY_SIZE(state_msrs); i++) {
        const StateMsrs *row = &state_msrs[i];
        uint64_t *values = (uint64_t *)((char *)&cpu->env + row->offset);
        unsigned count = row->count(cpu);

        for (unsigned n = 0; n < count && held < MSRS_AT_ONCE; n++) {
            if (seen++ < at) {
                continue;
            }
            if (take) {
                values[n] = buffer->entries[held++].data;
                continue;
            }
            buffer->entries[held++] = (struct kvm_msr_entry) {
                .index = row->first + n, .data = values[n],
            };
        }
    }
    buffer->head.nmsrs = held;
    return held;
}

static int transfer_all(X86CPU *cpu, unsigned long request)
{
    g_autofree MsrBuffer *buffer = g_new0(MsrBuffer, 1);
    unsigned at = 0, held;

    while ((held = walk(cpu, buffer, at, false)) > 0) {
        int ret = transfer(cpu, request, buffer);

        if (ret < 0) {
            return ret;
        }
        if (request == KVM_GET_MSRS) {
            walk(cpu, buffer, at, true);
        }
        at += held;
    }
    return 0;
}

int x86_vpmu_put_msrs(X86CPU *cpu, int level)
{
    return level < KVM_PUT_RESET_STATE ? 0 : transfer_all(cpu, KVM_SET_MSRS);
}

int x86_vpmu_get_msrs(X86CPU *cpu)
{
    return transfer_all(cpu, KVM_GET_MSRS);
}

static bool pebs_needed(void *opaque)
{
    return pebs_count(opaque);
}

const VMStateDescription vmstate_x86_vpmu_pebs = {
    .name = "cpu/vpmu_pebs",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = pebs_needed,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(env.msr_ds_area, X86CPU),
        VMSTATE_UINT64(env.msr_pebs_enable, X86CPU),
        VMSTATE_UINT64(env.msr_pebs_data_cfg, X86CPU),
        VMSTATE_END_OF_LIST()
    }
};
