/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fw_cfg: named blobs for the guest, read byte by byte or by DMA.
 * Source: QEMU docs/specs/fw_cfg (selector and data registers, directory, DMA interface).
 */
#include <string.h>

#include "hw/boot-images.h"
#include "hw/devices.h"
#include "util/error.h"

#define FW_CFG_IO_BASE   0x510
#define FW_CFG_IO_DMA    4 /* from there */
#define FW_CFG_IO_BYTES  12
#define FW_CFG_MEM_BYTES 24

#define KEY_SIGNATURE  0x0000
#define KEY_ID         0x0001
#define KEY_CPU_COUNT  0x0005
#define KEY_DIRECTORY  0x0019
#define KEY_FILE_FIRST 0x0020
#define FILES_MAX      32

#define ID_TRADITIONAL 0x01
#define ID_DMA         0x02

#define DMA_ERROR     0x01
#define DMA_READ      0x02
#define DMA_SKIP      0x04
#define DMA_SELECT    0x08
#define DMA_WRITE     0x10
#define DMA_SIGNATURE "QEMU CFG"

/* One directory entry, big endian, as the guest reads it. */
typedef struct __attribute__((packed)) FileEntry {
    uint32_t size;
    uint16_t select;
    uint16_t reserved;
    char name[56];
} FileEntry;

typedef struct __attribute__((packed)) DmaAccess {
    uint32_t control;
    uint32_t length;
    uint64_t address;
} DmaAccess;

struct FwCfg {
    Device device;
    GuestMemory *memory;
    uint16_t key;
    uint32_t position;
    uint32_t dma_high;
    unsigned file_count;
    FileEntry entries[FILES_MAX];
    GBytes *files[FILES_MAX];
    GBytes *directory;
    uint16_t cpu_count;
};

static void rebuild_directory(FwCfg *fw_cfg)
{
    uint32_t count = GUINT32_TO_BE(fw_cfg->file_count);
    size_t len = sizeof(count) + fw_cfg->file_count * sizeof(FileEntry);
    uint8_t *data = g_malloc(len);

    memcpy(data, &count, sizeof(count));
    memcpy(data + sizeof(count), fw_cfg->entries, len - sizeof(count));
    g_bytes_unref(fw_cfg->directory);
    fw_cfg->directory = g_bytes_new_take(data, len);
}

bool fw_cfg_add(FwCfg *fw_cfg, const char *name, GBytes *data, GError **errp)
{
    unsigned n = fw_cfg->file_count;

    if (n == FILES_MAX || strlen(name) >= sizeof(fw_cfg->entries[n].name)) {
        error_set(errp, "fw_cfg item '%s': %s", name,
                  n == FILES_MAX ? "the directory is full"
                                 : "names have 55 bytes at most");
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        if (strcmp(fw_cfg->entries[i].name, name) == 0) {
            error_set(errp, "fw_cfg item '%s' is there already", name);
            return false;
        }
    }
    fw_cfg->entries[n].size = GUINT32_TO_BE((uint32_t)g_bytes_get_size(data));
    fw_cfg->entries[n].select = GUINT16_TO_BE((uint16_t)(KEY_FILE_FIRST + n));
    g_strlcpy(fw_cfg->entries[n].name, name, sizeof(fw_cfg->entries[n].name));
    fw_cfg->files[n] = g_bytes_ref(data);
    fw_cfg->file_count++;
    rebuild_directory(fw_cfg);
    return true;
}

/* The blob behind a key; static data is given through @scratch. */
static const uint8_t *find_blob(const FwCfg *fw_cfg, uint16_t key, uint8_t scratch[4],
                                size_t *ret_len)
{
    uint16_t file = key - KEY_FILE_FIRST;

    switch (key) {
    case KEY_SIGNATURE:
        memcpy(scratch, "QEMU", 4);
        *ret_len = 4;
        return scratch;
    case KEY_ID:
        memcpy(scratch, (const uint8_t[]){ID_TRADITIONAL | ID_DMA, 0, 0, 0}, 4);
        *ret_len = 4;
        return scratch;
    case KEY_CPU_COUNT:
        memcpy(scratch, &fw_cfg->cpu_count, 2);
        *ret_len = 2;
        return scratch;
    case KEY_DIRECTORY:
        return g_bytes_get_data(fw_cfg->directory, ret_len);
    default:
        if (key >= KEY_FILE_FIRST && file < fw_cfg->file_count) {
            return g_bytes_get_data(fw_cfg->files[file], ret_len);
        }
        *ret_len = 0;
        return NULL;
    }
}

static void select_key(FwCfg *fw_cfg, uint16_t key)
{
    fw_cfg->key = key;
    fw_cfg->position = 0;
}

/* Copies the next bytes of the selected blob; past its end come zeros. */
static void read_next(FwCfg *fw_cfg, uint8_t *out, uint32_t len)
{
    uint8_t scratch[4];
    size_t size;
    const uint8_t *data = find_blob(fw_cfg, fw_cfg->key, scratch, &size);
    size_t have = fw_cfg->position < size ? size - fw_cfg->position : 0;
    size_t take = MIN(have, len);

    if (take) {
        memcpy(out, data + fw_cfg->position, take);
    }
    memset(out + take, 0, len - take);
    fw_cfg->position += (uint32_t)take;
}

static uint64_t data_read(void *opaque, uint64_t offset, unsigned size)
{
    uint8_t bytes[8] = {0};
    uint64_t value = 0;

    (void)offset;
    read_next(opaque, bytes, size);
    memcpy(&value, bytes, sizeof(value));
    return value;
}

static uint32_t dma_transfer(FwCfg *fw_cfg, const DmaAccess *access)
{
    uint32_t control = GUINT32_FROM_BE(access->control);
    uint32_t len = GUINT32_FROM_BE(access->length);
    uint64_t gpa = GUINT64_FROM_BE(access->address);
    uint8_t *out;

    if (control & DMA_SELECT) {
        select_key(fw_cfg, (uint16_t)(control >> 16));
    }
    if (control & DMA_WRITE) {
        return DMA_ERROR; /* nothing here can be written */
    }
    if (control & DMA_READ) {
        out = guest_memory_at(fw_cfg->memory, gpa, len);
        if (!out) {
            return DMA_ERROR;
        }
        read_next(fw_cfg, out, len);
        guest_memory_mark_dirty(fw_cfg->memory, gpa, len);
    } else if (control & DMA_SKIP) {
        fw_cfg->position =
            fw_cfg->position > UINT32_MAX - len ? UINT32_MAX : fw_cfg->position + len;
    }
    return 0;
}

static void dma_start(FwCfg *fw_cfg, uint64_t gpa)
{
    DmaAccess access;
    uint32_t result;

    if (!guest_memory_read(fw_cfg->memory, gpa, &access, sizeof(access), NULL)) {
        return;
    }
    result = GUINT32_TO_BE(dma_transfer(fw_cfg, &access));
    /* The block was readable a moment ago, so this cannot fail. */
    (void)guest_memory_write(fw_cfg->memory, gpa, &result, sizeof(result), NULL);
}

/* The DMA address register is big endian; writing its low half starts the transfer. */
static void dma_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    FwCfg *fw_cfg = opaque;

    if (size == 8 && offset == 0) {
        dma_start(fw_cfg, GUINT64_FROM_BE(value));
    } else if (size == 4 && offset == 0) {
        fw_cfg->dma_high = GUINT32_FROM_BE((uint32_t)value);
    } else if (size == 4 && offset == 4) {
        dma_start(fw_cfg,
                  (uint64_t)fw_cfg->dma_high << 32 | GUINT32_FROM_BE((uint32_t)value));
        fw_cfg->dma_high = 0;
    }
}

static uint64_t dma_read(void *opaque, uint64_t offset, unsigned size)
{
    uint8_t bytes[16] = DMA_SIGNATURE;
    uint64_t value = 0;

    (void)opaque;
    memcpy(&value, bytes + offset, size);
    return value;
}

/* Ports: selector at 0, data at 1, DMA address at 4. */
static void io_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    if (offset == 0 && size == 2) {
        select_key(opaque, (uint16_t)value);
    } else if (offset >= FW_CFG_IO_DMA) {
        dma_write(opaque, offset - FW_CFG_IO_DMA, size, value);
    }
}

static uint64_t io_read(void *opaque, uint64_t offset, unsigned size)
{
    if (offset >= FW_CFG_IO_DMA) {
        return dma_read(opaque, offset - FW_CFG_IO_DMA, size);
    }
    return offset == 1 ? data_read(opaque, 0, size) : 0;
}

/* Memory-mapped: data at 0, selector (big endian) at 8, DMA address at 16. */
static uint64_t mem_read(void *opaque, uint64_t offset, unsigned size)
{
    if (offset < 8) {
        return data_read(opaque, offset, size);
    }
    return offset >= 16 ? dma_read(opaque, offset - 16, size) : 0;
}

static void mem_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    if (offset == 8 && size == 2) {
        select_key(opaque, GUINT16_FROM_BE((uint16_t)value));
    } else if (offset >= 16) {
        dma_write(opaque, offset - 16, size, value);
    }
}

static const IoOps io_ops = {.read = io_read, .write = io_write};
static const IoOps mem_ops = {.read = mem_read, .write = mem_write};

static void fw_cfg_free(Device *device)
{
    FwCfg *fw_cfg = (FwCfg *)device;

    for (unsigned i = 0; i < fw_cfg->file_count; i++) {
        g_bytes_unref(fw_cfg->files[i]);
    }
    g_bytes_unref(fw_cfg->directory);
    g_free(fw_cfg);
}

static FwCfg *fw_cfg_new(Machine *machine, GError **errp)
{
    FwCfg *fw_cfg = g_new0(FwCfg, 1);
    const GPtrArray *items = machine->plan->fw_cfg_items;

    fw_cfg->device.free = fw_cfg_free;
    fw_cfg->memory = machine->memory;
    fw_cfg->cpu_count = GUINT16_TO_LE((uint16_t)machine->plan->smp.cpus);
    fw_cfg->directory = g_bytes_new(NULL, 0);
    rebuild_directory(fw_cfg);
    for (unsigned i = 0; items && i < items->len; i++) {
        const FwCfgItem *item = g_ptr_array_index(items, i);
        g_autoptr(GBytes) data =
            item->text ? g_bytes_new(item->text, strlen(item->text))
                       : g_bytes_ref(g_ptr_array_index(machine->images->blobs, i));

        if (!fw_cfg_add(fw_cfg, item->name, data, errp)) {
            fw_cfg_free(&fw_cfg->device);
            return NULL;
        }
    }
    return fw_cfg;
}

static bool fw_cfg_io_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    (void)machine;
    (void)errp;
    device_plan_add_range(self, DEVICE_SPACE_PORTS, FW_CFG_IO_BASE, FW_CFG_IO_BYTES);
    return true;
}

static bool fw_cfg_mem_plan(DevicePlan *self, const MachinePlan *machine, GError **errp)
{
    (void)machine;
    (void)errp;
    sysbus_plan(self, FW_CFG_MEM_BYTES);
    self->irq = DEVICE_NO_IRQ;
    return true;
}

static Device *realize(Machine *machine, const DevicePlan *plan, const IoOps *ops,
                       GError **errp)
{
    FwCfg *fw_cfg = fw_cfg_new(machine, errp);

    if (!fw_cfg || !device_map(machine, plan, 0, ops, fw_cfg, errp)) {
        if (fw_cfg) {
            fw_cfg_free(&fw_cfg->device);
        }
        return NULL;
    }
    machine->fw_cfg = fw_cfg;
    return &fw_cfg->device;
}

static Device *fw_cfg_io_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    return realize(machine, plan, &io_ops, errp);
}

static Device *fw_cfg_mem_realize(Machine *machine, const DevicePlan *plan, GError **errp)
{
    return realize(machine, plan, &mem_ops, errp);
}

/* The blobs are configuration, which both sides make from their command lines. */
static const StateRow fw_cfg_rows[] = {
    {"key", STATE_U16, offsetof(FwCfg, key), 1},
    {"position", STATE_U32, offsetof(FwCfg, position), 1},
    {"dma-high", STATE_U32, offsetof(FwCfg, dma_high), 1},
};

static const StateTable fw_cfg_state = {
    .name = "fw_cfg",
    .version = 1,
    .size = sizeof(FwCfg),
    .rows = fw_cfg_rows,
    .row_count = ARRAY_LEN(fw_cfg_rows),
};

const DeviceClass fw_cfg_io_class = {
    .type = {.name = "fw_cfg_io",
             .parent = TYPE_DEVICE,
             .doc = "named blobs for the guest, at ports 0x510 to 0x51b",
             .instance_size = sizeof(Object)},
    .bus = DEVICE_BUS_ISA,
    .description = {.acpi_name = "FWCF", .acpi_hid = "QEMU0002"},
    .plan = fw_cfg_io_plan,
    .realize = fw_cfg_io_realize,
    .state = &fw_cfg_state,
};

const DeviceClass fw_cfg_mem_class = {
    .type = {.name = "fw_cfg_mem",
             .parent = TYPE_SYSBUS_DEVICE,
             .doc = "named blobs for the guest, memory-mapped",
             .instance_size = sizeof(SysbusConfig)},
    .bus = DEVICE_BUS_SYSBUS,
    .description = {.fdt_name = "fw-cfg",
                    .fdt_compatible = {"qemu,fw-cfg-mmio"},
                    .fdt_is_dma_coherent = true},
    .plan = fw_cfg_mem_plan,
    .realize = fw_cfg_mem_realize,
    .state = &fw_cfg_state,
};
