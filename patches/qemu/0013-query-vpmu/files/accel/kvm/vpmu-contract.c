/*
 * What this guest sees of its CPU, in libvpmu's terms
 *
 * The command line is resolved against this host by libvpmu, and the result
 * is held against what QEMU gave its first vCPU.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/notify.h"
#include "hw/core/cpu.h"
#include "system/kvm.h"
#include "system/system.h"
#include "vpmu-contract.h"
#include "vpmu-decision.h"
#include "vpmu-errors.h"
#include "vpmu-line.h"
#include "vpmu-vcpu.h"

static VpmuDecision decision;

const VpmuHost *vpmu_decision_host(Error **errp)
{
    char *message = NULL;

    if (!kvm_enabled()) {
        error_setg(errp, "a contract is of guests that run with KVM");
    } else if (!decision.host &&
               vpmu_host_probe(&decision.host, &message) != VPMU_OK) {
        vpmu_set_error(errp, "host", message);
    }
    return decision.host;
}

VpmuPlan *vpmu_decision_plan(Object *cpu, const char *model, Error **errp)
{
    const VpmuHost *host = vpmu_decision_host(errp);
    VpmuRequest *request = host ? vpmu_line_request(cpu, model, errp) : NULL;
    VpmuPlan *plan = NULL;
    char *message = NULL;

    if (request && vpmu_resolve(request, host, &plan, &message) != VPMU_OK) {
        vpmu_set_error(errp, "command line", message);
    }
    vpmu_request_free(request);
    return plan;
}

static bool hold_against_vcpu(const VpmuContract *contract, Error **errp)
{
    char *message = NULL;
    VpmuStatus status;

    if (!vpmu_vcpu_is_kept()) {
        error_setg(errp, "the first vCPU could not be read");
        return false;
    }
    status = vpmu_vcpu_verify(contract, &decision.seen, &message);
    if (status == VPMU_OK) {
        decision.contract = contract;
    } else if (status != VPMU_REFUSED) {
        vpmu_set_error(errp, "vCPU", message);
        return false;
    }
    vpmu_free(message);
    return true;
}

const VpmuDecision *vpmu_decision(Error **errp)
{
    const VpmuContract *contract;

    if (decision.plan) {
        return &decision;
    }
    if (!first_cpu) {
        error_setg(errp, "a contract is of a guest with processors");
        return NULL;
    }
    decision.plan = vpmu_decision_plan(OBJECT(first_cpu), NULL, errp);
    if (!decision.plan) {
        return NULL;
    }
    contract = vpmu_plan_contract(decision.plan);
    if (contract && !hold_against_vcpu(contract, errp)) {
        vpmu_plan_free(g_steal_pointer(&decision.plan));
        return NULL;
    }
    return &decision;
}

static void machine_done(Notifier *notifier, void *data)
{
    if (kvm_enabled() && first_cpu) {
        run_on_cpu(first_cpu, vpmu_vcpu_keep, RUN_ON_CPU_NULL);
    }
}

void vpmu_contract_start(int argc, char **argv)
{
    static Notifier notifier = { .notify = machine_done };

    vpmu_line_keep(argc, argv);
    qemu_add_machine_init_done_notifier(&notifier);
}
