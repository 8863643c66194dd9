/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices of the board that a domain has: registers in its physical space, interrupts of its own, and quiet between
 * two owners: before its first life and after each.
 *
 * The plan's reader saw to it that nobody else has anything in their pages. Registers of devices that can be reset stay
 * mapped for us, so that a domain's end needs no memory.
 */
#include "internal.h"

#include <hyp/arch/irq.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/errno.h>
#include <hyp/log.h>

/* By place in plan.devices[]; NULL: not to be reset, or not there. */
static union {
	void *regs;
	struct pci_function *pci; /* PLAN_RESET_PCI */
} known[PLAN_MAX_DEVICES];

/* Two devices of a domain may have registers in one page: it is mapped by whoever comes first. */
static bool is_mapped(struct domain *d, uint64_t at, uint64_t pa)
{
	enum p2m_type type;
	paddr_t there;

	return arch_p2m_lookup(d, gpa(at), &there, &type) == 0 && there.v == pa &&
	       type == P2M_DEVICE;
}

static int map_range(struct domain *d, const struct plan_map *map)
{
	uint64_t pa = ALIGN_DOWN(map->machine.base, PAGE_SIZE);
	uint64_t end = ALIGN_UP(map->machine.base + map->machine.size, PAGE_SIZE);
	uint64_t at = ALIGN_DOWN(map->at, PAGE_SIZE);

	for (; pa < end && is_mapped(d, at, pa); at += PAGE_SIZE, pa += PAGE_SIZE) {
	}
	for (; pa < end && is_mapped(d, at + (end - pa) - PAGE_SIZE, end - PAGE_SIZE);
	     end -= PAGE_SIZE) {
	}
	return pa < end ? arch_p2m_map(d, gpa(at), paddr(pa), end - pa, P2M_DEVICE) : 0;
}

static int map_one(struct domain *d, uint32_t n)
{
	const struct plan_device *dev = &d->board->devices[n];
	uint32_t i;
	int rc = 0;

	if (dev->reset == PLAN_RESET_PCI) {
		return known[n].pci == NULL ? 0 : pci_map(known[n].pci);
	}
	for (i = 0; rc == 0 && i < dev->nr_maps; i++) {
		rc = map_range(d, &dev->maps[i]);
	}
	return rc;
}

int devices_map(struct domain *d)
{
	uint32_t n;
	int rc = 0;

	for (n = 0; rc == 0 && n < d->plan->nr_devices; n++) {
		rc = map_one(d, d->plan->first_device + n);
	}
	return rc;
}

static int build_one(struct domain *d, uint32_t n)
{
	const struct plan_device *dev = &d->board->devices[n];
	uint32_t i;
	int rc = 0;

	if (dev->reset == PLAN_RESET_PCI) {
		rc = pci_build(d, dev, &known[n].pci);
	} else if (dev->reset != PLAN_RESET_NONE) {
		known[n].regs = arch_map(paddr(dev->regs[0].base), dev->regs[0].size, MAP_DEVICE);
		if (known[n].regs == NULL) {
			return -ENOMEM;
		}
	}
	for (i = 0; rc == 0 && i < dev->nr_irqs; i++) {
		rc = arch_irq_assign(d, dev->irqs[i].intid, dev->irqs[i].is_edge);
		if (rc != 0) {
			hyp_printf("%s: interrupt %u cannot be its device's\n", d->name,
				   dev->irqs[i].intid);
		}
	}
	return rc;
}

int devices_build(struct domain *d)
{
	uint32_t n;
	int rc = 0;

	for (n = 0; rc == 0 && n < d->plan->nr_devices; n++) {
		rc = build_one(d, d->plan->first_device + n);
	}
	if (rc == 0) {
		devices_quiesce(d);
		rc = devices_map(d);
	}
	return rc;
}

/* The second time for edges: a device that is being reset may raise one. */
void devices_quiesce(struct domain *d)
{
	uint32_t n;

	if (d->plan->nr_devices == 0) {
		return;
	}
	arch_irq_quiesce(d);
	for (n = d->plan->first_device; n < d->plan->first_device + d->plan->nr_devices; n++) {
		if (known[n].regs == NULL) {
			continue;
		}
		if (d->board->devices[n].reset == PLAN_RESET_PCI) {
			pci_quiesce(known[n].pci);
		} else {
			device_reset(d->board->devices[n].reset, known[n].regs);
		}
	}
	arch_irq_quiesce(d);
}
