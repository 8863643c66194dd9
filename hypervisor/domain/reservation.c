// SPDX-License-Identifier: Apache-2.0
/*
 * A domain's own memory, page by page: what it gives up and takes back, where the plan says `ashlar,balloon`.
 *
 * Nobody else ever gets a page that a domain gave up: it stays the domain's, out of its sight, and comes back where the
 * domain asks for one, its old place first. So nothing has to be scrubbed, and a restart finds all of it as at the start.
 * A bit a page, and translation tables for every page, are set aside while the domain is built.
 *
 * Lock: domain.lock. Spec: Xen public memory.h, XENMEM_decrease_reservation, XENMEM_populate_physmap.
 */
#include "internal.h"

#include <hyp/arch/p2m.h>
#include <hyp/errno.h>
#include <hyp/mmio.h>
#include <hyp/pool.h>
#include <hyp/reservation.h>

#include <string.h>

#define WORD_BITS 64U
#define NO_PAGE	  UINT64_MAX

struct reservation {
	uint64_t nr_pages; /* (c) */
	uint64_t nr_out;
	uint64_t first_word; /* no page is out before it */
	uint64_t out[];	     /* a bit a page, in the order of domain.ram[] */
};

static uint64_t nr_words(uint64_t nr_pages)
{
	return (nr_pages + WORD_BITS - 1) / WORD_BITS;
}

int reservation_init(struct domain *d)
{
	uint64_t nr = d->plan->memory_bytes >> PAGE_SHIFT;

	if (!d->plan->balloon) {
		return 0;
	}
	d->reservation =
		pool_alloc(sizeof(*d->reservation) + nr_words(nr) * sizeof(d->reservation->out[0]));
	if (d->reservation == NULL) {
		return -ENOMEM;
	}
	d->reservation->nr_pages = nr;
	return 0;
}

void reservation_begin_life(struct domain *d)
{
	struct reservation *r = d->reservation;

	if (r != NULL) {
		memset(r->out, 0, nr_words(r->nr_pages) * sizeof(r->out[0]));
		r->nr_out = 0;
		r->first_word = 0;
	}
}

/* A table for each 2 MiB and for each GiB that a piece of memory has a part in. */
unsigned int reservation_tables(const struct domain *d)
{
	uint64_t nr = 0;
	unsigned int i;

	for (i = 0; d->reservation != NULL && i < d->nr_ram; i++) {
		uint64_t first = d->ram[i].gpa, last = first + d->ram[i].size - 1;

		nr += last / (2 * MIB) - first / (2 * MIB) + 1 + last / GIB - first / GIB + 1;
	}
	return (unsigned int)nr;
}

uint64_t reservation_pages(const struct domain *d)
{
	uint64_t nr = d->plan->memory_bytes >> PAGE_SHIFT;

	return d->reservation == NULL ? nr : nr - d->reservation->nr_out;
}

/* Which of @d's pages is that at @at, by machine or guest address? Return: NO_PAGE: none. */
static uint64_t page_of(const struct domain *d, uint64_t at, bool is_machine)
{
	uint64_t before = 0;
	unsigned int i;

	for (i = 0; i < d->nr_ram; i++) {
		uint64_t base = is_machine ? d->ram[i].pa : d->ram[i].gpa;

		if (at >= base && at - base < d->ram[i].size) {
			return (before + (at - base)) >> PAGE_SHIFT;
		}
		before += d->ram[i].size;
	}
	return NO_PAGE;
}

static paddr_t address_of(const struct domain *d, uint64_t page)
{
	uint64_t offset = page << PAGE_SHIFT;
	unsigned int i = 0;

	while (offset >= d->ram[i].size) {
		offset -= d->ram[i++].size;
	}
	return paddr(d->ram[i].pa + offset);
}

static bool is_out(const struct reservation *r, uint64_t page)
{
	return (r->out[page / WORD_BITS] >> (page % WORD_BITS) & 1) != 0;
}

void reservation_put(struct domain *d, paddr_t pa)
{
	struct reservation *r = d->reservation;
	uint64_t page = page_of(d, pa.v, true);

	if (r == NULL || page == NO_PAGE || is_out(r, page)) {
		return;
	}
	r->out[page / WORD_BITS] |= BIT(page % WORD_BITS);
	r->first_word = MIN(r->first_word, page / WORD_BITS);
	r->nr_out++;
}

static void take(struct reservation *r, uint64_t page)
{
	r->out[page / WORD_BITS] &= ~BIT(page % WORD_BITS);
	r->nr_out--;
}

/* The page whose place @at is, if it is out; else any that is, unless places are the machine's. */
static uint64_t choose(const struct domain *d, uint64_t at)
{
	struct reservation *r = d->reservation;
	uint64_t page = page_of(d, at, false);

	if (page != NO_PAGE && is_out(r, page)) {
		return page;
	}
	if (r->nr_out == 0 || d->plan->direct_map) {
		return NO_PAGE;
	}
	while (r->out[r->first_word] == 0) {
		r->first_word++;
	}
	return r->first_word * WORD_BITS + (uint64_t)__builtin_ctzl(r->out[r->first_word]);
}

static int give_up(struct domain *d, gpa_t at)
{
	enum p2m_type type;
	paddr_t pa;
	int rc;

	if (arch_p2m_lookup(d, at, &pa, &type) != 0 || type != P2M_RAM ||
	    page_of(d, pa.v, true) == NO_PAGE) {
		return -EINVAL;
	}
	rc = arch_p2m_unmap(d, at, PAGE_SIZE);
	if (rc == 0) {
		reservation_put(d, pa);
	}
	return rc;
}

int reservation_decrease(struct domain *d, uint64_t gfn)
{
	unsigned long irq;
	int rc;

	if (d->reservation == NULL || gfn >= BIT(52 - PAGE_SHIFT)) {
		return -EPERM;
	}
	irq = spin_lock_irqsave(&d->lock);
	rc = give_up(d, gpa(gfn << PAGE_SHIFT));
	spin_unlock_irqrestore(&d->lock, irq);
	return rc;
}

static int take_back(struct domain *d, gpa_t at)
{
	enum p2m_type type;
	uint64_t page;
	paddr_t pa;
	int rc;

	if (mmio_is_there(d, at.v) || arch_p2m_lookup(d, at, &pa, &type) == 0) {
		return -EEXIST;
	}
	page = choose(d, at.v);
	if (page == NO_PAGE) {
		return -ENOMEM;
	}
	rc = arch_p2m_map(d, at, address_of(d, page), PAGE_SIZE, P2M_RAM);
	if (rc == 0) {
		take(d->reservation, page);
	}
	return rc;
}

int reservation_populate(struct domain *d, uint64_t gfn)
{
	unsigned long irq;
	int rc;

	if (d->reservation == NULL || gfn >= BIT(52 - PAGE_SHIFT)) {
		return -EPERM;
	}
	irq = spin_lock_irqsave(&d->lock);
	rc = take_back(d, gpa(gfn << PAGE_SHIFT));
	spin_unlock_irqrestore(&d->lock, irq);
	return rc;
}
