/*
 * The contract in the migration stream
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_KVM_VPMU_STREAM_H
#define ACCEL_KVM_VPMU_STREAM_H

/* Once the first vCPU is there: who asked to send the contract can. */
void vpmu_stream_start(void);

#endif
