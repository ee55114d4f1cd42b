/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A modelled kernel: arm64 KVM behind the ioctl door, as far as vCPU features, the PMU,
 * registers and the GIC's attributes go.
 *
 * It lets the arm64 side of accel/, hw/ and system/ run at an x86 desk, on hosts nobody
 * here has, and enforces the rules KVM documents or was seen to follow; each rule has its
 * source beside it: LD is Documentation/virt/kvm in Linux, LX arch/arm64/kvm, "seen" the
 * rig of docs/rigs.md.  It is as Linux 6.12 and later, with what the profile says of
 * SET_NR_COUNTERS, FIXED_COUNTERS_ONLY and STRICT.  Results from it are labelled
 * modelled. Nothing runs in it: KVM_RUN only makes a vCPU one that has run.
 */
#ifndef TESTS_MODEL_ARM_H
#define TESTS_MODEL_ARM_H

#include "accel/kvm-sys.h"
#include "target/host-profile.h"

typedef struct ModelArm ModelArm;

/* As a host CPU: the one the calling thread is really on. */
#define MODEL_ARM_REAL_CPU (-1)

/*
 * model_arm_new - a kernel on @host, which is borrowed, behind a new door.
 * @ret_model: for the functions below; lives as long as the door
 */
KvmSys *model_arm_new(const HostProfile *host, ModelArm **ret_model);

/* model_arm_move - threads are on host CPU @cpu from now on; 0 before. */
void model_arm_move(ModelArm *model, int cpu);

/*
 * model_arm_twist_reg - from now on the kernel keeps register @id with the bits of @flips
 * turned over, without a word; 0 ends it.
 */
void model_arm_twist_reg(ModelArm *model, uint64_t id, uint64_t flips);

/* model_arm_hide_reg - the kernel does not have register @id. */
void model_arm_hide_reg(ModelArm *model, uint64_t id);

/* model_arm_open_fds - descriptors handed out and not closed, the system's included. */
unsigned model_arm_open_fds(const ModelArm *model);

/* model_arm_pmu_type - perf's number of the PMU that serves the newest VM; -1: none. */
int model_arm_pmu_type(const ModelArm *model);

/* model_arm_entries, model_arm_refused - calls of KVM_RUN that entered the guest, and
 * that failed as the host CPU was another PMU's. */
unsigned model_arm_entries(const ModelArm *model);
unsigned model_arm_refused(const ModelArm *model);

#endif
