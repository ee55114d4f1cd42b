/*
 * Comparing CPU models by what a guest would see of each on this host
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-machine.h"
#include "qemu/cutils.h"
#include "qobject/qbool.h"
#include "qobject/qdict.h"
#include "qobject/qjson.h"
#include "qobject/qlist.h"
#include "qobject/qnum.h"
#include "qobject/qstring.h"
#include "hw/core/cpu.h"
#include "cpu.h"
#include "vpmu-decision.h"
#include "vpmu-errors.h"

/* Whether QEMU knows the model, its properties and their types. */
static bool is_known(CpuModelInfo *model, Error **errp)
{
    CpuModelExpansionInfo *info;

    info = qmp_query_cpu_model_expansion(CPU_MODEL_EXPANSION_TYPE_FULL, model,
                                         errp);
    qapi_free_CpuModelExpansionInfo(info);
    return info != NULL;
}

/* A property's value as after -cpu; NULL for what is none. */
static char *value_text(const QObject *value)
{
    const QBool *on = qobject_to(QBool, value);
    const QNum *number = qobject_to(QNum, value);
    const QString *string = qobject_to(QString, value);

    return on ? g_strdup(qbool_get_bool(on) ? "on" : "off") :
           number ? qnum_to_string((QNum *)number) :
           string && !strchr(qstring_get_str(string), ',') ?
           g_strdup(qstring_get_str(string)) : NULL;
}

/* "host,avx2=off", or NULL with @errp set. */
static char *model_text(const CpuModelInfo *model, Error **errp)
{
    const QDict *props = qobject_to(QDict, model->props);
    GString *text = g_string_new(model->name);
    const QDictEntry *entry = props ? qdict_first(props) : NULL;

    for (; entry; entry = qdict_next(props, entry)) {
        g_autofree char *value = value_text(qdict_entry_value(entry));

        if (!value) {
            error_setg(errp, "property '%s' cannot be compared with this value",
                       qdict_entry_key(entry));
            g_string_free(text, TRUE);
            return NULL;
        }
        g_string_append_printf(text, ",%s=%s", qdict_entry_key(entry), value);
    }
    return g_string_free(text, FALSE);
}

/* What a guest gets of this host with @model; a model it cannot start with is
 * an error. */
static VpmuPlan *model_plan(CpuModelInfo *model, Error **errp)
{
    g_autofree char *text = NULL;
    Object *cpu;
    VpmuPlan *plan;

    text = is_known(model, errp) ? model_text(model, errp) : NULL;
    if (!text) {
        return NULL;
    }
    /* A machine without CPUs has the defaults of one, too. */
    cpu = first_cpu ? object_ref(OBJECT(first_cpu)) :
          object_new(X86_CPU_TYPE_NAME("max"));
    plan = vpmu_decision_plan(cpu, text, errp);
    object_unref(cpu);
    if (plan && !vpmu_plan_contract(plan)) {
        g_autofree char *why = vpmu_errors_text(vpmu_plan_report(plan));

        error_setg(errp, "model '%s': %s", model->name, why);
        vpmu_plan_free(g_steal_pointer(&plan));
    }
    return plan;
}

/* The plans of two models; false with @errp set where one has none. */
static bool two_plans(CpuModelInfo *modela, CpuModelInfo *modelb,
                      VpmuPlan *ret[2], Error **errp)
{
    ret[0] = model_plan(modela, errp);
    ret[1] = ret[0] ? model_plan(modelb, errp) : NULL;
    if (!ret[1]) {
        vpmu_plan_free(ret[0]);
    }
    return ret[1] != NULL;
}

/* The strings of a JSON array, which goes. */
static strList *take_names(char *json)
{
    QList *names = qobject_to(QList, qobject_from_json(json, &error_abort));
    strList *list = NULL, **tail = &list;
    QObject *name;

    while ((name = qlist_pop(names))) {
        QAPI_LIST_APPEND(tail, g_strdup(qstring_get_str(qobject_to(QString,
                                                                   name))));
        qobject_unref(name);
    }
    qobject_unref(names);
    vpmu_free(json);
    return list;
}

CpuModelCompareInfo *qmp_query_cpu_model_comparison(CpuModelInfo *modela,
                                                    CpuModelInfo *modelb,
                                                    Error **errp)
{
    static const CpuModelCompareResult results[] = {
        [VPMU_IDENTICAL] = CPU_MODEL_COMPARE_RESULT_IDENTICAL,
        [VPMU_SUPERSET] = CPU_MODEL_COMPARE_RESULT_SUPERSET,
        [VPMU_SUBSET] = CPU_MODEL_COMPARE_RESULT_SUBSET,
        [VPMU_INCOMPATIBLE] = CPU_MODEL_COMPARE_RESULT_INCOMPATIBLE,
    };
    CpuModelCompareInfo *info;
    VpmuPlan *plans[2];
    VpmuOrder order;
    char *names;

    if (!two_plans(modela, modelb, plans, errp)) {
        return NULL;
    }
    order = vpmu_compare(vpmu_plan_contract(plans[0]),
                         vpmu_plan_contract(plans[1]), &names);
    info = g_new0(CpuModelCompareInfo, 1);
    info->result = results[order];
    info->responsible_properties = take_names(names);
    vpmu_plan_free(plans[0]);
    vpmu_plan_free(plans[1]);
    return info;
}

/* "base,pmu=on,avx=on" as name and properties. */
static CpuModelInfo *model_of_text(const char *text)
{
    CpuModelInfo *model = g_new0(CpuModelInfo, 1);
    g_auto(GStrv) items = g_strsplit(text, ",", -1);
    QDict *props = qdict_new();

    model->name = g_strdup(items[0]);
    for (int i = 1; items[i]; i++) {
        g_auto(GStrv) pair = g_strsplit(items[i], "=", 2);
        uint64_t number;

        if (qemu_strtou64(pair[1], NULL, 0, &number) == 0) {
            qdict_put(props, pair[0], qnum_from_uint(number));
        } else {
            qdict_put_bool(props, pair[0], g_str_equal(pair[1], "on"));
        }
    }
    model->props = QOBJECT(props);
    return model;
}

CpuModelBaselineInfo *qmp_query_cpu_model_baseline(CpuModelInfo *modela,
                                                   CpuModelInfo *modelb,
                                                   Error **errp)
{
    VpmuBaseline *baseline;
    CpuModelBaselineInfo *info = NULL;
    char *text = NULL, *message = NULL;
    VpmuPlan *plans[2];

    if (!two_plans(modela, modelb, plans, errp)) {
        return NULL;
    }
    baseline = vpmu_baseline_new();
    if (vpmu_baseline_add(baseline, plans[0], modela->name, &message) ||
        vpmu_baseline_add(baseline, plans[1], modelb->name, &message) ||
        vpmu_baseline_find(baseline, &text, NULL, &message)) {
        vpmu_set_error(errp, "baseline", message);
    } else {
        info = g_new0(CpuModelBaselineInfo, 1);
        info->model = model_of_text(text);
        vpmu_free(text);
    }
    vpmu_baseline_free(baseline);
    vpmu_plan_free(plans[0]);
    vpmu_plan_free(plans[1]);
    return info;
}
