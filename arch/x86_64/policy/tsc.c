/* SPDX-License-Identifier: Apache-2.0 */
/* A domain's TSC out of the machine's: asm/tsc.h. Sums may wrap, as counters do. */
#include <asm/tsc.h>

#define NS_PER_S 1000000000UL

/* (a << bits) / b, whose quotient has 64 bits: b is below 2^63, and no 128-bit division is linked. */
static uint64_t divide(uint64_t a, uint64_t b, uint32_t bits)
{
	uint64_t quotient = a / b, rest = a % b;

	while (bits-- > 0) {
		rest <<= 1;
		quotient <<= 1;
		if (rest >= b) {
			rest -= b;
			quotient |= 1;
		}
	}
	return quotient;
}

/* As the hardware does it: the product has 128 bits, of which 64 are kept. */
static uint64_t multiplied(const struct tsc *t, uint64_t machine)
{
	return (uint64_t)((unsigned __int128)machine * t->ratio >> t->fraction);
}

void tsc_init(struct tsc *t, uint64_t hz)
{
	*t = (struct tsc){ .hz = hz, .tick_ns = (NS_PER_S << 32) / hz, .ratio = 1 };
}

/* A tick is made of the machine's: so that the two clocks go together though a ratio is not exact. */
bool tsc_set_rate(struct tsc *t, const struct tsc_scaler *s, uint64_t hz)
{
	uint64_t whole = hz / t->hz, ratio;

	if (whole >> (s->bits - s->fraction - 1) != 0) {
		return false;
	}
	ratio = divide(hz, t->hz, s->fraction);
	if (ratio == 0) {
		return false;
	}
	t->tick_ns = divide(t->tick_ns, ratio, s->fraction);
	t->ratio = ratio;
	t->fraction = s->fraction;
	t->hz = hz;
	return true;
}

uint64_t tsc_offset(const struct tsc *t, uint64_t moved)
{
	return moved - multiplied(t, t->start);
}

uint64_t tsc_at(const struct tsc *t, uint64_t machine, uint64_t moved)
{
	return multiplied(t, machine) + tsc_offset(t, moved);
}

uint64_t tsc_moved_to(const struct tsc *t, uint64_t machine, uint64_t value)
{
	return value - tsc_at(t, machine, 0);
}

uint64_t tsc_wait_ns(const struct tsc *t, uint64_t from, uint64_t to)
{
	unsigned __int128 ns = to > from ? (unsigned __int128)(to - from) * t->tick_ns >> 32 : 0;

	return ns > UINT64_MAX ? UINT64_MAX : (uint64_t)ns;
}

/* 32 bits below the point: a TSC slower than 1 GHz is doubled until they are enough. */
struct tsc_clock tsc_clock(const struct tsc *t)
{
	struct tsc_clock c = { .shift = 0 };
	uint64_t tick_ns = t->tick_ns;

	while (tick_ns > UINT32_MAX) {
		tick_ns >>= 1;
		c.shift++;
	}
	c.mul = (uint32_t)tick_ns;
	return c;
}
