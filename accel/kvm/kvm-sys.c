/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accel/kvm-sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/error.h"

#define KVM_API_VERSION_SPOKEN 12

struct KvmSys {
    const KvmSysOps *ops;
    void *opaque;
    int fd;
    gint uses; /* atomic: vCPU threads pass here too */
    unsigned fault_at;
    int fault_errno;
    KvmSysTrace *trace;
    void *trace_opaque;
};

static int real_open(void *opaque, const char *path)
{
    (void)opaque;
    return open(path, O_RDWR | O_CLOEXEC);
}

static int real_ioctl(void *opaque, int fd, unsigned long request, void *arg)
{
    (void)opaque;
    return ioctl(fd, request, arg);
}

static void *real_map(void *opaque, int fd, size_t len, off_t offset)
{
    (void)opaque;
    return mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
}

static int real_unmap(void *opaque, void *addr, size_t len)
{
    (void)opaque;
    return munmap(addr, len);
}

static int real_close(void *opaque, int fd)
{
    (void)opaque;
    return close(fd);
}

static const KvmSysOps real_ops = {
    .open = real_open,
    .ioctl = real_ioctl,
    .map = real_map,
    .unmap = real_unmap,
    .close = real_close,
};

/* Counts a use; false with errno where this one was told to fail. */
static bool use_door(KvmSys *sys)
{
    unsigned use = (unsigned)g_atomic_int_add(&sys->uses, 1) + 1;

    if (use == sys->fault_at) {
        errno = sys->fault_errno;
        return false;
    }
    return true;
}

static const char *open_hint(int errnum)
{
    switch (errnum) {
    case ENOENT:
        return " (is the kvm module loaded, and virtualisation on in the firmware?)";
    case EACCES:
        return " (is the user in the group that owns it, usually 'kvm'?)";
    case ENODEV:
    case ENXIO:
        return " (the kvm module is loaded, but this CPU or hypervisor offers no "
               "virtualisation)";
    default:
        return "";
    }
}

static bool sys_open(KvmSys *sys, const char *path, GError **errp)
{
    int version;

    sys->fd = use_door(sys) ? sys->ops->open(sys->opaque, path) : -1;
    if (sys->fd < 0) {
        int errnum = errno;

        error_set_code(errp, VPMU_ERROR_NOT_SUPPORTED, "cannot open %s: %s%s", path,
                       g_strerror(errnum), open_hint(errnum));
        return false;
    }
    version = kvm_ioctl_value(sys, sys->fd, KVM_GET_API_VERSION, 0, errp);
    if (version < 0) {
        return false;
    }
    if (version != KVM_API_VERSION_SPOKEN) {
        error_set_code(errp, VPMU_ERROR_NOT_SUPPORTED,
                       "%s speaks KVM API version %d, not %d", path, version,
                       KVM_API_VERSION_SPOKEN);
        return false;
    }
    return true;
}

static KvmSys *sys_new(const KvmSysOps *ops, void *opaque, const char *path,
                       GError **errp)
{
    g_autoptr(KvmSys) sys = g_new0(KvmSys, 1);

    sys->ops = ops;
    sys->opaque = opaque;
    sys->fd = -1;
    return sys_open(sys, path, errp) ? g_steal_pointer(&sys) : NULL;
}

KvmSys *kvm_sys_new_real(const char *path, GError **errp)
{
    return sys_new(&real_ops, NULL, path, errp);
}

void kvm_sys_set_fault(KvmSys *sys, unsigned nth, int errnum)
{
    sys->fault_errno = errnum;
    sys->fault_at = nth ? kvm_sys_uses(sys) + nth : 0;
}

KvmSys *kvm_sys_new(const KvmSysOps *ops, void *opaque, GError **errp)
{
    return sys_new(ops, opaque, "/dev/kvm", errp);
}

void kvm_sys_free(KvmSys *sys)
{
    if (!sys) {
        return;
    }
    if (sys->fd >= 0) {
        sys->ops->close(sys->opaque, sys->fd);
    }
    if (sys->ops->free) {
        sys->ops->free(sys->opaque);
    }
    g_free(sys);
}

unsigned kvm_sys_uses(const KvmSys *sys)
{
    return (unsigned)g_atomic_int_get(&sys->uses);
}

int kvm_sys_fd(const KvmSys *sys)
{
    return sys->fd;
}

void kvm_sys_set_trace(KvmSys *sys, KvmSysTrace *trace, void *opaque)
{
    sys->trace_opaque = opaque;
    sys->trace = trace;
}

int kvm_ioctl_errno_(KvmSys *sys, int fd, unsigned long request, const char *name,
                     void *arg)
{
    int ret;

    do {
        ret = use_door(sys) ? sys->ops->ioctl(sys->opaque, fd, request, arg) : -1;
    } while (ret < 0 && errno == EINTR && request != KVM_RUN);
    if (ret < 0) {
        ret = -errno;
    }
    if (sys->trace) {
        sys->trace(sys->trace_opaque, name, arg, ret);
    }
    return ret;
}

int kvm_ioctl_(KvmSys *sys, int fd, unsigned long request, const char *name, void *arg,
               GError **errp)
{
    int ret = kvm_ioctl_errno_(sys, fd, request, name, arg);

    if (ret < 0) {
        error_set_errno(errp, -ret, "KVM refuses %s", name);
        return -1;
    }
    return ret;
}

void *kvm_sys_map(KvmSys *sys, int fd, size_t len, off_t offset, GError **errp)
{
    void *addr = use_door(sys) ? sys->ops->map(sys->opaque, fd, len, offset) : MAP_FAILED;

    if (addr == MAP_FAILED) {
        error_set_errno(errp, errno, "cannot map the %s of a vCPU",
                        offset ? "dirty ring" : "run structure");
        return NULL;
    }
    return addr;
}

void kvm_sys_unmap(KvmSys *sys, void *addr, size_t len)
{
    sys->ops->unmap(sys->opaque, addr, len);
}

void kvm_sys_close(KvmSys *sys, int fd)
{
    if (fd >= 0) {
        sys->ops->close(sys->opaque, fd);
    }
}

int kvm_sys_check_extension(KvmSys *sys, int capability)
{
    int ret = kvm_ioctl_errno_(sys, sys->fd, KVM_CHECK_EXTENSION, "KVM_CHECK_EXTENSION",
                               (void *)(uintptr_t)capability);

    return ret < 0 ? 0 : ret;
}
