/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands about character devices. */
#include <string.h>

#include "monitor/monitor.h"
#include "qapi/commands.h"
#include "system/qmp/program.h"
#include "util/error.h"

#define RINGBUF_READ_MAX (1024 * 1024)

bool qmp_query_chardev(QmpContext *ctx, GPtrArray **ret, GError **errp)
{
    const Program *program = ctx->program;

    (void)errp; /* cannot fail */
    *ret = g_ptr_array_new();
    for (unsigned i = 0; i < program->chardevs->len; i++) {
        const Chardev *chardev = g_ptr_array_index(program->chardevs, i);
        ChardevInfo *info = g_new0(ChardevInfo, 1);

        info->label = g_strdup(chardev_id(chardev));
        info->filename = chardev_filename(chardev);
        info->frontend_open = chardev_is_used(chardev);
        g_ptr_array_add(*ret, info);
    }
    return true;
}

bool qmp_query_chardev_backends(QmpContext *ctx, GPtrArray **ret, GError **errp)
{
    (void)ctx;
    (void)errp; /* cannot fail */
    *ret = g_ptr_array_new();
    for (unsigned i = 0; i < CHARDEV_BACKEND_COUNT; i++) {
        ChardevBackendInfo *info = g_new0(ChardevBackendInfo, 1);

        info->name = g_strdup(chardev_backend_name((ChardevBackend)i));
        g_ptr_array_add(*ret, info);
    }
    return true;
}

bool qmp_ringbuf_read(QmpContext *ctx, const RingbufReadArgs *args, char **ret,
                      GError **errp)
{
    const Program *program = ctx->program;
    Chardev *chardev =
        program->vm_host.find_chardev(program->vm_host.opaque, args->device);
    g_autofree char *data = NULL;
    size_t len;

    if (!chardev) {
        error_set(errp, "there is no chardev '%s'", args->device);
        return false;
    }
    if (args->size <= 0 || args->size > RINGBUF_READ_MAX) {
        error_set(errp, "size must be 1 to %d", RINGBUF_READ_MAX);
        return false;
    }
    data = g_malloc((gsize)args->size);
    len = chardev_read_ringbuf(chardev, data, (size_t)args->size);
    if (args->has_format && args->format == DATA_FORMAT_BASE64) {
        *ret = g_base64_encode((const guchar *)data, len);
    } else {
        *ret = g_utf8_make_valid(data, (gssize)len);
    }
    return true;
}
