/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machine: boards and devices that exist.
 *
 * A MachinePlan says what there will be (pure: made from configuration, printed by
 * --dry-run); a Machine is made from it.  A reset makes a new Machine from the same plan,
 * so neither boards nor devices have reset code (docs/decisions/0001).
 */
#ifndef HW_MACHINE_H
#define HW_MACHINE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "accel/guest-memory.h"
#include "accel/kvm-vcpu.h"
#include "chardev/chardev.h"
#include "hw/device.h"
#include "hw/io-bus.h"
#include "hw/irq-line.h"
#include "hw/machine-props.h"
#include "qom/object.h"
#include "target/compat.h"
#include "target/cpu-binding.h"
#include "target/cpu-contract.h"
#include "target/smp-topology.h"
#include "util/file.h"
#include "util/report.h"
#include "util/state-table.h"

typedef struct Board Board;
typedef struct BootImages BootImages;
typedef struct FwCfg FwCfg;
typedef struct PciHost PciHost;
typedef struct json_object json_object;
typedef struct BlockNode BlockNode;
typedef struct Netdev Netdev;
typedef struct RngBackend RngBackend;

/* What a guest asks of the world outside. */
typedef enum MachineEvent {
    MACHINE_EVENT_POWER_OFF,
    MACHINE_EVENT_RESET,
    MACHINE_EVENT_PANIC,
    MACHINE_EVENT_EXIT, /* isa-debug-exit: end with the code given */
} MachineEvent;

/* What runs in the thread of a vCPU. */
typedef void MachineVcpuCall(void *data);

/* The world outside, as a machine sees it.  Callbacks come under the VM lock. */
typedef struct MachineHost {
    void (*event)(void *opaque, MachineEvent event, int code);
    Chardev *(*find_chardev)(void *opaque, const char *id); /* borrowed, or NULL */
    void (*emit)(void *opaque, json_object *event);         /* takes the reference over */
    RngBackend *(*find_rng)(void *opaque, const char *id);  /* likewise */
    BlockNode *(*find_block)(void *opaque, const char *id); /* likewise */
    Netdev *(*find_net)(void *opaque, const char *id);      /* likewise */
    int64_t
        *rtc_offset_s; /* guest time minus host time; a battery keeps it over resets */
    Report *report;    /* what the host gives otherwise than planned; NULL: unheard */
    void *opaque;
    /*
     * Runs @call in the thread of stopped vCPU @index and returns after it: a counter
     * that KVM sets up belongs to the thread that asked.  NULL: any thread will do.
     */
    void (*on_vcpu)(void *opaque, unsigned index, MachineVcpuCall *call, void *data);
} MachineHost;

struct MachinePlan {
    const Board *board;
    const MachineVersion *version; /* NULL for unversioned boards */
    char *name;                    /* "pc-q35-9.0" */
    const MachineConfig *config;
    SmpTopology smp;
    uint64_t ram_bytes;
    GuestRange ram[2]; /* RAM below and above the hole under 4 GiB */
    unsigned ram_ranges;
    CpuContract *contract;
    CpuBinding *binding;            /* how this host serves it */
    Object *objects;                /* what -object made, by id; borrowed */
    GPtrArray *devices;             /* DevicePlan *, in the order they are made */
    GPtrArray *configs;             /* of each that the machine's type does not imply */
    PciPlan *pci;                   /* NULL: no PCI */
    const GPtrArray *blocks;        /* BlockConfig, borrowed; NULL: no images */
    const GPtrArray *nets;          /* NetConfig, likewise */
    IoBus *taken[2];                /* by DeviceSpace: who will answer where */
    char *kernel, *initrd, *append; /* NULL where not given */
    GPtrArray *fw_cfg_items;        /* FwCfgItem: what -fw_cfg and the board offer */
    uint32_t dirty_ring_entries;    /* of each vCPU; 0: bitmaps */
    char *uuid;
};

/* A named blob the guest can read through fw_cfg: text, or the content of a file. */
typedef struct FwCfgItem {
    char *name;
    char *text; /* without its terminator */
    char *path; /* NULL where text is given */
} FwCfgItem;

struct Machine {
    const MachinePlan *plan;
    const MachineHost *host;
    const BootImages *images;
    KvmVm *vm;
    GuestMemory *memory;
    IoBus *pio; /* empty on boards without ports */
    IoBus *mmio;
    KvmVcpu **vcpus;
    unsigned vcpu_count;
    GPtrArray *devices; /* Device * */
    FwCfg *fw_cfg;      /* one of devices, or NULL */
    PciHost *pci;       /* one of devices, or NULL */
    KvmDevice *irqchip; /* arm64: the GIC, owned; x86 has it in the VM: NULL */
    void (*power_button)(void *opaque); /* set by the device that has one */
    void *power_button_opaque;
};

/* Where a board has slots of virtio-mmio. */
typedef struct VirtioMmioSlots {
    uint64_t base;  /* of the first */
    unsigned count; /* one behind the other */
    unsigned irq;   /* number of the first one's line */
} VirtioMmioSlots;

/* A board family.  Rows of hw/boards.c. */
struct Board {
    const char *family; /* "pc-q35": versions are "pc-q35-9.0"; the alias drops "pc-" */
    const char *alias;  /* "q35" = newest version, or NULL */
    const char *doc;
    TargetArch arch;
    bool is_versioned;
    bool has_cpus; /* false: "none" */
    unsigned max_cpus;
    bool has_dies, has_clusters, has_modules; /* of -smp: levels its CPUs may have */
    const char *default_cpu_type;
    /* Argument of KVM_CREATE_VM; NULL: 0. */
    unsigned long (*vm_type)(KvmSys *sys);
    /*
     * Fills the memory map into @plan and adds the built-in devices, whose configurations
     * @built_in owns.  Pure.
     */
    bool (*plan)(MachinePlan *plan, GPtrArray *built_in, const TypeRegistry *registry,
                 GError **errp);
    /* vCPUs and interrupt controller, in the order KVM wants them. */
    bool (*create)(Machine *machine, GError **errp);
    /* After the devices: tables in RAM, boot images, start state of each vCPU. */
    bool (*finish)(Machine *machine, GError **errp);
    /*
     * The configuration of serial port @index for -serial, owned by the caller; NULL with
     * an error where the board has no such port.
     */
    Object *(*new_serial)(const TypeRegistry *registry, unsigned index, GError **errp);
    /* Its slots of virtio-mmio; NULL: it has none. */
    VirtioMmioSlots (*virtio_slots)(const MachinePlan *plan);
    /* The line a device asks for by its number on this board. */
    IrqLine (*irq)(Machine *machine, unsigned number);
    void (*free)(Machine *machine);
};

/* boards - every board of this program, in the order of -M help. */
const Board *const *boards(unsigned *ret_count);

/* board_find - the board and version a machine name or alias stands for; or NULL. */
const Board *board_find(const char *name, const MachineVersion **ret_version);

/*
 * board_near_hint - the end of a message about a machine that is not there: which may
 * have been meant, or where they are listed; the caller frees it.
 */
char *board_near_hint(const char *name);

/* board_machine_name - "pc-q35-9.0"; the caller frees it. */
char *board_machine_name(const Board *board, const MachineVersion *version);

/* hw_register_types - machine and device types. */
void hw_register_types(TypeRegistry *registry);

/*
 * machine_realize - make what @plan says: VM, memory, interrupt controllers, vCPUs,
 * devices, boot images.
 * @memory: the guest's RAM, which survives resets; borrowed
 * @images: read before; borrowed for the call
 *
 * Nothing half made is left on failure.
 */
Machine *machine_realize(const MachinePlan *plan, const MachineHost *host, KvmSys *sys,
                         GuestMemory *memory, const BootImages *images, GError **errp);

/* machine_set_running - have every device know that the guest runs, or no longer. */
void machine_set_running(Machine *machine, bool running);

/* machine_add_vcpu - @vcpu is the machine's next one; owned by it from here. */
void machine_add_vcpu(Machine *machine, KvmVcpu *vcpu);

/* machine_free - devices, vCPUs, VM; no vCPU thread may be inside.  NULL is nothing. */
void machine_free(Machine *machine);

/* machine_event - tell the world outside. */
void machine_event(Machine *machine, MachineEvent event, int code);

/* machine_press_power_button - ask the guest to shut down; false where nobody listens. */
bool machine_press_power_button(Machine *machine);

/* machine_plan_add_fw_cfg - offer a blob; @text or @path, both copied. */
void machine_plan_add_fw_cfg(MachinePlan *plan, const char *name, const char *text,
                             const char *path);

/* machine_plan_new - an empty plan: nothing is decided. */
MachinePlan *machine_plan_new(void);

/* machine_plan_free - the plan and what it owns; NULL is nothing. */
void machine_plan_free(MachinePlan *plan);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Machine, machine_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MachinePlan, machine_plan_free)

#endif
