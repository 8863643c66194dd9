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

#define LIST_BYTES 192U

/* A list of strings in the making: a name, its value, and so on. */
struct list {
	char text[LIST_BYTES];
	size_t len;
};

static void add(struct list *l, const char *text)
{
	size_t n = strlen(text) + 1;

	if (n <= sizeof(l->text) - l->len) {
		memcpy(l->text + l->len, text, n);
		l->len += n;
	}
}

static void add_pair(struct list *l, const char *name, const char *value)
{
	add(l, name);
	add(l, value);
}

static int put(void *fdt, const char *name, const struct list *l)
{
	return fdt_property(fdt, name, l->text, (int)l->len);
}

/* "type" and "params" are what a hotplug script of a driver domain goes by. */
static int disk(void *fdt, const struct plan_link *l)
{
	struct list front = { .len = 0 }, back = { .len = 0 };
	char number[12];
	int err;

	hyp_snprintf(number, sizeof(number), "%u", l->number);
	add_pair(&front, "virtual-device", number);
	add_pair(&front, "device-type", "disk");
	add_pair(&back, "type", "phy");
	add_pair(&back, "params", l->disk.source);
	add_pair(&back, "mode", l->disk.is_writable ? "w" : "r");
	add_pair(&back, "dev", l->disk.target);
	add_pair(&back, "device-type", "disk");
	add_pair(&back, "removable", "0");
	add_pair(&back, "bootable", "1");
	err = put(fdt, "frontend", &front);
	return err != 0 ? err : put(fdt, "backend", &back);
}

static int kind(void *fdt, const struct plan_link *l)
{
	static const char name[] = "vbd";
	int err = fdt_property(fdt, "kind", name, sizeof(name));

	return err != 0 ? err : disk(fdt, l);
}

static int link(void *fdt, const struct plan_link *l, uint32_t index)
{
	char name[32];
	int err;

	hyp_snprintf(name, sizeof(name), "device@%x", index);
	err = fdt_begin_node(fdt, name);
	err = err != 0 ? err : fdt_property_u32(fdt, "reg", index);
	err = err != 0 ? err : fdt_property_u32(fdt, "front", l->front);
	err = err != 0 ? err : fdt_property_u32(fdt, "back", l->back);
	err = err != 0 ? err : fdt_property_u32(fdt, "number", l->number);
	err = err != 0 ? err : kind(fdt, l);
	return err != 0 ? err : fdt_end_node(fdt);
}

int guest_fdt_links(const struct plan *plan, uint16_t back, void *fdt)
{
	uint32_t i;
	int err = 0;

	for (i = 0; err == 0 && i < plan->nr_links; i++) {
		if (back == 0 || plan->links[i].back == back) {
			err = link(fdt, &plan->links[i], i);
		}
	}
	return err;
}
