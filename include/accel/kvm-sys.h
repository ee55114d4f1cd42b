/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * KvmSys: the one door to the kernel's KVM.
 *
 * Every KVM ioctl of the program passes here, so that a test can hand in a door that
 * fails on its Nth use, one that records, or a modelled kernel.  The system (/dev/kvm), a
 * VM (kvm-vm.h), a vCPU (kvm-vcpu.h) and an in-kernel device (kvm-vm.h) are four types.
 *
 * Source for every request: Linux Documentation/virt/kvm/api.rst, section of that name.
 */
#ifndef ACCEL_KVM_SYS_H
#define ACCEL_KVM_SYS_H

#include <glib.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "accel/kvm-arch.h"

typedef struct KvmSys KvmSys;

/*
 * What stands behind the door.  Every function returns as the system call does: -1 with
 * errno, MAP_FAILED for map.  May be called from several threads at once.
 */
typedef struct KvmSysOps {
    int (*open)(void *opaque, const char *path);
    int (*ioctl)(void *opaque, int fd, unsigned long request, void *arg);
    void *(*map)(void *opaque, int fd, size_t len, off_t offset);
    int (*unmap)(void *opaque, void *addr, size_t len);
    int (*close)(void *opaque, int fd);
    void (*free)(void *opaque);
} KvmSysOps;

/* Called after each ioctl when set; for traces and tests.  @ret is negative errno or >=
 * 0. */
typedef void KvmSysTrace(void *opaque, const char *request, const void *arg, int ret);

/*
 * kvm_sys_new_real - open the kernel's door.
 * @path: "/dev/kvm" in all but tests
 *
 * Fails where the device cannot be opened or speaks another API version than 12; the
 * message says which group or module is missing.
 */
KvmSys *kvm_sys_new_real(const char *path, GError **errp);

/* kvm_sys_new - a door with something else behind it; takes over @opaque. */
KvmSys *kvm_sys_new(const KvmSysOps *ops, void *opaque, GError **errp);

/*
 * kvm_sys_set_fault - make use number @nth from here (1 is the next) fail with @errnum; 0
 * is never.  For tests.
 */
void kvm_sys_set_fault(KvmSys *sys, unsigned nth, int errnum);

/* kvm_sys_uses - how many system calls went through so far. */
unsigned kvm_sys_uses(const KvmSys *sys);

/* kvm_sys_set_trace - have @trace called for each ioctl; NULL turns it off. */
void kvm_sys_set_trace(KvmSys *sys, KvmSysTrace *trace, void *opaque);

/* kvm_sys_free - close the door; every VM made through it must be gone.  NULL is nothing.
 */
void kvm_sys_free(KvmSys *sys);

/* kvm_sys_fd - the /dev/kvm descriptor, for kvm_ioctl(). */
int kvm_sys_fd(const KvmSys *sys);

/*
 * kvm_ioctl_ - use kvm_ioctl() instead.
 * Returns the ioctl's own value (>= 0) or -1 with a message that names @name.
 * EINTR is retried, except for KVM_RUN.
 */
int kvm_ioctl_(KvmSys *sys, int fd, unsigned long request, const char *name, void *arg,
               GError **errp);

/* kvm_ioctl_errno_ - use kvm_ioctl_errno(): as kvm_ioctl_(), but returns -errno. */
int kvm_ioctl_errno_(KvmSys *sys, int fd, unsigned long request, const char *name,
                     void *arg);

/*
 * The checked forms: the size in the request number must be that of the argument.
 * For arguments passed by value (capability numbers, vCPU ids) use kvm_ioctl_value().
 */
#define kvm_ioctl(sys, fd, request, arg, errp)                                           \
    ({                                                                                   \
        _Static_assert(_IOC_SIZE(request) == sizeof(*(arg)),                             \
                       "wrong struct for " #request);                                    \
        kvm_ioctl_((sys), (fd), (request), #request, (void *)(arg), (errp));             \
    })

#define kvm_ioctl_errno(sys, fd, request, arg)                                           \
    ({                                                                                   \
        _Static_assert(_IOC_SIZE(request) == sizeof(*(arg)),                             \
                       "wrong struct for " #request);                                    \
        kvm_ioctl_errno_((sys), (fd), (request), #request, (void *)(arg));               \
    })

#define kvm_ioctl_value(sys, fd, request, value, errp)                                   \
    kvm_ioctl_((sys), (fd), (request), #request, (void *)(uintptr_t)(value), (errp))

/* kvm_sys_map, kvm_sys_unmap, kvm_sys_close - the other uses of the door. */
void *kvm_sys_map(KvmSys *sys, int fd, size_t len, off_t offset, GError **errp);
void kvm_sys_unmap(KvmSys *sys, void *addr, size_t len);
void kvm_sys_close(KvmSys *sys, int fd);

/* kvm_sys_check_extension - KVM_CHECK_EXTENSION on /dev/kvm; 0 where it is unknown. */
int kvm_sys_check_extension(KvmSys *sys, int capability);

#if defined(KVM_ARCH_X86)
/*
 * kvm_sys_get_supported_cpuid - KVM_GET_SUPPORTED_CPUID, grown until everything fits.
 * The caller frees the block with g_free().
 */
struct kvm_cpuid2 *kvm_sys_get_supported_cpuid(KvmSys *sys, GError **errp);

/*
 * kvm_sys_get_msr_list - KVM_GET_MSR_INDEX_LIST, or with @features
 * KVM_GET_MSR_FEATURE_INDEX_LIST.  The caller frees the block with g_free().
 */
struct kvm_msr_list *kvm_sys_get_msr_list(KvmSys *sys, bool features, GError **errp);

/*
 * kvm_sys_get_feature_msr - what KVM has to offer in feature MSR @index.
 * False where KVM does not know the MSR.
 */
bool kvm_sys_get_feature_msr(KvmSys *sys, uint32_t index, uint64_t *ret, GError **errp);
#endif

G_DEFINE_AUTOPTR_CLEANUP_FUNC(KvmSys, kvm_sys_free)

#endif
