/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a driver of virtio-net asks for by its control queue, and which frames it gets.
 * Source: VIRTIO 1.2, section 5.1.6.5.
 */
#include <linux/if_ether.h>
#include <string.h>

#include "util/bits.h"
#include "virtio-net.h"

#define TABLE_NONE 1 /* of mac_overflow: more single addresses than there is room for */
#define TABLE_ALL  2 /* likewise of groups */

void virtio_net_reset_filter(VirtioNet *net)
{
    net->modes = BIT64(NET_MODE_PROMISC);
    net->mac_overflow = net->uni_count = net->multi_count = 0;
    memset(net->vlans, 0, sizeof(net->vlans));
}

static uint64_t mac_number(const uint8_t mac[NET_MAC_BYTES])
{
    uint64_t number = 0;

    for (unsigned i = 0; i < NET_MAC_BYTES; i++) {
        number = number << 8 | mac[i];
    }
    return number;
}

/* ---- frames ---- */

static bool has_mode(const VirtioNet *net, unsigned mode)
{
    return net->modes >> mode & 1;
}

static bool is_listed(const VirtioNet *net, const uint8_t *mac, unsigned first,
                      unsigned count)
{
    uint64_t number = mac_number(mac);

    for (unsigned i = first; i < first + count; i++) {
        if (net->macs[i] == number) {
            return true;
        }
    }
    return false;
}

static bool accepts_vlan(const VirtioNet *net, const uint8_t *frame, size_t bytes)
{
    unsigned vlan;

    if (!virtio_has(&net->device, VIRTIO_NET_F_CTRL_VLAN) || bytes < ETH_HLEN + 2 ||
        (frame[12] << 8 | frame[13]) != ETH_P_8021Q) {
        return true;
    }
    vlan = (frame[14] << 8 | frame[15]) % VIRTIO_NET_VLANS;
    return net->vlans[vlan / 64] >> vlan % 64 & 1;
}

bool virtio_net_accepts(const VirtioNet *net, const uint8_t *frame, size_t bytes)
{
    static const uint8_t everybody[NET_MAC_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

    if (has_mode(net, NET_MODE_PROMISC)) {
        return true;
    }
    if (!accepts_vlan(net, frame, bytes)) {
        return false;
    }
    if (memcmp(frame, everybody, NET_MAC_BYTES) == 0) {
        return !has_mode(net, NET_MODE_NOBCAST);
    }
    if (frame[0] & 1) {
        return !has_mode(net, NET_MODE_NOMULTI) &&
               (has_mode(net, NET_MODE_ALLMULTI) || net->mac_overflow & TABLE_ALL ||
                is_listed(net, frame, net->uni_count, net->multi_count));
    }
    return !has_mode(net, NET_MODE_NOUNI) &&
           (has_mode(net, NET_MODE_ALLUNI) || net->mac_overflow & TABLE_NONE ||
            memcmp(frame, net->mac, NET_MAC_BYTES) == 0 ||
            is_listed(net, frame, 0, net->uni_count));
}

/* ---- commands ---- */

/* Reads @bytes behind the two of class and command. */
static bool read_data(const VirtqElement *element, uint64_t offset, void *ret,
                      size_t bytes)
{
    return virtq_element_read(element, 2 + offset, ret, bytes) == bytes;
}

static bool set_mode(VirtioNet *net, uint8_t mode, const VirtqElement *element)
{
    unsigned needed =
        mode <= NET_MODE_ALLMULTI ? VIRTIO_NET_F_CTRL_RX : VIRTIO_NET_F_CTRL_RX_EXTRA;
    uint8_t on;

    if (mode >= NET_MODE_COUNT || !virtio_has(&net->device, needed) ||
        !read_data(element, 0, &on, 1)) {
        return false;
    }
    net->modes = (uint8_t)bits_set(net->modes, mode, 1, on != 0);
    return true;
}

/*
 * One table, which lies at *@offset and is moved behind it.  Where there is no room for
 * all of it none of it is kept, and @overflow says so.
 */
static bool read_table(VirtioNet *net, const VirtqElement *element, uint64_t *offset,
                       unsigned first, uint8_t overflow, uint8_t *ret_count)
{
    uint32_t count;

    if (!read_data(element, *offset, &count, sizeof(count))) {
        return false;
    }
    *offset += sizeof(count);
    count = GUINT32_FROM_LE(count);
    if ((uint64_t)count * NET_MAC_BYTES > element->out_bytes - 2 - *offset) {
        return false;
    }
    if (count > VIRTIO_NET_MACS_MAX - first) {
        net->mac_overflow |= overflow;
        *ret_count = 0;
    } else {
        for (unsigned i = 0; i < count; i++) {
            uint8_t mac[NET_MAC_BYTES];

            (void)read_data(element, *offset + i * NET_MAC_BYTES, mac, sizeof(mac));
            net->macs[first + i] = mac_number(mac);
        }
        *ret_count = (uint8_t)count;
    }
    *offset += (uint64_t)count * NET_MAC_BYTES;
    return true;
}

static bool set_tables(VirtioNet *net, const VirtqElement *element)
{
    uint64_t offset = 0;

    net->mac_overflow = net->uni_count = net->multi_count = 0;
    if (!read_table(net, element, &offset, 0, TABLE_NONE, &net->uni_count) ||
        !read_table(net, element, &offset, net->uni_count, TABLE_ALL,
                    &net->multi_count)) {
        /* What cannot be read filters nothing. */
        net->uni_count = net->multi_count = 0;
        net->mac_overflow = TABLE_NONE | TABLE_ALL;
        return false;
    }
    return true;
}

static bool set_mac(VirtioNet *net, uint8_t command, const VirtqElement *element)
{
    switch (command) {
    case VIRTIO_NET_CTRL_MAC_TABLE_SET:
        return virtio_has(&net->device, VIRTIO_NET_F_CTRL_RX) && set_tables(net, element);
    case VIRTIO_NET_CTRL_MAC_ADDR_SET:
        return virtio_has(&net->device, VIRTIO_NET_F_CTRL_MAC_ADDR) &&
               element->out_bytes == 2 + NET_MAC_BYTES &&
               read_data(element, 0, net->mac, NET_MAC_BYTES);
    default:
        return false;
    }
}

static bool set_vlan(VirtioNet *net, uint8_t command, const VirtqElement *element)
{
    uint16_t vlan;

    if (!virtio_has(&net->device, VIRTIO_NET_F_CTRL_VLAN) ||
        command > VIRTIO_NET_CTRL_VLAN_DEL ||
        !read_data(element, 0, &vlan, sizeof(vlan))) {
        return false;
    }
    vlan = GUINT16_FROM_LE(vlan);
    if (vlan >= VIRTIO_NET_VLANS) {
        return false;
    }
    net->vlans[vlan / 64] = bits_set(net->vlans[vlan / 64], vlan % 64, 1,
                                     command == VIRTIO_NET_CTRL_VLAN_ADD);
    return true;
}

static bool set_offloads(VirtioNet *net, uint8_t command, const VirtqElement *element)
{
    uint64_t offloads;

    if (!virtio_has(&net->device, VIRTIO_NET_F_CTRL_GUEST_OFFLOADS) ||
        command != VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET ||
        !read_data(element, 0, &offloads, sizeof(offloads))) {
        return false;
    }
    offloads = GUINT64_FROM_LE(offloads);
    if (offloads & ~net->device.accepted) {
        return false;
    }
    net->offloads = offloads;
    netdev_set_offloads(net->netdev, offloads);
    return true;
}

static bool acknowledge(VirtioNet *net, uint8_t command)
{
    if (!virtio_has(&net->device, VIRTIO_NET_F_GUEST_ANNOUNCE) ||
        command != VIRTIO_NET_CTRL_ANNOUNCE_ACK || !net->must_announce) {
        return false;
    }
    net->must_announce = false;
    return true;
}

static bool run(VirtioNet *net, const struct virtio_net_ctrl_hdr *header,
                const VirtqElement *element)
{
    switch (header->class) {
    case VIRTIO_NET_CTRL_RX:
        return set_mode(net, header->cmd, element);
    case VIRTIO_NET_CTRL_MAC:
        return set_mac(net, header->cmd, element);
    case VIRTIO_NET_CTRL_VLAN:
        return set_vlan(net, header->cmd, element);
    case VIRTIO_NET_CTRL_ANNOUNCE:
        return acknowledge(net, header->cmd);
    case VIRTIO_NET_CTRL_GUEST_OFFLOADS:
        return set_offloads(net, header->cmd, element);
    default:
        return false;
    }
}

void virtio_net_control(VirtioNet *net, VirtQueue *queue)
{
    VirtqElement *element;

    while ((element = virtqueue_pop(queue, sizeof(*element)))) {
        struct virtio_net_ctrl_hdr header;
        uint8_t answer;

        if (element->in_bytes < 1 ||
            virtq_element_read(element, 0, &header, sizeof(header)) != sizeof(header)) {
            g_free(element);
            virtio_break(&net->device, "a command of a card without header or answer");
            return;
        }
        answer = run(net, &header, element) ? VIRTIO_NET_OK : VIRTIO_NET_ERR;
        (void)virtq_element_write(element, 0, &answer, 1);
        virtqueue_push(queue, element, 1);
        g_free(element);
    }
    virtio_notify(&net->device, queue);
}
