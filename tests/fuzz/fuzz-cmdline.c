/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One argument per line of the input. */
#include "fuzz.h"

#include <string.h>

#include "system/cmdline/cmdline.h"
#include "system/cmdline/vm-spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) argv = g_strsplit(text, "\n", 64);
    g_autoptr(GError) error = NULL;
    g_autoptr(VmSpec) spec = cmdline_parse((int)g_strv_length(argv), argv, &error);

    fuzz_promise_error(!spec, error);
    return 0;
}
