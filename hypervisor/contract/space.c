/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hyp/arch/p2m.h: a domain's physical space. The domain has nothing else and is never run; nobody looks at the machine
 * addresses that its space leads to.
 */
#include "contract.h"

#include <hyp/arch/p2m.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/pool.h>

#define AT	 (1 * GIB)
#define PA	 (3 * GIB)
#define BLOCK	 (2 * MIB)
#define APART	 (2 * GIB) /* so far that no two share the last tables of a walk */
#define RESERVED 6U
#define TRIES	 16U

static struct domain scratch;
static struct domain *const d = &scratch;

static int map(uint64_t at, uint64_t pa, uint64_t size, enum p2m_type type)
{
	return arch_p2m_map(d, gpa(at), paddr(pa), size, type);
}

static bool leads(uint64_t at, uint64_t pa, enum p2m_type type)
{
	enum p2m_type found = P2M_DEVICE;
	paddr_t where = { 0 };

	return arch_p2m_lookup(d, gpa(at), &where, &found) == 0 && where.v == pa && found == type;
}

static bool leads_nowhere(uint64_t at)
{
	enum p2m_type type;
	paddr_t where;

	return arch_p2m_lookup(d, gpa(at), &where, &type) == -EFAULT;
}

/* From its first byte to its last, and not beyond. */
static void ranges(void)
{
	HOLDS(leads_nowhere(AT));
	HOLDS(map(AT, PA, 2 * BLOCK, P2M_RAM) == 0);
	HOLDS(leads(AT, PA, P2M_RAM));
	HOLDS(leads(AT + BLOCK + 0x1234, PA + BLOCK + 0x1234, P2M_RAM));
	HOLDS(leads(AT + 2 * BLOCK - 1, PA + 2 * BLOCK - 1, P2M_RAM));
	HOLDS(leads_nowhere(AT - 1));
	HOLDS(leads_nowhere(AT + 2 * BLOCK));
	HOLDS(leads_nowhere(0));
	HOLDS(leads_nowhere(UINT64_MAX));
}

/* Refused, and nothing has changed. */
static void refusals(void)
{
	uint64_t end = AT + 2 * BLOCK;

	HOLDS(map(end + 1, PA, PAGE_SIZE, P2M_RAM) == -EINVAL);
	HOLDS(map(end, PA + 1, PAGE_SIZE, P2M_RAM) == -EINVAL);
	HOLDS(map(end, PA, PAGE_SIZE - 1, P2M_RAM) == -EINVAL);
	HOLDS(map(end, PA, 0, P2M_RAM) == -EINVAL);
	HOLDS(map(BIT(52), PA, PAGE_SIZE, P2M_RAM) == -EINVAL);
	HOLDS(map(end, PA, BIT(52), P2M_RAM) == -EINVAL);
	HOLDS(map(UINT64_MAX - PAGE_SIZE + 1, PA, 2 * PAGE_SIZE, P2M_RAM) == -EINVAL);
	HOLDS(map(end - PAGE_SIZE, PA, 2 * PAGE_SIZE, P2M_RAM_RO) == -EEXIST);
	HOLDS(map(AT - PAGE_SIZE, PA, BLOCK, P2M_RAM_RO) == -EEXIST);
	HOLDS(leads_nowhere(end));
	HOLDS(leads_nowhere(AT - PAGE_SIZE));
	HOLDS(leads(end - PAGE_SIZE, PA + 2 * BLOCK - PAGE_SIZE, P2M_RAM));
}

static void types(void)
{
	for (unsigned int t = P2M_RAM; t <= P2M_GRANT_RO; t++) {
		uint64_t at = AT + 4 * BLOCK + t * PAGE_SIZE;

		HOLDS(map(at, PA + t * PAGE_SIZE, PAGE_SIZE, (enum p2m_type)t) == 0);
		HOLDS(leads(at + 8, PA + t * PAGE_SIZE + 8, (enum p2m_type)t));
	}
}

/* A page out of the middle of a block; holes are no error; what was taken out can be mapped again. */
static void holes(void)
{
	uint64_t at = AT + BLOCK / 2, pa = PA + BLOCK / 2;

	HOLDS(arch_p2m_unmap(d, gpa(at), PAGE_SIZE) == 0);
	HOLDS(leads_nowhere(at));
	HOLDS(leads_nowhere(at + PAGE_SIZE - 1));
	HOLDS(leads(at - 1, pa - 1, P2M_RAM));
	HOLDS(leads(at + PAGE_SIZE, pa + PAGE_SIZE, P2M_RAM));
	HOLDS(arch_p2m_unmap(d, gpa(at), PAGE_SIZE) == 0);
	HOLDS(arch_p2m_unmap(d, gpa(at + 1), PAGE_SIZE) != 0);
	HOLDS(map(at, PA + 64 * BLOCK, PAGE_SIZE, P2M_GRANT) == 0);
	HOLDS(leads(at + 1, PA + 64 * BLOCK + 1, P2M_GRANT));
	HOLDS(arch_p2m_unmap(d, gpa(AT), BLOCK) == 0);
	HOLDS(leads_nowhere(AT) && leads_nowhere(at) && leads_nowhere(AT + BLOCK - 1));
	HOLDS(leads(AT + BLOCK, PA + BLOCK, P2M_RAM));
}

static void replacements(void)
{
	const gpa_t pages[] = { gpa(AT + 4 * BLOCK), gpa(AT + 4 * BLOCK + 2 * PAGE_SIZE) };

	arch_p2m_replace(d, pages, ARRAY_SIZE(pages), paddr(PA + 32 * BLOCK), P2M_GRANT_RO);
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		HOLDS(leads(pages[i].v + 4, PA + 32 * BLOCK + 4, P2M_GRANT_RO));
	}
	HOLDS(leads(AT + 4 * BLOCK + PAGE_SIZE, PA + PAGE_SIZE, P2M_RAM_RO));
}

/* How many pages far apart can be mapped until no table is left; the one that cannot leads nowhere. */
static unsigned int fill(void)
{
	unsigned int n = 0;
	int err = 0;

	while (n < TRIES && err == 0) {
		err = map(AT + (n + 1) * APART, PA, PAGE_SIZE, P2M_RAM);
		n += err == 0;
	}
	HOLDS(err == -ENOMEM);
	HOLDS(leads_nowhere(AT + (n + 1) * APART));
	return n;
}

/* Tables set aside are all that it has from then on, in its next life too: nobody else's page is taken. */
static void reserved(void)
{
	unsigned int had, turns = 0;
	size_t free;

	HOLDS(arch_p2m_reserve(d, RESERVED) == 0);
	free = pool_free_pages();
	had = fill();
	HOLDS(had > 0);
	HOLDS(pool_free_pages() == free);
	while (turns < TRIES * TRIES && arch_p2m_reset(d)) {
		turns++;
	}
	HOLDS(leads_nowhere(AT + BLOCK) && leads_nowhere(AT + 4 * BLOCK) &&
	      leads_nowhere(AT + APART));
	HOLDS(pool_free_pages() == free);
	for (unsigned int n = 0; n < had; n++) {
		HOLDS(map(AT + (n + 1) * APART, PA, PAGE_SIZE, P2M_RAM) == 0);
		HOLDS(leads(AT + (n + 1) * APART, PA, P2M_RAM));
	}
	HOLDS(pool_free_pages() == free);
}

void contract_space(void)
{
	if (!HOLDS(arch_p2m_init(d) == 0)) {
		return;
	}
	ranges();
	refusals();
	types();
	holes();
	replacements();
	reserved();
}
