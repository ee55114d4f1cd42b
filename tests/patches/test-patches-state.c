/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State of patches/qemu against a model of KVM: which MSRs are touched, in which order,
 * and that what was read is what is written.
 */
#include "qemu/osdep.h"

#include "qemu/error-report.h"
#include "system/kvm.h"
#include "vpmu-msrs.h"
#include "vpmu-state.h"
#include <linux/kvm.h>

/* The model: MSRs by the order of their use, values by number, one that is refused. */
static struct {
    GArray *order;
    GHashTable *values;
    uint32_t refused;
    unsigned calls;
    unsigned fixed;
} kvm;

int kvm_vcpu_ioctl(CPUState *cpu, unsigned long type, ...)
{
    struct kvm_msrs *msrs;
    va_list args;

    va_start(args, type);
    msrs = va_arg(args, struct kvm_msrs *);
    va_end(args);
    kvm.calls++;
    g_assert_cmpuint(msrs->nmsrs, <, 256);
    for (unsigned i = 0; i < msrs->nmsrs; i++) {
        struct kvm_msr_entry *entry = &msrs->entries[i];
        gpointer key = GUINT_TO_POINTER(entry->index);

        if (entry->index == kvm.refused) {
            return i;
        }
        g_array_append_val(kvm.order, entry->index);
        if (type == KVM_SET_MSRS) {
            g_hash_table_insert(kvm.values, key, GSIZE_TO_POINTER(entry->data));
        } else {
            entry->data = GPOINTER_TO_SIZE(g_hash_table_lookup(kvm.values, key));
        }
    }
    return msrs->nmsrs;
}

void cpu_x86_cpuid(CPUX86State *env, uint32_t index, uint32_t count, uint32_t *eax,
                   uint32_t *ebx, uint32_t *ecx, uint32_t *edx)
{
    *eax = kvm.fixed ? 2 : 0;
    *ebx = *ecx = 0;
    *edx = kvm.fixed;
}

static void model_reset(uint32_t refused, unsigned fixed)
{
    if (kvm.order) {
        g_array_free(kvm.order, true);
        g_hash_table_destroy(kvm.values);
    }
    kvm.order = g_array_new(false, false, sizeof(uint32_t));
    kvm.values = g_hash_table_new(NULL, NULL);
    kvm.refused = refused;
    kvm.calls = 0;
    kvm.fixed = fixed;
}

static X86CPU *guest(uint64_t capabilities)
{
    X86CPU *cpu = g_new0(X86CPU, 1);

    cpu->enable_pmu = true;
    cpu->env.features[FEAT_PERF_CAPABILITIES] = capabilities;
    return cpu;
}

static int place(uint32_t index)
{
    for (unsigned i = 0; i < kvm.order->len; i++) {
        if (g_array_index(kvm.order, uint32_t, i) == index) {
            return i;
        }
    }
    return -1;
}

static void guests_without_features_touch_nothing(void)
{
    g_autofree X86CPU *plain = guest(0x2000);
    g_autofree X86CPU *off = guest(0x25c5);

    off->enable_pmu = false;
    model_reset(0, 3);
    g_assert_cmpint(x86_vpmu_put_msrs(plain, KVM_PUT_FULL_STATE), ==, 0);
    g_assert_cmpint(x86_vpmu_get_msrs(plain), ==, 0);
    g_assert_cmpint(x86_vpmu_put_msrs(off, KVM_PUT_FULL_STATE), ==, 0);
    g_assert_cmpuint(kvm.calls, ==, 0);
    g_assert_false(vmstate_x86_vpmu_pebs.needed(plain));
    g_assert_false(vmstate_x86_vpmu_metrics.needed(plain));
    g_assert_false(vmstate_x86_vpmu_lbr.needed(off));
}

static void runs_do_not_write(void)
{
    g_autofree X86CPU *cpu = guest(0x25c0);

    model_reset(0, 3);
    g_assert_cmpint(x86_vpmu_put_msrs(cpu, KVM_PUT_RUNTIME_STATE), ==, 0);
    g_assert_cmpuint(kvm.calls, ==, 0);
}

static void pebs_has_its_registers(void)
{
    g_autofree X86CPU *plain = guest(0x25c0);
    g_autofree X86CPU *adaptive = guest(0x65c0);

    model_reset(0, 3);
    g_assert_cmpint(x86_vpmu_put_msrs(plain, KVM_PUT_RESET_STATE), ==, 0);
    g_assert_cmpuint(kvm.order->len, ==, 2);
    g_assert_cmpint(place(0x600), ==, 0);
    g_assert_cmpint(place(0x3f1), ==, 1);
    g_assert_true(vmstate_x86_vpmu_pebs.needed(plain));

    g_assert_cmpint(x86_vpmu_put_msrs(adaptive, KVM_PUT_RESET_STATE), ==, 0);
    g_assert_cmpint(place(0x3f2), ==, 4);
}

static void metrics_come_after_fixed_counter_3(void)
{
    g_autofree X86CPU *cpu = guest(0xa000);

    model_reset(0, 4);
    g_assert_cmpint(x86_vpmu_put_msrs(cpu, KVM_PUT_FULL_STATE), ==, 0);
    g_assert_cmpint(place(0x30c), ==, 0);
    g_assert_cmpint(place(0x329), ==, 1);
    g_assert_cmpuint(kvm.order->len, ==, 2);
}

static void more_fixed_counters_than_there_are_places(void)
{
    g_autofree X86CPU *cpu = guest(0x2000);

    model_reset(0, 16);
    g_assert_cmpint(x86_vpmu_put_msrs(cpu, KVM_PUT_FULL_STATE), ==, 0);
    g_assert_cmpuint(kvm.order->len, ==, 4);
}

static void lbr_has_as_many_entries_as_its_format(void)
{
    static const struct {
        uint64_t format;
        unsigned registers;
    } cases[] = {{4, 2 * 16 + 3}, {5, 3 * 32 + 3}, {6, 3 * 32 + 3}};

    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        g_autofree X86CPU *cpu = guest(cases[i].format);

        model_reset(0, 3);
        g_assert_cmpint(x86_vpmu_put_msrs(cpu, KVM_PUT_FULL_STATE), ==, 0);
        g_assert_cmpuint(kvm.order->len, ==, cases[i].registers);
        g_assert_cmpint(place(0x1d9), ==, cases[i].registers - 1);
    }
}

/* All features; every register its own value; saved, reset and loaded again. */
static void what_is_read_is_what_was_written(void)
{
    g_autofree X86CPU *cpu = guest(0xe5c5);
    size_t first = offsetof(CPUX86State, msr_ds_area);
    size_t size = sizeof(CPUX86State) - first;
    uint64_t *values = (uint64_t *)((char *)&cpu->env + first);
    g_autofree uint64_t *before = g_malloc(size);

    for (unsigned i = 0; i < size / 8; i++) {
        values[i] = 0x1000 + i;
    }
    cpu->env.msr_fixed_more[1] = cpu->env.msr_fixed_more[2] = cpu->env.msr_fixed_more[3] =
        0;
    memcpy(before, values, size);
    model_reset(0, 4);
    g_assert_cmpint(x86_vpmu_put_msrs(cpu, KVM_PUT_FULL_STATE), ==, 0);
    memset(values, 0, size);
    g_assert_cmpint(x86_vpmu_get_msrs(cpu), ==, 0);
    g_assert_cmpmem(values, size, before, size);
}

static void a_refused_msr_is_an_error_with_its_rule(void)
{
    g_autofree X86CPU *cpu = guest(0x25c0);
    g_autofree char *text = NULL;

    cpu->env.msr_ds_area = 0x8000000000000000;
    model_reset(0x600, 3);
    g_assert_cmpint(x86_vpmu_put_msrs(cpu, KVM_PUT_FULL_STATE), ==, -EINVAL);
    text = stub_report_take();
    g_assert_cmpstr(
        text, ==,
        "KVM refused MSR 0x600 (DS_AREA) = 0x8000000000000000; it takes: a canonical "
        "address, with ds");
}

static void msrs_of_others_are_reported_without_a_rule(void)
{
    g_autofree char *text = NULL;

    x86_vpmu_report_refused(0x10, 7);
    text = stub_report_take();
    g_assert_cmpstr(text, ==, "KVM refused MSR 0x10 = 0x7");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/patches/no-features-no-msrs",
                    guests_without_features_touch_nothing);
    g_test_add_func("/patches/runs-do-not-write", runs_do_not_write);
    g_test_add_func("/patches/pebs-registers", pebs_has_its_registers);
    g_test_add_func("/patches/metrics-after-fixed-3", metrics_come_after_fixed_counter_3);
    g_test_add_func("/patches/many-fixed-counters",
                    more_fixed_counters_than_there_are_places);
    g_test_add_func("/patches/lbr-entries", lbr_has_as_many_entries_as_its_format);
    g_test_add_func("/patches/round-trip", what_is_read_is_what_was_written);
    g_test_add_func("/patches/refused", a_refused_msr_is_an_error_with_its_rule);
    g_test_add_func("/patches/refused-other", msrs_of_others_are_reported_without_a_rule);
    return g_test_run();
}
