/*
 * The contract in the migration stream
 *
 * Each build with libvpmu reads it.  A vpmu-contract object asks to send it,
 * so that a peer that does not know the section is served without one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/module.h"
#include "qom/object_interfaces.h"
#include "migration/vmstate.h"
#include "vpmu-decision.h"
#include "vpmu-errors.h"
#include "vpmu-stream.h"

#define TYPE_VPMU_CONTRACT "vpmu-contract"

OBJECT_DECLARE_SIMPLE_TYPE(VpmuContractObject, VPMU_CONTRACT)

struct VpmuContractObject {
    Object parent_obj;
    bool complete;
};

/* What is in the section. */
typedef struct VpmuStream {
    uint32_t size;
    uint8_t *text;
} VpmuStream;

static VpmuStream stream;
static unsigned senders;
static bool started;

/* The contract as it is sent; found by the main thread, read by others. */
static char *own_text;

static void prepare(void)
{
    const VpmuDecision *decision;
    Error *err = NULL;

    if (own_text) {
        return;
    }
    decision = vpmu_decision(&err);
    if (!decision) {
        warn_reportf_err(err, "vpmu-contract: nothing is sent: ");
    } else if (!decision->contract) {
        warn_report("vpmu-contract: nothing is sent, for the first vCPU is "
                    "not what libvpmu says; query-vpmu tells more");
    } else {
        own_text = vpmu_contract_to_json(decision->contract);
    }
}

static bool stream_needed(void *opaque)
{
    return senders && own_text;
}

static int stream_pre_save(void *opaque)
{
    stream.text = (uint8_t *)own_text;
    stream.size = strlen(own_text);
    return 0;
}

static int stream_pre_load(void *opaque)
{
    stream.text = NULL;
    stream.size = 0;
    return 0;
}

static void warn_of_difference(const VpmuContract *guest,
                               const VpmuContract *own)
{
    VpmuDiff *diff = vpmu_diff_contracts(guest, own);
    const VpmuReport *rows = vpmu_diff_rows(diff);

    for (unsigned i = 0; i < vpmu_report_size(rows); i++) {
        char *text = vpmu_finding_to_text(vpmu_report_get(rows, i));

        warn_report("vpmu-contract: other than at the source: %s", text);
        vpmu_free(text);
    }
    vpmu_diff_free(diff);
}

static bool judge(const VpmuContract *guest, Error **errp)
{
    const VpmuDecision *decision = vpmu_decision(errp);
    VpmuReport *report = NULL;
    g_autofree char *why = NULL;
    bool ok;

    if (!decision) {
        return false;
    }
    if (!decision->contract) {
        error_setg(errp, "the first vCPU is not what libvpmu makes of the "
                   "command line; query-vpmu says how");
        return false;
    }
    ok = vpmu_check_arrival(guest, decision->contract, decision->host,
                            &report);
    if (ok) {
        warn_of_difference(guest, decision->contract);
    } else {
        why = vpmu_errors_text(report);
        error_setg(errp, "%s", why);
    }
    vpmu_report_free(report);
    return ok;
}

static bool stream_arrived(void *opaque, int version_id, Error **errp)
{
    g_autofree char *text = (char *)g_steal_pointer(&stream.text);
    VpmuContract *guest;
    char *message = NULL;
    bool ok;

    /* Nothing is allocated for an empty field. */
    if (vpmu_contract_parse(text ?: "", stream.size, &guest, &message) !=
        VPMU_OK) {
        error_setg(errp, "vpmu-contract: what came is no contract: %s",
                   message);
        vpmu_free(message);
        return false;
    }
    ok = judge(guest, errp);
    if (!ok) {
        error_prepend(errp, "vpmu-contract: the guest cannot go on here: ");
    }
    vpmu_contract_free(guest);
    return ok;
}

static const VMStateDescription vmstate_vpmu_contract = {
    .name = "vpmu-contract",
    .version_id = 1,
    .minimum_version_id = 1,
    .early_setup = true,
    .needed = stream_needed,
    .pre_save = stream_pre_save,
    .pre_load = stream_pre_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(size, VpmuStream),
        VMSTATE_VBUFFER_ALLOC_UINT32(text, VpmuStream, 1, NULL, size),
        VMSTATE_END_OF_LIST()
    },
};

void vpmu_stream_start(void)
{
    started = true;
    vmstate_register(NULL, 0, &vmstate_vpmu_contract, &stream);
    if (senders) {
        prepare();
    }
}

static void complete(UserCreatable *uc, Error **errp)
{
    VPMU_CONTRACT(uc)->complete = true;
    senders++;
    if (started) {
        prepare();
    }
}

static void finalize(Object *obj)
{
    if (VPMU_CONTRACT(obj)->complete) {
        senders--;
    }
}

static void class_init(ObjectClass *oc, CLASS_CONST void *data)
{
    USER_CREATABLE_CLASS(oc)->complete = complete;
}

static const TypeInfo contract_info = {
    .name = TYPE_VPMU_CONTRACT,
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(VpmuContractObject),
    .instance_finalize = finalize,
    .class_init = class_init,
    .interfaces = (CLASS_CONST InterfaceInfo[]) {
        { TYPE_USER_CREATABLE },
        { }
    },
};

static void register_contract(void)
{
    type_register_static(&contract_info);
}

type_init(register_contract);
