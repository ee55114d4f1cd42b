/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What chardev.c and the backends share: a Chardev is a pair of descriptors with a queue
 * in front of the output.  A backend opens them, and says what to do when the peer is
 * gone.
 */
#ifndef CHARDEV_BACKEND_H
#define CHARDEV_BACKEND_H

#include <sys/types.h>

#include "chardev/chardev.h"

#define CHARDEV_FDS_MAX 16

typedef struct ChardevClass {
    bool (*open)(Chardev *chardev, ChardevConfig *config, GError **errp);
    /* The peer is gone and the descriptors are closed; main thread, no lock held. */
    void (*closed)(Chardev *chardev);
    /* The peer is gone; what it sent is there, and nobody reads it.  NULL where that is
     * of no interest.  Main thread, no lock held. */
    void (*left)(Chardev *chardev);
    /* Replaces the output path; with the lock held. */
    size_t (*write)(Chardev *chardev, const void *data, size_t len);
    void (*clear)(Chardev *chardev);
    char *(*filename)(const Chardev *chardev);
} ChardevClass;

struct Chardev {
    const ChardevClass *class;
    ChardevConfig *config; /* what it was made from; its descriptors are taken */
    void *backend;         /* the class's own */

    GMutex lock; /* guards what follows, up to the handlers */
    int in_fd;   /* -1: no input; closed by us only where owns_fds */
    int out_fd;  /* -1: nobody at the other end */
    int log_fd;
    bool owns_fds;
    bool is_open;
    bool is_paused;  /* input waits for chardev_accept_input() */
    bool is_stalled; /* the queue was full and stays so */
    bool has_fd_passing;
    GByteArray *queue;
    size_t queue_limit;
    GSource *in_source;
    bool is_reading; /* in_source waits for input, not only for the end */
    GSource *out_source;

    /* Main thread only. */
    ChardevHandlers handlers;
    void *opaque;
    GArray *fds;    /* int: received, not taken */
    bool is_escape; /* the last byte was Ctrl-a */
    bool was_told_open;
    void (*escape)(void *opaque, char key);
    void *escape_opaque;
};

extern const ChardevClass chardev_class_null, chardev_class_stdio, chardev_class_file,
    chardev_class_pty, chardev_class_socket, chardev_class_ringbuf;

/*
 * chardev_attach_fds - the other end is there: start input, tell the user.
 * @owns: close them when the peer is gone.  Main thread, without the lock.
 */
void chardev_attach_fds(Chardev *chardev, int in_fd, int out_fd, bool owns);

/* chardev_detach_fds - the other end is gone; calls the class's closed(). */
void chardev_detach_fds(Chardev *chardev);

/*
 * chardev_receive - read() from a socket, with the descriptors that come along.
 * They wait for chardev_take_fd(); of more than CHARDEV_FDS_MAX the last are closed.
 */
ssize_t chardev_receive(Chardev *chardev, int fd, void *buffer, size_t len);

/*
 * chardev_filter_input - take Ctrl-a sequences out of input.
 * @data: changed in place
 * Returns how many bytes are left for the user.
 */
size_t chardev_filter_input(Chardev *chardev, uint8_t *data, size_t len);

/* chardev_config_copy - an independent one, without the descriptors. */
ChardevConfig *chardev_config_copy(const ChardevConfig *config);

/* chardev_set_blocking - clear or set O_NONBLOCK of @fd. */
void chardev_set_blocking(int fd, bool is_blocking);

#endif
