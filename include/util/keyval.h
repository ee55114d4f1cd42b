/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * key=value,key=value… as options spell it: a doubled comma stands for one, a bare word
 * is a key set to "on", and the first item may leave out its key where the option implies
 * one.
 *
 * Only the text is taken apart here.  What a key means is told by whoever reads the list,
 * mostly by a table of KeyvalRow.
 */
#ifndef UTIL_KEYVAL_H
#define UTIL_KEYVAL_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct KeyvalPair {
    char *key;
    char *value;
} KeyvalPair;

typedef struct KeyvalList KeyvalList;

/* keyval_new - an empty list; keyval_free(). */
KeyvalList *keyval_new(void);

/*
 * keyval_parse - the pairs of @text in order.
 * @implied_key: key of a first item without "="; NULL makes it a bare word
 *
 * NULL with a message for an item without key and for a key with other characters than
 * letters, digits and "-_.".  The empty text is the empty list.
 */
KeyvalList *keyval_parse(const char *text, const char *implied_key, GError **errp);

/*
 * keyval_parse_any - as keyval_parse(), or JSON as the settings that stand for it:
 * {"file": {"driver": "raw"}} is file.driver=raw, a list is its key again and again.
 */
KeyvalList *keyval_parse_any(const char *text, const char *implied_key, GError **errp);

/* keyval_free - NULL is nothing. */
void keyval_free(KeyvalList *list);

/* keyval_count - number of pairs. */
unsigned keyval_count(const KeyvalList *list);

/* keyval_at - pair number @index, owned by the list. */
const KeyvalPair *keyval_at(const KeyvalList *list, unsigned index);

/* keyval_get - the last value of @key, or NULL. */
const char *keyval_get(const KeyvalList *list, const char *key);

/* keyval_add - append a pair. */
void keyval_add(KeyvalList *list, const char *key, const char *value);

/* keyval_merge - append all pairs of @other. */
void keyval_merge(KeyvalList *list, const KeyvalList *other);

/* keyval_take - the last value of @key, owned by the caller; all its pairs are removed.
 */
char *keyval_take(KeyvalList *list, const char *key);

/* keyval_parse_bool - on/off/yes/no/true/false/y/n; @key is for the message. */
bool keyval_parse_bool(const char *key, const char *value, bool *ret, GError **errp);

/* What a row's value is stored as. */
typedef enum KeyvalKind {
    KEYVAL_STRING, /* char *, replaced; owned by the struct */
    KEYVAL_BOOL,   /* bool */
    KEYVAL_UINT,   /* unsigned */
    KEYVAL_SIZE,   /* uint64_t, bytes, suffix accepted */
    KEYVAL_ENUM,   /* int, index into names */
    KEYVAL_IGNORE, /* accepted and dropped: means nothing here */
    KEYVAL_REFUSE, /* known, and refused unless it says "off"; doc says why */
} KeyvalKind;

typedef struct KeyvalRow {
    const char *key;
    KeyvalKind kind;
    size_t offset;
    const char *doc;
    const char *const *names; /* KEYVAL_ENUM, NULL-terminated */
} KeyvalRow;

/*
 * keyval_apply - store every pair of @list into @target by the rows.
 * @where: what the pairs belong to, for the message ("chardev file"); may be NULL
 *
 * Unknown keys and bad values are errors that list what is accepted.  Values stored
 * before the error stay.
 */
bool keyval_apply(const KeyvalList *list, const KeyvalRow *rows, unsigned count,
                  void *target, const char *where, GError **errp);

/*
 * keyval_pick - the pairs of @list whose keys are (@known) or are not those of @rows, in
 * order: for settings that two tables share.
 */
KeyvalList *keyval_pick(const KeyvalList *list, const KeyvalRow *rows, unsigned count,
                        bool known);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeyvalList, keyval_free)

#endif
