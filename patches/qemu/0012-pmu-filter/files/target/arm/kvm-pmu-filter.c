/*
 * Arm PMU of a KVM guest: event filter
 *
 * A filter is a row of ranges; the first decides what happens to events that
 * are in none.  With one action for all of them, that is the other action.
 *
 * Source: Linux Documentation/virt/kvm/devices/vcpu.rst.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include <sys/ioctl.h>
#include <linux/kvm.h>
#include "qapi/error.h"
#include "qapi/util.h"
#include "qemu/error-report.h"
#include "accel/kvm/kvm-pmu-filter.h"
#include "kvm-pmu-filter.h"

static bool encode_event(const KvmPmuEvent *event,
                         struct kvm_pmu_event_filter *out, Error **errp)
{
    const KvmPmuArmRange *range = &event->u.arm_range;

    if (event->format == KVM_PMU_EVENT_FORMAT_RAW &&
        event->u.raw.code <= UINT16_MAX) {
        out->base_event = event->u.raw.code;
        out->nevents = 1;
        return true;
    }
    if (event->format == KVM_PMU_EVENT_FORMAT_RAW) {
        error_setg(errp, "event 0x%" PRIx64 " has more than 16 bits",
                   event->u.raw.code);
        return false;
    }
    if (event->format != KVM_PMU_EVENT_FORMAT_ARM_RANGE) {
        error_setg(errp, "events of format '%s' are not for Arm",
                   KvmPmuEventFormat_str(event->format));
        return false;
    }
    if (!range->count || range->first + range->count > 0x10000) {
        error_setg(errp, "%u events from 0x%x on are not within 0 to 0xffff",
                   range->count, range->first);
        return false;
    }
    out->base_event = range->first;
    out->nevents = range->count;
    return true;
}

static int set_events(int vcpu_fd, const KvmPmuFilter *filter, Error **errp)
{
    if (filter->has_fixed) {
        error_setg(errp, "x86-fixed-counter is not for Arm");
        return -EINVAL;
    }
    for (KvmPmuEventList *at = filter->events; at; at = at->next) {
        struct kvm_pmu_event_filter range = {
            .action = filter->action == KVM_PMU_FILTER_ACTION_ALLOW ?
                      KVM_PMU_EVENT_ALLOW : KVM_PMU_EVENT_DENY,
        };
        struct kvm_device_attr attr = {
            .group = KVM_ARM_VCPU_PMU_V3_CTRL,
            .attr = KVM_ARM_VCPU_PMU_V3_FILTER,
            .addr = (uintptr_t)&range,
        };

        if (!encode_event(at->value, &range, errp)) {
            return -EINVAL;
        }
        if (ioctl(vcpu_fd, KVM_SET_DEVICE_ATTR, &attr) < 0) {
            int error = errno;

            error_setg_errno(errp, error, "KVM refuses events 0x%x to 0x%x",
                             range.base_event,
                             range.base_event + range.nevents - 1);
            return -error;
        }
    }
    return 0;
}

int kvm_arm_pmu_set_filter(int vcpu_fd)
{
    static bool done;
    KvmPmuFilter *filter;
    Error *err = NULL;
    int ret = 0;

    /* It is the VM's; more ranges through another vCPU would add nothing. */
    if (done) {
        return 0;
    }
    done = true;
    if (!kvm_pmu_filter_find(&filter, &err)) {
        ret = -EINVAL;
    } else if (filter) {
        ret = set_events(vcpu_fd, filter, &err);
        if (err) {
            error_prepend(&err, "pmu-filter: ");
        }
    }
    if (err) {
        error_report_err(err);
    }
    return ret;
}
