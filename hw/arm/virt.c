/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arm64 board: GIC in the kernel, PL011, PL031, PL061, PSCI, device tree. */
#include <errno.h>
#include <string.h>

#include "../boards.h"
#include "accel/host-affinity.h"
#include "accel/vcpu-setup.h"
#include "hw/devices.h"
#include "util/error.h"
#include "util/number.h"
#include "virt-layout.h"
#include "virt.h"

/*
 * All of it below 4 GiB, where every host's guests can reach it; the tree names it, so
 * the place is nobody's habit.
 */
static void plan_pci(MachinePlan *plan)
{
    PciPlan *pci = pci_plan_new();

    pci->ecam_gpa = VIRT_ECAM_GPA;
    pci->ecam_bytes = VIRT_ECAM_BYTES;
    pci->memory32 = (PciWindow){VIRT_PCI_GPA, VIRT_PCI_PREFETCH_GPA - 1};
    pci->memory64 = (PciWindow){VIRT_PCI_PREFETCH_GPA, VIRT_PCI_LAST_GPA};
    pci->ports = (PciWindow){VIRT_PCI_FIRST_PORT, 0xffff};
    pci->ports_gpa = VIRT_PCI_PORTS_GPA;
    pci->intx_first = VIRT_PCI_SPI;
    pci->is_assigned = true;
    plan->pci = pci;
}

static bool add_device(MachinePlan *plan, GPtrArray *built_in,
                       const TypeRegistry *registry, const char *type, GError **errp)
{
    Object *object = object_new(registry, type, NULL, errp);

    if (!object) {
        return false;
    }
    g_ptr_array_add(built_in, object);
    return machine_plan_add_device(plan, object, errp);
}

static bool plan_device(MachinePlan *plan, GPtrArray *built_in,
                        const TypeRegistry *registry, const char *type, uint64_t base,
                        uint32_t spi, GError **errp)
{
    Object *object = object_new(registry, type, NULL, errp);
    SysbusConfig *config = (SysbusConfig *)object;

    if (!object) {
        return false;
    }
    config->base = base;
    config->irq = spi;
    g_ptr_array_add(built_in, object);
    return machine_plan_add_device(plan, object, errp);
}

static bool virt_plan(MachinePlan *plan, GPtrArray *built_in,
                      const TypeRegistry *registry, GError **errp)
{
    if (!plan->config->highmem && plan->ram_bytes > 4 * GIB - VIRT_RAM_GPA) {
        g_autofree char *most = number_format_size(4 * GIB - VIRT_RAM_GPA);

        error_set(errp, "-machine highmem=off: memory ends at 4 GiB, so -m is %s at most",
                  most);
        return false;
    }
    plan->ram[0] = (GuestRange){VIRT_RAM_GPA, plan->ram_bytes};
    plan->ram_ranges = 1;
    plan_pci(plan);
    return add_device(plan, built_in, registry, "gpex-pcihost", errp) &&
           add_device(plan, built_in, registry, "gpex-root", errp) &&
           plan_device(plan, built_in, registry, "fw_cfg_mem", VIRT_FW_CFG_GPA, 0,
                       errp) &&
           plan_device(plan, built_in, registry, "pl031", VIRT_RTC_GPA, VIRT_RTC_SPI,
                       errp) &&
           plan_device(plan, built_in, registry, "pl061", VIRT_GPIO_GPA, VIRT_GPIO_SPI,
                       errp);
}

static KvmDevice *create_gic(Machine *machine, GError **errp)
{
    bool is_v3 = machine->plan->config->gic_version == GIC_VERSION_3;
    const KvmGicPlace place = {.is_v3 = is_v3,
                               .spis = VIRT_SPI_COUNT,
                               .dist_gpa = VIRT_GIC_DIST_GPA,
                               .cpu_side_gpa =
                                   is_v3 ? VIRT_GIC_REDIST_GPA : VIRT_GIC_CPU_GPA};

    return kvm_gic_new(machine->vm, &place, errp);
}

static bool create_vcpus(Machine *machine, GError **errp)
{
    const MachinePlan *plan = machine->plan;

    for (unsigned i = 0; i < plan->smp.cpus; i++) {
        KvmVcpu *vcpu = kvm_vcpu_new(machine->vm, i, errp);

        if (vcpu) {
            machine_add_vcpu(machine, vcpu);
        }
        if (!vcpu || !kvm_arm_vcpu_setup(machine->vm, vcpu, plan->contract, plan->binding,
                                         i, errp)) {
            return false;
        }
    }
    machine->irqchip = create_gic(machine, errp);
    if (!machine->irqchip) {
        return false;
    }
    for (unsigned i = 0; i < plan->smp.cpus; i++) {
        if (!kvm_arm_vcpu_finish_pmu(machine->vcpus[i], plan->contract,
                                     PPI_TO_INTID(VIRT_PMU_PPI), errp)) {
            return false;
        }
    }
    return true;
}

/*
 * From Linux 6.12 on KVM_ARM_VCPU_INIT looks at the PMU of the CPU the caller is on, so a
 * PMU that covers a part of the host is set up from there.
 */
static bool virt_create(Machine *machine, GError **errp)
{
    const CpuSet *cpus = machine->plan->binding->pmu_cpus;
    g_autoptr(HostAffinity) saved = NULL;
    bool ok;

    if (machine->plan->contract->arm.is_partial && cpus) {
        saved = host_affinity_confine(cpus, errp);
        if (!saved) {
            g_prefix_error(errp, "PMU %s: ", machine->plan->contract->arm.pmu_source);
            return false;
        }
    }
    ok = create_vcpus(machine, errp);
    if (saved) {
        host_affinity_restore(saved);
    }
    return ok;
}

static bool virt_finish(Machine *machine, GError **errp)
{
    VirtBoot boot;

    return boot_arm_load(machine, machine->images, &boot, errp) &&
           virt_fdt_write(machine, &boot, errp) &&
           kvm_arm_vcpu_start(machine->vcpus[0], boot.entry, boot.fdt_gpa, errp);
}

static Object *virt_new_serial(const TypeRegistry *registry, unsigned index,
                               GError **errp)
{
    Object *object;

    if (index > 0) {
        error_set(errp, "-serial: the virt board has one serial port");
        return NULL;
    }
    object = object_new(registry, "pl011", NULL, errp);
    if (object) {
        ((SysbusConfig *)object)->base = VIRT_UART_GPA;
        ((SysbusConfig *)object)->irq = VIRT_UART_SPI;
    }
    return object;
}

static VirtioMmioSlots virt_virtio_slots(const MachinePlan *plan)
{
    (void)plan;
    return (VirtioMmioSlots){VIRT_VIRTIO_GPA, 32, VIRT_VIRTIO_SPI};
}

static void virt_set_spi(void *opaque, unsigned spi, bool level)
{
    /* A level KVM does not take leaves the guest without that one interrupt. */
    (void)kvm_vm_set_irq(opaque, kvm_arm_irq_spi(spi), level, NULL);
}

static IrqLine virt_irq(Machine *machine, unsigned number)
{
    return (IrqLine){.set = virt_set_spi, .opaque = machine->vm, .number = number};
}

static void virt_free(Machine *machine)
{
    kvm_device_free(machine->irqchip);
}

const Board board_virt = {
    .family = "virt",
    .alias = "virt",
    .doc = "arm64 board with GIC, PL011 and PSCI, described by a device tree",
    .arch = TARGET_ARCH_AARCH64,
    .is_versioned = true,
    .has_cpus = true,
    .max_cpus = VIRT_GIC_REDIST_BYTES / VIRT_REDIST_PER_CPU,
    .has_clusters = true,
    .default_cpu_type = "host-arm-cpu",
    .vm_type = kvm_arm_vm_type,
    .plan = virt_plan,
    .create = virt_create,
    .finish = virt_finish,
    .new_serial = virt_new_serial,
    .virtio_slots = virt_virtio_slots,
    .irq = virt_irq,
    .free = virt_free,
};
