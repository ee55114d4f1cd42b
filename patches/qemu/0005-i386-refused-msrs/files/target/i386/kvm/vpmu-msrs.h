/*
 * x86 virtual PMU: its MSRs, as KVM takes and gives them
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef I386_KVM_VPMU_MSRS_H
#define I386_KVM_VPMU_MSRS_H

/*
 * Reports that KVM refused to set an MSR to a value, with the name of the MSR
 * and what KVM would have taken where it is one of the PMU.
 */
void x86_vpmu_report_refused(uint32_t index, uint64_t value);

#endif
