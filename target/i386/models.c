/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "models.h"

#include <string.h>

static const X86ModelVersions *const lists[] = {
    x86_models_intel,
    x86_models_amd,
    x86_models_other,
};

/* As QEMU adds them where KVM is the accelerator. */
static const uint16_t named_extra[] = {
    X86_KVMCLOCK,   X86_KVM_NOPIODELAY,      X86_KVM_ASYNCPF, X86_KVM_STEAL_TIME,
    X86_KVM_PV_EOI, X86_KVMCLOCK_STABLE_BIT, X86_X2APIC,      X86_NO_FEATURE,
};

const X86ModelVersions *x86_model_versions(unsigned index)
{
    for (unsigned i = 0; i < ARRAY_LEN(lists); i++) {
        for (const X86ModelVersions *model = lists[i]; model->rows; model++) {
            if (index-- == 0) {
                return model;
            }
        }
    }
    return NULL;
}

const X86CpuModel *x86_model_newest(const char *name, size_t length)
{
    const X86ModelVersions *versions;

    for (unsigned i = 0; (versions = x86_model_versions(i)); i++) {
        const char *first = versions->rows[0].name;

        if (strlen(first) == length + strlen("-v1") &&
            strncmp(first, name, length) == 0) {
            return &versions->rows[versions->count - 1];
        }
    }
    return NULL;
}

const X86Identity *x86_model_identity(const X86CpuModel *model)
{
    return model->identity ? model->identity : x86_model_identity(model->base);
}

const char *x86_model_id(const X86CpuModel *model)
{
    return model->model_id ? model->model_id : x86_model_id(model->base);
}

const X86CacheRow *x86_model_caches(const X86CpuModel *model)
{
    while (model && !model->caches) {
        model = model->base;
    }
    return model && model->caches != x86_caches_none ? model->caches : NULL;
}

bool x86_model_has_leaf_1f(const X86CpuModel *model)
{
    while (model && !model->has_leaf_1f) {
        model = model->base;
    }
    return model;
}

unsigned x86_model_avx10_version(const X86CpuModel *model)
{
    while (model && !model->avx10_version) {
        model = model->base;
    }
    return model ? model->avx10_version : 0;
}

static void add_features(const uint16_t *features, uint64_t words[X86_WORD_COUNT])
{
    for (; features && *features != X86_NO_FEATURE; features++) {
        const X86FeatureRow *row = &x86_feature_rows[*features];

        words[row->word] |= row->mask;
    }
}

static void remove_features(const uint16_t *features, uint64_t words[X86_WORD_COUNT])
{
    for (; features && *features != X86_NO_FEATURE; features++) {
        const X86FeatureRow *row = &x86_feature_rows[*features];

        words[row->word] &= ~row->mask;
    }
}

void x86_model_words(const X86CpuModel *model, uint64_t ret[X86_WORD_COUNT])
{
    if (model->base) {
        x86_model_words(model->base, ret);
    } else {
        memset(ret, 0, X86_WORD_COUNT * sizeof(*ret));
    }
    remove_features(model->removed, ret);
    add_features(model->added, ret);
    if (model->kind != X86_MODEL_BASE) {
        ret[X86_WORD_1_ECX] |= x86_feature_rows[X86_HYPERVISOR].mask;
    }
    if (model->kind == X86_MODEL_NAMED) {
        add_features(named_extra, ret);
    }
}
