/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCI functions that domains have: found, their memory put where the plan says, mapped, quiet between two lives. What of
 * it a domain sees and may change is in pci_config.c and pci_msi.c.
 *
 * A function reaches its domain's memory through an IOMMU, or, where none guards it, all memory, which the plan must allow.
 * Between lives it is off, and an IOMMU lets nothing of it through.
 * Spec: PCI Local Bus 3.0, 6.2.2 (command), 6.2.5.1 (base addresses and their sizes), 6.7 (capabilities).
 */
#include "pci.h"

#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/pool.h>

#define BAR_FLAGS    0x0fU
#define BAR_TYPE     0x07U
#define BAR_IS_64    0x04U
#define BAR_IS_PORTS 0x01U
#define STATUS	     0x06U
#define STATUS_LIST  0x10U
#define LIST	     0x34U
#define MAX_LIST     48U /* capabilities that 256 bytes hold */
#define HEADER	     0x0eU
#define HEADER_TYPE  0x7fU

uint32_t pci_read32(const struct pci_function *f, uint32_t at)
{
	return *(volatile uint32_t *)(f->config + at);
}

void pci_write32(const struct pci_function *f, uint32_t at, uint32_t value)
{
	*(volatile uint32_t *)(f->config + at) = value;
}

uint16_t pci_read16(const struct pci_function *f, uint32_t at)
{
	return *(volatile uint16_t *)(f->config + at);
}

void pci_write16(const struct pci_function *f, uint32_t at, uint16_t value)
{
	*(volatile uint16_t *)(f->config + at) = value;
}

uint8_t pci_capability(const struct pci_function *f, uint8_t id)
{
	uint8_t at = f->config[LIST] & 0xfcU;

	if ((f->config[STATUS] & STATUS_LIST) == 0) {
		return 0;
	}
	for (unsigned int n = 0; n < MAX_LIST && at >= 0x40; n++) {
		if (f->config[at] == id) {
			return at;
		}
		at = f->config[at + 1] & 0xfcU;
	}
	return 0;
}

static void say(const struct domain *d, uint16_t function, const char *what)
{
	hyp_printf("%s: PCI function %02x:%02x.%x %s", d->name, function >> 8, function >> 3 & 31,
		   function & 7, what);
}

/* Its page, where the firmware has it. Return: NULL: there is no such function, or no memory. */
static void *find(uint16_t function)
{
	uint64_t at = arch_pci_config(function);
	void *config = at == 0 ? NULL : arch_map(paddr(at), PAGE_SIZE, MAP_DEVICE);

	if (config != NULL && *(volatile uint32_t *)config == PCI_NOBODY) {
		arch_unmap(config, PAGE_SIZE);
		return NULL;
	}
	return config;
}

/* The bits of base register @n that can be written, its function being off. What was there before is there again. */
static uint32_t probe(const struct pci_function *f, uint32_t n)
{
	uint32_t at = PCI_BAR0 + 4 * n, old = pci_read32(f, at), mask;

	pci_write32(f, at, UINT32_MAX);
	mask = pci_read32(f, at);
	pci_write32(f, at, old);
	return mask;
}

/* Base register @n gets @range. Return: -EINVAL: it is for ports, or of more than that. */
static int place(struct pci_function *f, uint32_t n, const struct plan_range *range)
{
	uint32_t at = PCI_BAR0 + 4 * n, low = pci_read32(f, at), high = 0;
	bool is_64 = (low & BAR_TYPE) == BAR_IS_64;
	uint64_t mask = probe(f, n) & ~BAR_FLAGS;

	if ((low & BAR_IS_PORTS) != 0 || mask == 0 || (is_64 && n + 1 == PCI_BARS)) {
		return -EINVAL;
	}
	if (is_64) {
		high = probe(f, n + 1);
		pci_write32(f, at + 4, (uint32_t)(range->base >> 32));
		f->bar_mask[n + 1] = high;
	}
	mask |= (uint64_t)(is_64 ? high : UINT32_MAX) << 32;
	f->bar_mask[n] = (uint32_t)mask;
	f->bar_type[n] = low & BAR_FLAGS;
	pci_write32(f, at, (uint32_t)range->base | f->bar_type[n]);
	return -mask > range->size || (range->base & ~mask) != 0 ? -EINVAL : 0;
}

static int place_all(struct pci_function *f)
{
	int rc = 0;

	for (uint32_t i = 1; rc == 0 && i < f->plan->nr_regs; i++) {
		rc = place(f, (f->plan->bars[i] - PCI_BAR0) / 4, &f->plan->regs[i]);
	}
	return rc;
}

static int build(struct domain *d, const struct plan_device *dev, void *config,
		 struct pci_function **out)
{
	struct pci_function *f = pool_alloc(sizeof(*f));
	int rc;

	if (f == NULL) {
		return -ENOMEM;
	}
	f->domain = d;
	f->plan = dev;
	f->config = config;
	*out = f;
	if ((f->config[HEADER] & HEADER_TYPE) != 0) {
		say(d, dev->function, "is a bridge");
		return -EINVAL;
	}
	pci_write16(f, PCI_COMMAND, PCI_COMMAND_NO_INTX);
	rc = place_all(f);
	if (rc != 0) {
		say(d, dev->function, "has other memory than assigned-addresses says");
		return rc;
	}
	rc = pci_msi_build(f);
	return rc == 0 ? pci_config_window(d, dev, f) : rc;
}

/* It is off until its domain switches it on. One that is not there is seen as such. */
int pci_build(struct domain *d, const struct plan_device *dev, struct pci_function **out)
{
	void *config = find(dev->function);
	int rc;

	*out = NULL;
	if (config == NULL) {
		say(d, dev->function, "is not there");
		return pci_config_window(d, dev, NULL);
	}
	rc = build(d, dev, config, out);
	if (rc != 0) {
		say(d, dev->function, "cannot be given");
	}
	return rc;
}

static int map_pages(struct domain *d, uint64_t at, uint64_t end, uint64_t pa)
{
	return at < end ? arch_p2m_map(d, gpa(at), paddr(pa), end - at, P2M_DEVICE) : 0;
}

/* All of a range but the pages of the message table. */
static int map_range(struct pci_function *f, const struct plan_map *map)
{
	uint64_t at = map->at, pa = map->machine.base;
	uint64_t end = at + ALIGN_UP(map->machine.size, PAGE_SIZE);
	uint64_t table_end = f->table_at + f->table_bytes;
	int rc;

	if (f->table_bytes == 0 || f->table_at < at || f->table_at >= end) {
		return map_pages(f->domain, at, end, pa);
	}
	rc = map_pages(f->domain, at, f->table_at, pa);
	return rc == 0 ? map_pages(f->domain, table_end, end, pa + (table_end - at)) : rc;
}

static int guard(const struct pci_function *f)
{
	int rc = arch_iommu_attach(f->domain, f->plan->function, !f->plan->is_guarded);

	if (rc == -ENODEV && !f->plan->is_guarded) {
		return 0;
	}
	if (rc == -ENODEV) {
		say(f->domain, f->plan->function,
		    "is guarded by no IOMMU, and its domain does not say ashlar,dma-without-iommu");
	}
	return rc;
}

int pci_map(struct pci_function *f)
{
	int rc = place_all(f);

	rc = rc == 0 ? guard(f) : rc;
	for (uint32_t i = 1; rc == 0 && i < f->plan->nr_maps; i++) {
		rc = map_range(f, &f->plan->maps[i]);
	}
	pci_config_reset(f);
	return rc;
}

/* What it began is over when the status has been read behind the command, and what an IOMMU still had of it is out. */
void pci_quiesce(struct pci_function *f)
{
	pci_write16(f, PCI_COMMAND, PCI_COMMAND_NO_INTX);
	(void)pci_read32(f, PCI_COMMAND);
	arch_iommu_block(f->plan->function);
	pci_msi_reset(f);
}
