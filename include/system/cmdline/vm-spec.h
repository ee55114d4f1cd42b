/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VmSpec: what was asked.  Plain owned data, made by cmdline_parse(), frozen afterwards.
 *
 * Nothing is decided here beyond the text: whether a machine, a device or a CPU of that
 * name exists is the plan's business.
 */
#ifndef SYSTEM_CMDLINE_VM_SPEC_H
#define SYSTEM_CMDLINE_VM_SPEC_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct json_object json_object;
typedef struct KeyvalList KeyvalList;

/* One option with settings: -device, -object, -accel, -fw_cfg. */
typedef struct SpecItem {
    char *text;          /* "-device isa-debug-exit,iobase=0xf4", for messages */
    char *driver;        /* "isa-debug-exit"; NULL where the option has none */
    char *id;            /* NULL where none was given */
    KeyvalList *keyvals; /* the other settings; NULL where they came as JSON */
    json_object *json;   /* object with the other members; NULL where they came as text */
} SpecItem;

/* -global driver.property=value */
typedef struct SpecGlobal {
    char *text;
    char *driver;
    char *property;
    char *value;
} SpecGlobal;

/* -qmp and -mon: a control monitor on a chardev. */
typedef struct SpecMonitor {
    char *text;
    char *id;      /* NULL where none was given */
    char *chardev; /* id */
    bool is_pretty;
} SpecMonitor;

/* -add-fd: descriptor @fd is member of set @set, reachable as /dev/fdset/<set>. */
typedef struct SpecFd {
    char *text;
    char *opaque;
    unsigned set;
    int fd;
} SpecFd;

/* Complete and consistent: the product of the levels is max_cpus. */
typedef struct SpecSmp {
    unsigned cpus, max_cpus;
    unsigned sockets, dies, clusters, modules, cores, threads;
} SpecSmp;

/* Options that ask a question and start nothing. */
typedef enum SpecQuery {
    SPEC_QUERY_NONE,
    SPEC_QUERY_HELP,
    SPEC_QUERY_VERSION,
    SPEC_QUERY_MACHINES,
    SPEC_QUERY_CPUS,
    SPEC_QUERY_ACCELS,
    SPEC_QUERY_DEVICES, /* query_name: one device's properties, else the list */
    SPEC_QUERY_OBJECTS, /* likewise */
    SPEC_QUERY_CHARDEVS,
    SPEC_QUERY_TRACE,
    SPEC_QUERY_STATE_TABLES,
    SPEC_QUERY_MACHINE_PROPS, /* -machine NAME,help */
} SpecQuery;

typedef enum SpecDryRun {
    SPEC_DRY_RUN_NONE,
    SPEC_DRY_RUN_TABLE,
    SPEC_DRY_RUN_JSON,
} SpecDryRun;

typedef enum SpecPanicAction {
    SPEC_PANIC_SHUTDOWN,
    SPEC_PANIC_PAUSE,
    SPEC_PANIC_EXIT_FAILURE,
    SPEC_PANIC_NONE,
} SpecPanicAction;

typedef struct VmSpec {
    SpecQuery query;
    char *query_name;

    char *machine;               /* -machine name; NULL takes the default */
    KeyvalList *machine_options; /* its settings without name and accel; later ones win */
    KeyvalList *machine_accel;   /* what -machine says of the accelerator */
    GPtrArray *accels; /* SpecItem, in the order given; only "kvm"; never empty */
    char *cpu;         /* "host,pmu=on", the last one given; NULL takes the default */
    char *cpu_text;    /* "-cpu host,pmu=on" */
    SpecSmp smp;
    uint64_t ram_bytes; /* 0: not given */

    char *kernel, *initrd, *append; /* paths and text; NULL: not given */

    GPtrArray *chardevs; /* ChardevConfig; -serial and -qmp add theirs */
    GPtrArray *serials;  /* char *: a chardev's id, "" is "none" */
    GPtrArray *monitors; /* SpecMonitor */
    GPtrArray *blocks;   /* BlockConfig; of -drive and -blockdev */
    GPtrArray *nets;     /* NetConfig; of -netdev and -nic */
    GPtrArray *devices;  /* SpecItem */
    GPtrArray *objects;  /* SpecItem */
    GPtrArray *fw_cfg;   /* SpecItem without driver */
    GPtrArray *globals;  /* SpecGlobal */
    GPtrArray *fds;      /* SpecFd */

    char *name; /* -name guest= */
    char *uuid; /* lower case, 36 characters */
    char *pidfile;
    char *incoming;      /* -incoming: an address or "defer"; NULL: not given */
    KeyvalList *rtc;     /* base, clock, driftfix; never NULL */
    KeyvalList *boot;    /* order, strict, …; never NULL */
    KeyvalList *sandbox; /* NULL: not given */
    GPtrArray *trace;    /* char *: patterns */
    char *log_file;      /* -D */

    bool is_daemonize;
    bool is_no_reboot;   /* a reset ends the program */
    bool is_no_shutdown; /* a power-off pauses */
    SpecPanicAction panic_action;
    bool is_start_paused; /* -S */
    bool is_only_migratable;
    bool is_nographic;
    bool is_nodefaults;
    bool is_no_acpi;
    bool is_timestamps; /* -msg timestamp=on */
    bool is_debug_threads;
    bool is_mem_prealloc;
    bool is_mem_lock; /* -overcommit mem-lock=on */
    SpecDryRun dry_run;
} VmSpec;

/* vm_spec_free - NULL is nothing. */
void vm_spec_free(VmSpec *spec);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VmSpec, vm_spec_free)

#endif
