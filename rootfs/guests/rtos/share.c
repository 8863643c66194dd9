// SPDX-License-Identifier: Apache-2.0
/*
 * The page and the event channel that rtos shares with a Linux domain, if the plan gives it any.
 *
 * Linux maps the page as device memory (/dev/mem, for it is none of its own RAM), so it reads what is in memory and
 * never looks into a cache: each step of a change is cleaned before the next.
 * Spec: Arm ARM, "Mismatched memory attributes"; DC CVAC.
 */
#include "share.h"

#include "guest.h"
#include "shared.h"
#include "xen_guest.h"

#include <libfdt.h>

static struct rtos_statistics *page; /* NULL: none */

/* xen,shared-memory-v1, below a node with addresses and sizes of two cells each. */
bool share_find(const void *fdt)
{
	int node = fdt == NULL ? -1
			       : fdt_node_offset_by_compatible(fdt, -1, "xen,shared-memory-v1");
	int len;
	const fdt32_t *reg = node < 0 ? NULL : fdt_getprop(fdt, node, "reg", &len);
	uint64_t at;

	if (reg != NULL && len == 16) {
		at = (uint64_t)fdt32_to_cpu(reg[0]) << 32 | fdt32_to_cpu(reg[1]);
		mmu_memory(at);
		page = (struct rtos_statistics *)(uintptr_t)at;
	}
	return page != NULL;
}

static void clean(void)
{
	cache_clean((uintptr_t)page, sizeof(*page));
}

static void set_version(uint64_t version)
{
	__atomic_store_n(&page->version, version, __ATOMIC_RELAXED);
	clean();
}

void share_second(uint64_t ticks, uint64_t worst_ns, uint64_t mean_ns, uint64_t late)
{
	static uint64_t seconds;

	if (page == NULL) {
		return;
	}
	set_version(2 * seconds + 1);
	seconds++;
	page->seconds = seconds;
	page->ticks = ticks;
	page->worst_ns = worst_ns;
	page->mean_ns = mean_ns;
	page->late = late;
	clean();
	set_version(2 * seconds);
	xen_event_send(RTOS_PORT_OWN); /* refused where the plan links nobody to it */
}
