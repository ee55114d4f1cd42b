/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host would give a guest, in the shape of a contract, so that one comparator
 * judges hosts and guests alike.
 */
#ifndef TARGET_CPU_OFFER_H
#define TARGET_CPU_OFFER_H

#include "target/check-reason.h"
#include "target/cpu-contract.h"
#include "target/cpu-resolve.h"

/* Why an offer is no better in one row: what the row's reason does not say. */
typedef struct OfferLimit {
    CheckReason of;       /* the row, by its reason */
    CheckReason as;       /* another reason; 0: that one */
    const char *property; /* of -cpu, with which the guest would do; NULL: the row's */
    const char *cause;    /* constant texts; NULL: the reason's */
    const char *remedy;
    char *offered; /* for people, owned; NULL: the row's */
    char *advice;  /* a remedy that is made, owned */
} OfferLimit;

typedef struct CpuOffer {
    CpuContract *contract;
    GArray *limits;  /* OfferLimit */
    unsigned spares; /* things beyond any row that a guest like this does not use */
} CpuOffer;

/*
 * cpu_offer_new - what @in's host would give a guest with @guest's contract; NULL: the
 * most it can.  Pure.  Of @in the accelerator may be NULL: then it is as by default.
 */
CpuOffer *cpu_offer_new(const CpuResolveInput *in, const CpuContract *guest);

/* cpu_offer_free - NULL is nothing. */
void cpu_offer_free(CpuOffer *offer);

/* cpu_offer_add_limit - note why @offer is no better in a row; takes over the owned
 * texts of @limit. */
void cpu_offer_add_limit(CpuOffer *offer, OfferLimit limit);

/* cpu_offer_limit - what limits @offer in the row with @reason, or NULL. */
const OfferLimit *cpu_offer_limit(const CpuOffer *offer, CheckReason reason);

/* x86_cpu_offer, arm_cpu_offer - fill @offer, see cpu_offer_new(). */
void x86_cpu_offer(CpuOffer *offer, const CpuResolveInput *in, const CpuContract *guest);
void arm_cpu_offer(CpuOffer *offer, const CpuResolveInput *in, const CpuContract *guest);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CpuOffer, cpu_offer_free)

#endif
