/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device tree of the virt board.
 * Source: Linux Documentation/devicetree/bindings, file of each compatible.
 */
#include <inttypes.h>
#include <libfdt.h>
#include <string.h>

#include "accel/vcpu-setup.h"
#include "hw/devices.h"
#include "hw/pl061.h"
#include "util/error.h"
#include "virt-layout.h"
#include "virt.h"

#define PHANDLE_GIC   1
#define PHANDLE_CLOCK 2
#define PHANDLE_GPIO  3

#define IRQ_SPI         0
#define IRQ_PPI         1
#define IRQ_LEVEL_HIGH  4
#define KEY_POWER       116
#define GIC_V2_PPI_CPUS 8

/*
 * libfdt's sequential writer returns an error once and for ever when room runs out, so
 * the helpers only keep the first one.
 */
typedef struct FdtWriter {
    void *fdt;
    int error;
} FdtWriter;

static void keep(FdtWriter *w, int error)
{
    if (error < 0 && w->error == 0) {
        w->error = error;
    }
}

static void node_begin(FdtWriter *w, const char *name)
{
    keep(w, fdt_begin_node(w->fdt, name));
}

static void node_begin_at(FdtWriter *w, const char *name, uint64_t address)
{
    g_autofree char *full = g_strdup_printf("%s@%" PRIx64, name, address);

    node_begin(w, full);
}

static void node_end(FdtWriter *w)
{
    keep(w, fdt_end_node(w->fdt));
}

static void put_empty(FdtWriter *w, const char *name)
{
    keep(w, fdt_property(w->fdt, name, NULL, 0));
}

static void put_string(FdtWriter *w, const char *name, const char *value)
{
    keep(w, fdt_property_string(w->fdt, name, value));
}

/* @text: strings with a NUL after each but the last */
static void put_strings(FdtWriter *w, const char *name, const char *text, size_t bytes)
{
    keep(w, fdt_property(w->fdt, name, text, (int)bytes));
}

static void put_cell(FdtWriter *w, const char *name, uint32_t value)
{
    keep(w, fdt_property_u32(w->fdt, name, value));
}

static void put_cells(FdtWriter *w, const char *name, const uint32_t *values,
                      unsigned count)
{
    g_autofree fdt32_t *cells = g_new(fdt32_t, count);

    for (unsigned i = 0; i < count; i++) {
        cells[i] = cpu_to_fdt32(values[i]);
    }
    keep(w, fdt_property(w->fdt, name, cells, (int)(count * sizeof(cells[0]))));
}

static void put_reg(FdtWriter *w, uint64_t base, uint64_t bytes)
{
    const uint32_t reg[] = {(uint32_t)(base >> 32), (uint32_t)base,
                            (uint32_t)(bytes >> 32), (uint32_t)bytes};

    put_cells(w, "reg", reg, ARRAY_LEN(reg));
}

static void put_irq(FdtWriter *w, uint32_t kind, uint32_t number, uint32_t flags)
{
    const uint32_t irq[] = {kind, number, flags};

    put_cells(w, "interrupts", irq, ARRAY_LEN(irq));
}

#define put_compatible(w, text) put_strings((w), "compatible", (text), sizeof(text))

/* Where early messages go; NULL where there is no such device. */
static char *console_path(const MachinePlan *plan)
{
    for (unsigned i = 0; i < plan->devices->len; i++) {
        const DevicePlan *device = g_ptr_array_index(plan->devices, i);

        if (device->class->description.fdt_is_console) {
            return g_strdup_printf("/%s@%" PRIx64, device->class->description.fdt_name,
                                   device->ranges[0].base);
        }
    }
    return NULL;
}

static void write_chosen(FdtWriter *w, const MachinePlan *plan, const VirtBoot *boot)
{
    g_autofree char *console = console_path(plan);

    node_begin(w, "chosen");
    if (console) {
        put_string(w, "stdout-path", console);
    }
    if (plan->append) {
        put_string(w, "bootargs", plan->append);
    }
    if (boot->initrd_bytes) {
        keep(w, fdt_property_u64(w->fdt, "linux,initrd-start", boot->initrd_gpa));
        keep(w, fdt_property_u64(w->fdt, "linux,initrd-end",
                                 boot->initrd_gpa + boot->initrd_bytes));
    }
    node_end(w);
}

static bool write_cpus(FdtWriter *w, Machine *machine, GError **errp)
{
    node_begin(w, "cpus");
    put_cell(w, "#address-cells", 1);
    put_cell(w, "#size-cells", 0);
    for (unsigned i = 0; i < machine->vcpu_count; i++) {
        uint64_t mpidr;

        if (!kvm_arm_vcpu_mpidr(machine->vcpus[i], &mpidr, errp)) {
            return false;
        }
        mpidr &= 0xffffff; /* affinity levels 0 to 2 */
        node_begin_at(w, "cpu", mpidr);
        put_string(w, "device_type", "cpu");
        put_string(w, "compatible", "arm,armv8");
        put_cell(w, "reg", (uint32_t)mpidr);
        if (machine->vcpu_count > 1) {
            put_string(w, "enable-method", "psci");
        }
        node_end(w);
    }
    node_end(w);
    return true;
}

static void write_psci(FdtWriter *w)
{
    static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";

    node_begin(w, "psci");
    put_compatible(w, compatible);
    put_string(w, "method", "hvc");
    node_end(w);
}

/* GICv2 PPIs carry a mask of CPUs in bits 15:8 of the flags. */
static uint32_t ppi_flags(const MachinePlan *plan)
{
    unsigned cpus = MIN(plan->smp.cpus, GIC_V2_PPI_CPUS);

    return IRQ_LEVEL_HIGH |
           (plan->config->gic_version == GIC_VERSION_2 ? ((1u << cpus) - 1) << 8 : 0);
}

static void write_timer(FdtWriter *w, const MachinePlan *plan)
{
    static const uint32_t ppis[] = {VIRT_TIMER_S_PPI, VIRT_TIMER_NS_PPI,
                                    VIRT_TIMER_VIRT_PPI, VIRT_TIMER_HYP_PPI};
    uint32_t cells[3 * ARRAY_LEN(ppis)];

    for (unsigned i = 0; i < ARRAY_LEN(ppis); i++) {
        cells[3 * i] = IRQ_PPI;
        cells[3 * i + 1] = ppis[i];
        cells[3 * i + 2] = ppi_flags(plan);
    }
    node_begin(w, "timer");
    put_string(w, "compatible", "arm,armv8-timer");
    put_empty(w, "always-on");
    put_cells(w, "interrupts", cells, ARRAY_LEN(cells));
    node_end(w);
}

static void write_pmu(FdtWriter *w, const MachinePlan *plan)
{
    if (!plan->contract->pmu_enabled) {
        return;
    }
    node_begin(w, "pmu");
    put_string(w, "compatible", "arm,armv8-pmuv3");
    put_irq(w, IRQ_PPI, VIRT_PMU_PPI, ppi_flags(plan));
    node_end(w);
}

static void write_gic(FdtWriter *w, const MachinePlan *plan)
{
    bool is_v3 = plan->config->gic_version == GIC_VERSION_3;
    uint64_t second = is_v3 ? VIRT_GIC_REDIST_GPA : VIRT_GIC_CPU_GPA;
    uint64_t second_bytes = is_v3 ? VIRT_GIC_REDIST_BYTES : VIRT_GIC_CPU_BYTES;
    const uint32_t reg[] = {0, (uint32_t)VIRT_GIC_DIST_GPA,
                            0, (uint32_t)VIRT_GIC_DIST_BYTES,
                            0, (uint32_t)second,
                            0, (uint32_t)second_bytes};

    node_begin_at(w, "intc", VIRT_GIC_DIST_GPA);
    put_string(w, "compatible", is_v3 ? "arm,gic-v3" : "arm,cortex-a15-gic");
    put_cell(w, "#interrupt-cells", 3);
    put_cell(w, "#address-cells", 2);
    put_cell(w, "#size-cells", 2);
    put_empty(w, "interrupt-controller");
    put_empty(w, "ranges");
    put_cells(w, "reg", reg, ARRAY_LEN(reg));
    put_cell(w, "phandle", PHANDLE_GIC);
    node_end(w);
}

static void write_clock(FdtWriter *w)
{
    node_begin(w, "apb-pclk");
    put_string(w, "compatible", "fixed-clock");
    put_cell(w, "#clock-cells", 0);
    put_cell(w, "clock-frequency", VIRT_APB_CLOCK_HZ);
    put_string(w, "clock-output-names", "clk24mhz");
    put_cell(w, "phandle", PHANDLE_CLOCK);
    node_end(w);
}

/* Strings of a NULL-terminated list as one property. */
static void put_list(FdtWriter *w, const char *name, const char *const *list)
{
    g_autoptr(GByteArray) text = g_byte_array_new();

    for (; *list; list++) {
        g_byte_array_append(text, (const guint8 *)*list, (guint)strlen(*list) + 1);
    }
    put_strings(w, name, (const char *)text->data, text->len);
}

static void write_clocks_of(FdtWriter *w, const DeviceDescription *row)
{
    uint32_t clocks[ARRAY_LEN(row->fdt_clocks)];
    unsigned count = 0;

    while (row->fdt_clocks[count]) {
        clocks[count++] = PHANDLE_CLOCK;
    }
    if (count) {
        put_cells(w, "clocks", clocks, count);
        put_list(w, "clock-names", row->fdt_clocks);
    }
}

static void write_power_button(FdtWriter *w)
{
    static const uint32_t line[] = {PHANDLE_GPIO, PL061_POWER_LINE, 0};

    node_begin(w, "gpio-keys");
    put_string(w, "compatible", "gpio-keys");
    node_begin(w, "poweroff");
    put_string(w, "label", "GPIO Key Poweroff");
    put_cell(w, "linux,code", KEY_POWER);
    put_cells(w, "gpios", line, ARRAY_LEN(line));
    node_end(w);
    node_end(w);
}

static void write_device(FdtWriter *w, const DevicePlan *plan)
{
    const DeviceDescription *row = &plan->class->description;

    node_begin_at(w, row->fdt_name, plan->ranges[0].base);
    put_list(w, "compatible", row->fdt_compatible);
    put_reg(w, plan->ranges[0].base, plan->ranges[0].bytes);
    if (plan->irq != DEVICE_NO_IRQ) {
        put_irq(w, IRQ_SPI, (uint32_t)plan->irq, IRQ_LEVEL_HIGH);
    }
    write_clocks_of(w, row);
    if (row->fdt_is_dma_coherent) {
        put_empty(w, "dma-coherent");
    }
    if (row->fdt_has_power_button) {
        put_empty(w, "gpio-controller");
        put_cell(w, "#gpio-cells", 2);
        put_cell(w, "phandle", PHANDLE_GPIO);
    }
    node_end(w);
    if (row->fdt_has_power_button) {
        write_power_button(w);
    }
}

static void write_devices(FdtWriter *w, const MachinePlan *plan)
{
    for (unsigned i = 0; i < plan->devices->len; i++) {
        const DevicePlan *device = g_ptr_array_index(plan->devices, i);

        if (device->class->description.fdt_name) {
            write_device(w, device);
        }
    }
}

/* Devicetree, PCI bus binding to IEEE 1275, and host-generic-pci: kinds of addresses. */
#define PCI_SPACE_PORTS  0x01000000
#define PCI_SPACE_MEMORY 0x02000000

static void write_pci_lines(FdtWriter *w, const PciPlan *pci)
{
    static const uint32_t mask[] = {3 << 11, 0, 0, 7}; /* slots 0 to 3 tell all */
    uint32_t map[PCI_INTX_LINES * PCI_INTX_LINES * 10];
    unsigned n = 0;

    for (uint32_t slot = 0; slot < PCI_INTX_LINES; slot++) {
        for (uint32_t pin = 0; pin < PCI_INTX_LINES; pin++) {
            const uint32_t row[] = {slot << 11,
                                    0,
                                    0,
                                    pin + 1,
                                    PHANDLE_GIC,
                                    0,
                                    0,
                                    IRQ_SPI,
                                    pci->intx_first + pci_root_line(slot, pin),
                                    IRQ_LEVEL_HIGH};

            memcpy(map + n, row, sizeof(row));
            n += ARRAY_LEN(row);
        }
    }
    put_cells(w, "interrupt-map-mask", mask, ARRAY_LEN(mask));
    put_cells(w, "interrupt-map", map, n);
}

static void write_pci(FdtWriter *w, const PciPlan *pci)
{
    uint32_t memory_bytes = (uint32_t)(pci->memory64.last + 1 - pci->memory32.first);
    const uint32_t ranges[] = {
        PCI_SPACE_PORTS,
        0,
        0,
        0,
        (uint32_t)pci->ports_gpa,
        0,
        (uint32_t)pci->ports.last + 1,
        PCI_SPACE_MEMORY,
        0,
        (uint32_t)pci->memory32.first,
        0,
        (uint32_t)pci->memory32.first,
        0,
        memory_bytes,
    };
    const uint32_t buses[] = {0, (uint32_t)(pci->ecam_bytes / PCI_ECAM_PER_BUS) - 1};

    node_begin_at(w, "pcie", pci->memory32.first);
    put_string(w, "compatible", "pci-host-ecam-generic");
    put_string(w, "device_type", "pci");
    put_cell(w, "#address-cells", 3);
    put_cell(w, "#size-cells", 2);
    put_cell(w, "#interrupt-cells", 1);
    put_cell(w, "linux,pci-domain", 0);
    put_cells(w, "bus-range", buses, ARRAY_LEN(buses));
    put_empty(w, "dma-coherent");
    put_reg(w, pci->ecam_gpa, pci->ecam_bytes);
    put_cells(w, "ranges", ranges, ARRAY_LEN(ranges));
    write_pci_lines(w, pci);
    node_end(w);
}

static void write_memory(FdtWriter *w, const MachinePlan *plan)
{
    node_begin_at(w, "memory", plan->ram[0].gpa);
    put_string(w, "device_type", "memory");
    put_reg(w, plan->ram[0].gpa, plan->ram[0].bytes);
    node_end(w);
}

static bool write_tree(FdtWriter *w, Machine *machine, const VirtBoot *boot,
                       GError **errp)
{
    const MachinePlan *plan = machine->plan;

    keep(w, fdt_create(w->fdt, VIRT_FDT_BYTES));
    keep(w, fdt_finish_reservemap(w->fdt));
    node_begin(w, "");
    put_string(w, "compatible", "linux,dummy-virt");
    put_string(w, "model", "linux,dummy-virt");
    put_cell(w, "#address-cells", 2);
    put_cell(w, "#size-cells", 2);
    put_cell(w, "interrupt-parent", PHANDLE_GIC);
    write_chosen(w, plan, boot);
    write_memory(w, plan);
    if (!write_cpus(w, machine, errp)) {
        return false;
    }
    write_psci(w);
    write_timer(w, plan);
    write_pmu(w, plan);
    write_gic(w, plan);
    write_clock(w);
    write_devices(w, plan);
    if (plan->pci) {
        write_pci(w, plan->pci);
    }
    node_end(w);
    keep(w, fdt_finish(w->fdt));
    if (w->error) {
        error_set(errp, "cannot build the device tree: %s", fdt_strerror(w->error));
        return false;
    }
    return true;
}

bool virt_fdt_write(Machine *machine, const VirtBoot *boot, GError **errp)
{
    g_autofree void *fdt = g_malloc0(VIRT_FDT_BYTES);
    FdtWriter writer = {.fdt = fdt};

    return write_tree(&writer, machine, boot, errp) &&
           guest_memory_write(machine->memory, boot->fdt_gpa, fdt, fdt_totalsize(fdt),
                              errp);
}
