/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RngBackend: where random bytes for a guest come from: -object rng-random or
 * rng-builtin.
 */
#ifndef HW_RNG_BACKEND_H
#define HW_RNG_BACKEND_H

#include <glib.h>
#include <stddef.h>

#include "qom/object.h"

#define TYPE_RNG_BACKEND "rng-backend"

typedef struct RngBackend RngBackend;

/*
 * rng_backend_new - open what @config, of a type below TYPE_RNG_BACKEND, says.
 * @config: borrowed; NULL: the kernel's own generator
 */
RngBackend *rng_backend_new(const Object *config, GError **errp);

/* rng_backend_free - after its users; NULL is nothing. */
void rng_backend_free(RngBackend *rng);

/* rng_backend_id - of the object, or NULL. */
const char *rng_backend_id(const RngBackend *rng);

/* rng_backend_read - up to @bytes, without waiting; returns how many, 0 where none are
 * there now. */
size_t rng_backend_read(RngBackend *rng, void *ret, size_t bytes);

/*
 * rng_backend_watch - have @ready called, once, on the default GMainContext when there
 * are bytes again.  The id of the source; 0 where there never will be any.
 */
guint rng_backend_watch(RngBackend *rng, void (*ready)(void *opaque), void *opaque);

/* rng_backend_register_types - the types of -object. */
void rng_backend_register_types(TypeRegistry *registry);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RngBackend, rng_backend_free)

#endif
