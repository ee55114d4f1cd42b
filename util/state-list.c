/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/state-list.h"

#include <string.h>

#include "util/bits.h"
#include "util/error.h"

static void put(GByteArray *out, uint64_t value, unsigned bytes)
{
    uint64_t wire = GUINT64_TO_LE(value);

    g_byte_array_append(out, (const uint8_t *)&wire, bytes);
}

static uint64_t get(const uint8_t *data, unsigned bytes)
{
    uint64_t wire = 0;

    memcpy(&wire, data, bytes);
    return GUINT64_FROM_LE(wire);
}

static unsigned bytes_of(const StateList *list, uint64_t number)
{
    return list->value_bytes ? list->value_bytes : list->bytes_of(number);
}

void state_list_add(const StateList *list, GByteArray *out, uint32_t group,
                    uint64_t number, const void *value)
{
    put(out, group, list->group_bytes);
    put(out, number, list->number_bytes);
    g_byte_array_append(out, value, bytes_of(list, number));
}

void state_list_add_u64(const StateList *list, GByteArray *out, uint32_t group,
                        uint64_t number, uint64_t value)
{
    uint64_t wire = GUINT64_TO_LE(value);

    state_list_add(list, out, group, number, &wire);
}

bool state_list_next(const StateList *list, const uint8_t *data, size_t len, size_t *at,
                     StateEntry *ret)
{
    size_t head = list->group_bytes + list->number_bytes;

    if (!range_fits(*at, head, len)) {
        return false;
    }
    ret->group = (uint32_t)get(data + *at, list->group_bytes);
    ret->number = get(data + *at + list->group_bytes, list->number_bytes);
    ret->bytes = bytes_of(list, ret->number);
    ret->value = data + *at + head;
    if (!range_fits(*at + head, ret->bytes, len)) {
        return false;
    }
    *at += head + ret->bytes;
    return true;
}

bool state_list_check(const StateList *list, const uint8_t *data, size_t len,
                      GError **errp)
{
    StateEntry entry = {0};
    size_t at = 0;

    while (state_list_next(list, data, len, &at, &entry)) {
    }
    if (at != len) {
        error_set(errp, "%s: the list of registers ends within one, at byte %zu of %zu",
                  list->row, at, len);
        return false;
    }
    return true;
}

uint64_t state_entry_u64(const StateEntry *entry)
{
    return get(entry->value, MIN(entry->bytes, sizeof(uint64_t)));
}
