// SPDX-License-Identifier: Apache-2.0
/*
 * A device of the plan that is a PCI function: a node below a host bridge with a window onto configuration space (ECAM).
 *
 *	pci { compatible = "pci-host-ecam-generic"; reg = <...>; disk: disk@4,0 { reg = <0x2000 0 0 0 0>;
 *	      assigned-addresses = <0x82002020 0 0xd0000000 0 0x4000>; }; };
 *
 * Its page of that window is its first range of registers, where its domain sees it, filtered; the memory that
 * `assigned-addresses` gives it follows, and the hypervisor puts it there. Its interrupts are messages, of which nothing is
 * said. A bridge with `ashlar,iommu` says that an IOMMU of the machine's guards what lies below it: the hypervisor then does
 * not start a domain whose function none guards, unless the domain says `ashlar,dma-without-iommu`.
 *
 * Spec: IEEE 1275, PCI bus binding, 2.2.1.1 (numerical representation), 4.1.1; Linux binding pci-host-ecam-generic.
 */
#include <libfdt.h>

#include "plan_reader.h"

#define CELLS_ADDRESS 3
#define CELLS_RANGE   5		       /* with the size's two */
#define SPACE(hi)     ((hi) >> 24 & 3) /* 2 and 3: memory */
#define FUNCTION(hi)  ((hi) >> 8 & 0xffff)
#define REGISTER(hi)  ((hi)&0xff)
#define FIRST_BAR     0x10U
#define LAST_BAR      0x24U
#define BYTES_OF_ALL  0x10000000UL /* 4 KiB for each of 65536 functions */

static const char *name_of(const struct plan_reader *r, int node)
{
	return fdt_get_name(r->fdt, node, NULL);
}

/* One range of memory; those of I/O ports stay with nobody. Return: false, reported. */
static bool add_range(struct plan_reader *r, const struct plan_domain *d, struct plan_device *dev,
		      const fdt32_t *p)
{
	uint32_t hi = fdt32_ld(&p[0]);
	struct plan_range range = { (uint64_t)fdt32_ld(&p[1]) << 32 | fdt32_ld(&p[2]),
				    (uint64_t)fdt32_ld(&p[3]) << 32 | fdt32_ld(&p[4]) };

	if (SPACE(hi) < 2) {
		return true;
	}
	if (FUNCTION(hi) != dev->function || REGISTER(hi) < FIRST_BAR || REGISTER(hi) > LAST_BAR ||
	    dev->nr_regs == PLAN_DEVICE_REGS || range.size == 0 ||
	    !IS_ALIGNED(range.base, PAGE_SIZE) || range.base > 4 * GIB - range.size) {
		plan_error(
			r, dev->node, "assigned-addresses",
			"domain \"%s\": %s: assigned-addresses must give at most %u pieces of memory, of its own base registers 0x10 to 0x24, each on a page below 4 GiB",
			d->name, name_of(r, dev->node), PLAN_DEVICE_REGS - 1);
		return false;
	}
	dev->bars[dev->nr_regs] = (uint8_t)REGISTER(hi);
	dev->regs[dev->nr_regs++] = range;
	return true;
}

static bool read_ranges(struct plan_reader *r, const struct plan_domain *d, struct plan_device *dev)
{
	int len = 0;
	const fdt32_t *p = fdt_getprop(r->fdt, dev->node, "assigned-addresses", &len);
	int nr = len / (4 * CELLS_RANGE);
	bool ok = true;

	for (int i = 0; p != NULL && ok && i < nr; i++) {
		ok = add_range(r, d, dev, p + i * CELLS_RANGE);
	}
	return ok;
}

/* The page of its configuration space. Return: false, reported. */
static bool read_config(struct plan_reader *r, const struct plan_domain *d, struct plan_device *dev,
			int bridge)
{
	int len;
	const fdt32_t *p = fdt_getprop(r->fdt, dev->node, "reg", &len);
	struct plan_range window;

	if (p == NULL || len < 4 * CELLS_ADDRESS ||
	    plan_ranges(r, bridge, "reg", &window, 1) != 1 || window.size > BYTES_OF_ALL ||
	    FUNCTION(fdt32_ld(p)) >= window.size / PAGE_SIZE) {
		plan_error(
			r, dev->node, "reg",
			"domain \"%s\": %s: reg must say a function within the bridge's window, <(bus << 16 | device << 11 | function << 8) 0 0 0 0>",
			d->name, name_of(r, dev->node));
		return false;
	}
	dev->function = (uint16_t)FUNCTION(fdt32_ld(p));
	dev->regs[0] = (struct plan_range){ window.base + dev->function * PAGE_SIZE, PAGE_SIZE };
	dev->nr_regs = 1;
	return true;
}

int plan_read_pci(struct plan_reader *r, const struct plan_domain *d, struct plan_device *dev)
{
	int bridge = fdt_parent_offset(r->fdt, dev->node);

	if (bridge < 0 || !plan_is_compatible(r, bridge, "pci-host-ecam-generic")) {
		return 0;
	}
	dev->reset = PLAN_RESET_PCI;
	dev->is_dma = true;
	dev->is_guarded = fdt_getprop(r->fdt, bridge, "ashlar,iommu", NULL) != NULL &&
			  fdt_getprop(r->fdt, d->node, "ashlar,dma-without-iommu", NULL) == NULL;
	return read_config(r, d, dev, bridge) && read_ranges(r, d, dev) ? 1 : -1;
}
