/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into a monitor: a KVM that refuses an MSR.  KVM_SET_MSRS stops before it and
 * returns how many it took, as the kernel does.
 *
 * REFUSE_MSR=NUMBER[=VALUE]  that MSR; only with that value, if there is one
 * REFUSE_WHILE=PATH          only while that file is there
 */
#include <dlfcn.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool is_refused(const struct kvm_msr_entry *entry)
{
    const char *wanted = getenv("REFUSE_MSR");
    const char *path = getenv("REFUSE_WHILE");
    char *rest;

    if (!wanted || (path && access(path, F_OK) < 0)) {
        return false;
    }
    return entry->index == strtoul(wanted, &rest, 0) &&
           (*rest != '=' || entry->data == strtoull(rest + 1, NULL, 0));
}

static unsigned taken(const struct kvm_msrs *msrs)
{
    unsigned count = 0;

    while (count < msrs->nmsrs && !is_refused(&msrs->entries[count])) {
        count++;
    }
    return count;
}

int ioctl(int fd, unsigned long request, ...)
{
    static int (*kernel)(int, unsigned long, ...);
    struct kvm_msrs *msrs;
    unsigned all;
    va_list args;
    int done;

    if (!kernel) {
        *(void **)&kernel = dlsym(RTLD_NEXT, "ioctl");
    }
    va_start(args, request);
    msrs = va_arg(args, void *);
    va_end(args);
    if (request != KVM_SET_MSRS) {
        return kernel(fd, request, msrs);
    }
    all = msrs->nmsrs;
    msrs->nmsrs = taken(msrs);
    done = kernel(fd, request, msrs);
    msrs->nmsrs = all;
    return done;
}
