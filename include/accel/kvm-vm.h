/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * KvmVm and KvmDevice: a virtual machine in the kernel, and the devices the kernel
 * emulates for it (interrupt controllers).  vCPUs are kvm-vcpu.h.
 *
 * Source for every request: Linux Documentation/virt/kvm/api.rst, section of that name.
 */
#ifndef ACCEL_KVM_VM_H
#define ACCEL_KVM_VM_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "accel/kvm-sys.h"

typedef struct KvmVm KvmVm;
typedef struct KvmDevice KvmDevice;

/*
 * kvm_vm_new - KVM_CREATE_VM.
 * @type: 0, or on arm64 the number of guest physical address bits
 *
 * @sys must outlive the VM.  Free with kvm_vm_free() after its vCPUs and devices.
 */
KvmVm *kvm_vm_new(KvmSys *sys, unsigned long type, GError **errp);

/* kvm_vm_free - close the VM; NULL is nothing. */
void kvm_vm_free(KvmVm *vm);

/* kvm_vm_sys, kvm_vm_fd - the door it came through, and its descriptor. */
KvmSys *kvm_vm_sys(const KvmVm *vm);
int kvm_vm_fd(const KvmVm *vm);

/* kvm_vm_check_extension - KVM_CHECK_EXTENSION on the VM; 0 where unknown. */
int kvm_vm_check_extension(KvmVm *vm, int capability);

/* kvm_vm_enable_cap - KVM_ENABLE_CAP with one argument. */
bool kvm_vm_enable_cap(KvmVm *vm, uint32_t capability, uint64_t arg, GError **errp);

/*
 * kvm_vm_disable_quirks - switch those of @quirks off that this KVM has; once per VM,
 * before its first vCPU.  Source: Linux kvm/api.rst 7.28, KVM_CAP_DISABLE_QUIRKS2.
 */
bool kvm_vm_disable_quirks(KvmVm *vm, uint64_t quirks, GError **errp);

/* kvm_vm_disabled_quirks - which ones that were. */
uint64_t kvm_vm_disabled_quirks(const KvmVm *vm);

/*
 * kvm_vm_set_memory - KVM_SET_USER_MEMORY_REGION.
 * @bytes: 0 removes the slot
 * @hva: must stay mapped as long as the slot exists
 */
bool kvm_vm_set_memory(KvmVm *vm, uint32_t slot, uint32_t flags, uint64_t gpa,
                       uint64_t bytes, void *hva, GError **errp);

/*
 * kvm_vm_get_dirty_log - KVM_GET_DIRTY_LOG: pages of @slot written since the last call.
 * @bitmap: one bit per 4 KiB page, in words of 64
 */
bool kvm_vm_get_dirty_log(KvmVm *vm, uint32_t slot, uint64_t *bitmap, GError **errp);

/*
 * kvm_vm_enable_dirty_ring - KVM_CAP_DIRTY_LOG_RING_ACQ_REL: vCPUs made from here have a
 * ring of @entries (a power of two) for the pages they write.  Before memory is attached.
 */
bool kvm_vm_enable_dirty_ring(KvmVm *vm, uint32_t entries, GError **errp);

/* kvm_vm_has_dirty_bitmap - kvm_vm_get_dirty_log() has to be asked: without rings, and
 * on arm64 beside them. */
bool kvm_vm_has_dirty_bitmap(const KvmVm *vm);

/* A page some vCPU wrote: memory slot and number of the page in it. */
typedef void KvmDirtyPage(void *opaque, uint32_t slot, uint64_t page);

/*
 * kvm_vm_collect_dirty_rings - have @page called for each entry of every vCPU's ring and
 * give the entries back by KVM_RESET_DIRTY_RINGS.  vCPUs may run; one caller at a time.
 */
bool kvm_vm_collect_dirty_rings(KvmVm *vm, KvmDirtyPage *page, void *opaque,
                                GError **errp);

/*
 * kvm_vm_has_lost_pages - since the last call KVM wrote more into a ring than it holds,
 * so that pages are missing.  It promises not to; one that interprets guest code was
 * seen to.
 */
bool kvm_vm_has_lost_pages(KvmVm *vm);

/*
 * kvm_vm_set_irq - KVM_IRQ_LINE.
 * @irq: x86: GSI; arm64: the encoded number of kvm_arm_irq_spi()
 *
 * A level that cannot be delivered is reported but harms nothing.
 */
bool kvm_vm_set_irq(KvmVm *vm, uint32_t irq, bool level, GError **errp);

#if defined(KVM_ARCH_X86)
/*
 * kvm_vm_create_irqchip - PIC, IOAPIC and the LAPICs to come, with the three-page TSS and
 * the identity map KVM needs on Intel (placed below 4 GiB, at @reserved_gpa, 4 pages).
 */
bool kvm_vm_create_irqchip(KvmVm *vm, uint64_t reserved_gpa, GError **errp);

/* kvm_vm_create_pit - the i8254 in the kernel, with a speaker port nobody hears. */
bool kvm_vm_create_pit(KvmVm *vm, GError **errp);
#elif defined(KVM_ARCH_ARM64)
/* kvm_arm_irq_spi - the number for kvm_vm_set_irq(). */
uint32_t kvm_arm_irq_spi(unsigned spi);

/* kvm_arm_vm_type - for kvm_vm_new(): 48 guest address bits, or as many as there are,
 * where the kernel lets the caller choose. */
unsigned long kvm_arm_vm_type(KvmSys *sys);

/* Where a board has its GIC. */
typedef struct KvmGicPlace {
    bool is_v3;
    unsigned spis;         /* shared interrupts */
    uint64_t dist_gpa;     /* distributor */
    uint64_t cpu_side_gpa; /* GICv2: CPU interface; GICv3: redistributors */
} KvmGicPlace;

/* kvm_gic_new - there, and ready; after the vCPUs. */
KvmDevice *kvm_gic_new(KvmVm *vm, const KvmGicPlace *place, GError **errp);

/* kvm_vm_get_preferred_target - KVM_ARM_PREFERRED_TARGET. */
bool kvm_vm_get_preferred_target(KvmVm *vm, struct kvm_vcpu_init *ret, GError **errp);
#endif

/* kvm_vm_has_device - the kernel could make a device of that type; nothing is made. */
bool kvm_vm_has_device(KvmVm *vm, uint32_t type);

/*
 * kvm_device_new - KVM_CREATE_DEVICE.
 * @type: KVM_DEV_TYPE_…
 */
KvmDevice *kvm_device_new(KvmVm *vm, uint32_t type, GError **errp);

/* kvm_device_free - close it; NULL is nothing. */
void kvm_device_free(KvmDevice *device);

/* kvm_device_has_attr - KVM_HAS_DEVICE_ATTR. */
bool kvm_device_has_attr(KvmDevice *device, uint32_t group, uint64_t attr);

/*
 * kvm_device_set_attr - KVM_SET_DEVICE_ATTR.
 * @what: what the attribute is, for the message
 * @value: as the attribute documents; may be NULL
 */
bool kvm_device_set_attr(KvmDevice *device, uint32_t group, uint64_t attr,
                         const void *value, const char *what, GError **errp);

/* kvm_device_get_attr - KVM_GET_DEVICE_ATTR, same arguments. */
bool kvm_device_get_attr(KvmDevice *device, uint32_t group, uint64_t attr, void *value,
                         const char *what, GError **errp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(KvmVm, kvm_vm_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KvmDevice, kvm_device_free)

#endif
