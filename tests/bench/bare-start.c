/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor for start-up: one VM, one vCPU, the interrupt controller, memory and CPUID,
 * and straight into the guest.  Runs vpmu-guest from its ELF file until it ends.
 *
 * usage: bare-start KERNEL MEMORY-MIB
 */
#include <elf.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define UART             0x3f8
#define UART_LSR         (UART + 5)
#define START_INFO       0x6000
#define START_INFO_MAGIC 0x336ec578u
#define TSS_ADDRESS      0xfffbd000u
#define IDENTITY_MAP     0xfffbc000ull

static void need(long result, const char *what)
{
    if (result < 0) {
        perror(what);
        exit(1);
    }
}

/* Copies the loadable segments; returns the 32-bit entry point. */
static uint64_t load_elf(const char *path, uint8_t *ram, size_t ram_bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    uint8_t *file;
    Elf64_Ehdr *header;
    Elf64_Phdr *segments;
    uint64_t entry;

    need(fd, path);
    need(fstat(fd, &info), path);
    file = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    need(file == MAP_FAILED ? -1 : 0, path);
    header = (Elf64_Ehdr *)file;
    segments = (Elf64_Phdr *)(file + header->e_phoff);
    for (unsigned i = 0; i < header->e_phnum; i++) {
        if (segments[i].p_type == PT_LOAD &&
            segments[i].p_paddr + segments[i].p_memsz <= ram_bytes) {
            memcpy(ram + segments[i].p_paddr, file + segments[i].p_offset,
                   segments[i].p_filesz);
        }
    }
    entry = header->e_entry;
    munmap(file, (size_t)info.st_size);
    close(fd);
    return entry;
}

static void set_cpuid(int kvm, int vcpu)
{
    unsigned room = 256;
    struct kvm_cpuid2 *cpuid =
        calloc(1, sizeof(*cpuid) + room * sizeof(struct kvm_cpuid_entry2));

    need(cpuid ? 0 : -1, "calloc");
    cpuid->nent = room;
    need(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid), "KVM_GET_SUPPORTED_CPUID");
    need(ioctl(vcpu, KVM_SET_CPUID2, cpuid), "KVM_SET_CPUID2");
    free(cpuid);
}

static void set_registers(int vcpu, uint64_t entry)
{
    struct kvm_segment code = {.limit = 0xffffffff,
                               .selector = 0x10,
                               .type = 11,
                               .present = 1,
                               .db = 1,
                               .s = 1,
                               .g = 1};
    struct kvm_segment data = code;
    struct kvm_sregs sregs;
    struct kvm_regs regs = {.rip = entry, .rbx = START_INFO, .rflags = 2};

    data.selector = 0x18;
    data.type = 3;
    need(ioctl(vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
    sregs.cs = code;
    sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
    sregs.cr0 = 1;
    need(ioctl(vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
    need(ioctl(vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
}

/* Returns 0 when the guest used the debug-exit port. */
static int handle_io(struct kvm_run *run)
{
    uint8_t *data = (uint8_t *)run + run->io.data_offset;

    if (run->io.direction == KVM_EXIT_IO_IN) {
        memset(data, run->io.port == UART_LSR ? 0x60 : 0, run->io.size * run->io.count);
    } else if (run->io.port == UART) {
        need(write(STDOUT_FILENO, data, run->io.count), "write");
    } else if (run->io.port == 0xf4 || run->io.port == 0x501) {
        return 0;
    }
    return 1;
}

int main(int argc, char **argv)
{
    size_t ram_bytes = argc == 3 ? strtoul(argv[2], NULL, 10) << 20 : 0;
    int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    struct kvm_pit_config pit = {0};
    uint64_t identity = IDENTITY_MAP;
    uint8_t *ram;
    struct kvm_run *run;
    int vm;
    int vcpu;
    long run_bytes;

    if (!ram_bytes) {
        fprintf(stderr, "usage: bare-start KERNEL MEMORY-MIB\n");
        return 1;
    }
    need(kvm, "/dev/kvm");
    vm = ioctl(kvm, KVM_CREATE_VM, 0);
    need(vm, "KVM_CREATE_VM");
    need(ioctl(vm, KVM_SET_TSS_ADDR, TSS_ADDRESS), "KVM_SET_TSS_ADDR");
    need(ioctl(vm, KVM_SET_IDENTITY_MAP_ADDR, &identity), "KVM_SET_IDENTITY_MAP_ADDR");
    need(ioctl(vm, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
    need(ioctl(vm, KVM_CREATE_PIT2, &pit), "KVM_CREATE_PIT2");
    ram = mmap(NULL, ram_bytes, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    need(ram == MAP_FAILED ? -1 : 0, "mmap");
    struct kvm_userspace_memory_region slot = {.memory_size = ram_bytes,
                                               .userspace_addr = (uintptr_t)ram};
    need(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot), "KVM_SET_USER_MEMORY_REGION");
    vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
    need(vcpu, "KVM_CREATE_VCPU");
    run_bytes = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    need(run_bytes, "KVM_GET_VCPU_MMAP_SIZE");
    run = mmap(NULL, (size_t)run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
    need(run == MAP_FAILED ? -1 : 0, "mmap of the vCPU");
    *(uint32_t *)(ram + START_INFO) = START_INFO_MAGIC;
    set_cpuid(kvm, vcpu);
    set_registers(vcpu, load_elf(argv[1], ram, ram_bytes));
    for (;;) {
        need(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN");
        if (run->exit_reason == KVM_EXIT_IO ? !handle_io(run)
                                            : run->exit_reason != KVM_EXIT_MMIO) {
            return 0;
        }
    }
}
