/* SPDX-License-Identifier: Apache-2.0 */
/* Where boards have no PCI functions to give: no plan names one. */
#include "internal.h"

#include <hyp/errno.h>

int pci_build(struct domain *d, const struct plan_device *dev, struct pci_function **out)
{
	(void)d;
	(void)dev;
	(void)out;
	return -EINVAL;
}

int pci_map(struct pci_function *f)
{
	(void)f;
	return -EINVAL;
}

void pci_quiesce(struct pci_function *f)
{
	(void)f;
}
