/* SPDX-License-Identifier: GPL-2.0-or-later */
/* virtio-serial and its ports, as a driver sees them. */
#include <sys/socket.h>
#include <unistd.h>

#include "chardev/chardev.h"
#include "made-virtio.h"
#include "util/bits.h"
#include "util/json.h"

/* Source: VIRTIO 1.2, 5.3.6.2. */
enum {
    DEVICE_READY,
    PORT_ADD,
    PORT_REMOVE,
    PORT_READY,
    CONSOLE_PORT,
    RESIZE,
    PORT_OPEN,
    PORT_NAME,
};

#define MULTIPORT  BIT64(1)
#define CONTROL_IN 2
#define BUFFER     256 /* bytes of each buffer, one a descriptor */

/* A device with a console that goes to a ring and a stream with a socket. */
typedef struct Serial {
    MadeVirtio *made;
    Chardev *ring, *stream;
    int peer; /* the other end of the stream */
} Serial;

static Serial *current;

static Chardev *find_chardev(void *opaque, const char *id)
{
    (void)opaque;
    return g_strcmp0(id, "ring") == 0     ? current->ring
           : g_strcmp0(id, "stream") == 0 ? current->stream
                                          : NULL;
}

static void edit(MadeVirtio *made)
{
    made->host.find_chardev = find_chardev;
}

static Chardev *open_chardev(const char *text)
{
    g_autoptr(GError) error = NULL;
    ChardevConfig *config = chardev_config_parse(text, &error);
    Chardev *chardev = chardev_new(config, &error);

    g_assert_no_error(error);
    chardev_config_free(config);
    return chardev;
}

static void iterate(void)
{
    while (g_main_context_iteration(NULL, false)) {
    }
}

static void serial_init(Serial *serial)
{
    static const char *const settings[] = {"max_ports=4", NULL};
    static const char *const console[] = {"chardev=ring", NULL};
    static const char *const stream[] = {"chardev=stream", "name=org.example.0", NULL};
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    *serial = (Serial){.peer = fds[1]};
    current = serial;
    text = g_strdup_printf("socket,id=stream,fd=%d", fds[0]);
    serial->ring = open_chardev("ringbuf,id=ring");
    serial->stream = open_chardev(text);
    serial->made = made_virtio_new("virtio-serial-device", settings, edit);
    made_virtio_plug(serial->made, "virtconsole", NULL, console, &error);
    g_assert_no_error(error);
    made_virtio_plug(serial->made, "virtserialport", "agent", stream, &error);
    g_assert_no_error(error);
    iterate();
}

static void serial_clear(Serial *serial)
{
    made_virtio_free(serial->made);
    chardev_free(serial->ring);
    chardev_free(serial->stream);
    if (serial->peer >= 0) {
        close(serial->peer);
    }
}

static uint64_t buffer_gpa(unsigned queue, int place)
{
    return MADE_BUFFER_GPA + queue * 8 * BUFFER + (unsigned)place * BUFFER;
}

/* The queue's buffers are the device's to fill. */
static void offer(Serial *serial, unsigned queue, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned place = serial->made->drivers[queue].avail % 8;

        made_virtio_add(serial->made, queue, buffer_gpa(queue, (int)place), BUFFER, true);
    }
}

/* What the device put into the next buffer of @queue; NULL: nothing yet. */
static const uint8_t *take(Serial *serial, unsigned queue, uint32_t *ret_bytes)
{
    MadeDriver *driver = &serial->made->drivers[queue];
    unsigned place = driver->used % 8;

    return made_driver_get(driver, ret_bytes) >= 0
               ? made_memory_at(serial->made->machine.memory,
                                buffer_gpa(queue, (int)place), BUFFER)
               : NULL;
}

static void write_bytes(Serial *serial, unsigned queue, const void *data, uint32_t bytes)
{
    uint32_t unused;

    memcpy(made_memory_at(serial->made->machine.memory, buffer_gpa(queue, 0), BUFFER),
           data, bytes);
    made_virtio_add(serial->made, queue, buffer_gpa(queue, 0), bytes, false);
    g_assert_cmpint(made_driver_get(&serial->made->drivers[queue], &unused), >=, 0);
}

static void say(Serial *serial, uint32_t port, uint16_t event, uint16_t value)
{
    uint8_t message[8] = {(uint8_t)port, 0, 0, 0, (uint8_t)event, 0, (uint8_t)value};

    write_bytes(serial, CONTROL_IN + 1, message, sizeof(message));
}

static void assert_told(Serial *serial, uint32_t port, uint16_t event, uint16_t value)
{
    uint32_t bytes = 0;
    const uint8_t *message = take(serial, CONTROL_IN, &bytes);

    g_assert_nonnull(message);
    g_assert_cmpuint(bytes, >=, 8);
    g_assert_cmpuint(message[4], ==, event);
    g_assert_cmpuint(message[0], ==, port);
    g_assert_cmpuint(message[6], ==, value);
    if (event == PORT_NAME) {
        g_assert_cmpuint(bytes, ==, 8 + sizeof("org.example.0"));
        g_assert_cmpstr((const char *)message + 8, ==, "org.example.0");
    }
}

static void assert_silent(Serial *serial, unsigned queue)
{
    uint32_t bytes;

    g_assert_null(take(serial, queue, &bytes));
}

static void assert_event(Serial *serial, const char *text)
{
    const char *have = NULL;
    json_object *data;

    if (serial->made->event) {
        json_object_object_get_ex(serial->made->event, "data", &data);
        have = json_object_to_json_string_ext(data, JSON_C_TO_STRING_PLAIN);
    }
    g_assert_cmpstr(have, ==, text);
}

/* As Linux begins: queues, then ready, then each port. */
static void begin(Serial *serial)
{
    made_virtio_start(serial->made, MULTIPORT, 6);
    offer(serial, CONTROL_IN, 8);
    say(serial, 0, DEVICE_READY, 1);
    assert_told(serial, 0, PORT_ADD, 1);
    assert_told(serial, 1, PORT_ADD, 1);
    for (unsigned port = 0; port < 2; port++) {
        say(serial, port, PORT_READY, 1);
    }
    assert_told(serial, 0, CONSOLE_PORT, 1);
    assert_told(serial, 0, PORT_OPEN, 1);
    assert_told(serial, 1, PORT_NAME, 1);
    assert_told(serial, 1, PORT_OPEN, 1);
    assert_silent(serial, CONTROL_IN);
    offer(serial, CONTROL_IN, 6);
}

static void test_ports_are_told_of(void)
{
    Serial serial;

    serial_init(&serial);
    g_assert_cmpuint(made_virtio_read(serial.made, MMIO_CONFIG + 4), ==, 4);
    begin(&serial);
    serial_clear(&serial);
}

/* What is owed waits for buffers, in order, however long. */
static void test_messages_wait_for_buffers(void)
{
    Serial serial;

    serial_init(&serial);
    made_virtio_start(serial.made, MULTIPORT, 6);
    say(&serial, 0, DEVICE_READY, 1);
    say(&serial, 1, PORT_READY, 1);
    offer(&serial, CONTROL_IN, 1);
    assert_told(&serial, 0, PORT_ADD, 1);
    assert_silent(&serial, CONTROL_IN);
    offer(&serial, CONTROL_IN, 7);
    assert_told(&serial, 1, PORT_ADD, 1);
    assert_told(&serial, 1, PORT_NAME, 1);
    assert_told(&serial, 1, PORT_OPEN, 1);
    assert_silent(&serial, CONTROL_IN);
    serial_clear(&serial);
}

static void test_bytes_go_both_ways(void)
{
    Serial serial;
    char text[16] = "";
    uint8_t many[3 * BUFFER];
    uint32_t bytes = 0;

    serial_init(&serial);
    begin(&serial);
    write_bytes(&serial, 1, "console", 7);
    g_assert_cmpuint(chardev_read_ringbuf(serial.ring, text, sizeof(text)), ==, 7);
    g_assert_cmpstr(text, ==, "console");
    write_bytes(&serial, 5, "question", 8);
    g_assert_cmpint(read(serial.peer, text, sizeof(text)), ==, 8);

    /* Nobody reads in the guest: the bytes stay in the socket. */
    g_assert_cmpint(write(serial.peer, "answer", 6), ==, 6);
    offer(&serial, 4, 2);
    iterate();
    assert_silent(&serial, 4);
    say(&serial, 1, PORT_OPEN, 1);
    iterate();
    g_assert_cmpmem(take(&serial, 4, &bytes), 6, "answer", 6);
    g_assert_cmpuint(bytes, ==, 6);

    /* More than there are buffers for waits, too. */
    for (unsigned i = 0; i < sizeof(many); i++) {
        many[i] = (uint8_t)i;
    }
    g_assert_cmpint(write(serial.peer, many, sizeof(many)), ==, sizeof(many));
    iterate();
    for (unsigned i = 0; i < sizeof(many);) {
        const uint8_t *data = take(&serial, 4, &bytes);

        if (!data) {
            offer(&serial, 4, 1);
            iterate();
            continue;
        }
        for (unsigned k = 0; k < bytes; k++) {
            g_assert_cmpuint(data[k], ==, (uint8_t)i++);
        }
    }
    serial_clear(&serial);
}

static void test_both_sides_hear_of_open_and_close(void)
{
    Serial serial;

    serial_init(&serial);
    begin(&serial);
    assert_event(&serial, NULL);
    say(&serial, 1, PORT_OPEN, 1);
    assert_event(&serial, "{\"id\":\"agent\",\"open\":true}");
    say(&serial, 1, PORT_OPEN, 0);
    assert_event(&serial, "{\"id\":\"agent\",\"open\":false}");
    say(&serial, 1, PORT_OPEN, 1);
    made_virtio_write(serial.made, MMIO_STATUS, 0);
    assert_event(&serial, "{\"id\":\"agent\",\"open\":false}");
    begin(&serial);
    offer(&serial, 4, 1);
    say(&serial, 1, PORT_OPEN, 1);
    close(serial.peer);
    serial.peer = -1;
    iterate();
    assert_told(&serial, 1, PORT_OPEN, 0);
    serial_clear(&serial);
}

static void test_a_driver_of_one_port_needs_no_control(void)
{
    Serial serial;
    char text[16] = "";

    serial_init(&serial);
    made_virtio_start(serial.made, 0, 2);
    write_bytes(&serial, 1, "hello", 5);
    g_assert_cmpuint(chardev_read_ringbuf(serial.ring, text, sizeof(text)), ==, 5);
    made_virtio_write(serial.made, MMIO_CONFIG + 8, '!');
    g_assert_cmpuint(chardev_read_ringbuf(serial.ring, text, sizeof(text)), ==, 1);
    g_assert_cmpint(text[0], ==, '!');
    serial_clear(&serial);
}

/* Messages for ports that are not there, of unknown kinds or too short are nothing. */
static void test_odd_messages_are_nothing(void)
{
    Serial serial;

    serial_init(&serial);
    begin(&serial);
    for (unsigned port = 0; port < 256; port++) {
        for (uint16_t event = 0; event < 16; event++) {
            if (port > 1 || (event != DEVICE_READY && event != PORT_READY)) {
                say(&serial, port, event, port & 1);
            }
        }
    }
    write_bytes(&serial, CONTROL_IN + 1, "short", 5);
    g_assert_cmphex(made_virtio_read(serial.made, MMIO_STATUS), ==, STATUS_READY);
    serial_clear(&serial);
}

/* What was owed, open and told is so after an arrival; what changed is told. */
static void test_a_loaded_device_goes_on(void)
{
    g_autoptr(GPtrArray) sections = NULL;
    g_autoptr(GError) error = NULL;
    Serial serial;

    serial_init(&serial);
    made_virtio_start(serial.made, MULTIPORT, 6);
    say(&serial, 0, DEVICE_READY, 1);
    say(&serial, 1, PORT_READY, 1);
    say(&serial, 1, PORT_OPEN, 1);
    sections = made_virtio_save(serial.made);
    g_assert_true(made_virtio_load(serial.made, sections, &error));
    g_assert_no_error(error);
    iterate();
    offer(&serial, CONTROL_IN, 8);
    assert_told(&serial, 0, PORT_ADD, 1);
    assert_told(&serial, 1, PORT_ADD, 1);
    assert_told(&serial, 1, PORT_NAME, 1);
    assert_told(&serial, 1, PORT_OPEN, 1);
    assert_silent(&serial, CONTROL_IN);

    g_ptr_array_unref(sections);
    sections = made_virtio_save(serial.made);
    close(serial.peer);
    serial.peer = -1;
    g_assert_true(made_virtio_load(serial.made, sections, &error));
    offer(&serial, 4, 1);
    iterate();
    assert_told(&serial, 1, PORT_OPEN, 0);
    serial_clear(&serial);
}

typedef struct PlanCase {
    const char *type;
    const char *settings[4];
    const char *error; /* NULL: it is planned */
} PlanCase;

/* One after the other on a bus of 4 ports that has 0 and 1. */
static const PlanCase plan_cases[] = {
    {"virtserialport", {"nr=0"}, "device virtserialport: nr=0: the port is taken"},
    {"virtserialport", {"nr=1"}, "device virtserialport: nr=1: the port is taken"},
    {"virtserialport",
     {"nr=4"},
     "device virtserialport: nr=4: it.0 has ports up to 3, see its max_ports"},
    {"virtserialport",
     {"bus=other.0"},
     "device virtserialport: bus=other.0: there is no virtio-serial of that bus"},
    {"virtserialport", {"bus=it.0", "nr=2"}, NULL},
    {"virtconsole", {NULL}, NULL},
    {"virtconsole",
     {NULL},
     "device virtconsole: nr=4: it.0 has ports up to 3, see its max_ports"},
};

static void test_ports_have_numbers(void)
{
    Serial serial;

    serial_init(&serial);
    for (unsigned i = 0; i < ARRAY_LEN(plan_cases); i++) {
        g_autoptr(GError) error = NULL;

        made_virtio_plug(serial.made, plan_cases[i].type, NULL, plan_cases[i].settings,
                         &error);
        g_assert_cmpstr(error ? error->message : NULL, ==, plan_cases[i].error);
    }
    serial_clear(&serial);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/virtio-serial/ports-are-told-of", test_ports_are_told_of);
    g_test_add_func("/virtio-serial/messages-wait", test_messages_wait_for_buffers);
    g_test_add_func("/virtio-serial/both-ways", test_bytes_go_both_ways);
    g_test_add_func("/virtio-serial/open-and-close",
                    test_both_sides_hear_of_open_and_close);
    g_test_add_func("/virtio-serial/one-port",
                    test_a_driver_of_one_port_needs_no_control);
    g_test_add_func("/virtio-serial/odd-messages", test_odd_messages_are_nothing);
    g_test_add_func("/virtio-serial/loaded", test_a_loaded_device_goes_on);
    g_test_add_func("/virtio-serial/numbers", test_ports_have_numbers);
    return g_test_run();
}
