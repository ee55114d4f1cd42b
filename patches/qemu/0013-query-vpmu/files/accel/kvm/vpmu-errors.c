/*
 * What libvpmu has to say against something, as QEMU's errors
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "vpmu-errors.h"

void vpmu_set_error(Error **errp, const char *what, char *message)
{
    error_setg(errp, "%s: %s", what, message ?: "libvpmu does not say why");
    vpmu_free(message);
}

char *vpmu_errors_text(const VpmuReport *report)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < vpmu_report_size(report); i++) {
        const VpmuFinding *finding = vpmu_report_get(report, i);
        char *line;

        if (finding->level == VPMU_LEVEL_ERROR) {
            line = vpmu_finding_to_text(finding);
            g_string_append_printf(text, "%s%s", text->len ? "; " : "", line);
            vpmu_free(line);
        }
    }
    return g_string_free(text, FALSE);
}
