// SPDX-License-Identifier: Apache-2.0
/* The machine under the block back end, and a front end's moves. */
#define _GNU_SOURCE
#include "io_world.h"

#include "../../rootfs/backends/io/platform.h"
#include "../../rootfs/backends/io/virtio_blk.h"
#include "xenstore_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xen/grant_table.h>

#define B	   1u /* the store's clients, by index */
#define F	   0u
#define BACK	   2u
#define STORE_PORT 7u
#define RING_PORT  9u

uint8_t iw_page[IW_PAGES][4096] __attribute__((aligned(4096)));
struct iw_link iw;
uint8_t iw_disk[IW_SECTORS * SECTOR];

static struct xs xs;
static uint8_t *memory;
static uint32_t device_version; /* 0: none */
static uint32_t req_prod, rsp_cons, ring_entries;

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

/* A page that is mapped is the front end's own, put where the back end wants to see it. */
bool plat_map(uint16_t domid, uint32_t ref, void *at, uint32_t *handle)
{
	if (domid != IW_FRONT || ref >= IW_PAGES || !iw.is_granted[ref] || iw.is_read_only[ref]) {
		return false;
	}
	must(mremap(iw_page[ref], 0, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, at) == at);
	*handle = iw.nr_mapped++;
	return true;
}

void plat_unmap(void *at, uint32_t handle)
{
	(void)handle;
	must(mmap(at, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at);
	iw.nr_mapped--;
}

uint32_t plat_bind(uint16_t domid, uint32_t port)
{
	if (domid != IW_FRONT || port != RING_PORT) {
		return 0;
	}
	iw.nr_bound++;
	iw.is_port_dead = false;
	return RING_PORT;
}

void plat_close(uint32_t port)
{
	must(port == RING_PORT && iw.nr_bound > 0);
	iw.nr_bound--;
}

bool plat_is_bound(uint32_t port)
{
	return port == RING_PORT && !iw.is_port_dead;
}

bool plat_is_alive(uint16_t domid, uint32_t port)
{
	return domid == IW_FRONT && !iw.is_dying && (port == 0 || plat_is_bound(port));
}

void plat_notify(uint32_t port)
{
	iw.nr_events += port == RING_PORT;
}

static uint8_t *copy_end(const struct gnttab_copy_ptr *p, bool is_grant, bool is_write)
{
	if (!is_grant) {
		must(p->domid == DOMID_SELF);
		return (uint8_t *)(p->u.gmfn * 4096) + p->offset;
	}
	if (p->domid != IW_FRONT || p->u.ref >= IW_PAGES || !iw.is_granted[p->u.ref] ||
	    (is_write && iw.is_read_only[p->u.ref])) {
		return NULL;
	}
	return iw_page[p->u.ref] + p->offset;
}

bool plat_copy(struct gnttab_copy *ops, uint32_t nr)
{
	for (uint32_t i = 0; i < nr; i++) {
		const struct gnttab_copy *c = &ops[i];
		uint8_t *from = copy_end(&c->source, (c->flags & GNTCOPY_source_gref) != 0, false);
		uint8_t *to = copy_end(&c->dest, (c->flags & GNTCOPY_dest_gref) != 0, true);

		if (from == NULL || to == NULL) {
			return false;
		}
		must(c->source.offset + c->len <= 4096 && c->dest.offset + c->len <= 4096);
		memcpy(to, from, c->len);
		iw.nr_copies++;
	}
	return true;
}

void plat_sleep(void)
{
	sw_run();
	(void)model_work();
}

void plat_cache_clean(uint64_t addr, size_t size)
{
	(void)addr;
	(void)size;
	abort(); /* virtio sees our caches */
}

void plat_cache_drop(uint64_t addr, size_t size)
{
	plat_cache_clean(addr, size);
}

void plat_say(const char *fmt, ...)
{
	(void)fmt;
	iw.nr_said++;
}

/* Everything that the back end keeps, as at the start of a program. */
static void begin(const char *source, bool is_writable)
{
	const size_t maps_bytes = IO_MAX_DISKS * RING_MAX_PAGES * 4096;
	static void *space = MAP_FAILED;

	must(space == MAP_FAILED || munmap(space, maps_bytes) == 0);
	space = mmap(NULL, maps_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(space != MAP_FAILED);
	io_reset();
	virtio_blk_reset();
	must(io_add(BACK, IW_FRONT, IW_NUMBER, source, is_writable));
	free(memory);
	memory = aligned_alloc(4096, io_memory());
	must(memory != NULL);
	memset(memory, 0xa5, io_memory());
	if (device_version != 0) {
		model_reset(iw_version(device_version), iw_disk, IW_SECTORS);
		must(virtio_blk_probe(IW_DEVICE));
	}
	sw_ring[B].connection = XENSTORE_RECONNECT;
	sw_ring[B].req_prod = sw_ring[B].req_cons = sw_ring[B].rsp_prod = sw_ring[B].rsp_cons = 0;
	store_introduce(&sw, &sw.clients[B], &sw_ring[B]);
	xs_init(&xs, &sw_ring[B], STORE_PORT);
	must(xs_is_ready(&xs));
	io_init(&xs, memory, space);
	iw_run();
}

static const char *now_source;
static bool now_writable;

static void share_pages(void)
{
	/* so that a mapped page is the same page */
	must(mmap(iw_page, sizeof(iw_page), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == (void *)iw_page);
}

void iw_setup(const char *source, bool is_writable)
{
	struct store_device d = {
		.kind = "vbd", .front = IW_FRONT, .back = BACK, .number = IW_NUMBER
	};

	device_version = 0;
	model_reset(0, NULL, 0);
	now_source = source;
	now_writable = is_writable;
	share_pages();
	memset(&iw, 0, sizeof(iw));
	req_prod = rsp_cons = 0;
	sw_setup(NULL);
	store_release(&sw, &sw.clients[F]);
	store_release(&sw, &sw.clients[B]);
	must(store_device_add(&sw, &d));
	sw_ring[F].req_prod = sw_ring[F].rsp_cons = 0;
	store_introduce(&sw, &sw.clients[F], &sw_ring[F]);
	begin(source, is_writable);
}

void iw_setup_with_device(const char *source, bool is_writable, uint32_t version)
{
	iw_setup("RAM=1", true);
	device_version = version;
	store_release(&sw, &sw.clients[B]);
	now_source = source;
	now_writable = is_writable;
	begin(source, is_writable);
}

void iw_restart(void)
{
	store_release(&sw, &sw.clients[B]);
	sw_run();
	iw.nr_mapped = 0;
	iw.nr_bound = 0;
	begin(now_source, now_writable);
}

void iw_run(void)
{
	bool is_busy = true;

	while (is_busy) {
		sw_run();
		is_busy = io_turn();
		is_busy |= model_work();
	}
}

static const char *say(const char *what, const char *value)
{
	char text[128];

	snprintf(text, sizeof(text), IW_FNODE "/%s|%s", what, value);
	return sw_say(F, XS_WRITE, 0, text);
}

const char *iw_state(void)
{
	return sw_say(F, XS_READ, 0, IW_BNODE "/state|");
}

void iw_connect(uint32_t order)
{
	uint32_t pages = 1u << order;
	char name[32], ref[16];

	memset(iw_page, 0, pages * 4096);
	iw_ring()->req_event = iw_ring()->rsp_event = 1;
	ring_entries = 1;
	while (2 * ring_entries * sizeof(union blkif_sring_entry) <= pages * 4096 - 64) {
		ring_entries *= 2;
	}
	req_prod = rsp_cons = 0;
	for (uint32_t i = 0; i < pages; i++) {
		iw.is_granted[i] = true;
		snprintf(name, sizeof(name), order == 0 ? "ring-ref" : "ring-ref%u", i);
		snprintf(ref, sizeof(ref), "%u", i);
		(void)say(name, ref);
	}
	(void)sw_say(F, XS_RM, 0, IW_FNODE "/ring-page-order|");
	if (order > 0) {
		snprintf(ref, sizeof(ref), "%u", order);
		(void)say("ring-page-order", ref);
	}
	(void)say("event-channel", "9");
	(void)say("protocol", iw.is_narrow ? "x86_32-abi" : "x86_64-abi");
	(void)say("state", "3");
	iw_run();
}

blkif_sring_t *iw_ring(void)
{
	return (blkif_sring_t *)(void *)iw_page[0];
}

struct blkif_request *iw_request(void)
{
	struct blkif_request *q = &iw_ring()->ring[req_prod++ & (ring_entries - 1)].req;

	memset(q, 0, sizeof(*q));
	return q;
}

void iw_push(void)
{
	__atomic_store_n(&iw_ring()->req_prod, req_prod, __ATOMIC_RELEASE);
}

const struct blkif_response *iw_response(void)
{
	if (__atomic_load_n(&iw_ring()->rsp_prod, __ATOMIC_ACQUIRE) == rsp_cons) {
		return NULL;
	}
	iw_ring()->rsp_event = rsp_cons + 2;
	return &iw_ring()->ring[rsp_cons++ & (ring_entries - 1)].rsp;
}

uint64_t plat_now_us(void)
{
	return 0;
}
