// SPDX-License-Identifier: Apache-2.0
/* Requirement: trusted-dma */
/* Requirement: own-device */
/*
 * Devices of the board that a domain has:
 *
 *	linux { compatible = "xen,domain"; ashlar,devices = <&rtc &gpio>; };
 *
 * Each is a node of the board's tree. Its registers are mapped where the board has them, its interrupts keep their
 * numbers, its node is copied into the guest's tree; unless a partial tree says how the guest sees it (plan_tree.c).
 * A device that may access memory by itself reaches all of it, the
 * hypervisor's too, for nothing is in its way; that takes `ashlar,dma-without-iommu`, and `direct-map`, so that the
 * addresses it is given are true; unless it is a PCI function whose bridge says that an IOMMU guards it. One that nobody here can reset takes `ashlar,no-reset = <&device>`.
 *
 * Spec: Devicetree Specification v0.4 sections 2.3.6, 2.3.8, 2.4; Linux binding arm,gic-v3.
 */
#include <libfdt.h>
#include <string.h>

#include "plan_reader.h"

#define GIC_FIRST_SPI 32U
#define VPL011_INTID  32U /* GUEST_VPL011_SPI of Xen public arch-arm.h */
#define INTID_END     MIN(32U + 32U * CONFIG_VGIC_SPI_BANKS, 1020U)

/* What is known of devices, by compatible: how each is reset, and whether it stays within its registers. */
static const struct {
	const char *compatible;
	enum plan_reset reset;
	bool is_dma;
} known[] = {
	{ "arm,pl011", PLAN_RESET_PL011, false },
	{ "arm,pl031", PLAN_RESET_PL031, false },
	{ "arm,pl061", PLAN_RESET_PL061, false },
	{ "arm,sp804", PLAN_RESET_SP804, false },
	{ "virtio,mmio", PLAN_RESET_VIRTIO_MMIO, true },
	{ "arasan,sdhci-8.9a", PLAN_RESET_SDHCI, true },
};

static const char *name_of(const struct plan_reader *r, int node)
{
	return fdt_get_name(r->fdt, node, NULL);
}

/* Does the CPU see addresses on @bus as they are written there? */
static bool is_transparent(const struct plan_reader *r, int bus)
{
	int len;

	while (bus > 0) {
		if (!plan_is_compatible(r, bus, "simple-bus") ||
		    fdt_getprop(r->fdt, bus, "ranges", &len) == NULL || len != 0) {
			return false;
		}
		bus = fdt_parent_offset(r->fdt, bus);
	}
	return bus == 0;
}

int plan_said_at(const struct plan_reader *r, const struct plan_device *dev)
{
	return dev->tree_node != 0 ? PLAN_TREE_NODE(dev->domid, dev->tree_node)
				   : r->plan->domains[dev->domid - 1].node;
}

static const char *said_by(const struct plan_device *dev)
{
	return dev->tree_node != 0 ? "xen,path" : "ashlar,devices";
}

uint64_t plan_reg(const fdt32_t **p, int cells)
{
	uint64_t value = 0;

	for (; cells > 0; cells--) {
		value = value << 32 | fdt32_ld((*p)++);
	}
	return value;
}

uint32_t plan_node_regs(const struct plan_reader *r, int node, struct plan_range *out, uint32_t max)
{
	int bus = fdt_parent_offset(r->fdt, node);
	int len, na, ns;
	const fdt32_t *p = fdt_getprop(r->fdt, node, "reg", &len);
	uint32_t n = 0;

	if (p == NULL || bus < 0 || !is_transparent(r, bus)) {
		return 0;
	}
	na = fdt_address_cells(r->fdt, bus);
	ns = fdt_size_cells(r->fdt, bus);
	if (na < 1 || na > 2 || ns < 1 || ns > 2) {
		return 0;
	}
	for (; len >= 4 * (na + ns) && n < max; len -= 4 * (na + ns)) {
		out[n].base = plan_reg(&p, na);
		out[n].size = plan_reg(&p, ns);
		n += out[n].size > 0 && out[n].base <= UINT64_MAX - PAGE_SIZE - out[n].size;
	}
	return n;
}

struct plan_range plan_pages(const struct plan_range *range)
{
	uint64_t base = ALIGN_DOWN(range->base, PAGE_SIZE);

	return (struct plan_range){ base, ALIGN_UP(range->base + range->size, PAGE_SIZE) - base };
}

static bool share_page(const struct plan_range *a, const struct plan_range *b)
{
	struct plan_range x = plan_pages(a), y = plan_pages(b);

	return plan_overlap(&x, &y);
}

static bool read_regs(struct plan_reader *r, const struct plan_domain *d, struct plan_device *dev)
{
	struct plan_range all[PLAN_DEVICE_REGS + 1];
	uint32_t n = plan_node_regs(r, dev->node, all, PLAN_DEVICE_REGS + 1);

	if (n == 0) {
		plan_error(
			r, plan_said_at(r, dev), said_by(dev),
			"domain \"%s\": %s has no registers that can be given; name a device with reg, below / or a simple-bus with empty ranges",
			d->name, name_of(r, dev->node));
		return false;
	}
	if (n > PLAN_DEVICE_REGS) {
		plan_error(
			r, plan_said_at(r, dev), said_by(dev),
			"domain \"%s\": %s has more than %u ranges of registers, which are not possible",
			d->name, name_of(r, dev->node), PLAN_DEVICE_REGS);
		return false;
	}
	for (uint32_t i = 0; i < n; i++) {
		dev->regs[i] = all[i];
	}
	dev->nr_regs = n;
	return true;
}

/* The hypervisor's own, and memory. */
static bool is_free(struct plan_reader *r, const struct plan_domain *d,
		    const struct plan_device *dev)
{
	const struct plan *p = r->plan;
	const struct {
		const struct plan_range *range;
		uint32_t n;
		const char *what;
	} ours[] = {
		{ &p->uart.regs, 1, "the hypervisor's console" },
		{ &p->gic.dist, 1, "the interrupt controller" },
		{ &p->gic.redist, 1, "the interrupt controller" },
		{ &p->gic.cpu, 1, "the interrupt controller" },
		{ &p->gic.hyp, 1, "the interrupt controller" },
		{ &p->gic.vcpu, 1, "the interrupt controller" },
		{ &p->watchdog.regs, 1, "the hypervisor's watchdog" },
		{ &p->watchdog.refresh, 1, "the hypervisor's watchdog" },
		{ p->ram, p->nr_ram, "memory" },
	};

	for (uint32_t i = 0; i < dev->nr_regs; i++) {
		for (size_t o = 0; o < ARRAY_SIZE(ours); o++) {
			for (uint32_t k = 0; k < ours[o].n; k++) {
				if (ours[o].range[k].size > 0 &&
				    share_page(&dev->regs[i], &ours[o].range[k])) {
					plan_error(
						r, plan_said_at(r, dev), said_by(dev),
						"domain \"%s\": %s at 0x%lx is %s, which no domain can have; remove it",
						d->name, name_of(r, dev->node), dev->regs[i].base,
						ours[o].what);
					return false;
				}
			}
		}
	}
	return true;
}

/* The node whose interrupts @node's are: `interrupt-parent`, its own or the nearest above. */
static int interrupt_parent(const struct plan_reader *r, int node)
{
	for (; node >= 0; node = fdt_parent_offset(r->fdt, node)) {
		int len;
		const fdt32_t *p = fdt_getprop(r->fdt, node, "interrupt-parent", &len);

		if (p != NULL) {
			return len == 4 ? fdt_node_offset_by_phandle(r->fdt, fdt32_ld(p)) : -1;
		}
	}
	return -1;
}

static bool is_gic(const struct plan_reader *r, int node)
{
	return node >= 0 && (plan_is_compatible(r, node, "arm,gic-v3") ||
			     plan_is_compatible(r, node, "arm,gic-400") ||
			     plan_is_compatible(r, node, "arm,cortex-a15-gic"));
}

/* One specifier, <type number flags>: flags 1 and 2 are edges, 4 and 8 levels. */
static bool read_irq(struct plan_reader *r, const struct plan_domain *d, struct plan_device *dev,
		     const fdt32_t *p)
{
	const char *name = name_of(r, dev->node);
	uint32_t type = fdt32_ld(&p[0]), number = fdt32_ld(&p[1]), flags = fdt32_ld(&p[2]) & 0xf;

	if (type != 0) {
		plan_error(
			r, dev->node, "interrupts",
			"domain \"%s\": %s: interrupt <%u %u ...> is not shared (type 0, an SPI); a CPU's private ones cannot be given",
			d->name, name, type, number);
		return false;
	}
	if (number >= INTID_END - GIC_FIRST_SPI) {
		plan_error(
			r, dev->node, "interrupts",
			"domain \"%s\": %s: interrupt %u is beyond %u, the last that a domain can have; raise CONFIG_VGIC_SPI_BANKS",
			d->name, name, number, INTID_END - GIC_FIRST_SPI - 1);
		return false;
	}
	if (number + GIC_FIRST_SPI == r->plan->uart.intid) {
		plan_error(r, dev->node, "interrupts",
			   "domain \"%s\": %s: interrupt %u is the hypervisor's console's", d->name,
			   name, number);
		return false;
	}
	if (number + GIC_FIRST_SPI == VPL011_INTID && d->vpl011) {
		plan_error(r, dev->node, "interrupts",
			   "domain \"%s\": %s: interrupt %u is its vpl011's already; remove vpl011",
			   d->name, name, number);
		return false;
	}
	dev->irqs[dev->nr_irqs].intid = number + GIC_FIRST_SPI;
	dev->irqs[dev->nr_irqs].is_edge = flags == 1 || flags == 2;
	dev->nr_irqs++;
	return true;
}

static bool read_irqs(struct plan_reader *r, const struct plan_domain *d, struct plan_device *dev)
{
	const char *name = name_of(r, dev->node);
	int len = 0;
	const fdt32_t *p = fdt_getprop(r->fdt, dev->node, "interrupts", &len);
	int i;

	if (fdt_getprop(r->fdt, dev->node, "interrupts-extended", NULL) != NULL) {
		plan_error(
			r, dev->node, "interrupts-extended",
			"domain \"%s\": %s: interrupts-extended is not read; write interrupts and interrupt-parent",
			d->name, name);
		return false;
	}
	if (p == NULL) {
		return true; /* a device may have none */
	}
	if (!is_gic(r, interrupt_parent(r, dev->node))) {
		plan_error(
			r, dev->node, "interrupts",
			"domain \"%s\": %s: its interrupts do not go to the board's GIC; only such can be given",
			d->name, name);
		return false;
	}
	if (len % 12 != 0 || len / 12 > PLAN_DEVICE_IRQS) {
		plan_error(
			r, dev->node, "interrupts",
			"domain \"%s\": %s: interrupts has %d bytes, possible are 1 to %u times <type number flags>",
			d->name, name, len, PLAN_DEVICE_IRQS);
		return false;
	}
	for (i = 0; i < len / 12; i++) {
		if (!read_irq(r, d, dev, p + 3 * i)) {
			return false;
		}
	}
	return true;
}

/* Is @phandle in the list @prop of @node? */
static bool is_listed(const struct plan_reader *r, int node, const char *prop, uint32_t phandle)
{
	int len = 0, i;
	const fdt32_t *p = fdt_getprop(r->fdt, node, prop, &len);

	for (i = 0; p != NULL && i < len / 4; i++) {
		if (fdt32_ld(&p[i]) == phandle) {
			return true;
		}
	}
	return false;
}

static void read_kind(const struct plan_reader *r, struct plan_device *dev)
{
	if (dev->reset != PLAN_RESET_NONE) {
		return; /* a function: known with its registers */
	}
	dev->is_dma = true; /* who knows */
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (plan_is_compatible(r, dev->node, known[i].compatible)) {
			dev->reset = known[i].reset;
			dev->is_dma = known[i].is_dma;
			return;
		}
	}
}

/* What the domain's own node, not that of its partial tree, must say of a device. */
static void check_kind(struct plan_reader *r, const struct plan_domain *d,
		       const struct plan_device *dev)
{
	const char *name = name_of(r, dev->node);
	bool is_said = fdt_getprop(r->fdt, d->node, "ashlar,dma-without-iommu", NULL) != NULL;
	int node = dev->tree_node != 0 ? d->tree.node : d->node;
	const char *prop = dev->tree_node != 0 ? "ashlar,image" : "ashlar,devices";

	if (dev->is_dma && !is_said && !dev->is_guarded) {
		plan_error(
			r, node, prop,
			"domain \"%s\": %s may access all memory by DMA and no IOMMU guards it; if the domain is trusted as the hypervisor is, write ashlar,dma-without-iommu",
			d->name, name);
	}
	/* a function's domain is told the machine's addresses of its memory */
	if (dev->is_dma && !d->direct_map && dev->reset != PLAN_RESET_PCI) {
		plan_error(
			r, node, prop,
			"domain \"%s\": %s accesses memory at machine addresses, which the domain does not know; add direct-map",
			d->name, name);
	}
	if (dev->reset == PLAN_RESET_NONE &&
	    !is_listed(r, d->node, "ashlar,no-reset", fdt_get_phandle(r->fdt, dev->node))) {
		plan_error(
			r, node, prop,
			"domain \"%s\": nobody here can reset %s when the domain ends; if its next life can cope with it as it is, write ashlar,no-reset = <&...>",
			d->name, name);
	}
}

struct plan_device *plan_begin_device(struct plan_reader *r, struct plan_domain *d, int node,
				      int tree_node)
{
	struct plan *p = r->plan;
	struct plan_device *dev = &p->devices[p->nr_devices];
	int function;

	if (p->nr_devices == PLAN_MAX_DEVICES) {
		plan_error(r, tree_node != 0 ? PLAN_TREE_NODE(d->domid, tree_node) : d->node,
			   tree_node != 0 ? "xen,path" : "ashlar,devices",
			   "domain \"%s\": %s: more than %u devices in all; remove some", d->name,
			   name_of(r, node), PLAN_MAX_DEVICES);
		return NULL;
	}
	memset(dev, 0, sizeof(*dev));
	dev->domid = d->domid;
	dev->node = node;
	dev->tree_node = tree_node;
	function = plan_read_function(r, d, dev);
	if (function < 0 || (function == 0 && !read_regs(r, d, dev)) || !is_free(r, d, dev) ||
	    (function == 0 && !read_irqs(r, d, dev))) {
		return NULL;
	}
	read_kind(r, dev);
	return dev;
}

void plan_end_device(struct plan_reader *r, struct plan_domain *d, struct plan_device *dev,
		     bool is_forced)
{
	if (dev->tree_node != 0 && dev->is_dma && !is_forced) {
		plan_error(
			r, plan_said_at(r, dev), "xen,path",
			"domain \"%s\": %s may access all memory by DMA and no IOMMU guards it; if that is meant, write xen,force-assign-without-iommu here and ashlar,dma-without-iommu in the domain's node",
			d->name, name_of(r, dev->node));
	}
	check_kind(r, d, dev);
	r->plan->nr_devices++;
	d->nr_devices++;
}

static void read_device(struct plan_reader *r, struct plan_domain *d, uint32_t phandle)
{
	struct plan_device *dev;
	int node = fdt_node_offset_by_phandle(r->fdt, phandle);

	if (node < 0) {
		plan_error(
			r, d->node, "ashlar,devices",
			"domain \"%s\": no node has phandle 0x%x; write ashlar,devices = <&device>, labels of the board's",
			d->name, phandle);
		return;
	}
	dev = plan_begin_device(r, d, node, 0);
	if (dev == NULL) {
		return;
	}
	for (; dev->nr_maps < dev->nr_regs; dev->nr_maps++) {
		dev->maps[dev->nr_maps] =
			(struct plan_map){ dev->regs[dev->nr_maps], dev->regs[dev->nr_maps].base };
	}
	plan_end_device(r, d, dev, false);
}

static bool has_device(const struct plan *p, uint16_t domid, int node)
{
	for (uint32_t i = 0; i < p->nr_devices; i++) {
		if (p->devices[i].node == node && p->devices[i].domid == domid) {
			return true;
		}
	}
	return false;
}

/* A device that could not be read is said already. */
static void check_no_reset(struct plan_reader *r, const struct plan_domain *d)
{
	int len = 0, i;
	const fdt32_t *p = fdt_getprop(r->fdt, d->node, "ashlar,no-reset", &len);

	for (i = 0; p != NULL && i < len / 4; i++) {
		int node = fdt_node_offset_by_phandle(r->fdt, fdt32_ld(&p[i]));

		if (!is_listed(r, d->node, "ashlar,devices", fdt32_ld(&p[i])) &&
		    !has_device(r->plan, d->domid, node)) {
			plan_error(
				r, d->node, "ashlar,no-reset",
				"domain \"%s\": ashlar,no-reset names a device that it does not have; name it in ashlar,devices or remove it",
				d->name);
		}
	}
}

void plan_read_devices(struct plan_reader *r, struct plan_domain *d, int node)
{
	int len, i;
	const fdt32_t *p = fdt_getprop(r->fdt, node, "ashlar,devices", &len);

	d->first_device = r->plan->nr_devices;
	if (p != NULL && (len == 0 || len % 4 != 0)) {
		plan_error(r, node, "ashlar,devices",
			   "domain \"%s\": ashlar,devices must be a list of labels, <&a &b>",
			   d->name);
		return;
	}
	for (i = 0; p != NULL && i < len / 4; i++) {
		read_device(r, d, fdt32_ld(&p[i]));
	}
}

/* Two entries of the table: the same device, a page or an interrupt of both. */
static void check_pair(struct plan_reader *r, const struct plan_device *a,
		       const struct plan_device *b)
{
	const struct plan_domain *da = &r->plan->domains[a->domid - 1];
	const struct plan_domain *db = &r->plan->domains[b->domid - 1];

	if (a->node == b->node) {
		plan_error(
			r, plan_said_at(r, b), said_by(b),
			"domain \"%s\": %s is \"%s\"'s already; a device has one owner, name it once",
			db->name, name_of(r, b->node), da->name);
		return;
	}
	for (uint32_t i = 0; i < a->nr_irqs; i++) {
		for (uint32_t k = 0; k < b->nr_irqs; k++) {
			if (a->irqs[i].intid == b->irqs[k].intid && a->domid != b->domid) {
				plan_error(
					r, plan_said_at(r, b), said_by(b),
					"domain \"%s\": %s has interrupt %u together with %s of \"%s\"; give both to one domain",
					db->name, name_of(r, b->node),
					b->irqs[k].intid - GIC_FIRST_SPI, name_of(r, a->node),
					da->name);
			}
		}
	}
}

/* Is @node the bridge through whose window the function @dev is seen? */
static bool is_bridge_of(const struct plan_reader *r, int node, const struct plan_device *dev)
{
	return dev->reset == PLAN_RESET_PCI && node == fdt_parent_offset(r->fdt, dev->node);
}

/* Whatever else of the board has registers in a page that is given away. */
static void check_neighbours(struct plan_reader *r, const struct plan_device *dev)
{
	const struct plan_domain *d = &r->plan->domains[dev->domid - 1];
	struct plan_range regs[PLAN_DEVICE_REGS];
	int node;

	for (node = fdt_next_node(r->fdt, 0, NULL); node >= 0;
	     node = fdt_next_node(r->fdt, node, NULL)) {
		uint32_t n = plan_node_regs(r, node, regs, PLAN_DEVICE_REGS);

		if (n == 0 || node == dev->node || is_bridge_of(r, node, dev) ||
		    has_device(r->plan, dev->domid, node)) {
			continue;
		}
		for (uint32_t i = 0; i < n * dev->nr_regs; i++) {
			const struct plan_range *mine = &dev->regs[i / n];

			if (share_page(mine, &regs[i % n])) {
				plan_error(
					r, plan_said_at(r, dev), said_by(dev),
					"domain \"%s\": %s has its registers (0x%lx) in one page with %s (0x%lx); give both to it, or neither",
					d->name, name_of(r, dev->node), mine->base,
					name_of(r, node), regs[i % n].base);
				break;
			}
		}
	}
}

void plan_check_devices(struct plan_reader *r)
{
	const struct plan *p = r->plan;

	for (uint32_t i = 0; i < p->nr_domains; i++) {
		bool is_unread = p->domains[i].tree.node != 0 && p->domains[i].nr_devices == 0;

		if (!is_unread) {
			check_no_reset(r, &p->domains[i]);
		}
	}
	for (uint32_t b = 0; b < p->nr_devices; b++) {
		uint32_t before = r->errors;

		for (uint32_t a = 0; a < b; a++) {
			check_pair(r, &p->devices[a], &p->devices[b]);
		}
		if (r->errors == before) {
			check_neighbours(r, &p->devices[b]);
		}
	}
}
