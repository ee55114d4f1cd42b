/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One resolution against a committed profile, for tests.
 */
#ifndef TESTS_RESOLVE_CASE_H
#define TESTS_RESOLVE_CASE_H

#include "target/cpu-binding.h"
#include "target/cpu-resolve.h"
#include "target/x86-cpu.h"

typedef struct ResolveCase {
    TypeRegistry *registry;
    HostProfile *host;
    Object *accel, *cpu;
    char *machine;
    Report *report;
    CpuContract *contract;
    CpuBinding *binding; /* on @host */
} ResolveCase;

/* resolve_profile - load tests/profiles/@name.json; a missing file fails the test. */
HostProfile *resolve_profile(const char *name);

/* resolve_profile_with_pt - resolve_profile() of a KVM that gives guests Intel PT. */
HostProfile *resolve_profile_with_pt(const char *name);

/* resolve_profile_names - every profile whose name begins with @prefix; g_strfreev(). */
char **resolve_profile_names(const char *prefix);

/*
 * resolve_case_new - resolve -cpu @cpu on -machine @machine over @host.
 * @host: taken over
 * @accel: "property=value" for the accelerator, or NULL
 *
 * Input that does not even parse fails the test.
 */
ResolveCase *resolve_case_new(HostProfile *host, const char *machine, const char *cpu,
                              const char *accel);

/* resolve - resolve_case_new() with a profile's name. */
ResolveCase *resolve(const char *profile, const char *machine, const char *cpu);

/* resolve_case_free - NULL is nothing. */
void resolve_case_free(ResolveCase *c);

/* resolve_errors - number of error findings. */
unsigned resolve_errors(const ResolveCase *c);

/* resolve_finding - the finding about @row; fails the test where there is none. */
const Finding *resolve_finding(const ResolveCase *c, const char *row);

/* resolve_has - the guest has @feature. */
bool resolve_has(const ResolveCase *c, X86FeatureId feature);

/* resolve_cpuid - a register of the contract's CPUID. */
uint32_t resolve_cpuid(const ResolveCase *c, uint32_t leaf, uint32_t sub, X86Reg reg);

/*
 * resolve_sample - whether case number @number of a long list is to be judged.
 *
 * All are; but VPMU_SAMPLE=N in the environment takes every N-th, where an emulator runs
 * what was proven natively before.
 */
bool resolve_sample(unsigned number);

/* resolve_cpu_error - the message for a -cpu text that must not parse. */
char *resolve_cpu_error(TargetArch arch, const char *cpu);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ResolveCase, resolve_case_free)

#endif
