// SPDX-License-Identifier: Apache-2.0
/*
 * A PV device in the device tree of those who need to know it: the store, and the back end that is ours. To the store
 * it is what stands in the nodes of its two ends, as names and values, whatever its kind:
 *
 *	device@0 { reg = <0>; kind = "vbd"; front = <1>; back = <3>; number = <51712>;
 *		   frontend = "virtual-device", "51712", ...; backend = "mode", "w", ...; };
 *
 * Spec: Xen public io/blkif.h, "Frontend XenBus Nodes", "Backend XenBus Nodes"; docs/misc/xenstore-paths.pandoc.
 */
#include "internal.h"

#include <hyp/log.h>

#include <libfdt.h>
#include <string.h>

static void add(struct guest_fdt_list *l, const char *text)
{
	size_t n = strlen(text) + 1;

	if (n <= sizeof(l->text) - l->len) {
		memcpy(l->text + l->len, text, n);
		l->len += n;
	}
}

void guest_fdt_pair(struct guest_fdt_list *l, const char *name, const char *value)
{
	add(l, name);
	add(l, value);
}

int guest_fdt_text(void *fdt, const char *name, const char *value)
{
	return fdt_property(fdt, name, value, (int)strlen(value) + 1);
}

static int put(void *fdt, const char *name, const struct guest_fdt_list *l)
{
	return fdt_property(fdt, name, l->text, (int)l->len);
}

/* "type" and "params" are what a hotplug script of a driver domain goes by. */
static int disk(void *fdt, const struct plan_link *l)
{
	struct guest_fdt_list front = { .len = 0 }, back = { .len = 0 };
	char number[12];
	int err;

	hyp_snprintf(number, sizeof(number), "%u", l->number);
	guest_fdt_pair(&front, "virtual-device", number);
	guest_fdt_pair(&front, "device-type", "disk");
	guest_fdt_pair(&back, "type", "phy");
	guest_fdt_pair(&back, "params", l->disk.source);
	guest_fdt_pair(&back, "mode", l->disk.is_writable ? "w" : "r");
	guest_fdt_pair(&back, "dev", l->disk.target);
	guest_fdt_pair(&back, "device-type", "disk");
	guest_fdt_pair(&back, "removable", "0");
	guest_fdt_pair(&back, "bootable", "1");
	err = put(fdt, "frontend", &front);
	return err != 0 ? err : put(fdt, "backend", &back);
}

static int particulars(const struct plan *plan, const struct plan_link *l, bool is_for_back,
		       void *fdt)
{
	static const char *const names[] = { [PLAN_LINK_DISK] = "vbd", [PLAN_LINK_NET] = "vif" };
	int err = guest_fdt_text(fdt, "kind", names[l->kind]);

	if (err != 0) {
		return err;
	}
	return l->kind == PLAN_LINK_NET ? guest_fdt_net(plan, l, is_for_back, fdt) : disk(fdt, l);
}

static int link(const struct plan *plan, uint32_t index, bool is_for_back, void *fdt)
{
	const struct plan_link *l = &plan->links[index];
	char name[32];
	int err;

	hyp_snprintf(name, sizeof(name), "device@%x", index);
	err = fdt_begin_node(fdt, name);
	err = err != 0 ? err : fdt_property_u32(fdt, "reg", index);
	err = err != 0 ? err : fdt_property_u32(fdt, "front", l->front);
	err = err != 0 ? err : fdt_property_u32(fdt, "back", l->back);
	err = err != 0 ? err : fdt_property_u32(fdt, "number", l->number);
	err = err != 0 ? err : particulars(plan, l, is_for_back, fdt);
	return err != 0 ? err : fdt_end_node(fdt);
}

int guest_fdt_links(const struct plan *plan, uint16_t back, void *fdt)
{
	uint32_t i;
	int err = 0;

	for (i = 0; err == 0 && i < plan->nr_links; i++) {
		if (back == 0 || plan->links[i].back == back) {
			err = link(plan, i, back != 0, fdt);
		}
	}
	return err;
}
