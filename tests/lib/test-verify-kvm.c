/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Another monitor in short: it makes a vCPU of a contract by itself, on real KVM, and
 * asks the library whether it kept its word.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <json-c/json.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vpmu/vpmu.h"

#define LEAVES_MAX 256

typedef struct Leaves {
    struct kvm_cpuid2 head;
    struct kvm_cpuid_entry2 entries[LEAVES_MAX];
} Leaves;

/* The contract of "host" here, and a vCPU; false where this host has no KVM for it. */
typedef struct Monitor {
    VpmuPlan *plan;
    int kvm, vm, vcpu;
} Monitor;

static bool monitor_begin(Monitor *monitor)
{
    VpmuHost *host = NULL;
    VpmuRequest *request = NULL;
    char *message = NULL;

    *monitor = (Monitor){.kvm = -1, .vm = -1, .vcpu = -1};
    if (vpmu_host_probe(&host, &message) != VPMU_OK) {
        g_test_skip(message);
        vpmu_free(message);
        return false;
    }
    g_assert_cmpint(vpmu_request_new(vpmu_host_arch(host), NULL, "host", &request, NULL),
                    ==, VPMU_OK);
    g_assert_cmpint(vpmu_resolve(request, host, &monitor->plan, NULL), ==, VPMU_OK);
    vpmu_request_free(request);
    vpmu_host_free(host);
    monitor->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    monitor->vm = ioctl(monitor->kvm, KVM_CREATE_VM, 0UL);
    monitor->vcpu = ioctl(monitor->vm, KVM_CREATE_VCPU, 0UL);
    g_assert_cmpint(monitor->vcpu, >=, 0);
    return true;
}

static void monitor_end(Monitor *monitor)
{
    close(monitor->vcpu);
    close(monitor->vm);
    close(monitor->kvm);
    vpmu_plan_free(monitor->plan);
}

static uint32_t hex_at(json_object *array, size_t index)
{
    const char *text = json_object_get_string(json_object_array_get_idx(array, index));

    return (uint32_t)g_ascii_strtoull(text, NULL, 16);
}

/* The leaves as the contract's JSON has them. */
static void read_leaves(const VpmuContract *contract, Leaves *ret)
{
    char *text = vpmu_contract_to_json(contract);
    json_object *json = json_tokener_parse(text);
    json_object *table = json_object_object_get(json, "cpuid");

    memset(ret, 0, sizeof(*ret));
    json_object_object_foreach(table, name, regs)
    {
        struct kvm_cpuid_entry2 *entry = &ret->entries[ret->head.nent++];
        char *dot = NULL;

        g_assert_cmpuint(ret->head.nent, <=, LEAVES_MAX);
        entry->function = (uint32_t)g_ascii_strtoull(name, &dot, 16);
        entry->index = (uint32_t)g_ascii_strtoull(dot + 1, NULL, 16);
        entry->flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX;
        entry->eax = hex_at(regs, 0);
        entry->ebx = hex_at(regs, 1);
        entry->ecx = hex_at(regs, 2);
        entry->edx = hex_at(regs, 3);
    }
    json_object_put(json);
    vpmu_free(text);
}

/* What the vCPU has, judged. */
static VpmuStatus verify(const Monitor *monitor, VpmuReport **ret, char **message)
{
    Leaves kept = {.head.nent = LEAVES_MAX};
    VpmuCpuid cpuid[LEAVES_MAX];
    VpmuX86Vcpu vcpu = {.cpuid = cpuid};

    g_assert_cmpint(ioctl(monitor->vcpu, KVM_GET_CPUID2, &kept), ==, 0);
    for (unsigned i = 0; i < kept.head.nent; i++) {
        const struct kvm_cpuid_entry2 *entry = &kept.entries[i];

        cpuid[i] = (VpmuCpuid){entry->function, entry->index, entry->eax,
                               entry->ebx,      entry->ecx,   entry->edx};
    }
    vcpu.cpuid_count = kept.head.nent;
    return vpmu_verify_x86(vpmu_plan_contract(monitor->plan), &vcpu, ret, message);
}

static void test_a_vcpu_as_told_is_verified(void)
{
    Monitor monitor;
    Leaves told;
    VpmuReport *report = NULL;
    char *message = NULL;

    if (!monitor_begin(&monitor)) {
        return;
    }
    read_leaves(vpmu_plan_contract(monitor.plan), &told);
    g_assert_cmpint(ioctl(monitor.vcpu, KVM_SET_CPUID2, &told), ==, 0);
    g_assert_cmpint(verify(&monitor, &report, &message), ==, VPMU_OK);
    g_assert_cmpuint(vpmu_report_errors(report), ==, 0);
    vpmu_report_free(report);
    monitor_end(&monitor);
}

static void test_a_vcpu_that_was_told_of_more_counters_is_refused(void)
{
    Monitor monitor;
    Leaves told;
    VpmuReport *report = NULL;
    char *message = NULL;
    bool is_there = false;

    if (!monitor_begin(&monitor)) {
        return;
    }
    read_leaves(vpmu_plan_contract(monitor.plan), &told);
    for (unsigned i = 0; i < told.head.nent; i++) {
        if (told.entries[i].function == 0xa) {
            told.entries[i].eax ^= 0x100;
            is_there = true;
        }
    }
    if (!is_there) {
        g_test_skip("this host's guests have no leaf 0xA");
        monitor_end(&monitor);
        return;
    }
    g_assert_cmpint(ioctl(monitor.vcpu, KVM_SET_CPUID2, &told), ==, 0);
    g_assert_cmpint(verify(&monitor, &report, &message), ==, VPMU_REFUSED);
    g_assert_nonnull(strstr(message, "CPUID 0xa.0 eax"));
    vpmu_free(message);
    vpmu_report_free(report);
    monitor_end(&monitor);
}

static void test_the_library_tries_one_itself(void)
{
    Monitor monitor;
    VpmuReport *kept = NULL;
    char *message = NULL;

    if (!monitor_begin(&monitor)) {
        return;
    }
    g_assert_cmpint(vpmu_plan_try(monitor.plan, &kept, &message), ==, VPMU_OK);
    g_assert_cmpuint(vpmu_report_errors(kept), ==, 0);
    vpmu_report_free(kept);
    monitor_end(&monitor);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/libvpmu/kvm/as-told", test_a_vcpu_as_told_is_verified);
    g_test_add_func("/libvpmu/kvm/more-counters",
                    test_a_vcpu_that_was_told_of_more_counters_is_refused);
    g_test_add_func("/libvpmu/kvm/try", test_the_library_tries_one_itself);
    return g_test_run();
}
