/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a subcommand gets its host from.
 */
#include <string.h>

#include "accel/host-probe.h"
#include "util/file.h"
#include "util/json.h"
#include "vpmu.h"

#define FILE_MAX (16 * 1024 * 1024)

json_object *vpmu_read_json(const char *path, GError **errp)
{
    g_autoptr(FileSys) fs = file_sys_new("");
    size_t len;
    g_autofree char *text = file_read(fs, path, FILE_MAX, &len, errp);
    json_object *json = text ? json_parse(text, (gssize)len, errp) : NULL;

    if (text && !json) {
        g_prefix_error(errp, "%s: ", path);
    }
    return json;
}

static HostProfile *probe_live(GError **errp)
{
    g_autoptr(KvmSys) sys = kvm_sys_new_real("/dev/kvm", errp);
    g_autoptr(FileSys) fs = file_sys_new("");

    return sys ? kvm_host_profile_probe(sys, fs, errp) : NULL;
}

HostProfile *vpmu_load_host(const char *from, GError **errp)
{
    g_autojson *json = NULL;
    HostProfile *host;

    if (strcmp(from, "live") == 0) {
        return probe_live(errp);
    }
    json = vpmu_read_json(from, errp);
    if (!json) {
        return NULL;
    }
    host = host_profile_parse(json, errp);
    if (!host) {
        g_prefix_error(errp, "%s: ", from);
    }
    return host;
}
