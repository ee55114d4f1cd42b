/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A library to preload into a monitor: counts its KVM calls and file reads, and makes one
 * of them fail.  It works on the built program, so whatever the program does is covered.
 *
 * VPMU_SHIM_REPORT  file that receives a ShimReport (shared, current at any moment)
 * VPMU_SHIM_KIND    what to fail: "ioctl" (KVM only) or "file" (open and read)
 * VPMU_SHIM_LOOKUP  set: no name server answers
 * VPMU_SHIM_FAIL    which use of that kind, counted from 1
 *
 * Counting ends with the first KVM_RUN: start-up is what is looked at.  What comes later
 * is counted where the test arms the shim through the report.
 */
/* Both names of open are wrapped; the wide-offset setting would make them one. */
#undef _FILE_OFFSET_BITS
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* Read by tests/fault/shim.py: keep the two in step. */
typedef struct ShimReport {
    uint64_t ioctls;       /* KVM calls before the first KVM_RUN */
    uint64_t files;        /* opens and reads before the first KVM_RUN */
    uint64_t all_ioctls;   /* KVM calls, ever */
    uint64_t failed;       /* request number of the ioctl that was made to fail */
    uint64_t left_open;    /* KVM descriptors still open at exit */
    uint64_t has_run;      /* 1 from the first KVM_RUN on */
    char failed_path[208]; /* file that was made to fail */
    uint64_t armed_kind;   /* written by the test, any time: see ArmedKind */
    uint64_t armed_fail;   /* which use from here is to fail, counted from 1 */
    uint64_t armed_count;  /* uses since it was armed */
    uint64_t armed_failed; /* the use failed; request number where it was an ioctl */
} ShimReport;

/* What is counted while armed, running guests or not. */
typedef enum ArmedKind {
    ARMED_NOTHING,
    ARMED_IOCTL, /* KVM calls but KVM_RUN and KVM_IRQ_LINE, which devices use all the time
                  */
    ARMED_FILE,  /* opens to write, and what is written there */
    ARMED_SEND,  /* to sockets, but for QMP's and last words, which never wait */
    ARMED_SYNC,  /* of a file to its disk */
} ArmedKind;

#define FD_MAX 4096

static ShimReport fallback;
static ShimReport *report = &fallback;
static uint64_t fail_at;
static bool fails_ioctl;
static bool fails_file;
static char *paths[FD_MAX]; /* of descriptors opened through us */
static bool is_output[FD_MAX];

static int (*real_ioctl)(int fd, unsigned long request, ...);
static int (*real_open)(const char *path, int flags, ...);
static int (*real_openat)(int dir, const char *path, int flags, ...);
static ssize_t (*real_read)(int fd, void *buffer, size_t size);
static int (*real_close)(int fd);
static ssize_t (*real_write)(int fd, const void *buffer, size_t size);
static ssize_t (*real_writev)(int fd, const struct iovec *parts, int count);
static int (*real_fdatasync)(int fd);
static int (*real_getaddrinfo)(const char *host, const char *port,
                               const struct addrinfo *hints, struct addrinfo **ret);
static ssize_t (*real_send)(int fd, const void *buffer, size_t size, int flags);
static ssize_t (*real_sendmsg)(int fd, const struct msghdr *message, int flags);

static void find_real(void)
{
    if (!real_ioctl) {
        *(void **)&real_open = dlsym(RTLD_NEXT, "open64");
        *(void **)&real_openat = dlsym(RTLD_NEXT, "openat64");
        *(void **)&real_read = dlsym(RTLD_NEXT, "read");
        *(void **)&real_close = dlsym(RTLD_NEXT, "close");
        *(void **)&real_write = dlsym(RTLD_NEXT, "write");
        *(void **)&real_writev = dlsym(RTLD_NEXT, "writev");
        *(void **)&real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
        *(void **)&real_getaddrinfo = dlsym(RTLD_NEXT, "getaddrinfo");
        *(void **)&real_send = dlsym(RTLD_NEXT, "send");
        *(void **)&real_sendmsg = dlsym(RTLD_NEXT, "sendmsg");
        *(void **)&real_ioctl = dlsym(RTLD_NEXT, "ioctl");
    }
}

__attribute__((constructor)) static void shim_begin(void)
{
    const char *path = getenv("VPMU_SHIM_REPORT");
    const char *kind = getenv("VPMU_SHIM_KIND");
    const char *nth = getenv("VPMU_SHIM_FAIL");
    int fd;

    find_real();
    if (path && (fd = real_open(path, O_RDWR | O_CLOEXEC)) >= 0) {
        void *map =
            mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

        if (map != MAP_FAILED) {
            report = map;
        }
        real_close(fd);
    }
    fail_at = nth ? strtoull(nth, NULL, 10) : 0;
    fails_ioctl = kind && !strcmp(kind, "ioctl");
    fails_file = kind && !strcmp(kind, "file");
}

__attribute__((destructor)) static void shim_end(void)
{
    char target[64];
    char name[32];

    for (int fd = 3; fd < FD_MAX; fd++) {
        ssize_t size;

        snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
        size = readlink(name, target, sizeof(target) - 1);
        target[size > 0 ? size : 0] = 0;
        if (strstr(target, "kvm")) {
            report->left_open++;
        }
    }
}

/* Counts a use of @kind; true, with errno, when this is the one to fail. */
static bool armed_use(ArmedKind kind, uint64_t what)
{
    if (__atomic_load_n(&report->armed_kind, __ATOMIC_ACQUIRE) != kind ||
        __atomic_add_fetch(&report->armed_count, 1, __ATOMIC_RELAXED) !=
            report->armed_fail) {
        return false;
    }
    report->armed_failed = what;
    errno = EIO;
    return true;
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list rest;
    void *arg;

    va_start(rest, request);
    arg = va_arg(rest, void *);
    va_end(rest);
    find_real();
    if ((request >> 8 & 0xff) != KVMIO) {
        return real_ioctl(fd, request, arg);
    }
    __atomic_add_fetch(&report->all_ioctls, 1, __ATOMIC_RELAXED);
    if (request == KVM_RUN) {
        report->has_run = 1;
    } else if (request != KVM_IRQ_LINE && armed_use(ARMED_IOCTL, request)) {
        return -1;
    } else if (!report->has_run) {
        uint64_t count = __atomic_add_fetch(&report->ioctls, 1, __ATOMIC_RELAXED);

        if (fails_ioctl && count == fail_at) {
            report->failed = request;
            errno = EIO;
            return -1;
        }
    }
    return real_ioctl(fd, request, arg);
}

/* Counts a use of @path; true when this is the one to fail. */
static bool file_use(const char *path)
{
    uint64_t count;

    if (report->has_run || !path) {
        return false;
    }
    count = __atomic_add_fetch(&report->files, 1, __ATOMIC_RELAXED);
    if (!fails_file || count != fail_at) {
        return false;
    }
    snprintf(report->failed_path, sizeof(report->failed_path), "%s", path);
    errno = EIO;
    return true;
}

static int open_common(int dir, const char *path, int flags, mode_t mode)
{
    int fd;

    find_real();
    if ((flags & O_ACCMODE) == O_RDONLY ? file_use(path) : armed_use(ARMED_FILE, 1)) {
        return -1;
    }
    fd = dir == AT_FDCWD ? real_open(path, flags, mode)
                         : real_openat(dir, path, flags, mode);
    if (fd >= 0 && fd < FD_MAX && (flags & O_ACCMODE) == O_RDONLY) {
        free(paths[fd]);
        paths[fd] = strdup(path);
    }
    if (fd >= 0 && fd < FD_MAX) {
        is_output[fd] = (flags & O_ACCMODE) != O_RDONLY && !strstr(path, "kvm");
    }
    return fd;
}

#define OPEN_MODE(flags)                                                                 \
    ({                                                                                   \
        mode_t mode_ = 0;                                                                \
        if ((flags) & (O_CREAT | __O_TMPFILE)) {                                         \
            va_list rest_;                                                               \
            va_start(rest_, flags);                                                      \
            mode_ = va_arg(rest_, mode_t);                                               \
            va_end(rest_);                                                               \
        }                                                                                \
        mode_;                                                                           \
    })

int open(const char *path, int flags, ...)
{
    return open_common(AT_FDCWD, path, flags, OPEN_MODE(flags));
}

int open64(const char *path, int flags, ...)
{
    return open_common(AT_FDCWD, path, flags, OPEN_MODE(flags));
}

int openat(int dir, const char *path, int flags, ...)
{
    return open_common(dir, path, flags, OPEN_MODE(flags));
}

int openat64(int dir, const char *path, int flags, ...)
{
    return open_common(dir, path, flags, OPEN_MODE(flags));
}

ssize_t read(int fd, void *buffer, size_t size)
{
    find_real();
    if (fd >= 0 && fd < FD_MAX && file_use(paths[fd])) {
        return -1;
    }
    return real_read(fd, buffer, size);
}

ssize_t write(int fd, const void *buffer, size_t size)
{
    find_real();
    if (fd >= 0 && fd < FD_MAX && is_output[fd] && armed_use(ARMED_FILE, 1)) {
        return -1;
    }
    return real_write(fd, buffer, size);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    find_real();
    if (fd >= 0 && fd < FD_MAX && is_output[fd] && armed_use(ARMED_FILE, 1)) {
        return -1;
    }
    return real_writev(fd, parts, count);
}

int fdatasync(int fd)
{
    find_real();
    return armed_use(ARMED_SYNC, 1) ? -1 : real_fdatasync(fd);
}

ssize_t send(int fd, const void *buffer, size_t size, int flags)
{
    find_real();
    if (!(flags & MSG_DONTWAIT) && armed_use(ARMED_SEND, 1)) {
        return -1;
    }
    return real_send(fd, buffer, size, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    find_real();
    if (!(flags & MSG_DONTWAIT) && armed_use(ARMED_SEND, 1)) {
        return -1;
    }
    return real_sendmsg(fd, message, flags);
}

int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                struct addrinfo **ret)
{
    find_real();
    while (getenv("VPMU_SHIM_LOOKUP")) {
        pause();
    }
    return real_getaddrinfo(host, port, hints, ret);
}

int close(int fd)
{
    find_real();
    if (fd >= 0 && fd < FD_MAX) {
        is_output[fd] = false;
        free(paths[fd]);
        paths[fd] = NULL;
    }
    return real_close(fd);
}
