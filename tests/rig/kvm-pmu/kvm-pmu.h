/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kvm-pmu: asks a KVM, real or modelled, the questions whose answers are its rules for a
 * guest's PMU, and prints "kvm-pmu: key=value" lines.  Two runs are compared line by
 * line.
 */
#ifndef TESTS_RIG_KVM_PMU_H
#define TESTS_RIG_KVM_PMU_H

#include "accel/guest-memory.h"
#include "accel/vcpu-setup.h"
#include "unit/resolve-case.h"

#define MSR_PERF_CAPABILITIES 0x345

/* What all parts share. */
typedef struct Probe {
    KvmSys *sys;
    ResolveCase *on;     /* -cpu host, pmu=on */
    ResolveCase *off;    /* pmu=off */
    uint64_t capability; /* what KVM offers in PERF_CAPABILITIES */
} Probe;

/* A change to a leaf before KVM gets it. */
typedef struct LeafChange {
    uint32_t leaf;
    X86Reg reg;
    uint32_t clear, set;
} LeafChange;

/* One vCPU with a page of code: an endless loop of port accesses. */
typedef struct Guest {
    KvmVm *vm;
    KvmVcpu *vcpu;
    GuestMemory *memory;
} Guest;

/* guest_bare - a vCPU that only got its CPUID; @changes ends in leaf 0. */
Guest guest_bare(const Probe *probe, const CpuContract *contract,
                 const LeafChange *changes);

/* guest_full - set up as the monitor does it; failure ends the program. */
Guest guest_full(const Probe *probe, const CpuContract *contract);

/* guest_close - all of it. */
void guest_close(Guest *guest);

/* guest_run - enter the guest @times times; false where KVM refuses. */
bool guest_run(Guest *guest, unsigned times);

/* msr_try_set, msr_try_get - one MSR; false where KVM refuses. */
bool msr_try_set(Guest *guest, uint32_t index, uint64_t value);
bool msr_try_get(Guest *guest, uint32_t index, uint64_t *ret);

/* say - one line of the report. */
void say(const char *key, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* say_bits - the numbers of the bits in @mask, or "none". */
void say_bits(const char *key, uint64_t mask);

/* fail - end with the message of @err. */
void fail(const char *what, const GError *err) G_GNUC_NORETURN;

/* The parts. */
void probe_capability(const Probe *probe);
void probe_registers(const Probe *probe);
void probe_state(const Probe *probe);

#endif
