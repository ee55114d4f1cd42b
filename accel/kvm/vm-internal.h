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
    GPtrArray *msis;       /* KvmMsi * by GSI, borrowed; NULL where one was */
};

/* Messages have numbers of their own, above all lines. */
#define KVM_FIRST_MSI_GSI 24

/* kvm_vm_fixed_routes - the routes of interrupt lines; NULL only counts them. */
unsigned kvm_vm_fixed_routes(struct kvm_irq_routing_entry *ret);

/* kvm_msi_entry_finish - what the architecture adds to the route of a message. */
void kvm_msi_entry_finish(struct kvm_irq_routing_entry *entry, uint32_t device_id);

/* kvm_vcpu_map_ring - the ring of a vCPU that is being made; true where there is none. */
bool kvm_vcpu_map_ring(KvmVcpu *vcpu, GError **errp);

/* kvm_vcpu_unmap_ring - harmless without one. */
void kvm_vcpu_unmap_ring(KvmVcpu *vcpu);

#endif
