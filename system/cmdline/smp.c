/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "util/error.h"

#include "system/cmdline/options.h"

/* No interrupt controller of ours can address more. */
#define CPUS_MAX 4096

/* Fills the one level that is not given, so that the product comes out. */
static void complete_levels(SpecSmp *smp, unsigned max_cpus)
{
    uint64_t groups; /* of cores, in a socket; at most 4096 to the third */

    smp->dies = smp->dies ? smp->dies : 1;
    smp->clusters = smp->clusters ? smp->clusters : 1;
    smp->modules = smp->modules ? smp->modules : 1;
    groups = (uint64_t)smp->dies * smp->clusters * smp->modules;
    if (smp->cores == 0) {
        smp->sockets = smp->sockets ? smp->sockets : 1;
        smp->threads = smp->threads ? smp->threads : 1;
        smp->cores = (unsigned)(max_cpus / (smp->sockets * groups * smp->threads));
    } else if (smp->sockets == 0) {
        smp->threads = smp->threads ? smp->threads : 1;
        smp->sockets = (unsigned)(max_cpus / (groups * smp->cores * smp->threads));
    }
    if (smp->threads == 0) {
        smp->threads = (unsigned)(max_cpus / (smp->sockets * groups * smp->cores));
    }
}

static bool check_levels(const SpecSmp *smp, GError **errp)
{
    const unsigned levels[] = {smp->cpus,     smp->max_cpus, smp->sockets, smp->dies,
                               smp->clusters, smp->modules,  smp->cores,   smp->threads};

    for (unsigned i = 0; i < G_N_ELEMENTS(levels); i++) {
        if (levels[i] > CPUS_MAX) {
            error_set(errp, "%u is more than %d", levels[i], CPUS_MAX);
            return false;
        }
    }
    return true;
}

/* Of all levels; CPUS_MAX + 1 stands for all that is more. */
static uint64_t product_of(const SpecSmp *smp)
{
    const unsigned levels[] = {smp->sockets, smp->dies,  smp->clusters,
                               smp->modules, smp->cores, smp->threads};
    uint64_t product = 1;

    for (unsigned i = 0; i < G_N_ELEMENTS(levels); i++) {
        product = MIN(product * levels[i], CPUS_MAX + 1);
    }
    return product;
}

bool smp_complete(SpecSmp *smp, GError **errp)
{
    uint64_t product;

    if (!check_levels(smp, errp)) {
        return false;
    }
    if (smp->cpus == 0 && smp->max_cpus == 0 && smp->sockets == 0 && smp->dies == 0 &&
        smp->clusters == 0 && smp->modules == 0 && smp->cores == 0 && smp->threads == 0) {
        smp->cpus = 1;
    }
    if (smp->cpus == 0 && smp->max_cpus == 0) {
        /* Only levels were given: those that are left out are 1. */
        smp->sockets = smp->sockets ? smp->sockets : 1;
        smp->cores = smp->cores ? smp->cores : 1;
        smp->threads = smp->threads ? smp->threads : 1;
    }
    complete_levels(smp, smp->max_cpus ? smp->max_cpus : smp->cpus);
    product = product_of(smp);
    smp->max_cpus = smp->max_cpus ? smp->max_cpus
                    : product     ? (unsigned)product
                                  : smp->cpus; /* a level has less than one */
    smp->cpus = smp->cpus ? smp->cpus : smp->max_cpus;
    if (product != smp->max_cpus || product > CPUS_MAX) {
        error_set(errp,
                  "sockets=%u * dies=%u * clusters=%u * modules=%u * cores=%u * "
                  "threads=%u is not maxcpus=%u",
                  smp->sockets, smp->dies, smp->clusters, smp->modules, smp->cores,
                  smp->threads, smp->max_cpus);
        return false;
    }
    if (smp->cpus > smp->max_cpus) {
        error_set(errp, "cpus=%u is more than maxcpus=%u", smp->cpus, smp->max_cpus);
        return false;
    }
    return true;
}
