/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The option table: one row for each option there is, and for each one we refuse.
 * Parsing, -help, the man page and query-command-line-options walk it.
 */
#ifndef SYSTEM_CMDLINE_OPTIONS_H
#define SYSTEM_CMDLINE_OPTIONS_H

#include "system/cmdline/vm-spec.h"
#include "util/keyval.h"

typedef struct OptionRow OptionRow;

typedef enum OptionGroup {
    OPTION_GROUP_STANDARD,
    OPTION_GROUP_CPU,
    OPTION_GROUP_BOOT,
    OPTION_GROUP_DEVICE,
    OPTION_GROUP_CHARDEV,
    OPTION_GROUP_RUN,
    OPTION_GROUP_DEBUG,
    OPTION_GROUP_IGNORED, /* accepted for the sake of scripts and libvirt */
    OPTION_GROUP_REFUSED, /* known from QEMU; not shown by -help */
    OPTION_GROUP_COUNT,
} OptionGroup;

/* The command line while it is being read. */
typedef struct Cmdline {
    VmSpec *spec;
    const char *text; /* "-smp 4", of the option at hand */
    bool has_tcg;     /* some list of accelerators named it */
    bool is_display_given;
    unsigned qmp_count;
} Cmdline;

typedef bool OptionHandler(Cmdline *cmd, const OptionRow *row, const char *arg,
                           GError **errp);

struct OptionRow {
    const char *name;
    const char *alias;
    const char *argument; /* as -help shows it; NULL: takes none; "[=…]": may take one */
    OptionGroup group;
    const char *help; /* one sentence; for a refused option: what is not there */
    OptionHandler *handle;
    size_t offset;         /* of what simple handlers set in VmSpec */
    const KeyvalRow *keys; /* settings, where the option has a fixed set */
    unsigned key_count;
};

extern const OptionRow option_rows[];
extern const unsigned option_row_count;

/* option_find - the row for @name, which may be its alias; NULL. */
const OptionRow *option_find(const char *name);

/* option_suggest - the name nearest to @name, or NULL where none is near. */
const char *option_suggest(const char *name);

/* option_is_optional_argument - the argument may follow "=" and may be left out. */
bool option_is_optional_argument(const OptionRow *row);

/* Handlers that several rows share. */
OptionHandler option_set_flag, option_set_string, option_apply_keys, option_ignore,
    option_refuse, option_accept_none, option_query;

/* Handlers of one row each, by file. */
OptionHandler option_machine, option_accel, option_enable_kvm, option_cpu, option_smp,
    option_memory;
OptionHandler option_device, option_object, option_global, option_fw_cfg, option_audiodev,
    option_display, option_watchdog_action;
OptionHandler option_drive, option_blockdev;
OptionHandler option_netdev, option_nic;
OptionHandler option_chardev, option_serial, option_monitor, option_mon, option_qmp,
    option_qmp_pretty, option_add_fd;
OptionHandler option_name, option_uuid, option_rtc, option_boot, option_sandbox,
    option_trace, option_action, option_nographic, option_dry_run;

extern const KeyvalRow smp_keys[], memory_keys[], overcommit_keys[], name_keys[],
    rtc_keys[], boot_keys[], msg_keys[], run_with_keys[], sandbox_keys[], mon_keys[],
    add_fd_keys[], action_keys[], fw_cfg_keys[];
#define SMP_KEY_COUNT        8
#define MEMORY_KEY_COUNT     3
#define OVERCOMMIT_KEY_COUNT 2
#define NAME_KEY_COUNT       3
#define RTC_KEY_COUNT        3
#define BOOT_KEY_COUNT       7
#define MSG_KEY_COUNT        2
#define RUN_WITH_KEY_COUNT   4
#define SANDBOX_KEY_COUNT    5
#define MON_KEY_COUNT        4
#define ADD_FD_KEY_COUNT     3
#define ACTION_KEY_COUNT     4
#define FW_CFG_KEY_COUNT     3

/* smp_complete - fill what @smp leaves at 0 and check it; cores before sockets. */
bool smp_complete(SpecSmp *smp, GError **errp);

/* spec_has_chardev - a chardev of that id is configured. */
bool spec_has_chardev(const VmSpec *spec, const char *id);

/*
 * spec_add_short_chardev - add the chardev that @text describes in the short form of
 * -serial.
 */
bool spec_add_short_chardev(VmSpec *spec, const char *text, const char *id,
                            GError **errp);

#endif
