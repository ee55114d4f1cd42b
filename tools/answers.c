/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the library answers, in the tool's terms.
 */
#include <stdarg.h>
#include <string.h>

#include "tool.h"

void tool_error(GError **errp, const char *format, ...)
{
    g_autofree char *text = NULL, *line = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    line = g_utf8_make_valid(text, -1);
    for (char *at = line; *at; at++) {
        *at = g_ascii_iscntrl(*at) ? '?' : *at;
    }
    g_set_error_literal(errp, g_quark_from_static_string("vpmu-tool"), 0, line);
}

ToolExit tool_fail(VpmuStatus status, char *message, GError **errp)
{
    tool_error(errp, "%s", message);
    vpmu_free(message);
    return status == VPMU_REFUSED ? TOOL_EXIT_REFUSED : TOOL_EXIT_BAD_INPUT;
}

VpmuHost *tool_load_host(const char *from, GError **errp)
{
    VpmuHost *host = NULL;
    char *message = NULL;
    VpmuStatus status = strcmp(from, "live") == 0 ? vpmu_host_probe(&host, &message)
                                                  : vpmu_host_read(from, &host, &message);

    if (status != VPMU_OK) {
        (void)tool_fail(status, message, errp);
    }
    return host;
}

VpmuRequest *tool_request(char **args, const VpmuHost *host, GError **errp)
{
    VpmuRequest *request = NULL;
    char *message = NULL;
    VpmuStatus status;

    if (!tool_check_guest_words(args, errp)) {
        return NULL;
    }
    status = vpmu_request_from_args(vpmu_host_arch(host), (int)g_strv_length(args),
                                    (const char *const *)args, &request, &message);
    if (status != VPMU_OK) {
        (void)tool_fail(status, message, errp);
    }
    return request;
}

void tool_print(FILE *out, char *text)
{
    fputs(text, out);
    vpmu_free(text);
}

void tool_print_line(FILE *out, char *text)
{
    tool_print(out, text);
    fputc('\n', out);
}
