/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -chardev, -serial, -qmp, -mon and other options about streams. */
#include <string.h>

#include "chardev/chardev.h"
#include "util/error.h"

#include "system/cmdline/options.h"

bool spec_has_chardev(const VmSpec *spec, const char *id)
{
    for (unsigned i = 0; i < spec->chardevs->len; i++) {
        const ChardevConfig *config = g_ptr_array_index(spec->chardevs, i);

        if (strcmp(config->id, id) == 0) {
            return true;
        }
    }
    return false;
}

static bool add_chardev(VmSpec *spec, ChardevConfig *config, GError **errp)
{
    if (spec_has_chardev(spec, config->id)) {
        error_set(errp, "there is a chardev with id=%s already", config->id);
        chardev_config_free(config);
        return false;
    }
    g_ptr_array_add(spec->chardevs, config);
    return true;
}

bool spec_add_short_chardev(VmSpec *spec, const char *text, const char *id, GError **errp)
{
    ChardevConfig *config = chardev_config_parse_legacy(text, id, errp);

    return config && add_chardev(spec, config, errp);
}

bool option_chardev(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    ChardevConfig *config;

    (void)row; /* the only one */
    if (strcmp(arg, "help") == 0 || strcmp(arg, "?") == 0) {
        cmd->spec->query = SPEC_QUERY_CHARDEVS;
        return true;
    }
    config = chardev_config_parse(arg, errp);
    return config && add_chardev(cmd->spec, config, errp);
}

bool option_serial(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    GPtrArray *serials = cmd->spec->serials;
    g_autofree char *id = g_strdup_printf("serial%u", serials->len);

    (void)row; /* the only one */
    if (strcmp(arg, "none") == 0) {
        g_ptr_array_add(serials, g_strdup(""));
        return true;
    }
    if (g_str_has_prefix(arg, "chardev:")) {
        arg += strlen("chardev:");
        if (arg[0] == '\0') {
            error_set(errp, "the chardev's id is missing");
            return false;
        }
        g_ptr_array_add(serials, g_strdup(arg));
        return true;
    }
    if (!spec_add_short_chardev(cmd->spec, arg, id, errp)) {
        return false;
    }
    g_ptr_array_add(serials, g_steal_pointer(&id));
    return true;
}

bool option_nographic(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    (void)row;
    (void)arg;
    (void)errp; /* cannot fail */
    cmd->spec->is_nographic = true;
    return true;
}

bool option_monitor(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    (void)cmd;
    (void)row; /* the only one */
    if (strcmp(arg, "none") != 0 && strcmp(arg, "null") != 0) {
        error_set(errp,
                  "there is no human monitor, only 'none' is possible; -qmp opens a "
                  "QMP monitor");
        return false;
    }
    return true;
}

static void add_monitor(Cmdline *cmd, const char *id, const char *chardev, bool is_pretty)
{
    SpecMonitor *monitor = g_new0(SpecMonitor, 1);

    monitor->text = g_strdup(cmd->text);
    monitor->id = g_strdup(id);
    monitor->chardev = g_strdup(chardev);
    monitor->is_pretty = is_pretty;
    g_ptr_array_add(cmd->spec->monitors, monitor);
}

static bool add_qmp(Cmdline *cmd, const char *arg, bool is_pretty, GError **errp)
{
    g_autofree char *id = g_strdup_printf("compat_monitor%u", cmd->qmp_count);

    if (strcmp(arg, "none") == 0) {
        return true;
    }
    if (g_str_has_prefix(arg, "chardev:")) {
        add_monitor(cmd, NULL, arg + strlen("chardev:"), is_pretty);
        return true;
    }
    if (!spec_add_short_chardev(cmd->spec, arg, id, errp)) {
        return false;
    }
    cmd->qmp_count++;
    add_monitor(cmd, id, id, is_pretty);
    return true;
}

bool option_qmp(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    (void)row; /* the only one */
    return add_qmp(cmd, arg, false, errp);
}

bool option_qmp_pretty(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    (void)row; /* the only one */
    return add_qmp(cmd, arg, true, errp);
}

typedef struct Mon {
    char *chardev;
    char *id;
    int mode;
    bool is_pretty;
} Mon;

static const char *const mode_words[] = {"readline", "control", NULL};

const KeyvalRow mon_keys[MON_KEY_COUNT] = {
    {"chardev", KEYVAL_STRING, offsetof(Mon, chardev), "id of the chardev", NULL},
    {"id", KEYVAL_STRING, offsetof(Mon, id), "the monitor's own id", NULL},
    {"mode", KEYVAL_ENUM, offsetof(Mon, mode), "control is QMP", mode_words},
    {"pretty", KEYVAL_BOOL, offsetof(Mon, is_pretty), "indented answers", NULL},
};

bool option_mon(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    g_autoptr(KeyvalList) list = keyval_parse(arg, "chardev", errp);
    Mon mon = {0};
    bool ok = list && keyval_apply(list, row->keys, row->key_count, &mon, NULL, errp);

    if (ok && !mon.chardev) {
        error_set(errp, "chardev= is missing");
        ok = false;
    } else if (ok && mon.mode == 0) {
        error_set(errp, "there is no human monitor, mode=control is needed");
        ok = false;
    } else if (ok) {
        add_monitor(cmd, mon.id, mon.chardev, mon.is_pretty);
    }
    g_free(mon.chardev);
    g_free(mon.id);
    return ok;
}

typedef struct AddFd {
    unsigned fd;
    unsigned set;
    char *opaque;
} AddFd;

const KeyvalRow add_fd_keys[ADD_FD_KEY_COUNT] = {
    {"fd", KEYVAL_UINT, offsetof(AddFd, fd), "number of an open descriptor", NULL},
    {"set", KEYVAL_UINT, offsetof(AddFd, set), "the set it joins", NULL},
    {"opaque", KEYVAL_STRING, offsetof(AddFd, opaque), "a remark", NULL},
};

bool option_add_fd(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    g_autoptr(KeyvalList) list = keyval_parse(arg, NULL, errp);
    AddFd add = {0};
    SpecFd *fd;

    if (!list || !keyval_apply(list, row->keys, row->key_count, &add, NULL, errp)) {
        g_free(add.opaque);
        return false;
    }
    if (!keyval_get(list, "fd") || !keyval_get(list, "set") || add.fd < 3 ||
        add.fd > INT32_MAX) {
        error_set(errp, "fd= (3 or more) and set= are needed");
        g_free(add.opaque);
        return false;
    }
    fd = g_new0(SpecFd, 1);
    fd->text = g_strdup(cmd->text);
    fd->opaque = add.opaque;
    fd->set = add.set;
    fd->fd = (int)add.fd;
    g_ptr_array_add(cmd->spec->fds, fd);
    return true;
}
