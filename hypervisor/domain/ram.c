/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain's memory while it is built: mapped piece by piece for as long as it is filled, then cleaned to the point of
 * coherency, because its guest starts with caches off (Arm DDI 0487, D7.4 "Cache support").
 */
#include "internal.h"

#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/errno.h>
#include <hyp/xen.h>

#include <string.h>

/* As much as is mapped at once; keeps our own address space small whatever a domain's size is. */
#define MAP_BYTES (256UL * MIB)

/* Give [@pa, +@size) the next guest addresses: all of low memory first, then the high bank. */
static int ram_add(struct domain *d, uint64_t *filled, uint64_t pa, uint64_t size)
{
	while (size > 0) {
		uint64_t low_left = *filled < GUEST_RAM0_SIZE ? GUEST_RAM0_SIZE - *filled : 0;
		uint64_t n = low_left > 0 ? MIN(size, low_left) : size;
		struct domain_ram *r = &d->ram[d->nr_ram];

		if (d->nr_ram == DOMAIN_MAX_RAM) {
			return -ENOSPC;
		}
		r->gpa = low_left > 0 ? GUEST_RAM0_BASE + *filled
				      : GUEST_RAM1_BASE + (*filled - GUEST_RAM0_SIZE);
		r->pa = pa;
		r->size = n;
		d->nr_ram++;
		*filled += n;
		pa += n;
		size -= n;
	}
	return 0;
}

/* Guest physical is machine; two pieces that follow each other need not be told apart. */
static void ram_add_direct(struct domain *d, const struct plan_range *mem)
{
	d->ram[d->nr_ram++] = (struct domain_ram){ mem->base, mem->base, mem->size };
}

int ram_lay_out(struct domain *d)
{
	uint64_t filled = 0;
	unsigned int i;
	int rc = 0;

	d->nr_ram = 0;
	for (i = 0; d->plan->direct_map && i < d->plan->nr_mem; i++) {
		ram_add_direct(d, &d->plan->mem[i]);
	}
	for (i = 0; !d->plan->direct_map && rc == 0 && i < d->plan->nr_mem; i++) {
		rc = ram_add(d, &filled, d->plan->mem[i].base, d->plan->mem[i].size);
	}
	return rc;
}

/* The machine address behind @at and the contiguous bytes from there; 0: no RAM. */
static uint64_t ram_find(const struct domain *d, uint64_t at, uint64_t *pa)
{
	unsigned int i;

	for (i = 0; i < d->nr_ram; i++) {
		const struct domain_ram *r = &d->ram[i];

		if (at >= r->gpa && at - r->gpa < r->size) {
			*pa = r->pa + (at - r->gpa);
			return r->size - (at - r->gpa);
		}
	}
	return 0;
}

static int in_pieces(uint64_t pa, uint64_t len, void (*fn)(void *va, uint64_t len))
{
	while (len > 0) {
		uint64_t n = MIN(len, MAP_BYTES);
		void *va = arch_map(paddr(pa), n, MAP_RW);

		if (va == NULL) {
			return -ENOMEM;
		}
		fn(va, n);
		arch_unmap(va, n);
		pa += n;
		len -= n;
	}
	return 0;
}

int ram_clear_range(uint64_t pa, uint64_t len)
{
	return in_pieces(pa, len, arch_zero_clean);
}

int ram_begin(struct domain *d)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; rc == 0 && i < d->nr_ram; i++) {
		rc = in_pieces(d->ram[i].pa, d->ram[i].size, ram_first_life);
	}
	return rc;
}

/* What lies @done bytes into @d's memory; NULL: its end. */
static const struct domain_ram *ram_at(const struct domain *d, uint64_t done, uint64_t *offset)
{
	unsigned int i;

	for (i = 0; i < d->nr_ram; i++) {
		if (done < d->ram[i].size) {
			*offset = done;
			return &d->ram[i];
		}
		done -= d->ram[i].size;
	}
	return NULL;
}

/* Mapped as one block where it can be, for each mapping taken back is a TLB flush on all CPUs. */
static int map_chunk(struct domain *d, uint64_t done)
{
	struct domain_restart *m = &d->restart;
	uint64_t offset;
	const struct domain_ram *r = ram_at(d, done, &offset);
	uint64_t pa;

	if (r == NULL) {
		return 0;
	}
	pa = r->pa + offset;
	m->chunk_left = MIN(r->size - offset, ALIGN_DOWN(pa, 2 * MIB) + 2 * MIB - pa);
	m->chunk_bytes = m->chunk_left;
	m->chunk = arch_map(paddr(pa), m->chunk_bytes, MAP_RW);
	return m->chunk == NULL ? -ENOMEM : 1;
}

int ram_clear_step(struct domain *d, uint64_t *done)
{
	struct domain_restart *m = &d->restart;
	int rc = m->chunk == NULL ? map_chunk(d, *done) : 1;
	uint64_t n;

	if (rc <= 0) {
		return rc;
	}
	n = MIN(m->chunk_left, RAM_STEP_BYTES);
	arch_zero_clean((char *)m->chunk + (m->chunk_bytes - m->chunk_left), n);
	m->chunk_left -= n;
	*done += n;
	if (m->chunk_left == 0) {
		arch_unmap(m->chunk, m->chunk_bytes);
		m->chunk = NULL;
	}
	return 1;
}

/* A whole 1 GiB block at once, else no more than a table of small pages holds. */
int ram_map_step(struct domain *d, uint64_t *done)
{
	uint64_t offset;
	const struct domain_ram *r = ram_at(d, *done, &offset);
	uint64_t at, pa, n;
	int rc;

	if (r == NULL) {
		return 0;
	}
	at = r->gpa + offset;
	pa = r->pa + offset;
	n = r->size - offset;
	n = IS_ALIGNED(at | pa, GIB) && n >= GIB ? GIB
						 : MIN(n, ALIGN_DOWN(at, 2 * MIB) + 2 * MIB - at);
	rc = arch_p2m_map(d, gpa(at), paddr(pa), n, P2M_RAM);
	*done += n;
	return rc == 0 ? 1 : rc;
}

/* By this CPU's window: a mapping that is taken back is one that all CPUs have to forget, whatever they are doing. */
static void write_in_page(uint64_t pa, const void *from, uint64_t len, struct sha256 *sum)
{
	uint64_t offset = pa & (PAGE_SIZE - 1);
	unsigned long irq = arch_irq_save();
	char *va = (char *)arch_window(paddr(pa - offset)) + offset;

	memcpy(va, from, len);
	arch_cache_clean(va, len);
	if (sum != NULL) {
		sha256_add(sum, va, len);
	}
	arch_window_close();
	arch_irq_restore(irq);
}

int ram_write(struct domain *d, uint64_t to, const void *from, uint64_t len, struct sha256 *sum)
{
	const char *src = from;

	while (len > 0) {
		uint64_t pa = 0;
		uint64_t n = MIN(ram_find(d, to, &pa), len);

		n = MIN(n, PAGE_SIZE - (pa & (PAGE_SIZE - 1)));
		if (n == 0) {
			return -EFAULT;
		}
		write_in_page(pa, src, n, sum);
		to += n;
		src += n;
		len -= n;
	}
	return 0;
}

int ram_load(struct domain *d, uint64_t to, uint64_t from, uint64_t len, struct sha256 *sum)
{
	void *src = arch_map(paddr(from), len, MAP_RO);
	int rc;

	if (src == NULL) {
		return -ENOMEM;
	}
	rc = ram_write(d, to, src, len, sum);
	arch_unmap(src, len);
	return rc;
}
