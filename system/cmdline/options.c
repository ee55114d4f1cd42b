/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/cmdline/options.h"

#include <string.h>

#include "util/bits.h"
#include "util/near-name.h"

#define SPEC(field) offsetof(VmSpec, field)

#define STANDARD OPTION_GROUP_STANDARD
#define CPU      OPTION_GROUP_CPU
#define BOOT     OPTION_GROUP_BOOT
#define DEVICE   OPTION_GROUP_DEVICE
#define CHAR     OPTION_GROUP_CHARDEV
#define RUN      OPTION_GROUP_RUN
#define DEBUG    OPTION_GROUP_DEBUG
#define IGNORED  OPTION_GROUP_IGNORED
#define REFUSED  OPTION_GROUP_REFUSED

/* Columns: name, alias, argument, group, help, handler, offset, keys, number of keys. */
/* clang-format off */
const OptionRow option_rows[] = {
    {"help", "h", NULL, STANDARD, "print this help and exit", option_query, SPEC_QUERY_HELP, NULL,
     0},
    {"version", NULL, NULL, STANDARD, "print the version and exit", option_query,
     SPEC_QUERY_VERSION, NULL, 0},
    {"machine", "M", "[type=]name[,prop=value...]", STANDARD,
     "select the machine; 'help' lists them, 'name,help' its properties", option_machine, 0, NULL,
     0},
    {"accel", NULL, "[accel=]kvm[,prop=value...]", STANDARD,
     "select the accelerator and set its properties; 'help' lists them", option_accel, 0, NULL, 0},
    {"enable-kvm", NULL, NULL, STANDARD, "the same as -accel kvm", option_enable_kvm, 0, NULL, 0},
    {"name", NULL, "[guest=]name[,debug-threads=on|off]", STANDARD,
     "name the guest, and the threads after it", option_name, 0, name_keys, NAME_KEY_COUNT},
    {"uuid", NULL, "uuid", STANDARD, "give the guest's UUID", option_uuid, 0, NULL, 0},
    {"dry-run", NULL, "[=table|json]", STANDARD,
     "print what the guest would get, and why, and exit", option_dry_run, 0, NULL, 0},

    {"cpu", NULL, "model[,prop=value...]", CPU,
     "select the CPU model and its features; 'help' lists them; the last -cpu counts", option_cpu,
     0, NULL, 0},
    {"smp", NULL,
     "[cpus=]n[,maxcpus=n][,sockets=n][,dies=n][,clusters=n][,modules=n][,cores=n][,threads=n]",
     CPU, "number of vCPUs and their topology", option_smp, 0, smp_keys, SMP_KEY_COUNT},
    {"m", NULL, "[size=]size", CPU, "guest memory; a plain number is in MiB", option_memory, 0,
     memory_keys, MEMORY_KEY_COUNT},
    {"overcommit", NULL, "[mem-lock=on|off][,cpu-pm=on|off]", CPU,
     "mem-lock=on keeps all guest memory in RAM", option_apply_keys, 0, overcommit_keys,
     OVERCOMMIT_KEY_COUNT},
    {"mem-prealloc", NULL, NULL, CPU, "touch all guest memory before the start", option_set_flag,
     SPEC(is_mem_prealloc), NULL, 0},

    {"kernel", NULL, "file", BOOT, "boot this kernel image", option_set_string, SPEC(kernel), NULL,
     0},
    {"initrd", NULL, "file", BOOT, "give the kernel this initial ram disk", option_set_string,
     SPEC(initrd), NULL, 0},
    {"append", NULL, "text", BOOT, "give the kernel this command line", option_set_string,
     SPEC(append), NULL, 0},
    {"boot", NULL, "[order=]drives[,strict=on|off]", BOOT,
     "where firmware looks for a system; without firmware it has no effect", option_boot, 0,
     boot_keys, BOOT_KEY_COUNT},

    {"device", NULL, "driver[,prop=value...]", DEVICE,
     "add a device; 'help' lists them, 'driver,help' its properties; JSON is taken too",
     option_device, 0, NULL, 0},
    {"object", NULL, "type,id=id[,prop=value...]", DEVICE,
     "add an object; 'help' lists the types; JSON is taken too", option_object, 0, NULL, 0},
    {"global", NULL, "driver.prop=value", DEVICE,
     "change the default of a property for all objects of a type", option_global, 0, NULL, 0},
    {"fw_cfg", NULL, "[name=]name,file=file|string=text", DEVICE,
     "offer a file to firmware and guest", option_fw_cfg, 0, fw_cfg_keys, FW_CFG_KEY_COUNT},
    {"rtc", NULL, "[base=utc|localtime|datetime][,clock=host|rt|vm][,driftfix=none|slew]", DEVICE,
     "set the guest's clock", option_rtc, 0, rtc_keys, RTC_KEY_COUNT},
    {"nodefaults", NULL, NULL, DEVICE,
     "leave out the devices that are there without being asked for", option_set_flag,
     SPEC(is_nodefaults), NULL, 0},
    {"no-acpi", NULL, NULL, DEVICE, "leave out the ACPI tables", option_set_flag, SPEC(is_no_acpi),
     NULL, 0},

    {"drive", NULL, "file=path[,format=raw][,if=virtio|none][,id=id][,key=value...]", DEVICE,
     "a disk image; if=none leaves it to a -device that names its id", option_drive, 0, NULL, 0},
    {"blockdev", NULL, "driver=raw|file|host_device,node-name=name[,key=value...]|{json}", DEVICE,
     "a node of disk images, for a -device that names it", option_blockdev, 0, NULL, 0},

    {"netdev", NULL, "user|tap|stream|dgram,id=id[,key=value...]|{json}", DEVICE,
     "a network, for a -device that names it", option_netdev, 0, NULL, 0},
    {"nic", NULL, "none|user|tap|stream|dgram[,model=virtio][,mac=address][,key=value...]", DEVICE,
     "a network and a virtio-net at it; none is made by itself", option_nic, 0, NULL, 0},

    {"chardev", NULL, "backend,id=id[,key=value...]", CHAR,
     "open a stream to the host: null, stdio, file, pty, socket, ringbuf", option_chardev, 0, NULL,
     0},
    {"serial", NULL, "none|null|stdio|mon:stdio|pty|file:path|unix:path|tcp:host:port|chardev:id",
     CHAR, "connect the next serial port; mon: lets Ctrl-a x end the program", option_serial, 0,
     NULL, 0},
    {"qmp", NULL, "unix:path,server=on,wait=off|...", CHAR,
     "open a QMP monitor, in the forms of -serial", option_qmp, 0, NULL, 0},
    {"qmp-pretty", NULL, "unix:path,server=on,wait=off|...", CHAR, "as -qmp, with indented answers",
     option_qmp_pretty, 0, NULL, 0},
    {"mon", NULL, "[chardev=]id,mode=control[,pretty=on|off]", CHAR,
     "open a QMP monitor on a chardev", option_mon, 0, mon_keys, MON_KEY_COUNT},
    {"monitor", NULL, "none", CHAR, "no human monitor; there is none", option_monitor, 0, NULL, 0},
    {"display", NULL, "none", CHAR, "no window; there is none", option_display, 0, NULL, 0},
    {"nographic", NULL, NULL, CHAR,
     "connect the first serial port to the terminal; Ctrl-a x ends the program", option_nographic,
     0, NULL, 0},
    {"add-fd", NULL, "fd=n,set=n[,opaque=text]", CHAR,
     "make an open descriptor reachable as /dev/fdset/<set>", option_add_fd, 0, add_fd_keys,
     ADD_FD_KEY_COUNT},

    {"S", NULL, NULL, RUN, "do not start the vCPUs; the command cont does", option_set_flag,
     SPEC(is_start_paused), NULL, 0},
    {"incoming", NULL, "defer|unix:path|tcp:host:port|fd:number|file:path[,offset=n]|exec:command",
     RUN, "wait for a guest that migrates to here, or load a saved one", option_set_string,
     SPEC(incoming), NULL, 0},
    {"only-migratable", NULL, NULL, RUN, "refuse a guest that could not be migrated",
     option_set_flag, SPEC(is_only_migratable), NULL, 0},
    {"no-reboot", NULL, NULL, RUN, "end when the guest resets", option_set_flag, SPEC(is_no_reboot),
     NULL, 0},
    {"no-shutdown", NULL, NULL, RUN, "pause when the guest powers off", option_set_flag,
     SPEC(is_no_shutdown), NULL, 0},
    {"action", NULL,
     "[reboot=reset|shutdown][,shutdown=poweroff|pause][,panic=shutdown|pause|exit-failure|none]",
     RUN, "what to do when the guest resets, powers off or panics", option_action, 0, action_keys,
     ACTION_KEY_COUNT},
    {"daemonize", NULL, NULL, RUN, "go to the background once the monitors can be reached",
     option_set_flag, SPEC(is_daemonize), NULL, 0},
    {"pidfile", NULL, "file", RUN, "write the process number to this file", option_set_string,
     SPEC(pidfile), NULL, 0},
    {"sandbox", NULL,
     "on|off[,obsolete=...][,elevateprivileges=...][,spawn=...][,resourcecontrol=...]", RUN,
     "allow only the system calls that are needed", option_sandbox, 0, sandbox_keys,
     SANDBOX_KEY_COUNT},
    {"msg", NULL, "[timestamp=on|off]", RUN, "put the time before each message", option_apply_keys,
     0, msg_keys, MSG_KEY_COUNT},

    {"trace", NULL, "[enable=]pattern", DEBUG, "print what happens; 'help' lists the events",
     option_trace, 0, NULL, 0},
    {"dump-state-tables", NULL, NULL, DEBUG,
     "print as JSON what a saved guest consists of, for scripts/check-state-tables.py, and exit",
     option_query, SPEC_QUERY_STATE_TABLES, NULL, 0},
    {"D", NULL, "file", DEBUG, "write traces to this file", option_set_string, SPEC(log_file), NULL,
     0},

    {"no-user-config", NULL, NULL, IGNORED, "no configuration file is read anyway", option_ignore,
     0, NULL, 0},
    {"no-hpet", NULL, NULL, IGNORED, "there is no HPET", option_ignore, 0, NULL, 0},
    {"no-fd-bootchk", NULL, NULL, IGNORED, "there is no floppy drive", option_ignore, 0, NULL, 0},
    {"watchdog-action", NULL, "action", IGNORED, "there is no watchdog", option_watchdog_action, 0,
     NULL, 0},
    {"audiodev", NULL, "none,id=id", IGNORED, "no sound; there is none", option_audiodev, 0, NULL,
     0},
    {"vga", NULL, "none", IGNORED, "no graphics card; there is none", option_accept_none, 0, NULL,
     0},
    {"vnc", NULL, "none", IGNORED, "no display; there is none", option_accept_none, 0, NULL, 0},
    {"audio", NULL, "[driver=]none", IGNORED, "no sound; there is none", option_audiodev, 0, NULL,
     0},
    {"compat", NULL, "[deprecated-input=accept|reject][,...]", IGNORED,
     "nothing here is deprecated", option_ignore, 0, NULL, 0},
    {"net", NULL, "none", IGNORED, "no network card; none is made by itself", option_accept_none, 0,
     NULL, 0},
    {"parallel", NULL, "none", IGNORED, "no parallel port; there is none", option_accept_none, 0,
     NULL, 0},
    {"run-with", NULL, "[async-teardown=off][,exit-with-parent=off]", IGNORED,
     "the program ends as it is told, in the place where it was started", option_apply_keys, 0,
     run_with_keys, RUN_WITH_KEY_COUNT},
    {"L", NULL, "folder", IGNORED, "no firmware files are looked for", option_ignore, 0, NULL, 0},
    {"k", NULL, "layout", IGNORED, "there is no keyboard", option_ignore, 0, NULL, 0},

    {"hda", NULL, "...", REFUSED, "there are no IDE disks, but those of -drive", option_refuse, 0,
     NULL, 0},
    {"hdb", NULL, "...", REFUSED, "there are no IDE disks, but those of -drive", option_refuse, 0,
     NULL, 0},
    {"hdc", NULL, "...", REFUSED, "there are no IDE disks, but those of -drive", option_refuse, 0,
     NULL, 0},
    {"hdd", NULL, "...", REFUSED, "there are no IDE disks, but those of -drive", option_refuse, 0,
     NULL, 0},
    {"cdrom", NULL, "...", REFUSED, "there is no CD-ROM drive", option_refuse, 0, NULL, 0},
    {"fda", NULL, "...", REFUSED, "there is no floppy drive", option_refuse, 0, NULL, 0},
    {"fdb", NULL, "...", REFUSED, "there is no floppy drive", option_refuse, 0, NULL, 0},
    {"sd", NULL, "...", REFUSED, "there is no SD card", option_refuse, 0, NULL, 0},
    {"bios", NULL, "...", REFUSED, "there is no firmware; -kernel boots", option_refuse, 0, NULL,
     0},
    {"dtb", NULL, "...", REFUSED, "the machine makes its device tree itself", option_refuse, 0,
     NULL, 0},
    {"mtdblock", NULL, "...", REFUSED, "there is no flash device", option_refuse, 0, NULL, 0},
    {"pflash", NULL, "...", REFUSED, "there is no flash device and no firmware; -kernel boots",
     option_refuse, 0, NULL, 0},
    {"snapshot", NULL, NULL, REFUSED, "what is written goes to the image", option_refuse, 0,
     NULL, 0},
    {"iscsi", NULL, "...", REFUSED, "there are no block devices", option_refuse, 0, NULL, 0},
    {"fsdev", NULL, "...", REFUSED, "there are no shared folders", option_refuse, 0, NULL, 0},
    {"virtfs", NULL, "...", REFUSED, "there are no shared folders", option_refuse, 0, NULL, 0},
    {"usb", NULL, NULL, REFUSED, "there is no USB", option_refuse, 0, NULL, 0},
    {"usbdevice", NULL, "...", REFUSED, "there is no USB", option_refuse, 0, NULL, 0},
    {"soundhw", NULL, "...", REFUSED, "there is no sound", option_refuse, 0, NULL, 0},
    {"spice", NULL, "...", REFUSED, "there is no display", option_refuse, 0, NULL, 0},
    {"full-screen", NULL, NULL, REFUSED, "there is no display", option_refuse, 0, NULL, 0},
    {"g", NULL, "...", REFUSED, "there is no display", option_refuse, 0, NULL, 0},
    {"tpmdev", NULL, "...", REFUSED, "there is no TPM", option_refuse, 0, NULL, 0},
    {"watchdog", NULL, "...", REFUSED, "there is no watchdog", option_refuse, 0, NULL, 0},
    {"numa", NULL, "...", REFUSED, "there is one NUMA node", option_refuse, 0, NULL, 0},
    {"mem-path", NULL, "...", REFUSED, "guest memory is anonymous", option_refuse, 0, NULL, 0},
    {"acpitable", NULL, "...", REFUSED, "ACPI tables are made by the machine alone", option_refuse,
     0, NULL, 0},
    {"smbios", NULL, "...", REFUSED, "there are no SMBIOS tables", option_refuse, 0, NULL, 0},
    {"option-rom", NULL, "...", REFUSED, "there are no option ROMs", option_refuse, 0, NULL, 0},
    {"shim", NULL, "...", REFUSED, "there is no secure boot", option_refuse, 0, NULL, 0},
    {"gdb", NULL, "...", REFUSED, "there is no debugger stub", option_refuse, 0, NULL, 0},
    {"s", NULL, NULL, REFUSED, "there is no debugger stub", option_refuse, 0, NULL, 0},
    {"d", NULL, "...", REFUSED, "nothing is translated; -trace shows what happens", option_refuse,
     0, NULL, 0},
    {"dfilter", NULL, "...", REFUSED, "nothing is translated", option_refuse, 0, NULL, 0},
    {"singlestep", NULL, NULL, REFUSED, "nothing is translated", option_refuse, 0, NULL, 0},
    {"icount", NULL, "...", REFUSED,
     "the guest runs on the real CPU, which does not count that way", option_refuse, 0, NULL, 0},
    {"tb-size", NULL, "...", REFUSED, "nothing is translated", option_refuse, 0, NULL, 0},
    {"plugin", NULL, "...", REFUSED, "there are no plugins", option_refuse, 0, NULL, 0},
    {"semihosting", NULL, NULL, REFUSED, "KVM has no semihosting", option_refuse, 0, NULL, 0},
    {"semihosting-config", NULL, "...", REFUSED, "KVM has no semihosting", option_refuse, 0, NULL,
     0},
    {"loadvm", NULL, "...", REFUSED, "there are no snapshots", option_refuse, 0, NULL, 0},
    {"readconfig", NULL, "...", REFUSED, "there are no configuration files", option_refuse, 0, NULL,
     0},
    {"writeconfig", NULL, "...", REFUSED, "there are no configuration files", option_refuse, 0,
     NULL, 0},
    {"set", NULL, "...", REFUSED, "give the setting with the option itself", option_refuse, 0, NULL,
     0},
    {"preconfig", NULL, NULL, REFUSED, "a machine is configured by options alone", option_refuse, 0,
     NULL, 0},
    {"runas", NULL, "...", REFUSED, "start the program as the user it is to run as", option_refuse,
     0, NULL, 0},
    {"chroot", NULL, "...", REFUSED, "start the program where it is to run", option_refuse, 0, NULL,
     0},
    {"echr", NULL, "...", REFUSED, "the escape key is Ctrl-a", option_refuse, 0, NULL, 0},
    {"xen-domid", NULL, "...", REFUSED, "there is no Xen", option_refuse, 0, NULL, 0},
};
/* clang-format on */

const unsigned option_row_count = ARRAY_LEN(option_rows);

const OptionRow *option_find(const char *name)
{
    for (unsigned i = 0; i < option_row_count; i++) {
        const OptionRow *row = &option_rows[i];

        if (strcmp(row->name, name) == 0 || g_strcmp0(row->alias, name) == 0) {
            return row;
        }
    }
    return NULL;
}

bool option_is_optional_argument(const OptionRow *row)
{
    return row->argument && g_str_has_prefix(row->argument, "[=");
}

const char *option_suggest(const char *name)
{
    NearName near = {.name = name};

    for (unsigned i = 0; i < option_row_count; i++) {
        if (option_rows[i].group != REFUSED) {
            near_name_offer(&near, option_rows[i].name);
        }
    }
    return near.best;
}
