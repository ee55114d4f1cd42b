/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64 machines on the modelled kernel, on any machine: planned from a command line,
 * realized, saved and loaded, and the vCPU threads of one whose PMU does not cover the
 * host CPU they are on.  Results are modelled.
 */
#include <errno.h>
#include <string.h>

#include "accel/host-affinity.h"
#include "accel/host-probe.h"
#include "hw/machine-state.h"
#include "made-machine.h"
#include "resolve-case.h"
#include "system/vm/vm.h"
#include "target/saved-lists.h"
#include "util/json.h"
#include "util/state-section.h"
#include "util/state-table.h"

#define HOST      "arm-altra"
#define ELSEWHERE 4095 /* a host CPU no profile has */

static const char *const plain[] = {
    "-M",          "virt",     "-smp",           "2",
    "-m",          "64",       "-nodefaults",    "-serial",
    "chardev:out", "-chardev", "ringbuf,id=out", NULL};
static const char *const little[] = {
    "-M", "virt", "-accel", "kvm,pmu=armv8_cortex_a53", "-m", "64", "-nodefaults", NULL};

static MadeMachine *planned_on(HostProfile *host, const char *const *args)
{
    g_autoptr(GError) error = NULL;
    MadeMachine *made = made_machine_plan_on(host, NULL, args, &error);

    g_assert_no_error(error);
    return made;
}

static MadeMachine *realized_on(HostProfile *host, const char *const *args)
{
    g_autoptr(GError) error = NULL;
    MadeMachine *made = planned_on(host, args);

    made_machine_realize(made, &error);
    g_assert_no_error(error);
    return made;
}

/* Two sources, of which the first covers a CPU this process may run on. */
static HostProfile *big_little_here(void)
{
    HostProfile *host = resolve_profile("arm-rk3399");
    g_autoptr(CpuSet) allowed = host_affinity_allowed();
    unsigned here = (unsigned)cpu_set_next(allowed, 0);
    unsigned cpus[] = {here, here + 1};

    cpu_set_free(host->possible);
    host->possible = cpu_set_new();
    for (unsigned i = 0; i < ARRAY_LEN(cpus); i++) {
        PmuSource *source = &g_array_index(host->sources, PmuSource, i);

        cpu_set_free(source->cpus);
        source->cpus = cpu_set_new();
        cpu_set_add(source->cpus, cpus[i]);
        cpu_set_add(host->possible, cpus[i]);
    }
    return host;
}

/* ---- realization ---- */

/* GIC after the vCPUs, the PMU's interrupt and INIT after the GIC, then a device tree. */
static void test_machine_is_whole(void)
{
    g_autoptr(MadeMachine) made = realized_on(resolve_profile(HOST), plain);
    uint8_t fdt[4] = {0};

    g_assert_cmpuint(made->machine->vcpu_count, ==, 2);
    g_assert_nonnull(made->machine->irqchip);
    g_assert_cmpint(model_arm_pmu_type(made->model), ==, 8);
    g_assert_true(guest_memory_read(made->memory, made->plan->machine->ram[0].gpa, fdt,
                                    sizeof(fdt), NULL));
    g_assert_cmpmem(fdt, 4, "\xd0\x0d\xfe\xed", 4);
}

/* A source of some CPUs is set up from one of them, and the thread goes back. */
static void test_partial_source_is_set_up_where_it_counts(void)
{
    g_autoptr(CpuSet) before = host_affinity_allowed();
    g_autoptr(MadeMachine) made = planned_on(big_little_here(), little);
    g_autoptr(CpuSet) after = NULL;
    g_autoptr(GError) error = NULL;

    model_arm_move(made->model, MODEL_ARM_REAL_CPU);
    made_machine_realize(made, &error);
    g_assert_no_error(error);
    after = host_affinity_allowed();
    g_assert_true(cpu_set_covers(after, before));
}

static void test_fault_loop(void)
{
    for (unsigned nth = 1;; nth++) {
        g_autoptr(MadeMachine) made = planned_on(resolve_profile(HOST), plain);
        g_autoptr(GError) error = NULL;
        unsigned before = kvm_sys_uses(made->sys);

        kvm_sys_set_fault(made->sys, nth, EIO);
        if (made_machine_realize(made, &error)) {
            if (kvm_sys_uses(made->sys) < before + nth) {
                g_assert_cmpuint(nth, >, 20);
                break;
            }
            continue; /* a question that may stay unanswered */
        }
        g_assert_nonnull(error);
        g_assert_cmpuint(strlen(error->message), >, 10);
        g_assert_cmpuint(model_arm_open_fds(made->model), ==, 1);
    }
}

/* ---- the host's facts ---- */

/* Every call of a probe fails once: a profile or an error, and no descriptor stays. */
static void test_probe_faults(void)
{
    g_autoptr(HostProfile) host = resolve_profile("arm-rig-stock-linux61");
    ModelArm *model;
    g_autoptr(KvmSys) sys = model_arm_new(host, &model);
    g_autoptr(FileSys) fs = file_sys_new("/nowhere");

    for (unsigned nth = 1;; nth++) {
        unsigned before = kvm_sys_uses(sys);
        g_autoptr(GError) error = NULL;
        g_autoptr(HostProfile) found = NULL;

        kvm_sys_set_fault(sys, nth, EIO);
        found = kvm_host_profile_probe(sys, fs, &error);
        g_assert_true(found || error);
        g_assert_cmpuint(model_arm_open_fds(model), ==, 1);
        if (kvm_sys_uses(sys) < before + nth) {
            g_assert_cmpuint(nth, >, 12);
            g_assert_cmpuint(found->arm.pmu_counters, ==, host->arm.pmu_counters);
            g_assert_cmphex(found->arm.midr, ==, host->arm.midr);
            g_assert_cmpuint(found->arm.gic_version, ==, 3);
            g_assert_cmpuint(found->arm.registers->len, >, 74);
            break;
        }
    }
}

/* ---- state ---- */

static GPtrArray *saved(MadeMachine *made)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *sections = machine_save_state(made->machine, &error);

    g_assert_no_error(error);
    return sections;
}

/* vCPUs, GIC and devices: what was saved loads, and saved again is the same bytes. */
static void test_state_comes_back(void)
{
    g_autoptr(MadeMachine) from = realized_on(resolve_profile(HOST), plain);
    g_autoptr(MadeMachine) to = realized_on(resolve_profile(HOST), plain);
    g_autoptr(GPtrArray) first = NULL;
    g_autoptr(GPtrArray) second = NULL;
    g_autoptr(GError) error = NULL;
    uint64_t vbar = 0;

    g_assert_true(kvm_vcpu_set_reg(from->machine->vcpus[1], ARM64_SYS_REG(3, 0, 12, 0, 0),
                                   0xffff800010081000, NULL));
    first = saved(from);
    g_assert_true(machine_load_state(to->machine, first, &error));
    g_assert_no_error(error);
    second = saved(to);
    g_assert_cmpuint(first->len, ==, second->len);
    for (unsigned i = 0; i < first->len; i++) {
        const StateSection *a = g_ptr_array_index(first, i);
        const StateSection *b = g_ptr_array_index(second, i);

        g_assert_cmpstr(a->name, ==, b->name);
        g_assert_cmpmem(a->bytes->data, a->bytes->len, b->bytes->data, b->bytes->len);
    }
    g_assert_true(kvm_vcpu_get_reg(to->machine->vcpus[1], ARM64_SYS_REG(3, 0, 12, 0, 0),
                                   &vbar, NULL));
    g_assert_cmphex(vbar, ==, 0xffff800010081000);
}

/* Who reads a stream without the tables finds each list of registers by its name. */
static void test_lists_are_found_by_name(void)
{
    g_autoptr(GPtrArray) tables = machine_state_tables();
    unsigned lists = 0;

    for (unsigned i = 0; i < tables->len; i++) {
        const StateTable *table = g_ptr_array_index(tables, i);

        for (unsigned k = 0; k < table->row_count; k++) {
            const StateRow *row = &table->rows[k];

            g_assert_true(saved_list_find(table->name, row->name) == row->list);
            lists += row->list != NULL;
        }
    }
    g_assert_cmpuint(lists, ==, 2);
}

/* ---- KVM_EXIT_FAIL_ENTRY ---- */

typedef struct Heard {
    json_object *event; /* VPMU_CPU_UNSUPPORTED, the last one */
    char *log;
} Heard;

static void on_emit(void *opaque, json_object *event)
{
    Heard *heard = opaque;

    if (strcmp(json_object_get_string(json_object_object_get(event, "event")),
               "VPMU_CPU_UNSUPPORTED") == 0) {
        json_object_put(heard->event);
        heard->event = event;
    } else {
        json_object_put(event);
    }
}

static void on_log(void *opaque, const char *message)
{
    Heard *heard = opaque;

    g_free(heard->log);
    heard->log = g_strdup(message);
}

static Chardev *find_none(void *opaque, const char *id)
{
    (void)opaque;
    (void)id;
    return NULL;
}

static bool no_monitor(void *opaque)
{
    (void)opaque;
    return false;
}

/* Runs a guest whose threads somebody has moved, until it is told; what was heard. */
static void run_moved(const char *const *args, unsigned tries)
{
    g_autoptr(MadeMachine) made = planned_on(big_little_here(), args);
    Heard heard = {0};
    const VmHost host = {.find_chardev = find_none,
                         .emit = on_emit,
                         .log = on_log,
                         .has_monitor = no_monitor,
                         .report = made->report,
                         .opaque = &heard};
    g_autoptr(GError) error = NULL;
    g_autoptr(Vm) vm = NULL;
    json_object *data;

    model_arm_move(made->model, MODEL_ARM_REAL_CPU);
    vm = vm_realize(made->plan, made->sys, &host, &error);
    g_assert_no_error(error);
    model_arm_move(made->model, ELSEWHERE);
    g_assert_true(vm_cont(vm, &error));
    g_assert_cmpint(vm_main_loop(vm), ==, 1);
    g_assert_cmpint(vm_run_state(vm), ==, RUN_STATE_PAUSED);
    g_assert_cmpuint(model_arm_refused(made->model), ==, tries);
    g_assert_cmpuint(model_arm_entries(made->model), ==, 0);
    g_assert_nonnull(strstr(heard.log, "vCPU 0 cannot run on host CPU 4095"));
    g_assert_nonnull(strstr(heard.log, "armv8_cortex_a53"));
    data = json_object_object_get(heard.event, "data");
    g_assert_cmpint(json_object_get_int(json_object_object_get(data, "host-cpu")), ==,
                    ELSEWHERE);
    json_object_put(heard.event);
    g_free(heard.log);
}

/* T47: put back once, then paused with an event; never a loop. */
static void test_moved_thread_is_put_back_once(void)
{
    run_moved(little, 2);
}

/* pmu-affinity=off: the operator's own affair, so nothing is put back. */
static void test_moved_thread_is_told_where_affinity_is_off(void)
{
    static const char *const args[] = {
        "-M", "virt", "-accel",      "kvm,pmu=armv8_cortex_a53,pmu-affinity=off",
        "-m", "64",   "-nodefaults", NULL};

    run_moved(args, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/realize/machine-is-whole", test_machine_is_whole);
    g_test_add_func("/realize/partial-source-is-set-up-where-it-counts",
                    test_partial_source_is_set_up_where_it_counts);
    g_test_add_func("/realize/fault-loop", test_fault_loop);
    g_test_add_func("/probe/52-every-call-fails-once", test_probe_faults);
    g_test_add_func("/state/comes-back", test_state_comes_back);
    g_test_add_func("/state/lists-are-found-by-name", test_lists_are_found_by_name);
    g_test_add_func("/run/47-moved-thread-is-put-back-once",
                    test_moved_thread_is_put_back_once);
    g_test_add_func("/run/moved-thread-is-told-where-affinity-is-off",
                    test_moved_thread_is_told_where_affinity_is_off);
    return g_test_run();
}
