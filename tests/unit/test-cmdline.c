/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/cmdline/cmdline.h"

#include <string.h>

#include "chardev/chardev.h"
#include "system/cmdline/vm-spec.h"
#include "util/bits.h"
#include "util/json.h"
#include "util/keyval.h"

/* @line is split at blanks; "%s" has no place here. */
static VmSpec *parse(const char *line, GError **errp)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);

    return cmdline_parse(line[0] ? (int)g_strv_length(words) : 0, words, errp);
}

static VmSpec *parse_good(const char *line)
{
    GError *error = NULL;
    VmSpec *spec = parse(line, &error);

    g_test_message("%s", line);
    g_assert_no_error(error);
    return spec;
}

static void test_empty_line_takes_defaults(void)
{
    g_autoptr(VmSpec) spec = parse_good("");
    const SpecItem *accel = g_ptr_array_index(spec->accels, 0);
    const ChardevConfig *serial = g_ptr_array_index(spec->chardevs, 0);

    g_assert_null(spec->machine);
    g_assert_cmpuint(spec->smp.cpus, ==, 1);
    g_assert_cmpuint(spec->smp.max_cpus, ==, 1);
    g_assert_cmpuint(spec->ram_bytes, ==, 0);
    g_assert_cmpstr(accel->driver, ==, "kvm");
    g_assert_cmpint(serial->backend, ==, CHARDEV_STDIO);
    g_assert_true(serial->is_mux);
    g_assert_cmpint(spec->query, ==, SPEC_QUERY_NONE);
}

static void test_libvirt_probe_line(void)
{
    g_autoptr(VmSpec) spec = parse_good(
        "-S -no-user-config -nodefaults -nographic -machine none,accel=kvm:tcg "
        "-qmp unix:/tmp/qmp.monitor,server=on,wait=off -pidfile /tmp/qmp.pid -daemonize");
    const SpecMonitor *monitor = g_ptr_array_index(spec->monitors, 0);
    const ChardevConfig *config = g_ptr_array_index(spec->chardevs, 0);

    g_assert_true(spec->is_start_paused && spec->is_nodefaults && spec->is_nographic &&
                  spec->is_daemonize);
    g_assert_cmpstr(spec->machine, ==, "none");
    g_assert_cmpuint(spec->accels->len, ==, 1);
    g_assert_cmpuint(keyval_count(spec->machine_options), ==, 0);
    g_assert_cmpuint(spec->serials->len, ==, 0);
    g_assert_cmpstr(monitor->chardev, ==, config->id);
    g_assert_cmpstr(config->path, ==, "/tmp/qmp.monitor");
    g_assert_true(config->is_server);
    g_assert_false(config->is_wait);
    g_assert_cmpstr(spec->pidfile, ==, "/tmp/qmp.pid");
}

static void test_libvirt_start_line(void)
{
    g_autoptr(VmSpec) spec = parse_good(
        "-name guest=t,debug-threads=on -S -object "
        "{\"qom-type\":\"secret\",\"id\":\"masterKey0\",\"format\":\"raw\",\"file\":\"/"
        "k\"} "
        "-machine q35,usb=off,dump-guest-core=off,memory-backend=pc.ram -accel kvm "
        "-cpu host,migratable=on -m size=65536k -object "
        "{\"qom-type\":\"memory-backend-ram\",\"id\":\"pc.ram\",\"size\":67108864} "
        "-overcommit mem-lock=off -smp 1,sockets=1,cores=1,threads=1 -uuid "
        "01234567-89AB-cdef-0123-456789abcdef -display none -no-user-config -nodefaults "
        "-chardev socket,id=charmonitor,fd=26,server=on,wait=off "
        "-mon chardev=charmonitor,id=monitor,mode=control -rtc base=utc,driftfix=slew "
        "-global kvm-pit.lost_tick_policy=delay -no-hpet -no-shutdown "
        "-global ICH9-LPC.disable_s3=1 -global ICH9-LPC.noreboot=off "
        "-watchdog-action reset -boot strict=on -kernel /k -append a "
        "-add-fd set=0,fd=27,opaque=serial0-source "
        "-chardev file,id=charserial0,path=/dev/fdset/0,append=on "
        "-device "
        "{\"driver\":\"isa-serial\",\"chardev\":\"charserial0\",\"id\":\"serial0\","
        "\"index\":0} "
        "-audiodev {\"id\":\"audio1\",\"driver\":\"none\"} -msg timestamp=on");
    const SpecItem *device = g_ptr_array_index(spec->devices, 0);
    const SpecGlobal *global = g_ptr_array_index(spec->globals, 1);
    const SpecFd *fd = g_ptr_array_index(spec->fds, 0);
    const ChardevConfig *monitor = g_ptr_array_index(spec->chardevs, 0);

    g_assert_cmpstr(spec->name, ==, "t");
    g_assert_true(spec->is_debug_threads);
    g_assert_cmpuint(spec->objects->len, ==, 2);
    g_assert_cmpstr(keyval_get(spec->machine_options, "memory-backend"), ==, "pc.ram");
    g_assert_cmpuint(spec->ram_bytes, ==, 64 * MIB);
    g_assert_cmpstr(spec->cpu, ==, "host,migratable=on");
    g_assert_cmpstr(spec->uuid, ==, "01234567-89ab-cdef-0123-456789abcdef");
    g_assert_cmpint(monitor->fd, ==, 26);
    g_assert_cmpstr(device->driver, ==, "isa-serial");
    g_assert_cmpstr(device->id, ==, "serial0");
    g_assert_true(json_has(device->json, "chardev"));
    g_assert_false(json_has(device->json, "driver"));
    g_assert_cmpstr(global->driver, ==, "ICH9-LPC");
    g_assert_cmpstr(global->property, ==, "disable_s3");
    g_assert_cmpstr(global->value, ==, "1");
    g_assert_cmpint(fd->fd, ==, 27);
    g_assert_true(spec->is_timestamps && spec->is_no_shutdown);
    g_assert_cmpstr(keyval_get(spec->boot, "strict"), ==, "on");
    g_assert_cmpstr(keyval_get(spec->rtc, "driftfix"), ==, "slew");
}

static void test_last_cpu_wins_and_machine_options_add_up(void)
{
    g_autoptr(VmSpec) spec =
        parse_good("-cpu host --cpu max,pmu=on -M q35,a=1 -machine b=2,a=3 --accel "
                   "kvm,pmu=auto -enable-kvm");

    g_assert_cmpstr(spec->cpu, ==, "max,pmu=on");
    g_assert_cmpstr(spec->cpu_text, ==, "-cpu max,pmu=on");
    g_assert_cmpstr(spec->machine, ==, "q35");
    g_assert_cmpstr(keyval_get(spec->machine_options, "a"), ==, "3");
    g_assert_cmpstr(keyval_get(spec->machine_options, "b"), ==, "2");
    g_assert_cmpuint(spec->accels->len, ==, 2);
}

static void test_smp_is_completed(void)
{
    static const struct {
        const char *text;
        unsigned cpus, max_cpus, sockets, dies, cores, threads; /* cpus 0: an error */
    } cases[] = {
        {"4", 4, 4, 1, 1, 4, 1},
        {"cpus=4", 4, 4, 1, 1, 4, 1},
        {"2,maxcpus=8", 2, 8, 1, 1, 8, 1},
        {"8,sockets=2", 8, 8, 2, 1, 4, 1},
        {"8,cores=2", 8, 8, 4, 1, 2, 1},
        {"8,threads=2", 8, 8, 1, 1, 4, 2},
        {"8,sockets=2,cores=2", 8, 8, 2, 1, 2, 2},
        {"sockets=2,cores=3,threads=2", 12, 12, 2, 1, 3, 2},
        {"cores=3", 3, 3, 1, 1, 3, 1},
        {"maxcpus=4", 4, 4, 1, 1, 4, 1},
        {"8,sockets=2,dies=2,cores=2,threads=1", 8, 8, 2, 2, 2, 1},
        {"1,sockets=1,cores=1,threads=1", 1, 1, 1, 1, 1, 1},
        {"8,modules=2,cores=2", 8, 8, 2, 1, 2, 1},
        {"8,modules=2", 8, 8, 1, 1, 4, 1},
        {"8,dies=2,modules=2,cores=1", 8, 8, 2, 2, 1, 1},
        {"modules=2,cores=2", 4, 4, 1, 1, 2, 1},
        {"8,modules=3", 0, 0, 0, 0, 0, 0},
        {"4,modules=0", 0, 0, 0, 0, 0, 0},
        {"4,dies=4096,clusters=4096,modules=4096,cores=4096", 0, 0, 0, 0, 0, 0},
        {"0", 0, 0, 0, 0, 0, 0},
        {"cpus=0", 0, 0, 0, 0, 0, 0},
        {"4,threads=0", 0, 0, 0, 0, 0, 0},
        {"4,maxcpus=2", 0, 0, 0, 0, 0, 0},
        {"3,sockets=2", 0, 0, 0, 0, 0, 0},
        {"4,sockets=8", 0, 0, 0, 0, 0, 0},
        {"5000", 0, 0, 0, 0, 0, 0},
        {"4096,sockets=4096,dies=4096,cores=4096,threads=4096", 0, 0, 0, 0, 0, 0},
        {"-1", 0, 0, 0, 0, 0, 0},
        {"four", 0, 0, 0, 0, 0, 0},
        {"4,books=1", 0, 0, 0, 0, 0, 0},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autofree char *line = g_strdup_printf("-smp %s", cases[i].text);
        g_autoptr(GError) error = NULL;
        g_autoptr(VmSpec) spec = parse(line, &error);

        g_test_message("%s", line);
        if (cases[i].cpus == 0) {
            g_assert_null(spec);
            g_assert_true(g_str_has_prefix(error->message, line));
            continue;
        }
        g_assert_no_error(error);
        g_assert_cmpuint(spec->smp.cpus, ==, cases[i].cpus);
        g_assert_cmpuint(spec->smp.max_cpus, ==, cases[i].max_cpus);
        g_assert_cmpuint(spec->smp.sockets, ==, cases[i].sockets);
        g_assert_cmpuint(spec->smp.dies, ==, cases[i].dies);
        g_assert_cmpuint(spec->smp.cores, ==, cases[i].cores);
        g_assert_cmpuint(spec->smp.threads, ==, cases[i].threads);
    }
}

static void test_memory_sizes(void)
{
    static const struct {
        const char *text;
        uint64_t bytes; /* 0: an error */
    } cases[] = {
        {"512", 512 * MIB},
        {"2G", 2 * GIB},
        {"size=65536k", 64 * MIB},
        {"1.5G", 1536 * MIB},
        {"64,slots=0", 64 * MIB},
        {"64,maxmem=64M", 64 * MIB},
        {"0", 0},
        {"-5", 0},
        {"", 0},
        {"lots", 0},
        {"16E", 0},
        {"1b", 8 * KIB},
        {"65537K", 67117056},
        {"4092069k", UINT64_C(4190281728)},
        {"8E", 0},
        {"18446744073709551615b", 0},
        {"64,slots=2", 0},
        {"64,maxmem=32M", 0},
        {"64,maxmem=1G", 0},
        {"64,colour=blue", 0},
        {"99999999999999999999", 0},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        char *const argv[] = {(char *)"-m", (char *)cases[i].text};
        g_autoptr(GError) error = NULL;
        g_autoptr(VmSpec) spec = cmdline_parse(2, argv, &error);

        g_test_message("-m %s", cases[i].text);
        g_assert_true((spec != NULL) == (cases[i].bytes != 0));
        g_assert_true(!spec || spec->ram_bytes == cases[i].bytes);
    }
}

static void test_questions_are_recorded(void)
{
    static const struct {
        const char *line;
        SpecQuery query;
        const char *name;
    } cases[] = {
        {"-help", SPEC_QUERY_HELP, NULL},
        {"--help", SPEC_QUERY_HELP, NULL},
        {"-h", SPEC_QUERY_HELP, NULL},
        {"-version", SPEC_QUERY_VERSION, NULL},
        {"-M help", SPEC_QUERY_MACHINES, NULL},
        {"-machine ?", SPEC_QUERY_MACHINES, NULL},
        {"-machine q35,help", SPEC_QUERY_MACHINE_PROPS, "q35"},
        {"-cpu help", SPEC_QUERY_CPUS, NULL},
        {"-accel help", SPEC_QUERY_ACCELS, NULL},
        {"-device help", SPEC_QUERY_DEVICES, NULL},
        {"-device isa-serial,help", SPEC_QUERY_DEVICES, "isa-serial"},
        {"-object help", SPEC_QUERY_OBJECTS, NULL},
        {"-chardev help", SPEC_QUERY_CHARDEVS, NULL},
        {"-trace help", SPEC_QUERY_TRACE, NULL},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autoptr(VmSpec) spec = parse_good(cases[i].line);

        g_assert_cmpint(spec->query, ==, cases[i].query);
        g_assert_cmpstr(spec->query_name, ==, cases[i].name);
    }
}

/* Each bad line, and what its message must say besides the option. */
static void test_bad_lines_are_refused_by_name(void)
{
    static const struct {
        const char *line;
        const char *message;
    } cases[] = {
        {"-kernal x", "did you mean -kernel?"},
        {"--dispaly none", "did you mean -display?"},
        {"-xyzzy", "-help lists them"},
        {"-q", "-help lists them"},
        {"disk.img", "'disk.img' is no option"},
        {"-", "'-' is no option"},
        {"--", "there is no option '--'"},
        {"-m=512", "a word of its own"},
        {"-kernel", "argument is missing"},
        {"-kernel ", "empty"},
        {"-append x", "-kernel only"},
        {"-initrd x", "-kernel only"},
        {"-accel tcg", "KVM only"},
        {"-machine q35,accel=tcg", "KVM only"},
        {"-accel hvf", "'hvf'"},
        {"-accel kvm:tcg", "one accelerator"},
        {"-accel pmu=on", "name is missing"},
        {"-machine q35,accel=xen", "'xen'"},
        {"-cpu ", "model's name"},
        {"-drive file=x,format=qcow2", "'qcow2'"},
        {"-drive file=x,id=a -drive file=y,id=a", "called a already"},
        {"-blockdev driver=raw,node-name=n", "file= is missing"},
        {"-hda x", "IDE"},
        {"-netdev user,id=n -netdev tap,id=n", "id=n already"},
        {"-netdev vde,id=n", "dgram"},
        {"-nic bridge", "bridge"},
        {"-vga std", "only 'none'"},
        {"-display gtk", "only 'none'"},
        {"-bios x", "-kernel boots"},
        {"-usb", "USB"},
        {"-s", "debugger"},
        {"-icount 3", "real CPU"},
        {"-monitor stdio", "no human monitor"},
        {"-chardev null,id=a -mon a", "mode=control"},
        {"-mon b,mode=control", "no -chardev with id=b"},
        {"-mon mode=control", "chardev= is missing"},
        {"-chardev null,id=a -chardev null,id=a", "id=a already"},
        {"-chardev bogus,id=a", "'bogus'"},
        {"-serial chardev:x", "no -chardev with id=x"},
        {"-serial chardev:", "id is missing"},
        {"-serial vc", "'vc'"},
        {"-serial stdio -qmp stdio", "it can serve one"},
        {"-serial stdio -daemonize", "no terminal"},
        {"-device {", "not JSON"},
        {"-device {}", "driver is missing"},
        {"-device {\"driver\":5}", "'driver'"},
        {"-device id=a", "driver is missing"},
        {"-device a,id=9x", "'9x'"},
        {"-device a,id=x -device b,id=x", "id=x already"},
        {"-object secret", "id= is missing"},
        {"-object secret,id=a -object secret,id=a", "id=a already"},
        {"-global x", "driver.property=value"},
        {"-global .p=1", "driver.property=value"},
        {"-global driver=a,value=1", "driver.property=value"},
        {"-uuid 1234", "no UUID"},
        {"-rtc base=yesterday", "'yesterday'"},
        {"-rtc clock=sun", "'sun'"},
        {"-rtc tz=utc", "'tz'"},
        {"-boot colour=red", "'colour'"},
        {"-msg loud=on", "'loud'"},
        {"-msg timestamp=2", "'2'"},
        {"-name a,loud=on", "'loud'"},
        {"-sandbox obsolete=deny", "on or off"},
        {"-sandbox on,spawn=maybe", "'maybe'"},
        {"-sandbox perhaps", "'perhaps'"},
        {"-action reboot=never", "'never'"},
        {"-overcommit cpu-pm=on", "host"},
        {"-add-fd fd=1,set=0", "3 or more"},
        {"-add-fd fd=5", "set="},
        {"-fw_cfg name=a", "file= and string="},
        {"-fw_cfg file=a", "name="},
        {"-audiodev alsa,id=a", "no sound"},
        {"-watchdog-action explode", "possible are"},
        {"-dry-run=xml", "'json'"},
        {"-trace speed=9", "'speed'"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VmSpec) spec = parse(cases[i].line, &error);

        g_test_message("%s: %s", cases[i].line, error ? error->message : "accepted");
        g_assert_null(spec);
        g_assert_nonnull(strstr(error->message, cases[i].message));
        g_assert_null(strchr(error->message, '\n'));
    }
}

static void test_serial_ports_and_streams(void)
{
    g_autoptr(VmSpec) spec =
        parse_good("-chardev null,id=n -serial none -serial chardev:n -serial file:/x "
                   "-monitor none -qmp tcp:localhost:4444,server=on,wait=off");

    g_assert_cmpuint(spec->serials->len, ==, 3);
    g_assert_cmpstr(g_ptr_array_index(spec->serials, 0), ==, "");
    g_assert_cmpstr(g_ptr_array_index(spec->serials, 1), ==, "n");
    g_assert_cmpstr(g_ptr_array_index(spec->serials, 2), ==, "serial2");
    g_assert_cmpuint(spec->monitors->len, ==, 1);
    g_assert_cmpuint(spec->chardevs->len, ==, 3);
}

static void test_default_serial_follows_display_and_nodefaults(void)
{
    static const struct {
        const char *line;
        int backend; /* -1: no serial port */
    } cases[] = {
        {"-nographic", CHARDEV_STDIO},
        {"-display none", CHARDEV_NULL},
        {"-display none -nographic", CHARDEV_STDIO},
        {"-daemonize", CHARDEV_NULL},
        {"-nodefaults", -1},
        {"-nodefaults -nographic", -1},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autoptr(VmSpec) spec = parse_good(cases[i].line);

        g_assert_cmpuint(spec->serials->len, ==, cases[i].backend >= 0);
        if (cases[i].backend >= 0) {
            const ChardevConfig *config = g_ptr_array_index(spec->chardevs, 0);

            g_assert_cmpint(config->backend, ==, cases[i].backend);
        }
    }
}

static void test_actions_and_dry_run(void)
{
    g_autoptr(VmSpec) spec = parse_good(
        "-action reboot=shutdown,shutdown=pause,panic=exit-failure --dry-run=json");
    g_autoptr(VmSpec) plain = parse_good("-no-reboot -dry-run");

    g_assert_true(spec->is_no_reboot && spec->is_no_shutdown);
    g_assert_cmpint(spec->panic_action, ==, SPEC_PANIC_EXIT_FAILURE);
    g_assert_cmpint(spec->dry_run, ==, SPEC_DRY_RUN_JSON);
    g_assert_true(plain->is_no_reboot && !plain->is_no_shutdown);
    g_assert_cmpint(plain->dry_run, ==, SPEC_DRY_RUN_TABLE);
}

static void test_help_and_man_name_every_option(void)
{
    g_autofree char *help = cmdline_format_help("vpmu-system-x86_64");
    g_autofree char *man = cmdline_format_man("vpmu-system-x86_64");
    static const char *const names[] = {"-machine", "-dry-run[=table|json]", "-smp",
                                        "-qmp", "-drive"};

    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        g_assert_nonnull(strstr(help, names[i]));
    }
    g_assert_true(g_str_has_prefix(man, ".TH vpmu-system-x86_64 1\n"));
    g_assert_nonnull(strstr(man, ".B \\-smp "));
    g_assert_nonnull(strstr(man, "there are no IDE disks"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cmdline/defaults", test_empty_line_takes_defaults);
    g_test_add_func("/cmdline/libvirt-probe", test_libvirt_probe_line);
    g_test_add_func("/cmdline/libvirt-start", test_libvirt_start_line);
    g_test_add_func("/cmdline/last-wins", test_last_cpu_wins_and_machine_options_add_up);
    g_test_add_func("/cmdline/smp", test_smp_is_completed);
    g_test_add_func("/cmdline/memory", test_memory_sizes);
    g_test_add_func("/cmdline/questions", test_questions_are_recorded);
    g_test_add_func("/cmdline/bad-lines", test_bad_lines_are_refused_by_name);
    g_test_add_func("/cmdline/serial", test_serial_ports_and_streams);
    g_test_add_func("/cmdline/default-serial",
                    test_default_serial_follows_display_and_nodefaults);
    g_test_add_func("/cmdline/actions", test_actions_and_dry_run);
    g_test_add_func("/cmdline/help", test_help_and_man_name_every_option);
    return g_test_run();
}
