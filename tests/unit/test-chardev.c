/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "chardev/chardev.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "util/bits.h"

/* A user that keeps what it reads. */
typedef struct Peer {
    GString *got;
    size_t room;
    unsigned opens, closes, breaks;
    char escape;
} Peer;

static size_t peer_can_read(void *opaque)
{
    return ((Peer *)opaque)->room;
}

static void peer_read(void *opaque, const uint8_t *data, size_t len)
{
    Peer *peer = opaque;

    g_string_append_len(peer->got, (const char *)data, (gssize)len);
    g_assert_cmpuint(len, <=, peer->room);
}

static void peer_event(void *opaque, ChardevEvent event)
{
    Peer *peer = opaque;

    peer->opens += event == CHARDEV_EVENT_OPEN;
    peer->closes += event == CHARDEV_EVENT_CLOSE;
    peer->breaks += event == CHARDEV_EVENT_BREAK;
}

static void peer_escape(void *opaque, char key)
{
    ((Peer *)opaque)->escape = key;
}

static const ChardevHandlers peer_handlers = {peer_can_read, peer_read, peer_event, true};

static void attach(Chardev *chardev, Peer *peer)
{
    *peer = (Peer){.got = g_string_new(NULL), .room = SIZE_MAX};
    chardev_set_handlers(chardev, &peer_handlers, peer);
}

static void detach(Chardev *chardev, Peer *peer)
{
    chardev_set_handlers(chardev, NULL, NULL);
    g_string_free(peer->got, TRUE);
}

static gboolean set_flag(gpointer data)
{
    *(bool *)data = true;
    return G_SOURCE_REMOVE;
}

/* Runs the main loop until @number is @value, 5 s at most. */
static void run_until(const unsigned *number, unsigned value)
{
    bool is_late = false;
    guint timer = g_timeout_add(5000, set_flag, &is_late);

    while (*number != value && !is_late) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpuint(*number, ==, value);
    g_source_remove(timer);
}

static void run_until_got(Peer *peer, const char *text)
{
    bool is_late = false;
    guint timer = g_timeout_add(5000, set_flag, &is_late);

    while (strcmp(peer->got->str, text) != 0 && !is_late) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpstr(peer->got->str, ==, text);
    g_source_remove(timer);
}

static Chardev *open_text(const char *format, ...)
{
    va_list ap;
    g_autofree char *text = NULL;
    g_autoptr(ChardevConfig) config = NULL;
    GError *error = NULL;
    Chardev *chardev;

    va_start(ap, format);
    text = g_strdup_vprintf(format, ap);
    va_end(ap);
    config = chardev_config_parse(text, &error);
    g_assert_no_error(error);
    chardev = chardev_new(config, &error);
    g_assert_no_error(error);
    return chardev;
}

/* With a short name, as sockets get theirs in it. */
static char *make_folder(void)
{
    const char *place = strlen(g_get_tmp_dir()) > 60 ? "/tmp" : g_get_tmp_dir();

    return g_mkdtemp(g_build_filename(place, "vpmu-chardev-XXXXXX", NULL));
}

static int connect_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    return fd;
}

static void test_config_text(void)
{
    static const struct {
        const char *text;
        const char *error; /* part of it; NULL: good */
    } cases[] = {
        {"stdio,id=a", NULL},
        {"stdio,id=a,signal=off,mux=on", NULL},
        {"null,id=a", NULL},
        {"file,id=a,path=/dev/null,append=on", NULL},
        {"pty,id=a,logfile=/x,logappend=on", NULL},
        {"socket,id=a,path=/x,server=on,wait=off", NULL},
        {"socket,id=a,path=/x,server,nowait", NULL},
        {"socket,id=a,host=h,port=1,telnet=off", NULL},
        {"socket,id=a,fd=26,server=on,wait=off", NULL},
        {"ringbuf,id=a,size=4k", NULL},
        {"", "no chardev backend"},
        {"vc,id=a", "'vc'"},
        {"stdio", "id= is missing"},
        {"stdio,id=", "id= is missing"},
        {"stdio,id=a,path=/x", "'path'"},
        {"file,id=a", "path= is missing"},
        {"socket,id=a", "one of path="},
        {"socket,id=a,path=/x,port=1", "one of path="},
        {"socket,id=a,path=/x,host=h", "host="},
        {"socket,id=a,fd=-1", "descriptor"},
        {"socket,id=a,fd=99999999999", "descriptor"},
        {"socket,id=a,path=/x,server=maybe", "'maybe'"},
        {"socket,id=a,path=/x,telnet=on", "telnet"},
        {"ringbuf,id=a,size=5", "power of two"},
        {"ringbuf,id=a,size=1G", "power of two"},
        {"=,id=a", "no name"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ChardevConfig) config = chardev_config_parse(cases[i].text, &error);

        g_test_message("%s", cases[i].text);
        g_assert_true((config != NULL) == (cases[i].error == NULL));
        g_assert_true(config || strstr(error->message, cases[i].error));
    }
}

static void test_short_form(void)
{
    static const struct {
        const char *text;
        ChardevBackend backend; /* COUNT: an error */
        const char *path;
        const char *host;
        const char *port;
        bool is_mux;
    } cases[] = {
        {"stdio", CHARDEV_STDIO, NULL, NULL, NULL, false},
        {"mon:stdio", CHARDEV_STDIO, NULL, NULL, NULL, true},
        {"pty", CHARDEV_PTY, NULL, NULL, NULL, false},
        {"null", CHARDEV_NULL, NULL, NULL, NULL, false},
        {"file:/a,b", CHARDEV_FILE, "/a,b", NULL, NULL, false},
        {"unix:/s,server=on,wait=off", CHARDEV_SOCKET, "/s", NULL, NULL, false},
        {"unix:/s,server,nowait", CHARDEV_SOCKET, "/s", NULL, NULL, false},
        {"mon:unix:/s,server", CHARDEV_SOCKET, "/s", NULL, NULL, true},
        {"tcp:localhost:4444,server=on", CHARDEV_SOCKET, NULL, "localhost", "4444",
         false},
        {"tcp::4444", CHARDEV_SOCKET, NULL, "", "4444", false},
        {"tcp:[::1]:4444", CHARDEV_SOCKET, NULL, "::1", "4444", false},
        {"tcp:4444", CHARDEV_BACKEND_COUNT, NULL, NULL, NULL, false},
        {"tcp:", CHARDEV_BACKEND_COUNT, NULL, NULL, NULL, false},
        {"unix:", CHARDEV_BACKEND_COUNT, NULL, NULL, NULL, false},
        {"file:", CHARDEV_BACKEND_COUNT, NULL, NULL, NULL, false},
        {"vc", CHARDEV_BACKEND_COUNT, NULL, NULL, NULL, false},
        {"", CHARDEV_BACKEND_COUNT, NULL, NULL, NULL, false},
        {"mon:", CHARDEV_BACKEND_COUNT, NULL, NULL, NULL, false},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ChardevConfig) config =
            chardev_config_parse_legacy(cases[i].text, "s0", &error);

        g_test_message("%s", cases[i].text);
        if (cases[i].backend == CHARDEV_BACKEND_COUNT) {
            g_assert_null(config);
            g_assert_nonnull(error);
            continue;
        }
        g_assert_no_error(error);
        g_assert_cmpint(config->backend, ==, cases[i].backend);
        g_assert_cmpstr(config->path, ==, cases[i].path);
        g_assert_cmpstr(config->host, ==, cases[i].host);
        g_assert_cmpstr(config->port, ==, cases[i].port);
        g_assert_true(config->is_mux == cases[i].is_mux);
        g_assert_cmpstr(config->id, ==, "s0");
    }
}

static void test_file_truncates_appends_and_logs(void)
{
    g_autofree char *folder = make_folder();
    g_autofree char *path = g_build_filename(folder, "out", NULL);
    g_autofree char *log = g_build_filename(folder, "log", NULL);
    static const struct {
        const char *append;
        const char *expected;
    } steps[] = {{"off", "one"}, {"on", "oneone"}, {"off", "one"}};
    g_autofree char *logged = NULL;

    for (unsigned i = 0; i < ARRAY_LEN(steps); i++) {
        g_autoptr(Chardev) chardev =
            open_text("file,id=f,path=%s,append=%s,logfile=%s,logappend=on", path,
                      steps[i].append, log);
        g_autofree char *content = NULL;

        g_assert_cmpuint(chardev_write(chardev, "one", 3), ==, 3);
        g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
        g_assert_cmpstr(content, ==, steps[i].expected);
    }
    g_assert_true(g_file_get_contents(log, &logged, NULL, NULL));
    g_assert_cmpstr(logged, ==, "oneoneone");
    g_unlink(path);
    g_unlink(log);
    g_rmdir(folder);
}

static void test_missing_folder_is_named(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ChardevConfig) config =
        chardev_config_parse("file,id=f,path=/nonexistent/x", NULL);

    g_assert_null(chardev_new(config, &error));
    g_assert_nonnull(strstr(error->message, "chardev 'f': cannot open /nonexistent/x"));
}

static void talk(Chardev *chardev, Peer *peer, int fd)
{
    char buffer[8] = {0};

    g_assert_cmpint(write(fd, "in", 2), ==, 2);
    run_until_got(peer, "in");
    g_string_truncate(peer->got, 0);
    g_assert_cmpuint(chardev_write(chardev, "out", 3), ==, 3);
    g_assert_cmpint(read(fd, buffer, sizeof(buffer)), ==, 3);
    g_assert_cmpstr(buffer, ==, "out");
}

static void test_socket_server_takes_one_peer_after_another(void)
{
    g_autofree char *folder = make_folder();
    g_autofree char *path = g_build_filename(folder, "sock", NULL);
    Chardev *chardev = open_text("socket,id=s,path=%s,server=on,wait=off", path);
    g_autofree char *name = chardev_filename(chardev);
    g_autofree char *expected = g_strdup_printf("disconnected:unix:%s,server=on", path);
    Peer peer;

    g_assert_cmpstr(name, ==, expected);
    attach(chardev, &peer);
    g_assert_cmpuint(chardev_write(chardev, "lost", 4), ==, 0);
    for (unsigned i = 1; i <= 3; i++) {
        int fd = connect_unix(path);

        run_until(&peer.opens, i);
        talk(chardev, &peer, fd);
        close(fd);
        run_until(&peer.closes, i);
        g_assert_false(chardev_is_open(chardev));
    }
    detach(chardev, &peer);
    chardev_free(chardev);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_rmdir(folder);
}

static int listen_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    g_assert_cmpint(listen(fd, 1), ==, 0);
    return fd;
}

static gpointer connect_later(gpointer data)
{
    int fd;

    g_usleep(50 * 1000);
    fd = connect_unix(data);
    return GINT_TO_POINTER(fd);
}

static void test_waiting_server_returns_connected(void)
{
    g_autofree char *folder = make_folder();
    g_autofree char *path = g_build_filename(folder, "sock", NULL);
    GThread *thread = g_thread_new("client", connect_later, path);
    Chardev *chardev = open_text("socket,id=s,path=%s,server=on,wait=on", path);
    int fd = GPOINTER_TO_INT(g_thread_join(thread));

    g_assert_true(chardev_is_open(chardev));
    close(fd);
    chardev_free(chardev);
    g_rmdir(folder);
}

static void test_tcp_serves_and_connects(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_autoptr(Chardev) server = NULL;
    g_autoptr(Chardev) client = NULL;
    Peer peer;

    /* A port that was free a moment ago. */
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, len), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &len), ==, 0);
    close(fd);
    server = open_text("socket,id=s,host=127.0.0.1,port=%u,server=on,wait=off",
                       ntohs(address.sin_port));
    attach(server, &peer);
    client = open_text("socket,id=c,host=127.0.0.1,port=%u", ntohs(address.sin_port));
    run_until(&peer.opens, 1);
    g_assert_cmpuint(chardev_write(client, "hello", 5), ==, 5);
    run_until_got(&peer, "hello");
    chardev_disconnect(client);
    run_until(&peer.closes, 1);
    detach(server, &peer);
}

static void test_inherited_socket_is_accepted_on(void)
{
    g_autofree char *folder = make_folder();
    g_autofree char *path = g_build_filename(folder, "sock", NULL);
    int listen_fd = listen_unix(path);
    g_autoptr(Chardev) chardev =
        open_text("socket,id=s,fd=%d,server=on,wait=off", listen_fd);
    Peer peer;

    attach(chardev, &peer);
    for (unsigned i = 1; i <= 2; i++) {
        int fd = connect_unix(path);

        run_until(&peer.opens, i);
        talk(chardev, &peer, fd);
        close(fd);
        run_until(&peer.closes, i);
    }
    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    detach(chardev, &peer);
    g_unlink(path);
    g_rmdir(folder);
}

static void test_stale_socket_is_replaced_but_not_a_file(void)
{
    g_autofree char *folder = make_folder();
    g_autofree char *path = g_build_filename(folder, "sock", NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strdup_printf("unix:%s,server=on,wait=off", path);
    g_autoptr(ChardevConfig) config = chardev_config_parse_legacy(text, "s", NULL);
    Chardev *chardev;

    close(listen_unix(path));
    chardev = chardev_new(config, &error);
    g_assert_no_error(error);
    g_assert_null(chardev_new(config, &error)); /* somebody listens */
    g_assert_nonnull(error);
    g_clear_error(&error);
    chardev_free(chardev);
    g_assert_true(g_file_set_contents(path, "precious", -1, NULL));
    g_assert_null(chardev_new(config, &error));
    g_assert_nonnull(error);
    g_assert_true(g_file_test(path, G_FILE_TEST_IS_REGULAR));
    g_unlink(path);
    g_rmdir(folder);
}

static void send_fd(int socket_fd, int fd, const char *text)
{
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec part = {.iov_base = (char *)text, .iov_len = strlen(text)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    g_assert_cmpint(sendmsg(socket_fd, &message, 0), ==, (ssize_t)strlen(text));
}

static void test_descriptors_arrive_close_on_exec_and_are_dropped(void)
{
    int pair[2];
    g_autoptr(Chardev) chardev = NULL;
    Peer peer;
    int taken;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    chardev = open_text("socket,id=s,fd=%d", pair[0]);
    attach(chardev, &peer);
    send_fd(pair[1], pair[1], "a");
    send_fd(pair[1], pair[1], "b");
    run_until_got(&peer, "ab");
    taken = chardev_take_fd(chardev);
    g_assert_cmpint(taken, >=, 0);
    g_assert_true(fcntl(taken, F_GETFD) & FD_CLOEXEC);
    close(taken);
    chardev_drop_fds(chardev);
    g_assert_cmpint(chardev_take_fd(chardev), ==, -1);
    /* No copy is left: the stream ends when our own end closes. */
    close(pair[1]);
    run_until(&peer.closes, 1);
    detach(chardev, &peer);
}

static void test_writer_is_not_blocked_by_a_reader_that_sleeps(void)
{
    int pair[2];
    g_autoptr(Chardev) chardev = NULL;
    g_autofree char *block = g_malloc0(MIB);
    gint64 start = g_get_monotonic_time();
    size_t sent = 0;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    chardev = open_text("socket,id=s,fd=%d", pair[0]);
    for (unsigned i = 0; i < 64; i++) {
        sent += chardev_write(chardev, block, MIB);
    }
    g_assert_cmpuint(sent, >=, MIB);
    g_assert_cmpuint(sent, <, 4 * MIB);
    g_assert_cmpint(g_get_monotonic_time() - start, <, 3 * G_USEC_PER_SEC);
    close(pair[1]);
}

static void test_queued_output_follows(void)
{
    int pair[2];
    g_autoptr(Chardev) chardev = NULL;
    g_autofree char *block = g_malloc0(MIB);
    size_t got = 0;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    chardev = open_text("socket,id=s,fd=%d", pair[0]);
    g_assert_cmpuint(chardev_write(chardev, block, MIB), ==, MIB);
    while (got < MIB) {
        ssize_t count = recv(pair[1], block, MIB, MSG_DONTWAIT);

        got += count > 0 ? (size_t)count : 0;
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmpuint(got, ==, MIB);
    close(pair[1]);
}

static void test_input_waits_for_room(void)
{
    int pair[2];
    g_autoptr(Chardev) chardev = NULL;
    Peer peer;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    chardev = open_text("socket,id=s,fd=%d", pair[0]);
    attach(chardev, &peer);
    peer.room = 0;
    g_assert_cmpint(write(pair[1], "abc", 3), ==, 3);
    for (unsigned i = 0; i < 10; i++) {
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmpstr(peer.got->str, ==, "");
    peer.room = 1;
    chardev_accept_input(chardev);
    run_until_got(&peer, "abc");
    detach(chardev, &peer);
    close(pair[1]);
}

static void test_pty_connects_and_reconnects(void)
{
    g_autoptr(Chardev) chardev = open_text("pty,id=p");
    g_autofree char *name = chardev_filename(chardev);
    Peer peer;

    g_assert_true(g_str_has_prefix(name, "pty:/dev/"));
    attach(chardev, &peer);
    for (unsigned i = 1; i <= 2; i++) {
        int fd = open(name + strlen("pty:"), O_RDWR | O_NOCTTY | O_CLOEXEC);

        g_assert_cmpint(fd, >=, 0);
        run_until(&peer.opens, i);
        talk(chardev, &peer, fd);
        close(fd);
        run_until(&peer.closes, i);
    }
    detach(chardev, &peer);
}

static void test_ringbuf_keeps_the_newest(void)
{
    g_autoptr(Chardev) chardev = open_text("ringbuf,id=r,size=4");
    g_autoptr(Chardev) other = open_text("null,id=n");
    char got[8] = {0};

    g_assert_cmpuint(chardev_write(chardev, "abcdef", 6), ==, 6);
    g_assert_cmpuint(chardev_read_ringbuf(chardev, got, 1), ==, 1);
    g_assert_cmpuint(chardev_read_ringbuf(chardev, got + 1, 7), ==, 3);
    g_assert_cmpstr(got, ==, "cdef");
    g_assert_cmpuint(chardev_read_ringbuf(chardev, got, 7), ==, 0);
    g_assert_cmpuint(chardev_read_ringbuf(other, got, 7), ==, 0);
}

static void test_mux_takes_escapes_out(void)
{
    int pair[2];
    g_autoptr(Chardev) chardev = NULL;
    Peer peer;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    chardev = open_text("socket,id=s,mux=on,fd=%d", pair[0]);
    attach(chardev, &peer);
    chardev_set_escape_handler(chardev, peer_escape, &peer);
    g_assert_cmpint(write(pair[1], "a\1\1b\1", 5), ==, 5);
    g_assert_cmpint(write(pair[1], "bc\1xd", 5), ==, 5);
    run_until_got(&peer, "a\1bcd");
    g_assert_cmpuint(peer.breaks, ==, 1);
    g_assert_cmpint(peer.escape, ==, 'x');
    detach(chardev, &peer);
    close(pair[1]);
}

static void test_stdio_gives_the_terminal_back(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    int saved = dup(STDIN_FILENO);
    struct termios before, during, after;
    Chardev *chardev;
    int slave;

    g_assert_cmpint(grantpt(master) | unlockpt(master), ==, 0);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    g_assert_cmpint(dup2(slave, STDIN_FILENO), ==, STDIN_FILENO);
    g_assert_cmpint(tcgetattr(STDIN_FILENO, &before), ==, 0);
    chardev = open_text("stdio,id=s,signal=off");
    g_assert_cmpint(tcgetattr(STDIN_FILENO, &during), ==, 0);
    chardev_free(chardev);
    g_assert_cmpint(tcgetattr(STDIN_FILENO, &after), ==, 0);
    g_assert_cmpuint(during.c_lflag & (ICANON | ECHO | ISIG), ==, 0);
    g_assert_cmpuint(before.c_lflag, ==, after.c_lflag);
    g_assert_cmpuint(before.c_iflag, ==, after.c_iflag);
    g_assert_cmpuint(before.c_oflag, ==, after.c_oflag);
    g_assert_cmpuint(before.c_cflag, ==, after.c_cflag);
    g_assert_cmpint(dup2(saved, STDIN_FILENO), ==, STDIN_FILENO);
    close(saved);
    close(slave);
    close(master);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/chardev/config-text", test_config_text);
    g_test_add_func("/chardev/short-form", test_short_form);
    g_test_add_func("/chardev/file", test_file_truncates_appends_and_logs);
    g_test_add_func("/chardev/missing-folder", test_missing_folder_is_named);
    g_test_add_func("/chardev/socket-server",
                    test_socket_server_takes_one_peer_after_another);
    g_test_add_func("/chardev/socket-inherited", test_inherited_socket_is_accepted_on);
    g_test_add_func("/chardev/socket-waits", test_waiting_server_returns_connected);
    g_test_add_func("/chardev/tcp", test_tcp_serves_and_connects);
    g_test_add_func("/chardev/socket-stale",
                    test_stale_socket_is_replaced_but_not_a_file);
    g_test_add_func("/chardev/descriptors",
                    test_descriptors_arrive_close_on_exec_and_are_dropped);
    g_test_add_func("/chardev/sleeping-reader",
                    test_writer_is_not_blocked_by_a_reader_that_sleeps);
    g_test_add_func("/chardev/queue", test_queued_output_follows);
    g_test_add_func("/chardev/input-waits", test_input_waits_for_room);
    g_test_add_func("/chardev/pty", test_pty_connects_and_reconnects);
    g_test_add_func("/chardev/ringbuf", test_ringbuf_keeps_the_newest);
    g_test_add_func("/chardev/mux", test_mux_takes_escapes_out);
    g_test_add_func("/chardev/stdio-terminal", test_stdio_gives_the_terminal_back);
    return g_test_run();
}
