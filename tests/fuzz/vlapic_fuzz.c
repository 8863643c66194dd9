// SPDX-License-Identifier: Apache-2.0
/*
 * The virtual local APICs of a domain under any registers, IPIs, messages and clocks.
 *
 * After each step the oracle computes from IRR, ISR and TPR, as they were told by the model's registers before, what must
 * be deliverable, and asks: is that what the model says; did whoever got an interrupt get a kick; did nobody lose one;
 * is what is in service nested by priority; does no timer ask for a time that is long past?
 */
#include "../unit/vlapic_fake.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_STEPS 250
#define X2APIC(l) (((l)->base & APIC_BASE_EXTD) != 0)

struct step {
	uint8_t what;
	uint8_t cpu;
	uint16_t at;
	uint32_t value;
};

enum {
	READ,
	WRITE,
	READ_MSR,
	WRITE_MSR,
	BASE,
	RAISE,
	MESSAGE,
	TAKE,
	END,
	CR8,
	CLOCK,
	NMI,
	INIT,
	NR_KINDS
};

/* Each APIC as it was before a step. */
struct before {
	uint32_t irr[8];
	unsigned int kicks;
};

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

static int top(const uint32_t *bits)
{
	for (int n = 255; n >= 0; n--) {
		if (bits[n / 32] == 0) {
			n -= 31; /* a whole word at once */
		} else if ((bits[n / 32] >> n % 32 & 1) != 0) {
			return n;
		}
	}
	return -1;
}

/* The priority rules once more, from the manual's words. */
static int expected(const struct vlapic *l)
{
	int irr = top(l->irr), isr = top(l->isr);

	if ((l->base & APIC_BASE_ENABLE) == 0 || irr < 0 || irr >> 4 <= isr >> 4 ||
	    irr >> 4 <= (int)l->tpr >> 4) {
		return VLAPIC_NO_VECTOR;
	}
	return irr;
}

static void check_registers(const struct vlapic *l)
{
	must(l->tpr <= 0xff && l->irr[0] <= UINT32_MAX && (l->irr[0] & 0xffff) == 0);
	must((l->dfr & 0x0fffffff) == 0x0fffffff && (l->ldr & 0xffffff) == 0);
	must((l->svr & ~0x1ffU) == 0 && (l->tdcr & ~0xbU) == 0);
	for (unsigned int n = 0; n < VLAPIC_NR_LVT; n++) {
		must((l->svr & APIC_SVR_ENABLE) != 0 || (l->lvt[n] & APIC_LVT_MASKED) != 0);
	}
	must(!l->is_timer_on || l->tmict != 0);
	must(vlapic_timer_due(l) == fake[l->id].due);
}

static void check(unsigned int n, const struct before *b, const struct step *s)
{
	const struct vlapic *l = &apic[n];
	bool may_lose = n == s->cpu % NR_CPUS &&
			(s->what % NR_KINDS == TAKE || s->what % NR_KINDS == INIT ||
			 s->what % NR_KINDS == BASE || s->what % NR_KINDS == WRITE_MSR);

	check_registers(l);
	must(vlapic_pending(l) == expected(l));
	for (unsigned int w = 0; w < 8; w++) {
		must((l->irr[w] & ~b->irr[w]) == 0 || fake[n].kicks != b->kicks);
		must((b->irr[w] & ~l->irr[w]) == 0 || may_lose);
	}
	if (vlapic_threshold(l) != 0) {
		must(vlapic_pending(l) == VLAPIC_NO_VECTOR &&
		     (int)vlapic_threshold(l) == top(l->irr) >> 4);
	}
}

static void take(struct vlapic *l)
{
	int vector = vlapic_pending(l);

	if (vector >= 0) {
		must(vector >> 4 > top(l->isr) >> 4);
		vlapic_take(l, (uint8_t)vector);
		must(top(l->isr) == vector && (l->irr[vector / 32] >> vector % 32 & 1) == 0);
		must(vlapic_pending(l) == VLAPIC_NO_VECTOR);
	}
}

/* An end of interrupt ends what has the highest priority in service, and nothing else. */
static void end(struct vlapic *l)
{
	uint32_t isr[8];
	int vector = top(l->isr);

	memcpy(isr, l->isr, sizeof(isr));
	if (!(X2APIC(l) ? vlapic_msr_write(l, MSR_X2APIC + APIC_EOI / 16, 0)
			: vlapic_mmio_write(l, APIC_EOI, 4, 0))) {
		must((l->base & APIC_BASE_ENABLE) == 0);
		vector = -1;
	}
	if (vector >= 0) {
		isr[vector / 32] &= ~(1U << vector % 32);
	}
	must(memcmp(isr, l->isr, sizeof(isr)) == 0);
}

static void to_mode(struct vlapic *l, uint32_t value)
{
	static const uint64_t bits[4] = { 0, APIC_BASE_ENABLE, APIC_BASE_ENABLE | APIC_BASE_EXTD,
					  APIC_BASE_EXTD };
	uint64_t old = l->base;
	uint64_t wanted = VLAPIC_BASE | (old & APIC_BASE_BSP) | bits[value & 3];

	if (!vlapic_msr_write(l, MSR_APIC_BASE, wanted)) {
		must(l->base == old);
	}
	must((l->base & (APIC_BASE_ENABLE | APIC_BASE_EXTD)) != APIC_BASE_EXTD);
}

static void clock_goes(uint32_t value)
{
	uint64_t to = now_ns + (value >> 12);
	unsigned int turns = 0;

	/* as vlapic_fake_go(), but no more often than a period may be short */
	for (unsigned int n = 0; n < NR_CPUS; n++) {
		while (fake[n].due <= to && turns++ < 4096) {
			now_ns = MAX(now_ns, fake[n].due);
			vlapic_timer(&apic[n]);
			must(fake[n].due > now_ns);
		}
	}
	now_ns = MAX(to, now_ns);
}

static void do_access(struct vlapic *l, const struct step *s)
{
	unsigned int bytes = 1U << (s->at >> 14);
	uint64_t value = 0;

	switch (s->what % NR_KINDS) {
	case READ:
		if (vlapic_mmio_read(l, s->at & 0xfff, bytes, &value) && bytes < 8) {
			must(value >> 8 * bytes == 0);
		}
		break;
	case WRITE:
		vlapic_mmio_write(l, s->at & 0xff0, bytes == 8 ? 8 : 4, s->value);
		break;
	case READ_MSR:
		vlapic_msr_read(l, MSR_X2APIC + (s->at & 0xff), &value);
		break;
	default:
		value = s->value;
		value |= (s->at & 0xff) == APIC_ICR / 16 ? (uint64_t)(s->at >> 8) << 32 : 0;
		vlapic_msr_write(
			l, (s->at & 0x4000) != 0 ? MSR_TSC_DEADLINE : MSR_X2APIC + (s->at & 0xff),
			(s->at & 0x4000) != 0 ? 2 * now_ns + value : value);
		break;
	}
}

static void do_step(const struct step *s)
{
	struct vlapic *l = &apic[s->cpu % NR_CPUS];

	switch (s->what % NR_KINDS) {
	case BASE:
		to_mode(l, s->value);
		break;
	case RAISE:
		vlapic_raise(l, (uint8_t)s->value, (s->at & 1) != 0);
		break;
	case MESSAGE:
		vlapic_message(&set, s->at & 0x1ff, (s->cpu & 0x80) != 0, s->value >> 8 & 7,
			       (uint8_t)s->value, (s->cpu & 0x40) != 0);
		break;
	case TAKE:
		take(l);
		break;
	case END:
		end(l);
		break;
	case CR8:
		must(vlapic_set_cr8(l, s->value & 0x1f) == ((s->value & 0x1f) < 16));
		must(vlapic_cr8(l) < 16);
		break;
	case CLOCK:
		clock_goes(s->value);
		break;
	case NMI:
		vlapic_nmi(l);
		must(vlapic_take_nmi(l) == ((l->base & APIC_BASE_ENABLE) != 0) &&
		     !vlapic_take_nmi(l));
		break;
	case INIT:
		vlapic_init_signal(l);
		must(top(l->irr) < 0 && top(l->isr) < 0);
		break;
	default:
		do_access(l, s);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct before b[NR_CPUS];
	struct step s;
	unsigned int nr = 0;

	vlapic_fake_begin();
	for (; size >= sizeof(s) && nr < MAX_STEPS; size -= sizeof(s), data += sizeof(s), nr++) {
		memcpy(&s, data, sizeof(s));
		for (unsigned int n = 0; n < NR_CPUS; n++) {
			memcpy(b[n].irr, apic[n].irr, sizeof(b[n].irr));
			b[n].kicks = fake[n].kicks;
		}
		do_step(&s);
		for (unsigned int n = 0; n < NR_CPUS; n++) {
			check(n, &b[n], &s);
		}
	}
	return 0;
}
