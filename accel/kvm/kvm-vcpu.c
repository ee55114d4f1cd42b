/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/kvm-vcpu.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "util/error.h"
#include "vcpu-internal.h"
#include "vm-internal.h"

KvmVcpu *kvm_vcpu_new(KvmVm *vm, unsigned long id, GError **errp)
{
    KvmSys *sys = kvm_vm_sys(vm);
    g_autoptr(KvmVcpu) vcpu = g_new0(KvmVcpu, 1);
    int bytes;

    vcpu->vm = vm;
    vcpu->sys = sys;
    g_ptr_array_add(vm->vcpus, vcpu);
    vcpu->id = id;
    vcpu->fd = kvm_ioctl_value(sys, kvm_vm_fd(vm), KVM_CREATE_VCPU, id, errp);
    if (vcpu->fd < 0) {
        g_prefix_error(errp, "vCPU %lu: ", id);
        return NULL;
    }
    bytes = kvm_ioctl_value(sys, kvm_sys_fd(sys), KVM_GET_VCPU_MMAP_SIZE, 0, errp);
    if (bytes < 0) {
        return NULL;
    }
    if ((size_t)bytes < sizeof(struct kvm_run)) {
        error_set(errp, "KVM_GET_VCPU_MMAP_SIZE: %d bytes are too few", bytes);
        return NULL;
    }
    vcpu->run_bytes = (size_t)bytes;
    vcpu->run = kvm_sys_map(sys, vcpu->fd, vcpu->run_bytes, 0, errp);
    return vcpu->run && kvm_vcpu_map_ring(vcpu, errp) ? g_steal_pointer(&vcpu) : NULL;
}

void kvm_vcpu_free(KvmVcpu *vcpu)
{
    if (!vcpu) {
        return;
    }
    g_ptr_array_remove(vcpu->vm->vcpus, vcpu);
    kvm_vcpu_unmap_ring(vcpu);
    if (vcpu->run) {
        kvm_sys_unmap(vcpu->sys, vcpu->run, vcpu->run_bytes);
    }
    kvm_sys_close(vcpu->sys, vcpu->fd);
    g_free(vcpu);
}

void kvm_vcpu_set_immediate_exit(KvmVcpu *vcpu, bool on)
{
    __atomic_store_n(&vcpu->run->immediate_exit, on, __ATOMIC_RELEASE);
}

static void decode_system_event(const struct kvm_run *run, VcpuExit *out)
{
    switch (run->system_event.type) {
    case KVM_SYSTEM_EVENT_SHUTDOWN:
        out->kind = VCPU_EXIT_SYSTEM_DOWN;
        break;
    case KVM_SYSTEM_EVENT_RESET:
        out->kind = VCPU_EXIT_SYSTEM_RESET;
        break;
    case KVM_SYSTEM_EVENT_CRASH:
        out->kind = VCPU_EXIT_SYSTEM_CRASH;
        break;
    default:
        out->kind = VCPU_EXIT_OTHER;
        out->reason = run->exit_reason;
        break;
    }
}

/* Source: Linux kvm/devices/vcpu.rst 1.4: KVM_RUN returns 0 with this exit. */
static bool is_cpu_unsupported(const struct kvm_run *run)
{
#if defined(KVM_ARCH_ARM64)
    return run->fail_entry.hardware_entry_failure_reason &
           KVM_EXIT_FAIL_ENTRY_CPU_UNSUPPORTED;
#else
    (void)run;
    return false;
#endif
}

static void decode_exit(struct kvm_run *run, VcpuExit *out)
{
    switch (run->exit_reason) {
    case KVM_EXIT_IO:
        out->kind = VCPU_EXIT_PIO;
        out->is_write = run->io.direction == KVM_EXIT_IO_OUT;
        out->size = run->io.size;
        out->count = run->io.count;
        out->addr = run->io.port;
        out->data = (uint8_t *)run + run->io.data_offset;
        break;
    case KVM_EXIT_MMIO:
        out->kind = VCPU_EXIT_MMIO;
        out->is_write = run->mmio.is_write;
        out->size = (uint8_t)run->mmio.len;
        out->count = 1;
        out->addr = run->mmio.phys_addr;
        out->data = run->mmio.data;
        break;
    case KVM_EXIT_INTR:
        out->kind = VCPU_EXIT_INTERRUPTED;
        break;
    case KVM_EXIT_SHUTDOWN:
        out->kind = VCPU_EXIT_SHUTDOWN;
        break;
    case KVM_EXIT_HLT:
        out->kind = VCPU_EXIT_HALT;
        break;
    case KVM_EXIT_SYSTEM_EVENT:
        decode_system_event(run, out);
        break;
    case KVM_EXIT_FAIL_ENTRY:
        out->kind =
            is_cpu_unsupported(run) ? VCPU_EXIT_CPU_UNSUPPORTED : VCPU_EXIT_FAIL_ENTRY;
        out->reason = run->fail_entry.hardware_entry_failure_reason;
        out->cpu = run->fail_entry.cpu;
        break;
    case KVM_EXIT_DIRTY_RING_FULL:
        out->kind = VCPU_EXIT_DIRTY_RING_FULL;
        break;
    case KVM_EXIT_INTERNAL_ERROR:
        out->kind = VCPU_EXIT_INTERNAL;
        out->reason = run->internal.suberror;
        break;
    default:
        out->kind = VCPU_EXIT_OTHER;
        out->reason = run->exit_reason;
        break;
    }
}

/* The signals blocked within KVM_RUN; NULL: those of the thread. */
static bool set_run_signals(KvmVcpu *vcpu, const sigset_t *blocked, GError **errp)
{
    struct {
        struct kvm_signal_mask head;
        uint8_t bytes[8]; /* the kernel's set has 64 bits */
    } mask = {.head.len = sizeof(mask.bytes)};

    if (blocked) {
        memcpy(mask.head.sigset, blocked, sizeof(mask.bytes));
    }
    return kvm_ioctl(vcpu->sys, vcpu->fd, KVM_SET_SIGNAL_MASK,
                     blocked ? &mask.head : NULL, errp) >= 0;
}

bool kvm_vcpu_settle(KvmVcpu *vcpu, int signal, VcpuExit *ret_exit, GError **errp)
{
    sigset_t one, before;
    bool ok;

    sigemptyset(&one);
    sigaddset(&one, signal);
    pthread_sigmask(SIG_BLOCK, &one, &before);
    pthread_kill(pthread_self(), signal);
    ok = set_run_signals(vcpu, &before, errp) && kvm_vcpu_run(vcpu, ret_exit, errp) &&
         set_run_signals(vcpu, NULL, errp);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ok;
}

bool kvm_vcpu_run(KvmVcpu *vcpu, VcpuExit *ret_exit, GError **errp)
{
    int ret = kvm_ioctl_errno_(vcpu->sys, vcpu->fd, KVM_RUN, "KVM_RUN", NULL);

    *ret_exit = (VcpuExit){.kind = VCPU_EXIT_INTERRUPTED};
    if (ret == -EINTR || ret == -EAGAIN) {
        return true;
    }
    if (ret < 0) {
        error_set_errno(errp, -ret, "vCPU %lu: KVM refuses KVM_RUN", vcpu->id);
        return false;
    }
    decode_exit(vcpu->run, ret_exit);
    return true;
}
