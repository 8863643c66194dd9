/* SPDX-License-Identifier: Apache-2.0 */
/* The fake machine's PCI functions: one page of configuration space for all, messages that are noted, an IOMMU or none. */
#include <host.h>

#include <hyp/arch/pci.h>
#include <hyp/errno.h>

uint8_t host_bar[HOST_BAR_BYTES] __aligned(PAGE_SIZE);

uint64_t arch_pci_config(uint16_t function)
{
	return host.has_no_pci ? 0 : HOST_PCI_BASE + (uint64_t)function * PAGE_SIZE;
}

int arch_msi_alloc(struct domain *d, uint16_t function, struct msi_message *out)
{
	(void)d;
	if (host.nr_msis == HOST_MSIS) {
		return -ENOSPC;
	}
	*out = (struct msi_message){ HOST_MSI_ADDRESS, (uint32_t)function << 8 | host.nr_msis };
	return (int)host.nr_msis++;
}

void arch_msi_route(int nr, const struct msi_message *guest)
{
	host.msi[nr] = guest == NULL ? (struct msi_message){ 0, 0 } : *guest;
}

int arch_iommu_attach(struct domain *d, uint16_t function, bool is_machine)
{
	(void)d;
	if (!host.has_iommu) {
		return -ENODEV;
	}
	host.guarded = function;
	host.is_by_machine = is_machine;
	return 0;
}

void arch_iommu_block(uint16_t function)
{
	host.guarded = host.guarded == function ? 0 : host.guarded;
}
