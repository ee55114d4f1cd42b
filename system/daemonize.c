/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemonize.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/error.h"

/* The parent's life after the fork: it ends when the child is ready or gone. */
static int wait_for_child(int fd, pid_t child)
{
    char byte;
    ssize_t got;
    int status;

    do {
        got = read(fd, &byte, 1);
    } while (got < 0 && errno == EINTR);
    close(fd);
    if (got == 1) {
        return 0;
    }
    if (waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status)) {
        return WEXITSTATUS(status);
    }
    return 1;
}

bool daemonize_begin(DaemonSide *ret, GError **errp)
{
    int fds[2];
    pid_t child;

    if (pipe2(fds, O_CLOEXEC) < 0) {
        error_set_errno(errp, errno, "-daemonize: cannot make a pipe");
        return false;
    }
    child = fork();
    if (child < 0) {
        error_set_errno(errp, errno, "-daemonize: cannot fork");
        close(fds[0]);
        close(fds[1]);
        return false;
    }
    if (child > 0) {
        close(fds[1]);
        *ret = (DaemonSide){.is_parent = true, .status = wait_for_child(fds[0], child)};
        return true;
    }
    close(fds[0]);
    setsid();
    *ret = (DaemonSide){.ready_fd = fds[1]};
    return true;
}

void daemonize_done(int fd)
{
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    ssize_t sent;

    umask(027);
    if (null_fd >= 0) {
        dup2(null_fd, STDIN_FILENO);
        dup2(null_fd, STDOUT_FILENO);
        dup2(null_fd, STDERR_FILENO);
        close(null_fd);
    }
    do {
        sent = write(fd, "1", 1);
    } while (sent < 0 && errno == EINTR);
    close(fd);
}

int pidfile_write(const char *path, GError **errp)
{
    g_autofree char *text = g_strdup_printf("%ld\n", (long)getpid());
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0) {
        error_set_errno(errp, errno, "-pidfile %s", path);
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        error_set(errp, "-pidfile %s: another process holds it", path);
        close(fd);
        return -1;
    }
    if (ftruncate(fd, 0) < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
        error_set_errno(errp, errno ? errno : EIO, "-pidfile %s: cannot write", path);
        close(fd);
        return -1;
    }
    return fd;
}
