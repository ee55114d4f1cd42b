/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/host-json.h"

#include "common/cpuid-json.h"
#include "util/error.h"
#include "util/json.h"

json_object *arm_host_format(const ArmHost *host)
{
    json_object *arm = json_object_new_object();
    json_object *regs = json_object_new_object();

    json_add_hex(arm, "midr", host->midr);
    for (unsigned i = 0; i < host->id_regs->len; i++) {
        const ArmIdReg *reg = &g_array_index(host->id_regs, ArmIdReg, i);

        json_add_hex(regs, reg->name, reg->value);
    }
    json_add(arm, "id-regs", regs);
    for (unsigned i = 0; i < ARM_ATTR_COUNT; i++) {
        json_add_bool(arm, arm_pmu_attr_rows[i].name, host->has_pmu_attr[i]);
    }
    json_add_uint(arm, "pmu-counters", host->pmu_counters);
    if (host->gic_version) {
        json_add_uint(arm, "gic", host->gic_version);
    }
    if (host->mode) {
        json_add_string(arm, "mode", host_mode_name(host->mode));
    }
    if (host->registers->len) {
        json_add(arm, "registers", registers_format(host->registers));
    }
    return arm;
}

static bool parse_mode(ArmHost *host, json_object *arm, GError **errp)
{
    const char *name;

    if (!json_has(arm, "mode")) {
        return true;
    }
    if (!json_get_string(arm, "profile.arm", "mode", &name, errp)) {
        return false;
    }
    if (!host_mode_parse(name, &host->mode) || host->mode < HOST_MODE_VHE) {
        error_set(errp, "profile.arm.mode: '%s' is unknown", name);
        return false;
    }
    return true;
}

/* An attribute that was not known when the profile was written is not there. */
static bool parse_pmu_attrs(ArmHost *host, json_object *arm, GError **errp)
{
    for (unsigned i = 0; i < ARM_ATTR_COUNT; i++) {
        const ArmPmuAttrRow *row = &arm_pmu_attr_rows[i];

        if ((!row->is_later || json_has(arm, row->name)) &&
            !json_get_bool(arm, "profile.arm", row->name, &host->has_pmu_attr[i], errp)) {
            return false;
        }
    }
    return true;
}

bool arm_host_parse(ArmHost *host, json_object *json, GError **errp)
{
    json_object *arm, *regs;
    uint64_t counters, gic = 0;

    if (!json_get_object(json, "profile", "arm", &arm, errp) ||
        !json_get_hex(arm, "profile.arm", "midr", &host->midr, errp) ||
        !json_get_object(arm, "profile.arm", "id-regs", &regs, errp) ||
        !parse_pmu_attrs(host, arm, errp) ||
        !json_get_uint(arm, "profile.arm", "pmu-counters", 31, &counters, errp) ||
        (json_has(arm, "gic") &&
         !json_get_uint(arm, "profile.arm", "gic", 3, &gic, errp)) ||
        !parse_mode(host, arm, errp) ||
        !registers_parse(arm, "profile.arm", host->registers, errp)) {
        return false;
    }
    host->pmu_counters = (uint32_t)counters;
    host->gic_version = (uint32_t)gic;
    json_object_object_foreach(regs, name, value)
    {
        ArmIdReg reg = {0};

        (void)value; /* read by name, with the checks of json_get_hex */
        if (!json_get_hex(regs, "profile.arm.id-regs", name, &reg.value, errp)) {
            return false;
        }
        reg.name = g_strdup(name);
        g_array_append_val(host->id_regs, reg);
    }
    return true;
}
