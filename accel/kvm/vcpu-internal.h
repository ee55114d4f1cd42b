/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a vCPU, for the files of this folder that add an architecture's
 * registers. */
#ifndef ACCEL_VCPU_INTERNAL_H
#define ACCEL_VCPU_INTERNAL_H

#include "accel/kvm-vcpu.h"

struct KvmVcpu {
    KvmSys *sys;
    unsigned long id;
    int fd;
    struct kvm_run *run;
    size_t run_bytes;
};

#endif
