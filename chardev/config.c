/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "chardev/chardev.h"

#include <string.h>
#include <unistd.h>

#include "backend.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/keyval.h"
#include "util/number.h"

static const char *const backend_names[] = {
    [CHARDEV_NULL] = "null", [CHARDEV_STDIO] = "stdio",   [CHARDEV_FILE] = "file",
    [CHARDEV_PTY] = "pty",   [CHARDEV_SOCKET] = "socket", [CHARDEV_RINGBUF] = "ringbuf",
};

const char *chardev_backend_name(ChardevBackend backend)
{
    return backend < CHARDEV_BACKEND_COUNT ? backend_names[backend] : NULL;
}

#define CONFIG(field) offsetof(ChardevConfig, field)

/* Settings by backend; a row of backend COUNT belongs to all of them. */
static const struct {
    ChardevBackend backend;
    KeyvalRow row;
} setting_rows[] = {
    {CHARDEV_BACKEND_COUNT, {"id", KEYVAL_STRING, CONFIG(id), NULL, NULL}},
    {CHARDEV_BACKEND_COUNT, {"mux", KEYVAL_BOOL, CONFIG(is_mux), NULL, NULL}},
    {CHARDEV_BACKEND_COUNT, {"logfile", KEYVAL_STRING, CONFIG(log_path), NULL, NULL}},
    {CHARDEV_BACKEND_COUNT,
     {"logappend", KEYVAL_BOOL, CONFIG(is_log_append), NULL, NULL}},
    {CHARDEV_STDIO, {"signal", KEYVAL_BOOL, CONFIG(is_signal), NULL, NULL}},
    {CHARDEV_FILE, {"path", KEYVAL_STRING, CONFIG(path), NULL, NULL}},
    {CHARDEV_FILE, {"append", KEYVAL_BOOL, CONFIG(is_append), NULL, NULL}},
    {CHARDEV_SOCKET, {"path", KEYVAL_STRING, CONFIG(path), NULL, NULL}},
    {CHARDEV_SOCKET, {"host", KEYVAL_STRING, CONFIG(host), NULL, NULL}},
    {CHARDEV_SOCKET, {"port", KEYVAL_STRING, CONFIG(port), NULL, NULL}},
    {CHARDEV_SOCKET, {"fd", KEYVAL_STRING, CONFIG(fd_name), NULL, NULL}},
    {CHARDEV_SOCKET, {"server", KEYVAL_BOOL, CONFIG(is_server), NULL, NULL}},
    {CHARDEV_SOCKET, {"wait", KEYVAL_BOOL, CONFIG(is_wait), NULL, NULL}},
    {CHARDEV_SOCKET, {"nodelay", KEYVAL_IGNORE, 0, NULL, NULL}},
    {CHARDEV_SOCKET, {"delay", KEYVAL_IGNORE, 0, NULL, NULL}},
    {CHARDEV_SOCKET, {"telnet", KEYVAL_REFUSE, 0, "there is no telnet here", NULL}},
    {CHARDEV_SOCKET, {"tn3270", KEYVAL_REFUSE, 0, "there is no tn3270 here", NULL}},
    {CHARDEV_SOCKET,
     {"websocket", KEYVAL_REFUSE, 0, "there are no websockets here", NULL}},
    {CHARDEV_SOCKET, {"tls-creds", KEYVAL_REFUSE, 0, "there is no TLS here", NULL}},
    {CHARDEV_SOCKET, {"reconnect", KEYVAL_REFUSE, 0, "clients do not reconnect", NULL}},
    {CHARDEV_RINGBUF, {"size", KEYVAL_SIZE, CONFIG(size_bytes), NULL, NULL}},
};

/* Old spellings: a bare word that begins with "no" switches off. */
static const struct {
    const char *old;
    const char *key;
} negated_words[] = {{"noserver", "server"}, {"nowait", "wait"}};

static KeyvalList *modernise(const KeyvalList *list)
{
    KeyvalList *result = keyval_new();

    for (unsigned i = 0; i < keyval_count(list); i++) {
        const KeyvalPair *pair = keyval_at(list, i);
        const char *key = pair->key;
        const char *value = pair->value;

        for (unsigned k = 0; k < ARRAY_LEN(negated_words); k++) {
            if (strcmp(key, negated_words[k].old) == 0 && strcmp(value, "on") == 0) {
                key = negated_words[k].key;
                value = "off";
            }
        }
        keyval_add(result, key, value);
    }
    return result;
}

static bool need(const char *value, const char *key, GError **errp)
{
    if (!value || value[0] == '\0') {
        error_set(errp, "%s= is missing", key);
        return false;
    }
    return true;
}

static bool check_socket(ChardevConfig *config, GError **errp)
{
    unsigned kinds =
        (config->path != NULL) + (config->port != NULL) + (config->fd_name != NULL);
    uint64_t fd;

    if (kinds != 1) {
        error_set(errp, "a socket needs one of path=, port= and fd=");
        return false;
    }
    if (config->host && !config->port) {
        error_set(errp, "host= goes with port= only");
        return false;
    }
    if (config->port && !number_is_port(config->port)) {
        error_set(errp, "port=%s is no port: a number of 0 to 65535 or a service's name",
                  config->port);
        return false;
    }
    if (config->fd_name) {
        if (!number_parse_uint64(config->fd_name, &fd) || fd > INT32_MAX) {
            error_set(errp, "fd=%s is no number of a descriptor", config->fd_name);
            return false;
        }
        config->fd = (int)fd;
    }
    config->is_wait = config->is_wait && config->is_server;
    return true;
}

static bool check_config(ChardevConfig *config, GError **errp)
{
    if (!need(config->id, "id", errp)) {
        return false;
    }
    switch (config->backend) {
    case CHARDEV_FILE:
        return need(config->path, "path", errp);
    case CHARDEV_SOCKET:
        return check_socket(config, errp);
    case CHARDEV_RINGBUF:
        if (config->size_bytes & (config->size_bytes - 1) ||
            config->size_bytes > 16 * MIB) {
            error_set(errp, "size=%" G_GUINT64_FORMAT " is no power of two up to 16M",
                      config->size_bytes);
            return false;
        }
        return true;
    default:
        return true;
    }
}

static ChardevConfig *config_new(ChardevBackend backend, const char *text)
{
    ChardevConfig *config = g_new0(ChardevConfig, 1);

    config->backend = backend;
    config->text = g_strdup(text);
    config->fd = -1;
    config->log_fd = -1;
    config->is_signal = true;
    config->is_wait = true;
    return config;
}

static bool apply_settings(ChardevConfig *config, const KeyvalList *list, GError **errp)
{
    g_autoptr(KeyvalList) modern = modernise(list);
    g_autofree char *where =
        g_strdup_printf("chardev %s", chardev_backend_name(config->backend));
    KeyvalRow rows[ARRAY_LEN(setting_rows)];
    unsigned count = 0;

    for (unsigned i = 0; i < ARRAY_LEN(setting_rows); i++) {
        if (setting_rows[i].backend == CHARDEV_BACKEND_COUNT ||
            setting_rows[i].backend == config->backend) {
            rows[count++] = setting_rows[i].row;
        }
    }
    if (!keyval_apply(modern, rows, count, config, where, errp)) {
        return false;
    }
    if (!check_config(config, errp)) {
        g_prefix_error(errp, "%s: ", where);
        return false;
    }
    return true;
}

static bool find_backend(const char *name, ChardevBackend *ret, GError **errp)
{
    g_autoptr(GString) all = g_string_new(NULL);

    for (unsigned i = 0; i < CHARDEV_BACKEND_COUNT; i++) {
        if (g_strcmp0(name, backend_names[i]) == 0) {
            *ret = (ChardevBackend)i;
            return true;
        }
        g_string_append_printf(all, "%s%s", i ? ", " : "", backend_names[i]);
    }
    error_set(errp, "there is no chardev backend '%s', only: %s", name ? name : "",
              all->str);
    return false;
}

ChardevConfig *chardev_config_parse(const char *text, GError **errp)
{
    g_autoptr(KeyvalList) list = keyval_parse(text, "backend", errp);
    g_autofree char *name = list ? keyval_take(list, "backend") : NULL;
    g_autoptr(ChardevConfig) config = NULL;
    ChardevBackend backend;

    if (!list || !find_backend(name, &backend, errp)) {
        return NULL;
    }
    config = config_new(backend, text);
    return apply_settings(config, list, errp) ? g_steal_pointer(&config) : NULL;
}

/* "tcp:host:port,server=on" and "unix:path,server=on" to settings. */
static KeyvalList *parse_legacy_socket(const char *text, bool is_unix, GError **errp)
{
    g_autofree char *host = NULL;
    char *colon;
    g_autoptr(KeyvalList) list = keyval_parse(text, is_unix ? "path" : "address", errp);
    g_autofree char *address = list && !is_unix ? keyval_take(list, "address") : NULL;

    if (!list) {
        return NULL;
    }
    if (!is_unix) {
        colon = address ? strrchr(address, ':') : NULL;
        if (!colon) {
            error_set(errp, "'tcp:%s' is not tcp:host:port", text);
            return NULL;
        }
        host = g_strndup(address, (gsize)(colon - address));
        if (host[0] == '[' && colon[-1] == ']') { /* IPv6 */
            memmove(host, host + 1, strlen(host));
            host[strlen(host) - 1] = '\0';
        }
        keyval_add(list, "host", host);
        keyval_add(list, "port", colon + 1);
    }
    return g_steal_pointer(&list);
}

/* The part of the short form behind the backend's name, as settings. */
static KeyvalList *parse_legacy(const char *text, ChardevBackend *ret, GError **errp)
{
    static const struct {
        const char *prefix;
        ChardevBackend backend;
        const char *implied_key;
    } forms[] = {
        {"file:", CHARDEV_FILE, "path"},
        {"unix:", CHARDEV_SOCKET, NULL},
        {"tcp:", CHARDEV_SOCKET, NULL},
    };
    KeyvalList *list;

    for (unsigned i = 0; i < ARRAY_LEN(forms); i++) {
        const char *rest = text + strlen(forms[i].prefix);

        if (!g_str_has_prefix(text, forms[i].prefix)) {
            continue;
        }
        *ret = forms[i].backend;
        if (forms[i].backend == CHARDEV_SOCKET) {
            return parse_legacy_socket(rest, i == 1, errp);
        }
        list = keyval_new();
        keyval_add(list, forms[i].implied_key, rest); /* commas belong to the name */
        return list;
    }
    if (strcmp(text, "stdio") == 0 || strcmp(text, "pty") == 0 ||
        strcmp(text, "null") == 0) {
        return find_backend(text, ret, errp) ? keyval_new() : NULL;
    }
    error_set(errp,
              "'%s' is none of: none, null, stdio, mon:stdio, pty, file:PATH, unix:PATH, "
              "tcp:HOST:PORT, chardev:ID",
              text);
    return NULL;
}

ChardevConfig *chardev_config_parse_legacy(const char *text, const char *id,
                                           GError **errp)
{
    bool is_mux = g_str_has_prefix(text, "mon:");
    g_autoptr(KeyvalList) list = NULL;
    g_autoptr(ChardevConfig) config = NULL;
    ChardevBackend backend;

    list = parse_legacy(is_mux ? text + strlen("mon:") : text, &backend, errp);
    if (!list) {
        return NULL;
    }
    config = config_new(backend, text);
    keyval_add(list, "id", id);
    config->is_mux = is_mux;
    config->is_signal = !is_mux; /* Ctrl-C belongs to the guest then */
    return apply_settings(config, list, errp) ? g_steal_pointer(&config) : NULL;
}

ChardevConfig *chardev_config_copy(const ChardevConfig *config)
{
    ChardevConfig *copy = g_memdup2(config, sizeof(*config));
    char **const strings[] = {&copy->id,   &copy->text,    &copy->path,    &copy->host,
                              &copy->port, &copy->fd_name, &copy->log_path};

    for (unsigned i = 0; i < G_N_ELEMENTS(strings); i++) {
        *strings[i] = g_strdup(*strings[i]);
    }
    copy->fd = -1;
    copy->log_fd = -1;
    return copy;
}

void chardev_config_free(ChardevConfig *config)
{
    if (!config) {
        return;
    }
    if (config->fd >= 0 && !config->fd_name) {
        close(config->fd);
    }
    if (config->log_fd >= 0) {
        close(config->log_fd);
    }
    g_free(config->id);
    g_free(config->text);
    g_free(config->path);
    g_free(config->host);
    g_free(config->port);
    g_free(config->fd_name);
    g_free(config->log_path);
    g_free(config);
}
