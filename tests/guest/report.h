/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every guest says, and how: one "vpmu-guest: key=value" line per fact.
 *
 * Freestanding; shared by the x86 and the arm64 guest.  It knows no hardware: the
 * architecture supplies console_write().
 */
#ifndef VPMU_GUEST_REPORT_H
#define VPMU_GUEST_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* console_write - put @size bytes on the serial port.  Supplied by the architecture. */
void console_write(const char *text, size_t size);

/* report_text - one line with a string value. */
void report_text(const char *key, const char *value);

/* report_dec - one line with a decimal value. */
void report_dec(const char *key, uint64_t value);

/* report_hex - one line with a hexadecimal value, 0x first. */
void report_hex(const char *key, uint64_t value);

/* report_hex_list - one line with @count hexadecimal values, separated by spaces. */
void report_hex_list(const char *key, const uint64_t *values, unsigned count);

/* report_set - one line with the numbers of the bits set in @mask, or "none". */
void report_set(const char *key, uint64_t mask);

/*
 * report_count - whether a counter advanced: "yes" or "no", and by how much.
 * @exists: false when the counter cannot be reached at all; then the value is "absent"
 */
void report_count(const char *key, bool exists, uint64_t delta);

/* text_equal - whether the first @size bytes of @text are exactly @word. */
bool text_equal(const char *text, size_t size, const char *word);

/* text_copy - bounded copy, always terminated; returns the length taken. */
size_t text_copy(char *ret_text, size_t room, const char *text);

/*
 * option_find - the value of word "@name=value" in a kernel command line.
 * @ret_size: length of the value
 *
 * Returns a pointer into @cmdline, NULL if the word is not there.
 */
const char *option_find(const char *cmdline, const char *name, size_t *ret_size);

/* option_number - the decimal value of "@name=", @otherwise when absent or not a number.
 */
uint64_t option_number(const char *cmdline, const char *name, uint64_t otherwise);

/*
 * count_start, count_look, count_report - counters that run beside the work.  Supplied by
 * the architecture.  False where there is none; looking says "count.bad" where one went
 * back, reporting says what it holds and how often another one has overflowed.
 */
bool count_start(void);
void count_look(void);
void count_report(void);

/*
 * work_report - @rounds of storing to memory and checking what the last round stored;
 * says so every 100 rounds, and at the end.  0 does nothing.
 * @with_counters: counters run meanwhile
 */
void work_report(uint64_t rounds, bool with_counters);

/*
 * fill_report - store something into every page of @fill_mib MiB, say "fill.mib", then
 * write to every page of @dirty_mib MiB for ever, checking what was there; says
 * "dirty.lap" every 100 laps, "dirty.bad" for a page that is not what it was.
 * @image: where the guest's image begins; the memory is behind it
 *
 * The caller of the guest gives it RAM enough: 32 MiB more than the larger number.
 */
void fill_report(uint64_t image, uint64_t fill_mib, uint64_t dirty_mib);

/*
 * virtio_report - ask the virtio-rng at @base for 64 bytes, @laps times; says
 * "virtio.lap" every 1000 times, "virtio=ok" at the end, "virtio.bad" where they do not
 * come.  0 for
 * @base does nothing.
 */
void virtio_report(uint64_t base, uint64_t laps);

/* How the guest ends, chosen by the word exit= of the kernel command line. */
typedef enum ExitMode {
    EXIT_POWEROFF, /* the default */
    EXIT_REBOOT,
    EXIT_HALT,
    EXIT_LOOP,
    EXIT_TRIPLE,
    EXIT_PANIC,
    EXIT_DEBUG,
} ExitMode;

/* option_exit_mode - the exit= word; EXIT_POWEROFF when absent or unknown. */
ExitMode option_exit_mode(const char *cmdline);

/* The loop the counters are held against: so many rounds of two instructions. */
#define LOOP_ROUNDS 100000u

#endif
