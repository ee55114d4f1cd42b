/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What KVM makes of a contract, seen from a vCPU that never runs. */
#include "accel/vcpu-setup.h"
#include "internal.h"

#if defined(__x86_64__)

bool lib_can_try(TargetArch arch)
{
    return arch == TARGET_ARCH_X86_64;
}

bool lib_try_vcpu(const CpuContract *contract, const HostProfile *host, Report *report,
                  GError **errp)
{
    static const X86Topology one_cpu = {1, 1, 1, 1, 1};
    g_autoptr(KvmSys) sys = kvm_sys_new_real("/dev/kvm", errp);
    g_autoptr(KvmVm) vm = sys ? kvm_vm_new(sys, 0, errp) : NULL;
    g_autoptr(CpuBinding) binding = cpu_bind(contract, host, NULL);
    g_autoptr(KvmVcpu) vcpu = NULL;

    /* The local APIC is the kernel's, as in a guest. */
    if (!vm || !kvm_x86_vm_setup(vm, binding, errp) ||
        !kvm_vm_create_irqchip(vm, UINT64_C(0xfeffc000), errp)) {
        return false;
    }
    vcpu = kvm_x86_vcpu_new(vm, contract, &one_cpu, 0, report, errp);
    return vcpu;
}

#else

/* The probe has tried each PMU source by now. */
bool lib_can_try(TargetArch arch)
{
    (void)arch;
    return false;
}

bool lib_try_vcpu(const CpuContract *contract, const HostProfile *host, Report *report,
                  GError **errp)
{
    (void)contract;
    (void)host;
    (void)report;
    (void)errp;
    return true;
}

#endif
