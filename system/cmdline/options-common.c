/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handlers that several options share, and those about running. */
#include <string.h>

#include "util/bits.h"
#include "util/error.h"

#include "spec-new.h"
#include "system/cmdline/options.h"

bool option_set_flag(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    (void)arg;
    (void)errp; /* cannot fail */
    *(bool *)((char *)cmd->spec + row->offset) = true;
    return true;
}

bool option_set_string(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    char **place = (char **)((char *)cmd->spec + row->offset);

    if (arg[0] == '\0' && strcmp(row->name, "append") != 0) {
        error_set(errp, "its argument is empty");
        return false;
    }
    g_free(*place);
    *place = g_strdup(arg);
    return true;
}

bool option_apply_keys(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    g_autoptr(KeyvalList) list = keyval_parse(arg, NULL, errp);

    return list && keyval_apply(list, row->keys, row->key_count, cmd->spec, NULL, errp);
}

bool option_ignore(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    (void)cmd;
    (void)row;
    (void)arg;
    (void)errp; /* accepted as it is */
    return true;
}

bool option_refuse(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    (void)cmd;
    (void)arg; /* no value helps */
    error_set(errp, "%s", row->help);
    return false;
}

bool option_accept_none(Cmdline *cmd, const OptionRow *row, const char *arg,
                        GError **errp)
{
    (void)cmd; /* nothing to note */
    if (strcmp(arg, "none") != 0) {
        error_set(errp, "only 'none' is possible (%s)", row->help);
        return false;
    }
    return true;
}

bool option_query(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    (void)arg;
    (void)errp; /* cannot fail */
    cmd->spec->query = (SpecQuery)row->offset;
    return true;
}

bool option_dry_run(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    (void)row; /* the only one */
    if (!arg || strcmp(arg, "table") == 0) {
        cmd->spec->dry_run = SPEC_DRY_RUN_TABLE;
    } else if (strcmp(arg, "json") == 0) {
        cmd->spec->dry_run = SPEC_DRY_RUN_JSON;
    } else {
        error_set(errp, "only 'table' and 'json' are possible");
        return false;
    }
    return true;
}

#define SPEC(field) offsetof(VmSpec, field)

const KeyvalRow name_keys[NAME_KEY_COUNT] = {
    {"guest", KEYVAL_STRING, SPEC(name), "the guest's name", NULL},
    {"debug-threads", KEYVAL_BOOL, SPEC(is_debug_threads), "name the threads", NULL},
    {"process", KEYVAL_IGNORE, 0, "name of the process", NULL},
};

bool option_name(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    g_autoptr(KeyvalList) list = keyval_parse(arg, "guest", errp);

    return list && keyval_apply(list, row->keys, row->key_count, cmd->spec, NULL, errp);
}

bool option_uuid(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    (void)row; /* the only one */
    if (!g_uuid_string_is_valid(arg)) {
        error_set(errp, "this is no UUID like 01234567-89ab-cdef-0123-456789abcdef");
        return false;
    }
    g_free(cmd->spec->uuid);
    cmd->spec->uuid = g_ascii_strdown(arg, -1);
    return true;
}

const KeyvalRow msg_keys[MSG_KEY_COUNT] = {
    {"timestamp", KEYVAL_BOOL, SPEC(is_timestamps), "the time before each message", NULL},
    {"guest-name", KEYVAL_IGNORE, 0, "the guest's name before each message", NULL},
};

const KeyvalRow run_with_keys[RUN_WITH_KEY_COUNT] = {
    {"async-teardown", KEYVAL_REFUSE, 0, "memory is released when the program ends",
     NULL},
    {"exit-with-parent", KEYVAL_REFUSE, 0, "the program ends when it is told to", NULL},
    {"chroot", KEYVAL_REFUSE, 0, "start the program where it is to run", NULL},
    {"user", KEYVAL_REFUSE, 0, "start the program as the user it is to run as", NULL},
};

/* Adds @arg's pairs to @target after all keys were found in the row's table. */
static bool merge_known(const OptionRow *row, const char *arg, const char *implied,
                        KeyvalList *target, GError **errp)
{
    g_autoptr(KeyvalList) list = keyval_parse(arg, implied, errp);

    if (!list) {
        return false;
    }
    for (unsigned i = 0; i < keyval_count(list); i++) {
        const char *key = keyval_at(list, i)->key;
        unsigned k = 0;

        while (k < row->key_count && strcmp(row->keys[k].key, key) != 0) {
            k++;
        }
        if (k == row->key_count) {
            error_set(errp, "there is no setting '%s', possible are %s", key,
                      row->argument);
            return false;
        }
    }
    keyval_merge(target, list);
    return true;
}

static bool check_word(const KeyvalList *list, const char *key, const char *const *words,
                       GError **errp)
{
    const char *value = keyval_get(list, key);
    g_autofree char *all = NULL;

    if (!value || g_strv_contains(words, value)) {
        return true;
    }
    all = g_strjoinv(", ", (char **)words);
    error_set(errp, "%s: '%s' is not one of: %s", key, value, all);
    return false;
}

const KeyvalRow rtc_keys[RTC_KEY_COUNT] = {
    {"base", KEYVAL_STRING, 0, "utc, localtime or a date", NULL},
    {"clock", KEYVAL_STRING, 0, "host, rt or vm", NULL},
    {"driftfix", KEYVAL_STRING, 0, "none or slew", NULL},
};

static bool check_rtc_base(const char *base, GError **errp)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    g_autofree char *full = NULL;
    g_autoptr(GDateTime) date = NULL;

    if (!base || strcmp(base, "utc") == 0 || strcmp(base, "localtime") == 0) {
        return true;
    }
    full = strchr(base, 'T') ? g_strdup(base) : g_strdup_printf("%sT00:00:00", base);
    date = g_date_time_new_from_iso8601(full, zone);
    if (!date) {
        error_set(errp,
                  "base: '%s' is none of utc, localtime, 2006-06-17 and "
                  "2006-06-17T16:01:21",
                  base);
    }
    return date != NULL;
}

bool option_rtc(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    static const char *const clocks[] = {"host", "rt", "vm", NULL};
    static const char *const fixes[] = {"none", "slew", NULL};
    KeyvalList *rtc = cmd->spec->rtc;

    return merge_known(row, arg, NULL, rtc, errp) &&
           check_word(rtc, "clock", clocks, errp) &&
           check_word(rtc, "driftfix", fixes, errp) &&
           check_rtc_base(keyval_get(rtc, "base"), errp);
}

const KeyvalRow boot_keys[BOOT_KEY_COUNT] = {
    {"order", KEYVAL_STRING, 0, "drives in order", NULL},
    {"once", KEYVAL_STRING, 0, "drives for the first start only", NULL},
    {"menu", KEYVAL_BOOL, 0, "firmware shows a menu", NULL},
    {"splash", KEYVAL_STRING, 0, "a picture", NULL},
    {"splash-time", KEYVAL_UINT, 0, "how long it shows, in ms", NULL},
    {"reboot-timeout", KEYVAL_STRING, 0, "when firmware tries again, in ms", NULL},
    {"strict", KEYVAL_BOOL, 0, "try nothing but what was named", NULL},
};

bool option_boot(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    return merge_known(row, arg, "order", cmd->spec->boot, errp);
}

const KeyvalRow sandbox_keys[SANDBOX_KEY_COUNT] = {
    {"enable", KEYVAL_BOOL, 0, "switch it on", NULL},
    {"obsolete", KEYVAL_STRING, 0, "old system calls: allow or deny", NULL},
    {"elevateprivileges", KEYVAL_STRING, 0, "allow, deny or children", NULL},
    {"spawn", KEYVAL_STRING, 0, "new processes: allow or deny", NULL},
    {"resourcecontrol", KEYVAL_STRING, 0, "affinity and priority: allow or deny", NULL},
};

bool option_sandbox(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    static const char *const rules[] = {"allow", "deny", NULL};
    static const char *const privileges[] = {"allow", "deny", "children", NULL};
    g_autoptr(KeyvalList) list = keyval_new();
    bool is_on;

    if (!merge_known(row, arg, "enable", list, errp) ||
        !check_word(list, "obsolete", rules, errp) ||
        !check_word(list, "elevateprivileges", privileges, errp) ||
        !check_word(list, "spawn", rules, errp) ||
        !check_word(list, "resourcecontrol", rules, errp)) {
        return false;
    }
    if (!keyval_get(list, "enable")) {
        error_set(errp, "say on or off first");
        return false;
    }
    if (!keyval_parse_bool("enable", keyval_get(list, "enable"), &is_on, errp)) {
        return false;
    }
    g_clear_pointer(&cmd->spec->sandbox, keyval_free);
    cmd->spec->sandbox = is_on ? g_steal_pointer(&list) : NULL;
    return true;
}

bool option_trace(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    g_autoptr(KeyvalList) list = NULL;

    (void)row; /* the only one */
    if (strcmp(arg, "help") == 0 || strcmp(arg, "?") == 0) {
        cmd->spec->query = SPEC_QUERY_TRACE;
        return true;
    }
    list = keyval_parse(arg, "enable", errp);
    for (unsigned i = 0; list && i < keyval_count(list); i++) {
        const KeyvalPair *pair = keyval_at(list, i);

        if (strcmp(pair->key, "enable") == 0) {
            g_ptr_array_add(cmd->spec->trace, g_strdup(pair->value));
        } else if (strcmp(pair->key, "file") == 0) {
            g_free(cmd->spec->log_file);
            cmd->spec->log_file = g_strdup(pair->value);
        } else {
            error_set(errp, "there is no setting '%s', possible are enable, file",
                      pair->key);
            return false;
        }
    }
    return list != NULL;
}

typedef struct Actions {
    int reboot, shutdown, panic, watchdog;
} Actions;

static const char *const reboot_words[] = {"reset", "shutdown", NULL};
static const char *const shutdown_words[] = {"poweroff", "pause", NULL};
static const char *const panic_words[] = {"shutdown", "pause", "exit-failure", "none",
                                          NULL};

const KeyvalRow action_keys[ACTION_KEY_COUNT] = {
    {"reboot", KEYVAL_ENUM, offsetof(Actions, reboot), "on a reset", reboot_words},
    {"shutdown", KEYVAL_ENUM, offsetof(Actions, shutdown), "on power-off",
     shutdown_words},
    {"panic", KEYVAL_ENUM, offsetof(Actions, panic), "on a panic", panic_words},
    {"watchdog", KEYVAL_IGNORE, 0, "there is no watchdog", NULL},
};

bool option_action(Cmdline *cmd, const OptionRow *row, const char *arg, GError **errp)
{
    VmSpec *spec = cmd->spec;
    g_autoptr(KeyvalList) list = keyval_parse(arg, NULL, errp);
    Actions actions = {.reboot = spec->is_no_reboot,
                       .shutdown = spec->is_no_shutdown,
                       .panic = (int)spec->panic_action};

    if (!list || !keyval_apply(list, row->keys, row->key_count, &actions, NULL, errp)) {
        return false;
    }
    spec->is_no_reboot = actions.reboot;
    spec->is_no_shutdown = actions.shutdown;
    spec->panic_action = (SpecPanicAction)actions.panic;
    return true;
}
