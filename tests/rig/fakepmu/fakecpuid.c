/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lets KVM list leaf 0x80000022 where the emulated CPU ends before it.  Load it after
 * kvm.ko; what the leaf holds is then decided by KVM.
 */
#include <linux/kprobes.h>
#include <linux/kvm_host.h>
#include <linux/module.h>

#define LAST_LEAF 0x80000022

/* KVM's own list in the making; private to its cpuid.c. */
struct cpuid_array {
    struct kvm_cpuid_entry2 *entries;
    int room;
    int count;
};

struct call {
    struct cpuid_array *array;
    u32 function;
};

static int remember_call(struct kretprobe_instance *instance, struct pt_regs *regs)
{
    struct call *call = (struct call *)instance->data;

    call->array = (void *)regs->di;
    call->function = regs->si;
    return call->function == 0x80000000 ? 0 : 1; /* 1: the return does not matter */
}

static int raise_limit(struct kretprobe_instance *instance, struct pt_regs *regs)
{
    struct call *call = (struct call *)instance->data;

    for (int i = 0; i < call->array->count; i++) {
        struct kvm_cpuid_entry2 *entry = &call->array->entries[i];

        if (entry->function == 0x80000000 && entry->eax < LAST_LEAF) {
            entry->eax = LAST_LEAF;
        }
    }
    return 0;
}

static struct kretprobe probe = {
    .kp.symbol_name = "__do_cpuid_func",
    .entry_handler = remember_call,
    .handler = raise_limit,
    .data_size = sizeof(struct call),
};

static int __init made_up_init(void)
{
    return register_kretprobe(&probe);
}

static void __exit made_up_exit(void)
{
    unregister_kretprobe(&probe);
}

module_init(made_up_init);
module_exit(made_up_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A longer list of CPUID leaves for testing KVM");
