/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -drive and -blockdev, taken apart. */
#include <string.h>

#include "block/block.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/keyval.h"

static const char *const error_actions[] = {
    [BLOCK_ERROR_ENOSPC] = "enospc",   [BLOCK_ERROR_REPORT] = "report",
    [BLOCK_ERROR_IGNORE] = "ignore",   [BLOCK_ERROR_STOP] = "stop",
    [BLOCK_ERROR_ACTION_COUNT] = NULL,
};

void block_config_free(BlockConfig *config)
{
    if (config) {
        g_free(config->text);
        g_free(config->id);
        g_free(config->node_name);
        g_free(config->filename);
        g_free(config->file);
        g_free(config->serial);
        g_free(config);
    }
}

static BlockConfig *config_new(const char *text)
{
    BlockConfig *config = g_new0(BlockConfig, 1);

    config->text = g_strdup(text);
    config->read_error = config->write_error = BLOCK_ERROR_REPORT;
    return config;
}

/* ---- -drive ---- */

/* Settings of a drive that are looked at one by one. */
typedef struct DriveSettings {
    BlockConfig *config;
    char *format, *cache, *aio, *discard, *detect_zeroes, *locking;
    int interface, media;
    bool is_snapshot, is_no_flush, is_direct, has_cache;
} DriveSettings;

typedef enum Media {
    MEDIA_DISK,
    MEDIA_CDROM,
} Media;

static const char *const interfaces[] = {
    [BLOCK_INTERFACE_NONE] = "none", [BLOCK_INTERFACE_VIRTIO] = "virtio", NULL};
static const char *const medias[] = {
    [MEDIA_DISK] = "disk", [MEDIA_CDROM] = "cdrom", NULL};

#define DRIVE(field)  offsetof(DriveSettings, field)
#define CONFIG(field) offsetof(BlockConfig, field)
#define NOT_HERE      "there is no controller of that kind here; if=virtio or -device"

static const KeyvalRow drive_rows[] = {
    {"format", KEYVAL_STRING, DRIVE(format), NULL, NULL},
    {"cache", KEYVAL_STRING, DRIVE(cache), NULL, NULL},
    {"aio", KEYVAL_STRING, DRIVE(aio), NULL, NULL},
    {"discard", KEYVAL_STRING, DRIVE(discard), NULL, NULL},
    {"detect-zeroes", KEYVAL_STRING, DRIVE(detect_zeroes), NULL, NULL},
    {"file.locking", KEYVAL_STRING, DRIVE(locking), NULL, NULL},
    {"if", KEYVAL_ENUM, DRIVE(interface), NULL, interfaces},
    {"media", KEYVAL_ENUM, DRIVE(media), NULL, medias},
    {"cache.direct", KEYVAL_BOOL, DRIVE(is_direct), NULL, NULL},
    {"cache.no-flush", KEYVAL_BOOL, DRIVE(is_no_flush), NULL, NULL},
    {"snapshot", KEYVAL_REFUSE, 0, "a writable image is needed, or readonly=on", NULL},
    {"bus", KEYVAL_REFUSE, 0, NOT_HERE, NULL},
    {"unit", KEYVAL_REFUSE, 0, NOT_HERE, NULL},
    {"index", KEYVAL_IGNORE, 0, NULL, NULL},
};

static const KeyvalRow config_rows[] = {
    {"file", KEYVAL_STRING, CONFIG(filename), NULL, NULL},
    {"id", KEYVAL_STRING, CONFIG(id), NULL, NULL},
    {"node-name", KEYVAL_STRING, CONFIG(node_name), NULL, NULL},
    {"serial", KEYVAL_STRING, CONFIG(serial), NULL, NULL},
    {"readonly", KEYVAL_BOOL, CONFIG(is_read_only), NULL, NULL},
    {"read-only", KEYVAL_BOOL, CONFIG(is_read_only), NULL, NULL},
    {"rerror", KEYVAL_ENUM, CONFIG(read_error), NULL, error_actions},
    {"werror", KEYVAL_ENUM, CONFIG(write_error), NULL, error_actions},
};

/* What each word of cache= stands for: QEMU's table of cache modes. */
static const struct {
    const char *name;
    bool is_direct, is_no_flush, is_writethrough;
} cache_modes[] = {
    {"writeback", false, false, false},   {"none", true, false, false},
    {"writethrough", false, false, true}, {"directsync", true, false, true},
    {"unsafe", false, true, false},
};

static bool apply_cache(BlockConfig *config, const char *mode, GError **errp)
{
    for (unsigned i = 0; i < ARRAY_LEN(cache_modes); i++) {
        if (strcmp(mode, cache_modes[i].name) == 0) {
            config->is_direct |= cache_modes[i].is_direct;
            config->is_no_flush |= cache_modes[i].is_no_flush;
            config->is_writethrough |= cache_modes[i].is_writethrough;
            return true;
        }
    }
    error_set(errp,
              "cache=%s: writeback, none, writethrough, directsync and unsafe are "
              "accepted",
              mode);
    return false;
}

static bool check_word(const char *key, const char *value, const char *const *accepted,
                       GError **errp)
{
    g_autofree char *all = NULL;

    if (!value || g_strv_contains(accepted, value)) {
        return true;
    }
    all = g_strjoinv(", ", (char **)accepted);
    error_set(errp, "%s=%s: accepted are %s", key, value, all);
    return false;
}

static const char *const discards[] = {"ignore", "off", "unmap", "on", NULL};
static const char *const zero_modes[] = {"off", "on", "unmap", NULL};
static const char *const aios[] = {"threads", "native", "io_uring", NULL};
static const char *const lockings[] = {"auto", "on", "off", NULL};

/* Words that a drive and a node have in common. */
static bool apply_words(BlockConfig *config, const char *aio, const char *discard,
                        const char *zeroes, const char *locking, GError **errp)
{
    if (!check_word("aio", aio, aios, errp) ||
        !check_word("discard", discard, discards, errp) ||
        !check_word("detect-zeroes", zeroes, zero_modes, errp) ||
        !check_word("locking", locking, lockings, errp)) {
        return false;
    }
    config->is_unmap =
        discard && (strcmp(discard, "unmap") == 0 || strcmp(discard, "on") == 0);
    config->detects_zeroes = zeroes && strcmp(zeroes, "off") != 0;
    config->is_lock_off = locking && strcmp(locking, "off") == 0;
    return true;
}

static bool check_format(const char *format, GError **errp)
{
    if (format && strcmp(format, "raw") != 0) {
        error_set(errp,
                  "format '%s' cannot be used here, raw can; qemu-img convert -O raw "
                  "makes one of it",
                  format);
        return false;
    }
    return true;
}

/* A guest that is stopped on an error would have to be given its requests again. */
static bool check_actions(const BlockConfig *config, GError **errp)
{
    const int actions[] = {config->read_error, config->write_error};

    for (unsigned i = 0; i < ARRAY_LEN(actions); i++) {
        if (actions[i] != BLOCK_ERROR_REPORT && actions[i] != BLOCK_ERROR_IGNORE) {
            error_set(errp, "%s=%s: report and ignore are possible here",
                      i ? "werror" : "rerror", error_actions[actions[i]]);
            return false;
        }
    }
    return true;
}

static bool apply_drive(DriveSettings *settings, GError **errp)
{
    BlockConfig *config = settings->config;

    if (settings->media == MEDIA_CDROM) {
        error_set(errp, "media=cdrom: there is no CD drive here");
        return false;
    }
    config->interface = settings->interface;
    config->is_direct = settings->is_direct;
    config->is_no_flush = settings->is_no_flush;
    config->is_probed = !settings->format;
    if (!config->filename) {
        error_set(errp, "file= is missing");
        return false;
    }
    return check_actions(config, errp) && check_format(settings->format, errp) &&
           (!settings->cache || apply_cache(config, settings->cache, errp)) &&
           apply_words(config, settings->aio, settings->discard, settings->detect_zeroes,
                       settings->locking, errp);
}

static void drive_settings_clear(DriveSettings *settings)
{
    g_free(settings->format);
    g_free(settings->cache);
    g_free(settings->aio);
    g_free(settings->discard);
    g_free(settings->detect_zeroes);
    g_free(settings->locking);
}

/* Each pair goes to the table that knows its key. */
static bool apply_rows(DriveSettings *settings, const KeyvalList *list, GError **errp)
{
    g_autoptr(KeyvalList) own =
        keyval_pick(list, config_rows, ARRAY_LEN(config_rows), true);
    g_autoptr(KeyvalList) rest =
        keyval_pick(list, config_rows, ARRAY_LEN(config_rows), false);

    return keyval_apply(own, config_rows, ARRAY_LEN(config_rows), settings->config, NULL,
                        errp) &&
           keyval_apply(rest, drive_rows, ARRAY_LEN(drive_rows), settings, NULL, errp);
}

BlockConfig *block_config_parse_drive(const char *text, unsigned index, GError **errp)
{
    g_autofree char *whole = g_strdup_printf("-drive %s", text);
    g_autoptr(BlockConfig) config = config_new(whole);
    g_autoptr(KeyvalList) list = keyval_parse(text, NULL, errp);
    DriveSettings settings = {.config = config, .interface = BLOCK_INTERFACE_VIRTIO};
    bool ok;

    config->is_drive = true;
    ok = list && apply_rows(&settings, list, errp) && apply_drive(&settings, errp);
    drive_settings_clear(&settings);
    if (!ok) {
        return NULL;
    }
    if (!config->id) {
        config->id = g_strdup_printf("virtio%u", index);
    }
    return g_steal_pointer(&config);
}

/* ---- -blockdev ---- */

typedef struct NodeSettings {
    BlockConfig *config;
    char *aio, *discard, *detect_zeroes, *locking;
} NodeSettings;

#define NODE(field) offsetof(NodeSettings, field)

static const KeyvalRow node_config_rows[] = {
    {"node-name", KEYVAL_STRING, CONFIG(node_name), NULL, NULL},
    {"filename", KEYVAL_STRING, CONFIG(filename), NULL, NULL},
    {"file", KEYVAL_STRING, CONFIG(file), NULL, NULL},
    {"read-only", KEYVAL_BOOL, CONFIG(is_read_only), NULL, NULL},
    {"cache.direct", KEYVAL_BOOL, CONFIG(is_direct), NULL, NULL},
    {"cache.no-flush", KEYVAL_BOOL, CONFIG(is_no_flush), NULL, NULL},
};

static const KeyvalRow node_rows[] = {
    {"aio", KEYVAL_STRING, NODE(aio), NULL, NULL},
    {"discard", KEYVAL_STRING, NODE(discard), NULL, NULL},
    {"detect-zeroes", KEYVAL_STRING, NODE(detect_zeroes), NULL, NULL},
    {"locking", KEYVAL_STRING, NODE(locking), NULL, NULL},
    {"auto-read-only", KEYVAL_IGNORE, 0, NULL, NULL},
    {"force-share", KEYVAL_REFUSE, 0, "an image has one writer", NULL},
    {"offset", KEYVAL_REFUSE, 0, "an image is used as a whole", NULL},
    {"size", KEYVAL_REFUSE, 0, "an image is used as a whole", NULL},
};

static bool apply_node(BlockConfig *config, const KeyvalList *list, GError **errp)
{
    g_autoptr(KeyvalList) own =
        keyval_pick(list, node_config_rows, ARRAY_LEN(node_config_rows), true);
    g_autoptr(KeyvalList) rest =
        keyval_pick(list, node_config_rows, ARRAY_LEN(node_config_rows), false);
    NodeSettings settings = {.config = config};
    bool ok;

    ok = keyval_apply(own, node_config_rows, ARRAY_LEN(node_config_rows), config, NULL,
                      errp) &&
         keyval_apply(rest, node_rows, ARRAY_LEN(node_rows), &settings, NULL, errp) &&
         apply_words(config, settings.aio, settings.discard, settings.detect_zeroes,
                     settings.locking, errp);
    g_free(settings.aio);
    g_free(settings.discard);
    g_free(settings.detect_zeroes);
    g_free(settings.locking);
    return ok;
}

/* The node of @driver that @list describes; its own node has a name or is inline. */
static BlockConfig *node_new(const char *text, const char *driver, KeyvalList *list,
                             GError **errp)
{
    static const char *const protocols[] = {"file", "host_device", NULL};
    g_autoptr(BlockConfig) config = config_new(text);
    bool is_protocol = driver && g_strv_contains(protocols, driver);

    if (!driver) {
        error_set(errp, "driver= is missing");
        return NULL;
    }
    if (!is_protocol && !check_format(driver, errp)) {
        return NULL;
    }
    if (!apply_node(config, list, errp)) {
        return NULL;
    }
    if (is_protocol ? !config->filename : !config->file) {
        error_set(errp, "driver %s: %s= is missing", driver,
                  is_protocol ? "filename" : "file");
        return NULL;
    }
    config->id = g_strdup(config->node_name);
    return g_steal_pointer(&config);
}

/* Settings below "file." are those of a node of their own. */
static KeyvalList *take_inline_file(KeyvalList *list)
{
    g_autoptr(KeyvalList) file = keyval_new();
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    for (unsigned i = 0; i < keyval_count(list); i++) {
        if (g_str_has_prefix(keyval_at(list, i)->key, "file.")) {
            g_ptr_array_add(names, g_strdup(keyval_at(list, i)->key));
        }
    }
    for (unsigned i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autofree char *value = keyval_take(list, name);

        if (value) {
            keyval_add(file, name + strlen("file."), value);
        }
    }
    return keyval_count(file) ? g_steal_pointer(&file) : NULL;
}

BlockConfig *block_config_parse_node(const char *text, BlockConfig **ret_file,
                                     GError **errp)
{
    g_autofree char *whole = g_strdup_printf("-blockdev %s", text);
    g_autoptr(KeyvalList) list = keyval_parse_any(text, "driver", errp);
    g_autoptr(KeyvalList) below = NULL;
    g_autoptr(BlockConfig) config = NULL, file = NULL;
    g_autofree char *driver = NULL;

    *ret_file = NULL;
    if (!list) {
        return NULL;
    }
    driver = keyval_take(list, "driver");
    below = take_inline_file(list);
    if (below) {
        g_autofree char *below_driver = keyval_take(below, "driver");

        if (!keyval_get(below, "node-name") && keyval_get(list, "node-name")) {
            g_autofree char *name =
                g_strdup_printf("#%s-file", keyval_get(list, "node-name"));

            keyval_add(below, "node-name", name);
        }
        file = node_new(whole, below_driver, below, errp);
        if (!file) {
            g_prefix_error(errp, "file: ");
            return NULL;
        }
        keyval_add(list, "file", file->node_name ? file->node_name : "");
    }
    config = node_new(whole, driver, list, errp);
    if (!config) {
        return NULL;
    }
    if (!config->node_name) {
        error_set(errp, "node-name= is missing");
        return NULL;
    }
    *ret_file = g_steal_pointer(&file);
    return g_steal_pointer(&config);
}
