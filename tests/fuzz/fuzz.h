/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fuzz targets share: the entry point libFuzzer calls, and how a broken promise
 * is told.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise of the function under test; breaking it is a finding, like a crash. */
#define fuzz_promise(holds)                                                              \
    do {                                                                                 \
        if (!(holds)) {                                                                  \
            g_printerr("%s:%d: broken promise: %s\n", __FILE__, __LINE__, #holds);       \
            abort();                                                                     \
        }                                                                                \
    } while (0)

/* An error is one line, and there exactly when the call failed. */
#define fuzz_promise_error(failed, error)                                                \
    do {                                                                                 \
        fuzz_promise((failed) == ((error) != NULL));                                     \
        if (error) {                                                                     \
            fuzz_promise((error)->message[0] && !strchr((error)->message, '\n'));        \
        }                                                                                \
    } while (0)

#endif
