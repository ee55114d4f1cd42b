/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole command lines, one word a line, through libvpmu.  The first byte picks the
 * architecture; a request that comes of it is resolved on a host without anything, twice.
 */
#include "fuzz.h"

#include <string.h>

#include "vpmu/vpmu.h"

static const char empty_host[] =
    "{\"format\": \"vpmu-host-profile\", \"version\": 1, \"arch\": \"%s\", "
    "\"origin\": {\"kind\": \"recorded\"}, \"cpus\": {}, "
    "\"kvm\": {\"caps\": {}, \"modules\": {}}, \"event-sources\": [], "
    "\"x86\": {\"cpuid-supported\": {}, \"cpuid-host\": {}, \"feature-msrs\": {}, "
    "\"msr-indices\": []}, \"arm\": {\"midr\": \"0x0\", \"id-regs\": {}, "
    "\"set-pmu\": true, \"nr-counters\": false, \"fixed-counters-only\": false, "
    "\"pmu-counters\": 0}}";

static VpmuHost *host_new(VpmuArch arch)
{
    g_autofree char *text = g_strdup_printf(empty_host, vpmu_arch_name(arch));
    char *message = NULL;
    VpmuHost *host = NULL;

    if (vpmu_host_parse(text, strlen(text), &host, &message) != VPMU_OK) {
        g_printerr("%s\n", message);
    }
    fuzz_promise(host);
    return host;
}

static char *resolve(const VpmuRequest *request, const VpmuHost *host)
{
    VpmuPlan *plan = NULL;
    char *text;

    fuzz_promise(vpmu_resolve(request, host, &plan, NULL) == VPMU_OK);
    fuzz_promise(!vpmu_plan_contract(plan) == !vpmu_plan_is_resolved(plan));
    text = vpmu_plan_to_text(plan);
    vpmu_plan_free(plan);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    VpmuArch arch = size && data[0] & 1 ? VPMU_AARCH64 : VPMU_X86_64;
    g_autofree char *text = size ? g_strndup((const char *)data + 1, size - 1) : NULL;
    g_auto(GStrv) words = text ? g_strsplit(text, "\n", -1) : NULL;
    VpmuRequest *request = NULL;
    char *message = NULL;
    VpmuStatus status;

    if (!words) {
        return 0;
    }
    status = vpmu_request_from_args(arch, (int)g_strv_length(words),
                                    (const char *const *)words, &request, &message);
    fuzz_promise((status == VPMU_OK) == (request != NULL));
    fuzz_promise((status == VPMU_OK) == (message == NULL));
    fuzz_promise(!message || (message[0] && !strchr(message, '\n')));
    if (request) {
        VpmuHost *host = host_new(arch);
        char *one = resolve(request, host), *two = resolve(request, host);

        fuzz_promise(strcmp(one, two) == 0);
        vpmu_free(one);
        vpmu_free(two);
        vpmu_host_free(host);
    }
    vpmu_request_free(request);
    vpmu_free(message);
    return 0;
}
