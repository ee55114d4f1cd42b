/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-blk: a disk.
 * Source: VIRTIO 1.2, section 5.2.
 */
#include <linux/virtio_blk.h>
#include <string.h>

#include "block/block.h"
#include "hw/virtio.h"
#include "util/bits.h"
#include "util/error.h"
#include "virtio-rows.h"

#define QUEUE_SIZE        256
#define QUEUES_MAX        64
#define HEADER_BYTES      sizeof(struct virtio_blk_outhdr)
#define MAX_SECTORS       (INT32_MAX / BLOCK_SECTOR_BYTES)
#define HEADS             16
#define SECTORS_PER_TRACK 63
#define CYLINDERS_MAX     16383

typedef struct VirtioBlkConfig {
    VirtioConfig virtio;
    char *drive, *serial;
    uint32_t bootindex;
    uint16_t num_queues, queue_size;
    uint32_t logical_block_size, physical_block_size;
    uint32_t max_discard_sectors, max_write_zeroes_sectors;
    bool discard, write_zeroes, write_cache, config_wce;
} VirtioBlkConfig;

typedef struct VirtioBlk {
    VirtioDevice device;
    BlockNode *node;
    uint8_t write_cache; /* what the driver chose: 0 is write-through */
} VirtioBlk;

/* One request of the driver, from pop to push. */
typedef struct BlkRequest {
    VirtqElement element;
    VirtioBlk *blk;
    VirtQueue *queue;
    BlockRequest block;
    struct iovec *iov;
} BlkRequest;

static uint16_t blk_queue_size(const VirtioConfig *virtio, unsigned queue)
{
    const VirtioBlkConfig *config = (const VirtioBlkConfig *)virtio;

    return queue < config->num_queues ? config->queue_size : 0;
}

static const BlockConfig *find_config(const MachinePlan *machine, const char *id)
{
    for (unsigned i = 0; machine->blocks && i < machine->blocks->len; i++) {
        const BlockConfig *config = g_ptr_array_index(machine->blocks, i);

        if (g_strcmp0(config->id, id) == 0 || g_strcmp0(config->node_name, id) == 0) {
            return config;
        }
    }
    return NULL;
}

static bool is_power_of_two(uint64_t value)
{
    return value && !(value & (value - 1));
}

static bool blk_check(const VirtioConfig *virtio, const MachinePlan *machine,
                      GError **errp)
{
    const VirtioBlkConfig *config = (const VirtioBlkConfig *)virtio;
    const char *type = virtio->device.object.type->name;

    if (!config->drive || !find_config(machine, config->drive)) {
        error_set(errp, "device %s: drive=%s: %s", type,
                  config->drive ? config->drive : "",
                  config->drive ? "there is no -drive or -blockdev of that name"
                                : "the id of a -drive or -blockdev is needed");
        return false;
    }
    if (!is_power_of_two(config->queue_size) ||
        !is_power_of_two(config->logical_block_size) ||
        !is_power_of_two(config->physical_block_size) ||
        config->physical_block_size < config->logical_block_size) {
        error_set(errp,
                  "device %s: queue-size=, logical_block_size= and "
                  "physical_block_size= are powers of two, the last two in that order",
                  type);
        return false;
    }
    return true;
}

static void on_resized(void *opaque)
{
    virtio_config_changed(opaque);
}

static bool blk_init(VirtioDevice *device, GError **errp)
{
    VirtioBlk *blk = (VirtioBlk *)device;
    const VirtioBlkConfig *config = (const VirtioBlkConfig *)device->config;
    const MachineHost *host = device->machine->host;
    BlockNode *node = host->find_block(host->opaque, config->drive);

    if (!node) {
        error_set(errp, "drive=%s: there is no image of that name", config->drive);
        return false;
    }
    if (!block_node_attach(node,
                           device->config->device.object.id
                               ? device->config->device.object.id
                               : device->config->device.object.type->name,
                           errp)) {
        return false;
    }
    blk->node = node;
    block_node_set_resized(node, on_resized, blk);
    blk->write_cache = config->write_cache;
    device->offered |= BIT64(VIRTIO_BLK_F_SEG_MAX) | BIT64(VIRTIO_BLK_F_GEOMETRY) |
                       BIT64(VIRTIO_BLK_F_BLK_SIZE) | BIT64(VIRTIO_BLK_F_FLUSH) |
                       BIT64(VIRTIO_BLK_F_TOPOLOGY);
    device->offered |= config->config_wce ? BIT64(VIRTIO_BLK_F_CONFIG_WCE) : 0;
    device->offered |= config->num_queues > 1 ? BIT64(VIRTIO_BLK_F_MQ) : 0;
    device->offered |= config->discard ? BIT64(VIRTIO_BLK_F_DISCARD) : 0;
    device->offered |= config->write_zeroes ? BIT64(VIRTIO_BLK_F_WRITE_ZEROES) : 0;
    device->offered |= block_node_config(node)->is_read_only ? BIT64(VIRTIO_BLK_F_RO) : 0;
    return true;
}

static void blk_clear(VirtioDevice *device)
{
    VirtioBlk *blk = (VirtioBlk *)device;

    if (blk->node) {
        block_node_detach(blk->node);
    }
}

/* ---- config space ---- */

static void blk_get_config(VirtioDevice *device, void *ret)
{
    const VirtioBlk *blk = (const VirtioBlk *)device;
    const VirtioBlkConfig *config = (const VirtioBlkConfig *)device->config;
    uint64_t sectors = block_node_bytes(blk->node) / BLOCK_SECTOR_BYTES;
    unsigned exponent = 0;
    struct virtio_blk_config *space = ret;

    while (config->logical_block_size << exponent < config->physical_block_size) {
        exponent++;
    }
    space->capacity = GUINT64_TO_LE(sectors);
    space->seg_max = GUINT32_TO_LE(config->queue_size - 2u);
    space->geometry.cylinders =
        GUINT16_TO_LE((uint16_t)MIN(sectors / HEADS / SECTORS_PER_TRACK, CYLINDERS_MAX));
    space->geometry.heads = HEADS;
    space->geometry.sectors = SECTORS_PER_TRACK;
    space->blk_size = GUINT32_TO_LE(config->logical_block_size);
    space->physical_block_exp = (uint8_t)exponent;
    space->wce = blk->write_cache;
    space->num_queues = GUINT16_TO_LE(config->num_queues);
    space->max_discard_sectors = GUINT32_TO_LE(config->max_discard_sectors);
    space->max_discard_seg = GUINT32_TO_LE(1);
    space->discard_sector_alignment =
        GUINT32_TO_LE(config->logical_block_size / BLOCK_SECTOR_BYTES);
    space->max_write_zeroes_sectors = GUINT32_TO_LE(config->max_write_zeroes_sectors);
    space->max_write_zeroes_seg = GUINT32_TO_LE(1);
    space->write_zeroes_may_unmap = 1;
}

static void blk_set_config(VirtioDevice *device, const void *config)
{
    VirtioBlk *blk = (VirtioBlk *)device;

    if (virtio_has(device, VIRTIO_BLK_F_CONFIG_WCE)) {
        blk->write_cache = ((const struct virtio_blk_config *)config)->wce != 0;
    }
}

/* A driver that cannot flush expects what it wrote to be on the medium. */
static bool is_write_through(const VirtioBlk *blk)
{
    return !virtio_has(&blk->device, VIRTIO_BLK_F_FLUSH) || !blk->write_cache;
}

/* ---- requests ---- */

static void complete(BlkRequest *request, uint8_t status)
{
    VirtioBlk *blk = request->blk;
    const VirtqElement *element = &request->element;

    (void)virtq_element_write(element, element->in_bytes - 1, &status, 1);
    virtqueue_push(request->queue, element, element->in_bytes);
    virtio_notify(&blk->device, request->queue);
    g_free(request->iov);
    g_free(request);
}

static uint8_t status_of(const BlkRequest *request)
{
    const BlockConfig *config = block_node_config(request->blk->node);
    int action =
        request->block.op == BLOCK_READ ? config->read_error : config->write_error;

    return request->block.error && action != BLOCK_ERROR_IGNORE ? VIRTIO_BLK_S_IOERR
                                                                : VIRTIO_BLK_S_OK;
}

static void on_done(BlockRequest *block)
{
    BlkRequest *request = block->opaque;
    bool is_change = block->op != BLOCK_READ && block->op != BLOCK_FLUSH;

    if (!block->error && is_change && is_write_through(request->blk)) {
        block->op = BLOCK_FLUSH;
        block->iov_count = 0;
        block->offset = block->bytes = 0;
        block_submit(request->blk->node, block);
        return;
    }
    complete(request, status_of(request));
}

/* The parts between header and status, as the block layer wants them. */
static void set_iov(BlkRequest *request, const struct iovec *parts, unsigned count,
                    uint64_t skip, uint64_t bytes)
{
    unsigned n = 0;

    request->iov = g_new(struct iovec, count);
    for (unsigned i = 0; i < count && bytes; i++) {
        uint64_t len = parts[i].iov_len, over = MIN(skip, len);

        skip -= over;
        len = MIN(len - over, bytes);
        if (len) {
            request->iov[n++] = (struct iovec){(uint8_t *)parts[i].iov_base + over, len};
            bytes -= len;
        }
    }
    request->block.iov = request->iov;
    request->block.iov_count = n;
}

static void submit(BlkRequest *request)
{
    request->block.done = on_done;
    request->block.opaque = request;
    block_submit(request->blk->node, &request->block);
}

static bool set_place(BlkRequest *request, uint64_t sector, uint64_t bytes)
{
    if (sector > UINT64_MAX / BLOCK_SECTOR_BYTES || bytes % BLOCK_SECTOR_BYTES) {
        return false;
    }
    request->block.offset = sector * BLOCK_SECTOR_BYTES;
    request->block.bytes = bytes;
    return true;
}

static void start_transfer(BlkRequest *request, uint64_t sector, bool is_write)
{
    const VirtqElement *element = &request->element;
    uint64_t bytes = is_write ? element->out_bytes - HEADER_BYTES : element->in_bytes - 1;

    request->block.op = is_write ? BLOCK_WRITE : BLOCK_READ;
    if (!set_place(request, sector, bytes)) {
        complete(request, VIRTIO_BLK_S_IOERR);
        return;
    }
    if (is_write) {
        set_iov(request, element->out, element->out_count, HEADER_BYTES, bytes);
    } else {
        set_iov(request, element->in, element->in_count, 0, bytes);
    }
    submit(request);
}

static void start_range(BlkRequest *request, BlockOp op, bool is_offered,
                        uint64_t max_sectors)
{
    struct virtio_blk_discard_write_zeroes range;
    uint32_t flags;

    request->block.op = op;
    if (!is_offered || request->element.out_bytes != HEADER_BYTES + sizeof(range) ||
        virtq_element_read(&request->element, HEADER_BYTES, &range, sizeof(range)) !=
            sizeof(range)) {
        complete(request, VIRTIO_BLK_S_UNSUPP);
        return;
    }
    flags = GUINT32_FROM_LE(range.flags);
    if (GUINT32_FROM_LE(range.num_sectors) > max_sectors ||
        (flags & ~(op == BLOCK_WRITE_ZEROES ? VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP : 0u)) ||
        !set_place(request, GUINT64_FROM_LE(range.sector),
                   (uint64_t)GUINT32_FROM_LE(range.num_sectors) * BLOCK_SECTOR_BYTES)) {
        complete(request, flags ? VIRTIO_BLK_S_UNSUPP : VIRTIO_BLK_S_IOERR);
        return;
    }
    request->block.may_unmap = flags & VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP;
    submit(request);
}

static void give_id(BlkRequest *request)
{
    const VirtioBlkConfig *config = (const VirtioBlkConfig *)request->blk->device.config;
    const BlockConfig *drive = block_node_config(request->blk->node);
    const char *serial = config->serial ? config->serial : drive->serial;
    char id[VIRTIO_BLK_ID_BYTES] = "";

    /* All of its bytes may be used, without a NUL. */
    memcpy(id, serial ? serial : "", MIN(strlen(serial ? serial : ""), sizeof(id)));
    (void)virtq_element_write(&request->element, 0, id,
                              MIN(sizeof(id), request->element.in_bytes - 1));
    complete(request, VIRTIO_BLK_S_OK);
}

static void start_request(BlkRequest *request, const struct virtio_blk_outhdr *header)
{
    VirtioBlk *blk = request->blk;
    const VirtioBlkConfig *config = (const VirtioBlkConfig *)blk->device.config;
    uint64_t sector = GUINT64_FROM_LE(header->sector);

    switch (GUINT32_FROM_LE(header->type)) {
    case VIRTIO_BLK_T_IN:
        start_transfer(request, sector, false);
        break;
    case VIRTIO_BLK_T_OUT:
        start_transfer(request, sector, true);
        break;
    case VIRTIO_BLK_T_FLUSH:
        request->block.op = BLOCK_FLUSH;
        submit(request);
        break;
    case VIRTIO_BLK_T_GET_ID:
        give_id(request);
        break;
    case VIRTIO_BLK_T_DISCARD:
        start_range(request, BLOCK_DISCARD,
                    virtio_has(&blk->device, VIRTIO_BLK_F_DISCARD),
                    config->max_discard_sectors);
        break;
    case VIRTIO_BLK_T_WRITE_ZEROES:
        start_range(request, BLOCK_WRITE_ZEROES,
                    virtio_has(&blk->device, VIRTIO_BLK_F_WRITE_ZEROES),
                    config->max_write_zeroes_sectors);
        break;
    default:
        complete(request, VIRTIO_BLK_S_UNSUPP);
        break;
    }
}

static void blk_kick(VirtioDevice *device, VirtQueue *queue)
{
    VirtioBlk *blk = (VirtioBlk *)device;
    BlkRequest *request;

    while ((request = virtqueue_pop(queue, sizeof(*request)))) {
        struct virtio_blk_outhdr header;

        request->blk = blk;
        request->queue = queue;
        if (request->element.in_bytes < 1 ||
            virtq_element_read(&request->element, 0, &header, sizeof(header)) !=
                sizeof(header)) {
            g_free(request);
            virtio_break(device, "a request of a disk without header or status");
            return;
        }
        start_request(request, &header);
    }
}

static void blk_stop(VirtioDevice *device)
{
    block_drain(((VirtioBlk *)device)->node);
}

static void blk_reset(VirtioDevice *device)
{
    const VirtioBlkConfig *config = (const VirtioBlkConfig *)device->config;

    ((VirtioBlk *)device)->write_cache = config->write_cache;
}

static void blk_stop_queue(VirtioDevice *device, VirtQueue *queue)
{
    (void)queue; /* what the others have under way comes back, too */
    blk_stop(device);
}

static const VirtioClass virtio_blk_class = {
    .name = "virtio-blk",
    .id = VIRTIO_ID_BLOCK,
    .pci_class = 0x010000,
    .bytes = sizeof(VirtioBlk),
    .config_bytes = sizeof(struct virtio_blk_config),
    .has_busy_queues = true,
    .queue_size = blk_queue_size,
    .check = blk_check,
    .init = blk_init,
    .clear = blk_clear,
    .get_config = blk_get_config,
    .set_config = blk_set_config,
    .stop = blk_stop,
    .reset = blk_reset,
    .stop_queue = blk_stop_queue,
    .kick = blk_kick,
};

static const StateRow blk_rows[] = {
    {"write-cache", STATE_U8, offsetof(VirtioBlk, write_cache),
     .doc = "0: what is written is on the medium when the request comes back"},
};

static const StateTable virtio_blk_state = {
    .name = "virtio-blk",
    .version = 1,
    .size = sizeof(VirtioBlk),
    .rows = blk_rows,
    .row_count = ARRAY_LEN(blk_rows),
};

static const Property blk_props[] = {
    BOOTINDEX_PROPERTY(VirtioBlkConfig),
    {"config-wce", PROP_BOOL, offsetof(VirtioBlkConfig, config_wce), true,
     .seen_by = SEEN_BY_ALL, .doc = "the guest may switch the write cache"},
    {"discard", PROP_BOOL, offsetof(VirtioBlkConfig, discard), true,
     .seen_by = SEEN_BY_ALL, .doc = "the guest may say what it does not need any more"},
    {"drive", PROP_STRING, offsetof(VirtioBlkConfig, drive),
     .doc = "id of a -drive, or name of a -blockdev"},
    {"logical_block_size", PROP_UINT32, offsetof(VirtioBlkConfig, logical_block_size),
     .default_value = 512, .min = 512, .max = 32768, .seen_by = SEEN_BY_ALL,
     .doc = "bytes of a block, as the guest has it"},
    {"max-discard-sectors", PROP_UINT32, offsetof(VirtioBlkConfig, max_discard_sectors),
     .default_value = MAX_SECTORS, .min = 1, .max = MAX_SECTORS, .seen_by = SEEN_BY_ALL,
     .doc = "sectors of one request to discard, at most"},
    {"max-write-zeroes-sectors", PROP_UINT32,
     offsetof(VirtioBlkConfig, max_write_zeroes_sectors), .default_value = MAX_SECTORS,
     .min = 1, .max = MAX_SECTORS, .seen_by = SEEN_BY_ALL,
     .doc = "sectors of one request to write zeros, at most"},
    {"num-queues", PROP_UINT16, offsetof(VirtioBlkConfig, num_queues), .default_value = 1,
     .min = 1, .max = QUEUES_MAX, .seen_by = SEEN_BY_ALL,
     .doc = "queues, which as many CPUs can use without waiting"},
    {"physical_block_size", PROP_UINT32, offsetof(VirtioBlkConfig, physical_block_size),
     .default_value = 512, .min = 512, .max = 2 * MIB, .seen_by = SEEN_BY_ALL,
     .doc = "bytes the medium writes at once"},
    {"queue-size", PROP_UINT16, offsetof(VirtioBlkConfig, queue_size),
     .default_value = QUEUE_SIZE, .min = 4, .max = 1024, .seen_by = SEEN_BY_ALL,
     .doc = "places of a queue"},
    {"serial", PROP_STRING, offsetof(VirtioBlkConfig, serial), .seen_by = SEEN_BY_ALL,
     .doc = "up to 20 characters that the guest shows as the disk's serial number"},
    {"write-cache", PROP_BOOL, offsetof(VirtioBlkConfig, write_cache), true,
     .seen_by = SEEN_BY_ALL,
     .doc = "writes may come back before a flush brings them to "
            "the medium"},
    {"write-zeroes", PROP_BOOL, offsetof(VirtioBlkConfig, write_zeroes), true,
     .seen_by = SEEN_BY_ALL, .doc = "the guest may have zeros written"},
};

VIRTIO_DEVICE_ROWS(virtio_blk, "virtio-blk", "a disk", VirtioBlkConfig, blk_props,
                   &virtio_blk_state);
