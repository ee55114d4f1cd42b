/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a VM, for kvm-vm.c, kvm-vcpu.c and dirty-ring.c. */
#ifndef ACCEL_VM_INTERNAL_H
#define ACCEL_VM_INTERNAL_H

#include "accel/kvm-vcpu.h"

struct KvmVm {
    KvmSys *sys;
    int fd;
    uint64_t disabled_quirks;
    uint32_t ring_entries; /* dirty ring of each vCPU; 0: bitmaps */
    bool has_bitmap;       /* of each slot that is logged; beside rings on arm64 only */
    bool has_lost_pages;   /* a ring was overrun since somebody asked */
    unsigned ring_taken;   /* entries taken and not given back yet */
    GPtrArray *vcpus;      /* KvmVcpu *, borrowed: those that exist */
};

/* kvm_vcpu_map_ring - the ring of a vCPU that is being made; true where there is none. */
bool kvm_vcpu_map_ring(KvmVcpu *vcpu, GError **errp);

/* kvm_vcpu_unmap_ring - harmless without one. */
void kvm_vcpu_unmap_ring(KvmVcpu *vcpu);

#endif
