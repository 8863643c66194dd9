// SPDX-License-Identifier: Apache-2.0
/* The fake machine of tests/unit/vlapic_fake.h. */
#include "vlapic_fake.h"

struct vlapic_set set;
struct vlapic apic[NR_CPUS];
struct vlapic_fake fake[NR_CPUS];
uint64_t now_ns, tsc_moved;

uint64_t vlapic_hw_now_ns(const struct vlapic *l)
{
	(void)l;
	return now_ns;
}

uint64_t vlapic_hw_tsc_ns(const struct vlapic *l, uint64_t tsc)
{
	(void)l;
	return (tsc - tsc_moved) / 2;
}

void vlapic_hw_timer(struct vlapic *l, uint64_t ns)
{
	fake[l->id].due = ns;
}

void vlapic_hw_kick(struct vlapic *l)
{
	fake[l->id].kicks++;
}

void vlapic_hw_init(struct vlapic *l)
{
	fake[l->id].inits++;
}

void vlapic_hw_sipi(struct vlapic *l, uint8_t vector)
{
	fake[l->id].sipi = vector;
}

void vlapic_hw_eoi(struct vlapic *l, uint8_t vector)
{
	fake[l->id].eois++;
	fake[l->id].eoi = vector;
}

void vlapic_fake_begin(void)
{
	set.nr = 0;
	now_ns = 1000000;
	tsc_moved = 0;
	for (unsigned int n = 0; n < NR_CPUS; n++) {
		apic[n] = (struct vlapic){ 0 };
		vlapic_init(&set, &apic[n]);
		fake[n] = (struct vlapic_fake){ .sipi = -1, .eoi = -1, .due = UINT64_MAX };
	}
}

void vlapic_fake_go(uint64_t ns)
{
	for (;;) {
		struct vlapic *next = NULL;

		for (unsigned int n = 0; n < NR_CPUS; n++) {
			if (fake[n].due <= ns &&
			    (next == NULL || fake[n].due < fake[next->id].due)) {
				next = &apic[n];
			}
		}
		if (next == NULL) {
			break;
		}
		now_ns = MAX(now_ns, fake[next->id].due);
		vlapic_timer(next);
	}
	now_ns = ns;
}
