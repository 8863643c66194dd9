// SPDX-License-Identifier: Apache-2.0
/*
 * trap_hypercall() with any numbers and any structures, from a guest on the fake machine; and the same from 32-bit code, whose
 * structures x86_64 makes the core's.
 *
 * Whatever it is given, a call comes back, leaves no lock taken and no window open, and gives the guest nothing but
 * its own memory and the pages that are meant for it; the other domain does not change.
 */
#include <compat_fake.h>
#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/console.h>
#include <hyp/evtchn.h>
#include <hyp/gnttab.h>
#include <stdlib.h>
#include <world.h>

#include "../../hypervisor/domain/internal.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_CALLS  80
#define STRUCT_LEN 40
#define PAGE_END \
	(WORLD_SCRATCH + 2 * PAGE_SIZE - 12) /* a structure here crosses into the next page */
#define NOWHERE 0x1000000000UL

/* What the FIFO ABI has mapped of a guest, beside a control block each. */
#define FIFO_PAGES ((CONFIG_EVTCHN_PORTS + 1023U) / 1024U)

/* One call, as it lies in the input. */
struct record {
	uint8_t nr;
	uint8_t op;
	uint8_t kinds; /* of arguments 1 and 2, a nibble each: enum kind */
	uint8_t vcpu;
	uint32_t number;
	uint8_t bytes[STRUCT_LEN]; /* what the pointers point at */
};

enum kind {
	KIND_SCRATCH,
	KIND_PAGE_END,
	KIND_NOWHERE,
	KIND_NUMBER,
	KIND_SMALL,
	KIND_ONE,
	KIND_WIDE
};

static struct domain *one, *two;
static struct domain one_before, two_before;
static struct vcpu vcpu_before[PLAN_MAX_VCPUS];
static uint8_t two_shared[PAGE_SIZE];

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	world_describe(2);
	world_plan.domains[0].balloon = true;
	console_early_init();
	must(console_init(&world_plan) == 0);
	must(domains_build(&world_plan) == 0);
	domains_start();
	one = domain_get(1);
	two = domain_get(2);
	one_before = *one;
	two_before = *two;
	for (uint32_t i = 0; i < one->nr_vcpus; i++) {
		vcpu_before[i] = *one->vcpus[i];
	}
	memcpy(two_shared, two->shared_info, PAGE_SIZE);
	return 0;
}

static void restore(void)
{
	evtchn_reset(one); /* the FIFO ABI's pages too */
	world_grants_die(one);
	world_grants_restart(one);
	reservation_begin_life(one);
	*one = one_before;
	for (uint32_t i = 0; i < one->nr_vcpus; i++) {
		soft_timer_stop(&one->vcpus[i]->poll_timer); /* these are in their CPU's list */
		soft_timer_stop(&one->vcpus[i]->once.soft);
		soft_timer_stop(&one->vcpus[i]->every.soft);
		*one->vcpus[i] = vcpu_before[i];
	}
	memset(one->shared_info, 0, PAGE_SIZE);
	host.log_len = 0;
	host.uart_len = 0;
	host.mapped = 1;
	host.end = HOST_RUNS;
}

static uint64_t argument(const struct record *r, unsigned int kind)
{
	switch (kind) {
	case KIND_SCRATCH:
		memcpy(world_ram(one, WORLD_SCRATCH), r->bytes, STRUCT_LEN);
		return WORLD_SCRATCH;
	case KIND_PAGE_END:
		return PAGE_END;
	case KIND_NOWHERE:
		return NOWHERE;
	case KIND_NUMBER:
		return r->number;
	case KIND_SMALL:
		return r->number % 8;
	case KIND_ONE:
		return 1;
	case KIND_WIDE:
		return (uint64_t)r->number << 32 | r->number;
	default:
		return WORLD_SCRATCH + kind * 64;
	}
}

static bool is_ours(uint64_t pa, uint64_t size)
{
	const struct plan_range *mem = &one->plan->mem[0];

	if (pa >= mem->base && pa + size <= mem->base + mem->size) {
		return true;
	}
	for (unsigned int i = 0; i < gnttab_nr_frames(one); i++) {
		if (pa == (uintptr_t)gnttab_frame(one, i) && size == PAGE_SIZE) {
			return true;
		}
	}
	return pa == (uintptr_t)one->shared_info && size == PAGE_SIZE;
}

static void check(void)
{
	must(host.irq_masked == 0 && !host.window_open);
	must(one->lock.next == one->lock.owner && two->lock.next == two->lock.owner);
	must(host.mapped <= 1 + 2 * one->nr_vcpus + FIFO_PAGES);
	for (unsigned int i = 0; i < one->arch.nr_extents; i++) {
		must(is_ours(one->arch.extent[i].pa, one->arch.extent[i].size));
	}
	must(memcmp(two, &two_before, sizeof(*two)) == 0);
	must(memcmp(two->shared_info, two_shared, PAGE_SIZE) == 0);
}

static bool is_ram(uint64_t at)
{
	enum p2m_type type;
	paddr_t pa;

	return arch_p2m_lookup(one, gpa(at), &pa, &type) == 0;
}

static bool is_from_32_bits(const struct record *r)
{
	return (r->vcpu & 0x40) != 0;
}

/* As many times as it asks for, within reason. */
static void call32(struct vcpu *v, uint32_t nr, const uint64_t wide[5])
{
	uint32_t args[5];
	bool again = true;

	for (unsigned int i = 0; i < 5; i++) {
		args[i] = (uint32_t)wide[i];
	}
	for (unsigned int i = 0; again && i < 8 && is_ram(COMPAT_FAKE_AREA); i++) {
		compat_fake_begin(v);
		(void)compat_hypercall(v, nr, args, &again);
	}
}

static void make_call(const struct record *r)
{
	uint64_t args[5] = { r->op };
	struct vcpu *v = one->vcpus[r->vcpu % one->nr_vcpus];

	must(is_ram(WORLD_SCRATCH));
	memcpy((uint8_t *)world_ram(one, WORLD_SCRATCH + PAGE_SIZE) + PAGE_SIZE - 12, r->bytes, 12);
	memcpy(world_ram(one, WORLD_SCRATCH + 2 * PAGE_SIZE), r->bytes + 12, STRUCT_LEN - 12);
	args[1] = argument(r, r->kinds & 7);
	args[2] = argument(r, r->kinds >> 4 & 7);
	host.flips = (r->vcpu & 0x80) !=
		     0; /* another vCPU writes what this one's call has just read */
	one->arch.is_narrow = is_from_32_bits(r);
	if (is_from_32_bits(r)) {
		HOST_ENDS(call32(v, r->nr % 50, args));
	} else {
		HOST_ENDS((void)trap_hypercall(v, r->nr % 50, args));
	}
	host.flips = false;
	/* a guest may end itself; that this one ends more often than there are domains is the fuzzer's doing */
	must(host.end == HOST_RUNS || host.end == HOST_POWERED_OFF);
	check();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record r;

	restore();
	for (int i = 0; i < MAX_CALLS && size >= sizeof(r) && domain_is_running(one); i++) {
		memcpy(&r, data, sizeof(r));
		data += sizeof(r);
		size -= sizeof(r);
		make_call(&r);
	}
	return 0;
}
