/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The GIC's state.  A row names a run of registers; saving and loading walk the rows in
 * the order Linux wants: distributor control, redistributors, distributor, CPU
 * interfaces; within each, enables last but for what is pending and active.
 * Sources: Linux Documentation/virt/kvm/devices/arm-vgic-v3.rst and arm-vgic.rst; Arm IHI
 * 0069 (GICv3), IHI 0048 (GICv2).
 */
#include <string.h>

#include "accel/vcpu-setup.h"
#include "accel/vcpu-state.h"
#include "util/bits.h"
#include "util/error.h"

#define GIC_BYTES_MAX (256 * 1024)
#define ENTRY_BYTES   20 /* group (4), attribute (8), value (8) */
#define SPI_FIRST     32

struct KvmVmState {
    GByteArray *gic;
};

static const StateRow vm_rows[] = {
    {"gic", STATE_BLOB, offsetof(KvmVmState, gic), GIC_BYTES_MAX,
     .doc = "group, attribute and value of each register"},
};

static const StateTable vm_table = {
    .name = "arm64-vm",
    .version = 1,
    .size = sizeof(KvmVmState),
    .rows = vm_rows,
    .row_count = ARRAY_LEN(vm_rows),
};

const StateTable *kvm_vm_state_table(void)
{
    return &vm_table;
}

/* A run of registers.  Of the distributor @bits say how many bits each interrupt has. */
typedef struct GicRow {
    const char *name;
    uint32_t group;
    uint32_t offset; /* CPU registers of GICv3: the system register's number */
    unsigned bits;   /* 0: one register, the same for all interrupts */
    bool is_private; /* of the first 32 interrupts too; GICv2 has them per CPU */
    bool is_optional;
} GicRow;

#define DIST   KVM_DEV_ARM_VGIC_GRP_DIST_REGS
#define REDIST KVM_DEV_ARM_VGIC_GRP_REDIST_REGS
#define SYSREG KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS
#define CPU    KVM_DEV_ARM_VGIC_GRP_CPU_REGS
#define LEVEL  KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO

#define SYS(op0, op1, crn, crm, op2)                                                     \
    ((uint32_t)(ARM64_SYS_REG(op0, op1, crn, crm, op2) &                                 \
                KVM_DEV_ARM_VGIC_SYSREG_INSTR_MASK))

/* clang-format off */
static const GicRow v3_first_rows[] = {
    {"GICD_CTLR", DIST, 0x0, 0, false, false},
};

/* Offsets from 0x10000 on are in the SGI frame. */
static const GicRow v3_redist_rows[] = {
    {"GICR_CTLR", REDIST, 0x0, 0, false, true},
    {"GICR_WAKER", REDIST, 0x14, 0, false, true},
    {"GICR_IGROUPR0", REDIST, 0x10080, 0, false, false},
    {"GICR_ICFGR0", REDIST, 0x10c00, 0, false, false},
    {"GICR_ICFGR1", REDIST, 0x10c04, 0, false, false},
    {"GICR_IPRIORITYR0", REDIST, 0x10400, 0, false, false},
    {"GICR_IPRIORITYR1", REDIST, 0x10404, 0, false, false},
    {"GICR_IPRIORITYR2", REDIST, 0x10408, 0, false, false},
    {"GICR_IPRIORITYR3", REDIST, 0x1040c, 0, false, false},
    {"GICR_IPRIORITYR4", REDIST, 0x10410, 0, false, false},
    {"GICR_IPRIORITYR5", REDIST, 0x10414, 0, false, false},
    {"GICR_IPRIORITYR6", REDIST, 0x10418, 0, false, false},
    {"GICR_IPRIORITYR7", REDIST, 0x1041c, 0, false, false},
    {"private level", LEVEL, 0, 0, false, true},
    {"GICR_ISPENDR0", REDIST, 0x10200, 0, false, false},
    {"GICR_ISACTIVER0", REDIST, 0x10300, 0, false, false},
    {"GICR_ISENABLER0", REDIST, 0x10100, 0, false, false},
};

static const GicRow v3_dist_rows[] = {
    {"GICD_IGROUPR", DIST, 0x80, 1, false, false},
    {"GICD_ICFGR", DIST, 0xc00, 2, false, false},
    {"GICD_IROUTER", DIST, 0x6000, 64, false, false},
    {"GICD_IPRIORITYR", DIST, 0x400, 8, false, false},
    {"shared level", LEVEL, 0, 1, false, true},
    {"GICD_ISPENDR", DIST, 0x200, 1, false, false},
    {"GICD_ISACTIVER", DIST, 0x300, 1, false, false},
    {"GICD_ISENABLER", DIST, 0x100, 1, false, false},
};

static const GicRow v3_cpu_rows[] = {
    {"ICC_SRE_EL1", SYSREG, SYS(3, 0, 12, 12, 5), 0, false, false},
    {"ICC_CTLR_EL1", SYSREG, SYS(3, 0, 12, 12, 4), 0, false, false},
    {"ICC_PMR_EL1", SYSREG, SYS(3, 0, 4, 6, 0), 0, false, false},
    {"ICC_BPR0_EL1", SYSREG, SYS(3, 0, 12, 8, 3), 0, false, false},
    {"ICC_BPR1_EL1", SYSREG, SYS(3, 0, 12, 12, 3), 0, false, false},
    {"ICC_AP0R0_EL1", SYSREG, SYS(3, 0, 12, 8, 4), 0, false, false},
    {"ICC_AP0R1_EL1", SYSREG, SYS(3, 0, 12, 8, 5), 0, false, true},
    {"ICC_AP0R2_EL1", SYSREG, SYS(3, 0, 12, 8, 6), 0, false, true},
    {"ICC_AP0R3_EL1", SYSREG, SYS(3, 0, 12, 8, 7), 0, false, true},
    {"ICC_AP1R0_EL1", SYSREG, SYS(3, 0, 12, 9, 0), 0, false, false},
    {"ICC_AP1R1_EL1", SYSREG, SYS(3, 0, 12, 9, 1), 0, false, true},
    {"ICC_AP1R2_EL1", SYSREG, SYS(3, 0, 12, 9, 2), 0, false, true},
    {"ICC_AP1R3_EL1", SYSREG, SYS(3, 0, 12, 9, 3), 0, false, true},
    {"ICC_IGRPEN0_EL1", SYSREG, SYS(3, 0, 12, 12, 6), 0, false, false},
    {"ICC_IGRPEN1_EL1", SYSREG, SYS(3, 0, 12, 12, 7), 0, false, false},
};

static const GicRow v2_dist_rows[] = {
    {"GICD_CTLR", DIST, 0x0, 0, false, false},
    {"GICD_IGROUPR", DIST, 0x80, 1, true, false},
    {"GICD_ICFGR", DIST, 0xc00, 2, true, false},
    {"GICD_ITARGETSR", DIST, 0x800, 8, true, false},
    {"GICD_IPRIORITYR", DIST, 0x400, 8, true, false},
    {"GICD_ISPENDR", DIST, 0x200, 1, true, false},
    {"GICD_ISACTIVER", DIST, 0x300, 1, true, false},
    {"GICD_ISENABLER", DIST, 0x100, 1, true, false},
};

static const GicRow v2_cpu_rows[] = {
    {"GICC_PMR", CPU, 0x4, 0, false, false},
    {"GICC_BPR", CPU, 0x8, 0, false, false},
    {"GICC_ABPR", CPU, 0x1c, 0, false, false},
    {"GICC_APR0", CPU, 0xd0, 0, false, true},
    {"GICC_CTLR", CPU, 0x0, 0, false, false},
};
/* clang-format on */

/* One walk over every register, saving into or loading from @bytes. */
typedef struct Walk {
    KvmDevice *gic;
    GByteArray *out;      /* saving */
    const GByteArray *in; /* loading */
    size_t at;
    unsigned irqs;
} Walk;

static void put_entry(GByteArray *out, uint32_t group, uint64_t attr, uint64_t value)
{
    uint32_t wire_group = GUINT32_TO_LE(group);
    uint64_t wire[2] = {GUINT64_TO_LE(attr), GUINT64_TO_LE(value)};

    g_byte_array_append(out, (const uint8_t *)&wire_group, sizeof(wire_group));
    g_byte_array_append(out, (const uint8_t *)wire, sizeof(wire));
}

static bool save_reg(Walk *walk, const GicRow *row, uint64_t attr, GError **errp)
{
    uint64_t value = 0; /* wide enough for both sizes of register */
    g_autoptr(GError) cause = NULL;

    if (kvm_device_get_attr(walk->gic, row->group, attr, &value, row->name, &cause)) {
        put_entry(walk->out, row->group, attr, value);
        return true;
    }
    if (row->is_optional) {
        return true;
    }
    g_propagate_error(errp, g_steal_pointer(&cause));
    return false;
}

/* Optional registers that were not saved are passed over. */
static bool load_reg(Walk *walk, const GicRow *row, uint64_t attr, GError **errp)
{
    uint32_t group;
    uint64_t wire[2];

    if (range_fits(walk->at, ENTRY_BYTES, walk->in->len)) {
        memcpy(&group, walk->in->data + walk->at, sizeof(group));
        memcpy(wire, walk->in->data + walk->at + sizeof(group), sizeof(wire));
        if (GUINT32_FROM_LE(group) == row->group && GUINT64_FROM_LE(wire[0]) == attr) {
            uint64_t value = GUINT64_FROM_LE(wire[1]);

            walk->at += ENTRY_BYTES;
            return kvm_device_set_attr(walk->gic, row->group, attr, &value, row->name,
                                       errp);
        }
    }
    if (row->is_optional) {
        return true;
    }
    error_set(errp, "GIC at offset %zu: %s is missing", walk->at, row->name);
    return false;
}

static bool walk_reg(Walk *walk, const GicRow *row, uint64_t attr, GError **errp)
{
    return walk->out ? save_reg(walk, row, attr, errp) : load_reg(walk, row, attr, errp);
}

/* The registers of a run from interrupt @first to before @end, for one CPU. */
static bool walk_run(Walk *walk, const GicRow *row, uint64_t cpu, unsigned first,
                     unsigned end, GError **errp)
{
    unsigned per_reg = row->bits ? 32 / MIN(row->bits, 32) : 1;
    unsigned words = row->bits == 64 ? 2 : 1;

    if (row->bits == 0) {
        return walk_reg(walk, row, cpu | row->offset, errp);
    }
    for (unsigned irq = first; irq < end; irq += per_reg) {
        for (unsigned word = 0; word < words; word++) {
            uint64_t offset =
                row->group == LEVEL ? irq : row->offset + irq * row->bits / 8 + 4 * word;

            if (!walk_reg(walk, row, cpu | offset, errp)) {
                return false;
            }
        }
    }
    return true;
}

static bool walk_rows(Walk *walk, const GicRow *rows, unsigned count, uint64_t cpu,
                      GError **errp)
{
    for (unsigned i = 0; i < count; i++) {
        if (!walk_run(walk, &rows[i], cpu, SPI_FIRST, walk->irqs, errp)) {
            return false;
        }
    }
    return true;
}

static bool cpu_attr(KvmVcpu *vcpu, uint64_t *ret, GError **errp)
{
    uint64_t mpidr;

    if (!kvm_arm_vcpu_mpidr(vcpu, &mpidr, errp)) {
        return false;
    }
    /* Aff3 moves down next to Aff2. */
    *ret = (bits_get(mpidr, 32, 8) << 24 | bits_get(mpidr, 0, 24)) << 32;
    return true;
}

static bool walk_v3_cpus(Walk *walk, const GicRow *rows, unsigned count,
                         KvmVcpu *const *vcpus, unsigned cpus, GError **errp)
{
    for (unsigned i = 0; i < cpus; i++) {
        uint64_t cpu;

        if (!cpu_attr(vcpus[i], &cpu, errp) || !walk_rows(walk, rows, count, cpu, errp)) {
            return false;
        }
    }
    return true;
}

static bool walk_v3(Walk *walk, KvmVcpu *const *vcpus, unsigned cpus, GError **errp)
{
    return walk_rows(walk, v3_first_rows, ARRAY_LEN(v3_first_rows), 0, errp) &&
           walk_v3_cpus(walk, v3_redist_rows, ARRAY_LEN(v3_redist_rows), vcpus, cpus,
                        errp) &&
           walk_rows(walk, v3_dist_rows, ARRAY_LEN(v3_dist_rows), 0, errp) &&
           walk_v3_cpus(walk, v3_cpu_rows, ARRAY_LEN(v3_cpu_rows), vcpus, cpus, errp);
}

static bool walk_v2(Walk *walk, unsigned cpus, GError **errp)
{
    for (unsigned i = 0; i < ARRAY_LEN(v2_dist_rows); i++) {
        const GicRow *row = &v2_dist_rows[i];

        for (uint64_t cpu = 0; row->is_private && cpu < cpus; cpu++) {
            if (!walk_run(walk, row, cpu << 32, 0, SPI_FIRST, errp)) {
                return false;
            }
        }
        if (!walk_run(walk, row, 0, SPI_FIRST, walk->irqs, errp)) {
            return false;
        }
    }
    for (uint64_t cpu = 0; cpu < cpus; cpu++) {
        if (!walk_rows(walk, v2_cpu_rows, ARRAY_LEN(v2_cpu_rows), cpu << 32, errp)) {
            return false;
        }
    }
    return true;
}

static bool walk_all(Walk *walk, KvmVcpu *const *vcpus, unsigned cpus, GError **errp)
{
    uint32_t irqs = 0;

    if (!kvm_device_get_attr(walk->gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &irqs,
                             "number of interrupts", errp)) {
        return false;
    }
    walk->irqs = irqs;
    return kvm_device_has_attr(walk->gic, REDIST, 0) ? walk_v3(walk, vcpus, cpus, errp)
                                                     : walk_v2(walk, cpus, errp);
}

bool kvm_vm_save_state(KvmVm *vm, KvmDevice *irqchip, KvmVcpu *const *vcpus,
                       unsigned count, KvmVmState *state, GError **errp)
{
    Walk walk = {.gic = irqchip};

    (void)vm;
    state->gic = g_byte_array_new();
    walk.out = state->gic;
    return walk_all(&walk, vcpus, count, errp);
}

bool kvm_vm_load_state(KvmVm *vm, KvmDevice *irqchip, KvmVcpu *const *vcpus,
                       unsigned count, const KvmVmState *state, GError **errp)
{
    Walk walk = {.gic = irqchip, .in = state->gic};

    (void)vm;
    if (!walk_all(&walk, vcpus, count, errp)) {
        return false;
    }
    if (walk.at != state->gic->len) {
        error_set(errp, "GIC at offset %zu: a register this host's GIC does not have",
                  walk.at);
        return false;
    }
    return true;
}
