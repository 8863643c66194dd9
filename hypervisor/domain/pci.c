/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCI functions that domains have. The hypervisor puts their memory where the plan says, once; a domain sees the page of
 * configuration space of its own function and no other, and may write nothing there but the bits of the command register
 * that let it answer and reach memory. Interrupts stay off: INTx is disabled, and the capabilities of MSI and MSI-X cannot be
 * written.
 *
 * Spec: PCI Local Bus 3.0, 6.2.2 (command), 6.2.5 (base addresses); PCI Express 3.0, 7.2.2 (ECAM).
 */
#include "internal.h"

#include <hyp/arch/io.h>
#include <hyp/arch/mm.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/mmio.h>

#define COMMAND		 0x04U
#define COMMAND_MEMORY	 0x0002U
#define COMMAND_MASTER	 0x0004U
#define COMMAND_NO_INTX	 0x0400U
#define COMMAND_OF_GUEST (COMMAND_MEMORY | COMMAND_MASTER)
#define BAR_TYPE	 0x07U
#define BAR_IS_64	 0x04U
#define BAR_IS_PORTS	 0x01U
#define NOBODY		 UINT32_MAX /* what reads where no function is */

static volatile uint32_t *word(volatile void *config, uint32_t at)
{
	return (volatile uint32_t *)((volatile uint8_t *)config + at);
}

static bool config_read(struct vcpu *v, void *dev, uint64_t offset, unsigned int size,
			uint64_t *value)
{
	uint32_t whole = dev == NULL ? NOBODY : *word(dev, (uint32_t)ALIGN_DOWN(offset, 4UL));
	uint32_t shift = 8 * (uint32_t)(offset & 3);

	(void)v;
	if (size > sizeof(whole)) {
		return false;
	}
	*value = size == 4 ? whole : whole >> shift & ((1U << (8 * size)) - 1);
	return true;
}

static bool config_write(struct vcpu *v, void *dev, uint64_t offset, unsigned int size,
			 uint64_t value)
{
	(void)v;
	if (dev != NULL && offset == COMMAND && (size == 2 || size == 4)) {
		/* zeroes above: bits of the status are taken back by ones */
		*word(dev, COMMAND) = ((uint32_t)value & COMMAND_OF_GUEST) | COMMAND_NO_INTX;
	}
	return size <= 4;
}

static const struct mmio_ops config_ops = {
	.name = "PCI function",
	.read = config_read,
	.write = config_write,
};

/* The memory of base register @at to @base. Return: -EINVAL: it is for ports. */
static int place(volatile void *config, uint32_t at, uint64_t base)
{
	uint32_t type = *word(config, at) & BAR_TYPE;

	if ((type & BAR_IS_PORTS) != 0) {
		return -EINVAL;
	}
	*word(config, at) = (uint32_t)base;
	if (type == BAR_IS_64) {
		*word(config, at + 4) = (uint32_t)(base >> 32);
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

	if (config != NULL && *word(config, 0) == NOBODY) {
		arch_unmap(config, PAGE_SIZE);
		return NULL;
	}
	return config;
}

/* It is off until its domain switches it on. One that is not there is seen as such. */
int pci_build(struct domain *d, const struct plan_device *dev, void **config)
{
	uint32_t i;
	int rc = 0;

	*config = find(dev->function);
	if (*config == NULL) {
		say(d, dev->function, "is not there");
	} else {
		*word(*config, COMMAND) = COMMAND_NO_INTX;
		for (i = 1; rc == 0 && i < dev->nr_regs; i++) {
			rc = place(*config, dev->bars[i], dev->regs[i].base);
		}
	}
	if (rc == 0) {
		rc = mmio_register(d, dev->regs[0].base, PAGE_SIZE, &config_ops, *config);
	}
	if (rc != 0) {
		say(d, dev->function, "cannot be given");
	}
	return rc;
}
