/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MSI-X: a table of messages in a BAR, one eventfd for each that the guest has set up.
 * Source: PCI Local Bus 3.0, 6.8.2.
 *
 * The lock is there because a device's own thread may notify while the guest masks.
 */
#include <string.h>

#include "accel/kvm-irq.h"
#include "hw/machine.h"
#include "pci-internal.h"
#include "util/error.h"

#define CAP_BYTES        12
#define CAP_CONTROL      2
#define CONTROL_ENABLE   BIT64(15)
#define CONTROL_MASK_ALL BIT64(14)
#define ENTRY_DATA       8
#define ENTRY_CONTROL    12
#define ENTRY_MASKED     BIT64(0)
#define BAR_LEAST        4096

typedef struct Vector {
    KvmMsi *msi; /* NULL until the guest first lets it through */
    bool is_pending;
} Vector;

struct Msix {
    PciFunction *function;
    GMutex lock;
    unsigned count, capability, pending_offset;
    uint8_t *table;
    Vector *vectors;
};

static unsigned table_bytes(unsigned vectors)
{
    return vectors * MSIX_ENTRY_BYTES;
}

static unsigned pending_bytes(unsigned vectors)
{
    return (unsigned)align_up(vectors, 64) / 8;
}

uint64_t msix_bar_bytes(unsigned vectors)
{
    uint64_t bytes = BAR_LEAST;

    while (bytes / 2 < MAX(table_bytes(vectors), pending_bytes(vectors))) {
        bytes *= 2;
    }
    return bytes;
}

static uint32_t entry32(const Msix *msix, unsigned vector, unsigned offset)
{
    uint32_t value;

    memcpy(&value, msix->table + vector * MSIX_ENTRY_BYTES + offset, sizeof(value));
    return GUINT32_FROM_LE(value);
}

static uint16_t control(const Msix *msix)
{
    return pci_get16(msix->function, msix->capability + CAP_CONTROL);
}

/* The guest lets @vector through. */
static bool is_open(const Msix *msix, unsigned vector)
{
    return (control(msix) & (CONTROL_ENABLE | CONTROL_MASK_ALL)) == CONTROL_ENABLE &&
           !(entry32(msix, vector, ENTRY_CONTROL) & ENTRY_MASKED);
}

/* The route follows what the guest wrote.  A message KVM does not take is one interrupt
 * that does not arrive, and no more. */
static bool set_route(Msix *msix, unsigned vector)
{
    Vector *entry = &msix->vectors[vector];
    const KvmMsiMessage message = {
        .address = (uint64_t)entry32(msix, vector, 4) << 32 | entry32(msix, vector, 0),
        .data = entry32(msix, vector, ENTRY_DATA),
        .device_id = pci_host_requester(msix->function->host, msix->function),
    };

    if (!entry->msi) {
        entry->msi = kvm_msi_new(msix->function->machine->vm, NULL);
    }
    return entry->msi && kvm_msi_set(entry->msi, &message, NULL);
}

static void update_locked(Msix *msix, unsigned vector)
{
    Vector *entry = &msix->vectors[vector];

    if (is_open(msix, vector) && set_route(msix, vector) && entry->is_pending) {
        entry->is_pending = false;
        kvm_msi_fire(entry->msi);
    }
}

static void update_all(Msix *msix)
{
    g_mutex_lock(&msix->lock);
    for (unsigned i = 0; i < msix->count; i++) {
        update_locked(msix, i);
    }
    g_mutex_unlock(&msix->lock);
}

/* ---- the BAR ---- */

static uint64_t read_pending(const Msix *msix, uint64_t offset, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size * 8; i++) {
        uint64_t vector = offset * 8 + i;

        if (vector < msix->count && msix->vectors[vector].is_pending) {
            value |= BIT64(i);
        }
    }
    return value;
}

static uint64_t msix_read(void *opaque, uint64_t offset, unsigned size)
{
    Msix *msix = opaque;
    uint64_t value = 0;

    g_mutex_lock(&msix->lock);
    if (range_fits(offset, size, table_bytes(msix->count))) {
        memcpy(&value, msix->table + offset, size);
    } else if (offset >= msix->pending_offset) {
        value = read_pending(msix, offset - msix->pending_offset, size);
    }
    g_mutex_unlock(&msix->lock);
    return value;
}

static void msix_write(void *opaque, uint64_t offset, unsigned size, uint64_t value)
{
    Msix *msix = opaque;

    if ((size != 4 && size != 8) || offset % size ||
        !range_fits(offset, size, table_bytes(msix->count))) {
        return;
    }
    g_mutex_lock(&msix->lock);
    memcpy(msix->table + offset, &value, size);
    update_locked(msix, (unsigned)(offset / MSIX_ENTRY_BYTES));
    g_mutex_unlock(&msix->lock);
}

static const IoOps msix_ops = {.read = msix_read, .write = msix_write};

/* ---- life ---- */

bool msix_init(PciFunction *function, unsigned bar, unsigned vectors, GError **errp)
{
    Msix *msix;

    if (vectors == 0 || vectors > MSIX_VECTORS_MAX) {
        error_set(errp, "device %s: vectors=%u: 1 to %u are possible",
                  function->plan->class->type.name, vectors, MSIX_VECTORS_MAX);
        return false;
    }
    msix = g_new0(Msix, 1);
    g_mutex_init(&msix->lock);
    msix->function = function;
    msix->count = vectors;
    msix->table = g_malloc0(table_bytes(vectors));
    msix->vectors = g_new0(Vector, vectors);
    for (unsigned i = 0; i < vectors; i++) {
        msix->table[i * MSIX_ENTRY_BYTES + ENTRY_CONTROL] = ENTRY_MASKED;
    }
    msix->pending_offset = (unsigned)(msix_bar_bytes(vectors) / 2);
    msix->capability = pci_add_capability(function, PCI_CAP_MSIX, CAP_BYTES);
    pci_put16(function, msix->capability + CAP_CONTROL, (uint16_t)(vectors - 1));
    function->writable[msix->capability + CAP_CONTROL + 1] = 0xc0;
    pci_put32(function, msix->capability + 4, bar);
    pci_put32(function, msix->capability + 8, msix->pending_offset | bar);
    function->msix = msix;
    pci_bar_answer(function, bar, &msix_ops, msix);
    return true;
}

void msix_free(PciFunction *function)
{
    Msix *msix = function->msix;

    if (function->saved_msix) {
        g_byte_array_unref(g_steal_pointer(&function->saved_msix));
    }
    if (msix) {
        for (unsigned i = 0; i < msix->count; i++) {
            kvm_msi_free(msix->vectors[i].msi);
        }
        g_mutex_clear(&msix->lock);
        g_free(msix->vectors);
        g_free(msix->table);
        g_free(msix);
        function->msix = NULL;
    }
}

bool msix_is_enabled(const PciFunction *function)
{
    return function->msix && (control(function->msix) & CONTROL_ENABLE);
}

void msix_config_written(PciFunction *function, unsigned offset, unsigned size)
{
    Msix *msix = function->msix;

    if (msix && offset < msix->capability + 4 && offset + size > msix->capability) {
        update_all(msix);
        pci_set_intx(function, function->intx_level);
    }
}

void msix_notify(PciFunction *function, unsigned vector)
{
    Msix *msix = function->msix;

    if (!msix || vector >= msix->count) {
        return;
    }
    g_mutex_lock(&msix->lock);
    if (is_open(msix, vector) && msix->vectors[vector].msi) {
        kvm_msi_fire(msix->vectors[vector].msi);
    } else {
        msix->vectors[vector].is_pending = control(msix) & CONTROL_ENABLE;
    }
    g_mutex_unlock(&msix->lock);
}

/* ---- saved state: the table, then a bit for each vector ---- */

void msix_save(PciFunction *function)
{
    Msix *msix = function->msix;

    if (!function->saved_msix) {
        function->saved_msix = g_byte_array_new();
    }
    g_byte_array_set_size(function->saved_msix, 0);
    if (msix) {
        g_mutex_lock(&msix->lock);
        g_byte_array_append(function->saved_msix, msix->table, table_bytes(msix->count));
        for (unsigned i = 0; i < pending_bytes(msix->count); i++) {
            uint8_t byte = (uint8_t)read_pending(msix, i, 1);

            g_byte_array_append(function->saved_msix, &byte, 1);
        }
        g_mutex_unlock(&msix->lock);
    }
}

bool msix_load(PciFunction *function, GError **errp)
{
    Msix *msix = function->msix;
    const GByteArray *saved = function->saved_msix;
    unsigned len = saved ? saved->len : 0;
    unsigned want = msix ? table_bytes(msix->count) + pending_bytes(msix->count) : 0;

    if (len != want) {
        error_set(errp, "pci: %u bytes of MSI-X state at %02x.%u, and there should be %u",
                  len, PCI_SLOT(function->plan->pci.devfn),
                  PCI_FUNC(function->plan->pci.devfn), want);
        return false;
    }
    if (msix) {
        memcpy(msix->table, saved->data, table_bytes(msix->count));
        for (unsigned i = 0; i < msix->count; i++) {
            const uint8_t *bits = saved->data + table_bytes(msix->count);

            msix->vectors[i].is_pending = bits[i / 8] & BIT64(i % 8);
        }
        update_all(msix);
    }
    return true;
}
