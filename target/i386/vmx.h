/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The capability registers of VMX and the feature words they stand for.
 *
 * A register of controls says twice what a bit may be: its low half has the bits that
 * must be 1, its high half those that may be.  A feature is a control that can be either.
 * In the other registers a feature is a bit, beside fields that are KVM's own.
 */
#ifndef TARGET_I386_VMX_H
#define TARGET_I386_VMX_H

#include "target/x86-features.h"

/* x86_vmx_decode - the features that @value of the register of @word, a VMX word, says.
 */
uint64_t x86_vmx_decode(X86Word word, uint64_t value);

/*
 * x86_vmx_encode - what the register of @word says to a guest with @features.
 * @offered: KVM's own value, which has the fields that are no features
 */
uint64_t x86_vmx_encode(X86Word word, uint64_t features, uint64_t offered);

#endif
