/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interrupt lines of the kernel's PIC and IOAPIC as routes: a table that is set
 * replaces the one KVM made with them.  Source: Linux virt/kvm/api.rst,
 * KVM_SET_GSI_ROUTING and KVM_CREATE_IRQCHIP ("GSIs 0-15 go to both").
 */
#include "../vm-internal.h"

#define PIC_LINES      16
#define PIC_LINES_EACH 8
#define IOAPIC_LINES   24

static void put(struct kvm_irq_routing_entry **next, uint32_t gsi, uint32_t chip,
                uint32_t pin)
{
    (*next)->gsi = gsi;
    (*next)->type = KVM_IRQ_ROUTING_IRQCHIP;
    (*next)->u.irqchip.irqchip = chip;
    (*next)->u.irqchip.pin = pin;
    (*next)++;
}

/* The timer, ISA 0, is at input 2 of the IOAPIC, as the MADT says; 2 is the PIC's own. */
unsigned kvm_vm_fixed_routes(struct kvm_irq_routing_entry *ret)
{
    for (uint32_t gsi = 0; ret && gsi < PIC_LINES; gsi++) {
        put(&ret, gsi,
            gsi < PIC_LINES_EACH ? KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE,
            gsi % PIC_LINES_EACH);
    }
    for (uint32_t gsi = 0; ret && gsi < IOAPIC_LINES; gsi++) {
        if (gsi != 2) {
            put(&ret, gsi, KVM_IRQCHIP_IOAPIC, gsi == 0 ? 2 : gsi);
        }
    }
    return PIC_LINES + IOAPIC_LINES - 1;
}

void kvm_msi_entry_finish(struct kvm_irq_routing_entry *entry, uint32_t device_id)
{
    (void)entry;
    (void)device_id; /* only an ITS asks who sends */
}
