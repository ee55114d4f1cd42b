/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include <string.h>

#include "target/host-profile.h"
#include "util/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HostProfile) host =
        host_profile_parse_text((const char *)data, (gssize)size, &error);

    fuzz_promise_error(!host, error);
    if (host) {
        /* Written and read again it is the same profile. */
        g_autojson *json = host_profile_format(host);
        g_autofree char *text = json_format(json);
        g_autoptr(GError) again_error = NULL;
        g_autoptr(HostProfile) again = host_profile_parse_text(text, -1, &again_error);
        g_autojson *again_json = again ? host_profile_format(again) : NULL;
        g_autofree char *again_text = again_json ? json_format(again_json) : NULL;

        fuzz_promise(again);
        fuzz_promise(!strcmp(text, again_text));
    }
    return 0;
}
