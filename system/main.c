/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The monitor, in the order it happens: command line, host, plan, streams and monitors,
 * Vm, main loop; freed in reverse.  Errors travel here and are printed once.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "accel/host-probe.h"
#include "backends.h"
#include "daemonize.h"
#include "escape.h"
#include "migration/session.h"
#include "migration/transport.h"
#include "sandbox.h"
#include "system/cmdline/cmdline.h"
#include "system/cmdline/options.h"
#include "system/plan/start-files.h"
#include "system/plan/types.h"
#include "system/qmp/migration-guest.h"
#include "system/qmp/monitors.h"
#include "system/qmp/program.h"
#include "trace.h"
#include "util/error.h"
#include "util/json.h"
#include "util/number.h"

#define PROFILE_BYTES_MAX (16 * 1024 * 1024)
/* Of one vCPU, a serial port and a monitor with its client, twice over. */
#define DESCRIPTORS_MIN 32

static void print_message(const Program *program, const char *level, const char *text)
{
    if (program->spec && program->spec->is_timestamps) {
        g_autoptr(GDateTime) now = g_date_time_new_now_utc();
        g_autofree char *stamp = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S.%fZ ");

        fputs(stamp, stderr);
    }
    fprintf(stderr, "%s: %s%s\n", program->name, level, text);
}

/* The warnings from finding @first on. */
static void print_findings(const Program *program, unsigned first)
{
    for (unsigned i = first; i < report_size(program->report); i++) {
        const Finding *finding = report_get(program->report, i);

        if (finding->level == FINDING_WARNING) {
            g_autofree char *line = finding_format(finding);

            print_message(program, "warning: ", line);
        }
    }
}

/* ---- the host ---- */

static HostProfile *read_profile(const char *path, GError **errp)
{
    g_autoptr(FileSys) fs = file_sys_new("");
    size_t len;
    g_autofree char *text = file_read(fs, path, PROFILE_BYTES_MAX, &len, errp);
    g_autojson *json = text ? json_parse(text, (gssize)len, errp) : NULL;
    HostProfile *host = json ? host_profile_parse(json, errp) : NULL;

    if (!host) {
        g_prefix_error(errp, "-accel kvm,host-profile=%s: ", path);
    }
    return host;
}

static bool probe_live(Program *program, const KvmAccel *accel, GError **errp)
{
    g_autoptr(FileSys) fs = file_sys_new("");

    program->sys = kvm_sys_new_real(accel->device ? accel->device : "/dev/kvm", errp);
    if (!program->sys) {
        return false;
    }
    trace_attach(program->trace, program->sys);
    program->host = kvm_host_profile_probe(program->sys, fs, errp);
    return program->host;
}

/* The machine "none" answers questions on hosts without KVM, too. */
static bool is_probe_only(const Program *program)
{
    return g_strcmp0(program->spec->machine, "none") == 0;
}

static bool find_host(Program *program, GError **errp)
{
    KvmAccel *accel = vm_plan_accel(program->spec, program->registry, errp);
    g_autoptr(Object) guard = (Object *)accel;

    if (!guard) {
        return false;
    }
    if (accel->host_profile) {
        program->host = read_profile(accel->host_profile, errp);
        return program->host;
    }
    if (is_probe_only(program)) {
        g_autoptr(GError) cause = NULL;

        if (!probe_live(program, accel, &cause)) {
            program->no_kvm = g_strdup(cause->message);
        }
        return true;
    }
    return probe_live(program, accel, errp);
}

/* ---- what the Vm tells ---- */

static void vm_emits(void *opaque, json_object *event)
{
    const Program *program = opaque;

    monitors_emit(program->monitors, event);
}

static void vm_logs(void *opaque, const char *message)
{
    print_message(opaque, "", message);
}

static bool vm_has_monitor(void *opaque)
{
    const Program *program = opaque;

    return program->spec->monitors->len > 0;
}

/* ---- the steps ---- */

/* -only-migratable */
static void judge_migratable(Program *program)
{
    g_autoptr(GPtrArray) blockers = program_list_blockers(program);

    for (unsigned i = 0; i < blockers->len; i++) {
        report_add(program->report,
                   &(Finding){.level = FINDING_ERROR,
                              .row = "-only-migratable",
                              .cause = g_ptr_array_index(blockers, i),
                              .remedy = "leave that out, or -only-migratable"});
    }
}

/* Says what was asked before @error, where that does not say it itself. */
static void say_incoming(const char *uri, GError *error, GError **errp)
{
    bool is_named = strstr(error->message, uri); /* as in most errors */

    g_prefix_error(&error, "-incoming %s%s", is_named ? "" : uri, is_named ? "" : ": ");
    g_propagate_error(errp, error);
}

/* The address alone; what is there is seen when it is opened. */
static bool judge_incoming(const char *uri, GError **errp)
{
    GError *error = NULL;
    g_autoptr(Transport) transport = NULL;

    if (!uri || strcmp(uri, "defer") == 0) {
        return true;
    }
    transport = transport_parse(uri, &error);
    if (!transport) {
        say_incoming(uri, error, errp);
    }
    return transport;
}

/* The streams that devices name; the devices themselves look for them at a start only. */
static bool judge_chardevs(const VmSpec *spec, GError **errp)
{
    for (unsigned i = 0; i < spec->devices->len; i++) {
        const SpecItem *item = g_ptr_array_index(spec->devices, i);
        json_object *member = NULL;
        const char *id;

        if (item->json) {
            json_object_object_get_ex(item->json, "chardev", &member);
        }
        id = item->keyvals ? keyval_get(item->keyvals, "chardev")
                           : json_object_get_string(member);
        if (id && !spec_has_chardev(spec, id)) {
            error_set(errp, "%s: there is no -chardev with id=%s", item->text, id);
            return false;
        }
    }
    return true;
}

/* What a start judges before it does anything, a dry run judges too. */
static bool make_plan(Program *program, GError **errp)
{
    if (!judge_incoming(program->spec->incoming, errp)) {
        return false;
    }
    program->report = report_new();
    program->plan = vm_plan_resolve(program->spec, program->registry, program->host,
                                    program->report, errp);
    if (!program->plan || !judge_chardevs(program->spec, errp)) {
        return false;
    }
    if (program->spec->is_only_migratable) {
        judge_migratable(program);
    }
    return true;
}

/* For an answer that is all the program was asked for: a reader that has seen enough
 * (`| head`) ends it quietly. */
static bool print_answer(const char *text, GError **errp)
{
    signal(SIGPIPE, SIG_DFL);
    if (fputs(text, stdout) < 0 || fflush(stdout)) {
        error_set_errno(errp, errno, "cannot write to standard output");
        return false;
    }
    return true;
}

/* Returns the exit status, or -1 with an error. */
static int print_plan(const Program *program, GError **errp)
{
    g_autofree char *text = NULL;

    /* A plan for another host is about files of that one. */
    if (program->sys && (!vm_images_check(program->plan, errp) ||
                         !start_files_check(program->spec, errp))) {
        return -1;
    }
    if (program->spec->dry_run == SPEC_DRY_RUN_JSON) {
        g_autojson *json = vm_plan_to_json(program->plan, program->report);
        g_autofree char *pretty = json_format_pretty(json);

        text = g_strconcat(pretty, "\n", NULL);
    } else {
        text = vm_plan_format(program->plan, program->report);
    }
    if (!print_answer(text, errp)) {
        return -1;
    }
    return report_count(program->report, FINDING_ERROR) == 0 ? 0 : 1;
}

/* -incoming */
static bool begin_incoming(Program *program, GError **errp)
{
    const char *uri = program->spec->incoming;
    GError *error = NULL;
    int fd = -1;

    migration_expect(program->migration);
    migration_set_autostart(program->migration, !program->spec->is_start_paused);
    if (strcmp(uri, "defer") == 0) {
        return true;
    }
    if (g_str_has_prefix(uri, "fd:")) {
        fd = program_inherited_fd(program, uri + strlen("fd:"));
        if (fd < 0) {
            error_set(errp,
                      "-incoming %s: the number of a descriptor that was inherited "
                      "and has no other use is expected",
                      uri);
            return false;
        }
    }
    if (!migration_start_in(program->migration, uri, fd, true, &error)) {
        say_incoming(uri, error, errp);
        return false;
    }
    return true;
}

/* What only the host's KVM shows is judged and said like the plan's findings. */
static bool realize_vm(Program *program, GError **errp)
{
    unsigned planned = report_size(program->report);

    program->vm = vm_realize(program->plan, program->sys, &program->vm_host, errp);
    if (!program->vm) {
        return false;
    }
    if (program->plan->cpu) {
        cpu_judge_found(program->plan->cpu, program->found, program->report);
    }
    print_findings(program, planned);
    return report_to_error(program->report, errp);
}

/* Returns the exit status, or -1 with an error. */
static int run_vm(Program *program, int ready_fd, GError **errp)
{
    bool is_paused = program->spec->is_start_paused || is_probe_only(program);

    program->found = report_new();
    program->vm_host = (VmHost){.emit = vm_emits,
                                .log = vm_logs,
                                .has_monitor = vm_has_monitor,
                                .report = program->found,
                                .opaque = program};
    if (!backends_open(program, errp) || !realize_vm(program, errp)) {
        return -1;
    }
    program->monitors = monitors_new(program, errp);
    if (!program->monitors) {
        return -1;
    }
    program->guest = program_guest(program);
    program->migration = migration_new(&program->guest);
    escape_attach(program);
    if (program->spec->pidfile) {
        program->pidfile = pidfile_write(program->spec->pidfile, errp);
        if (program->pidfile < 0) {
            return -1;
        }
    }
    if (!sandbox_enter(program->spec->sandbox, errp)) {
        return -1;
    }
    if (program->spec->incoming ? !begin_incoming(program, errp)
                                : !is_paused && !vm_cont(program->vm, errp)) {
        return -1;
    }
    if (ready_fd >= 0) {
        daemonize_done(ready_fd);
    }
    return vm_main_loop(program->vm);
}

/* GLib ends a program whose main loop cannot have its descriptors. */
static bool check_descriptors(GError **errp)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < DESCRIPTORS_MIN) {
        error_set(errp,
                  "the limit of open files is %u, at least %d are needed (ulimit -n)",
                  (unsigned)limit.rlim_cur, DESCRIPTORS_MIN);
        return false;
    }
    return true;
}

static int start(Program *program, GError **errp)
{
    DaemonSide side = {.ready_fd = -1};

    if (!program->sys && !is_probe_only(program)) {
        error_set(errp,
                  "-accel kvm,host-profile=%s: a recorded host is for --dry-run; "
                  "nothing can run on it",
                  program->plan->accel->host_profile);
        return -1;
    }
    if (program->spec->is_daemonize) {
        if (!daemonize_begin(&side, errp)) {
            return -1;
        }
        if (side.is_parent) {
            return side.status;
        }
    }
    return run_vm(program, side.ready_fd, errp);
}

/* Returns the exit status, or -1 with an error. */
static int run(Program *program, int argc, char **argv, GError **errp)
{
    program->spec = cmdline_parse(argc - 1, argv + 1, errp);
    if (!program->spec) {
        return -1;
    }
    if (program->spec->query != SPEC_QUERY_NONE) {
        g_autofree char *answer = program_answer_query(program, errp);

        return answer && print_answer(answer, errp) ? 0 : -1;
    }
    if (!check_descriptors(errp)) {
        return -1;
    }
    program->trace = trace_new(program->spec, errp);
    if (!program->trace || !find_host(program, errp) || !make_plan(program, errp)) {
        return -1;
    }
    if (program->spec->dry_run != SPEC_DRY_RUN_NONE) {
        return print_plan(program, errp);
    }
    print_findings(program, 0);
    return report_to_error(program->report, errp) ? start(program, errp) : -1;
}

static void program_clear(Program *program)
{
    g_clear_pointer(&program->migration, migration_free);
    g_clear_pointer(&program->vm, vm_free);
    g_clear_pointer(&program->monitors, monitors_free);
    backends_close(program);
    g_clear_pointer(&program->escapes, g_array_unref);
    g_clear_pointer(&program->plan, vm_plan_free);
    g_clear_pointer(&program->report, report_free);
    g_clear_pointer(&program->found, report_free);
    g_clear_pointer(&program->host, host_profile_free);
    g_clear_pointer(&program->sys, kvm_sys_free);
    g_clear_pointer(&program->trace, trace_free);
    g_clear_pointer(&program->registry, type_registry_free);
    if (program->pidfile >= 0) {
        unlink(program->spec->pidfile);
        close(program->pidfile);
    }
    g_clear_pointer(&program->spec, vm_spec_free);
    g_free(program->no_kvm);
}

int main(int argc, char **argv)
{
    Program program = {.name = argv[0], .pidfile = -1};
    g_autoptr(GError) error = NULL;
    int status;

    /* What would end the guest is an error of the write that caused it. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    program.registry = type_registry_new();
    vm_types_register(program.registry);
    backends_init(&program);
    status = run(&program, argc, argv, &error);
    if (status < 0) {
        print_message(&program, "", error->message);
        status = EXIT_FAILURE;
    }
    program_clear(&program);
    return status;
}
