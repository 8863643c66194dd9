// SPDX-License-Identifier: Apache-2.0
/*
 * A device tree for domains that begin with an architecture's block (hyp/arch/image.h) and have a part in others' PV
 * devices, or share memory and have no ramdisk: what a block has no words for. It is read by our own programs alone.
 *
 * Spec: Devicetree Specification v0.4, 2.3.9 (dma-ranges); Linux binding arm/xen.txt, "reg".
 */
#include "internal.h"

#include <hyp/errno.h>
#include <hyp/log.h>

#include <libfdt.h>

static int reg(void *fdt, uint64_t base, uint64_t size)
{
	const fdt64_t be[2] = { cpu_to_fdt64(base), cpu_to_fdt64(size) };

	return fdt_property(fdt, "reg", be, sizeof(be));
}

static int memory(const struct domain_ram *ram, void *fdt)
{
	char name[32];
	int err;

	hyp_snprintf(name, sizeof(name), "memory@%lx", (unsigned long)ram->gpa);
	err = fdt_begin_node(fdt, name);
	err = err != 0 ? err : guest_fdt_text(fdt, "device_type", "memory");
	err = err != 0 ? err : reg(fdt, ram->gpa, ram->size);
	return err != 0 ? err : fdt_end_node(fdt);
}

/* Where others' pages may be put. */
static int hypervisor(const struct domain *d, void *fdt)
{
	int err = fdt_begin_node(fdt, "hypervisor");

	err = err != 0 ? err : guest_fdt_text(fdt, "compatible", "xen,xen");
	err = err != 0 ? err : reg(fdt, d->plan->pv.free.base, d->plan->pv.free.size);
	return err != 0 ? err : fdt_end_node(fdt);
}

/* What of it a driver has to know: what it is, its configuration space and its registers, where they are on the machine. */
static int device(const struct domain *d, const struct plan_device *dev, void *fdt)
{
	fdt64_t be[2 * PLAN_DEVICE_REGS];
	uint32_t i;
	int err = fdt_begin_node(fdt, fdt_get_name(d->board->fdt, dev->node, NULL));

	for (i = 0; i < dev->nr_regs; i++) {
		fdt64_st(&be[2 * i], dev->regs[i].base);
		fdt64_st(&be[2 * i + 1], dev->regs[i].size);
	}
	err = err != 0 ? err : guest_fdt_copy(fdt, d->board, dev->node, "compatible");
	err = err != 0 ? err
		       : fdt_property(fdt, "reg", be, (int)(2 * dev->nr_regs * sizeof(be[0])));
	return err != 0 ? err : fdt_end_node(fdt);
}

/* dma-ranges: where devices find the domain's memory; it is where the domain does if an IOMMU must be in their way. */
static int dma_ranges(const struct domain *d, const struct plan_device *dev, void *fdt)
{
	fdt64_t be[3 * DOMAIN_MAX_RAM];
	unsigned int i;

	for (i = 0; i < d->nr_ram; i++) {
		fdt64_st(&be[3 * i], dev->is_guarded ? d->ram[i].gpa : d->ram[i].pa);
		fdt64_st(&be[3 * i + 1], d->ram[i].gpa);
		fdt64_st(&be[3 * i + 2], d->ram[i].size);
	}
	return fdt_property(fdt, "dma-ranges", be, (int)(3 * d->nr_ram * sizeof(be[0])));
}

static int devices(const struct domain *d, void *fdt)
{
	const struct plan_device *dev = &d->board->devices[d->plan->first_device];
	uint32_t i;
	int err;

	if (d->plan->nr_devices == 0) {
		return 0;
	}
	err = fdt_begin_node(fdt, "passthrough");
	err = err != 0 ? err : fdt_property_u32(fdt, "#address-cells", 2);
	err = err != 0 ? err : fdt_property_u32(fdt, "#size-cells", 2);
	err = err != 0 ? err : fdt_property(fdt, "ranges", "", 0);
	err = err != 0 ? err : dma_ranges(d, dev, fdt);
	for (i = 0; err == 0 && i < d->plan->nr_devices; i++) {
		err = device(d, &dev[i], fdt);
	}
	return err != 0 ? err : fdt_end_node(fdt);
}

static int write(const struct domain *d, void *fdt, size_t room)
{
	int err = fdt_create_with_flags(fdt, (int)room, FDT_CREATE_FLAG_NO_NAME_DEDUP);
	unsigned int i;

	err = err != 0 ? err : fdt_finish_reservemap(fdt);
	err = err != 0 ? err : fdt_begin_node(fdt, "");
	err = err != 0 ? err : fdt_property_u32(fdt, "#address-cells", 2);
	err = err != 0 ? err : fdt_property_u32(fdt, "#size-cells", 2);
	for (i = 0; err == 0 && i < d->nr_ram; i++) {
		err = memory(&d->ram[i], fdt);
	}
	err = err != 0 ? err : hypervisor(d, fdt);
	err = err != 0 ? err : guest_fdt_shms(d, fdt);
	err = err != 0 ? err : devices(d, fdt);
	err = err != 0 ? err : guest_fdt_pv(d, fdt);
	err = err != 0 ? err : fdt_end_node(fdt);
	return err != 0 ? err : fdt_finish(fdt);
}

/* Of a kernel's modules the first is its ramdisk: one that lacks that would take this for it. */
static bool has_tree(const struct domain *d)
{
	return d->plan->pv.is_store || d->plan->pv.is_io ||
	       (d->plan->nr_shms > 0 && d->plan->ramdisk.name == NULL);
}

int guest_tree_write(const struct domain *d, void *buf, size_t room)
{
	int err;

	if (!has_tree(d)) {
		return 0;
	}
	err = write(d, buf, room);
	if (err != 0) {
		hyp_printf("%s: device tree: libfdt's error %d", d->name, err);
		return -E2BIG;
	}
	return (int)fdt_totalsize(buf);
}
