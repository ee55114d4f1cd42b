/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole guests through a whole stream, between two modelled kernels: PMUs that nobody
 * here has.  What this shows is modelled: the program's rows, order and stream are real,
 * the kernel is tests/model.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "accel/vcpu-state.h"
#include "hw/machine-state.h"
#include "made-machine.h"
#include "system/plan/plan-guest.h"
#include "target/x86-pmu-state.h"
#include "util/bits.h"
#include "util/json.h"
#include "util/state-section.h"

/* A machine of two vCPUs. */
static MadeMachine *side_new(const char *host, const char *cpu)
{
    const char *const args[] = {"-M",   "q35", "-cpu",        cpu,
                                "-smp", "2",   "-nodefaults", NULL};

    return made_machine_new(host, args);
}

static const CpuContract *contract_of(const MadeMachine *side)
{
    return side->plan->machine->contract;
}

static GuestDescription description_of(const MadeMachine *side)
{
    return vm_plan_describe(side->plan, side->host);
}

/* ---- a guest that used all of its PMU ---- */

static uint64_t counters_mask(const CpuContract *contract)
{
    const X86Pmu *pmu = &contract->x86.pmu;

    return bits_mask(0, pmu->gp_counters) |
           (pmu->fixed_counters ? bits_mask(0, pmu->fixed_counters) << 32 : 0);
}

/* A value the register takes and no other has. */
static uint64_t value_for(const CpuContract *contract, uint32_t index, unsigned n)
{
    bool metrics = x86_contract_has(contract, X86_PERF_METRICS);

    switch (index) {
    case 0x38f: /* all of them, and the metrics: bit 48 */
        return counters_mask(contract) | (metrics ? BIT64(48) : 0);
    case 0x38e:
        return 5;
    case 0x38d:
        return 0x3 | 0xb0;
    case 0x3f1:
        return 3;
    case 0x3f2:
        return 0x0200000f;
    case 0x600:
        return 0xffff888000001000;
    case 0x329:
        return 0x40404040;
    case 0xc0000300:
        return 1;
    case 0xc0000301:
        return bits_mask(0, contract->x86.pmu.gp_counters);
    default:
        return (index >= 0x186 && index < 0x198) ||
                       (index >= 0xc0010000 && index < 0xc0010004) ||
                       (index >= 0xc0010200 && index < 0xc001020c && !(index & 1))
                   ? 0x4300c0 + (n << 8 & 0xff00)
                   : 0x1000 + 16 * n;
    }
}

/* As the guest would have left it: every PMU register other than after a reset. */
static void use_pmu(MadeMachine *side)
{
    X86Msr msrs[X86_PMU_STATE_MAX];
    const CpuContract *contract = contract_of(side);
    unsigned count = x86_pmu_state_list(contract, msrs);

    g_assert_cmpuint(count, >, 0);
    for (unsigned cpu = 0; cpu < side->machine->vcpu_count; cpu++) {
        KvmMsr all[X86_PMU_STATE_MAX];
        struct kvm_regs regs = {.rip = 0x100000 + cpu, .rax = 0xa0 + cpu, .rflags = 2};
        g_autoptr(GError) error = NULL;

        for (unsigned i = 0; i < count; i++) {
            uint64_t value = value_for(contract, msrs[i].index, i + 64 * cpu);

            all[i] = (KvmMsr){msrs[i].index, value, "test"};
        }
        g_assert_true(kvm_vcpu_set_msrs(side->machine->vcpus[cpu], all, count, &error));
        g_assert_no_error(error);
        g_assert_true(kvm_vcpu_set_regs(side->machine->vcpus[cpu], &regs, &error));
    }
}

/* Asked of the kernel, not of what was saved. */
static void check_pmu(const MadeMachine *side)
{
    X86Msr msrs[X86_PMU_STATE_MAX];
    const CpuContract *contract = contract_of(side);
    unsigned count = x86_pmu_state_list(contract, msrs);

    for (unsigned cpu = 0; cpu < side->machine->vcpu_count; cpu++) {
        for (unsigned i = 0; i < count; i++) {
            KvmMsr msr = {msrs[i].index, 0, "test"};

            g_assert_true(kvm_vcpu_get_msrs(side->machine->vcpus[cpu], &msr, 1, NULL));
            g_assert_cmphex(msr.value, ==, value_for(contract, msr.index, i + 64 * cpu));
        }
    }
}

/* ---- the stream ---- */

static Stream *send(MadeMachine *side, GPtrArray *sections)
{
    const GuestDescription own = description_of(side);
    g_autoptr(Handshake) handshake = handshake_new(&own, false);
    int fd = memfd_create("stream", MFD_CLOEXEC);
    g_autoptr(Stream) stream = stream_new(dup(fd), -1);

    g_assert_true(handshake_send(stream, handshake, NULL));
    for (unsigned i = 0; i < sections->len; i++) {
        g_autoptr(GByteArray) payload =
            state_section_encode(g_ptr_array_index(sections, i));

        g_assert_true(
            stream_write(stream, STREAM_STATE, payload->data, payload->len, NULL));
    }
    g_assert_true(stream_write(stream, STREAM_END, NULL, 0, NULL));
    g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
    return stream_new(fd, -1);
}

/* Judges and loads; the verdict, with @report. */
static bool arrive(MadeMachine *side, Stream *stream, Report *report)
{
    const GuestDescription own = description_of(side);
    g_autoptr(GByteArray) payload = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(Handshake) handshake = handshake_receive(stream, payload, &error);
    g_autoptr(CpuContract) guest =
        handshake ? handshake_judge(handshake, &own, report, &error) : NULL;
    g_autoptr(GPtrArray) sections =
        g_ptr_array_new_with_free_func((GDestroyNotify)state_section_free);
    bool ok;

    g_assert_no_error(error);
    if (report_count(report, FINDING_ERROR)) {
        return false;
    }
    while (stream_read(stream, payload, "state", &error) == STREAM_STATE) {
        g_ptr_array_add(sections,
                        state_section_decode(payload->data, payload->len, &error));
        g_assert_no_error(error);
    }
    g_assert_no_error(error);
    model_kvm_clear_uses(side->model);
    ok = machine_load_state(side->machine, sections, &error);
    g_assert_no_error(error);
    return ok;
}

/* A section as name -> value, for messages that name the row. */
static json_object *rows_of(const StateSection *section, const CpuContract *contract)
{
    g_autoptr(GPtrArray) tables = machine_state_tables();

    for (unsigned i = 0; i < tables->len; i++) {
        StateTable table = *(const StateTable *)g_ptr_array_index(tables, i);
        g_autofree void *object = NULL;
        json_object *rows;

        if (strcmp(table.name, section->name) != 0) {
            continue;
        }
        object = g_malloc0(table.size);
        table.post_load = NULL; /* it needs a device that exists */
        g_assert_true(state_table_load(&table, object, contract, section->bytes->data,
                                       section->bytes->len, NULL));
        rows = state_table_dump(&table, object, contract);
        state_table_clear(&table, object);
        return rows;
    }
    g_assert_not_reached();
}

/* The one row that goes on with the time. */
static bool is_time(const char *section, const char *row)
{
    return strcmp(section, "acpi-pm") == 0 && strcmp(row, "timer-us") == 0;
}

static void compare(const GPtrArray *before, const GPtrArray *after,
                    const CpuContract *contract)
{
    g_assert_cmpuint(before->len, ==, after->len);
    for (unsigned i = 0; i < before->len; i++) {
        const StateSection *one = g_ptr_array_index(before, i);
        const StateSection *two = g_ptr_array_index(after, i);
        g_autojson *rows = rows_of(one, contract);
        g_autojson *again = rows_of(two, contract);

        g_assert_cmpstr(one->name, ==, two->name);
        g_assert_cmpuint(one->instance, ==, two->instance);
        json_object_object_foreach(rows, name, value)
        {
            json_object *other = NULL;

            g_assert_true(json_object_object_get_ex(again, name, &other));
            if (!json_object_equal(value, other) && !is_time(one->name, name)) {
                g_error("%s.%u %s: %s became %s", one->name, one->instance, name,
                        json_object_get_string(value), json_object_get_string(other));
            }
        }
        g_assert_cmpuint(json_object_object_length(rows), ==,
                         json_object_object_length(again));
    }
}

/* ---- order ---- */

/* Place of the first, or last, write of an MSR; -1 where there is none. */
static int place_of(const GArray *uses, uint32_t index, bool last)
{
    int place = -1;

    for (unsigned i = 0; i < uses->len && (last || place < 0); i++) {
        const ModelMsrUse *use = &g_array_index(uses, ModelMsrUse, i);

        g_assert_false(use->is_refused && use->is_write);
        if (use->is_write && use->index == index) {
            place = (int)i;
        }
    }
    return place;
}

static uint64_t written(const GArray *uses, int place)
{
    return g_array_index(uses, ModelMsrUse, place).value;
}

/* What can count is stopped before any counter is written, and started after all. */
static void check_order(const MadeMachine *side)
{
    const CpuContract *contract = contract_of(side);
    const GArray *uses = model_kvm_uses(side->model);
    const X86MsrRow *stops = NULL;

    for (unsigned i = 0; i < x86_pmu_msr_row_count; i++) {
        if (x86_pmu_msr_rows[i].is_stopped_first &&
            x86_pmu_msr_count(&x86_pmu_msr_rows[i], contract)) {
            stops = &x86_pmu_msr_rows[i];
            g_assert_cmphex(written(uses, place_of(uses, stops->index, false)), ==, 0);
            g_assert_cmphex(written(uses, place_of(uses, stops->index, true)), !=, 0);
        }
    }
    g_assert_nonnull(stops);
    for (unsigned i = 0; i < x86_pmu_msr_row_count; i++) {
        const X86MsrRow *row = &x86_pmu_msr_rows[i];
        bool is_counter =
            row->phase == X86_MSR_PHASE_FIXED || row->phase == X86_MSR_PHASE_COUNTER;

        for (unsigned k = 0; is_counter && k < x86_pmu_msr_count(row, contract); k++) {
            uint32_t index = row->index + k * row->stride;

            g_assert_cmpint(place_of(uses, index, false), >,
                            place_of(uses, stops->index, false));
            g_assert_cmpint(place_of(uses, index, true), <,
                            place_of(uses, stops->index, true));
        }
    }
    if (x86_contract_has(contract, X86_PERF_METRICS)) {
        int enable = place_of(uses, 0x38f, true);

        g_assert_cmpint(place_of(uses, 0x329, true), >, place_of(uses, 0x30c, true));
        g_assert_true(written(uses, enable) & BIT64(48));
    }
}

/* ---- tests ---- */

typedef struct Case {
    const char *name, *host, *cpu;
    uint32_t needs; /* an MSR that makes the case what it is */
} Case;

static const Case cases[] = {
    {"architectural", "intel-icelake-sp", "host,pebs-fmt=off", 0x38f},
    {"pebs-4", "intel-icelake-sp", "host,pebs-fmt=4", 0x600},
    {"pebs-5", "intel-sapphirerapids", "host,pebs-fmt=5", 0x3f1},
    {"lbr", "intel-icelake-sp", "host,lbr-fmt=host,pebs-fmt=off", 0x680},
    {"pebs-and-lbr", "intel-icelake-sp", "host,lbr-fmt=host,pebs-fmt=host", 0xdc0},
    {"perf-metrics", "intel-sapphirerapids-topdown", "host", 0x329},
    {"amd-k7", "amd-zen4-genoa", "host,perfctr-core=off", 0xc0010004},
    {"amd-core", "amd-zen3-milan", "host", 0xc0010200},
    {"amd-perfmon-v2", "amd-zen4-genoa", "host", 0xc0000301},
};

static void test_round_trip(gconstpointer data)
{
    const Case *c = data;
    g_autoptr(MadeMachine) source = side_new(c->host, c->cpu);
    g_autoptr(MadeMachine) target = side_new(c->host, c->cpu);
    g_autoptr(GPtrArray) before = NULL, after = NULL;
    g_autoptr(Stream) stream = NULL;
    g_autoptr(Report) report = report_new();
    g_autoptr(GError) error = NULL;

    g_assert_nonnull(x86_pmu_msr_row(contract_of(source), c->needs));
    use_pmu(source);
    before = machine_save_state(source->machine, &error);
    g_assert_no_error(error);
    stream = send(source, before);
    g_assert_true(arrive(target, stream, report));
    check_order(target);
    check_pmu(target);
    after = machine_save_state(target->machine, &error);
    g_assert_no_error(error);
    compare(before, after, contract_of(source));
}

/* Judged before any state: the other modelled kernel is asked to take nothing. */
static void test_refused_before_state(void)
{
    g_autoptr(MadeMachine) source = side_new("intel-sapphirerapids", "host,pebs-fmt=5");
    g_autoptr(MadeMachine) target = side_new("intel-icelake-sp", "host,pebs-fmt=4");
    g_autoptr(GPtrArray) sections = NULL;
    g_autoptr(Stream) stream = NULL;
    g_autoptr(Report) report = report_new();
    g_autoptr(GError) error = NULL;
    const Finding *finding;

    use_pmu(source);
    sections = machine_save_state(source->machine, &error);
    g_assert_no_error(error);
    stream = send(source, sections);
    model_kvm_clear_uses(target->model);
    g_assert_false(arrive(target, stream, report));
    g_assert_cmpuint(model_kvm_uses(target->model)->len, ==, 0);
    finding = report_find(report, "pebs-fmt");
    g_assert_cmpstr(finding->asked, ==, "5");
    g_assert_cmpstr(finding->offered, ==, "4");
    g_assert_cmpstr(finding->code, ==, "pebs-format-differs");
}

/* What an older program did not save stays as after a reset; all else is as it was. */
static void test_register_of_a_newer_program(void)
{
    g_autoptr(MadeMachine) source = side_new("intel-icelake-sp", "host,pebs-fmt=4");
    g_autoptr(MadeMachine) target = side_new("intel-icelake-sp", "host,pebs-fmt=4");
    const StateTable *table = kvm_vcpu_state_table();
    const CpuContract *contract = contract_of(source);
    g_autoptr(GPtrArray) sections = NULL;
    g_autoptr(Stream) stream = NULL;
    g_autoptr(Report) report = report_new();
    KvmMsr ds = {0x600, 1, "test"}, enable = {0x3f1, 0, "test"};
    X86Msr msrs[X86_PMU_STATE_MAX];

    g_assert_cmpuint(x86_pmu_state_list(contract, msrs), >, 1);
    g_assert_cmphex(msrs[0].index, ==, ds.index);
    use_pmu(source);
    sections = machine_save_state(source->machine, NULL);
    for (unsigned i = 0; i < source->machine->vcpu_count; i++) {
        StateSection *section = g_ptr_array_index(sections, i);
        g_autofree void *state = g_malloc0(table->size);
        GByteArray *list = NULL;

        g_assert_true(state_table_load(table, state, contract, section->bytes->data,
                                       section->bytes->len, NULL));
        for (unsigned k = 0; k < table->row_count; k++) {
            if (strcmp(table->rows[k].name, "pmu-msrs") == 0) {
                list = *(GByteArray **)((char *)state + table->rows[k].offset);
            }
        }
        g_byte_array_remove_range(list, 0, 12); /* the first: DS_AREA */
        g_byte_array_set_size(section->bytes, 0);
        state_table_save(table, state, contract, section->bytes);
        state_table_clear(table, state);
    }
    stream = send(source, sections);
    g_assert_true(arrive(target, stream, report));
    g_assert_true(kvm_vcpu_get_msrs(target->machine->vcpus[0], &ds, 1, NULL));
    g_assert_true(kvm_vcpu_get_msrs(target->machine->vcpus[0], &enable, 1, NULL));
    g_assert_cmphex(ds.value, ==, 0);
    g_assert_cmphex(enable.value, ==, value_for(contract, 0x3f1, 1));
}

static int door_open(void *opaque, const char *path)
{
    (void)opaque;
    (void)path;
    return 1000;
}

/* A kernel that has no capability. */
static int door_ioctl(void *opaque, int fd, unsigned long request, void *arg)
{
    (void)opaque;
    (void)fd;
    (void)arg;
    return request == KVM_GET_API_VERSION ? 12 : 0;
}

static int door_close(void *opaque, int fd)
{
    (void)opaque;
    (void)fd;
    return 0;
}

/* What would only fail with the guest stopped is known before. */
static void test_nested_guest_is_blocked_where_kvm_is_silent(void)
{
    static const KvmSysOps silent = {
        .open = door_open, .ioctl = door_ioctl, .close = door_close};
    g_autoptr(KvmSys) without = kvm_sys_new(&silent, NULL, NULL);
    g_autoptr(MadeMachine) side = side_new("intel-icelake-sp", "host");
    CpuContract *contract = side->plan->machine->contract;
    const X86FeatureRow *vmx = &x86_feature_rows[X86_VMX];

    contract->x86.words[vmx->word] &= ~vmx->mask;
    g_assert_null(kvm_vcpu_state_blocker(without, contract));
    contract->x86.words[vmx->word] |= vmx->mask;
    g_assert_nonnull(kvm_vcpu_state_blocker(without, contract));
    g_assert_null(kvm_vcpu_state_blocker(side->sys, contract));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autofree char *path =
            g_strconcat("/model-stream/modelled/round-trip/", cases[i].name, NULL);

        g_test_add_data_func(path, &cases[i], test_round_trip);
    }
    g_test_add_func("/model-stream/nested-guest-is-blocked-where-kvm-is-silent",
                    test_nested_guest_is_blocked_where_kvm_is_silent);
    g_test_add_func("/model-stream/modelled/refused-before-state",
                    test_refused_before_state);
    g_test_add_func("/model-stream/modelled/register-of-a-newer-program",
                    test_register_of_a_newer_program);
    return g_test_run();
}
