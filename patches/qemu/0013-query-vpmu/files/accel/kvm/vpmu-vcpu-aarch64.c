/*
 * What the first vCPU has: registers
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include <sys/ioctl.h>
#include <linux/kvm.h>
#include "vpmu-vcpu.h"

static VpmuRegister *registers;
static size_t register_count;

/* The value of a register of at most 64 bits; 0 of others. */
static uint64_t read_register(int fd, uint64_t id)
{
    uint64_t value = 0;
    struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

    if ((id & KVM_REG_SIZE_MASK) > KVM_REG_SIZE_U64) {
        return 0;
    }
    /* A narrow one comes first, and arm64 hosts that run KVM are LE. */
    return ioctl(fd, KVM_GET_ONE_REG, &reg) == 0 ? value : 0;
}

void vpmu_vcpu_keep(CPUState *cpu, run_on_cpu_data data)
{
    struct kvm_reg_list count = { .n = 0 };
    g_autofree struct kvm_reg_list *list = NULL;

    /* Too short for any vCPU: it says how many there are. */
    if (ioctl(cpu->kvm_fd, KVM_GET_REG_LIST, &count) == 0 || errno != E2BIG) {
        return;
    }
    list = g_malloc0(sizeof(*list) + count.n * sizeof(list->reg[0]));
    list->n = count.n;
    if (ioctl(cpu->kvm_fd, KVM_GET_REG_LIST, list) < 0) {
        return;
    }
    registers = g_new0(VpmuRegister, list->n);
    for (register_count = 0; register_count < list->n; register_count++) {
        registers[register_count] = (VpmuRegister) {
            .id = list->reg[register_count],
            .value = read_register(cpu->kvm_fd, list->reg[register_count]),
        };
    }
}

bool vpmu_vcpu_is_kept(void)
{
    return register_count;
}

VpmuStatus vpmu_vcpu_verify(const VpmuContract *contract, VpmuReport **seen,
                            char **message)
{
    return vpmu_verify_arm64(contract, registers, register_count, seen,
                             message);
}
