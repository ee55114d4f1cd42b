/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_QAPI_VISITOR_H
#define STUB_QAPI_VISITOR_H

#include "qemu/osdep.h"

typedef enum QType {
    QTYPE_QNUM,
    QTYPE_QSTRING
} QType;

typedef struct GenericAlternate {
    QType type;
} GenericAlternate;

bool visit_start_alternate(Visitor *v, const char *name, GenericAlternate **obj,
                           size_t size, Error **errp);
void visit_end_alternate(Visitor *v, void **obj);
bool visit_type_uint64(Visitor *v, const char *name, uint64_t *value, Error **errp);
bool visit_type_str(Visitor *v, const char *name, char **value, Error **errp);

#endif
