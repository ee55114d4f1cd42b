/*
 * What this guest sees of its CPU, in libvpmu's terms
 *
 * The command line is resolved against this host by libvpmu, and the result
 * is held against CPUID and MSRs that QEMU gave its first vCPU.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/notify.h"
#include "hw/core/boards.h"
#include "hw/core/cpu.h"
#include "system/kvm.h"
#include "system/system.h"
#include "vpmu-contract.h"
#include "vpmu-decision.h"

#if defined(__x86_64__)
#include <sys/ioctl.h>
#include <linux/kvm.h>

#define LEAVES_AT_MOST 256

/* MSRs of a contract.  Source: Intel SDM volume 4. */
static const uint32_t contract_msrs[] = {
    0x10a, /* ARCH_CAPABILITIES */
    0x1a0, /* MISC_ENABLE */
    0x345, /* PERF_CAPABILITIES */
};

/* The first vCPU as it was before the guest ran, for guests write MSRs. */
static VpmuCpuid cpuid[LEAVES_AT_MOST];
static size_t cpuid_count;
static VpmuMsr msrs[ARRAY_SIZE(contract_msrs)];
static size_t msr_count;
#endif

static int args_count;
static char **args;
static VpmuDecision decision;

/* An error of the library, whose message goes. */
static void set_error(Error **errp, const char *what, char *message)
{
    error_setg(errp, "%s: %s", what, message ?: "libvpmu does not say why");
    vpmu_free(message);
}

#if defined(__x86_64__)
/* On the vCPU's thread: KVM answers nobody else while it runs the guest. */
static void read_vcpu(CPUState *cpu, run_on_cpu_data data)
{
    const size_t size = LEAVES_AT_MOST * sizeof(struct kvm_cpuid_entry2);
    g_autofree struct kvm_cpuid2 *leaves = g_malloc0(sizeof(*leaves) + size);
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry entry;
    } one;

    leaves->nent = LEAVES_AT_MOST;
    if (ioctl(cpu->kvm_fd, KVM_GET_CPUID2, leaves) < 0) {
        return;
    }
    for (cpuid_count = 0; cpuid_count < leaves->nent; cpuid_count++) {
        const struct kvm_cpuid_entry2 *from = &leaves->entries[cpuid_count];

        cpuid[cpuid_count] = (VpmuCpuid) {
            .leaf = from->function, .subleaf = from->index,
            .eax = from->eax, .ebx = from->ebx,
            .ecx = from->ecx, .edx = from->edx,
        };
    }
    for (size_t i = 0; i < ARRAY_SIZE(contract_msrs); i++) {
        memset(&one, 0, sizeof(one));
        one.head.nmsrs = 1;
        one.entry.index = contract_msrs[i];
        if (ioctl(cpu->kvm_fd, KVM_GET_MSRS, &one) == 1) {
            msrs[msr_count++] = (VpmuMsr) { contract_msrs[i], one.entry.data };
        }
    }
}

static bool hold_against_vcpu(const VpmuContract *contract, Error **errp)
{
    const CpuTopology *smp = &current_machine->smp;
    VpmuX86Vcpu vcpu = {
        .topology = { .sockets = smp->sockets, .dies = smp->dies, .modules = 1,
                      .cores = smp->cores, .threads = smp->threads },
        .cpuid = cpuid, .cpuid_count = cpuid_count,
        .msrs = msrs, .msr_count = msr_count,
    };
    char *message = NULL;
    VpmuStatus status;

    if (!cpuid_count) {
        error_setg(errp, "the first vCPU could not be read");
        return false;
    }
    /* Modules are between dies and cores, where machines have them. */
    status = vpmu_verify_x86(contract, &vcpu, &decision.seen, &message);
    if (status == VPMU_OK) {
        decision.contract = contract;
    } else if (status != VPMU_REFUSED) {
        set_error(errp, "vCPU", message);
        return false;
    }
    vpmu_free(message);
    return true;
}
#endif

static bool decide(Error **errp)
{
    VpmuArch arch = vpmu_host_arch(decision.host);
    const VpmuContract *contract;
    VpmuRequest *request;
    char *message = NULL;
    VpmuStatus status;

    if (vpmu_request_from_args(arch, args_count, (const char *const *)args,
                               &request, &message) != VPMU_OK) {
        set_error(errp, "command line", message);
        return false;
    }
    status = vpmu_resolve(request, decision.host, &decision.plan, &message);
    vpmu_request_free(request);
    if (status != VPMU_OK) {
        set_error(errp, "command line", message);
        return false;
    }
    contract = vpmu_plan_contract(decision.plan);
#if defined(__x86_64__)
    return !contract || hold_against_vcpu(contract, errp);
#else
    return contract != NULL;
#endif
}

const VpmuDecision *vpmu_decision(Error **errp)
{
    char *message = NULL;

    if (decision.plan) {
        return &decision;
    }
#if !defined(__x86_64__)
    error_setg(errp, "vCPUs are only held against a contract on x86 hosts");
    return NULL;
#endif
    if (!kvm_enabled() || !first_cpu) {
        error_setg(errp, "a contract is of guests that run with KVM");
        return NULL;
    }
    if (!decision.host &&
        vpmu_host_probe(&decision.host, &message) != VPMU_OK) {
        set_error(errp, "host", message);
        return NULL;
    }
    if (!decide(errp)) {
        vpmu_plan_free(g_steal_pointer(&decision.plan));
        return NULL;
    }
    return &decision;
}

static void machine_done(Notifier *notifier, void *data)
{
#if defined(__x86_64__)
    if (kvm_enabled() && first_cpu) {
        run_on_cpu(first_cpu, read_vcpu, RUN_ON_CPU_NULL);
    }
#endif
}

void vpmu_contract_start(int argc, char **argv)
{
    static Notifier notifier = { .notify = machine_done };

    args_count = argc;
    args = g_new0(char *, argc + 1);
    for (int i = 0; i < argc; i++) {
        args[i] = g_strdup(argv[i]);
    }
    qemu_add_machine_init_done_notifier(&notifier);
}
