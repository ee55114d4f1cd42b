/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A contract in the form KVM takes: CPUID leaves of one vCPU, and MSR values.  Pure.
 */
#ifndef TARGET_X86_ENCODE_H
#define TARGET_X86_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "target/cpu-contract.h"

/* What the guest's processors look like to it; every count at least 1. */
typedef struct X86Topology {
    unsigned sockets, dies, modules, cores, threads; /* each per the one before */
} X86Topology;

/* More entries than a contract ever encodes to; KVM takes at most 256. */
#define X86_CPUID_MAX 256

/* x86_topology_cpus - number of logical processors. */
unsigned x86_topology_cpus(const X86Topology *topology);

/*
 * x86_topology_apic_id - APIC id of vCPU @index: thread, core, module, die and socket
 * numbers, each in the smallest field that holds it, lowest first.
 */
uint32_t x86_topology_apic_id(const X86Topology *topology, unsigned index);

/*
 * x86_contract_encode_cpuid - the leaves of vCPU @index.
 * @entries: room for X86_CPUID_MAX
 *
 * Leaves 1, 4, 0xB, 0x1F, 0x80000001, 0x80000008, 0x8000001D, 0x8000001E and 0x80000026
 * get the topology and the vCPU's APIC id.  Returns the number of entries, in ascending
 * order.
 */
unsigned x86_contract_encode_cpuid(const CpuContract *contract,
                                   const X86Topology *topology, unsigned index,
                                   X86CpuidEntry *entries);

/*
 * x86_contract_encode_msrs - values to write once, before the first run, in order:
 * feature MSRs first.
 * @msrs: room for @max; 16 is always enough
 */
unsigned x86_contract_encode_msrs(const CpuContract *contract, X86Msr *msrs,
                                  unsigned max);

/*
 * x86_contract_order_msrs - the MSRs in the order a resolver writes them, whatever order
 * the JSON they were read from has: members of an object have none.
 */
void x86_contract_order_msrs(X86Contract *x86);

/*
 * x86_contract_check_agrees - what @contract gives KVM is what is compared with hosts.
 * Every register of every leaf, and every MSR, is what words, identity and PMU of the
 * contract make it, or a number of the host's (caches, sizes of states, frequencies)
 * that belongs to a feature the words have.  False with an error that names the leaf.
 */
bool x86_contract_check_agrees(const CpuContract *contract, GError **errp);

#endif
