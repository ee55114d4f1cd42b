/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between devices and KVM that need no exit to the program: interrupts that an
 * eventfd fires, and registers whose writes signal an eventfd.
 *
 * Source: Linux Documentation/virt/kvm/api.rst: KVM_IRQFD, KVM_SET_GSI_ROUTING,
 * KVM_IOEVENTFD.
 */
#ifndef ACCEL_KVM_IRQ_H
#define ACCEL_KVM_IRQ_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "accel/kvm-vm.h"

/*
 * A message-signalled interrupt: an eventfd, a route of its own, and the message the
 * guest wants.  Made and changed by one thread at a time; fired by any.
 */
typedef struct KvmMsi KvmMsi;

/* The message: what a write by the device would be. */
typedef struct KvmMsiMessage {
    uint64_t address;
    uint32_t data;
    uint32_t device_id; /* arm64, GICv3 ITS: requester ID; else not looked at */
} KvmMsiMessage;

/*
 * kvm_msi_new - an interrupt that leads nowhere yet.
 * @vm: outlives it
 *
 * Fails where the program has no descriptor left.
 */
KvmMsi *kvm_msi_new(KvmVm *vm, GError **errp);

/*
 * kvm_msi_set - from here on it is @message.  A message that is there already costs no
 * call into the kernel.  On failure the interrupt leads where it led before.
 */
bool kvm_msi_set(KvmMsi *msi, const KvmMsiMessage *message, GError **errp);

/* kvm_msi_fire - raise it; nothing before kvm_msi_set(). */
void kvm_msi_fire(KvmMsi *msi);

/* kvm_msi_free - the interrupt is gone; NULL is nothing. */
void kvm_msi_free(KvmMsi *msi);

/* A register whose writes signal an eventfd instead of leaving the guest. */
typedef struct KvmIoEvent {
    int fd;
    bool is_port;   /* else memory */
    uint64_t addr;  /* port or guest physical address */
    unsigned bytes; /* of the write: 1, 2, 4, 8; 0: any, which needs no value */
    bool has_value; /* only writes of @value */
    uint64_t value;
} KvmIoEvent;

/*
 * kvm_vm_set_io_event - have KVM answer, or (@on false) not any more.  Writes that do not
 * fit come to the program as before.
 */
bool kvm_vm_set_io_event(KvmVm *vm, const KvmIoEvent *event, bool on, GError **errp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(KvmMsi, kvm_msi_free)

#endif
