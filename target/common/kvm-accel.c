/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/kvm-accel.h"

#include <string.h>

#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"
#include "util/number.h"

static const char *const irqchip_names[] = {"on", "off", "split", NULL};
/* What KVM does unless it is told otherwise, and here nobody tells it. */
static const char *const notify_names[] = {"disable", NULL};
static const char *const affinity_names[] = {"auto", "off", NULL};

static const struct {
    const char *name;
    PmuRequestKind kind;
} request_words[] = {
    {"auto", PMU_REQUEST_AUTO},
    {"none", PMU_REQUEST_NONE},
    {"fixed-counters-only", PMU_REQUEST_FIXED_COUNTERS_ONLY},
    {"big", PMU_REQUEST_BIG},
    {"little", PMU_REQUEST_LITTLE},
};

/* What a source in sysfs may be called. */
static bool is_source_name(const char *text)
{
    return (g_ascii_isalpha(text[0]) || text[0] == '_') &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789_.:-") == strlen(text);
}

static bool parse_request(const char *text, PmuRequest *request, GError **errp)
{
    uint64_t type;

    for (unsigned i = 0; i < ARRAY_LEN(request_words); i++) {
        if (strcmp(text, request_words[i].name) == 0) {
            request->kind = request_words[i].kind;
            return true;
        }
    }
    if (number_parse_uint64(text, &type)) {
        if (type > UINT32_MAX) {
            error_set(errp,
                      "event source type %s is out of range, 0 to 4294967295 is accepted",
                      text);
            return false;
        }
        request->kind = PMU_REQUEST_TYPE;
        request->type = (uint32_t)type;
        return true;
    }
    if (is_source_name(text)) {
        request->kind = PMU_REQUEST_NAME;
        request->name = g_strdup(text);
        return true;
    }
    error_set(
        errp,
        "'%s' is neither an event source's type number or name, nor auto, none, big, "
        "little or fixed-counters-only",
        text);
    return false;
}

static bool accel_set_pmu(Object *object, const Property *prop, json_object *value,
                          PropertyOrigin origin, GError **errp)
{
    KvmAccel *accel = (KvmAccel *)object;
    PmuRequest request = {0};

    (void)prop;
    (void)origin;
    /* QMP sends a number as a number; its text is the same. */
    if (!parse_request(json_object_get_string(value), &request, errp)) {
        return false;
    }
    g_free(accel->pmu.name);
    accel->pmu = request;
    return true;
}

static json_object *accel_get_pmu(const Object *object, const Property *prop)
{
    const KvmAccel *accel = (const KvmAccel *)object;

    (void)prop;
    switch (accel->pmu.kind) {
    case PMU_REQUEST_UNSET:
        return NULL;
    case PMU_REQUEST_TYPE:
        return json_object_new_uint64(accel->pmu.type);
    case PMU_REQUEST_NAME:
        return json_object_new_string(accel->pmu.name);
    default:
        break;
    }
    for (unsigned i = 0; i < ARRAY_LEN(request_words); i++) {
        if (request_words[i].kind == accel->pmu.kind) {
            return json_object_new_string(request_words[i].name);
        }
    }
    return NULL;
}

static void accel_clear(Object *object)
{
    g_clear_pointer(&((KvmAccel *)object)->pmu.name, g_free);
}

bool kvm_accel_check(const KvmAccel *accel, GError **errp)
{
    if (accel->kernel_irqchip != KVM_IRQCHIP_ON) {
        error_set(errp,
                  "-accel kvm,kernel-irqchip=%s: the interrupt controllers are KVM's, "
                  "only 'on' can be had",
                  irqchip_names[accel->kernel_irqchip]);
        return false;
    }
    if (accel->kvm_shadow_mem) {
        error_set(errp,
                  "-accel kvm,kvm-shadow-mem=%" G_GUINT64_FORMAT
                  ": KVM sizes its page tables itself, only 0 can be had",
                  accel->kvm_shadow_mem);
        return false;
    }
    return true;
}

#define FIELD(f) .offset = offsetof(KvmAccel, f)

static const Property kvm_accel_props[] = {
    {.name = "kernel-irqchip",
     .kind = PROP_ENUM,
     FIELD(kernel_irqchip),
     .names = irqchip_names,
     .type_name = "on|off|split",
     .doc = "interrupt controllers in the kernel; off and split are refused"},
    {.name = "device",
     .kind = PROP_STRING,
     FIELD(device),
     .doc = "path of the KVM device node, /dev/kvm where not given"},
    {.name = "host-profile",
     .kind = PROP_STRING,
     FIELD(host_profile),
     .doc = "plan against this recorded host instead of the live one"},
    {.name = "pmu",
     .kind = PROP_CUSTOM,
     .type_name = "uint64",
     .values = "number|name|auto|none|big|little|fixed-counters-only",
     .set = accel_set_pmu,
     .get = accel_get_pmu,
     .doc = "Arm: perf event source that serves the guest's PMU, by its type number, its "
            "name in /sys/bus/event_source/devices or its kind of core; on x86 -cpu "
            "...,pmu= is all there is"},
    {.name = "backcompat-pmu",
     .kind = PROP_BOOL,
     FIELD(backcompat_pmu),
     .doc = "Arm: leave the choice of the event source to KVM"},
    {.name = "pmu-affinity",
     .kind = PROP_ENUM,
     FIELD(pmu_affinity),
     .names = affinity_names,
     .type_name = "auto|off",
     .doc = "Arm: keep vCPU threads on the CPUs of a named event source"},
    {.name = "x-fixed-counters-only",
     .kind = PROP_BOOL,
     FIELD(x_fixed_counters_only),
     .doc = "Arm: allow the experimental backend that has the cycle counter only"},
    {.name = "dirty-ring-size",
     .kind = PROP_UINT32,
     FIELD(dirty_ring_size),
     .doc = "entries of the dirty page ring of each vCPU, 0 uses bitmaps"},
    {.name = "notify-vmexit",
     .kind = PROP_ENUM,
     FIELD(notify_vmexit),
     .names = notify_names,
     .type_name = "disable",
     .doc = "what becomes of a guest that takes no interrupts: it goes on"},
    {.name = "kvm-shadow-mem",
     .kind = PROP_SIZE,
     FIELD(kvm_shadow_mem),
     .doc = "bytes for shadow page tables: 0, which is KVM's own choice"},
};

void kvm_accel_register_types(TypeRegistry *registry)
{
    static const ObjectType types[] = {
        {.name = "accel",
         .doc = "what runs the guest's processors",
         .is_abstract = true,
         .instance_size = sizeof(Object)},
        {.name = TYPE_KVM_ACCEL,
         .parent = "accel",
         .doc = "the kernel's KVM",
         .instance_size = sizeof(KvmAccel),
         .props = kvm_accel_props,
         .prop_count = ARRAY_LEN(kvm_accel_props),
         .clear = accel_clear},
    };

    for (unsigned i = 0; i < ARRAY_LEN(types); i++) {
        type_registry_add(registry, &types[i]);
    }
}
