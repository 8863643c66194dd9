/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of PCI functions share: pci.c (building, mapping, quiet), pci_config.c (configuration space as a domain sees
 * it), pci_msi.c (interrupt messages).
 */
#ifndef DOMAIN_PCI_H
#define DOMAIN_PCI_H

#include "internal.h"

#include <hyp/arch/pci.h>
#include <hyp/mmio.h>

#define PCI_COMMAND	    0x04U
#define PCI_BAR0	    0x10U
#define PCI_BARS	    6U
#define PCI_COMMAND_MEMORY  0x0002U
#define PCI_COMMAND_MASTER  0x0004U
#define PCI_COMMAND_NO_INTX 0x0400U
#define PCI_NOBODY	    UINT32_MAX /* what reads where no function is */

#define PCI_MAX_VECTORS 16U

/** struct pci_vector - an interrupt message: the machine's, and what its domain wants. */
struct pci_vector {
	int nr;		/* arch_msi_alloc()'s */
	bool is_masked; /* MSI-X's */
	struct msi_message guest;
};

/** struct pci_function - one that a domain has. Its vCPUs may touch it together: under the lock. */
struct pci_function {
	spinlock_t lock;
	struct domain *domain; /* constant, as all to the empty line */
	const struct plan_device *plan;
	struct pci_function *next; /* of the same bus and domain */
	volatile uint8_t *config;
	uint32_t bar_mask[PCI_BARS];	/* address bits that can be written; 0: it is not there */
	uint32_t bar_type[PCI_BARS];	/* its low bits */
	uint8_t msi, msix;		/* capabilities; 0: it has none */
	uint8_t msi_data, msi_end;	/* of MSI: where the data is, and what lies behind it */
	uint32_t nr_entries;		/* of MSI-X, in the function */
	uint32_t nr_vectors;		/* of MSI-X, as the domain sees it; 0: none */
	volatile uint8_t *table;	/* MSI-X: the page or pages with the table */
	uint64_t table_at, table_bytes; /* those pages, as the domain sees them; 0: none */
	uint32_t table_offset;		/* of the table in them */

	uint32_t bar[PCI_BARS];	  /* as last written by its domain */
	struct pci_vector single; /* MSI's */
	struct pci_vector vector[PCI_MAX_VECTORS];
};

/* Registers of configuration space. */
uint32_t pci_read32(const struct pci_function *f, uint32_t at);
void pci_write32(const struct pci_function *f, uint32_t at, uint32_t value);
uint16_t pci_read16(const struct pci_function *f, uint32_t at);
void pci_write16(const struct pci_function *f, uint32_t at, uint16_t value);

/** pci_capability() - where capability @id begins. Return: 0: it has none. */
uint8_t pci_capability(const struct pci_function *f, uint8_t id);

/** pci_config_window() - @d has a window onto the bus of @dev; @f is seen in it; NULL: nothing. Return: 0; -errno. */
int __must_check pci_config_window(struct domain *d, const struct plan_device *dev,
				   struct pci_function *f);
/** pci_config_reset() - as a domain finds it. */
void pci_config_reset(struct pci_function *f);

/** pci_msi_build() - interrupts of the machine for @f's messages. Return: 0; -errno. */
int __must_check pci_msi_build(struct pci_function *f);
/** pci_msi_reset() - off, masked, to nobody. */
void pci_msi_reset(struct pci_function *f);
/** pci_msi_read() - what its domain sees of the word @at of its capabilities, which is @real on the machine. */
uint32_t pci_msi_read(const struct pci_function *f, uint32_t at, uint32_t real);
/** pci_msi_write() - its domain writes @size bytes at @at. */
void pci_msi_write(struct pci_function *f, uint32_t at, unsigned int size, uint32_t value);

#endif
