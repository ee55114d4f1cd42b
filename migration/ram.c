/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "migration/ram.h"

#include <inttypes.h>
#include <string.h>

#include "migration/pack.h"
#include "util/bits.h"
#include "util/error.h"

#define FRAME_PAGES 256u
#define HEAD_BYTES  12u

/* One bit per page of each range. */
typedef struct PageSet {
    const GuestRange *ranges;
    unsigned count;
    uint64_t **words;
} PageSet;

static uint64_t range_pages(const GuestRange *range)
{
    return range->bytes / GUEST_PAGE_BYTES;
}

static PageSet page_set_new(const GuestMemory *memory, bool is_full)
{
    PageSet set = {0};

    set.ranges = guest_memory_ranges(memory, &set.count);
    set.words = g_new0(uint64_t *, set.count);
    for (unsigned i = 0; i < set.count; i++) {
        uint64_t pages = range_pages(&set.ranges[i]);

        set.words[i] = g_new0(uint64_t, (pages + 63) / 64);
        for (uint64_t page = 0; is_full && page < pages; page++) {
            set.words[i][page / 64] |= BIT64(page % 64);
        }
    }
    return set;
}

static void page_set_clear(PageSet *set)
{
    for (unsigned i = 0; i < set->count; i++) {
        g_free(set->words[i]);
    }
    g_free(set->words);
}

static bool page_set_has(const PageSet *set, unsigned range, uint64_t page)
{
    return set->words[range][page / 64] & BIT64(page % 64);
}

static uint64_t page_set_size(const PageSet *set)
{
    uint64_t size = 0;

    for (unsigned i = 0; i < set->count; i++) {
        for (uint64_t w = 0; w < (range_pages(&set->ranges[i]) + 63) / 64; w++) {
            size += (unsigned)__builtin_popcountll(set->words[i][w]);
        }
    }
    return size;
}

/* ---- sending ---- */

struct RamWriter {
    const GuestMemory *memory;
    GByteArray *frame, *packed;
    int level; /* 0: frames are not packed */
};

RamWriter *ram_writer_new(const GuestMemory *memory, int level)
{
    RamWriter *writer = g_new0(RamWriter, 1);

    writer->memory = memory;
    writer->frame = g_byte_array_new();
    writer->packed = g_byte_array_new();
    writer->level = level;
    return writer;
}

void ram_writer_free(RamWriter *writer)
{
    if (writer) {
        g_byte_array_unref(writer->frame);
        g_byte_array_unref(writer->packed);
        g_free(writer);
    }
}

struct RamSender {
    PageSet dirty;
    uint64_t left;  /* pages in it; counting them for each frame would take for ever */
    unsigned range; /* where the search goes on */
    uint64_t page;
};

RamSender *ram_sender_new(const GuestMemory *memory)
{
    RamSender *sender = g_new0(RamSender, 1);

    sender->dirty = page_set_new(memory, true);
    sender->left = page_set_size(&sender->dirty);
    return sender;
}

void ram_sender_free(RamSender *sender)
{
    if (sender) {
        page_set_clear(&sender->dirty);
        g_free(sender);
    }
}

bool ram_sender_sync(RamSender *sender, const MigrationGuest *guest, GError **errp)
{
    for (unsigned i = 0; i < sender->dirty.count; i++) {
        if (!guest->ops->sync_dirty(guest->opaque, i, sender->dirty.words[i], errp)) {
            return false;
        }
    }
    sender->left = page_set_size(&sender->dirty);
    return true;
}

uint64_t ram_sender_left(const RamSender *sender)
{
    return sender->left;
}

/* Moves to the next dirty page, once around; false where there is none. */
static bool find_dirty(RamSender *sender)
{
    for (unsigned tried = 0; tried <= sender->dirty.count; tried++) {
        const GuestRange *range = &sender->dirty.ranges[sender->range];
        uint64_t pages = range_pages(range);

        for (; sender->page < pages; sender->page++) {
            uint64_t word = sender->dirty.words[sender->range][sender->page / 64] >>
                            (sender->page % 64);

            if (word) {
                sender->page += (unsigned)__builtin_ctzll(word);
                return true;
            }
            sender->page |= 63;
        }
        sender->page = 0;
        sender->range = (sender->range + 1) % sender->dirty.count;
    }
    return false;
}

static bool is_zero_page(const uint8_t *page)
{
    return page[0] == 0 && memcmp(page, page + 1, GUEST_PAGE_BYTES - 1) == 0;
}

/* Consecutive dirty pages from the current one, at most a frame full; they count as
 * clean. */
static unsigned take_run(RamSender *sender)
{
    uint64_t pages = range_pages(&sender->dirty.ranges[sender->range]);
    unsigned run = 0;

    while (run < FRAME_PAGES && sender->page + run < pages &&
           page_set_has(&sender->dirty, sender->range, sender->page + run)) {
        uint64_t page = sender->page + run++;

        sender->dirty.words[sender->range][page / 64] &= ~BIT64(page % 64);
    }
    sender->left -= run;
    return run;
}

bool ram_sender_next(RamSender *sender, RamRun *ret)
{
    if (!find_dirty(sender)) {
        return false;
    }
    ret->gpa = sender->dirty.ranges[sender->range].gpa + sender->page * GUEST_PAGE_BYTES;
    ret->pages = take_run(sender);
    sender->page += ret->pages;
    return true;
}

static RamCount fill_frame(RamWriter *writer, uint64_t gpa, unsigned pages)
{
    GByteArray *frame = writer->frame;
    uint64_t wire_gpa = GUINT64_TO_LE(gpa);
    uint32_t wire_pages = GUINT32_TO_LE(pages);
    const uint8_t *from =
        guest_memory_at(writer->memory, gpa, (uint64_t)pages * GUEST_PAGE_BYTES);
    RamCount count = {0};

    g_byte_array_set_size(frame, HEAD_BYTES + (pages + 7) / 8);
    memset(frame->data, 0, frame->len);
    memcpy(frame->data, &wire_gpa, sizeof(wire_gpa));
    memcpy(frame->data + sizeof(wire_gpa), &wire_pages, sizeof(wire_pages));
    for (unsigned i = 0; i < pages; i++, from += GUEST_PAGE_BYTES) {
        if (is_zero_page(from)) {
            count.zero_pages++;
            continue;
        }
        frame->data[HEAD_BYTES + i / 8] |= (uint8_t)(1u << (i % 8));
        g_byte_array_append(frame, from, GUEST_PAGE_BYTES);
        count.pages++;
    }
    return count;
}

bool ram_writer_send(RamWriter *writer, const RamRun *run, Stream *stream,
                     RamCount *count, GError **errp)
{
    RamCount filled = fill_frame(writer, run->gpa, run->pages);

    count->pages += filled.pages;
    count->zero_pages += filled.zero_pages;
    if (writer->level && pack(writer->frame, writer->packed, writer->level)) {
        return stream_write(stream, STREAM_RAM_PACKED, writer->packed->data,
                            writer->packed->len, errp);
    }
    return stream_write(stream, STREAM_RAM, writer->frame->data, writer->frame->len,
                        errp);
}

/* ---- receiving ---- */

struct RamReceiver {
    GuestMemory *memory;
    PageSet seen;
    GByteArray *unpacked;
};

RamReceiver *ram_receiver_new(GuestMemory *memory)
{
    RamReceiver *receiver = g_new0(RamReceiver, 1);

    receiver->memory = memory;
    receiver->seen = page_set_new(memory, false);
    receiver->unpacked = g_byte_array_new();
    return receiver;
}

void ram_receiver_free(RamReceiver *receiver)
{
    if (receiver) {
        page_set_clear(&receiver->seen);
        g_byte_array_unref(receiver->unpacked);
        g_free(receiver);
    }
}

static void mark_seen(RamReceiver *receiver, uint64_t gpa, unsigned pages)
{
    for (unsigned i = 0; i < receiver->seen.count; i++) {
        const GuestRange *range = &receiver->seen.ranges[i];

        if (gpa >= range->gpa && gpa - range->gpa < range->bytes) {
            uint64_t first = (gpa - range->gpa) / GUEST_PAGE_BYTES;

            for (uint64_t page = first; page < first + pages; page++) {
                receiver->seen.words[i][page / 64] |= BIT64(page % 64);
            }
        }
    }
}

static unsigned count_filled(const uint8_t *bits, unsigned pages)
{
    unsigned filled = 0;

    for (unsigned i = 0; i < pages; i++) {
        filled += bits[i / 8] >> (i % 8) & 1;
    }
    return filled;
}

/* Address and number of pages, judged; NULL with an error. */
static uint8_t *judge(RamReceiver *receiver, const GByteArray *payload, uint64_t *ret_gpa,
                      unsigned *ret_pages, GError **errp)
{
    uint64_t gpa, expected;
    uint32_t pages;
    uint8_t *to;

    if (payload->len < HEAD_BYTES) {
        error_set(errp, "RAM: a frame of %u bytes", payload->len);
        return NULL;
    }
    memcpy(&gpa, payload->data, sizeof(gpa));
    memcpy(&pages, payload->data + sizeof(gpa), sizeof(pages));
    gpa = GUINT64_FROM_LE(gpa);
    pages = GUINT32_FROM_LE(pages);
    if (pages == 0 || pages > FRAME_PAGES || gpa % GUEST_PAGE_BYTES ||
        payload->len < HEAD_BYTES + (pages + 7) / 8) {
        error_set(errp, "RAM: %" PRIu32 " pages at 0x%" PRIx64 " in %u bytes", pages, gpa,
                  payload->len);
        return NULL;
    }
    expected =
        HEAD_BYTES + (pages + 7) / 8 +
        (uint64_t)count_filled(payload->data + HEAD_BYTES, pages) * GUEST_PAGE_BYTES;
    to = guest_memory_at(receiver->memory, gpa, (uint64_t)pages * GUEST_PAGE_BYTES);
    if (!to || payload->len != expected) {
        error_set(errp, "RAM: %" PRIu32 " pages at 0x%" PRIx64 ": %s", pages, gpa,
                  to ? "the frame has another length" : "not all of it is RAM");
        return NULL;
    }
    *ret_gpa = gpa;
    *ret_pages = pages;
    return to;
}

bool ram_receiver_load(RamReceiver *receiver, const GByteArray *payload, GError **errp)
{
    uint64_t gpa;
    unsigned pages;
    uint8_t *to = judge(receiver, payload, &gpa, &pages, errp);
    const uint8_t *bits, *from;

    if (!to) {
        return false;
    }
    bits = payload->data + HEAD_BYTES;
    from = bits + (pages + 7) / 8;
    for (unsigned i = 0; i < pages; i++, to += GUEST_PAGE_BYTES) {
        if (bits[i / 8] >> (i % 8) & 1) {
            memcpy(to, from, GUEST_PAGE_BYTES);
            from += GUEST_PAGE_BYTES;
        } else if (!is_zero_page(to)) {
            /* Only looked at, a page that is zero already takes no memory. */
            memset(to, 0, GUEST_PAGE_BYTES);
        }
    }
    mark_seen(receiver, gpa, pages);
    return true;
}

bool ram_receiver_load_packed(RamReceiver *receiver, const GByteArray *payload,
                              GError **errp)
{
    return unpack(payload, receiver->unpacked, errp) &&
           ram_receiver_load(receiver, receiver->unpacked, errp);
}

void ram_receiver_merge(RamReceiver *receiver, const RamReceiver *other)
{
    for (unsigned i = 0; i < receiver->seen.count; i++) {
        uint64_t words = (range_pages(&receiver->seen.ranges[i]) + 63) / 64;

        for (uint64_t w = 0; w < words; w++) {
            receiver->seen.words[i][w] |= other->seen.words[i][w];
        }
    }
}

bool ram_receiver_check(const RamReceiver *receiver, GError **errp)
{
    uint64_t seen = page_set_size(&receiver->seen), all = 0;

    for (unsigned i = 0; i < receiver->seen.count; i++) {
        all += range_pages(&receiver->seen.ranges[i]);
    }
    if (seen != all) {
        error_set(errp, "RAM: %" PRIu64 " of %" PRIu64 " pages came", seen, all);
        return false;
    }
    return true;
}
