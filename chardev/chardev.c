/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "chardev/chardev.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/bits.h"
#include "util/error.h"

#include "backend.h"

#define READ_BYTES       4096
#define QUEUE_BYTES      MIB
#define STALL_TIMEOUT_MS 100
/* A pipe that polls writable takes this much without blocking (PIPE_BUF). */
#define WRITE_CHUNK 4096

static const ChardevClass *const classes[] = {
    [CHARDEV_NULL] = &chardev_class_null,     [CHARDEV_STDIO] = &chardev_class_stdio,
    [CHARDEV_FILE] = &chardev_class_file,     [CHARDEV_PTY] = &chardev_class_pty,
    [CHARDEV_SOCKET] = &chardev_class_socket, [CHARDEV_RINGBUF] = &chardev_class_ringbuf,
};

static gboolean input_ready(gint fd, GIOCondition condition, gpointer data);
static gboolean output_ready(gint fd, GIOCondition condition, gpointer data);
static gboolean peer_left(gint fd, GIOCondition condition, gpointer data);

void chardev_set_blocking(int fd, bool is_blocking)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags >= 0) {
        (void)fcntl(fd, F_SETFL, is_blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
    }
}

static GSource *watch_new(Chardev *chardev, int fd, GIOCondition condition,
                          GUnixFDSourceFunc func)
{
    GSource *source = g_unix_fd_source_new(fd, condition);

    /* The cast GLib's own macro G_SOURCE_FUNC makes. */
    g_source_set_callback(source, (GSourceFunc)(void (*)(void))func, chardev, NULL);
    g_source_attach(source, NULL);
    return source;
}

static void watch_clear(GSource **source)
{
    if (*source) {
        g_source_destroy(*source);
        g_source_unref(*source);
        *source = NULL;
    }
}

/* Where nobody reads, it is still seen that the peer leaves. */
static void watch_input_locked(Chardev *chardev)
{
    bool reads = chardev->handlers.read && !chardev->is_paused;

    if (chardev->in_source && chardev->is_reading == reads) {
        return;
    }
    watch_clear(&chardev->in_source);
    chardev->is_reading = reads;
    if (chardev->in_fd >= 0 && reads) {
        chardev->in_source = watch_new(chardev, chardev->in_fd,
                                       G_IO_IN | G_IO_HUP | G_IO_ERR, input_ready);
    } else if (chardev->in_fd >= 0 && chardev->class->left) {
        chardev->in_source = watch_new(chardev, chardev->in_fd,
                                       G_IO_HUP | G_IO_ERR | POLLRDHUP, peer_left);
    }
}

static void tell(Chardev *chardev, ChardevEvent event)
{
    if (chardev->handlers.event) {
        chardev->handlers.event(chardev->opaque, event);
    }
}

/* Each user hears of OPEN once, and of CLOSE only after it. */
static void tell_open_state(Chardev *chardev)
{
    bool is_open = chardev_is_open(chardev);

    if (is_open != chardev->was_told_open && chardev->handlers.read) {
        chardev->was_told_open = is_open;
        tell(chardev, is_open ? CHARDEV_EVENT_OPEN : CHARDEV_EVENT_CLOSE);
    }
}

void chardev_attach_fds(Chardev *chardev, int in_fd, int out_fd, bool owns)
{
    g_mutex_lock(&chardev->lock);
    chardev->in_fd = in_fd;
    chardev->out_fd = out_fd;
    chardev->owns_fds = owns;
    chardev->is_open = true;
    chardev->is_stalled = false;
    watch_input_locked(chardev);
    g_mutex_unlock(&chardev->lock);
    tell_open_state(chardev);
}

static void close_fds_locked(Chardev *chardev)
{
    watch_clear(&chardev->in_source);
    watch_clear(&chardev->out_source);
    if (chardev->owns_fds) {
        if (chardev->in_fd >= 0) {
            close(chardev->in_fd);
        }
        if (chardev->out_fd >= 0 && chardev->out_fd != chardev->in_fd) {
            close(chardev->out_fd);
        }
    }
    chardev->in_fd = -1;
    chardev->out_fd = -1;
    chardev->is_open = false;
    g_byte_array_set_size(chardev->queue, 0);
}

void chardev_detach_fds(Chardev *chardev)
{
    g_mutex_lock(&chardev->lock);
    close_fds_locked(chardev);
    g_mutex_unlock(&chardev->lock);
    chardev_drop_fds(chardev);
    tell_open_state(chardev);
    if (chardev->class->closed) {
        chardev->class->closed(chardev);
    }
}

static gboolean pause_input(Chardev *chardev)
{
    g_mutex_lock(&chardev->lock);
    chardev->is_paused = true;
    watch_input_locked(chardev);
    g_mutex_unlock(&chardev->lock);
    /* Room may have come up between the question and the pause. */
    if (chardev->handlers.can_read(chardev->opaque) > 0) {
        chardev_accept_input(chardev);
    }
    return G_SOURCE_REMOVE;
}

/* What the peer sent stays for the user to read, until there is another peer. */
static gboolean peer_left(gint fd, GIOCondition condition, gpointer data)
{
    Chardev *chardev = data;
    bool is_reading;

    (void)fd;
    (void)condition; /* the only one */
    g_mutex_lock(&chardev->lock);
    is_reading = chardev->is_reading; /* another thread wants input: that sees the end */
    if (!is_reading) {
        watch_clear(&chardev->in_source);
    }
    g_mutex_unlock(&chardev->lock);
    if (!is_reading) {
        chardev->class->left(chardev);
    }
    return G_SOURCE_REMOVE;
}

/* No more input will come; output goes on where it has another descriptor. */
static gboolean end_input(Chardev *chardev)
{
    if (chardev->in_fd != chardev->out_fd) {
        g_mutex_lock(&chardev->lock);
        watch_clear(&chardev->in_source);
        if (chardev->owns_fds) {
            close(chardev->in_fd);
        }
        chardev->in_fd = -1;
        g_mutex_unlock(&chardev->lock);
    } else {
        chardev_detach_fds(chardev);
    }
    return G_SOURCE_REMOVE;
}

static gboolean input_ready(gint fd, GIOCondition condition, gpointer data)
{
    Chardev *chardev = data;
    uint8_t buffer[READ_BYTES];
    size_t room = chardev->handlers.can_read(chardev->opaque);
    ssize_t got;

    (void)condition; /* read() tells */
    if (room == 0) {
        return pause_input(chardev);
    }
    got = chardev->has_fd_passing && chardev->handlers.takes_fds
              ? chardev_receive(chardev, fd, buffer, MIN(room, sizeof(buffer)))
              : read(fd, buffer, MIN(room, sizeof(buffer)));
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return G_SOURCE_CONTINUE;
    }
    if (got <= 0) {
        return end_input(chardev);
    }
    if (chardev->config->is_mux) {
        got = (ssize_t)chardev_filter_input(chardev, buffer, (size_t)got);
    }
    if (got > 0 && chardev->handlers.read) {
        chardev->handlers.read(chardev->opaque, buffer, (size_t)got);
    }
    return G_SOURCE_CONTINUE;
}

/* What the kernel takes now: a count, 0 for "later", -1 for "never". */
static ssize_t write_some(Chardev *chardev, const uint8_t *data, size_t len)
{
    size_t done = 0;

    while (done < len) {
        struct pollfd poll_fd = {.fd = chardev->out_fd, .events = POLLOUT};
        ssize_t got;

        /* The descriptor may be a blocking one that we share with a shell. */
        if (poll(&poll_fd, 1, 0) <= 0 || !(poll_fd.revents & POLLOUT)) {
            return poll_fd.revents & (POLLERR | POLLNVAL) ? -1 : (ssize_t)done;
        }
        got = chardev->has_fd_passing || chardev->config->backend == CHARDEV_SOCKET
                  ? send(chardev->out_fd, data + done, MIN(len - done, WRITE_CHUNK),
                         MSG_NOSIGNAL | MSG_DONTWAIT)
                  : write(chardev->out_fd, data + done, MIN(len - done, WRITE_CHUNK));
        if (got < 0) {
            return errno == EAGAIN || errno == EINTR ? (ssize_t)done : -1;
        }
        done += (size_t)got;
    }
    return (ssize_t)done;
}

/* Sends what is queued; false where the other end does not take it. */
static bool flush_queue_locked(Chardev *chardev)
{
    ssize_t done;

    if (chardev->queue->len == 0) {
        return true;
    }
    done = write_some(chardev, chardev->queue->data, chardev->queue->len);
    if (done < 0) {
        g_byte_array_set_size(chardev->queue, 0);
        return false;
    }
    g_byte_array_remove_range(chardev->queue, 0, (guint)done);
    if (done > 0) {
        chardev->is_stalled = false;
    }
    return true;
}

static gboolean output_ready(gint fd, GIOCondition condition, gpointer data)
{
    Chardev *chardev = data;
    gboolean again = G_SOURCE_CONTINUE;

    (void)fd;
    (void)condition; /* write() tells */
    g_mutex_lock(&chardev->lock);
    if (!flush_queue_locked(chardev) || chardev->queue->len == 0) {
        g_clear_pointer(&chardev->out_source, g_source_unref);
        again = G_SOURCE_REMOVE;
    }
    g_mutex_unlock(&chardev->lock);
    return again;
}

static void wait_for_room_locked(Chardev *chardev)
{
    struct pollfd poll_fd = {.fd = chardev->out_fd, .events = POLLOUT};

    chardev->is_stalled = true;
    if (poll(&poll_fd, 1, STALL_TIMEOUT_MS) > 0) {
        (void)flush_queue_locked(chardev); /* a lost peer shows as input's end */
    }
}

static size_t queue_locked(Chardev *chardev, const uint8_t *data, size_t len)
{
    size_t room;

    if (chardev->queue->len + len > chardev->queue_limit && !chardev->is_stalled) {
        wait_for_room_locked(chardev);
    }
    room = chardev->queue_limit - MIN(chardev->queue->len, chardev->queue_limit);
    len = MIN(len, room);
    g_byte_array_append(chardev->queue, data, (guint)len);
    if (!chardev->out_source && chardev->queue->len) {
        chardev->out_source =
            watch_new(chardev, chardev->out_fd, G_IO_OUT | G_IO_ERR, output_ready);
    }
    return len;
}

static size_t write_locked(Chardev *chardev, const uint8_t *data, size_t len)
{
    ssize_t done = 0;

    if (chardev->class->write) {
        return chardev->class->write(chardev, data, len);
    }
    if (chardev->out_fd < 0) {
        return 0;
    }
    if (chardev->queue->len == 0) {
        done = write_some(chardev, data, len);
        if (done < 0) {
            return 0;
        }
    }
    if ((size_t)done < len) {
        done += (ssize_t)queue_locked(chardev, data + done, len - (size_t)done);
    }
    return (size_t)done;
}

size_t chardev_write(Chardev *chardev, const void *data, size_t len)
{
    size_t done;

    g_mutex_lock(&chardev->lock);
    if (chardev->log_fd >= 0 && write(chardev->log_fd, data, len) < 0) {
        close(chardev->log_fd); /* disk full or worse: the log ends here */
        chardev->log_fd = -1;
    }
    done = write_locked(chardev, data, len);
    g_mutex_unlock(&chardev->lock);
    return done;
}

void chardev_set_handlers(Chardev *chardev, const ChardevHandlers *handlers, void *opaque)
{
    g_mutex_lock(&chardev->lock);
    chardev->handlers = handlers ? *handlers : (ChardevHandlers){0};
    chardev->opaque = opaque;
    chardev->is_paused = false;
    chardev->was_told_open = false;
    watch_input_locked(chardev);
    g_mutex_unlock(&chardev->lock);
    tell_open_state(chardev);
}

bool chardev_is_used(const Chardev *chardev)
{
    return chardev->handlers.read != NULL;
}

void chardev_set_escape_handler(Chardev *chardev, void (*escape)(void *opaque, char key),
                                void *opaque)
{
    chardev->escape = escape;
    chardev->escape_opaque = opaque;
}

void chardev_accept_input(Chardev *chardev)
{
    g_mutex_lock(&chardev->lock);
    chardev->is_paused = false;
    watch_input_locked(chardev);
    g_mutex_unlock(&chardev->lock);
}

void chardev_set_queue_limit(Chardev *chardev, size_t bytes)
{
    g_mutex_lock(&chardev->lock);
    chardev->queue_limit = bytes;
    g_mutex_unlock(&chardev->lock);
}

bool chardev_is_open(const Chardev *chardev)
{
    Chardev *lockable = (Chardev *)chardev;
    bool is_open;

    g_mutex_lock(&lockable->lock);
    is_open = chardev->is_open;
    g_mutex_unlock(&lockable->lock);
    return is_open;
}

bool chardev_has_fd(const Chardev *chardev, int fd)
{
    Chardev *lockable = (Chardev *)chardev;
    bool has;

    g_mutex_lock(&lockable->lock);
    has = chardev->in_fd == fd || chardev->out_fd == fd || chardev->log_fd == fd ||
          (chardev->config->backend == CHARDEV_STDIO && fd >= 0 && fd <= STDOUT_FILENO);
    g_mutex_unlock(&lockable->lock);
    return has;
}

void chardev_disconnect(Chardev *chardev)
{
    if (chardev->config->backend == CHARDEV_SOCKET && chardev_is_open(chardev)) {
        chardev_detach_fds(chardev);
    }
}

const char *chardev_id(const Chardev *chardev)
{
    return chardev->config->id;
}

char *chardev_filename(const Chardev *chardev)
{
    return chardev->class->filename
               ? chardev->class->filename(chardev)
               : g_strdup(chardev_backend_name(chardev->config->backend));
}

static bool open_log(Chardev *chardev, ChardevConfig *config, GError **errp)
{
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND;

    if (config->log_fd >= 0) {
        chardev->log_fd = config->log_fd;
        config->log_fd = -1;
    } else if (config->log_path) {
        flags |= config->is_log_append ? 0 : O_TRUNC;
        chardev->log_fd = open(config->log_path, flags, 0666);
        if (chardev->log_fd < 0) {
            error_set_errno(errp, errno, "cannot open log file %s", config->log_path);
            return false;
        }
    }
    return true;
}

Chardev *chardev_new(ChardevConfig *config, GError **errp)
{
    Chardev *chardev = g_new0(Chardev, 1);

    g_mutex_init(&chardev->lock);
    chardev->class = classes[config->backend];
    chardev->config = chardev_config_copy(config);
    chardev->in_fd = -1;
    chardev->out_fd = -1;
    chardev->log_fd = -1;
    chardev->queue = g_byte_array_new();
    chardev->queue_limit = QUEUE_BYTES;
    chardev->fds = g_array_new(FALSE, FALSE, sizeof(int));
    if (!open_log(chardev, config, errp) ||
        !chardev->class->open(chardev, config, errp)) {
        g_prefix_error(errp, "chardev '%s': ", config->id);
        chardev_free(chardev);
        return NULL;
    }
    return chardev;
}

void chardev_free(Chardev *chardev)
{
    if (!chardev) {
        return;
    }
    g_mutex_lock(&chardev->lock);
    chardev->handlers = (ChardevHandlers){0};
    if (chardev->out_fd >= 0) {
        (void)flush_queue_locked(chardev); /* what cannot be sent now is lost */
    }
    close_fds_locked(chardev);
    g_mutex_unlock(&chardev->lock);
    if (chardev->class->clear) {
        chardev->class->clear(chardev);
    }
    if (chardev->log_fd >= 0) {
        close(chardev->log_fd);
    }
    chardev_drop_fds(chardev);
    g_array_unref(chardev->fds);
    g_byte_array_unref(chardev->queue);
    chardev_config_free(chardev->config);
    g_mutex_clear(&chardev->lock);
    g_free(chardev);
}
