/*
 * What this guest sees of its CPU, in libvpmu's terms
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_KVM_VPMU_CONTRACT_H
#define ACCEL_KVM_VPMU_CONTRACT_H

/* Keep the command line, before anything is made of it; nothing else yet. */
void vpmu_contract_start(int argc, char **argv);

#endif
