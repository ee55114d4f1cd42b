/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <termios.h>
#include <unistd.h>

#include "backend.h"

typedef struct Stdio {
    struct termios saved;
    bool is_terminal;
} Stdio;

/* Bytes as they come; only output processing and, if wanted, signals stay. */
static void set_raw(const struct termios *saved, bool is_signal)
{
    struct termios raw = *saved;

    raw.c_iflag &=
        ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    raw.c_oflag |= OPOST;
    raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN);
    if (!is_signal) {
        raw.c_lflag &= ~(tcflag_t)ISIG;
    }
    raw.c_cflag = (raw.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &raw); /* a plain terminal works too */
}

static bool stdio_open(Chardev *chardev, ChardevConfig *config, GError **errp)
{
    Stdio *stdio = g_new0(Stdio, 1);

    (void)errp; /* a closed descriptor shows as end of input */
    chardev->backend = stdio;
    stdio->is_terminal = tcgetattr(STDIN_FILENO, &stdio->saved) == 0;
    if (stdio->is_terminal) {
        set_raw(&stdio->saved, config->is_signal);
    }
    chardev_attach_fds(chardev, STDIN_FILENO, STDOUT_FILENO, false);
    return true;
}

static void stdio_clear(Chardev *chardev)
{
    Stdio *stdio = chardev->backend;

    if (stdio && stdio->is_terminal) {
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &stdio->saved); /* nobody left to tell */
    }
    g_free(stdio);
}

const ChardevClass chardev_class_stdio = {.open = stdio_open, .clear = stdio_clear};
