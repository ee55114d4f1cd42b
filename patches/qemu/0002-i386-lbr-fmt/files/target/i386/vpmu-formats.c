/*
 * x86 virtual PMU: record formats of LBR and PEBS, decided from facts
 *
 * KVM takes a format that is zero or the host's, and the host's only for a
 * guest of the host's family and model.  All of that is known before a vCPU
 * exists, so KVM is never asked a question whose answer is no.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/cutils.h"
#include "vpmu-formats.h"

const VpmuFormat vpmu_lbr_fmt = { "lbr-fmt", 0, 6 };

static uint64_t format_max(const VpmuFormat *format)
{
    return (1ull << format->width) - 1;
}

uint64_t vpmu_format_of(const VpmuFormat *format, uint64_t word)
{
    return word >> format->shift & format_max(format);
}

bool vpmu_format_check(const VpmuFormat *format, uint64_t value, Error **errp)
{
    if (value > format_max(format)) {
        error_setg(errp, "%s=%" PRIu64 " is not 0 to %" PRIu64
                   ", 'host' or 'off'", format->name, value,
                   format_max(format));
        return false;
    }
    return true;
}

bool vpmu_format_parse(const VpmuFormat *format, const char *text,
                       uint64_t *value, Error **errp)
{
    if (!strcmp(text, "host")) {
        *value = VPMU_FORMAT_HOST;
        return true;
    }
    if (!strcmp(text, "off")) {
        *value = 0;
        return true;
    }
    if (!g_ascii_isdigit(text[0]) || qemu_strtou64(text, NULL, 0, value) < 0) {
        error_setg(errp, "%s=%s is not 0 to %" PRIu64 ", 'host' or 'off'",
                   format->name, text, format_max(format));
        return false;
    }
    return vpmu_format_check(format, *value, errp);
}

bool vpmu_format_possible(const VpmuFormat *format, const VpmuFacts *facts,
                          uint64_t value, Error **errp)
{
    uint64_t offered = vpmu_format_of(format, facts->offered);
    const char *missing = !facts->kvm ? "the KVM accelerator" :
                          !facts->pmu ? "pmu=on" : NULL;

    if (!missing && value != offered) {
        error_setg(errp, offered ? "%s=%" PRIu64 " is not what KVM offers on "
                   "this host, which is %" PRIu64 " or 0" :
                   "%s=%" PRIu64 " cannot be had: KVM offers %" PRIu64
                   " on this host", format->name, value, offered);
        return false;
    }
    if (!missing && !facts->pdcm) {
        missing = "the feature 'pdcm'";
    }
    if (missing) {
        error_setg(errp, "%s=%" PRIu64 " needs %s", format->name, value,
                   missing);
        return false;
    }
    if (!facts->same_cpu) {
        error_setg(errp, "%s=%" PRIu64 " needs a guest CPU of the host's "
                   "family and model, as '-cpu host' has", format->name,
                   value);
        return false;
    }
    return true;
}

bool vpmu_format_decide(const VpmuFormat *format, const VpmuFacts *facts,
                        uint64_t *asked, uint64_t *word, Error **errp)
{
    uint64_t mask = format_max(format) << format->shift;

    if (*asked == VPMU_FORMAT_HOST) {
        *asked = vpmu_format_of(format, facts->offered);
    }
    if (*asked == VPMU_FORMAT_UNSET) {
        /* What a host model took over as a whole goes with the PMU. */
        if (!facts->pmu) {
            *word &= ~mask;
        }
        return true;
    }
    if (*asked && !vpmu_format_possible(format, facts, *asked, errp)) {
        return false;
    }
    *word = (*word & ~mask) | *asked << format->shift;
    return true;
}
