/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The x86 boards: q35 and microvm.  They differ in where RAM ends below 4 GiB and in
 * which of the old devices they have.
 */
#include <string.h>

#include "../boards.h"
#include "accel/vcpu-setup.h"
#include "acpi-tables.h"
#include "boot-x86.h"
#include "hw/devices.h"
#include "pc-layout.h"
#include "util/error.h"

/* RAM below 4 GiB: all of it up to @all_below, else @split, the rest above 4 GiB. */
static void plan_ram(MachinePlan *plan, uint64_t all_below, uint64_t split)
{
    uint64_t low = plan->ram_bytes < all_below ? plan->ram_bytes : split;

    plan->ram[0] = (GuestRange){0, low};
    plan->ram_ranges = 1;
    if (plan->ram_bytes > low) {
        plan->ram[1] = (GuestRange){PC_4G_GPA, plan->ram_bytes - low};
        plan->ram_ranges = 2;
    }
}

/* Makes the configuration of one built-in device and puts it into the plan. */
static bool plan_device(MachinePlan *plan, GPtrArray *built_in,
                        const TypeRegistry *registry, const char *type, GError **errp)
{
    Object *config = object_new(registry, type, NULL, errp);

    if (!config) {
        return false;
    }
    g_ptr_array_add(built_in, config);
    return machine_plan_add_device(plan, config, errp);
}

static bool plan_devices(MachinePlan *plan, GPtrArray *built_in,
                         const TypeRegistry *registry, bool has_i8042, GError **errp)
{
    return plan_device(plan, built_in, registry, "fw_cfg_io", errp) &&
           plan_device(plan, built_in, registry, "acpi-pm", errp) &&
           (!plan->config->rtc ||
            plan_device(plan, built_in, registry, "mc146818rtc", errp)) &&
           (!has_i8042 || plan_device(plan, built_in, registry, "i8042", errp));
}

/*
 * What PCI Express can give.  Without firmware addresses are given at power on, and all
 * boot images here are kernels.
 */
static void plan_pci(MachinePlan *plan)
{
    uint64_t ram_end = plan->ram_ranges > 1 ? plan->ram[1].gpa + plan->ram[1].bytes : 0;
    uint64_t above = align_up(MAX(ram_end, PC_4G_GPA), GIB);
    uint64_t end = MIN(above + PC_PCI64_BYTES, BIT64(plan->contract->x86.phys_bits));
    PciPlan *pci = pci_plan_new();

    pci->ecam_gpa = PC_ECAM_GPA;
    pci->ecam_bytes = PC_ECAM_BYTES;
    pci->memory32 = (PciWindow){PC_PCI_GPA, PC_PCI_LAST_GPA};
    pci->memory64 = (PciWindow){above, MAX(end, above + 1) - 1};
    pci->ports = (PciWindow){PC_PCI_FIRST_PORT, 0xffff};
    pci->intx_first = PC_PCI_FIRST_GSI;
    pci->is_assigned = true;
    plan->pci = pci;
}

static bool q35_plan(MachinePlan *plan, GPtrArray *built_in, const TypeRegistry *registry,
                     GError **errp)
{
    plan_ram(plan, PC_ECAM_GPA, 2 * GIB);
    plan_pci(plan);
    return plan_device(plan, built_in, registry, "q35-pcihost", errp) &&
           plan_device(plan, built_in, registry, "mch", errp) &&
           plan_device(plan, built_in, registry, "ICH9-LPC", errp) &&
           plan_devices(plan, built_in, registry, plan->config->i8042, errp);
}

static bool microvm_plan(MachinePlan *plan, GPtrArray *built_in,
                         const TypeRegistry *registry, GError **errp)
{
    plan_ram(plan, 3 * GIB, 3 * GIB);
    return plan_devices(plan, built_in, registry, false, errp);
}

static X86Topology pc_topology(const MachinePlan *plan)
{
    const SmpTopology *smp = &plan->smp;

    return (X86Topology){smp->sockets, smp->dies, smp->modules, smp->cores, smp->threads};
}

static bool pc_create(Machine *machine, GError **errp)
{
    const MachinePlan *plan = machine->plan;
    X86Topology topology = pc_topology(plan);

    if (!kvm_x86_vm_setup(machine->vm, plan->binding, errp) ||
        !kvm_vm_create_irqchip(machine->vm, PC_KVM_PAGES_GPA, errp) ||
        (plan->config->pit && !kvm_vm_create_pit(machine->vm, errp))) {
        return false;
    }
    for (unsigned i = 0; i < plan->smp.cpus; i++) {
        KvmVcpu *vcpu = kvm_x86_vcpu_new(machine->vm, plan->contract, &topology, i,
                                         machine->host->report, errp);

        if (!vcpu) {
            return false;
        }
        machine_add_vcpu(machine, vcpu);
        if (!kvm_x86_vcpu_power_on(vcpu, &x86_power_on, i == 0, errp)) {
            return false;
        }
    }
    return true;
}

static bool pc_finish(Machine *machine, GError **errp)
{
    const MachinePlan *plan = machine->plan;
    X86Topology topology = pc_topology(plan);
    X86Start start;

    if (plan->config->acpi && !acpi_tables_write(machine, &topology, errp)) {
        return false;
    }
    return boot_x86_load(machine, machine->images, &start, errp) &&
           kvm_x86_vcpu_start(machine->vcpus[0], &start, errp);
}

static Object *pc_new_serial(const TypeRegistry *registry, unsigned index, GError **errp)
{
    g_autoptr(Object) object = object_new(registry, "isa-serial", NULL, errp);
    g_autofree char *text = g_strdup_printf("%u", index);

    if (!object || !object_set_string(object, "index", text, ORIGIN_USER, errp)) {
        g_prefix_error(errp, "-serial: there are four ports: ");
        return NULL;
    }
    return g_steal_pointer(&object);
}

/* As QEMU's microvm with one IOAPIC. */
static VirtioMmioSlots microvm_virtio_slots(const MachinePlan *plan)
{
    return (VirtioMmioSlots){PC_VIRTIO_GPA, 8, plan->config->acpi ? 16 : 5};
}

static void pc_set_gsi(void *opaque, unsigned gsi, bool level)
{
    /* A level KVM does not take leaves the guest without that one interrupt. */
    (void)kvm_vm_set_irq(opaque, gsi, level, NULL);
}

static IrqLine pc_irq(Machine *machine, unsigned number)
{
    return (IrqLine){.set = pc_set_gsi, .opaque = machine->vm, .number = number};
}

const Board board_q35 = {
    .family = "pc-q35",
    .alias = "q35",
    .doc = "PC with the kernel's PIC, IOAPIC and PIT, serial ports, RTC and ACPI",
    .arch = TARGET_ARCH_X86_64,
    .is_versioned = true,
    .has_cpus = true,
    .max_cpus = 255,
    .has_dies = true,
    .has_modules = true,
    .default_cpu_type = "host-x86_64-cpu",
    .plan = q35_plan,
    .create = pc_create,
    .finish = pc_finish,
    .new_serial = pc_new_serial,
    .irq = pc_irq,
};

const Board board_microvm = {
    .family = "microvm",
    .doc = "PC without keyboard controller, for fast starts",
    .arch = TARGET_ARCH_X86_64,
    .has_cpus = true,
    .max_cpus = 255,
    .default_cpu_type = "host-x86_64-cpu",
    .plan = microvm_plan,
    .create = pc_create,
    .finish = pc_finish,
    .new_serial = pc_new_serial,
    .virtio_slots = microvm_virtio_slots,
    .irq = pc_irq,
};
