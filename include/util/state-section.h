/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A section: the saved form of one thing, with the name of its table and its number among
 * things of that table.  What a stream carries; what is in it is the table's business.
 */
#ifndef UTIL_STATE_SECTION_H
#define UTIL_STATE_SECTION_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* One thing's saved form. */
typedef struct StateSection {
    char name[64]; /* "vcpu", "isa-serial" */
    unsigned instance;
    GByteArray *bytes;
} StateSection;

/*
 * state_section_encode - length of the name, name, instance (4 bytes, little endian),
 * state.
 */
GByteArray *state_section_encode(const StateSection *section);

/* state_section_decode - the inverse, of untrusted bytes. */
StateSection *state_section_decode(const uint8_t *data, size_t len, GError **errp);

/* state_section_free - NULL is nothing. */
void state_section_free(StateSection *section);

/*
 * state_section_find - the one section of that name and instance.
 * NULL with an error where there is none, or a second.
 */
const StateSection *state_section_find(const GPtrArray *sections, const char *name,
                                       unsigned instance, GError **errp);

#endif
