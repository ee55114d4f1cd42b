/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "system/plan/plan-guest.h"

GuestDescription vm_plan_describe(const VmPlan *plan, const HostProfile *host)
{
    const MachinePlan *machine = plan->machine;

    return (GuestDescription){.machine = machine->name,
                              .contract = machine->contract,
                              .cpus = machine->smp.cpus,
                              .ram = machine->ram,
                              .ranges = machine->ram_ranges,
                              .host = host,
                              .config = &machine->config->object,
                              .smp = &machine->smp,
                              .devices = machine->configs};
}
