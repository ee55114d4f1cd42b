/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvpmu: what a guest gets of a host's performance monitoring unit, and why.
 *
 * A host and a request make a plan: the contract of the guest's CPU, and findings that
 * say what was asked, what is given, and who took the rest.  A contract is judged on
 * other hosts, and compared with other contracts, without a guest.
 *
 * Rules that hold for every function:
 *
 * - Handles are opaque and, but for VpmuBaseline, never change after they were made: any
 *   number of threads may read one at the same time.  A handle is freed once, by its
 *   vpmu_…_free(), which takes NULL; no other handle needs it any longer than its call
 *   takes.  What a function returns as "const" is borrowed from its first argument and
 *   lives as long.
 * - Text is UTF-8.  Text that is returned as "char *" belongs to the caller, who releases
 *   it with vpmu_free().
 * - A function that can fail returns a VpmuStatus and gives its result through ret_…,
 *   which is not touched where it fails.  Where message is not NULL and the function
 *   fails, *message becomes one line of text that says what is wrong, with the name, the
 *   value and what is accepted; the caller releases it with vpmu_free().
 * - Nothing is printed, nothing ends the process, no signal handler, locale, environment
 * or working directory changes, and there is no state outside the handles.  Input of any
 *   kind may be hostile.
 * - Memory: as with GLib, which is underneath, the process ends where the system has no
 *   memory left to give.
 *
 * A struct that the library fills may grow at its end; its fields keep their places.
 */
#ifndef VPMU_VPMU_H
#define VPMU_VPMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define VPMU_API __attribute__((visibility("default")))
#else
#define VPMU_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What becomes of a call.  Numbers never change; there may be more of them. */
typedef enum VpmuStatus {
    VPMU_OK = 0,
    VPMU_REFUSED = 1,     /* the question was understood, the answer is no */
    VPMU_INVALID = 2,     /* what was given cannot be understood */
    VPMU_SYSTEM = 3,      /* a file, a device or the kernel does not do its part */
    VPMU_UNSUPPORTED = 4, /* not on this architecture, or not in this build */
} VpmuStatus;

typedef enum VpmuArch {
    VPMU_X86_64 = 0,
    VPMU_AARCH64 = 1,
} VpmuArch;

typedef enum VpmuLevel {
    VPMU_LEVEL_NOTE = 0,
    VPMU_LEVEL_WARNING = 1,
    VPMU_LEVEL_ERROR = 2, /* what was asked cannot be had */
} VpmuLevel;

/* A host and its KVM, as facts. */
typedef struct VpmuHost VpmuHost;

/* What is asked of a guest's CPU. */
typedef struct VpmuRequest VpmuRequest;

/* What a host answers to a request. */
typedef struct VpmuPlan VpmuPlan;

/* What a guest sees of its CPU. */
typedef struct VpmuContract VpmuContract;

/* Findings. */
typedef struct VpmuReport VpmuReport;

/* How two contracts, or two hosts, differ. */
typedef struct VpmuDiff VpmuDiff;

/* The best CPU that each of many hosts can give. */
typedef struct VpmuBaseline VpmuBaseline;

/* ---- Basics ---- */

/* vpmu_version - of the library: "0.1.0". */
VPMU_API const char *vpmu_version(void);

/* vpmu_free - release text that the library returned; NULL is nothing. */
VPMU_API void vpmu_free(char *text);

/* vpmu_arch_name - "x86_64" or "aarch64"; NULL for what is no architecture. */
VPMU_API const char *vpmu_arch_name(VpmuArch arch);

/* vpmu_level_name - "note", "warning" or "error"; NULL for what is no level. */
VPMU_API const char *vpmu_level_name(VpmuLevel level);

/* ---- Findings ---- */

/*
 * One deviation.  A field is NULL where it makes no sense; all text is borrowed from the
 * report.
 */
typedef struct VpmuFinding {
    VpmuLevel level;
    const char *row;     /* what it is about: "pebs-fmt" */
    const char *asked;   /* by the user, or by the guest: "4", "on" */
    const char *offered; /* by the host */
    const char *given;   /* to the guest */
    const char *cause;   /* who took it, as a phrase */
    const char *remedy;  /* what to do, as a phrase */
    const char *code;    /* of verdicts, for programs: see VpmuReason */
} VpmuFinding;

/* vpmu_report_free - NULL is nothing. */
VPMU_API void vpmu_report_free(VpmuReport *report);

/* vpmu_report_size - the number of findings. */
VPMU_API unsigned vpmu_report_size(const VpmuReport *report);

/* vpmu_report_errors - how many of them are of level VPMU_LEVEL_ERROR. */
VPMU_API unsigned vpmu_report_errors(const VpmuReport *report);

/* vpmu_report_get - the finding at @index, counted from 0; NULL beyond the last. */
VPMU_API const VpmuFinding *vpmu_report_get(const VpmuReport *report, unsigned index);

/*
 * vpmu_report_to_json - an array of objects: "level", "row", "asked", "offered", "given",
 * "cause", "remedy", "code", those that are there.  On one line.
 */
VPMU_API char *vpmu_report_to_json(const VpmuReport *report);

/* vpmu_finding_to_text - one line for people, without its level and without an end of
 * line. */
VPMU_API char *vpmu_finding_to_text(const VpmuFinding *finding);

/* Why a contract does not hold: what a program that reads verdicts switches on. */
typedef struct VpmuReason {
    const char *code;     /* "pebs-format-differs"; never changes */
    const char *relation; /* how the row compares: "subset", "equal", "at-most", … */
    const char *sentence; /* why the row has to hold */
    const char *remedy;   /* what to do, or NULL */
} VpmuReason;

/* vpmu_reason_get - the reason at @index, counted from 0, in a fixed order; false, with
 * @ret untouched, beyond the last.  The text lives as long as the library. */
VPMU_API bool vpmu_reason_get(unsigned index, VpmuReason *ret);

/* ---- Hosts ---- */

/*
 * vpmu_host_probe - the host this process runs on: KVM through /dev/kvm, the rest from
 * /sys and /proc.  Makes VMs and vCPUs that never run, and releases them; on arm64 the
 * calling thread is meanwhile on the CPUs of each PMU, and gets its affinity back.
 * VPMU_SYSTEM where KVM cannot be used.
 */
VPMU_API VpmuStatus vpmu_host_probe(VpmuHost **ret, char **message);

/*
 * vpmu_host_parse - from the JSON of a host profile, see vpmu_host_to_json().
 * @text: @len bytes, need not be terminated; at most 16 MiB
 */
VPMU_API VpmuStatus vpmu_host_parse(const char *text, size_t len, VpmuHost **ret,
                                    char **message);

/* vpmu_host_read - likewise, of a file.  UTF-16 and byte-order marks are understood. */
VPMU_API VpmuStatus vpmu_host_read(const char *path, VpmuHost **ret, char **message);

/*
 * vpmu_host_parse_cpuid - what KVM would offer on an x86 host of which only the CPUID is
 * known; a derived host, and marked so.
 * @text: JSON {"cpuid": {"0xLEAF.SUB": [eax, ebx, ecx, edx as "0x…"]}, …}, what
 *        "cpuid -r" prints, or a dump of InstLatX64 or AIDA64; which of them is told by
 *        the content
 * @name: of the dump, for the profile
 * @settings: NULL, or what a dump cannot tell, as "name=value,…":
 *     kernel=6.12               whose rules apply, 6.12 if not given
 *     perf-capabilities=0x…     the CPU's MSR 0x345; also as rdmsr prints it, f5c0
 *     mediated=on               KVM with enable_mediated_pmu=1
 *     topdown=on                and patched to give perf-metrics
 *     no-pmu=on                 KVM with enable_pmu=0
 *
 * A message about a setting begins with its name and a colon.
 */
VPMU_API VpmuStatus vpmu_host_parse_cpuid(const char *text, size_t len, const char *name,
                                          const char *settings, VpmuHost **ret,
                                          char **message);

/* vpmu_host_read_cpuid - likewise, of a file. */
VPMU_API VpmuStatus vpmu_host_read_cpuid(const char *path, const char *settings,
                                         VpmuHost **ret, char **message);

/*
 * vpmu_host_read_sysfs - an arm64 host of which there is a copy of
 * /sys/bus/event_source and /sys/devices/system/cpu; a derived host, and marked so.
 * @folder: the copy of /sys, or of the root it hangs in
 * @kvm: NULL, or what KVM answers there, as "name=number,…": pmu-v3, set-pmu,
 *       nr-counters, strict, fixed-counters-only (0 or 1), counters, pmuver,
 * mode=vhe|nvhe| protected, and other capabilities by their names in a profile
 * @midr: MIDR_EL1, 0 if unknown
 * @ret_lost: NULL, or takes warnings about what could not be read
 *
 * A message begins with "sysfs FOLDER: " or "kvm: ".
 */
VPMU_API VpmuStatus vpmu_host_read_sysfs(const char *folder, const char *kvm,
                                         uint64_t midr, VpmuHost **ret,
                                         VpmuReport **ret_lost, char **message);

/* vpmu_host_free - NULL is nothing. */
VPMU_API void vpmu_host_free(VpmuHost *host);

/* vpmu_host_arch - whose guests it runs. */
VPMU_API VpmuArch vpmu_host_arch(const VpmuHost *host);

/* vpmu_host_to_json - the host profile, indented, without an end of line: facts about
 * the CPU, the kernel and KVM, no addresses and no names.  vpmu_host_parse() of it gives
 * the same host. */
VPMU_API char *vpmu_host_to_json(const VpmuHost *host);

/* vpmu_host_to_text - the same for people, as far as it matters for a PMU; lines. */
VPMU_API char *vpmu_host_to_text(const VpmuHost *host);

/* ---- Requests ---- */

/*
 * vpmu_request_new - a CPU on a machine.
 * @machine: as after -machine: "pc-q35-11.1", "virt-11.1,accel=kvm"; NULL: the newest of
 *           the architecture
 * @cpu: as after -cpu: "host,pmu=on,pebs-fmt=host"; NULL: "host"
 */
VPMU_API VpmuStatus vpmu_request_new(VpmuArch arch, const char *machine, const char *cpu,
                                     VpmuRequest **ret, char **message);

/*
 * vpmu_request_from_args - the command line of QEMU, or of a monitor that speaks its
 * language.
 * @argv: @argc words; may begin with variables and the name of the program
 *
 * What decides the CPU is read: -machine, -accel, -enable-kvm, -cpu, -global, and the ids
 * of -object.  Other options are passed over, and a note in the plan says which.
 *
 * Where the program is a QEMU (qemu-system-…, qemu-kvm, kvm) its machines pc-i440fx are
 * known, too, its defaults hold, and settings of its machines and its accelerator that
 * decide no CPU are passed over; one that decides it and has no place in a contract is an
 * error.
 */
VPMU_API VpmuStatus vpmu_request_from_args(VpmuArch arch, int argc,
                                           const char *const *argv, VpmuRequest **ret,
                                           char **message);

/* vpmu_request_most - the most that a host of @arch has, formats included; for
 * comparing hosts. */
VPMU_API VpmuStatus vpmu_request_most(VpmuArch arch, VpmuRequest **ret, char **message);

/*
 * vpmu_request_wish - everything that PMUs of @host's kind can have, by name; for finding
 * out who takes what @host lacks: the plan has a finding about each.
 */
VPMU_API VpmuStatus vpmu_request_wish(const VpmuHost *host, VpmuRequest **ret,
                                      char **message);

/* vpmu_request_free - NULL is nothing. */
VPMU_API void vpmu_request_free(VpmuRequest *request);

/* ---- Plans ---- */

/*
 * vpmu_resolve - what a guest with @request gets on @host.  Pure: no file, no device, the
 * same answer each time.
 *
 * A guest that cannot start is an answer, too: VPMU_OK, and vpmu_plan_is_resolved() says
 * no.  VPMU_INVALID where the two are of different architectures.
 */
VPMU_API VpmuStatus vpmu_resolve(const VpmuRequest *request, const VpmuHost *host,
                                 VpmuPlan **ret, char **message);

/* vpmu_plan_free - NULL is nothing. */
VPMU_API void vpmu_plan_free(VpmuPlan *plan);

/* vpmu_plan_is_resolved - such a guest can start: no finding is an error. */
VPMU_API bool vpmu_plan_is_resolved(const VpmuPlan *plan);

/* vpmu_plan_contract - of the guest; NULL where it cannot start.  Borrowed. */
VPMU_API const VpmuContract *vpmu_plan_contract(const VpmuPlan *plan);

/* vpmu_plan_report - what was asked and is not given, and what should be known. Borrowed.
 */
VPMU_API const VpmuReport *vpmu_plan_report(const VpmuPlan *plan);

/* vpmu_plan_machine - the versioned name of the machine: "pc-q35-11.1".  Borrowed. */
VPMU_API const char *vpmu_plan_machine(const VpmuPlan *plan);

/* vpmu_plan_cpu - the name of the CPU model: "host".  Borrowed. */
VPMU_API const char *vpmu_plan_cpu(const VpmuPlan *plan);

/* vpmu_plan_to_json - {"resolved", "contract" (where it is), "findings"}; indented. */
VPMU_API char *vpmu_plan_to_json(const VpmuPlan *plan);

/* vpmu_plan_to_text - host, guest, table, findings and verdict for people; lines. */
VPMU_API char *vpmu_plan_to_text(const VpmuPlan *plan);

/* vpmu_plan_table_to_json - the PMU row by row: an array of {"what", "asked", "offered",
 * "given"}.  Also of a guest that cannot start: what would be given. */
VPMU_API char *vpmu_plan_table_to_json(const VpmuPlan *plan);

/* vpmu_plan_table_to_text - the same as aligned lines with a head. */
VPMU_API char *vpmu_plan_table_to_text(const VpmuPlan *plan);

/* vpmu_plan_advice - what who runs the guest should know, as no finding is about it:
 * lines, or "". */
VPMU_API char *vpmu_plan_advice(const VpmuPlan *plan);

/*
 * vpmu_plan_try - what the running kernel makes of it: one vCPU is made on /dev/kvm, told
 * the contract, read back and released; it never runs.
 * @ret_kept: what KVM keeps otherwise than told; empty where that is nothing
 *
 * VPMU_REFUSED where KVM does not take it.  VPMU_UNSUPPORTED for another architecture
 * than that of this process, and on arm64, where vpmu_host_probe() has tried each PMU.
 */
VPMU_API VpmuStatus vpmu_plan_try(const VpmuPlan *plan, VpmuReport **ret_kept,
                                  char **message);

/* ---- Contracts ---- */

/*
 * vpmu_contract_parse - from JSON: bare, or as vpmu_plan_to_json(), a monitor's
 * --dry-run=json and the answer to query-vpmu wrap it.
 * @text: @len bytes, need not be terminated; at most 16 MiB
 *
 * Its digest is checked, and that what KVM is told agrees with what is compared.
 */
VPMU_API VpmuStatus vpmu_contract_parse(const char *text, size_t len, VpmuContract **ret,
                                        char **message);

/* vpmu_contract_read - likewise, of a file. */
VPMU_API VpmuStatus vpmu_contract_read(const char *path, VpmuContract **ret,
                                       char **message);

/*
 * vpmu_read_either - a host profile or a contract, whichever the file @path has; the
 * other of the two is not touched.
 */
VPMU_API VpmuStatus vpmu_read_either(const char *path, VpmuHost **ret_host,
                                     VpmuContract **ret_contract, char **message);

/* vpmu_contract_free - not for what was borrowed of a plan; NULL is nothing. */
VPMU_API void vpmu_contract_free(VpmuContract *contract);

/* vpmu_contract_arch - of the guest. */
VPMU_API VpmuArch vpmu_contract_arch(const VpmuContract *contract);

/* vpmu_contract_has_pmu - the guest has one. */
VPMU_API bool vpmu_contract_has_pmu(const VpmuContract *contract);

/* vpmu_contract_digest - 64 hex digits, the same wherever a guest sees the same. */
VPMU_API char *vpmu_contract_digest(const VpmuContract *contract);

/* vpmu_contract_to_json - canonical, on one line: the same contract gives the same text,
 * and vpmu_contract_parse() of it the same contract. */
VPMU_API char *vpmu_contract_to_json(const VpmuContract *contract);

/* ---- Judging ---- */

/*
 * vpmu_check - can a guest with @contract run on @host as it is?
 * @ret_report: NULL, or takes an error with a code for each row that does not hold, and
 *              warnings about what changes for the guest without harm
 */
VPMU_API bool vpmu_check(const VpmuContract *contract, const VpmuHost *host,
                         VpmuReport **ret_report);

/*
 * vpmu_check_arrival - can a guest with the contract @guest go on in a monitor on @host
 * that was told to give @own?  The host has every row, and @own promises no less.
 */
VPMU_API bool vpmu_check_arrival(const VpmuContract *guest, const VpmuContract *own,
                                 const VpmuHost *host, VpmuReport **ret_report);

/*
 * vpmu_surplus - how much @host, which can run a guest with @contract, has beyond it:
 * features, counters, formats, one each.  The host with the least is nearest to it.
 */
VPMU_API unsigned vpmu_surplus(const VpmuContract *contract, const VpmuHost *host);

/* How two CPUs relate. */
typedef enum VpmuOrder {
    VPMU_IDENTICAL = 0,
    VPMU_SUPERSET = 1, /* the first has all of the second, and more */
    VPMU_SUBSET = 2,
    VPMU_INCOMPATIBLE = 3,
} VpmuOrder;

/*
 * vpmu_compare - how the CPUs of @a and @b relate.
 * @ret_properties: NULL, or takes a JSON array of the names of properties that differ;
 *                  ["arch"] of two architectures, which are incompatible
 */
VPMU_API VpmuOrder vpmu_compare(const VpmuContract *a, const VpmuContract *b,
                                char **ret_properties);

/* vpmu_diff_contracts - what differs, and what that means for a guest that moves between
 * their hosts. */
VPMU_API VpmuDiff *vpmu_diff_contracts(const VpmuContract *left,
                                       const VpmuContract *right);

/*
 * vpmu_diff_hosts - likewise of the most that each host can give, with the facts of
 * hosts that explain it.
 */
VPMU_API VpmuStatus vpmu_diff_hosts(const VpmuHost *left, const VpmuHost *right,
                                    VpmuDiff **ret, char **message);

/* vpmu_diff_free - NULL is nothing. */
VPMU_API void vpmu_diff_free(VpmuDiff *diff);

/* vpmu_diff_is_same - nothing differs. */
VPMU_API bool vpmu_diff_is_same(const VpmuDiff *diff);

/* vpmu_diff_rows - each row that differs: asked is what the left one has, given the right
 * one, the cause what that means.  Borrowed. */
VPMU_API const VpmuReport *vpmu_diff_rows(const VpmuDiff *diff);

/* vpmu_diff_way - errors that keep a guest with all of the left one from moving to the
 * right (@to_left false), or the other way.  Borrowed. */
VPMU_API const VpmuReport *vpmu_diff_way(const VpmuDiff *diff, bool to_left);

/*
 * vpmu_diff_to_json - {"same", "left-to-right": {"ok", "findings"}, "right-to-left",
 * "rows": [{"row", "left", "right", "meaning", "code"}]}; indented.
 */
VPMU_API char *vpmu_diff_to_json(const VpmuDiff *diff);

/* vpmu_diff_to_text - the same for people; lines. */
VPMU_API char *vpmu_diff_to_text(const VpmuDiff *diff);

/* ---- What many hosts have in common ---- */

/* vpmu_baseline_new - of no host yet.  One thread at a time may use it. */
VPMU_API VpmuBaseline *vpmu_baseline_new(void);

/* vpmu_baseline_free - NULL is nothing. */
VPMU_API void vpmu_baseline_free(VpmuBaseline *baseline);

/*
 * vpmu_baseline_add - one more host.
 * @plan: of it, with vpmu_request_most(); or, on x86, of any guest it gives
 * @name: of the host, for messages
 *
 * On x86 what they have in common is all that is kept of them.  VPMU_REFUSED where it has
 * no CPU in common with those before it.
 */
VPMU_API VpmuStatus vpmu_baseline_add(VpmuBaseline *baseline, const VpmuPlan *plan,
                                      const char *name, char **message);

/*
 * vpmu_baseline_find - the best CPU with which a guest can go from each of the hosts to
 * each other, as after -cpu: "base,pmu=on,…".
 * @ret_no_pmu: NULL, or takes why it has no PMU, with the host; NULL where it has one
 *
 * VPMU_REFUSED where there is none; VPMU_INVALID before a host was added.
 */
VPMU_API VpmuStatus vpmu_baseline_find(const VpmuBaseline *baseline, char **ret_cpu,
                                       char **ret_no_pmu, char **message);

/* ---- What a monitor really gave ---- */

/* A leaf of CPUID, as KVM_GET_CPUID2 has it. */
typedef struct VpmuCpuid {
    uint32_t leaf, subleaf; /* 0 where the leaf has no sub-leaves */
    uint32_t eax, ebx, ecx, edx;
} VpmuCpuid;

/* An MSR, as KVM_GET_MSRS has it. */
typedef struct VpmuMsr {
    uint32_t index;
    uint64_t value;
} VpmuMsr;

/* A register of an arm64 vCPU, by the number KVM_GET_REG_LIST has it under. */
typedef struct VpmuRegister {
    uint64_t id;
    uint64_t value; /* of those of at most 64 bits; 0 of others */
} VpmuRegister;

/* How a guest's processors are arranged; each per the one before, at least 1. */
typedef struct VpmuTopology {
    unsigned sockets, dies, modules, cores, threads;
} VpmuTopology;

/* A vCPU of x86 as it was read back. */
typedef struct VpmuX86Vcpu {
    VpmuTopology topology; /* of the guest; all 0: one processor */
    unsigned index;        /* of the vCPU, below the number of processors */
    const VpmuCpuid *cpuid;
    size_t cpuid_count;
    const VpmuMsr *msrs; /* those the contract has; more are ignored */
    size_t msr_count;
} VpmuX86Vcpu;

/*
 * vpmu_verify_x86 - does a vCPU that exists have what @contract says?
 * @ret_report: NULL, or takes an error for each register that changes the PMU, warnings
 *              about what else differs, and a note for each MSR that is not there
 *
 * VPMU_REFUSED where there is an error; the report is given then, too.  VPMU_INVALID for
 * a contract of another architecture, and for a topology that has no such vCPU.
 */
VPMU_API VpmuStatus vpmu_verify_x86(const VpmuContract *contract, const VpmuX86Vcpu *vcpu,
                                    VpmuReport **ret_report, char **message);

/*
 * vpmu_verify_arm64 - likewise.
 * @registers: @count of the vCPU, all that KVM_GET_REG_LIST names; judged are MIDR_EL1,
 *             PMUVer of ID_AA64DFR0_EL1, N of PMCR_EL0, and which there are
 */
VPMU_API VpmuStatus vpmu_verify_arm64(const VpmuContract *contract,
                                      const VpmuRegister *registers, size_t count,
                                      VpmuReport **ret_report, char **message);

/* ---- Saved guests ---- */

typedef enum VpmuSavedKind {
    VPMU_SAVED_HEADER = 0,    /* json: what the stream says of its guest */
    VPMU_SAVED_CONTRACT = 1,  /* json: its contract */
    VPMU_SAVED_SECTION = 2,   /* section, instance: what follows is of it */
    VPMU_SAVED_NUMBERS = 3,   /* row: numbers, count */
    VPMU_SAVED_BYTES = 4,     /* row: bytes, count */
    VPMU_SAVED_REGISTERS = 5, /* row: the registers that follow, if any, are of it */
    VPMU_SAVED_REGISTER = 6,  /* row: key, name, value */
    VPMU_SAVED_RAM = 7,       /* count: frames of memory, once, at the end */
} VpmuSavedKind;

/* One thing a saved guest holds; fields that its kind does not name are NULL or 0. */
typedef struct VpmuSaved {
    VpmuSavedKind kind;
    const char *json;
    const char *section; /* "x86-vcpu" */
    unsigned instance;
    const char *row;   /* "msrs" */
    const char *key;   /* "0x38f", of the GIC "1:0x420" */
    const char *name;  /* of the register, or NULL */
    const char *value; /* "0x7"; of more than 64 bits the bytes in hex */
    const uint64_t *numbers;
    const uint8_t *bytes;
    uint64_t count;
} VpmuSaved;

/* Is called for each thing in its order.  What @saved points to lives for the call. */
typedef void VpmuSavedFunc(const VpmuSaved *saved, void *opaque);

/*
 * vpmu_saved_read - what a guest that was saved holds.  Rows describe themselves: streams
 * of either architecture and of any version can be read.
 * @path: a file, or a pipe that somebody writes to; waits at most 5 s for its beginning
 * @offset: in bytes, where the stream begins
 *
 * Where the stream is damaged @func has been called for what came before.
 */
VPMU_API VpmuStatus vpmu_saved_read(const char *path, uint64_t offset,
                                    VpmuSavedFunc *func, void *opaque, char **message);

#ifdef __cplusplus
}
#endif

#endif
