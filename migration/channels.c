/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both sides of the channels have in common. */
#include "migration/channels.h"

#include <sys/random.h>

#include "util/error.h"

char *channel_token_new(void)
{
    uint8_t bytes[CHANNEL_TOKEN_CHARS / 2] = {0};
    char *text = g_malloc0(CHANNEL_TOKEN_CHARS + 1);

    /* At most 256 bytes come whole; if none came, peers could not tell channels apart,
     * which the checks of what they carry stand. */
    (void)!getrandom(bytes, sizeof(bytes), 0);
    for (unsigned i = 0; i < sizeof(bytes); i++) {
        g_snprintf(text + i * 2, 3, "%02x", bytes[i]);
    }
    return text;
}

GThread *channel_thread_new(GThreadFunc main, void *channel, GError **errp)
{
    g_autoptr(GError) cause = NULL;
    GThread *thread = g_thread_try_new("migration chan", main, channel, &cause);

    if (!thread) {
        error_set(errp, "cannot start the thread of a channel: %s", cause->message);
    }
    return thread;
}
