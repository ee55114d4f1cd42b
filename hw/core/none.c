/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The board "none": no CPU, no device.  What a management program asks questions of. */
#include "../boards.h"
#include "accel/kvm-arch.h"

static bool none_plan(MachinePlan *plan, GPtrArray *built_in,
                      const TypeRegistry *registry, GError **errp)
{
    (void)built_in;
    (void)registry;
    (void)errp;
    plan->ram_ranges = 0;
    return true;
}

static bool none_create(Machine *machine, GError **errp)
{
    (void)machine;
    (void)errp;
    return true;
}

static IrqLine none_irq(Machine *machine, unsigned number)
{
    (void)machine;
    (void)number;
    return (IrqLine){0};
}

const Board board_none = {
    .family = "none",
    .doc = "empty machine",
#if defined(KVM_ARCH_ARM64)
    .arch = TARGET_ARCH_AARCH64,
#else
    .arch = TARGET_ARCH_X86_64,
#endif
    .max_cpus = 1,
    .plan = none_plan,
    .create = none_create,
    .finish = none_create,
    .irq = none_irq,
};
