/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include <string.h>

#include "util/cpu-set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CpuSet) set = cpu_set_parse((const char *)data, size, &error);

    fuzz_promise_error(!set, error);
    if (set) {
        g_autofree char *text = cpu_set_format(set);
        g_autoptr(CpuSet) again = cpu_set_parse_list(text, NULL);

        fuzz_promise(data[size - 1] == '\n');
        fuzz_promise(again && cpu_set_covers(set, again) && cpu_set_covers(again, set));
        /* At most neighbours are joined: "0,1" is "0-1". */
        fuzz_promise(strlen(text) + 1 <= size);
    }
    return 0;
}
