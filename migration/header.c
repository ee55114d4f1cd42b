/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migration/header.h"

#include <string.h>

#include "target/contract-check.h"
#include "util/bits.h"
#include "util/json.h"

json_object *migration_header_new(const char *machine, const CpuContract *contract,
                                  unsigned cpus, const GuestRange *ram, unsigned ranges)
{
    json_object *json = json_object_new_object();
    json_object *array = json_object_new_array();
    g_autofree char *digest = cpu_contract_digest(contract);

    json_add_string(json, "machine", machine);
    json_add_string(json, "digest", digest);
    json_add_uint(json, "cpus", cpus);
    for (unsigned i = 0; i < ranges; i++) {
        json_object *range = json_object_new_object();

        json_add_hex(range, "gpa", ram[i].gpa);
        json_add_hex(range, "bytes", ram[i].bytes);
        json_object_array_add(array, range);
    }
    json_add(json, "ram", array);
    return json;
}

static void add_finding(Report *report, const char *row, const char *asked,
                        const char *offered, const char *cause)
{
    report_add(report,
               &(Finding){.level = FINDING_ERROR,
                          .row = (char *)row,
                          .asked = (char *)asked,
                          .offered = (char *)offered,
                          .cause = (char *)cause,
                          .remedy = (char *)"start the destination with the options of "
                                            "the source"});
}

void migration_header_check(json_object *header, json_object *own, Report *report)
{
    static const char *const rows[] = {"machine", "cpus", "ram"};

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        json_object *theirs = NULL, *ours = NULL;
        const char *asked = "nothing";

        if (json_object_is_type(header, json_type_object) &&
            json_object_object_get_ex(header, rows[i], &theirs)) {
            asked = json_object_to_json_string(theirs);
        }
        (void)json_object_object_get_ex(own, rows[i], &ours); /* made here */
        if (!theirs || !json_object_equal(theirs, ours)) {
            add_finding(report, rows[i], asked, json_object_to_json_string(ours),
                        "equal: the guest was made with it");
        }
    }
}

static void check_x86_own(const CpuContract *guest, const CpuContract *own,
                          Report *report)
{
    GPtrArray *rows = NULL;
    ContractOrder order = x86_contract_compare(own, guest, &rows);

    for (unsigned i = 0;
         i < rows->len && order != CONTRACT_IDENTICAL && order != CONTRACT_SUPERSET;
         i++) {
        add_finding(report, g_ptr_array_index(rows, i), "as in the guest's contract",
                    "other by the command line",
                    "subset: -cpu here promises the guest less than it has");
    }
    g_ptr_array_unref(rows);
}

static void check_arm_own(const CpuContract *guest, const CpuContract *own,
                          Report *report)
{
    const ArmContract *theirs = &guest->arm, *ours = &own->arm;
    g_autofree char *their_features =
        g_strdup_printf("0x%x", (unsigned)theirs->vcpu_features);
    g_autofree char *our_features =
        g_strdup_printf("0x%x", (unsigned)ours->vcpu_features);

    if (theirs->pmu_kind != ours->pmu_kind) {
        add_finding(report, "pmu.kind", arm_pmu_kind_name(theirs->pmu_kind),
                    arm_pmu_kind_name(ours->pmu_kind),
                    "equal: counters would vanish or change under the guest");
    }
    if (theirs->vcpu_features != ours->vcpu_features) {
        add_finding(report, "features", their_features, our_features,
                    "equal: -cpu here makes other vCPUs");
    }
    if (g_strcmp0(theirs->pmu_source, ours->pmu_source) != 0) {
        add_finding(report, "pmu.source",
                    theirs->pmu_source ? theirs->pmu_source : "none",
                    ours->pmu_source ? ours->pmu_source : "none",
                    "equal: events mean something else on another PMU");
    }
}

void migration_contract_check(const CpuContract *guest, const CpuContract *own,
                              const HostProfile *host, Report *report)
{
    if (guest->pmu_enabled != own->pmu_enabled) {
        add_finding(report, "pmu", guest->pmu_enabled ? "on" : "off",
                    own->pmu_enabled ? "on" : "off", "equal: -cpu here says otherwise");
    }
    if (!contract_check_host(guest, host, report) || guest->arch != own->arch) {
        return;
    }
    if (guest->arch == TARGET_ARCH_X86_64) {
        check_x86_own(guest, own, report);
    } else {
        check_arm_own(guest, own, report);
    }
}

static const char *member(json_object *object, const char *name)
{
    json_object *value = NULL;

    return json_object_object_get_ex(object, name, &value) ? json_object_get_string(value)
                                                           : "-";
}

char *migration_refusal_text(json_object *findings)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; json_object_is_type(findings, json_type_array) &&
                       i < json_object_array_length(findings);
         i++) {
        json_object *row = json_object_array_get_idx(findings, i);

        if (json_object_is_type(row, json_type_object)) {
            g_string_append_printf(text, "%s%s: the guest has %s, offered is %s (%s)",
                                   text->len ? "; " : "", member(row, "row"),
                                   member(row, "asked"), member(row, "offered"),
                                   member(row, "cause"));
        }
    }
    return g_strdup(text->str);
}
