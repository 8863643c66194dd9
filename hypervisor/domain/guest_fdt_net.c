// SPDX-License-Identifier: Apache-2.0
/*
 * A network interface in the device tree of those who need to know it (guest_fdt_link.c). The store is told what stands
 * in the nodes of the two ends; a back end of ours finds what the packed plan says beside that.
 *
 * Spec: Xen public io/netif.h; docs/misc/xenstore-paths.pandoc; tools/libs/light/libxl_nic.c for the names.
 */
#include "internal.h"

#include <hyp/log.h>

#include <libfdt.h>
#include <string.h>

#define SCRIPT	 "/etc/xen/scripts/vif-bridge" /* Linux's back end wants a name of one */
#define MAX_TEXT 160U

/* A string of the plan; of a list, a space between two. */
static void add_text(struct guest_fdt_list *l, const struct plan *plan, int node, const char *prop,
		     const char *name)
{
	int len, i;
	const char *value = fdt_getprop(plan->fdt, node, prop, &len);
	char text[MAX_TEXT];

	if (value == NULL || len > (int)sizeof(text)) {
		return;
	}
	memcpy(text, value, (size_t)len);
	for (i = 0; i < len - 1; i++) {
		text[i] = text[i] == '\0' ? ' ' : text[i];
	}
	guest_fdt_pair(l, name, text);
}

static void list_both(const struct plan *plan, const struct plan_link *l,
		      struct guest_fdt_list *front, struct guest_fdt_list *back)
{
	char handle[12];

	hyp_snprintf(handle, sizeof(handle), "%u", l->number);
	guest_fdt_pair(front, "handle", handle);
	add_text(front, plan, l->node, "mac", "mac");
	guest_fdt_pair(back, "handle", handle);
	guest_fdt_pair(back, "type", "vif");
	guest_fdt_pair(back, "script", SCRIPT);
	guest_fdt_pair(back, "hotplug-status", "");
	add_text(back, plan, l->node, "mac", "mac");
	add_text(back, plan, l->node, "bridge", "bridge");
	add_text(back, plan, l->node, "vifname", "vifname");
	add_text(back, plan, l->node, "ip", "ip");
	add_text(back, plan, l->node, PLAN_NET_RATE, "rate");
}

int guest_fdt_copy(void *fdt, const struct plan *plan, int node, const char *prop)
{
	int len;
	const void *value = plan->fdt != NULL ? fdt_getprop(plan->fdt, node, prop, &len) : NULL;

	return value != NULL ? fdt_property(fdt, prop, value, len) : 0;
}

int guest_fdt_net(const struct plan *plan, const struct plan_link *l, bool is_for_back, void *fdt)
{
	static const char *const copied[] = { "bridge", "vifname", PLAN_NET_PORT, PLAN_NET_IPS,
					      PLAN_NET_TRUNK };
	struct guest_fdt_list front = { .len = 0 }, back = { .len = 0 };
	int err;
	size_t i;

	list_both(plan, l, &front, &back);
	err = fdt_property(fdt, "frontend", front.text, (int)front.len);
	err = err != 0 ? err : fdt_property(fdt, "backend", back.text, (int)back.len);
	for (i = 0; err == 0 && is_for_back && i < ARRAY_SIZE(copied); i++) {
		err = guest_fdt_copy(fdt, plan, l->node, copied[i]);
	}
	return err;
}
