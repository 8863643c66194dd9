/* SPDX-License-Identifier: Apache-2.0 */
/* What compat/ asks of the machine, on the fake one: its page is one of the guest's own that nothing else uses. */
#ifndef TESTS_COMPAT_FAKE_H
#define TESTS_COMPAT_FAKE_H

#include <asm/compat.h>
#include <world.h>

#define COMPAT_FAKE_AREA (WORLD_SCRATCH + 1 * MIB)

/** compat_fake_begin() - no call was asked for again yet. Context: before each compat_hypercall(). */
void compat_fake_begin(struct vcpu *v);

#endif
