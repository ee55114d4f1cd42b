/*
 * x86 virtual PMU: record formats of LBR and PEBS, decided from facts
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef I386_VPMU_FORMATS_H
#define I386_VPMU_FORMATS_H

/* What a format may be besides a number; neither is ever shown to a user. */
#define VPMU_FORMAT_UNSET UINT64_MAX
#define VPMU_FORMAT_HOST  (UINT64_MAX - 1)

/* Where a format stands in IA32_PERF_CAPABILITIES. */
typedef struct VpmuFormat {
    const char *name;
    unsigned shift;
    unsigned width;
} VpmuFormat;

extern const VpmuFormat vpmu_lbr_fmt;

/* The facts that a decision rests on. */
typedef struct VpmuFacts {
    uint64_t offered;   /* the capability word KVM offers; 0 without KVM */
    uint64_t named;     /* bits of the word that the user set or cleared */
    bool kvm;
    bool pmu;
    bool pdcm;
    bool ds;
    bool dtes64;
    bool same_cpu;      /* the guest's family and model are the host's */
} VpmuFacts;

/* The format in a capability word. */
uint64_t vpmu_format_of(const VpmuFormat *format, uint64_t word);

/*
 * Reads a format from text: a number that fits, "host" or "off".
 * Returns false and sets @errp otherwise.
 */
bool vpmu_format_parse(const VpmuFormat *format, const char *text,
                       uint64_t *value, Error **errp);

/* As vpmu_format_parse(), for what came as a number. */
bool vpmu_format_check(const VpmuFormat *format, uint64_t value, Error **errp);

/*
 * Whether a guest can have a format that is not zero, with everything KVM
 * wants for it.  Returns false and sets @errp otherwise.
 */
bool vpmu_format_possible(const VpmuFormat *format, const VpmuFacts *facts,
                          uint64_t value, Error **errp);

/*
 * Decides @format of the capability word *@word, which holds what the CPU
 * model and the host gave.  *@asked is what the user asked for; "host" is
 * resolved there, once, to the number it means.  Returns false and sets @errp
 * when a format that was asked for cannot be had.
 */
bool vpmu_format_decide(const VpmuFormat *format, const VpmuFacts *facts,
                        uint64_t *asked, uint64_t *word, Error **errp);

#endif
