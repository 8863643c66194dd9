/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arch contract, PCI functions that domains have: where their configuration space is, their interrupt messages, and what
 * stands between them and memory. For architectures whose boards have such devices.
 */
#ifndef HYP_ARCH_PCI_H
#define HYP_ARCH_PCI_H

#include <hyp/types.h>

struct domain;

/** struct msi_message - what a function writes where, to interrupt. */
struct msi_message {
	uint64_t address;
	uint32_t data;
};

/**
 * arch_pci_config() - where the machine has the page of configuration space of a PCI function, named as in struct plan_device.
 * Context: after arch_irq_init(). Return: 0: nowhere.
 */
uint64_t arch_pci_config(uint16_t function);

/**
 * arch_msi_alloc() - an interrupt of the machine for a message of @function's, which is @d's; given for good.
 * @host: what @function is to write
 * Context: while @d is built. Return: its number, from 0; -ENOSPC none is left; -ENOMEM.
 */
int __must_check arch_msi_alloc(struct domain *d, uint16_t function, struct msi_message *host);

/**
 * arch_msi_route() - what arrives at interrupt @nr is @guest's message to its domain from now on, as that domain's own CPUs
 * understand it; one that they do not is to nobody. NULL: to nobody. Context: any CPU.
 */
void arch_msi_route(int nr, const struct msi_message *guest);

/**
 * arch_iommu_attach() - @function reaches @d's memory from now on, and nothing else.
 * @is_machine: by the machine's addresses, not by those of @d's physical space
 * Context: the builder, the first time; later with no vCPU of @d's running, and then it needs no memory.
 * Return: 0; -ENODEV no IOMMU guards @function; -ENOMEM.
 */
int __must_check arch_iommu_attach(struct domain *d, uint16_t function, bool is_machine);

/** arch_iommu_block() - @function reaches no memory any more; nothing that it began is under way on return. Nothing if none guards it. */
void arch_iommu_block(uint16_t function);

#endif
