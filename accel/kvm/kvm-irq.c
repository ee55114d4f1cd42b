/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/kvm-irq.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/error.h"
#include "vm-internal.h"

struct KvmMsi {
    KvmVm *vm;
    int fd;
    uint32_t gsi;
    bool is_routed; /* and connected */
    KvmMsiMessage message;
};

/* Interrupts that lead nowhere have no entry: the kernel knows no empty one. */
static bool set_routes(KvmVm *vm, GError **errp)
{
    unsigned fixed = kvm_vm_fixed_routes(NULL);
    g_autofree struct kvm_irq_routing *table =
        g_malloc0(sizeof(*table) + (fixed + vm->msis->len) * sizeof(table->entries[0]));

    table->nr = kvm_vm_fixed_routes(table->entries);
    for (unsigned i = 0; i < vm->msis->len; i++) {
        const KvmMsi *msi = g_ptr_array_index(vm->msis, i);
        struct kvm_irq_routing_entry *entry = &table->entries[table->nr];

        if (!msi || !msi->is_routed) {
            continue;
        }
        entry->gsi = msi->gsi;
        entry->type = KVM_IRQ_ROUTING_MSI;
        entry->u.msi.address_lo = (uint32_t)msi->message.address;
        entry->u.msi.address_hi = (uint32_t)(msi->message.address >> 32);
        entry->u.msi.data = msi->message.data;
        kvm_msi_entry_finish(entry, msi->message.device_id);
        table->nr++;
    }
    return kvm_ioctl_(vm->sys, vm->fd, KVM_SET_GSI_ROUTING, "KVM_SET_GSI_ROUTING", table,
                      errp) >= 0;
}

static bool connect(const KvmMsi *msi, bool on, GError **errp)
{
    struct kvm_irqfd irqfd = {.fd = (uint32_t)msi->fd,
                              .gsi = msi->gsi,
                              .flags = on ? 0 : KVM_IRQFD_FLAG_DEASSIGN};

    return kvm_ioctl(msi->vm->sys, msi->vm->fd, KVM_IRQFD, &irqfd, errp) >= 0;
}

KvmMsi *kvm_msi_new(KvmVm *vm, GError **errp)
{
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    KvmMsi *msi;
    guint slot;

    if (fd < 0) {
        error_set(errp, "cannot make an eventfd for an interrupt: %s", strerror(errno));
        return NULL;
    }
    msi = g_new0(KvmMsi, 1);
    msi->vm = vm;
    msi->fd = fd;
    if (g_ptr_array_find(vm->msis, NULL, &slot)) {
        vm->msis->pdata[slot] = msi;
    } else {
        slot = vm->msis->len;
        g_ptr_array_add(vm->msis, msi);
    }
    msi->gsi = KVM_FIRST_MSI_GSI + slot;
    return msi;
}

bool kvm_msi_set(KvmMsi *msi, const KvmMsiMessage *message, GError **errp)
{
    const KvmMsiMessage before = msi->message;
    bool was_routed = msi->is_routed;

    if (was_routed && before.address == message->address &&
        before.data == message->data && before.device_id == message->device_id) {
        return true;
    }
    msi->message = *message;
    msi->is_routed = true;
    if (set_routes(msi->vm, errp) && (was_routed || connect(msi, true, errp))) {
        return true;
    }
    msi->message = before;
    msi->is_routed = was_routed;
    return false;
}

void kvm_msi_fire(KvmMsi *msi)
{
    const uint64_t one = 1;

    /* EAGAIN, the only error there is, means that it is pending 2^64 - 1 times. */
    if (write(msi->fd, &one, sizeof(one)) < 0) {
        return;
    }
}

void kvm_msi_free(KvmMsi *msi)
{
    if (!msi) {
        return;
    }
    if (msi->is_routed) {
        (void)connect(msi, false, NULL); /* closing it ends it as well */
        msi->is_routed = false;
    }
    msi->vm->msis->pdata[msi->gsi - KVM_FIRST_MSI_GSI] = NULL;
    close(msi->fd);
    g_free(msi);
}

bool kvm_vm_set_io_event(KvmVm *vm, const KvmIoEvent *event, bool on, GError **errp)
{
    struct kvm_ioeventfd io = {
        .fd = event->fd,
        .addr = event->addr,
        .len = event->bytes,
        .datamatch = event->value,
        .flags = (on ? 0u : (unsigned)KVM_IOEVENTFD_FLAG_DEASSIGN) |
                 (event->is_port ? (unsigned)KVM_IOEVENTFD_FLAG_PIO : 0) |
                 (event->has_value ? (unsigned)KVM_IOEVENTFD_FLAG_DATAMATCH : 0),
    };

    return kvm_ioctl(vm->sys, vm->fd, KVM_IOEVENTFD, &io, errp) >= 0;
}
