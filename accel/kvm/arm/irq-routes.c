/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes of an arm64 VM.  Source: Linux virt/kvm/api.rst, KVM_SET_GSI_ROUTING and
 * KVM_CAP_MSI_DEVID. */
#include "../vm-internal.h"

unsigned kvm_vm_fixed_routes(struct kvm_irq_routing_entry *ret)
{
    (void)ret;
    return 0; /* KVM_IRQ_LINE names lines of the GIC itself */
}

void kvm_msi_entry_finish(struct kvm_irq_routing_entry *entry, uint32_t device_id)
{
    entry->flags = KVM_MSI_VALID_DEVID;
    entry->u.msi.devid = device_id;
}
