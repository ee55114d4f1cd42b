/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks: settings, and frames between a device's side and another program. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/net.h"
#include "util/bits.h"
#include "util/unix-socket.h"

/* A device that records. */
typedef struct Recorder {
    NetClient client;
    GByteArray *last;
    unsigned frames, refused, link_changes, can_sends;
    bool is_full;
} Recorder;

static bool receive(void *opaque, const struct virtio_net_hdr_v1 *header,
                    const uint8_t *frame, size_t bytes)
{
    Recorder *recorder = opaque;

    g_assert_cmpuint(header->flags | header->gso_type, ==, 0);
    if (recorder->is_full) {
        recorder->refused++;
        return false;
    }
    recorder->frames++;
    g_byte_array_set_size(recorder->last, 0);
    g_byte_array_append(recorder->last, frame, (guint)bytes);
    return true;
}

static void link_changed(void *opaque)
{
    ((Recorder *)opaque)->link_changes++;
}

static void can_send(void *opaque)
{
    ((Recorder *)opaque)->can_sends++;
}

static void recorder_init(Recorder *recorder)
{
    *recorder = (Recorder){.client = {.name = "recorder",
                                      .receive = receive,
                                      .link_changed = link_changed,
                                      .can_send = can_send,
                                      .opaque = recorder},
                           .last = g_byte_array_new()};
}

static Netdev *opened(NetConfig **ret_config, const char *text, Recorder *recorder)
{
    g_autoptr(GError) error = NULL;
    Netdev *netdev;

    *ret_config = net_config_parse(text, &error);
    g_assert_no_error(error);
    netdev = netdev_open(*ret_config, true, &error);
    g_assert_no_error(error);
    recorder_init(recorder);
    g_assert_true(netdev_attach(netdev, &recorder->client, &error));
    return netdev;
}

static void closed(Netdev *netdev, NetConfig *config, Recorder *recorder)
{
    netdev_detach(netdev);
    netdev_close(netdev);
    net_config_free(config);
    g_byte_array_unref(recorder->last);
}

static void send_text(Netdev *netdev, const char *text)
{
    const struct virtio_net_hdr_v1 header = {0};
    const struct iovec iov[] = {{(char *)text, 1}, {(char *)text + 1, strlen(text) - 1}};

    netdev_send(netdev, &header, iov, 2);
}

static void turn(void)
{
    while (g_main_context_iteration(NULL, FALSE)) {
    }
}

static void wait_for(const unsigned *count, unsigned value)
{
    while (*count < value) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpuint(*count, ==, value);
}

/* ---- settings ---- */

static void test_settings_that_are_wrong(void)
{
    static const struct {
        const char *text, *message;
    } wrong[] = {
        {"user", "id= is missing"},
        {"carrier-pigeon,id=n", "user, tap, stream and dgram"},
        {"bridge,id=n", "ip link set master"},
        {"hubport,id=n,hubid=0", "bridge"},
        {"vde,id=n", "dgram"},
        {"l2tpv3,id=n", "tunnel"},
        {"socket,id=n,listen=:1", "stream or dgram"},
        {"vhost-user,id=n", "passt"},
        {"vhost-vdpa,id=n", "tap"},
        {"netmap,id=n", "tap"},
        {"user,id=n,net=10.0.2", "net=10.0.2"},
        {"user,id=n,net=10.0.2.0/31", "10.0.2.0/31"},
        {"user,id=n,host=10.1.2.3", "an address in net="},
        {"user,id=n,dns=10.0.2.2", "three addresses"},
        {"user,id=n,hostfwd=tcp::22", "hostfwd=tcp::22"},
        {"user,id=n,hostfwd=tcp::0-:22", "tcp|udp"},
        {"user,id=n,hostfwd=sctp::1-:22", "sctp"},
        {"user,id=n,hostfwd=tcp:1.2.3:1-:22", "1.2.3"},
        {"user,id=n,guestfwd=tcp:10.0.2.100:1-cmd:cat", "address host="},
        {"user,id=n,smb=/tmp", "no programs"},
        {"user,id=n,ipv6-prefix=10.0.0.0", "IPv6"},
        {"tap,id=n,script=/etc/up", "no programs are started"},
        {"tap,id=n,downscript=/etc/up", "downscript=no"},
        {"tap,id=n,vhost=on", "through this program"},
        {"tap,id=n,helper=/usr/lib/h", "give fd="},
        {"tap,id=n,queues=4", "queues=4"},
        {"tap,id=n,fds=3:4", "use fd="},
        {"tap,id=n,ifname=a,fd=3", "exclude"},
        {"stream,id=n", "addr.type= is missing"},
        {"stream,id=n,addr.type=unix", "needs a path"},
        {"stream,id=n,addr.type=inet,addr.host=a", "host and port"},
        {"dgram,id=n,local.type=inet,local.host=a,local.port=1", "remote.type="},
        {"dgram,id=n,local.type=unix,local.path=a,remote.type=inet,remote.host=b,"
         "remote.port=1",
         "one kind"},
        {"user,id=n,mac=52:54:00:12:34:56", "mac"},
        {"user,id=n,colour=red", "colour"},
        {"{\"type\": \"user\", \"id\": \"n\", \"hostfwd\": [1]}", "list of strings"},
    };

    for (unsigned i = 0; i < ARRAY_LEN(wrong); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(net_config_parse(wrong[i].text, &error));
        g_assert_nonnull(error);
        if (!strstr(error->message, wrong[i].message)) {
            g_error("%s: %s", wrong[i].text, error->message);
        }
    }
}

static void assert_address(struct in_addr address, const char *text)
{
    char buffer[INET_ADDRSTRLEN];

    g_assert_cmpstr(inet_ntop(AF_INET, &address, buffer, sizeof(buffer)), ==, text);
}

static void test_user_settings(void)
{
    g_autoptr(NetConfig) plain = net_config_parse("user,id=n", NULL);
    g_autoptr(NetConfig) all = net_config_parse(
        "user,id=n,net=192.168.7.9/16,dhcpstart=192.168.1.1,ipv6=off,restrict=on,"
        "hostfwd=tcp::2222-:22,hostfwd=udp:127.0.0.1:53-192.168.1.2:5353,"
        "hostname=h,dnssearch=a,dnssearch=b",
        NULL);
    g_autoptr(NetConfig) json = net_config_parse(
        "{\"type\": \"user\", \"id\": \"n\", \"ipv6\": false, \"hostfwd\": "
        "[{\"str\": \"tcp::1-:2\"}, {\"str\": \"tcp::3-:4\"}]}",
        NULL);
    const NetForward *forward;

    g_assert_true(plain && all && json);
    assert_address(plain->user.net, "10.0.2.0");
    assert_address(plain->user.mask, "255.255.255.0");
    assert_address(plain->user.host, "10.0.2.2");
    assert_address(plain->user.dns, "10.0.2.3");
    assert_address(plain->user.dhcp_start, "10.0.2.15");
    g_assert_true(plain->user.has_ipv4 && plain->user.has_ipv6);
    assert_address(all->user.net, "192.168.0.0");
    assert_address(all->user.host, "192.168.0.2");
    assert_address(all->user.dhcp_start, "192.168.1.1");
    g_assert_true(!all->user.has_ipv6 && all->user.is_restricted);
    g_assert_cmpuint(all->user.forwards->len, ==, 2);
    forward = &g_array_index(all->user.forwards, NetForward, 1);
    g_assert_true(forward->is_udp);
    assert_address(forward->host, "127.0.0.1");
    assert_address(forward->guest, "192.168.1.2");
    g_assert_cmpuint(forward->host_port, ==, 53);
    g_assert_cmpuint(forward->guest_port, ==, 5353);
    g_assert_cmpuint(all->user.dnssearch->len, ==, 3);
    g_assert_false(json->user.has_ipv6);
    g_assert_cmpuint(json->user.forwards->len, ==, 2);
}

static void test_tap_settings_that_do_nothing(void)
{
    g_autoptr(NetConfig) tap = net_config_parse(
        "tap,id=n,script=no,downscript=no,vhost=off,queues=1,ifname=t0,sndbuf=0", NULL);

    g_assert_cmpstr(tap->ifname, ==, "t0");
}

static void test_nic(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(NetConfig) nic =
        net_config_parse_nic("user,model=virtio,mac=52:54:00:00:00:01", 3, NULL);

    g_assert_cmpstr(nic->id, ==, "#nic3");
    g_assert_cmpstr(nic->mac, ==, "52:54:00:00:00:01");
    g_assert_true(nic->is_nic);
    g_assert_null(net_config_parse_nic("user,mac=53:54:00:00:00:01", 0, &error));
    g_assert_nonnull(strstr(error->message, "mac="));
}

/* ---- streams ---- */

static void peer_send(int fd, const char *text, size_t bytes)
{
    uint32_t length = htonl((uint32_t)bytes);

    g_assert_cmpint(send(fd, &length, 4, 0), ==, 4);
    g_assert_cmpint(send(fd, text, strlen(text), 0), ==, strlen(text));
}

static void test_stream(void)
{
    g_autofree char *folder = g_dir_make_tmp("vpmu-net-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "s", NULL);
    g_autofree char *text =
        g_strdup_printf("stream,id=n,server=on,addr.type=unix,addr.path=%s", path);
    struct sockaddr_un address;
    char buffer[16] = "";
    Recorder recorder;
    NetConfig *config;
    Netdev *netdev = opened(&config, text, &recorder);

    send_text(netdev, "nobody hears"); /* and nothing breaks */
    for (unsigned round = 1; round <= 2; round++) {
        int fd = unix_socket_open(path, 0, &address, NULL);

        g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
        turn();
        send_text(netdev, "hello");
        g_assert_cmpint(recv(fd, buffer, sizeof(buffer), 0), ==, 9);
        g_assert_cmpint(memcmp(buffer, "\0\0\0\5hello", 9), ==, 0);
        /* A frame in two parts, then two at once. */
        peer_send(fd, "ab", 4);
        turn();
        g_assert_cmpuint(recorder.frames, ==, (round - 1) * 3);
        g_assert_cmpint(send(fd, "cd", 2, 0), ==, 2);
        wait_for(&recorder.frames, (round - 1) * 3 + 1);
        g_assert_cmpint(memcmp(recorder.last->data, "abcd", 4), ==, 0);
        peer_send(fd, "1", 1);
        peer_send(fd, "2", 1);
        wait_for(&recorder.frames, round * 3);
        g_assert_cmpint(recorder.last->data[0], ==, '2');
        /* In the middle of a frame it leaves, or says what cannot be. */
        peer_send(fd, "half", round == 1 ? 8 : 0x7fffffff);
        turn();
        close(fd);
        turn();
        send_text(netdev, "nobody hears");
    }
    closed(netdev, config, &recorder);
    g_assert_cmpint(g_access(path, F_OK), !=, 0);
    g_rmdir(folder);
}

/* The other side is slow: the device waits, and nothing is lost. */
static void test_a_stream_that_is_full(void)
{
    g_autofree char *text = NULL;
    g_autofree char *frame = g_strnfill(60000, 'x');
    size_t sent = 0, got = 0;
    Recorder recorder;
    NetConfig *config;
    Netdev *netdev;
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    text = g_strdup_printf("stream,id=n,addr.type=fd,addr.str=%d", fds[0]);
    netdev = opened(&config, text, &recorder);
    for (; netdev_can_send(netdev); sent += 60004) {
        send_text(netdev, frame);
    }
    g_assert_cmpuint(recorder.can_sends, ==, 0);
    while (got < sent) {
        char buffer[65536];
        ssize_t more = recv(fds[1], buffer, sizeof(buffer), MSG_DONTWAIT);

        got += (size_t)MAX(more, 0);
        turn();
    }
    wait_for(&recorder.can_sends, 1);
    g_assert_cmpuint(got, ==, sent);
    close(fds[1]);
    closed(netdev, config, &recorder);
}

/* ---- what is the same for all ---- */

static void test_dgram_waits_for_the_device(void)
{
    g_autofree char *text = NULL;
    Recorder recorder;
    NetConfig *config;
    Netdev *netdev;
    char buffer[16];
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), ==, 0);
    text = g_strdup_printf("dgram,id=n,local.type=fd,local.str=%d", fds[0]);
    netdev = opened(&config, text, &recorder);
    send_text(netdev, "out");
    g_assert_cmpint(recv(fds[1], buffer, sizeof(buffer), 0), ==, 3);
    recorder.is_full = true;
    for (unsigned i = 0; i < 5; i++) {
        g_assert_cmpint(send(fds[1], &"abcde"[i], 1, 0), ==, 1);
    }
    turn();
    g_assert_cmpuint(recorder.refused, ==, 1); /* then it is not asked any more */
    netdev_resume(netdev);
    g_assert_cmpuint(recorder.refused, ==, 2);
    recorder.is_full = false;
    netdev_resume(netdev);
    wait_for(&recorder.frames, 5);
    g_assert_cmpint(recorder.last->data[0], ==, 'e');
    close(fds[1]);
    send_text(netdev, "nobody"); /* ECONNREFUSED, and nothing else */
    turn();
    closed(netdev, config, &recorder);
}

static void test_link(void)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    Recorder recorder, other;
    NetConfig *config;
    Netdev *netdev;
    char buffer[16];
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), ==, 0);
    text = g_strdup_printf("dgram,id=n,local.type=fd,local.str=%d", fds[0]);
    netdev = opened(&config, text, &recorder);
    netdev_set_link(netdev, false);
    netdev_set_link(netdev, false);
    g_assert_cmpuint(recorder.link_changes, ==, 1);
    g_assert_false(netdev_is_up(netdev));
    send_text(netdev, "out");
    g_assert_cmpint(recv(fds[1], buffer, sizeof(buffer), MSG_DONTWAIT), ==, -1);
    g_assert_cmpint(send(fds[1], "in", 2, 0), ==, 2);
    turn();
    g_assert_cmpuint(recorder.frames, ==, 0);
    netdev_set_link(netdev, true);
    g_assert_cmpint(send(fds[1], "in", 2, 0), ==, 2);
    wait_for(&recorder.frames, 1);
    /* One device. */
    recorder_init(&other);
    g_assert_false(netdev_attach(netdev, &other.client, &error));
    g_assert_nonnull(strstr(error->message, "recorder"));
    g_byte_array_unref(other.last);
    close(fds[1]);
    closed(netdev, config, &recorder);
}

/* A guest that asks for an address: an offer comes back. */
static void test_user_answers(void)
{
    static const uint8_t arp[] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 8,  6, 0, 1,
        8,    0,    6,    4,    0,    1,    0x52, 0x54, 0, 0x12, 0x34, 0x56, 10, 0, 2, 15,
        0,    0,    0,    0,    0,    0,    10,   0,    2, 2};
    const struct virtio_net_hdr_v1 header = {0};
    const struct iovec iov = {(void *)arp, sizeof(arp)};
    g_autoptr(NetConfig) config = net_config_parse("user,id=n,ipv6=off", NULL);
    g_autoptr(GError) error = NULL;
    Netdev *netdev = netdev_open(config, true, &error);
    Recorder recorder;

    if (!netdev) {
        g_assert_nonnull(strstr(error->message, "without libslirp"));
        g_test_skip(error->message);
        return;
    }
    recorder_init(&recorder);
    g_assert_true(netdev_attach(netdev, &recorder.client, NULL));
    netdev_send(netdev, &header, &iov, 1);
    wait_for(&recorder.frames, 1);
    g_assert_cmpuint(recorder.last->len, >=, 42);
    g_assert_cmpint(recorder.last->data[21], ==, 2); /* a reply */
    g_assert_cmpint(memcmp(recorder.last->data + 28, "\12\0\2\2", 4), ==, 0);
    netdev_detach(netdev);
    netdev_close(netdev);
    g_byte_array_unref(recorder.last);
}

/* ---- taps ---- */

/* The host's side of interface @name, which is set up for it. */
static int host_side(const char *name)
{
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
    struct ifreq request = {.ifr_flags = IFF_UP};
    struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                  .sll_protocol = htons(ETH_P_ALL),
                                  .sll_ifindex = (int)if_nametoindex(name)};

    g_strlcpy(request.ifr_name, name, IFNAMSIZ);
    if (fd >= 0 && (ioctl(fd, SIOCSIFFLAGS, &request) < 0 ||
                    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* An interface that stays when nobody has it, or no longer; false: it cannot be made. */
static bool set_persistent(const char *name, bool on)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    bool ok;

    g_strlcpy(request.ifr_name, name, IFNAMSIZ);
    ok = fd >= 0 && ioctl(fd, TUNSETIFF, &request) == 0 &&
         ioctl(fd, TUNSETPERSIST, on ? 1UL : 0UL) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

/* Of two programs one has it. */
static void test_tap_changes_hands(Netdev *netdev, const NetConfig *config)
{
    g_autoptr(GError) error = NULL, busy = NULL;
    g_autoptr(Netdev) next = netdev_open(config, false, &error);

    g_assert_no_error(error);
    g_assert_false(netdev_activate(next, &busy));
    g_assert_nonnull(strstr(busy->message, "another program has it"));
    netdev_inactivate(netdev);
    g_assert_true(netdev_activate(next, &error));
    netdev_inactivate(next);
    g_assert_true(netdev_activate(netdev, &error));
    g_assert_no_error(error);
}

/* Frames of a type that nobody else sends; the header is the network's own affair. */
static void test_tap(void)
{
    static const char frame[60] = "\2\2\2\2\2\2\4\4\4\4\4\4\x88\xb5hello";
    g_autofree char *text = g_strdup_printf(
        "tap,id=n,ifname=vpmu%d,script=no,downscript=no", (int)getpid() % 100000);
    g_autoptr(NetConfig) config = net_config_parse(text, NULL);
    bool is_there = set_persistent(config->ifname, true);
    g_autoptr(GError) error = NULL;
    g_autoptr(Netdev) netdev = netdev_open(config, true, &error);
    const struct virtio_net_hdr_v1 header = {0};
    const struct iovec iov = {(char *)frame, sizeof(frame)};
    Recorder recorder;
    char got[2048];
    int host;

    if (!is_there) {
        g_test_skip("an interface cannot be made here"); /* no privileges, or no taps */
        return;
    }
    g_assert_no_error(error);
    test_tap_changes_hands(netdev, config);
    host = host_side(config->ifname);
    g_assert_cmpint(host, >=, 0);
    recorder_init(&recorder);
    g_assert_true(netdev_attach(netdev, &recorder.client, NULL));
    g_assert_true(netdev_has_offloads(netdev));
    netdev_set_offloads(netdev, BIT64(VIRTIO_NET_F_GUEST_CSUM));
    netdev_send(netdev, &header, &iov, 1);
    do {
        memset(got, 0, sizeof(got));
        (void)recv(host, got, sizeof(got), 0); /* the host says things of its own */
    } while (memcmp(got, frame, sizeof(frame)) != 0);
    g_assert_cmpint(send(host, frame, sizeof(frame), 0), ==, sizeof(frame));
    while (recorder.last->len != sizeof(frame) ||
           memcmp(recorder.last->data, frame, sizeof(frame)) != 0) {
        g_main_context_iteration(NULL, TRUE);
    }
    close(host);
    netdev_detach(netdev);
    netdev_inactivate(netdev);
    g_assert_true(set_persistent(config->ifname, false));
    g_byte_array_unref(recorder.last);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/net/settings-that-are-wrong", test_settings_that_are_wrong);
    g_test_add_func("/net/user-settings", test_user_settings);
    g_test_add_func("/net/tap-settings", test_tap_settings_that_do_nothing);
    g_test_add_func("/net/nic", test_nic);
    g_test_add_func("/net/stream", test_stream);
    g_test_add_func("/net/stream-full", test_a_stream_that_is_full);
    g_test_add_func("/net/dgram-waits", test_dgram_waits_for_the_device);
    g_test_add_func("/net/link", test_link);
    g_test_add_func("/net/user", test_user_answers);
    g_test_add_func("/net/tap", test_tap);
    return g_test_run();
}
