/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dumps of CPUID, through libvpmu.  The first line is the settings, the rest the dump; a
 * host that comes of it is written and read again, and asked for the most it has.
 */
#include "fuzz.h"

#include <string.h>

#include "vpmu/vpmu.h"

/* A status and a message go together, and nothing is given where it failed. */
static void check(VpmuStatus status, const void *given, char *message)
{
    fuzz_promise((status == VPMU_OK) == (given != NULL));
    fuzz_promise((status == VPMU_OK) == (message == NULL));
    fuzz_promise(!message || (message[0] && !strchr(message, '\n')));
    vpmu_free(message);
}

static void use(const VpmuHost *host)
{
    char *text = vpmu_host_to_json(host), *message = NULL;
    VpmuHost *again = NULL;
    VpmuRequest *most = NULL;
    VpmuPlan *plan = NULL;

    check(vpmu_host_parse(text, strlen(text), &again, &message), again, message);
    fuzz_promise(again);
    fuzz_promise(vpmu_request_most(vpmu_host_arch(host), &most, NULL) == VPMU_OK);
    fuzz_promise(vpmu_resolve(most, again, &plan, NULL) == VPMU_OK);
    if (vpmu_plan_is_resolved(plan)) {
        /* Whether it can run there is for whole dumps to say: x86-walk walks those. */
        (void)vpmu_check(vpmu_plan_contract(plan), host, NULL);
    }
    vpmu_plan_free(plan);
    vpmu_request_free(most);
    vpmu_host_free(again);
    vpmu_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    size_t len = end ? (size_t)(end - data) : 0;
    g_autofree char *settings = end ? g_strndup((const char *)data, len) : NULL;
    size_t rest = end ? size - len - 1 : size;
    char *message = NULL;
    VpmuHost *host = NULL;

    check(vpmu_host_parse_cpuid(end ? (const char *)end + 1 : (const char *)data, rest,
                                "fuzz", settings, &host, &message),
          host, message);
    if (host) {
        use(host);
    }
    vpmu_host_free(host);
    return 0;
}
