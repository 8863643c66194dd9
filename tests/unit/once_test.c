// SPDX-License-Identifier: Apache-2.0
/*
 * Every operation of every hypercall reads each byte of its guest once: what is decided on is what was checked, however
 * the guest's other vCPUs write to it meanwhile.
 */
#include <unit.h>
#include <world.h>

#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <stdlib.h>

#define CALLS	 64U
#define OPS	 48U
#define BYTES	 (4 * PAGE_SIZE)
#define SECOND	 (WORLD_SCRATCH + 2 * PAGE_SIZE) /* where pointers in structures point */
#define MIN_SEEN 40U				 /* operations that read anything, at least */

static struct domain *one;
static uint8_t reads[BYTES];

static int setup(void **state)
{
	(void)state;
	world_setup(3);
	one = domain_get(1);
	host.reads_from = (uintptr_t)world_ram(one, WORLD_SCRATCH);
	host.reads_len = BYTES;
	return 0;
}

/*
 * Oneself at the start, then small numbers, then pointers: something is right for each structure. No two pointers are
 * the same, for a guest's two arrays in one place are two decisions.
 */
static void fill(unsigned int variant)
{
	uint8_t *at = world_ram(one, WORLD_SCRATCH);
	const uint16_t self = DOMID_SELF;
	const uint64_t pointer = SECOND, other = SECOND + PAGE_SIZE / 2;

	memset(at, 0, BYTES);
	memcpy(at, &self, sizeof(self));
	if (variant == 1) {
		memset(at, 0, 16);
		memcpy(at, &pointer, sizeof(pointer));
		at[8] = 3;
	} else if (variant == 2) {
		at[4] = 2;
		memcpy(at + 8, &pointer, sizeof(pointer));
		memcpy(at + 16, &other, sizeof(other));
	}
}

static void call(uint64_t nr, uint64_t op, uint64_t arg1, uint64_t arg2)
{
	const uint64_t args[5] = { op, arg1, arg2 };

	memset(reads, 0, sizeof(reads));
	host.reads = reads;
	HOST_ENDS((void)trap_hypercall(one->vcpus[0], nr, args));
	host.reads = NULL;
}

/* Return: bytes that one call reads. */
static unsigned int reads_of(uint64_t nr, uint64_t op, uint64_t arg1, uint64_t arg2)
{
	unsigned int n = 0;

	call(nr, op, arg1, arg2);
	for (size_t i = 0; i < BYTES; i++) {
		n += reads[i];
		if (reads[i] > 1) {
			fail_msg("hypercall %lu, operation %lu: byte %zu is read %u times", nr, op,
				 i, reads[i]);
		}
	}
	return n;
}

static bool ends_its_domain(uint64_t nr, uint64_t op)
{
	return nr == __HYPERVISOR_sched_op && op == SCHEDOP_shutdown;
}

static void no_byte_is_read_twice(void **state)
{
	unsigned int seen = 0;

	(void)state;
	for (uint64_t nr = 0; nr < CALLS; nr++) {
		for (uint64_t op = 0; op < OPS; op++) {
			unsigned int n = 0;

			for (unsigned int variant = 0; variant < 3 && !ends_its_domain(nr, op);
			     variant++) {
				fill(variant);
				n += reads_of(nr, op, WORLD_SCRATCH, 1);
				n += reads_of(nr, op, WORLD_SCRATCH, 2);
				n += reads_of(nr, op, 0, WORLD_SCRATCH);
				n += reads_of(nr, op, 600, WORLD_SCRATCH);
			}
			seen += n > 0;
		}
	}
	assert_in_range(seen, MIN_SEEN, CALLS * OPS);
}

/* What the guest's memory says after the copy counts for nothing. */
static void what_changes_afterwards_is_not_seen(void **state)
{
	struct evtchn_bind_ipi ipi = { .vcpu = 0, .port = 0 };
	struct xen_feature_info features = { .submap_idx = 0 };

	(void)state;
	host.flips = true;
	assert_int_equal(world_call(one->vcpus[0], __HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi,
				    &ipi, sizeof(ipi)),
			 0);
	assert_int_equal(ipi.vcpu, 0);
	assert_int_equal(world_call(one->vcpus[0], __HYPERVISOR_xen_version, XENVER_get_features,
				    &features, sizeof(features)),
			 0);
	assert_int_equal(features.submap_idx, 0);
	host.flips = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_byte_is_read_twice),
		cmocka_unit_test(what_changes_afterwards_is_not_seen),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
