/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract that fw_cfg has for the guest, by its digest, read again and again.
 * Source: QEMU docs/specs/fw_cfg.rst (ports, directory).
 */
#include "x86.h"

#define FW_CFG_SELECT  0x510
#define FW_CFG_DATA    0x511
#define FILE_DIRECTORY 0x19
#define NAME_BYTES     56
#define DIGEST_CHARS   64

static void read_bytes(char *ret_bytes, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        ret_bytes[i] = (char)inb(FW_CFG_DATA);
    }
}

static uint32_t read_be(unsigned bytes)
{
    uint32_t value = 0;

    while (bytes--) {
        value = value << 8 | inb(FW_CFG_DATA);
    }
    return value;
}

/* The number of file @name and its size; 0: there is none. */
static uint16_t find_file(const char *name, uint32_t *ret_size)
{
    uint32_t count;

    outw(FW_CFG_SELECT, FILE_DIRECTORY);
    count = read_be(4);
    while (count--) {
        uint32_t size = read_be(4);
        uint16_t number = (uint16_t)read_be(2);
        char own[NAME_BYTES];
        size_t length = 0;

        (void)read_be(2);
        read_bytes(own, NAME_BYTES);
        while (length < NAME_BYTES && own[length]) {
            length++;
        }
        if (text_equal(own, length, name)) {
            *ret_size = size;
            return number;
        }
    }
    return 0;
}

/* What follows the member's name, up to the next quote. */
static bool read_digest(char ret_digest[DIGEST_CHARS + 1])
{
    static const char member[] = "\"digest\":\"";
    unsigned matched = 0;
    uint32_t size = 0;
    uint16_t number = find_file("opt/org.vpmu/contract", &size);

    if (!number) {
        return false;
    }
    outw(FW_CFG_SELECT, number);
    while (size-- && member[matched]) {
        char next = (char)inb(FW_CFG_DATA);

        matched = next == member[matched] ? matched + 1 : next == member[0];
    }
    read_bytes(ret_digest, DIGEST_CHARS);
    ret_digest[DIGEST_CHARS] = 0;
    return !member[matched];
}

void contract_report(uint64_t times)
{
    while (times--) {
        char digest[DIGEST_CHARS + 1];

        report_text("contract", read_digest(digest) ? digest : "absent");
    }
}
