/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes from a QMP peer: each value gets one reply, whatever it is. */
#include "fuzz.h"

#include <string.h>

#include "monitor/monitor.h"
#include "monitor/qmp-dispatch.h"
#include "monitor/qmp-parser.h"
#include "qapi/command.h"
#include "qapi/types.h"
#include "util/json.h"

/* Gives back what it got, so that parsing and formatting are exercised. */
static bool refuse(QmpContext *ctx, const void *args, void *ret, GError **errp)
{
    (void)ctx;
    (void)ret;
    g_set_error(errp, g_quark_from_static_string("fuzz"), 0, "%s",
                args ? "arguments" : "none");
    return false;
}

static const QmpCommand commands[] = {
    {"qom-set", &qapi_type_qom_set_args, NULL, refuse},
    {"qmp_capabilities", &qapi_type_qmp_capabilities_args, NULL, refuse},
    {"set-action", &qapi_type_set_action_args, NULL, refuse},
    {"migrate-set-capabilities", &qapi_type_migrate_set_capabilities_args, NULL, refuse},
    {"stop", NULL, NULL, refuse},
    {0},
};

static void answer(void *opaque, json_object *value, const GError *error)
{
    QmpContext ctx = {0};
    g_autojson *reply =
        error ? qmp_error_reply(error) : qmp_dispatch(commands, &ctx, true, value);

    (void)opaque;
    fuzz_promise(json_has(reply, "error") || json_has(reply, "return"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(QmpParser) parser = qmp_parser_new(answer, NULL);
    size_t half = size / 2;

    qmp_parser_feed(parser, (const char *)data, half);
    qmp_parser_feed(parser, (const char *)data + half, size - half);
    return 0;
}
