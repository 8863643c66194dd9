/* SPDX-License-Identifier: Apache-2.0 */
/* Where boards have no PCI functions to give: no plan names one. */
#include "internal.h"

#include <hyp/errno.h>

int pci_build(struct domain *d, const struct plan_device *dev, void **config)
{
	(void)d;
	(void)dev;
	(void)config;
	return -EINVAL;
}
