/* SPDX-License-Identifier: Apache-2.0 */
/* What memory_op's files share. */
#ifndef HYPERCALL_MEMORY_H
#define HYPERCALL_MEMORY_H

#include "hypercall.h"

/* How far a long call is stands above its number when it comes again; guests make it with nothing there. */
#define MEMORY_OP_BITS	   6
#define MEMORY_OP_MASK	   (BIT(MEMORY_OP_BITS) - 1)
#define MEMORY_MAX_EXTENTS BIT(40)

/** memory_decrease() / memory_populate() - XENMEM_decrease_reservation, XENMEM_populate_physmap. */
int64_t memory_decrease(struct vcpu *v, const uint64_t args[5]);
int64_t memory_populate(struct vcpu *v, const uint64_t args[5]);

/** memory_reservation() - XENMEM_current_reservation, XENMEM_maximum_reservation. */
int64_t memory_reservation(struct vcpu *v, uint64_t at, bool is_maximum);

#endif
