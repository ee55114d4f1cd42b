/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include <string.h>

#include "util/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autojson *value = json_parse((const char *)data, (gssize)size, &error);

    fuzz_promise_error(!value, error);
    if (value) {
        g_autofree char *text = json_format(value);
        g_autoptr(GError) again_error = NULL;
        g_autojson *again = json_parse(text, -1, &again_error);
        g_autofree char *again_text = again ? json_format(again) : NULL;

        fuzz_promise(again);
        fuzz_promise(!strcmp(text, again_text));
    }
    return 0;
}
