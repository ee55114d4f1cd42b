/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "util/error.h"

#include "options.h"

/* No interrupt controller of ours can address more. */
#define CPUS_MAX 4096

/* Fills the one level that is not given, so that the product comes out. */
static void complete_levels(SpecSmp *smp, unsigned max_cpus)
{
    smp->dies = smp->dies ? smp->dies : 1;
    smp->clusters = smp->clusters ? smp->clusters : 1;
    if (smp->cores == 0) {
        smp->sockets = smp->sockets ? smp->sockets : 1;
        smp->threads = smp->threads ? smp->threads : 1;
        smp->cores = (unsigned)(max_cpus / ((uint64_t)smp->sockets * smp->dies *
                                            smp->clusters * smp->threads));
    } else if (smp->sockets == 0) {
        smp->threads = smp->threads ? smp->threads : 1;
        smp->sockets = (unsigned)(max_cpus / ((uint64_t)smp->dies * smp->clusters *
                                              smp->cores * smp->threads));
    }
    if (smp->threads == 0) {
        smp->threads = (unsigned)(max_cpus / ((uint64_t)smp->sockets * smp->dies *
                                              smp->clusters * smp->cores));
    }
}

static bool check_levels(const SpecSmp *smp, GError **errp)
{
    const unsigned levels[] = {smp->cpus,     smp->max_cpus, smp->sockets, smp->dies,
                               smp->clusters, smp->cores,    smp->threads};

    for (unsigned i = 0; i < G_N_ELEMENTS(levels); i++) {
        if (levels[i] > CPUS_MAX) {
            error_set(errp, "%u is more than %d", levels[i], CPUS_MAX);
            return false;
        }
    }
    return true;
}

bool smp_complete(SpecSmp *smp, GError **errp)
{
    uint64_t product;

    if (!check_levels(smp, errp)) {
        return false;
    }
    if (smp->cpus == 0 && smp->max_cpus == 0 && smp->sockets == 0 && smp->dies == 0 &&
        smp->clusters == 0 && smp->cores == 0 && smp->threads == 0) {
        smp->cpus = 1;
    }
    if (smp->cpus == 0 && smp->max_cpus == 0) {
        /* Only levels were given: those that are left out are 1. */
        smp->sockets = smp->sockets ? smp->sockets : 1;
        smp->cores = smp->cores ? smp->cores : 1;
        smp->threads = smp->threads ? smp->threads : 1;
    }
    complete_levels(smp, smp->max_cpus ? smp->max_cpus : smp->cpus);
    product = (uint64_t)smp->sockets * smp->dies * smp->clusters;
    product = product > CPUS_MAX ? CPUS_MAX + 1 : product * smp->cores;
    product = product > CPUS_MAX ? CPUS_MAX + 1 : product * smp->threads;
    smp->max_cpus = smp->max_cpus ? smp->max_cpus : (unsigned)product;
    smp->cpus = smp->cpus ? smp->cpus : smp->max_cpus;
    if (product != smp->max_cpus || product > CPUS_MAX) {
        error_set(errp,
                  "sockets=%u * dies=%u * clusters=%u * cores=%u * threads=%u is not "
                  "maxcpus=%u",
                  smp->sockets, smp->dies, smp->clusters, smp->cores, smp->threads,
                  smp->max_cpus);
        return false;
    }
    if (smp->cpus > smp->max_cpus) {
        error_set(errp, "cpus=%u is more than maxcpus=%u", smp->cpus, smp->max_cpus);
        return false;
    }
    return true;
}
