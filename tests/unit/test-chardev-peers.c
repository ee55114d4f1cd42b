/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets whose peers leave early, send what nobody wants, or are too many. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "chardev/chardev.h"
#include "util/bits.h"

#define LATE_MS 5000

/* A server and who uses it. */
typedef struct Server {
    char *folder, *path;
    Chardev *chardev;
    GString *got;
    size_t room; /* how much the user would take */
} Server;

static size_t user_can_read(void *opaque)
{
    return ((Server *)opaque)->room;
}

static void user_read(void *opaque, const uint8_t *data, size_t len)
{
    Server *server = opaque;

    g_string_append_len(server->got, (const char *)data, (gssize)len);
}

static void attach(Server *server, bool takes_fds)
{
    const ChardevHandlers handlers = {user_can_read, user_read, NULL, takes_fds};

    chardev_set_handlers(server->chardev, &handlers, server);
}

static Server *server_new(void)
{
    const char *place = strlen(g_get_tmp_dir()) > 60 ? "/tmp" : g_get_tmp_dir();
    Server *server = g_new0(Server, 1);
    g_autofree char *text = NULL;
    g_autoptr(ChardevConfig) config = NULL;

    server->folder = g_mkdtemp(g_build_filename(place, "vpmu-peers-XXXXXX", NULL));
    server->path = g_build_filename(server->folder, "s", NULL);
    server->got = g_string_new(NULL);
    server->room = SIZE_MAX;
    text = g_strdup_printf("socket,id=s,path=%s,server=on,wait=off", server->path);
    config = chardev_config_parse(text, NULL);
    server->chardev = chardev_new(config, NULL);
    g_assert_nonnull(server->chardev);
    return server;
}

static void server_free(Server *server)
{
    chardev_free(server->chardev);
    g_rmdir(server->folder);
    g_free(server->folder);
    g_free(server->path);
    g_string_free(server->got, TRUE);
    g_free(server);
}

static int connect_to(const Server *server)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, server->path, sizeof(address.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    return fd;
}

static int wake(gpointer data)
{
    *(bool *)data = true;
    return G_SOURCE_REMOVE;
}

/* Turns the main loop for that long; how many times it went round. */
static unsigned run_for(unsigned ms)
{
    bool is_over = false;
    unsigned rounds = 0;

    g_timeout_add(ms, wake, &is_over);
    for (; !is_over; rounds++) {
        g_main_context_iteration(NULL, TRUE);
    }
    return rounds;
}

static void run_until_got(const Server *server, const char *text)
{
    for (unsigned ms = 0; strcmp(server->got->str, text) != 0 && ms < LATE_MS; ms += 10) {
        (void)run_for(10);
    }
    g_assert_cmpstr(server->got->str, ==, text);
}

/* The peer's end closes once nobody else holds it. */
static void expect_end(int fd)
{
    char byte;
    ssize_t got = -1;

    for (unsigned ms = 0; got < 0 && ms < LATE_MS; ms += 10) {
        (void)run_for(10);
        got = recv(fd, &byte, 1, MSG_DONTWAIT);
    }
    g_assert_cmpint(got, ==, 0);
}

static void send_fds(int fd, int sent, unsigned count, const char *text)
{
    g_autofree char *control = g_malloc0(CMSG_SPACE(sizeof(int) * count));
    struct iovec part = {.iov_base = (char *)text, .iov_len = strlen(text)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = CMSG_SPACE(sizeof(int) * count)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * count);
    for (unsigned i = 0; i < count; i++) {
        memcpy(CMSG_DATA(header) + i * sizeof(int), &sent, sizeof(sent));
    }
    g_assert_cmpint(sendmsg(fd, &message, 0), ==, (ssize_t)strlen(text));
}

/* A guest that does not read keeps nobody out; what it does read comes whole. */
static void test_next_peer_comes_where_bytes_are_unread(void)
{
    Server *server = server_new();
    int fd = connect_to(server);

    server->room = 0;
    attach(server, false);
    (void)run_for(20);
    g_assert_cmpint(send(fd, "old", 3, 0), ==, 3);
    (void)run_for(20);
    close(fd);
    g_assert_cmpuint(run_for(50), <, 20); /* it does not spin */
    fd = connect_to(server);
    g_assert_cmpint(send(fd, "new", 3, 0), ==, 3);
    (void)run_for(50);
    server->room = SIZE_MAX;
    chardev_accept_input(server->chardev);
    run_until_got(server, "new");
    g_assert_cmpuint(chardev_write(server->chardev, "x", 1), ==, 1);
    close(fd);
    server_free(server);
}

/* Without a next peer, what was sent is there when the guest reads. */
static void test_what_a_peer_left_behind_is_read(void)
{
    Server *server = server_new();
    int fd = connect_to(server);

    server->room = 0;
    attach(server, false);
    (void)run_for(20);
    g_assert_cmpint(send(fd, "left", 4, 0), ==, 4);
    close(fd);
    (void)run_for(20);
    server->room = SIZE_MAX;
    chardev_accept_input(server->chardev);
    run_until_got(server, "left");
    fd = connect_to(server);
    g_assert_cmpint(send(fd, "+", 1, 0), ==, 1);
    run_until_got(server, "left+");
    close(fd);
    server_free(server);
}

/* No device reads at all, as between two lives of a machine. */
static void test_next_peer_comes_where_nobody_reads(void)
{
    Server *server = server_new();

    for (unsigned i = 0; i < 3; i++) {
        int fd = connect_to(server);

        (void)run_for(20);
        g_assert_true(chardev_is_open(server->chardev));
        g_assert_cmpint(send(fd, "old", 3, 0), ==, 3);
        close(fd);
        g_assert_cmpuint(run_for(50), <, 20);
    }
    {
        int fd = connect_to(server);

        (void)run_for(20);
        attach(server, false);
        g_assert_cmpint(send(fd, "new", 3, 0), ==, 3);
        run_until_got(server, "new");
        close(fd);
    }
    server_free(server);
}

static void test_descriptors_nobody_takes_are_closed(void)
{
    Server *server = server_new();
    int fd = connect_to(server), pair[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    attach(server, false);
    send_fds(fd, pair[1], 3, "a");
    send_fds(fd, pair[1], 100, "b");
    close(pair[1]);
    run_until_got(server, "ab");
    expect_end(pair[0]);
    g_assert_cmpint(chardev_take_fd(server->chardev), ==, -1);
    close(pair[0]);
    close(fd);
    server_free(server);
}

/* A monitor's peer may send many; a few wait. */
static void test_descriptors_wait_in_a_bounded_number(void)
{
    Server *server = server_new();
    int fd = connect_to(server);
    unsigned taken = 0;

    attach(server, true);
    for (unsigned i = 0; i < 20; i++) {
        send_fds(fd, fd, 7, "a");
    }
    run_until_got(server, "aaaaaaaaaaaaaaaaaaaa");
    for (int got; (got = chardev_take_fd(server->chardev)) >= 0; taken++) {
        close(got);
    }
    g_assert_cmpuint(taken, ==, 16);
    close(fd);
    server_free(server);
}

static void test_without_descriptors_accepting_waits(void)
{
    Server *server = server_new();
    int fd = connect_to(server);
    int next = dup(fd);
    struct rlimit limit, none;

    close(next);
    attach(server, false);
    getrlimit(RLIMIT_NOFILE, &limit);
    none = limit;
    none.rlim_cur = (rlim_t)next; /* the lowest that is free is too high */
    setrlimit(RLIMIT_NOFILE, &none);
    g_assert_cmpuint(run_for(100), <, 20);
    g_assert_false(chardev_is_open(server->chardev));
    setrlimit(RLIMIT_NOFILE, &limit);
    g_assert_cmpint(send(fd, "late", 4, 0), ==, 4);
    run_until_got(server, "late");
    close(fd);
    server_free(server);
}

static void test_one_descriptor_serves_one_chardev(void)
{
    int pair[2];
    g_autofree char *text = NULL;
    g_autoptr(ChardevConfig) config = NULL, again = NULL;
    g_autoptr(Chardev) first = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    text = g_strdup_printf("socket,id=s,fd=%d", pair[0]);
    config = chardev_config_parse(text, NULL);
    again = chardev_config_parse(text, NULL);
    first = chardev_new(config, NULL);
    g_assert_nonnull(first);
    g_assert_true(chardev_has_fd(first, pair[0]));
    g_assert_false(chardev_has_fd(first, pair[1]));
    g_assert_null(chardev_new(again, &error));
    g_assert_nonnull(strstr(error->message, "is in use"));
    close(pair[1]);
}

static void test_ports_are_numbers_or_names(void)
{
    static const struct {
        const char *port;
        bool is_good;
    } cases[] = {
        {"0", true},           {"65535", true},  {"00080", true},
        {"ssh", true},         {"70000", false}, {"65536", false},
        {"4295036753", false}, {"-1", false},    {"+80", false},
        {" 80", false},        {"80 ", false},   {"0x50", false},
        {"80x", false},        {"", false},      {"99999999999999999999999", false},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autofree char *shorter =
            g_strdup_printf("tcp::%s,server=on,wait=off", cases[i].port);
        g_autofree char *longer =
            g_strdup_printf("socket,id=a,host=h,port=%s", cases[i].port);
        g_autoptr(GError) short_error = NULL, long_error = NULL;
        g_autoptr(ChardevConfig) a =
            chardev_config_parse_legacy(shorter, "a", &short_error);
        g_autoptr(ChardevConfig) b = chardev_config_parse(longer, &long_error);

        g_test_message("%s", cases[i].port);
        g_assert_true((a != NULL) == cases[i].is_good && (b != NULL) == !!a);
        g_assert_true((short_error != NULL) == !a && (long_error != NULL) == !b);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/chardev/unread", test_next_peer_comes_where_bytes_are_unread);
    g_test_add_func("/chardev/left-behind", test_what_a_peer_left_behind_is_read);
    g_test_add_func("/chardev/nobody-reads", test_next_peer_comes_where_nobody_reads);
    g_test_add_func("/chardev/descriptors-nobody-takes",
                    test_descriptors_nobody_takes_are_closed);
    g_test_add_func("/chardev/descriptors-are-bounded",
                    test_descriptors_wait_in_a_bounded_number);
    g_test_add_func("/chardev/no-descriptors-left",
                    test_without_descriptors_accepting_waits);
    g_test_add_func("/chardev/one-descriptor-once",
                    test_one_descriptor_serves_one_chardev);
    g_test_add_func("/chardev/ports", test_ports_are_numbers_or_names);
    return g_test_run();
}
