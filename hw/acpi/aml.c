/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "aml.h"

#include <stdbool.h>
#include <string.h>

#define OP_NAME       0x08
#define OP_BYTE       0x0a
#define OP_WORD       0x0b
#define OP_DWORD      0x0c
#define OP_STRING     0x0d
#define OP_SCOPE      0x10
#define OP_BUFFER     0x11
#define OP_PACKAGE    0x12
#define OP_EXTENDED   0x5b
#define OP_EXT_DEVICE 0x82
#define PREFIX_ROOT   '\\'

#define RES_IRQ_NO_FLAGS   0x22
#define RES_IO             0x47
#define RES_MEMORY32_FIXED 0x86
#define RES_EXTENDED_IRQ   0x89
#define RES_DWORD_SPACE    0x87
#define RES_WORD_SPACE     0x88
#define RES_QWORD_SPACE    0x8a
#define RES_END            0x79

#define WINDOW_FIXED        0x0c /* first and last address are as they are */
#define MEMORY_WRITABLE     0x01
#define MEMORY_PREFETCHABLE 0x07
#define PORTS_ENTIRE        0x03

static void put_byte(GByteArray *aml, uint8_t byte)
{
    g_byte_array_append(aml, &byte, 1);
}

static void put_bytes(GByteArray *aml, const void *data, size_t len)
{
    g_byte_array_append(aml, data, (guint)len);
}

static void put_array(GByteArray *aml, const GByteArray *other)
{
    put_bytes(aml, other->data, other->len);
}

static void put_integer(GByteArray *aml, uint32_t value)
{
    uint32_t le = GUINT32_TO_LE(value);

    if (value <= 1) {
        put_byte(aml, (uint8_t)value);
    } else {
        unsigned bytes = value <= 0xff ? 1 : value <= 0xffff ? 2 : 4;

        put_byte(aml, bytes == 1 ? OP_BYTE : bytes == 2 ? OP_WORD : OP_DWORD);
        put_bytes(aml, &le, bytes);
    }
}

/* Length of a package, itself included.  ACPI 6.5, 20.2.4. */
static void put_package_length(GByteArray *aml, size_t body)
{
    unsigned extra = body + 1 < 0x40 ? 0 : body + 2 < 0x1000 ? 1 : 2;
    size_t total = body + 1 + extra;

    if (extra == 0) {
        put_byte(aml, (uint8_t)total);
        return;
    }
    put_byte(aml, (uint8_t)(extra << 6 | (total & 0x0f)));
    for (unsigned i = 0; i < extra; i++) {
        put_byte(aml, (uint8_t)(total >> (4 + 8 * i)));
    }
}

static void put_name(GByteArray *aml, const char *name)
{
    put_byte(aml, OP_NAME);
    put_bytes(aml, name, 4);
}

void aml_name_integer(GByteArray *aml, const char *name, uint32_t value)
{
    put_name(aml, name);
    put_integer(aml, value);
}

void aml_name_string(GByteArray *aml, const char *name, const char *value)
{
    put_name(aml, name);
    put_byte(aml, OP_STRING);
    put_bytes(aml, value, strlen(value) + 1);
}

void aml_name_eisa_id(GByteArray *aml, const char *name, const char *id)
{
    uint32_t value = (uint32_t)(id[0] - '@') << 26 | (uint32_t)(id[1] - '@') << 21 |
                     (uint32_t)(id[2] - '@') << 16;

    for (unsigned i = 0; i < 4; i++) {
        value |= (uint32_t)g_ascii_xdigit_value(id[3 + i]) << (12 - 4 * i);
    }
    aml_name_integer(aml, name, GUINT32_SWAP_LE_BE(value));
}

void aml_integer(GByteArray *aml, uint32_t value)
{
    put_integer(aml, value);
}

void aml_package(GByteArray *aml, unsigned count, const GByteArray *elements)
{
    put_byte(aml, OP_PACKAGE);
    put_package_length(aml, elements->len + 1);
    put_byte(aml, (uint8_t)count);
    put_array(aml, elements);
}

void aml_name_value(GByteArray *aml, const char *name, const GByteArray *value)
{
    put_name(aml, name);
    put_array(aml, value);
}

void aml_name_package(GByteArray *aml, const char *name, const uint32_t *values,
                      unsigned count)
{
    g_autoptr(GByteArray) body = g_byte_array_new();

    put_byte(body, (uint8_t)count);
    for (unsigned i = 0; i < count; i++) {
        put_integer(body, values[i]);
    }
    put_name(aml, name);
    put_byte(aml, OP_PACKAGE);
    put_package_length(aml, body->len);
    put_array(aml, body);
}

static void put_le16(GByteArray *aml, uint16_t value)
{
    value = GUINT16_TO_LE(value);
    put_bytes(aml, &value, sizeof(value));
}

static void put_le32(GByteArray *aml, uint32_t value)
{
    value = GUINT32_TO_LE(value);
    put_bytes(aml, &value, sizeof(value));
}

void aml_resource_ports(GByteArray *resources, uint16_t port, uint8_t bytes)
{
    put_byte(resources, RES_IO);
    put_byte(resources, 1); /* decodes 16 bits */
    put_le16(resources, port);
    put_le16(resources, port);
    put_byte(resources, 1); /* alignment */
    put_byte(resources, bytes);
}

void aml_resource_memory32(GByteArray *resources, uint32_t base, uint32_t bytes)
{
    put_byte(resources, RES_MEMORY32_FIXED);
    put_le16(resources, 9); /* bytes that follow */
    put_byte(resources, 1); /* read and write */
    put_le32(resources, base);
    put_le32(resources, bytes);
}

void aml_resource_irq(GByteArray *resources, unsigned irq)
{
    if (irq < 16) {
        put_byte(resources, RES_IRQ_NO_FLAGS);
        put_le16(resources, (uint16_t)(1u << irq));
        return;
    }
    put_byte(resources, RES_EXTENDED_IRQ);
    put_le16(resources, 6); /* bytes that follow */
    put_byte(resources, 1); /* consumer, level, high, exclusive */
    put_byte(resources, 1); /* interrupts */
    put_le32(resources, irq);
}

static void put_number(GByteArray *aml, uint64_t value, unsigned bytes)
{
    value = GUINT64_TO_LE(value);
    put_bytes(aml, &value, bytes);
}

/* ACPI 6.5, 6.4.3.5: address space descriptors. */
void aml_resource_window(GByteArray *resources, AmlSpace space, uint64_t first,
                         uint64_t last)
{
    static const uint8_t types[] = {
        [AML_SPACE_MEMORY] = 0, [AML_SPACE_PORTS] = 1, [AML_SPACE_BUS_NUMBERS] = 2};
    bool is_memory = space == AML_SPACE_MEMORY;
    unsigned bytes = !is_memory ? 2 : last > UINT32_MAX ? 8 : 4;
    uint8_t flags = space == AML_SPACE_PORTS ? PORTS_ENTIRE
                    : !is_memory             ? 0
                    : bytes == 8             ? MEMORY_PREFETCHABLE
                                             : MEMORY_WRITABLE;

    put_byte(resources, bytes == 2   ? RES_WORD_SPACE
                        : bytes == 4 ? RES_DWORD_SPACE
                                     : RES_QWORD_SPACE);
    put_le16(resources, (uint16_t)(3 + 5 * bytes));
    put_byte(resources, types[space]);
    put_byte(resources, WINDOW_FIXED);
    put_byte(resources, flags);
    put_number(resources, 0, bytes); /* granularity */
    put_number(resources, first, bytes);
    put_number(resources, last, bytes);
    put_number(resources, 0, bytes); /* translation */
    put_number(resources, last - first + 1, bytes);
}

void aml_name_resources(GByteArray *aml, const char *name, const GByteArray *resources)
{
    g_autoptr(GByteArray) body = g_byte_array_new();

    put_integer(body, resources->len + 2);
    put_array(body, resources);
    put_byte(body, RES_END);
    put_byte(body, 0);
    put_name(aml, name);
    put_byte(aml, OP_BUFFER);
    put_package_length(aml, body->len);
    put_array(aml, body);
}

void aml_device(GByteArray *aml, const char *name, const GByteArray *body)
{
    put_byte(aml, OP_EXTENDED);
    put_byte(aml, OP_EXT_DEVICE);
    put_package_length(aml, body->len + 4);
    put_bytes(aml, name, 4);
    put_array(aml, body);
}

void aml_scope(GByteArray *aml, const char *name, const GByteArray *body)
{
    put_byte(aml, OP_SCOPE);
    put_package_length(aml, body->len + 5);
    put_byte(aml, PREFIX_ROOT);
    put_bytes(aml, name, 4);
    put_array(aml, body);
}
