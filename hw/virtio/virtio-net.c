/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-net: a network card with one pair of queues.
 * Source: VIRTIO 1.2, section 5.1.
 */
#include "virtio-net.h"

#include <linux/if_ether.h>
#include <linux/virtio_net.h>
#include <string.h>

#include "util/bits.h"
#include "util/error.h"
#include "virtio-rows.h"

#define QUEUE_RX       0
#define QUEUE_TX       1
#define QUEUE_CONTROL  2
#define CONTROL_PLACES 64
#define RING_SIZE      256
#define HEADER_BYTES   sizeof(struct virtio_net_hdr_v1)
#define MTU_MIN        68

/* Frames sent before others have their turn. */
#define BURST 256

/* After an arrival the world is told where the guest is: again and again, later each
 * time. */
#define ANNOUNCE_ROUNDS   5
#define ANNOUNCE_FIRST_MS 50
#define ANNOUNCE_STEP_MS  100

typedef struct VirtioNetConfig {
    VirtioConfig virtio;
    char *netdev, *mac, *duplex;
    uint16_t rx_queue_size, tx_queue_size, host_mtu;
    uint32_t speed, bootindex;
    bool csum, guest_csum, guest_tso4, guest_tso6, guest_ecn;
    bool host_tso4, host_tso6, host_ecn;
    bool mrg_rxbuf, status, ctrl_vq, ctrl_rx, ctrl_vlan, ctrl_rx_extra, ctrl_mac_addr;
    bool ctrl_guest_offloads, guest_announce;
} VirtioNetConfig;

/* From property to feature. */
static const struct {
    size_t offset;
    unsigned feature;
    bool needs_offloads, needs_control;
} features[] = {
    {offsetof(VirtioNetConfig, csum), VIRTIO_NET_F_CSUM, true, false},
    {offsetof(VirtioNetConfig, guest_csum), VIRTIO_NET_F_GUEST_CSUM, true, false},
    {offsetof(VirtioNetConfig, guest_tso4), VIRTIO_NET_F_GUEST_TSO4, true, false},
    {offsetof(VirtioNetConfig, guest_tso6), VIRTIO_NET_F_GUEST_TSO6, true, false},
    {offsetof(VirtioNetConfig, guest_ecn), VIRTIO_NET_F_GUEST_ECN, true, false},
    {offsetof(VirtioNetConfig, host_tso4), VIRTIO_NET_F_HOST_TSO4, true, false},
    {offsetof(VirtioNetConfig, host_tso6), VIRTIO_NET_F_HOST_TSO6, true, false},
    {offsetof(VirtioNetConfig, host_ecn), VIRTIO_NET_F_HOST_ECN, true, false},
    {offsetof(VirtioNetConfig, mrg_rxbuf), VIRTIO_NET_F_MRG_RXBUF, false, false},
    {offsetof(VirtioNetConfig, status), VIRTIO_NET_F_STATUS, false, false},
    {offsetof(VirtioNetConfig, ctrl_vq), VIRTIO_NET_F_CTRL_VQ, false, true},
    {offsetof(VirtioNetConfig, ctrl_rx), VIRTIO_NET_F_CTRL_RX, false, true},
    {offsetof(VirtioNetConfig, ctrl_vlan), VIRTIO_NET_F_CTRL_VLAN, false, true},
    {offsetof(VirtioNetConfig, ctrl_rx_extra), VIRTIO_NET_F_CTRL_RX_EXTRA, false, true},
    {offsetof(VirtioNetConfig, ctrl_mac_addr), VIRTIO_NET_F_CTRL_MAC_ADDR, false, true},
    {offsetof(VirtioNetConfig, ctrl_guest_offloads), VIRTIO_NET_F_CTRL_GUEST_OFFLOADS,
     true, true},
    {offsetof(VirtioNetConfig, guest_announce), VIRTIO_NET_F_GUEST_ANNOUNCE, false, true},
};

#define GUEST_OFFLOADS                                                                   \
    (BIT64(VIRTIO_NET_F_GUEST_CSUM) | BIT64(VIRTIO_NET_F_GUEST_TSO4) |                   \
     BIT64(VIRTIO_NET_F_GUEST_TSO6) | BIT64(VIRTIO_NET_F_GUEST_ECN))

static uint16_t net_queue_size(const VirtioConfig *virtio, unsigned queue)
{
    const VirtioNetConfig *config = (const VirtioNetConfig *)virtio;
    const uint16_t sizes[] = {config->rx_queue_size, config->tx_queue_size,
                              config->ctrl_vq ? CONTROL_PLACES : 0};

    return queue < ARRAY_LEN(sizes) ? sizes[queue] : 0;
}

/* ---- configuration ---- */

static bool net_check(const VirtioConfig *virtio, const MachinePlan *machine,
                      GError **errp)
{
    const VirtioNetConfig *config = (const VirtioNetConfig *)virtio;
    const char *type = virtio->device.object.type->name;
    uint8_t mac[NET_MAC_BYTES];

    if (!config->netdev || !net_config_find(machine->nets, config->netdev)) {
        error_set(errp, "device %s: netdev=%s: %s", type,
                  config->netdev ? config->netdev : "",
                  config->netdev ? "there is no -netdev of that id"
                                 : "the id of a -netdev is needed");
        return false;
    }
    if (config->mac && (!net_mac_parse(config->mac, mac) || mac[0] & 1)) {
        error_set(errp,
                  "device %s: mac=%s: an address of a single card, as "
                  "52:54:00:12:34:56, is expected",
                  type, config->mac);
        return false;
    }
    if (config->duplex && strcmp(config->duplex, "half") != 0 &&
        strcmp(config->duplex, "full") != 0) {
        error_set(errp, "device %s: duplex=%s: half and full are accepted", type,
                  config->duplex);
        return false;
    }
    if ((config->rx_queue_size & (config->rx_queue_size - 1)) ||
        (config->tx_queue_size & (config->tx_queue_size - 1))) {
        error_set(errp, "device %s: rx_queue_size= and tx_queue_size= are powers of two",
                  type);
        return false;
    }
    if (config->host_mtu && config->host_mtu < MTU_MIN) {
        error_set(errp, "device %s: host_mtu=%u: at least %u", type, config->host_mtu,
                  MTU_MIN);
        return false;
    }
    return true;
}

/* 52:54:00:12:34:56 and on, in the order of the cards, past those that were asked for. */
static void next_mac(const MachinePlan *machine, const VirtioNetConfig *own,
                     uint8_t ret[NET_MAC_BYTES])
{
    static const uint8_t first[NET_MAC_BYTES] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
    bool is_taken[256] = {false};
    unsigned last = first[5];

    memcpy(ret, first, NET_MAC_BYTES);
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < machine->devices->len; i++) {
            const DevicePlan *plan = g_ptr_array_index(machine->devices, i);
            const VirtioNetConfig *config = (const VirtioNetConfig *)plan->config;
            uint8_t mac[NET_MAC_BYTES];

            if (!g_str_has_prefix(plan->class->type.name, "virtio-net-") ||
                (config->mac == NULL) != (pass == 1)) {
                continue;
            }
            if (pass == 0) {
                if (net_mac_parse(config->mac, mac) && memcmp(mac, first, 5) == 0) {
                    is_taken[mac[5]] = true;
                }
                continue;
            }
            while (is_taken[last % 256]) {
                last++;
            }
            ret[5] = (uint8_t)last++;
            if (config == own) {
                return;
            }
        }
    }
}

static void offer(VirtioNet *net, const VirtioNetConfig *config)
{
    uint64_t offered = BIT64(VIRTIO_NET_F_MAC);

    for (unsigned i = 0; i < ARRAY_LEN(features); i++) {
        bool is_on = *(const bool *)((const uint8_t *)config + features[i].offset);

        if (is_on && (!features[i].needs_offloads || netdev_has_offloads(net->netdev)) &&
            (!features[i].needs_control || config->ctrl_vq)) {
            offered |= BIT64(features[i].feature);
        }
    }
    if (!config->status) {
        offered &= ~BIT64(VIRTIO_NET_F_GUEST_ANNOUNCE);
    }
    offered |= config->host_mtu ? BIT64(VIRTIO_NET_F_MTU) : 0;
    offered |= config->speed || config->duplex ? BIT64(VIRTIO_NET_F_SPEED_DUPLEX) : 0;
    net->device.offered |= offered;
}

static void net_get_config(VirtioDevice *device, void *ret)
{
    const VirtioNet *net = (const VirtioNet *)device;
    const VirtioNetConfig *config = (const VirtioNetConfig *)device->config;
    struct virtio_net_config *space = ret;
    unsigned status = (netdev_is_up(net->netdev) ? VIRTIO_NET_S_LINK_UP : 0) |
                      (net->must_announce ? VIRTIO_NET_S_ANNOUNCE : 0);

    memcpy(space->mac, net->mac, NET_MAC_BYTES);
    space->status = GUINT16_TO_LE((uint16_t)status);
    space->max_virtqueue_pairs = GUINT16_TO_LE(1);
    space->mtu = GUINT16_TO_LE(config->host_mtu);
    space->speed = GUINT32_TO_LE(config->speed ? config->speed : UINT32_MAX);
    space->duplex = !config->duplex ? 0xff : strcmp(config->duplex, "full") == 0 ? 1 : 0;
}

/* ---- frames for the guest ---- */

/* What the driver did not agree to cannot be given to it. */
static bool set_header(const VirtioNet *net, const struct virtio_net_hdr_v1 *header,
                       struct virtio_net_hdr_v1 *ret)
{
    if (!(net->offloads & BIT64(VIRTIO_NET_F_GUEST_CSUM))) {
        *ret = (struct virtio_net_hdr_v1){0};
        return !(header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) &&
               header->gso_type == VIRTIO_NET_HDR_GSO_NONE;
    }
    *ret = *header;
    return true;
}

static void give_back(VirtQueue *queue, GPtrArray *elements)
{
    while (elements->len) {
        virtqueue_unpop(queue, g_ptr_array_index(elements, elements->len - 1));
        g_ptr_array_set_size(elements, (int)elements->len - 1);
    }
}

/*
 * Buffers for @bytes, of which each is used whole but the last; NULL where there are not
 * enough now, and none was taken.  None at all where no single one can be long enough.
 */
static GPtrArray *take_buffers(VirtioNet *net, VirtQueue *queue, size_t bytes)
{
    g_autoptr(GPtrArray) elements = g_ptr_array_new_with_free_func(g_free);
    bool is_merged = virtio_has(&net->device, VIRTIO_NET_F_MRG_RXBUF);
    uint64_t room = 0;

    while (room < bytes && (is_merged || !elements->len)) {
        VirtqElement *element = virtqueue_pop(queue, sizeof(*element));

        if (!element) {
            give_back(queue, elements);
            return NULL;
        }
        g_ptr_array_add(elements, element);
        room += element->in_bytes;
        if (elements->len == 1 ? element->in_bytes < HEADER_BYTES : !element->in_bytes) {
            virtio_break(&net->device, "a buffer of a card without room for a header");
            return NULL;
        }
    }
    if (room < bytes) {
        give_back(queue, elements);
    }
    return g_steal_pointer(&elements);
}

/* Returns how many of @bytes fitted. */
static size_t put(const VirtqElement *element, uint64_t offset, const uint8_t *data,
                  size_t bytes)
{
    return virtq_element_write(element, offset, data,
                               MIN(bytes, element->in_bytes - offset));
}

static void give(VirtQueue *queue, const GPtrArray *elements,
                 struct virtio_net_hdr_v1 *header, const uint8_t *frame, size_t bytes)
{
    size_t done = 0;

    header->num_buffers = GUINT16_TO_LE((uint16_t)elements->len);
    for (unsigned i = 0; i < elements->len; i++) {
        const VirtqElement *element = g_ptr_array_index(elements, i);
        size_t skip = i == 0 ? put(element, 0, (const uint8_t *)header, HEADER_BYTES) : 0;
        size_t part = put(element, skip, frame + done, bytes - done);

        done += part;
        virtqueue_fill(queue, element, skip + part);
    }
    virtqueue_flush(queue);
}

static bool net_receive(void *opaque, const struct virtio_net_hdr_v1 *header,
                        const uint8_t *frame, size_t bytes)
{
    VirtioNet *net = opaque;
    VirtioDevice *device = &net->device;
    VirtQueue *queue = virtio_queue(device, QUEUE_RX);
    g_autoptr(GPtrArray) elements = NULL;
    struct virtio_net_hdr_v1 own;

    if (!device->is_running) {
        return false; /* the VM is stopped */
    }
    if (!device->is_started || device->broken || !queue->is_enabled || bytes < ETH_HLEN ||
        !virtio_net_accepts(net, frame, bytes) || !set_header(net, header, &own)) {
        return true; /* nobody wants it */
    }
    elements = take_buffers(net, queue, HEADER_BYTES + bytes);
    if (!elements) {
        return device->broken;
    }
    if (elements->len) {
        give(queue, elements, &own, frame, bytes);
        virtio_notify(device, queue);
    }
    return true;
}

/* ---- frames of the guest ---- */

static bool is_agreed(const VirtioNet *net, const struct virtio_net_hdr_v1 *header)
{
    unsigned type = header->gso_type & ~VIRTIO_NET_HDR_GSO_ECN;
    bool ok = type == VIRTIO_NET_HDR_GSO_NONE ? header->gso_type == type
              : type == VIRTIO_NET_HDR_GSO_TCPV4
                  ? virtio_has(&net->device, VIRTIO_NET_F_HOST_TSO4)
              : type == VIRTIO_NET_HDR_GSO_TCPV6
                  ? virtio_has(&net->device, VIRTIO_NET_F_HOST_TSO6)
                  : false;

    return ok &&
           (!(header->gso_type & VIRTIO_NET_HDR_GSO_ECN) ||
            virtio_has(&net->device, VIRTIO_NET_F_HOST_ECN)) &&
           (!(header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) ||
            virtio_has(&net->device, VIRTIO_NET_F_CSUM));
}

/* The parts of @element behind the header; returns how many. */
static unsigned frame_parts(const VirtqElement *element, struct iovec *ret)
{
    size_t skip = HEADER_BYTES;
    unsigned n = 0;

    for (unsigned i = 0; i < element->out_count; i++) {
        size_t over = MIN(skip, element->out[i].iov_len);

        skip -= over;
        if (element->out[i].iov_len > over) {
            ret[n++] = (struct iovec){(uint8_t *)element->out[i].iov_base + over,
                                      element->out[i].iov_len - over};
        }
    }
    return n;
}

/* False where the driver did wrong. */
static bool send_element(VirtioNet *net, const VirtqElement *element)
{
    g_autofree struct iovec *parts = g_new(struct iovec, element->out_count);
    struct virtio_net_hdr_v1 header;
    unsigned count;

    if (virtq_element_read(element, 0, &header, HEADER_BYTES) != HEADER_BYTES ||
        element->out_bytes > HEADER_BYTES + NET_FRAME_MAX || !is_agreed(net, &header)) {
        return false;
    }
    header.flags &= VIRTIO_NET_HDR_F_NEEDS_CSUM;
    header.num_buffers = 0;
    count = frame_parts(element, parts);
    if (element->out_bytes >= HEADER_BYTES + ETH_HLEN) {
        netdev_send(net->netdev, &header, parts, count);
    }
    return true;
}

static gboolean on_tx_turn(gpointer data);

static void transmit(VirtioNet *net)
{
    VirtQueue *queue = virtio_queue(&net->device, QUEUE_TX);
    VirtqElement *element = NULL;
    unsigned n;

    for (n = 0; n < BURST && netdev_can_send(net->netdev) &&
                (element = virtqueue_pop(queue, sizeof(*element)));
         n++) {
        bool is_right = send_element(net, element);

        if (is_right) {
            virtqueue_push(queue, element, 0);
        }
        g_free(element);
        if (!is_right) {
            virtio_break(&net->device, "a frame without a header that was agreed to");
            return;
        }
    }
    virtio_notify(&net->device, queue);
    if (n == BURST && !net->tx_source) {
        net->tx_source = g_idle_add_full(G_PRIORITY_DEFAULT, on_tx_turn, net, NULL);
    }
}

static gboolean on_tx_turn(gpointer data)
{
    VirtioNet *net = data;

    net->tx_source = 0;
    virtio_kick(&net->device, QUEUE_TX);
    return G_SOURCE_REMOVE;
}

static void net_can_send(void *opaque)
{
    virtio_kick(opaque, QUEUE_TX);
}

static void net_link_changed(void *opaque)
{
    virtio_config_changed(opaque);
}

static void net_kick(VirtioDevice *device, VirtQueue *queue)
{
    VirtioNet *net = (VirtioNet *)device;

    switch (queue->index) {
    case QUEUE_RX:
        netdev_resume(net->netdev);
        break;
    case QUEUE_TX:
        transmit(net);
        break;
    default:
        virtio_net_control(net, queue);
        break;
    }
}

/* ---- after an arrival ---- */

/* Switches learn by a question that nobody answers (RFC 903) where the card is. */
static void send_rarp(VirtioNet *net)
{
    const struct virtio_net_hdr_v1 header = {0};
    uint8_t frame[60] = {0};
    const struct iovec iov = {frame, sizeof(frame)};
    static const uint8_t fixed[] = {0x80, 0x35, 0, 1, 0x08, 0x00, NET_MAC_BYTES, 4, 0, 3};

    memset(frame, 0xff, NET_MAC_BYTES);
    memcpy(frame + NET_MAC_BYTES, net->mac, NET_MAC_BYTES);
    memcpy(frame + 12, fixed, sizeof(fixed));
    memcpy(frame + 22, net->mac, NET_MAC_BYTES); /* who asks */
    memcpy(frame + 32, net->mac, NET_MAC_BYTES); /* about whom */
    netdev_send(net->netdev, &header, &iov, 1);
}

static gboolean on_announce(gpointer data)
{
    VirtioNet *net = data;

    send_rarp(net);
    net->announce_timer = 0;
    if (++net->announced < ANNOUNCE_ROUNDS) {
        net->announce_timer =
            g_timeout_add(ANNOUNCE_FIRST_MS + (net->announced - 1) * ANNOUNCE_STEP_MS,
                          on_announce, net);
    }
    return G_SOURCE_REMOVE;
}

static void announce(VirtioNet *net)
{
    net->is_moved = false;
    net->announced = 0;
    (void)on_announce(net);
    if (virtio_has(&net->device, VIRTIO_NET_F_GUEST_ANNOUNCE)) {
        net->must_announce = true; /* it knows of addresses, VLANs and groups */
        virtio_config_changed(&net->device);
    }
}

/* ---- life ---- */

static void net_reset(VirtioDevice *device)
{
    VirtioNet *net = (VirtioNet *)device;
    const VirtioNetConfig *config = (const VirtioNetConfig *)device->config;

    if (!config->mac || !net_mac_parse(config->mac, net->mac)) {
        next_mac(device->machine->plan, config, net->mac);
    }
    virtio_net_reset_filter(net);
    net->offloads = 0;
    net->has_begun = net->must_announce = net->is_moved = false;
    netdev_set_offloads(net->netdev, 0);
}

static bool net_init(VirtioDevice *device, GError **errp)
{
    VirtioNet *net = (VirtioNet *)device;
    const VirtioNetConfig *config = (const VirtioNetConfig *)device->config;
    const Object *object = &device->config->device.object;
    const MachineHost *host = device->machine->host;
    Netdev *netdev = host->find_net(host->opaque, config->netdev);

    net->client = (NetClient){.name = object->id ? object->id : object->type->name,
                              .receive = net_receive,
                              .link_changed = net_link_changed,
                              .can_send = net_can_send,
                              .opaque = net};
    if (!netdev) {
        error_set(errp, "netdev=%s: there is no network of that name", config->netdev);
        return false;
    }
    if (!netdev_attach(netdev, &net->client, errp)) {
        return false;
    }
    net->netdev = netdev;
    offer(net, config);
    net_reset(device);
    return true;
}

static void net_clear(VirtioDevice *device)
{
    VirtioNet *net = (VirtioNet *)device;

    if (net->netdev) {
        netdev_detach(net->netdev);
    }
}

static void net_start(VirtioDevice *device)
{
    VirtioNet *net = (VirtioNet *)device;

    if (!net->has_begun) {
        net->offloads = device->accepted & GUEST_OFFLOADS;
        net->has_begun = true;
    }
    netdev_set_offloads(net->netdev, net->offloads);
    if (net->is_moved) {
        announce(net);
    }
}

static void net_stop(VirtioDevice *device)
{
    VirtioNet *net = (VirtioNet *)device;

    g_clear_handle_id(&net->tx_source, g_source_remove);
    g_clear_handle_id(&net->announce_timer, g_source_remove);
}

static const VirtioClass virtio_net_class = {
    .name = "virtio-net",
    .id = VIRTIO_ID_NET,
    .pci_class = 0x020000,
    .bytes = sizeof(VirtioNet),
    .config_bytes = offsetof(struct virtio_net_config, rss_max_key_size),
    .has_busy_queues = true,
    .queue_size = net_queue_size,
    .check = net_check,
    .init = net_init,
    .clear = net_clear,
    .get_config = net_get_config,
    .start = net_start,
    .stop = net_stop,
    .reset = net_reset,
    .kick = net_kick,
};

/* ---- state ---- */

static bool net_post_load(void *object, GError **errp)
{
    VirtioNet *net = object;

    if (net->uni_count + net->multi_count > VIRTIO_NET_MACS_MAX) {
        error_set(errp, "virtio-net: %u and %u addresses are more than there can be",
                  net->uni_count, net->multi_count);
        return false;
    }
    net->is_moved = net->has_begun;
    return true;
}

static const StateRow net_rows[] = {
    {"mac", STATE_U8, offsetof(VirtioNet, mac), NET_MAC_BYTES},
    {"modes", STATE_U8, offsetof(VirtioNet, modes),
     .doc = "promisc, allmulti, alluni, nomulti, nouni, nobcast: a bit each"},
    {"mac-overflow", STATE_U8, offsetof(VirtioNet, mac_overflow),
     .doc = "more addresses than macs has: 1 of single cards, 2 of groups"},
    {"uni-count", STATE_U8, offsetof(VirtioNet, uni_count)},
    {"multi-count", STATE_U8, offsetof(VirtioNet, multi_count)},
    {"macs", STATE_U64, offsetof(VirtioNet, macs), VIRTIO_NET_MACS_MAX},
    {"vlans", STATE_U64, offsetof(VirtioNet, vlans), VIRTIO_NET_VLANS / 64,
     .doc = "a bit for each"},
    {"offloads", STATE_U64, offsetof(VirtioNet, offloads)},
    {"begun", STATE_BOOL, offsetof(VirtioNet, has_begun)},
    {"must-announce", STATE_BOOL, offsetof(VirtioNet, must_announce)},
};

static const StateTable virtio_net_state = {
    .name = "virtio-net",
    .version = 1,
    .size = sizeof(VirtioNet),
    .rows = net_rows,
    .row_count = ARRAY_LEN(net_rows),
    .post_load = net_post_load,
};

#define FEATURE(text, member, sentence)                                                  \
    {                                                                                    \
        .name = text, .kind = PROP_BOOL, .offset = offsetof(VirtioNetConfig, member),    \
        .default_value = true, .seen_by = SEEN_BY_ALL, .doc = sentence                   \
    }

static const Property net_props[] = {
    BOOTINDEX_PROPERTY(VirtioNetConfig),
    FEATURE("csum", csum, "the guest may leave checksums to the host"),
    FEATURE("ctrl_guest_offloads", ctrl_guest_offloads,
            "the guest may switch what it takes from the host while it runs"),
    FEATURE("ctrl_mac_addr", ctrl_mac_addr, "the guest may set its address"),
    FEATURE("ctrl_rx", ctrl_rx, "the guest may say which frames it wants"),
    FEATURE("ctrl_rx_extra", ctrl_rx_extra, "likewise, more finely"),
    FEATURE("ctrl_vlan", ctrl_vlan, "the guest may say which VLANs it wants"),
    FEATURE("ctrl_vq", ctrl_vq, "there is a control queue"),
    {"duplex", PROP_STRING, offsetof(VirtioNetConfig, duplex), .seen_by = SEEN_BY_ALL,
     .doc = "half or full, as the guest is told; unset says nothing"},
    FEATURE("guest_announce", guest_announce,
            "after an arrival the guest tells the network where it is"),
    FEATURE("guest_csum", guest_csum, "the guest takes frames with partial checksums"),
    FEATURE("guest_ecn", guest_ecn, "the guest takes segments with ECN"),
    FEATURE("guest_tso4", guest_tso4, "the guest takes TCP/IPv4 before it is segmented"),
    FEATURE("guest_tso6", guest_tso6, "the guest takes TCP/IPv6 before it is segmented"),
    FEATURE("host_ecn", host_ecn, "the host segments with ECN"),
    {"host_mtu", PROP_UINT16, offsetof(VirtioNetConfig, host_mtu), .seen_by = SEEN_BY_ALL,
     .doc = "longest frame the guest is told to send; 0 says "
            "nothing"},
    FEATURE("host_tso4", host_tso4, "the host segments TCP/IPv4"),
    FEATURE("host_tso6", host_tso6, "the host segments TCP/IPv6"),
    {"mac", PROP_STRING, offsetof(VirtioNetConfig, mac), .seen_by = SEEN_BY_ALL,
     .doc = "address; unset takes the next from 52:54:00:12:34:56 on"},
    FEATURE("mrg_rxbuf", mrg_rxbuf, "a frame may lie in several buffers"),
    {"netdev", PROP_STRING, offsetof(VirtioNetConfig, netdev), .doc = "id of a -netdev"},
    {"rx_queue_size", PROP_UINT16, offsetof(VirtioNetConfig, rx_queue_size),
     .default_value = RING_SIZE, .min = RING_SIZE, .max = 1024, .seen_by = SEEN_BY_ALL,
     .doc = "places of the queue of frames for the guest"},
    {"speed", PROP_UINT32, offsetof(VirtioNetConfig, speed), .max = G_MAXINT32,
     .seen_by = SEEN_BY_ALL, .doc = "Mbit/s, as the guest is told; 0 says nothing"},
    FEATURE("status", status, "the guest sees whether the link is up"),
    {"tx_queue_size", PROP_UINT16, offsetof(VirtioNetConfig, tx_queue_size),
     .default_value = RING_SIZE, .min = RING_SIZE, .max = 1024, .seen_by = SEEN_BY_ALL,
     .doc = "places of the queue of frames of the guest"},
};

VIRTIO_DEVICE_ROWS(virtio_net, "virtio-net", "a network card", VirtioNetConfig, net_props,
                   &virtio_net_state);
