/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/monitor.h"

#include <string.h>
#include <unistd.h>

#include "chardev/chardev.h"
#include "monitor/qmp-dispatch.h"
#include "monitor/qmp-parser.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"

/* A peer that leaves this much unread is dropped. */
#define OUTPUT_BYTES_MAX (16 * MIB)
#define INPUT_BYTES      4096

struct Monitor {
    MonitorSet *set;
    Chardev *chardev;
    QmpParser *parser;
    GHashTable *fds; /* name -> descriptor as pointer */
    QmpLater *later; /* what it waits for; NULL: nothing */
    GQueue held;     /* requests that came meanwhile: Held */
    bool is_negotiated;
    bool is_pretty;
};

struct MonitorSet {
    const QmpCommand *commands;
    json_object *version;
    void *program;
    void (*closed)(void *program); /* may be NULL */
    GPtrArray *monitors;
};

/* What the parser gave, kept: one of the two, or neither for "null". */
typedef struct Held {
    json_object *value;
    GError *error;
} Held;

static void held_free(gpointer data)
{
    Held *held = data;

    json_object_put(held->value);
    g_clear_error(&held->error);
    g_free(held);
}

static void close_fd(gpointer data)
{
    close(GPOINTER_TO_INT(data));
}

/* The text on the wire: every line end is CR LF. */
static char *format_message(const Monitor *monitor, json_object *message)
{
    g_autofree char *plain =
        monitor->is_pretty ? json_format_pretty(message) : json_format(message);
    GString *text = g_string_sized_new(strlen(plain) + 2);

    for (const char *p = plain; *p; p++) {
        if (*p == '\n') {
            g_string_append_c(text, '\r');
        }
        g_string_append_c(text, *p);
    }
    g_string_append(text, "\r\n");
    return g_string_free(text, FALSE);
}

static void send_message(Monitor *monitor, json_object *message)
{
    g_autofree char *text = format_message(monitor, message);
    size_t len = strlen(text);

    if (chardev_is_open(monitor->chardev) &&
        chardev_write(monitor->chardev, text, len) < len) {
        /* Half a message is worse than none. */
        chardev_disconnect(monitor->chardev);
    }
}

static void send_greeting(Monitor *monitor)
{
    g_autojson *greeting = json_object_new_object();
    json_object *inner = json_object_new_object();

    json_add(inner, "version", json_object_get(monitor->set->version));
    json_add(inner, "capabilities", json_object_new_array());
    json_add(greeting, "QMP", inner);
    send_message(monitor, greeting);
}

static void later_free(QmpLater *later)
{
    json_object_put(later->id);
    g_free(later);
}

static void carry_out(Monitor *monitor, json_object *value, const GError *error)
{
    QmpContext ctx = {.monitor = monitor, .program = monitor->set->program};
    g_autojson *reply =
        error ? qmp_error_reply(error)
              : qmp_dispatch(monitor->set->commands, &ctx, monitor->is_negotiated, value);

    if (!reply) {
        monitor->later = ctx.later;
        return;
    }
    g_clear_pointer(&ctx.later, later_free);
    send_message(monitor, reply);
}

static void handle_value(void *opaque, json_object *value, const GError *error)
{
    Monitor *monitor = opaque;
    Held *held;

    if (!monitor->later) {
        carry_out(monitor, value, error);
        return;
    }
    held = g_new0(Held, 1);
    held->value = json_object_get(value);
    held->error = error ? g_error_copy(error) : NULL;
    g_queue_push_tail(&monitor->held, held);
}

/* A peer that goes while it waits is noticed, as long as it does not ask for more. */
static size_t can_read(void *opaque)
{
    const Monitor *monitor = opaque;

    return monitor->held.length ? 0 : INPUT_BYTES;
}

/* What came with a request is the request's; nobody else may keep it open. */
static void drop_fds(Monitor *monitor)
{
    if (qmp_parser_is_idle(monitor->parser) && g_queue_is_empty(&monitor->held)) {
        chardev_drop_fds(monitor->chardev);
    }
}

static void read_bytes(void *opaque, const uint8_t *data, size_t len)
{
    Monitor *monitor = opaque;

    qmp_parser_feed(monitor->parser, (const char *)data, len);
    drop_fds(monitor);
}

/* The peer has gone; what it asked for is nobody's. */
static void forget_requests(Monitor *monitor)
{
    if (monitor->later) {
        monitor->later->monitor = NULL;
        monitor->later = NULL;
    }
    g_queue_clear_full(&monitor->held, held_free);
}

QmpLater *monitor_defer(QmpContext *ctx)
{
    ctx->later = g_new0(QmpLater, 1);
    ctx->later->monitor = ctx->monitor;
    return ctx->later;
}

void monitor_answer(QmpLater *later, const void *ret, const GError *error)
{
    Monitor *monitor = later->monitor;

    if (monitor) {
        g_autojson *reply = qmp_later_reply(later, ret, error);

        monitor->later = NULL;
        send_message(monitor, reply);
        while (!monitor->later && !g_queue_is_empty(&monitor->held)) {
            Held *held = g_queue_pop_head(&monitor->held);

            carry_out(monitor, held->value, held->error);
            held_free(held);
        }
        drop_fds(monitor);
        chardev_accept_input(monitor->chardev);
    }
    later_free(later);
}

static void handle_event(void *opaque, ChardevEvent event)
{
    Monitor *monitor = opaque;
    bool was_negotiated = monitor->is_negotiated;

    if (event == CHARDEV_EVENT_BREAK) {
        return;
    }
    forget_requests(monitor);
    chardev_accept_input(monitor->chardev); /* the next peer is not the one that waited */
    qmp_parser_reset(monitor->parser);
    g_hash_table_remove_all(monitor->fds);
    monitor->is_negotiated = false;
    if (event == CHARDEV_EVENT_OPEN) {
        send_greeting(monitor);
    } else if (was_negotiated && monitor->set->closed) {
        monitor->set->closed(monitor->set->program);
    }
}

static void monitor_free(gpointer data)
{
    Monitor *monitor = data;

    chardev_set_handlers(monitor->chardev, NULL, NULL);
    forget_requests(monitor);
    qmp_parser_free(monitor->parser);
    g_hash_table_unref(monitor->fds);
    g_free(monitor);
}

MonitorSet *monitor_set_new(const QmpCommand *commands, json_object *version,
                            void *program)
{
    MonitorSet *set = g_new0(MonitorSet, 1);

    set->commands = commands;
    set->version = version;
    set->program = program;
    set->monitors = g_ptr_array_new_with_free_func(monitor_free);
    return set;
}

void monitor_set_add(MonitorSet *set, Chardev *chardev, bool is_pretty)
{
    static const ChardevHandlers handlers = {can_read, read_bytes, handle_event, true};
    Monitor *monitor = g_new0(Monitor, 1);

    monitor->set = set;
    monitor->chardev = chardev;
    monitor->is_pretty = is_pretty;
    monitor->parser = qmp_parser_new(handle_value, monitor);
    g_queue_init(&monitor->held);
    monitor->fds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, close_fd);
    g_ptr_array_add(set->monitors, monitor);
    chardev_set_queue_limit(chardev, OUTPUT_BYTES_MAX);
    chardev_set_handlers(chardev, &handlers, monitor);
}

static json_object *timestamp_new(void)
{
    json_object *timestamp = json_object_new_object();
    gint64 now_us = g_get_real_time();

    json_add(timestamp, "seconds", json_object_new_int64(now_us / G_USEC_PER_SEC));
    json_add(timestamp, "microseconds", json_object_new_int64(now_us % G_USEC_PER_SEC));
    return timestamp;
}

void monitor_set_emit(MonitorSet *set, json_object *event)
{
    json_add(event, "timestamp", timestamp_new());
    for (unsigned i = 0; i < set->monitors->len; i++) {
        Monitor *monitor = g_ptr_array_index(set->monitors, i);

        if (monitor->is_negotiated) {
            send_message(monitor, event);
        }
    }
    json_object_put(event);
}

void monitor_set_on_close(MonitorSet *set, void (*closed)(void *program))
{
    set->closed = closed;
}

void monitor_set_free(MonitorSet *set)
{
    if (set) {
        g_ptr_array_unref(set->monitors);
        json_object_put(set->version);
        g_free(set);
    }
}

void monitor_negotiate(Monitor *monitor)
{
    monitor->is_negotiated = true;
}

const QmpCommand *monitor_commands(const Monitor *monitor)
{
    return monitor->set->commands;
}

json_object *monitor_version(const Monitor *monitor)
{
    return monitor->set->version;
}

bool monitor_name_fd(Monitor *monitor, const char *name, GError **errp)
{
    int fd;

    if (name[0] == '\0' || g_ascii_isdigit(name[0])) {
        error_set(errp, "fdname '%s' must not be empty nor begin with a digit", name);
        return false;
    }
    fd = chardev_take_fd(monitor->chardev);
    if (fd < 0) {
        error_set(errp, "no descriptor came with the request for fdname '%s'", name);
        return false;
    }
    g_hash_table_replace(monitor->fds, g_strdup(name), GINT_TO_POINTER(fd));
    return true;
}

int monitor_take_fd(Monitor *monitor, const char *name, GError **errp)
{
    gpointer key, fd;

    if (!g_hash_table_steal_extended(monitor->fds, name, &key, &fd)) {
        error_set(errp, "there is no descriptor called '%s'", name);
        return -1;
    }
    g_free(key);
    return GPOINTER_TO_INT(fd);
}
