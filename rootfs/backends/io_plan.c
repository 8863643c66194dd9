// SPDX-License-Identifier: Apache-2.0
/* What the device tree tells the io domain: whom it serves, and by what means. */
#include "backend.h"

#include <libfdt.h>
#include <string.h>

#define FIRST_SPI  32u
#define NVME_CLASS "pciclass,010802" /* IEEE 1275, PCI bus binding, 2.5: compatible by class */

bool plan_is_io(const void *fdt)
{
	return fdt_node_offset_by_compatible(fdt, -1, "ashlar,io") >= 0;
}

/* The one address and the one interrupt of a device whose bus shows addresses as they are. */
static bool read_device(const void *fdt, int node, struct io_device *d)
{
	int len, irq_len, bus = fdt_parent_offset(fdt, node);
	const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &len);
	const fdt32_t *irq = fdt_getprop(fdt, node, "interrupts", &irq_len);

	if (reg == NULL || irq == NULL || fdt_address_cells(fdt, bus) != 2 || len < 16 ||
	    irq_len < 12) {
		return false;
	}
	d->base = (uint64_t)fdt32_to_cpu(reg[0]) << 32 | fdt32_to_cpu(reg[1]);
	d->intid = fdt32_to_cpu(irq[1]) + FIRST_SPI;
	d->is_coherent = fdt_getprop(fdt, node, "dma-coherent", NULL) != NULL;
	return true;
}

/* Virtio's driver wants a device that sees our caches; a card's does without. */
static const char *read_virtio(const void *fdt, struct io_plan *p)
{
	int node = -1;

	while ((node = fdt_node_offset_by_compatible(fdt, node, "virtio,mmio")) >= 0) {
		if (p->nr_devices == IO_MAX_DEVICES ||
		    !read_device(fdt, node, &p->device[p->nr_devices]) ||
		    !p->device[p->nr_devices].is_coherent) {
			return "fewer, coherent virtio devices with registers and an interrupt";
		}
		p->nr_devices++;
	}
	return NULL;
}

/* Linux bindings: mmc-controller. Without a switch a card is never protected by one, soldered on least of all. */
static const char *read_cards(const void *fdt, struct io_plan *p)
{
	int node = -1;

	while ((node = fdt_node_offset_by_compatible(fdt, node, "arasan,sdhci-8.9a")) >= 0) {
		struct io_device *d = &p->device[p->nr_devices];

		if (p->nr_devices == IO_MAX_DEVICES || !read_device(fdt, node, d)) {
			return "fewer SD host controllers, with registers and an interrupt";
		}
		d->is_card = true;
		d->has_switch = fdt_getprop(fdt, node, "disable-wp", NULL) == NULL &&
				fdt_getprop(fdt, node, "non-removable", NULL) == NULL;
		p->nr_devices++;
	}
	return NULL;
}

/* Configuration space, then the registers: two cells each, as their sizes. What kind of function it is says its class. */
static const char *read_functions(const void *fdt, const char *compatible, struct io_plan *p)
{
	int len, node = -1;

	while ((node = fdt_node_offset_by_compatible(fdt, node, compatible)) >= 0) {
		const fdt64_t *reg = fdt_getprop(fdt, node, "reg", &len);
		struct io_device *d = &p->device[p->nr_devices];

		if (p->nr_devices == IO_MAX_DEVICES || reg == NULL || len < 4 * (int)sizeof(*reg)) {
			return "fewer PCI functions, with configuration space and registers";
		}
		d->base = fdt64_ld(&reg[0]);
		d->regs = fdt64_ld(&reg[2]);
		d->regs_bytes = fdt64_ld(&reg[3]);
		p->nr_devices++;
	}
	return NULL;
}

/* dma-ranges: a device's address, ours, size. More than one is memory in pieces, in which a buffer might not stay together. */
static const char *read_bus(const void *fdt, struct io_plan *p)
{
	int len, node = fdt_path_offset(fdt, "/passthrough");
	const fdt64_t *range = node < 0 ? NULL : fdt_getprop(fdt, node, "dma-ranges", &len);

	if (range == NULL || len == 0) {
		return NULL;
	}
	if (len != 3 * (int)sizeof(*range)) {
		return "memory in one piece";
	}
	p->bus_offset = fdt64_ld(&range[0]) - fdt64_ld(&range[1]);
	return NULL;
}

static const char *read_pv(const void *fdt, int node, struct io_plan *p)
{
	struct store_device *d = &p->disk[p->nr_disks];
	struct io_net *n = &p->net[p->nr_nets];

	if (p->nr_disks + p->nr_nets == STORE_MAX_DEVICES) {
		return "fewer PV devices";
	}
	if (!device_read(fdt, node, d)) {
		return "the ends, number or values of a PV device";
	}
	if (strcmp(d->kind, "vbd") == 0) {
		p->nr_disks++;
	} else if (strcmp(d->kind, "vif") == 0) {
		n->front = d->front;
		n->back = d->back;
		n->number = d->number;
		p->nr_nets++;
		return io_net_read(fdt, node, &n->config) ? NULL : "what a network is";
	}
	return NULL;
}

const char *io_plan_read(const void *fdt, struct io_plan *p)
{
	const char *missing = NULL;
	int node, io = fdt_node_offset_by_compatible(fdt, -1, "ashlar,io");

	p->has_uplink = io_uplink_read(fdt, io, &p->uplink);
	fdt_for_each_subnode(node, fdt, io) {
		missing = missing != NULL ? missing : read_pv(fdt, node, p);
	}
	missing = missing != NULL ? missing : read_virtio(fdt, p);
	missing = missing != NULL ? missing : read_cards(fdt, p);
	missing = missing != NULL ? missing : read_functions(fdt, "virtio,pci", p);
	missing = missing != NULL ? missing : read_functions(fdt, NVME_CLASS, p);
	return missing != NULL ? missing : read_bus(fdt, p);
}
