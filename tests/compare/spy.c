/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into a monitor: writes down what it tells KVM of its processors, for
 * scripts/compare-qemu.  A line each in the file that VPMU_SPY names:
 *
 *     cpuid FD
 *     leaf FD FUNCTION INDEX EAX EBX ECX EDX
 *     msr FD INDEX VALUE
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

static FILE *file;

__attribute__((constructor)) static void open_file(void)
{
    const char *path = getenv("VPMU_SPY");

    file = path ? fopen(path, "ae") : NULL;
}

static void write_cpuid(int fd, const struct kvm_cpuid2 *cpuid)
{
    fprintf(file, "cpuid %d\n", fd);
    for (unsigned i = 0; i < cpuid->nent; i++) {
        const struct kvm_cpuid_entry2 *entry = &cpuid->entries[i];

        fprintf(file, "leaf %d %x %x %x %x %x %x\n", fd, entry->function, entry->index,
                entry->eax, entry->ebx, entry->ecx, entry->edx);
    }
    fflush(file);
}

static void write_msrs(int fd, const struct kvm_msrs *msrs)
{
    for (unsigned i = 0; i < msrs->nmsrs; i++) {
        fprintf(file, "msr %d %x %llx\n", fd, msrs->entries[i].index,
                (unsigned long long)msrs->entries[i].data);
    }
    fflush(file);
}

int ioctl(int fd, unsigned long request, ...)
{
    static int (*real)(int fd, unsigned long request, ...);
    va_list list;
    void *argument;

    va_start(list, request);
    argument = va_arg(list, void *);
    va_end(list);
    if (!real) {
        *(void **)&real = dlsym(RTLD_NEXT, "ioctl");
    }
    if (file && request == KVM_SET_CPUID2) {
        write_cpuid(fd, argument);
    } else if (file && request == KVM_SET_MSRS) {
        write_msrs(fd, argument);
    }
    return real(fd, request, argument);
}
