/*
 * x86 virtual PMU: event filter
 *
 * Source: Linux Documentation/virt/kvm/api.rst, KVM_SET_PMU_EVENT_FILTER.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include <linux/kvm.h>
#include "qapi/error.h"
#include "qapi/util.h"
#include "qemu/error-report.h"
#include "system/kvm.h"
#include "accel/kvm/kvm-pmu-filter.h"
#include "vpmu-filter.h"

#define EVENTS_AT_MOST 300
#define FLAG_MASKED 1

/* Bits 7:0 of a select stay where they are, bits 11:8 come from bit 32 on. */
static uint64_t place_select(uint64_t select)
{
    return (select & 0xff) | (select >> 8) << 32;
}

static bool encode_event(const KvmPmuEvent *event, uint64_t *code,
                         Error **errp)
{
    const KvmPmuX86SelectUmaskEvent *plain = &event->u.x86_select_umask;
    const KvmPmuX86MaskedEntry *masked = &event->u.x86_masked_entry;
    unsigned select = 0;

    switch (event->format) {
    case KVM_PMU_EVENT_FORMAT_RAW:
        *code = event->u.raw.code;
        break;
    case KVM_PMU_EVENT_FORMAT_X86_SELECT_UMASK:
        select = plain->select;
        *code = place_select(select) | plain->umask << 8;
        break;
    case KVM_PMU_EVENT_FORMAT_X86_MASKED_ENTRY:
        select = masked->select;
        *code = place_select(select) | masked->match << 8 |
                (uint64_t)masked->exclude << 55 |
                (uint64_t)masked->mask << 56;
        break;
    default:
        error_setg(errp, "events of format '%s' are not for x86",
                   KvmPmuEventFormat_str(event->format));
        return false;
    }
    if (select > 0xfff) {
        error_setg(errp, "event select 0x%x has more than 12 bits", select);
        return false;
    }
    return true;
}

static bool encode(const KvmPmuFilter *filter,
                   struct kvm_pmu_event_filter *out, Error **errp)
{
    uint64_t code;

    out->action = filter->action == KVM_PMU_FILTER_ACTION_ALLOW ?
                  KVM_PMU_EVENT_ALLOW : KVM_PMU_EVENT_DENY;
    out->fixed_counter_bitmap = filter->fixed;
    for (KvmPmuEventList *at = filter->events; at; at = at->next) {
        if (out->nevents == EVENTS_AT_MOST) {
            error_setg(errp, "KVM takes at most %d events in a PMU filter",
                       EVENTS_AT_MOST);
            return false;
        }
        if (!encode_event(at->value, &code, errp)) {
            return false;
        }
        out->events[out->nevents++] = code;
        if (at->value->format == KVM_PMU_EVENT_FORMAT_X86_MASKED_ENTRY) {
            out->flags = FLAG_MASKED;
        }
    }
    return true;
}

int x86_vpmu_set_filter(KVMState *s)
{
    g_autofree struct kvm_pmu_event_filter *out =
        g_malloc0(sizeof(*out) + EVENTS_AT_MOST * sizeof(out->events[0]));
    KvmPmuFilter *filter;
    Error *err = NULL;
    int ret;

    if (!kvm_pmu_filter_find(&filter, &err)) {
        error_report_err(err);
        return -EINVAL;
    }
    if (!filter) {
        return 0;
    }
    if (!kvm_check_extension(s, KVM_CAP_PMU_EVENT_FILTER)) {
        error_report("pmu-filter: KVM has no PMU event filter on this host");
        return -ENOTSUP;
    }
    if (!encode(filter, out, &err)) {
        error_prepend(&err, "pmu-filter: ");
        error_report_err(err);
        return -EINVAL;
    }
    ret = kvm_vm_ioctl(s, KVM_SET_PMU_EVENT_FILTER, out);
    if (ret < 0) {
        error_report("pmu-filter: KVM refuses it: %s", strerror(-ret));
    }
    return ret;
}
