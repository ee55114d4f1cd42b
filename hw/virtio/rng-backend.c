/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/rng-backend.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <sys/random.h>
#include <unistd.h>

#include "util/bits.h"
#include "util/error.h"

typedef struct RngRandomConfig {
    Object object;
    char *filename;
} RngRandomConfig;

struct RngBackend {
    char *id;
    int fd; /* -1: the kernel's own generator */
    bool is_at_end;
};

RngBackend *rng_backend_new(const Object *config, GError **errp)
{
    g_autoptr(RngBackend) rng = g_new0(RngBackend, 1);
    const char *path = NULL;

    rng->fd = -1;
    rng->id = config ? g_strdup(config->id) : NULL;
    if (config && object_is_a(config, "rng-random")) {
        path = ((const RngRandomConfig *)config)->filename;
    }
    if (path) {
        rng->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        if (rng->fd < 0) {
            error_set_errno(errp, errno, "-object rng-random,id=%s: cannot open '%s'",
                            rng->id, path);
            return NULL;
        }
    }
    return g_steal_pointer(&rng);
}

void rng_backend_free(RngBackend *rng)
{
    if (rng) {
        if (rng->fd >= 0) {
            close(rng->fd);
        }
        g_free(rng->id);
        g_free(rng);
    }
}

const char *rng_backend_id(const RngBackend *rng)
{
    return rng->id;
}

size_t rng_backend_read(RngBackend *rng, void *ret, size_t bytes)
{
    ssize_t len;

    do {
        len = rng->fd < 0 ? getrandom(ret, bytes, GRND_NONBLOCK)
                          : read(rng->fd, ret, bytes);
    } while (len < 0 && errno == EINTR);
    if (rng->fd >= 0 && bytes && (len == 0 || (len < 0 && errno != EAGAIN))) {
        rng->is_at_end = true; /* a file has one; a device that fails is like it */
    }
    return len > 0 ? (size_t)len : 0;
}

typedef struct Watch {
    void (*ready)(void *opaque);
    void *opaque;
} Watch;

static gboolean on_timeout(gpointer data)
{
    const Watch *watch = data;

    watch->ready(watch->opaque);
    return G_SOURCE_REMOVE;
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd;
    (void)condition;
    return on_timeout(data);
}

guint rng_backend_watch(RngBackend *rng, void (*ready)(void *opaque), void *opaque)
{
    Watch *watch;

    if (rng->is_at_end) {
        return 0;
    }
    watch = g_new(Watch, 1);
    *watch = (Watch){ready, opaque};
    /* The kernel's generator is not ready only early in the host's life. */
    return rng->fd < 0
               ? g_timeout_add_full(G_PRIORITY_DEFAULT, 100, on_timeout, watch, g_free)
               : g_unix_fd_add_full(G_PRIORITY_DEFAULT, rng->fd, G_IO_IN, on_readable,
                                    watch, g_free);
}

static const Property random_props[] = {
    {"filename", PROP_STRING, offsetof(RngRandomConfig, filename),
     .default_string = "/dev/urandom", .doc = "device or file the bytes are read from"},
};

void rng_backend_register_types(TypeRegistry *registry)
{
    static const ObjectType types[] = {
        {.name = TYPE_RNG_BACKEND,
         .doc = "a source of random bytes",
         .is_abstract = true,
         .instance_size = sizeof(Object)},
        {.name = "rng-builtin",
         .parent = TYPE_RNG_BACKEND,
         .doc = "random bytes of the host kernel's generator",
         .is_user_creatable = true},
        {.name = "rng-random",
         .parent = TYPE_RNG_BACKEND,
         .doc = "random bytes out of a file or device",
         .is_user_creatable = true,
         .instance_size = sizeof(RngRandomConfig),
         .props = random_props,
         .prop_count = ARRAY_LEN(random_props)},
    };

    for (unsigned i = 0; i < ARRAY_LEN(types); i++) {
        type_registry_add(registry, &types[i]);
    }
}
