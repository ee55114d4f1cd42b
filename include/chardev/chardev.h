/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chardev: a stream of bytes to the outside of the guest, such as a terminal, a socket or
 * a file.  Serial ports and monitors sit on one.
 *
 * Input and events arrive on the default GMainContext; writing may be done from any
 * thread and never waits for long.  Handlers are called without any lock of the Chardev
 * held.
 */
#ifndef CHARDEV_CHARDEV_H
#define CHARDEV_CHARDEV_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Chardev Chardev;
typedef struct KeyvalList KeyvalList;

typedef enum ChardevBackend {
    CHARDEV_NULL,
    CHARDEV_STDIO,
    CHARDEV_FILE,
    CHARDEV_PTY,
    CHARDEV_SOCKET,
    CHARDEV_RINGBUF,
    CHARDEV_BACKEND_COUNT,
} ChardevBackend;

/*
 * What a Chardev is to be; plain data.  Fields that do not belong to the backend are left
 * at zero, descriptors at -1.
 */
typedef struct ChardevConfig {
    char *id;
    char *text; /* the option it came from, for messages */
    ChardevBackend backend;
    char *path;     /* file; socket of the unix kind */
    char *host;     /* socket of the TCP kind */
    char *port;     /* number or service name */
    char *fd_name;  /* socket: fd= as written */
    int fd;         /* an open descriptor that is used in place of a path, taken over by
                       chardev_new(); -1 */
    char *log_path; /* copy of all output */
    int log_fd;     /* as fd, in place of log_path */
    uint64_t size_bytes; /* ringbuf, a power of two; 0 is 64 KiB */
    bool is_server;      /* socket: listen and accept again after each disconnect */
    bool is_wait;        /* socket server: chardev_new() returns after the first accept */
    bool is_append;      /* file: keep what is there */
    bool is_log_append;
    bool is_signal; /* stdio: Ctrl-C and Ctrl-Z keep their meaning */
    bool is_mux;    /* Ctrl-a is an escape, see chardev_set_escape_handler() */
} ChardevConfig;

typedef enum ChardevEvent {
    CHARDEV_EVENT_OPEN,  /* somebody is at the other end */
    CHARDEV_EVENT_CLOSE, /* nobody is any more */
    CHARDEV_EVENT_BREAK, /* a break condition, or Ctrl-a b */
} ChardevEvent;

typedef struct ChardevHandlers {
    /* How many bytes read() would take now; 0 stops input until chardev_accept_input().
     */
    size_t (*can_read)(void *opaque);
    void (*read)(void *opaque, const uint8_t *data, size_t len);
    void (*event)(void *opaque, ChardevEvent event); /* may be NULL */
    bool takes_fds; /* by chardev_take_fd(); else the kernel closes what is sent */
} ChardevHandlers;

/*
 * chardev_config_parse - the value of a -chardev option, "backend,id=…,key=value…".
 * NULL with a message that names the wrong setting.
 */
ChardevConfig *chardev_config_parse(const char *text, GError **errp);

/*
 * chardev_config_parse_legacy - the short form of -serial and -qmp: "stdio", "pty",
 * "null", "file:path", "unix:path,server=on,wait=off", "tcp:host:port,…", and any of
 * these after "mon:".
 * @id: the new chardev's id
 */
ChardevConfig *chardev_config_parse_legacy(const char *text, const char *id,
                                           GError **errp);

/* chardev_config_free - closes descriptors nobody took; NULL is nothing. */
void chardev_config_free(ChardevConfig *config);

/* chardev_backend_name - "null", "stdio", …; NULL past the last. */
const char *chardev_backend_name(ChardevBackend backend);

/*
 * chardev_new - open it.
 * @config: its descriptors are taken over, the rest is copied
 *
 * NULL with a message that names the id and the file or address.
 */
Chardev *chardev_new(ChardevConfig *config, GError **errp);

/*
 * chardev_free - close it; a terminal gets its settings back, a socket's path is removed.
 * Output that is still queued is written where that does not wait.  NULL is nothing.
 * Main thread.
 */
void chardev_free(Chardev *chardev);

/*
 * chardev_set_handlers - attach a user; NULL detaches.  One at a time.
 * Where the other end is open already, the OPEN event follows from here at once.
 */
void chardev_set_handlers(Chardev *chardev, const ChardevHandlers *handlers,
                          void *opaque);

/* chardev_is_used - handlers are attached. */
bool chardev_is_used(const Chardev *chardev);

/*
 * chardev_set_escape_handler - told of Ctrl-a and a letter on a multiplexed Chardev.
 * Ctrl-a twice and Ctrl-a b are dealt with inside; all other letters arrive in @escape.
 */
void chardev_set_escape_handler(Chardev *chardev, void (*escape)(void *opaque, char key),
                                void *opaque);

/* chardev_accept_input - can_read() would return more than 0 again.  Any thread. */
void chardev_accept_input(Chardev *chardev);

/*
 * chardev_write - send bytes.
 *
 * Returns how many were taken: all of them, unless the other end is absent or does not
 * read; then the rest is lost.  What the kernel does not take at once is queued up to a
 * limit; only a full queue waits, at most 100 ms, once until the other end reads
 * again.  Any thread.
 */
size_t chardev_write(Chardev *chardev, const void *data, size_t len);

/* chardev_set_queue_limit - bytes chardev_write() may hold back; 1 MiB at first. */
void chardev_set_queue_limit(Chardev *chardev, size_t bytes);

/* chardev_is_open - somebody is at the other end. */
bool chardev_is_open(const Chardev *chardev);

/* chardev_has_fd - it reads from @fd or writes to it.  Any thread. */
bool chardev_has_fd(const Chardev *chardev, int fd);

/* chardev_disconnect - drop a socket's peer, as if it had gone.  Main thread. */
void chardev_disconnect(Chardev *chardev);

/* chardev_id - as configured. */
const char *chardev_id(const Chardev *chardev);

/* chardev_filename - as query-chardev shows it, "pty:/dev/pts/3"; the caller frees it. */
char *chardev_filename(const Chardev *chardev);

/*
 * chardev_take_fd - the oldest descriptor that came with the bytes last read and was not
 * taken yet, owned by the caller; -1 where there is none.
 */
int chardev_take_fd(Chardev *chardev);

/* chardev_drop_fds - close the descriptors nobody took. */
void chardev_drop_fds(Chardev *chardev);

/*
 * chardev_read_ringbuf - up to @max of the oldest bytes out of a ringbuf; other backends
 * have none.  Returns how many.
 */
size_t chardev_read_ringbuf(Chardev *chardev, void *data, size_t max);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Chardev, chardev_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ChardevConfig, chardev_config_free)

#endif
