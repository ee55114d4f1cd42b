/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reasons for which a contract does not hold, with the relation each belongs to.
 */
#include "target/check-reason.h"

#define OTHER_HOST "use another host"
#define OR_WITH    OTHER_HOST ", or start the guest with "
#define SAME_LINE  "start the destination with the options of the source"

/* clang-format off */
const CheckReasonRow check_reason_rows[CHECK_REASON_COUNT] = {
    [CHECK_NO_REASON] = {"none", RELATION_NONE, "nothing", NULL},
    [CHECK_ARCH_DIFFERS] = {"arch-differs", RELATION_EQUAL, "another architecture", OTHER_HOST},
    [CHECK_VENDOR_DIFFERS] = {"vendor-differs", RELATION_EQUAL,
        "PMU and system calls differ between vendors", OTHER_HOST},
    [CHECK_FAMILY_DIFFERS] = {"family-differs", RELATION_EQUAL,
        "PEBS and LBR need the guest's family to be the host's",
        OR_WITH "pebs-fmt=off,lbr-fmt=off"},
    [CHECK_MODEL_DIFFERS] = {"model-differs", RELATION_EQUAL,
        "PEBS and LBR need the guest's model to be the host's", OR_WITH "pebs-fmt=off,lbr-fmt=off"},
    [CHECK_PHYS_BITS_FEWER] = {"phys-bits-fewer", RELATION_AT_MOST, "physical address bits",
        OTHER_HOST},
    [CHECK_TSC_NOT_SCALED] = {"tsc-not-scaled", RELATION_SUBSET,
        "KVM on the host cannot give the guest's TSC a frequency",
        OTHER_HOST ", or start the guest without tsc-frequency"},
    [CHECK_FEATURE_MISSING] = {"feature-missing", RELATION_SUBSET,
        "the host does not offer the feature", OTHER_HOST},
    [CHECK_UNNAMED_BITS_MISSING] = {"unnamed-bits-missing", RELATION_SUBSET,
        "bits without a name that the host does not offer", OTHER_HOST},
    [CHECK_LBR_FORMAT_DIFFERS] = {"lbr-format-differs", RELATION_EQUAL_OR_ABSENT,
        "LBR records have the format of the processor", OR_WITH "lbr-fmt=off"},
    [CHECK_PEBS_FORMAT_DIFFERS] = {"pebs-format-differs", RELATION_EQUAL_OR_ABSENT,
        "PEBS records have the format of the processor", OR_WITH "pebs-fmt=off"},
    [CHECK_PEBS_GROUP_DIFFERS] = {"pebs-group-differs", RELATION_GROUP,
        "KVM compares the PEBS features whole", OR_WITH "pebs-fmt=off"},
    [CHECK_PMU_MISSING] = {"pmu-missing", RELATION_SUBSET, "KVM offers no vPMU on this host",
        OR_WITH "pmu=off"},
    [CHECK_PMU_STAYS_ON] = {"pmu-stays-on", RELATION_EQUAL,
        "KVM on the host cannot take its PMU away from a guest", OTHER_HOST},
    [CHECK_PMU_VERSION_LOWER] = {"pmu-version-lower", RELATION_AT_MOST,
        "version of architectural performance monitoring", OTHER_HOST},
    [CHECK_GP_COUNTERS_FEWER] = {"gp-counters-fewer", RELATION_AT_MOST, "general-purpose counters",
        OTHER_HOST},
    [CHECK_FIXED_COUNTERS_FEWER] = {"fixed-counters-fewer", RELATION_AT_MOST, "fixed counters",
        OTHER_HOST},
    [CHECK_GP_WIDTH_LESS] = {"gp-width-less", RELATION_AT_MOST, "bits of a general-purpose counter",
        OTHER_HOST},
    [CHECK_FIXED_WIDTH_LESS] = {"fixed-width-less", RELATION_AT_MOST, "bits of a fixed counter",
        OTHER_HOST},
    [CHECK_EVENT_MISSING] = {"event-missing", RELATION_SUBSET,
        "an architectural event of the guest is missing", OTHER_HOST},
    [CHECK_TIED_TO_HOST] = {"tied-to-host", RELATION_EQUAL,
        "the guest has what no other host can go on with", NULL},
    [CHECK_MIDR_DIFFERS] = {"midr-differs", RELATION_EQUAL,
        "the guest knows its processor by this number", OTHER_HOST},
    [CHECK_VCPU_FEATURE_MISSING] = {"vcpu-feature-missing", RELATION_SUBSET,
        "KVM on the host does not have it", OTHER_HOST},
    [CHECK_SOURCE_MISSING] = {"source-missing", RELATION_COVERAGE,
        "the host has no such event source for KVM", OR_WITH "pmu=off"},
    [CHECK_SOURCE_PARTIAL] = {"source-partial", RELATION_COVERAGE,
        "the guest was promised a source that covers the whole host", OR_WITH "pmu=off"},
    [CHECK_BACKEND_MISSING] = {"backend-missing", RELATION_EQUAL,
        "KVM on the host does not have this backend", OR_WITH "pmu=off"},
    [CHECK_COUNTERS_FEWER] = {"counters-fewer", RELATION_AT_MOST,
        "event counters of the host's PMU", OTHER_HOST},
    [CHECK_COUNTERS_DIFFER] = {"counters-differ", RELATION_EQUAL,
        "event counters of the host's PMU", OR_WITH "pmu=off"},
    [CHECK_PMUVER_DIFFERS] = {"pmuver-differs", RELATION_EQUAL,
        "KVM does not change PMUVer for a guest that ran", OR_WITH "pmu=off"},
    [CHECK_REGISTER_MISSING] = {"register-missing", RELATION_SUBSET,
        "KVM on the host has no such registers of a vCPU, so its state does not load",
        "use a host with a kernel as new as the guest's"},
    [CHECK_ID_REGISTER_DIFFERS] = {"id-register-differs", RELATION_EQUAL,
        "KVM on the host does not give the guest's value of the register",
        "use a host with the guest's kernel, or shut the guest down and start it anew here"},
    [CHECK_MODE_DIFFERS] = {"mode-differs", RELATION_MODE,
        "what the guest has of its PMU needs this mode of the host's kernel",
        "load KVM in that mode, or use another host"},
    [CHECK_MODE_CHANGES] = {"mode-changes", RELATION_MODE,
        "the guest keeps its PMU, served in another way: accuracy and cost change", NULL},
    [CHECK_MACHINE_DIFFERS] = {"machine-differs", RELATION_EQUAL, "the guest was made with it",
        SAME_LINE},
    [CHECK_CPUS_DIFFER] = {"cpus-differ", RELATION_EQUAL, "the guest was made with it", SAME_LINE},
    [CHECK_RAM_DIFFERS] = {"ram-differs", RELATION_EQUAL, "the guest was made with it", SAME_LINE},
    [CHECK_DEVICES_DIFFER] = {"devices-differ", RELATION_EQUAL, "the guest was made with them",
        SAME_LINE},
    [CHECK_DEVICE_DIFFERS] = {"device-differs", RELATION_EQUAL,
        "the guest knows where its devices are", SAME_LINE},
    [CHECK_MACHINE_PROPERTY_DIFFERS] = {"machine-property-differs", RELATION_EQUAL,
        "the guest was made with it", SAME_LINE},
    [CHECK_TOPOLOGY_DIFFERS] = {"topology-differs", RELATION_EQUAL,
        "the guest knows how its CPUs are arranged", SAME_LINE},
    [CHECK_PACKING_UNKNOWN] = {"packing-unknown", RELATION_EQUAL,
        "pages would come in a form that is not known here",
        "switch off capability compress at the source"},
    [CHECK_PMU_SWITCH_DIFFERS] = {"pmu-switch-differs", RELATION_EQUAL, "-cpu here says otherwise",
        SAME_LINE},
    [CHECK_CPU_PROMISES_LESS] = {"cpu-promises-less", RELATION_SUBSET,
        "-cpu here promises the guest less than it has", SAME_LINE},
    [CHECK_KIND_DIFFERS] = {"kind-differs", RELATION_EQUAL,
        "counters would vanish or change under the guest", SAME_LINE},
    [CHECK_VCPU_FEATURES_DIFFER] = {"vcpu-features-differ", RELATION_EQUAL,
        "-cpu here makes other vCPUs", SAME_LINE},
    [CHECK_SOURCE_DIFFERS] = {"source-differs", RELATION_EQUAL,
        "events mean something else on another PMU", SAME_LINE},
};
/* clang-format on */

const char *relation_name(Relation relation)
{
    static const char *const names[RELATION_COUNT] = {
        "none",  "kept",     "subset", "equal", "at-most", "equal-or-absent",
        "group", "coverage", "mode"};

    return names[relation];
}

bool check_reason_is_of_host(const char *code)
{
    for (CheckReason i = CHECK_MACHINE_DIFFERS; i < CHECK_REASON_COUNT; i++) {
        if (g_strcmp0(check_reason_rows[i].code, code) == 0) {
            return false;
        }
    }
    return true;
}

void check_fail_as(Report *report, CheckReason reason, const Finding *as)
{
    const CheckReasonRow *why = &check_reason_rows[reason];
    g_autofree char *cause = g_strdup_printf("%s: %s", relation_name(why->relation),
                                             as->cause ? as->cause : why->sentence);

    report_add(report, &(Finding){.level = reason == CHECK_MODE_CHANGES ? FINDING_WARNING
                                                                        : FINDING_ERROR,
                                  .code = why->code,
                                  .of = as->of,
                                  .row = as->row,
                                  .asked = as->asked,
                                  .offered = as->offered,
                                  .given = as->given,
                                  .cause = cause,
                                  .remedy = as->remedy ? as->remedy : why->remedy});
}

char *check_less_remedy(const char *property, const char *value)
{
    return g_strdup_printf(OR_WITH "%s=%s", property, value);
}

void check_fail(Report *report, CheckReason reason, const char *row, const char *guest,
                const char *host, const char *detail)
{
    check_fail_as(
        report, reason,
        &(Finding){.row = row, .asked = guest, .offered = host, .cause = detail});
}
