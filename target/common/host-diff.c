/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts of two hosts that explain why they give other contracts.
 */
#include "target/contract-check.h"

static void note(Report *report, const char *row, const char *a, const char *b,
                 const char *meaning)
{
    report_add(report, &(Finding){.level = FINDING_NOTE,
                                  .row = row,
                                  .asked = a ? a : "none",
                                  .given = b ? b : "none",
                                  .cause = meaning});
}

/* Facts of hosts that decide nothing by themselves, but explain. */
static void diff_caps(const HostProfile *a, const HostProfile *b, Report *report)
{
    for (unsigned i = 0; i < KVM_CAPID_COUNT; i++) {
        g_autofree char *one = g_strdup_printf("%d", a->caps[i]);
        g_autofree char *two = g_strdup_printf("%d", b->caps[i]);
        g_autofree char *row = g_strconcat("kvm.", kvm_cap_rows[i].name, NULL);

        if (a->caps[i] != b->caps[i]) {
            note(report, row, one, two, "what KVM can do");
        }
    }
}

static void diff_parameters(const HostProfile *a, const HostProfile *b, Report *report,
                            bool is_swapped)
{
    for (unsigned i = 0; i < a->module_parameters->len; i++) {
        const ModuleParameter *parameter =
            &g_array_index(a->module_parameters, ModuleParameter, i);
        const char *other =
            host_profile_module_parameter(b, parameter->module, parameter->name);
        g_autofree char *row =
            g_strdup_printf("%s.%s", parameter->module, parameter->name);

        /* The second walk only finds what the first could not see. */
        if (is_swapped ? !other : g_strcmp0(parameter->value, other) != 0) {
            note(report, row, is_swapped ? NULL : parameter->value,
                 is_swapped ? parameter->value : other, "module parameter");
        }
    }
}

void host_diff(const HostProfile *a, const HostProfile *b, Report *report)
{
    if (g_strcmp0(a->model_name, b->model_name) != 0) {
        note(report, "model-name", a->model_name, b->model_name, "for people");
    }
    if (g_strcmp0(a->kernel, b->kernel) != 0) {
        note(report, "kernel", a->kernel, b->kernel, "release");
    }
    diff_caps(a, b, report);
    diff_parameters(a, b, report, false);
    diff_parameters(b, a, report, true);
}
