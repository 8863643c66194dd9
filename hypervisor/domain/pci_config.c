/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain's window onto the bus that its PCI functions are on: it sees the page of configuration space of each of them, and
 * ones everywhere else. Of what it writes few bits reach the function: in the command register those that let it answer and
 * reach memory, and what pci_msi.c lets through. Base registers are a copy: they can be asked for their size, but memory
 * stays where the plan puts it. There are no lines of interrupts, no I/O ports and no ROM.
 *
 * Spec: PCI Local Bus 3.0, 6.2 (registers); PCI Express 3.0, 7.2.2 (ECAM).
 */
#include "pci.h"

#include <hyp/errno.h>
#include <hyp/pool.h>

#define COMMAND_OF_GUEST (PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER)
#define CARDBUS		 0x28U
#define ROM		 0x30U
#define INTERRUPT	 0x3cU /* line and pin: the low bytes */
#define FUNCTIONS	 256U  /* of a bus */
#define BUS_BYTES	 (FUNCTIONS * PAGE_SIZE)

struct window {
	struct pci_function *first;
};

static struct pci_function *function_at(const struct window *w, uint64_t offset)
{
	struct pci_function *f = w->first;

	while (f != NULL && (f->plan->function & (FUNCTIONS - 1)) != offset / PAGE_SIZE) {
		f = f->next;
	}
	return f;
}

static uint32_t view(const struct pci_function *f, uint32_t at)
{
	uint32_t real = pci_read32(f, at);

	if (at >= PCI_BAR0 && at < PCI_BAR0 + 4 * PCI_BARS) {
		return f->bar[(at - PCI_BAR0) / 4];
	}
	switch (at) {
	case CARDBUS:
	case ROM:
		return 0;
	case INTERRUPT:
		return real & 0xffff0000U;
	default:
		return pci_msi_read(f, at, real);
	}
}

static bool config_read(struct vcpu *v, void *dev, uint64_t offset, unsigned int size,
			uint64_t *value)
{
	struct pci_function *f = function_at(dev, offset);
	uint32_t shift = 8 * (uint32_t)(offset & 3), whole = PCI_NOBODY;
	unsigned long flags;

	(void)v;
	if (size > sizeof(whole)) {
		return false;
	}
	if (f != NULL) {
		flags = spin_lock_irqsave(&f->lock);
		whole = view(f, (uint32_t)ALIGN_DOWN(offset & (PAGE_SIZE - 1), 4UL));
		spin_unlock_irqrestore(&f->lock, flags);
	}
	*value = size == 4 ? whole : whole >> shift & ((1U << (8 * size)) - 1);
	return true;
}

static void write_bar(struct pci_function *f, uint32_t n, uint32_t value)
{
	f->bar[n] = (value & f->bar_mask[n]) | f->bar_type[n];
}

static void write_one(struct pci_function *f, uint32_t at, unsigned int size, uint32_t value)
{
	if (at == PCI_COMMAND) { /* a byte has all that counts */
		/* the status above stays: its bits are taken back by ones */
		pci_write16(f, PCI_COMMAND,
			    (uint16_t)((value & COMMAND_OF_GUEST) | PCI_COMMAND_NO_INTX));
	} else if (at >= PCI_BAR0 && at < PCI_BAR0 + 4 * PCI_BARS && size == 4) {
		write_bar(f, (at - PCI_BAR0) / 4, value);
	} else {
		pci_msi_write(f, at, size, value);
	}
}

static bool config_write(struct vcpu *v, void *dev, uint64_t offset, unsigned int size,
			 uint64_t value)
{
	struct pci_function *f = function_at(dev, offset);
	unsigned long flags;

	(void)v;
	if (size <= 4 && f != NULL) {
		flags = spin_lock_irqsave(&f->lock);
		write_one(f, (uint32_t)(offset & (PAGE_SIZE - 1)), size, (uint32_t)value);
		spin_unlock_irqrestore(&f->lock, flags);
	}
	return size <= 4;
}

static const struct mmio_ops config_ops = {
	.name = "PCI functions",
	.read = config_read,
	.write = config_write,
};

static struct window *window_of(const struct domain *d, uint64_t base)
{
	for (unsigned int i = 0; i < d->nr_mmio; i++) {
		if (d->mmio[i].ops == &config_ops && d->mmio[i].base == base) {
			return d->mmio[i].dev;
		}
	}
	return NULL;
}

int pci_config_window(struct domain *d, const struct plan_device *dev, struct pci_function *f)
{
	uint64_t base = dev->regs[0].base - (dev->function & (FUNCTIONS - 1)) * PAGE_SIZE;
	struct window *w = window_of(d, base);
	int rc = 0;

	if (w == NULL) {
		w = pool_alloc(sizeof(*w));
		rc = w == NULL ? -ENOMEM : mmio_register(d, base, BUS_BYTES, &config_ops, w);
	}
	if (rc == 0 && f != NULL) {
		f->next = w->first;
		w->first = f;
	}
	return rc;
}

void pci_config_reset(struct pci_function *f)
{
	for (uint32_t n = 0; n < PCI_BARS; n++) {
		f->bar[n] = 0;
	}
	for (uint32_t i = 1; i < f->plan->nr_regs; i++) {
		uint32_t n = (f->plan->bars[i] - PCI_BAR0) / 4;

		write_bar(f, n, (uint32_t)f->plan->regs[i].base);
	}
}
