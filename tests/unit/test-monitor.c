/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/monitor.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chardev/chardev.h"
#include "monitor/qmp-parser.h"
#include "qapi/commands.h"
#include "qapi/events.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/json.h"

/* The program under the test's commands. */
typedef struct Fake {
    MonitorSet *set;
    int stops;
    QmpLater *owed; /* by fake_ask() */
} Fake;

static bool fake_stop(QmpContext *ctx, const void *args, void *ret, GError **errp)
{
    Fake *fake = ctx->program;

    (void)args;
    (void)ret;
    (void)errp;
    fake->stops++;
    monitor_set_emit(fake->set, qapi_event_stop());
    return true;
}

static bool fake_name(QmpContext *ctx, const void *args, void *ret, GError **errp)
{
    NameInfo *info = g_new0(NameInfo, 1);

    (void)ctx;
    (void)args;
    (void)errp;
    info->name = g_strdup("\xc3\xa4/b");
    *(NameInfo **)ret = info;
    return true;
}

static bool fake_get(QmpContext *ctx, const void *args, void *ret, GError **errp)
{
    const QomGetArgs *get = args;

    (void)ctx;
    (void)ret;
    error_set_code(
        errp, strcmp(get->path, "/gone") == 0 ? VPMU_ERROR_NOT_FOUND : VPMU_ERROR_FAILED,
        "no %s", get->property);
    return false;
}

/* Answers when the test has it do so; "/gone" fails at once. */
static bool fake_ask(QmpContext *ctx, const void *args, void *ret, GError **errp)
{
    const QomListArgs *ask = args;
    Fake *fake = ctx->program;
    QmpLater *later = monitor_defer(ctx);

    (void)ret;
    if (strcmp(ask->path, "/gone") == 0) {
        error_set(errp, "gone");
        return false;
    }
    fake->owed = later;
    return true;
}

static bool call_capabilities(QmpContext *ctx, const void *args, void *ret, GError **errp)
{
    (void)ret;
    return qmp_qmp_capabilities(ctx, args, errp);
}

static bool call_getfd(QmpContext *ctx, const void *args, void *ret, GError **errp)
{
    (void)ret;
    return qmp_getfd(ctx, args, errp);
}

static bool call_closefd(QmpContext *ctx, const void *args, void *ret, GError **errp)
{
    (void)ret;
    return qmp_closefd(ctx, args, errp);
}

static bool call_commands(QmpContext *ctx, const void *args, void *ret, GError **errp)
{
    (void)args;
    return qmp_query_commands(ctx, ret, errp);
}

static bool call_schema(QmpContext *ctx, const void *args, void *ret, GError **errp)
{
    (void)args;
    return qmp_query_qmp_schema(ctx, ret, errp);
}

static bool call_version(QmpContext *ctx, const void *args, void *ret, GError **errp)
{
    (void)args;
    return qmp_query_version(ctx, ret, errp);
}

static const QmpCommand commands[] = {
    {"qmp_capabilities", &qapi_type_qmp_capabilities_args, NULL, call_capabilities},
    {"stop", NULL, NULL, fake_stop},
    {"query-name", NULL, &qapi_type_name_info, fake_name},
    {"qom-get", &qapi_type_qom_get_args, &qapi_type_any, fake_get},
    {"ask", &qapi_type_qom_list_args, &qapi_type_name_info, fake_ask},
    {"getfd", &qapi_type_getfd_args, NULL, call_getfd},
    {"closefd", &qapi_type_closefd_args, NULL, call_closefd},
    {"query-commands", NULL, &qapi_list_command_info, call_commands},
    {"query-qmp-schema", NULL, &qapi_list_any, call_schema},
    {"query-version", NULL, &qapi_type_version_info, call_version},
    {0},
};

/* One client on a socket pair. */
typedef struct Client {
    Chardev *chardev;
    int fd;
    GString *got;
} Client;

static json_object *new_version(void)
{
    return json_tokener_parse(
        "{\"qemu\":{\"major\":9,\"minor\":1,\"micro\":0},\"package\":\"p\"}");
}

static void client_open(Client *client, MonitorSet *set)
{
    int pair[2];
    g_autofree char *text = NULL;
    g_autoptr(ChardevConfig) config = NULL;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    text = g_strdup_printf("socket,id=c%d,fd=%d", pair[0], pair[0]);
    config = chardev_config_parse(text, NULL);
    client->chardev = chardev_new(config, NULL);
    g_assert_nonnull(client->chardev);
    client->fd = pair[1];
    client->got = g_string_new(NULL);
    monitor_set_add(set, client->chardev, false);
}

static void client_close(Client *client)
{
    close(client->fd);
    g_string_free(client->got, TRUE);
}

/* The next line without CR LF; NULL after the end. */
static char *client_line(Client *client)
{
    gint64 deadline = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;
    char buffer[4096];
    char *end, *line;

    while (!(end = strstr(client->got->str, "\r\n"))) {
        ssize_t got;

        g_main_context_iteration(NULL, FALSE);
        got = recv(client->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
        if (got == 0) {
            return NULL;
        }
        if (got > 0) {
            g_string_append_len(client->got, buffer, got);
        }
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
    }
    line = g_strndup(client->got->str, (gsize)(end - client->got->str));
    g_string_erase(client->got, 0, end + 2 - client->got->str);
    g_assert_null(strchr(line, '\n'));
    return line;
}

static void client_send(Client *client, const char *text)
{
    g_assert_cmpint(write(client->fd, text, strlen(text)), ==, (ssize_t)strlen(text));
}

static void client_expect(Client *client, const char *expected)
{
    g_autofree char *line = client_line(client);

    g_assert_cmpstr(line, ==, expected);
}

/* The reply's error class, and that it says @text somewhere. */
static void client_expect_error(Client *client, const char *class, const char *text)
{
    g_autofree char *line = client_line(client);
    g_autojson *reply = json_parse(line, -1, NULL);
    json_object *error = json_object_object_get(reply, "error");

    g_test_message("%s", line);
    g_assert_nonnull(error);
    g_assert_cmpstr(json_object_get_string(json_object_object_get(error, "class")), ==,
                    class);
    g_assert_nonnull(strstr(line, text));
}

static void client_greet(Client *client)
{
    client_expect(client, "{\"QMP\":{\"version\":{\"qemu\":{\"major\":9,\"minor\":1,"
                          "\"micro\":0},\"package\":\"p\"},\"capabilities\":[]}}");
}

static void client_negotiate(Client *client)
{
    client_greet(client);
    client_send(client, "{\"execute\":\"qmp_capabilities\"}\r\n");
    client_expect(client, "{\"return\":{}}");
}

static void test_negotiation_comes_first_and_once(void)
{
    g_autoptr(MonitorSet) set = monitor_set_new(commands, new_version(), NULL);
    Client client;

    client_open(&client, set);
    client_greet(&client);
    client_send(&client, "{\"execute\":\"query-name\"}");
    client_expect_error(&client, "CommandNotFound", "negotiated first");
    client_send(&client, "{\"execute\":\"qmp_capabilities\","
                         "\"arguments\":{\"enable\":[\"oob\"]},\"id\":1}");
    client_expect_error(&client, "GenericError", "'oob'");
    client_send(&client, "{\"execute\":\"qmp_capabilities\",\"id\":{\"a\":[null]}}");
    client_expect(&client, "{\"return\":{},\"id\":{\"a\":[null]}}");
    client_send(&client, "{\"execute\":\"qmp_capabilities\"}");
    client_expect_error(&client, "CommandNotFound", "already");
    client_close(&client);
    g_clear_pointer(&set, monitor_set_free);
    chardev_free(client.chardev);
}

static void test_replies_and_error_classes(void)
{
    static const struct {
        const char *request;
        const char *reply; /* NULL: an error of … */
        const char *class;
        const char *text;
    } cases[] = {
        {"{\"execute\":\"query-name\"}", "{\"return\":{\"name\":\"\xc3\xa4/b\"}}", NULL,
         NULL},
        {"{\"execute\":\"query-name\",\"arguments\":{},\"id\":\"x\"}",
         "{\"return\":{\"name\":\"\xc3\xa4/b\"},\"id\":\"x\"}", NULL, NULL},
        {"{\"execute\":\"query-name\",\"arguments\":{\"a\":1}}", NULL, "GenericError",
         "no arguments"},
        {"{\"execute\":\"no-such\"}", NULL, "CommandNotFound", "'no-such'"},
        {"{\"execute\":\"qom-get\"}", NULL, "GenericError", "qom-get.path is missing"},
        {"{\"execute\":\"qom-get\",\"arguments\":{\"path\":1,\"property\":\"p\"}}", NULL,
         "GenericError", "qom-get.path must be a string"},
        {"{\"execute\":\"qom-get\",\"arguments\":{\"path\":\"/"
         "gone\",\"property\":\"p\"}}",
         NULL, "DeviceNotFound", "no p"},
        {"{\"execute\":\"qom-get\",\"arguments\":{\"path\":\"/\",\"property\":\"p\"}}",
         NULL, "GenericError", "no p"},
        {"{\"execute\":5}", NULL, "GenericError", "execute"},
        {"{\"arguments\":{}}", NULL, "GenericError", "execute"},
        {"{\"execute\":\"stop\",\"arguments\":[]}", NULL, "GenericError", "arguments"},
        {"{\"execute\":\"stop\",\"extra\":1,\"id\":7}", NULL, "GenericError", "\"id\":7"},
        {"{\"exec-oob\":\"stop\"}", NULL, "GenericError", "exec-oob"},
        {"[]", NULL, "GenericError", "an object"},
        {"5 ", NULL, "GenericError", "an object"},
        {"null ", NULL, "GenericError", "an object"},
        {"{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"f\"}}", NULL, "GenericError",
         "no descriptor"},
        {"{\"execute\":\"closefd\",\"arguments\":{\"fdname\":\"f\"}}", NULL,
         "GenericError", "'f'"},
    };
    g_autoptr(MonitorSet) set = monitor_set_new(commands, new_version(), NULL);
    Client client;

    client_open(&client, set);
    client_negotiate(&client);
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        client_send(&client, cases[i].request);
        if (cases[i].reply) {
            client_expect(&client, cases[i].reply);
        } else {
            client_expect_error(&client, cases[i].class, cases[i].text);
        }
    }
    client_close(&client);
    g_clear_pointer(&set, monitor_set_free);
    chardev_free(client.chardev);
}

static void test_event_comes_before_the_reply_and_to_all(void)
{
    Fake fake = {0};
    MonitorSet *set = monitor_set_new(commands, new_version(), &fake);
    Client one, two, silent;
    g_autofree char *line = NULL;
    g_autofree char *other = NULL;

    fake.set = set;
    client_open(&one, set);
    client_open(&two, set);
    client_open(&silent, set);
    client_negotiate(&one);
    client_negotiate(&two);
    client_greet(&silent);
    client_send(&one, "{\"execute\":\"stop\",\"id\":1}");
    line = client_line(&one);
    g_assert_true(
        g_str_has_prefix(line, "{\"event\":\"STOP\",\"timestamp\":{\"seconds\":"));
    client_expect(&one, "{\"return\":{},\"id\":1}");
    other = client_line(&two);
    g_assert_cmpstr(other, ==, line);
    g_assert_cmpint(fake.stops, ==, 1);
    client_send(&silent, "{\"execute\":\"qmp_capabilities\"}");
    client_expect(&silent, "{\"return\":{}}");
    client_close(&one);
    client_close(&two);
    client_close(&silent);
    monitor_set_free(set);
    chardev_free(one.chardev);
    chardev_free(two.chardev);
    chardev_free(silent.chardev);
}

/* The main loop, as long as it takes for bytes on a socket to be read. */
static void settle(void)
{
    for (int i = 0; i < 20; i++) {
        g_main_context_iteration(NULL, FALSE);
    }
}

static void answer(Fake *fake, const char *text)
{
    NameInfo info = {.name = (char *)text};
    const NameInfo *place = &info;

    /* What comes next may be asked before this returns. */
    monitor_answer(g_steal_pointer(&fake->owed), &place, NULL);
}

#define ASK(path, id)                                                                    \
    "{\"execute\":\"ask\",\"arguments\":{\"path\":\"" path "\"},\"id\":" #id "}"

/* Who asked waits, and what it sends is done in order; others and events go on. */
static void test_answer_that_comes_later(void)
{
    Fake fake = {0};
    MonitorSet *set = monitor_set_new(commands, new_version(), &fake);
    g_autofree char *event = NULL;
    Client one, two;

    fake.set = set;
    client_open(&one, set);
    client_open(&two, set);
    client_negotiate(&one);
    client_negotiate(&two);
    client_send(&one, ASK("/", 1) ASK("/", 2) "{x\r\n{\"execute\":\"stop\",\"id\":3}");
    settle();
    g_assert_nonnull(fake.owed);
    client_send(&two, "{\"execute\":\"stop\"}");
    g_free(client_line(&two));
    client_expect(&two, "{\"return\":{}}");
    g_assert_cmpint(fake.stops, ==, 1);
    event = client_line(&one);
    g_assert_true(g_str_has_prefix(event, "{\"event\":\"STOP\""));
    answer(&fake, "first");
    client_expect(&one, "{\"return\":{\"name\":\"first\"},\"id\":1}");
    g_assert_nonnull(fake.owed);
    g_assert_cmpint(fake.stops, ==, 1);
    answer(&fake, "second");
    client_expect(&one, "{\"return\":{\"name\":\"second\"},\"id\":2}");
    client_expect_error(&one, "GenericError", "JSON parse error");
    g_free(client_line(&one));
    client_expect(&one, "{\"return\":{},\"id\":3}");
    g_assert_cmpint(fake.stops, ==, 2);
    client_close(&one);
    client_close(&two);
    monitor_set_free(set);
    chardev_free(one.chardev);
    chardev_free(two.chardev);
}

static void test_later_answer_may_be_an_error(void)
{
    Fake fake = {0};
    g_autoptr(MonitorSet) set = monitor_set_new(commands, new_version(), &fake);
    g_autoptr(GError) error = NULL;
    Client client;

    client_open(&client, set);
    client_negotiate(&client);
    client_send(&client, ASK("/gone", 1));
    client_expect_error(&client, "GenericError", "\"id\":1");
    g_assert_null(fake.owed);
    client_send(&client, ASK("/", 2));
    settle();
    error_set(&error, "nobody knows");
    monitor_answer(fake.owed, NULL, error);
    client_expect_error(&client, "GenericError", "nobody knows");
    client_send(&client, "{\"execute\":\"query-name\"}");
    client_expect(&client, "{\"return\":{\"name\":\"\xc3\xa4/b\"}}");
    client_close(&client);
    g_clear_pointer(&set, monitor_set_free);
    chardev_free(client.chardev);
}

/* It goes while it waits, with requests held and without; the set goes, too. */
static void test_nobody_hears_the_later_answer(void)
{
    static const char *const rests[] = {"", "{\"execute\":\"stop\"}"};

    for (unsigned i = 0; i < 2 * ARRAY_LEN(rests); i++) {
        Fake fake = {0};
        MonitorSet *set = monitor_set_new(commands, new_version(), &fake);
        bool set_goes = i & 1;
        Client client;

        fake.set = set;
        client_open(&client, set);
        client_negotiate(&client);
        client_send(&client, ASK("/", 1));
        client_send(&client, rests[i / 2]);
        settle();
        client_close(&client);
        settle();
        if (set_goes) {
            monitor_set_free(set);
        }
        answer(&fake, "late");
        g_assert_cmpint(fake.stops, <=, 1);
        settle();
        if (!set_goes) {
            monitor_set_free(set);
        }
        chardev_free(client.chardev);
    }
}

static void test_protocol_commands_answer(void)
{
    g_autoptr(MonitorSet) set = monitor_set_new(commands, new_version(), NULL);
    g_autofree char *schema = NULL;
    g_autofree char *list = NULL;
    Client client;

    client_open(&client, set);
    client_negotiate(&client);
    client_send(&client, "{\"execute\":\"query-version\"}");
    client_expect(&client, "{\"return\":{\"qemu\":{\"major\":9,\"minor\":1,\"micro\":0},"
                           "\"package\":\"p\"}}");
    client_send(&client, "{\"execute\":\"query-commands\"}");
    list = client_line(&client);
    g_assert_nonnull(strstr(list, "{\"name\":\"stop\"}"));
    client_send(&client, "{\"execute\":\"query-qmp-schema\"}");
    schema = client_line(&client);
    g_assert_nonnull(strstr(schema, "\"meta-type\":\"event\""));
    client_close(&client);
    g_clear_pointer(&set, monitor_set_free);
    chardev_free(client.chardev);
}

static void send_with_fd(int socket_fd, int fd, const char *text)
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

/* Nobody but us holds the write end of @pipe_fds any more. */
static bool is_pipe_ended(int read_fd)
{
    char byte;

    return read(read_fd, &byte, 1) == 0;
}

static void test_descriptors_are_named_or_closed(void)
{
    static const struct {
        const char *request;
        bool is_kept;
    } cases[] = {
        {"{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"a\"}}", true},
        {"{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"1\"}}", false},
        {"{\"execute\":\"getfd\",\"arguments\":{}}", false},
        {"{\"execute\":\"no-such\"}", false},
        {"{\"execute\":\"query-name\"}", false},
        {"{]\n", false},
    };
    g_autoptr(MonitorSet) set = monitor_set_new(commands, new_version(), NULL);
    Client client;

    client_open(&client, set);
    client_negotiate(&client);
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autofree char *reply = NULL;
        int pipe_fds[2];

        g_assert_cmpint(pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK), ==, 0);
        send_with_fd(client.fd, pipe_fds[1], cases[i].request);
        close(pipe_fds[1]);
        reply = client_line(&client);
        g_test_message("%s -> %s", cases[i].request, reply);
        g_assert_true(is_pipe_ended(pipe_fds[0]) == !cases[i].is_kept);
        if (cases[i].is_kept) {
            client_send(&client,
                        "{\"execute\":\"closefd\",\"arguments\":{\"fdname\":\"a\"}}");
            client_expect(&client, "{\"return\":{}}");
            g_assert_true(is_pipe_ended(pipe_fds[0]));
        }
        close(pipe_fds[0]);
    }
    client_close(&client);
    g_clear_pointer(&set, monitor_set_free);
    chardev_free(client.chardev);
}

static void test_descriptor_waits_for_the_rest_of_its_request(void)
{
    g_autoptr(MonitorSet) set = monitor_set_new(commands, new_version(), NULL);
    Client client;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    client_open(&client, set);
    client_negotiate(&client);
    send_with_fd(client.fd, fd, "{\"execute\":\"getfd\",");
    for (unsigned i = 0; i < 5; i++) {
        g_main_context_iteration(NULL, FALSE);
    }
    client_send(&client, "\"arguments\":{\"fdname\":\"a\"}}");
    client_expect(&client, "{\"return\":{}}");
    close(fd);
    client_close(&client);
    g_clear_pointer(&set, monitor_set_free);
    chardev_free(client.chardev);
}

/* What the parser makes of bytes: values as text, errors as "!". */
static void note_value(void *opaque, json_object *value, const GError *error)
{
    GString *seen = opaque;
    g_autofree char *text = error ? g_strdup("!") : json_format(value);

    g_string_append_printf(seen, "%s%s", seen->len ? " " : "", text);
}

static void test_parser_resynchronises(void)
{
    static const struct {
        const char *text;
        const char *seen;
    } cases[] = {
        {"{}{}", "{} {}"},
        {"{}\r\n{}\n", "{} {}"},
        {" \t\r\n", ""},
        {"{]}}{\n{}", "! {}"},
        {"\xff\xfe{}\n{}", "! {}"},
        {"{\"a\":\"\xff\"}\n[]", "! []"},
        {"5\n6\n", "5 6"},
        {"{\"a\":1} x\n{}", "{\"a\":1} ! {}"},
        {"tru\n{}", "! {}"},
        {"{'a':1}\n{}", "{\"a\":1} {}"},
        {"// c\n{}", "! {}"},
        {"[18446744073709551615][1]", "[18446744073709551615] [1]"},
        {"[18446744073709551616]\n[1]", "! [1]"},
        {"99999999999999999999\n[1]", "! [1]"},
        {"[NaN]\n[1]", "! [1]"},
        {"{\"a\":\"\\\"\",\"b\":99999999999999999999}\n[1]", "! [1]"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        g_autoptr(GString) whole = g_string_new(NULL);
        g_autoptr(GString) bytes = g_string_new(NULL);
        g_autoptr(QmpParser) one = qmp_parser_new(note_value, whole);
        g_autoptr(QmpParser) other = qmp_parser_new(note_value, bytes);

        qmp_parser_feed(one, cases[i].text, strlen(cases[i].text));
        for (const char *p = cases[i].text; *p; p++) {
            qmp_parser_feed(other, p, 1);
        }
        g_assert_cmpstr(whole->str, ==, cases[i].seen);
        g_assert_cmpstr(bytes->str, ==, cases[i].seen);
    }
}

static void test_parser_limits_depth_and_size(void)
{
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autoptr(QmpParser) parser = qmp_parser_new(note_value, seen);
    g_autofree char *deep = g_strnfill(100000, '[');
    g_autofree char *digits = g_strnfill(1000, 'x');

    qmp_parser_feed(parser, deep, strlen(deep));
    qmp_parser_feed(parser, "\n{}", 3);
    g_assert_cmpstr(seen->str, ==, "! {}");
    g_string_truncate(seen, 0);
    qmp_parser_feed(parser, "\"", 1);
    for (unsigned i = 0; i < 3 * QMP_REQUEST_BYTES_MAX / 1000; i++) {
        qmp_parser_feed(parser, digits, 1000);
    }
    g_assert_cmpstr(seen->str, ==, "!");
    qmp_parser_feed(parser, "\"\n{}", 4);
    g_assert_cmpstr(seen->str, ==, "! {}");
    g_assert_true(qmp_parser_is_idle(parser));
}

/* A peer that sends without reading is let go; the others live. */
static void test_peer_that_never_reads_is_dropped(void)
{
    g_autoptr(MonitorSet) set = monitor_set_new(commands, new_version(), NULL);
    Client client;
    unsigned sent = 0;

    client_open(&client, set);
    client_negotiate(&client);
    while (chardev_is_open(client.chardev) && sent < 100000) {
        static const char request[] = "{\"execute\":\"query-qmp-schema\"}";

        sent +=
            send(client.fd, request, strlen(request), MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_false(chardev_is_open(client.chardev));
    client_close(&client);
    g_clear_pointer(&set, monitor_set_free);
    chardev_free(client.chardev);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/monitor/negotiation", test_negotiation_comes_first_and_once);
    g_test_add_func("/monitor/replies", test_replies_and_error_classes);
    g_test_add_func("/monitor/events", test_event_comes_before_the_reply_and_to_all);
    g_test_add_func("/monitor/later-answer", test_answer_that_comes_later);
    g_test_add_func("/monitor/later-error", test_later_answer_may_be_an_error);
    g_test_add_func("/monitor/later-to-nobody", test_nobody_hears_the_later_answer);
    g_test_add_func("/monitor/protocol-commands", test_protocol_commands_answer);
    g_test_add_func("/monitor/descriptors", test_descriptors_are_named_or_closed);
    g_test_add_func("/monitor/descriptor-waits",
                    test_descriptor_waits_for_the_rest_of_its_request);
    g_test_add_func("/monitor/parser-resynchronises", test_parser_resynchronises);
    g_test_add_func("/monitor/parser-limits", test_parser_limits_depth_and_size);
    g_test_add_func("/monitor/never-reads", test_peer_that_never_reads_is_dropped);
    return g_test_run();
}
