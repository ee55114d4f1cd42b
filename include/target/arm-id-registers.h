/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers by which an arm64 guest knows its processor and what KVM does for it:
 * what they are on the source, and whether KVM at the destination gives the same.
 *
 * Their values are not the contract's: they depend on the kernel as much as on the
 * processor, and whether another kernel takes them is known to it alone.  So a source
 * tells them, and a destination tries.
 */
#ifndef TARGET_ARM_ID_REGISTERS_H
#define TARGET_ARM_ID_REGISTERS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/report.h"

typedef struct json_object json_object;

/* What a destination has to do with a register of KVM_GET_REG_LIST. */
typedef enum ArmIdKind {
    ARM_ID_NONE, /* the guest's state; not compared */
    ARM_ID_KEPT, /* KVM takes the guest's value and shows it */
    /* KVM takes it, but may show its own: how the host's firmware protects it, and, with
     * older kernels, CCSIDR of the host CPU that is asked on. */
    ARM_ID_TAKEN,
} ArmIdKind;

/*
 * arm_id_kind - of the register @id, a number as KVM_GET_REG_LIST has it.  None of those
 * with a kind is wider than 64 bits.
 * Source: Arm Architecture Reference Manual, D19.3 (encodings); Linux
 * virt/kvm/api.rst 4.68, virt/kvm/arm/fw-pseudo-registers.rst.
 */
ArmIdKind arm_id_kind(uint64_t id);

typedef struct ArmIdValue {
    uint64_t id;
    uint64_t value;
} ArmIdValue;

/*
 * arm_id_sets_new - for one GArray of ArmIdValue per vCPU, in order; freed with the
 * array. Where it has one only, that is of all vCPUs.
 */
GPtrArray *arm_id_sets_new(void);

/* arm_id_set_of - of vCPU @index, below the number arm_id_sets_parse() was given. */
const GArray *arm_id_set_of(const GPtrArray *sets, unsigned index);

/* arm_id_sets_format - as JSON, one object where all vCPUs have the same; a new
 * reference. */
json_object *arm_id_sets_format(const GPtrArray *sets);

/*
 * arm_id_sets_parse - the inverse, of untrusted JSON.
 * @where: what it is, for the message
 * @vcpus: how many there are
 *
 * Fails where it is not the values of one or of @vcpus vCPUs, where a register has no
 * kind, and where a value is wider than its register.
 */
GPtrArray *arm_id_sets_parse(json_object *json, const char *where, unsigned vcpus,
                             GError **errp);

/* What became of giving a register of a vCPU the guest's value. */
typedef struct ArmIdTrial {
    uint64_t id;
    uint64_t asked;  /* by the guest */
    uint64_t own;    /* before */
    uint64_t kept;   /* after */
    bool is_listed;  /* KVM here has the register; else own and kept are 0 */
    bool is_written; /* own was another value */
    int error;       /* of the write, positive; 0: KVM took it */
} ArmIdTrial;

/*
 * arm_id_judge - does the guest find its register here?  Pure.
 * @vcpu: whose; where several have the same difference the first is told
 * @report: takes a finding where not: the register's name, the guest's value, the own
 * one, what KVM keeps, and which fields that are
 */
void arm_id_judge(const ArmIdTrial *trial, unsigned vcpu, Report *report);

/*
 * arm_id_is_kept - whether KVM, which took @guest for @id, shows it: @kept may differ in
 * fields that promised what never was, and that newer kernels let go.
 */
bool arm_id_is_kept(uint64_t id, uint64_t guest, uint64_t kept);

/*
 * arm_id_fields - the fields in which two values of @id differ: "CSV2 1 (here 0)".
 * The caller frees it; NULL where the register is not one of fields of 4 bits that have a
 * row, or none differs.
 */
char *arm_id_fields(uint64_t id, uint64_t guest, uint64_t here);

#endif
