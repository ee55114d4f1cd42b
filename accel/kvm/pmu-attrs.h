/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attributes of an arm64 vCPU's PMU that are newer than the headers of Debian 12, and
 * their group, which the headers of x86 do not have.  Source: Linux uapi of arm64,
 * asm/kvm.h; Linux virt/kvm/devices/vcpu.rst, section 1.
 */
#ifndef ACCEL_KVM_PMU_ATTRS_H
#define ACCEL_KVM_PMU_ATTRS_H

#define PMU_ATTR_GROUP               0
#define PMU_ATTR_SET_PMU             3
#define PMU_ATTR_SET_NR_COUNTERS     4
#define PMU_ATTR_FIXED_COUNTERS_ONLY 5

#endif
