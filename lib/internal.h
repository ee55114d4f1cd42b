/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the handles of include/vpmu/vpmu.h are made of, and how errors and text leave.
 */
#ifndef LIB_INTERNAL_H
#define LIB_INTERNAL_H

#include <glib.h>

#include "target/cpu-resolve.h"
#include "vpmu/vpmu.h"

typedef struct json_object json_object;

/* Shared by the plans that were made of it. */
struct VpmuHost {
    gatomicrefcount refs;
    HostProfile *profile;
};

struct VpmuRequest {
    gatomicrefcount refs;
    TargetArch arch;
    TypeRegistry *registry;
    char *machine;      /* versioned name */
    char *machine_type; /* the name of its type, while @registry lives */
    Object *accel;      /* KvmAccel */
    Object *cpu;
    Report *report; /* of reading it */
};

/* Frozen: nothing of it changes, so that threads may share it. */
struct VpmuReport {
    Report *inner;
    VpmuFinding *findings; /* its findings, in the public form */
};

struct VpmuContract {
    CpuContract *inner;
};

struct VpmuPlan {
    VpmuHost *host;
    VpmuRequest *request;
    VpmuContract contract; /* fit for use where @report has no error */
    VpmuReport *report;
    GArray *table; /* CpuTableRow */
};

/* lib_host_new, lib_host_ref - a handle of @profile, which is taken over. */
VpmuHost *lib_host_new(HostProfile *profile);
VpmuHost *lib_host_ref(const VpmuHost *host);

/* lib_request_ref - one more owner. */
VpmuRequest *lib_request_ref(const VpmuRequest *request);

/* lib_report_new - freezes @inner, which is taken over. */
VpmuReport *lib_report_new(Report *inner);

/* lib_report_give - to @ret as lib_report_new(), or nowhere where that is NULL. */
void lib_report_give(Report *inner, VpmuReport **ret);

/*
 * lib_fail - @error, which is taken over, as status and message.
 * @message: NULL, or gets the text
 */
VpmuStatus lib_fail(GError *error, char **message);

/* lib_fail_with - likewise, as @status. */
VpmuStatus lib_fail_with(VpmuStatus status, GError *error, char **message);

/* lib_read_text - the file @path as UTF-8 without a byte-order mark, which some editors
 * and shells put there; UTF-16 with one is converted. */
char *lib_read_text(const char *path, GError **errp);

/* lib_parse_json - @text of @len bytes, of the file @path, which may be NULL. */
json_object *lib_parse_json(const char *text, size_t len, const char *path,
                            GError **errp);

/* lib_read_json - the file @path, as lib_read_text() reads it. */
json_object *lib_read_json(const char *path, GError **errp);

/* lib_host_of_json - the host of a profile, of the file @path, which may be NULL. */
VpmuStatus lib_host_of_json(json_object *json, const char *path, VpmuHost **ret,
                            char **message);

/*
 * lib_parse_cpuid_text - the CPUID facts of the first processor in @text of the file
 * @name, as x86_host_derive() takes them; NULL with an error where there are none.
 */
json_object *lib_parse_cpuid_text(const char *text, const char *name, GError **errp);

/* lib_plan_new - resolve; both become the plan's, too. */
VpmuPlan *lib_plan_new(const VpmuRequest *request, const VpmuHost *host);

/* A setting that QEMU has and our monitors have not, or not with all its values. */
typedef struct ForeignRow {
    const char *name;
    const char *cause; /* why there is no contract with it; NULL: it decides no CPU */
} ForeignRow;

/* lib_foreign_find - of -accel kvm, or of -machine, "smp.cpus" too; NULL if it is none.
 */
const ForeignRow *lib_foreign_find(bool is_accel, const char *name);

/*
 * lib_foreign_pass - note in @passed that @row was set, which decides no CPU or is off.
 * @option: "-machine"
 *
 * False with an error where it is on and decides one.
 */
bool lib_foreign_pass(const ForeignRow *row, const char *option, const char *value,
                      GPtrArray *passed, GError **errp);

/*
 * lib_try_vcpu - make one vCPU of @contract on this host's KVM and release it.
 * @report: what KVM keeps otherwise than told
 */
bool lib_try_vcpu(const CpuContract *contract, const HostProfile *host, Report *report,
                  GError **errp);

/* lib_can_try - lib_try_vcpu() can do that for @arch. */
bool lib_can_try(TargetArch arch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpmuHost, vpmu_host_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpmuRequest, vpmu_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpmuPlan, vpmu_plan_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpmuReport, vpmu_report_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VpmuContract, vpmu_contract_free)

#endif
