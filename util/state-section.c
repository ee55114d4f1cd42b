/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/state-section.h"

#include <string.h>

#include "util/bits.h"
#include "util/error.h"

void state_section_free(StateSection *section)
{
    if (section) {
        g_byte_array_unref(section->bytes);
        g_free(section);
    }
}

GByteArray *state_section_encode(const StateSection *section)
{
    GByteArray *out = g_byte_array_new();
    uint8_t len = (uint8_t)strlen(section->name);
    uint32_t instance = GUINT32_TO_LE(section->instance);

    g_byte_array_append(out, &len, sizeof(len));
    g_byte_array_append(out, (const uint8_t *)section->name, len);
    g_byte_array_append(out, (const uint8_t *)&instance, sizeof(instance));
    g_byte_array_append(out, section->bytes->data, section->bytes->len);
    return out;
}

StateSection *state_section_decode(const uint8_t *data, size_t len, GError **errp)
{
    size_t name_len = len ? data[0] : 0;
    StateSection *section;
    uint32_t instance;

    if (name_len == 0 || name_len >= sizeof(section->name) ||
        !range_fits(1 + name_len, sizeof(instance), len)) {
        error_set(errp, "state of %zu bytes has no name", len);
        return NULL;
    }
    section = g_new0(StateSection, 1);
    memcpy(section->name, data + 1, name_len);
    memcpy(&instance, data + 1 + name_len, sizeof(instance));
    section->instance = GUINT32_FROM_LE(instance);
    section->bytes = g_byte_array_new();
    g_byte_array_append(section->bytes, data + 1 + name_len + sizeof(instance),
                        (guint)(len - 1 - name_len - sizeof(instance)));
    return section;
}

const StateSection *state_section_find(const GPtrArray *sections, const char *name,
                                       unsigned instance, GError **errp)
{
    const StateSection *found = NULL;

    for (unsigned i = 0; i < sections->len; i++) {
        const StateSection *section = g_ptr_array_index(sections, i);

        if (section->instance != instance || strcmp(section->name, name) != 0) {
            continue;
        }
        if (found) {
            error_set(errp, "state %s %u is there twice", name, instance);
            return NULL;
        }
        found = section;
    }
    if (!found) {
        error_set(errp, "state %s %u is missing", name, instance);
    }
    return found;
}
