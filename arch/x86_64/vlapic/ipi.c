// SPDX-License-Identifier: Apache-2.0
/*
 * Interrupts from one virtual local APIC, or from a device, to others: asm/vlapic.h.
 *
 * What is read of another APIC to choose (its mode, LDR, DFR, TPR) is read once and may be stale: a guest that changes
 * it at the same time gets one or the other. Nothing of it is an index.
 * Spec: Intel SDM vol. 3A, 11.6 (IPIs), 11.6.2 (destinations), 11.10 (message format), 11.12.9 and .10 (x2APIC).
 */
#include "internal.h"

#define FIRST_VECTOR 16

enum shorthand {
	TO_DEST,
	TO_SELF,
	TO_ALL,
	TO_OTHERS
};

struct message {
	uint32_t dest;
	bool is_logical;
	bool is_wide; /* 32 bits of destination: sent by an x2APIC, or by a device to IDs above 0xff */
	unsigned int mode;
	uint8_t vector;
	bool is_level;
};

static bool is_broadcast(const struct message *m)
{
	return m->dest == (m->is_wide ? UINT32_MAX : 0xff);
}

/* An x2APIC's logical ID follows from its APIC ID: 16 in a cluster. */
static bool is_in_cluster(uint32_t id, uint32_t dest)
{
	return dest >> 16 == id >> 4 && (dest & 1U << (id & 15)) != 0;
}

static bool is_logical_dest(const struct vlapic *l, uint32_t dest)
{
	uint32_t ldr = __atomic_load_n(&l->ldr, __ATOMIC_RELAXED) >> 24;

	if (vlapic_is_x2apic(l)) {
		return is_in_cluster(l->id, dest);
	}
	if (dest > 0xff) {
		return false;
	}
	if (__atomic_load_n(&l->dfr, __ATOMIC_RELAXED) >> 28 == 0xf) { /* flat */
		return (ldr & dest) != 0;
	}
	return ldr >> 4 == dest >> 4 && (ldr & dest & 0xf) != 0;
}

static bool is_dest(const struct vlapic *l, const struct message *m)
{
	if (!vlapic_is_present(l)) {
		return false;
	}
	if (is_broadcast(m)) {
		return true;
	}
	return m->is_logical ? is_logical_dest(l, m->dest) : l->id == m->dest;
}

/* Return: did it take it? */
static bool deliver(struct vlapic *to, const struct message *m)
{
	switch (m->mode) {
	case APIC_FIXED:
	case APIC_LOWEST:
		if (m->vector < FIRST_VECTOR || !vlapic_accepts(to)) {
			return false;
		}
		vlapic_raise(to, m->vector, m->is_level);
		return true;
	case APIC_NMI:
		vlapic_nmi(to);
		return true;
	case APIC_INIT:
		vlapic_hw_init(to);
		return true;
	case APIC_SIPI:
		vlapic_hw_sipi(to, m->vector);
		return true;
	default: /* there is no SMM, and no 8259 */
		return false;
	}
}

/* Of those that are meant and take interrupts, the one whose task priority is lowest: the first of them. */
static bool deliver_lowest(struct vlapic_set *set, const struct vlapic *but,
			   const struct message *m)
{
	struct vlapic *best = NULL;
	uint32_t best_tpr = UINT32_MAX;
	unsigned int n;

	for (n = 0; n < set->nr; n++) {
		struct vlapic *l = set->cpus[n];
		uint32_t tpr = __atomic_load_n(&l->tpr, __ATOMIC_RELAXED);

		if (l != but && is_dest(l, m) && vlapic_accepts(l) && tpr < best_tpr) {
			best = l;
			best_tpr = tpr;
		}
	}
	return best != NULL && deliver(best, m);
}

static bool deliver_all(struct vlapic_set *set, const struct vlapic *but, const struct message *m)
{
	bool is_taken = false;
	unsigned int n;

	if (m->mode == APIC_LOWEST) {
		return deliver_lowest(set, but, m);
	}
	for (n = 0; n < set->nr; n++) {
		if (set->cpus[n] != but && is_dest(set->cpus[n], m)) {
			is_taken |= deliver(set->cpus[n], m);
		}
	}
	return is_taken;
}

bool vlapic_message(struct vlapic_set *set, uint32_t dest, bool is_logical, unsigned int mode,
		    uint8_t vector, bool is_level)
{
	struct message m = {
		.dest = dest,
		.is_logical = is_logical,
		.is_wide = dest > 0xff,
		.mode = mode,
		.vector = vector,
		.is_level = is_level,
	};

	return deliver_all(set, NULL, &m);
}

/* Spec: 11.6.1, table 11-3: which modes go with which shorthand. */
static bool is_valid(enum shorthand to, unsigned int mode, bool is_deassert)
{
	if (mode == APIC_INIT && is_deassert) {
		return false; /* synchronises arbitration IDs, which nobody has any more */
	}
	return to == TO_DEST || to == TO_OTHERS || mode == APIC_FIXED;
}

void vlapic_send(struct vlapic *l, uint64_t icr)
{
	enum shorthand to = icr >> ICR_SHORTHAND_SHIFT & 3;
	struct message m = {
		.dest = (uint32_t)(icr >> ICR_DEST_SHIFT),
		.is_logical = (icr & ICR_LOGICAL) != 0,
		.is_wide = vlapic_is_x2apic(l),
		.mode = (unsigned int)(icr >> ICR_MODE_SHIFT) & 7,
		.vector = (uint8_t)icr,
	};

	if (m.mode == APIC_FIXED && m.vector < FIRST_VECTOR) {
		vlapic_error(l, ESR_SEND_VECTOR);
		return;
	}
	if (!is_valid(to, m.mode, (icr & ICR_LEVEL) != 0 && (icr & ICR_ASSERT) == 0)) {
		return;
	}
	if (to == TO_SELF) {
		deliver(l, &m);
		return;
	}
	if (to != TO_DEST) {
		m.is_wide = true;
		m.dest = UINT32_MAX;
		m.is_logical = false;
	}
	deliver_all(l->set, to == TO_OTHERS ? l : NULL, &m);
}
