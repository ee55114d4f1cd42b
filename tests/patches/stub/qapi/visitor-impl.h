/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STUB_QAPI_VISITOR_IMPL_H
#define STUB_QAPI_VISITOR_IMPL_H

#include "qapi/visitor.h"

struct Visitor {
    bool (*start_alternate)(Visitor *v, const char *name, GenericAlternate **obj,
                            size_t size, Error **errp);
};

#endif
