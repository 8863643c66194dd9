// SPDX-License-Identifier: Apache-2.0
/* Event channels, FIFO ABI, as a guest uses them: by hypercall, taking ports off its queues as the ABI says. */
#include <unit.h>
#include <world.h>

#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>
#include <pthread.h>

#define PENDING	   (1U << EVTCHN_FIFO_PENDING)
#define MASKED	   (1U << EVTCHN_FIFO_MASKED)
#define LINKED	   (1U << EVTCHN_FIFO_LINKED)
#define BUSY	   (1U << EVTCHN_FIFO_BUSY)
#define ARRAY_GFN  ((WORLD_SCRATCH >> 12) + 4)
#define BLOCKS_GFN (ARRAY_GFN + 8)
#define PAGES	   ((CONFIG_EVTCHN_PORTS + 1023) / 1024)
#define NOWHERE	   (0x1000000000UL >> 12)

static struct domain *d;
static struct vcpu *v0;
static uint32_t next_port[2][EVTCHN_FIFO_MAX_QUEUES]; /* where the guest's CPUs go on */
static unsigned int mapped;			      /* by the hypervisor, while the ABI is off */

static int setup(void **state)
{
	struct vcpu_register_vcpu_info r = { .mfn = BLOCKS_GFN + 1 };
	const uint64_t args[5] = { VCPUOP_register_vcpu_info, 1, WORLD_SCRATCH };

	(void)state;
	world_setup(2);
	d = domain_get(1);
	v0 = d->vcpus[0];
	memcpy(world_ram(d, WORLD_SCRATCH), &r, sizeof(r));
	assert_int_equal(trap_hypercall(v0, __HYPERVISOR_vcpu_op, args), 0);
	mapped = host.mapped;
	return 0;
}

static uint32_t *word(evtchn_port_t port)
{
	return (uint32_t *)world_ram(d, (ARRAY_GFN + port / 1024) << 12) + port % 1024;
}

static struct evtchn_fifo_control_block *block(uint32_t vcpu)
{
	return (void *)((char *)world_ram(d, BLOCKS_GFN << 12) + vcpu * 256);
}

static int clean(void **state)
{
	(void)state;
	evtchn_reset(d);
	memset(d->shared_info, 0, PAGE_SIZE);
	memset(block(0), 0, PAGE_SIZE);
	memset(next_port, 0, sizeof(next_port));
	for (uint32_t i = 0; i < PAGES; i++) {
		memset(word(i * 1024), 0, PAGE_SIZE);
	}
	for (uint32_t i = 0; i < d->nr_vcpus; i++) {
		memset(d->vcpus[i]->vcpu_info, 0, sizeof(struct vcpu_info));
		d->vcpus[i]->arch.upcalls = 0;
	}
	assert_int_equal(host.mapped, mapped);
	return 0;
}

static int64_t op(uint64_t cmd, void *arg, size_t size)
{
	return world_call(v0, __HYPERVISOR_event_channel_op, cmd, arg, size);
}

static int64_t init(uint32_t vcpu, uint64_t gfn, uint32_t offset)
{
	struct evtchn_init_control c = { .control_gfn = gfn, .offset = offset, .vcpu = vcpu };
	int64_t rc = op(EVTCHNOP_init_control, &c, sizeof(c));

	if (rc == 0) {
		assert_int_equal(c.link_bits, EVTCHN_FIFO_LINK_BITS);
	}
	return rc;
}

static int64_t expand(uint64_t gfn)
{
	struct evtchn_expand_array e = { .array_gfn = gfn };

	return op(EVTCHNOP_expand_array, &e, sizeof(e));
}

static int64_t priority(evtchn_port_t port, uint32_t to)
{
	struct evtchn_set_priority p = { .port = port, .priority = to };

	return op(EVTCHNOP_set_priority, &p, sizeof(p));
}

static int64_t on_port(uint64_t cmd, evtchn_port_t port)
{
	struct evtchn_send s = { .port = port };

	return op(cmd, &s, sizeof(s));
}

static evtchn_port_t bind_ipi(uint32_t vcpu)
{
	struct evtchn_bind_ipi b = { .vcpu = vcpu };

	assert_int_equal(op(EVTCHNOP_bind_ipi, &b, sizeof(b)), 0);
	return b.port;
}

static void use_fifo(void)
{
	assert_int_equal(init(0, BLOCKS_GFN, 0), 0);
	assert_int_equal(init(1, BLOCKS_GFN, 256), 0);
	for (uint32_t i = 0; i < PAGES; i++) {
		assert_int_equal(expand(ARRAY_GFN + i), 0);
	}
}

/* Takes the next port off @queue. Return: it; 0: the queue is empty. Sets @done if it was the last that is known of. */
static evtchn_port_t take(uint32_t vcpu, uint32_t queue, uint32_t *ready)
{
	uint32_t *next = &next_port[vcpu][queue];
	evtchn_port_t port =
		*next != 0 ? *next : __atomic_load_n(&block(vcpu)->head[queue], __ATOMIC_SEQ_CST);
	uint32_t was =
		__atomic_fetch_and(word(port), ~(LINKED | EVTCHN_FIFO_LINK_MASK), __ATOMIC_SEQ_CST);

	*next = was & EVTCHN_FIFO_LINK_MASK;
	if (*next == 0) {
		*ready &= ~(1U << queue);
	}
	return (was & (PENDING | MASKED)) == PENDING ? port : 0;
}

/* What a race has sent, and what the guest saw of it when it took an event. */
#define RACE_PORTS 8U
#define RACE_SENDS 200000U

static struct {
	evtchn_port_t port[RACE_PORTS];
	unsigned int sent[RACE_PORTS]; /* before each event, by who sends; read by who takes */
	unsigned int seen[RACE_PORTS];
	bool is_over;
	bool is_hostile;
} race;

static void see(evtchn_port_t port)
{
	for (unsigned int i = 0; i < RACE_PORTS; i++) {
		if (race.port[i] == port) {
			race.seen[i] = __atomic_load_n(&race.sent[i], __ATOMIC_SEQ_CST);
		}
	}
}

/* The guest's upcall on @vcpu: what it handles, in its order. Return: how many. */
static unsigned int handle(uint32_t vcpu, evtchn_port_t *handled, unsigned int max)
{
	struct vcpu_info *info = d->vcpus[vcpu]->vcpu_info;
	uint32_t ready;
	unsigned int nr = 0;

	__atomic_store_n(&info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
	ready = __atomic_exchange_n(&block(vcpu)->ready, 0, __ATOMIC_SEQ_CST);
	while (ready != 0) {
		evtchn_port_t port = take(vcpu, (uint32_t)__builtin_ctz(ready), &ready);

		if (port != 0) {
			(void)__atomic_fetch_and(word(port), ~PENDING, __ATOMIC_SEQ_CST);
			see(port);
			if (nr < max) {
				handled[nr] = port;
			}
			nr++;
		}
		ready |= __atomic_exchange_n(&block(vcpu)->ready, 0, __ATOMIC_SEQ_CST);
	}
	return nr;
}

static void expect_handled(uint32_t vcpu, const evtchn_port_t *ports, unsigned int nr)
{
	evtchn_port_t handled[16] = { 0 };

	assert_int_equal(handle(vcpu, handled, ARRAY_SIZE(handled)), nr);
	for (unsigned int i = 0; i < nr; i++) {
		assert_int_equal(handled[i], ports[i]);
	}
}

static void an_event_is_linked_and_told(void **state)
{
	struct vcpu_info *info = v0->vcpu_info;
	evtchn_port_t port = bind_ipi(0);

	(void)state;
	use_fifo();
	assert_int_equal(on_port(EVTCHNOP_send, port), 0);
	assert_int_equal(*word(port), PENDING | LINKED);
	assert_int_equal(block(0)->head[EVTCHN_FIFO_PRIORITY_DEFAULT], port);
	assert_int_equal(block(0)->ready, 1U << EVTCHN_FIFO_PRIORITY_DEFAULT);
	assert_int_equal(info->evtchn_upcall_pending, 1);
	assert_int_equal(info->evtchn_pending_sel, 0);
	assert_int_equal(v0->arch.upcalls, 1);
	assert_int_equal(on_port(EVTCHNOP_send, port), 0);
	assert_int_equal(v0->arch.upcalls, 1);
	assert_int_equal(((struct shared_info *)d->shared_info)->evtchn_pending[0], 0);
	expect_handled(0, &port, 1);
	assert_int_equal(on_port(EVTCHNOP_send, port), 0);
	assert_int_equal(v0->arch.upcalls, 2);
	expect_handled(0, &port, 1);
}

static void events_keep_their_order(void **state)
{
	evtchn_port_t ports[5];

	(void)state;
	use_fifo();
	for (unsigned int i = 0; i < 5; i++) {
		ports[i] = bind_ipi(0);
	}
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < 5; i++) {
			assert_int_equal(on_port(EVTCHNOP_send, ports[4 - i]), 0);
		}
		expect_handled(
			0, (evtchn_port_t[]){ ports[4], ports[3], ports[2], ports[1], ports[0] },
			5);
	}
}

static void higher_priority_goes_first(void **state)
{
	evtchn_port_t low = bind_ipi(0), normal = bind_ipi(0), high = bind_ipi(0);

	(void)state;
	use_fifo();
	assert_int_equal(priority(low, EVTCHN_FIFO_PRIORITY_MIN), 0);
	assert_int_equal(priority(high, EVTCHN_FIFO_PRIORITY_MAX), 0);
	assert_int_equal(on_port(EVTCHNOP_send, low), 0);
	assert_int_equal(on_port(EVTCHNOP_send, normal), 0);
	assert_int_equal(on_port(EVTCHNOP_send, high), 0);
	expect_handled(0, (evtchn_port_t[]){ high, normal, low }, 3);
	/* who has the port next has the default again */
	assert_int_equal(on_port(EVTCHNOP_close, high), 0);
	assert_int_equal(bind_ipi(0), high);
	assert_int_equal(on_port(EVTCHNOP_send, high), 0);
	assert_int_equal(block(0)->ready, 1U << EVTCHN_FIFO_PRIORITY_DEFAULT);
}

static void a_masked_port_waits_for_unmask(void **state)
{
	evtchn_port_t port = bind_ipi(1);

	(void)state;
	use_fifo();
	*word(port) = MASKED;
	assert_int_equal(on_port(EVTCHNOP_send, port), 0);
	assert_int_equal(*word(port), MASKED | PENDING);
	assert_int_equal(d->vcpus[1]->arch.upcalls, 0);
	assert_int_equal(on_port(EVTCHNOP_unmask, port), 0);
	assert_int_equal(*word(port), PENDING | LINKED);
	assert_int_equal(d->vcpus[1]->arch.upcalls, 1);
	expect_handled(1, &port, 1);
	assert_int_equal(on_port(EVTCHNOP_unmask, port), 0);
	assert_int_equal(*word(port), 0);
}

/* Pending before the guest turned to the ABI, and while it had no word for the port. */
static void nothing_is_lost_on_the_way(void **state)
{
	evtchn_port_t early = bind_ipi(0), late = bind_ipi(0), never = bind_ipi(0);
	struct sched_poll p = { .nr_ports = 1 };

	(void)state;
	assert_int_equal(on_port(EVTCHNOP_send, early), 0);
	assert_int_equal(init(0, BLOCKS_GFN, 0), 0);
	assert_int_equal(on_port(EVTCHNOP_send, late), 0);
	assert_int_equal(evtchn_any_pending(d, &late, 1), 1);
	assert_int_equal(evtchn_any_pending(d, &never, 1), 0);
	assert_int_equal(on_port(EVTCHNOP_unmask, never), 0);
	(void)p;
	assert_int_equal(expand(ARRAY_GFN), 0);
	assert_int_equal(evtchn_any_pending(d, &late, 1), 1);
	expect_handled(0, (evtchn_port_t[]){ early, late }, 2);
	assert_int_equal(evtchn_any_pending(d, &late, 1), 0);
}

/* A port that was pending, closed while the ABI was on: who has it next, after the way back, hears of its first event. */
static void nothing_is_left_for_the_next(void **state)
{
	struct evtchn_reset r = { .dom = DOMID_SELF };
	struct vcpu_info *info = v0->vcpu_info;
	evtchn_port_t port = bind_ipi(0);

	(void)state;
	assert_int_equal(on_port(EVTCHNOP_send, port), 0);
	use_fifo();
	assert_int_equal(on_port(EVTCHNOP_close, port), 0);
	assert_int_equal(op(EVTCHNOP_reset, &r, sizeof(r)), 0);
	memset(info, 0, sizeof(*info));
	v0->arch.upcalls = 0;
	assert_int_equal(bind_ipi(0), port);
	assert_int_equal(on_port(EVTCHNOP_send, port), 0);
	assert_int_equal(v0->arch.upcalls, 1);
}

/* A port that ends one queue is linked into another: the first one begins anew. */
static void a_port_moves_between_queues(void **state)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain b = { .remote_dom = DOMID_SELF };
	struct evtchn_bind_vcpu to = { .vcpu = 1 };
	evtchn_port_t port, other = bind_ipi(0);

	(void)state;
	use_fifo();
	assert_int_equal(op(EVTCHNOP_alloc_unbound, &a, sizeof(a)), 0);
	b.remote_port = a.port;
	assert_int_equal(op(EVTCHNOP_bind_interdomain, &b, sizeof(b)), 0);
	assert_int_equal(handle(0, NULL, 0), 1); /* a new end looks once for itself */
	port = a.port;
	assert_int_equal(on_port(EVTCHNOP_send, b.local_port), 0);
	expect_handled(0, &port, 1);
	to.port = port;
	assert_int_equal(op(EVTCHNOP_bind_vcpu, &to, sizeof(to)), 0);
	assert_int_equal(on_port(EVTCHNOP_send, b.local_port), 0);
	assert_int_equal(on_port(EVTCHNOP_send, other), 0);
	expect_handled(1, &port, 1);
	expect_handled(0, &other, 1);
	assert_int_equal(priority(port, 3), 0);
	assert_int_equal(on_port(EVTCHNOP_send, b.local_port), 0);
	expect_handled(1, &port, 1);
}

/* Closed while linked, and somebody else's then: nothing pending comes out, and the queue goes on. */
static void a_closed_port_stays_linked(void **state)
{
	evtchn_port_t first = bind_ipi(0), second = bind_ipi(0), third = bind_ipi(0);

	(void)state;
	use_fifo();
	assert_int_equal(on_port(EVTCHNOP_send, first), 0);
	assert_int_equal(on_port(EVTCHNOP_send, second), 0);
	assert_int_equal(on_port(EVTCHNOP_close, second), 0);
	assert_int_equal(*word(second), LINKED);
	assert_int_equal(bind_ipi(1), second);
	assert_int_equal(on_port(EVTCHNOP_send, third), 0);
	expect_handled(0, (evtchn_port_t[]){ first, third }, 2);
	assert_int_equal(on_port(EVTCHNOP_send, second), 0);
	expect_handled(1, &second, 1);
}

static void what_is_wrong_is_refused(void **state)
{
	evtchn_port_t port = bind_ipi(0);

	(void)state;
	assert_int_equal(expand(ARRAY_GFN), -EOPNOTSUPP);
	assert_int_equal(priority(port, 3), -ENOSYS);
	assert_int_equal(init(2, BLOCKS_GFN, 0), -ENOENT);
	assert_int_equal(init(UINT32_MAX, BLOCKS_GFN, 0), -ENOENT);
	assert_int_equal(init(0, BLOCKS_GFN, 4), -EINVAL);
	assert_int_equal(init(0, BLOCKS_GFN, PAGE_SIZE - 64), -EINVAL);
	assert_int_equal(init(0, BLOCKS_GFN, UINT32_MAX - 7), -EINVAL);
	assert_int_equal(init(0, NOWHERE, 0), -EINVAL);
	assert_int_equal(init(0, UINT64_MAX, 0), -EINVAL);
	assert_int_equal(expand(ARRAY_GFN), -EOPNOTSUPP); /* none of these turned it on */
	assert_int_equal(init(0, BLOCKS_GFN, PAGE_SIZE - 72), 0);
	assert_int_equal(init(0, BLOCKS_GFN, 0), -EINVAL);
	assert_int_equal(expand(NOWHERE), -EINVAL);
	assert_int_equal(expand(UINT64_MAX), -EINVAL);
	assert_int_equal(priority(0, 3), -EINVAL);
	assert_int_equal(priority(CONFIG_EVTCHN_PORTS, 3), -EINVAL);
	assert_int_equal(priority(port, EVTCHN_FIFO_PRIORITY_MIN + 1), -EINVAL);
	for (uint32_t i = 0; i < PAGES; i++) {
		assert_int_equal(expand(ARRAY_GFN + i), 0);
	}
	assert_int_equal(expand(ARRAY_GFN + PAGES), -ENOMEM);
	assert_int_equal(host.mapped, mapped + 1 + PAGES);
}

/* No control block, no word: what happens there waits, and the other vCPU does not. */
static void a_vcpu_without_a_block_is_not_told(void **state)
{
	evtchn_port_t port = bind_ipi(1), other = bind_ipi(0);

	(void)state;
	assert_int_equal(init(0, BLOCKS_GFN, 0), 0);
	assert_int_equal(expand(ARRAY_GFN), 0);
	assert_int_equal(on_port(EVTCHNOP_send, port), 0);
	assert_int_equal(*word(port), PENDING);
	assert_int_equal(on_port(EVTCHNOP_send, other), 0);
	expect_handled(0, &other, 1);
	assert_int_equal(init(1, BLOCKS_GFN, 256), 0);
	assert_int_equal(on_port(EVTCHNOP_send, port), 0);
	expect_handled(1, &port, 1);
}

/* Reset, suspend and death: the 2-level ABI again, none of the guest's pages mapped any more. */
static void the_way_back(void **state)
{
	evtchn_port_t port;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		use_fifo();
		assert_int_equal(host.mapped, mapped + 2 + PAGES);
		if (i == 0) {
			struct evtchn_reset r = { .dom = DOMID_SELF };

			assert_int_equal(op(EVTCHNOP_reset, &r, sizeof(r)), 0);
		} else if (i == 1) {
			struct sched_shutdown s = { .reason = SHUTDOWN_suspend };

			assert_int_equal(world_call(v0, __HYPERVISOR_sched_op, SCHEDOP_shutdown, &s,
						    sizeof(s)),
					 0);
		} else {
			world_ports_die(d);
			evtchn_domain_rebind(d);
			mapped--; /* the vcpu_info */
		}
		assert_int_equal(host.mapped, mapped);
		port = bind_ipi(0);
		assert_int_equal(on_port(EVTCHNOP_send, port), 0);
		assert_int_equal(*word(port) & PENDING, 0);
		assert_int_equal(
			((struct shared_info *)d->shared_info)->evtchn_pending[0] >> port & 1, 1);
		assert_int_equal(expand(ARRAY_GFN), -EOPNOTSUPP);
		assert_int_equal(on_port(EVTCHNOP_close, port), 0);
	}
	d->vcpus[1]->vcpu_info = NULL;
}

/* Words and heads that the guest wrote nonsense into: it harms nobody, itself at most. */
static void nonsense_harms_nobody(void **state)
{
	evtchn_port_t port = bind_ipi(0), other = bind_ipi(0);

	(void)state;
	use_fifo();
	for (unsigned int i = 0; i < 2000; i++) {
		*word(port) = i * 0x9e3779b1U;
		*word(other) = i * 0x85ebca6bU;
		*word(0) = UINT32_MAX;
		memset(block(0), (int)(i * 37), sizeof(*block(0)));
		assert_int_equal(on_port(EVTCHNOP_send, port), 0);
		assert_int_equal(on_port(EVTCHNOP_send, other), 0);
		assert_int_equal(on_port(EVTCHNOP_unmask, other), 0);
		assert_int_equal(*word(port) & PENDING, PENDING);
		assert_int_equal(*word(0), UINT32_MAX);
	}
	assert_int_equal(on_port(EVTCHNOP_close, port), 0);
	assert_int_equal(*word(port) & PENDING, 0);
}

/* The guest's other CPU, which takes events while they come. */
static void *guest_cpu(void *arg)
{
	(void)arg;
	for (bool last = false; !last;) {
		last = __atomic_load_n(&race.is_over, __ATOMIC_SEQ_CST);
		for (unsigned int i = 0; race.is_hostile && i < RACE_PORTS; i++) {
			(void)__atomic_fetch_xor(word(race.port[i]), 0x5a5aU | (i << 29),
						 __ATOMIC_SEQ_CST);
		}
		if (race.is_hostile) {
			continue;
		}
		(void)handle(1, NULL, 0);
	}
	return NULL;
}

static void run_race(bool is_hostile)
{
	pthread_t thread;

	use_fifo();
	memset(&race, 0, sizeof(race));
	race.is_hostile = is_hostile;
	for (unsigned int i = 0; i < RACE_PORTS; i++) {
		race.port[i] = bind_ipi(1);
		assert_int_equal(priority(race.port[i], i % 3), 0);
	}
	assert_int_equal(pthread_create(&thread, NULL, guest_cpu, NULL), 0);
	for (unsigned int n = 0; n < RACE_SENDS; n++) {
		unsigned int i = n * 2654435761U % RACE_PORTS;

		(void)__atomic_fetch_add(&race.sent[i], 1, __ATOMIC_SEQ_CST);
		assert_int_equal(evtchn_send(d, race.port[i]), 0);
	}
	__atomic_store_n(&race.is_over, true, __ATOMIC_SEQ_CST);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

/* Whatever the guest does at the same time, the last event of each port is seen after it was sent. */
static void events_and_their_taking_race(void **state)
{
	(void)state;
	run_race(false);
	for (unsigned int i = 0; i < RACE_PORTS; i++) {
		assert_int_equal(race.seen[i], race.sent[i]);
		assert_int_equal(*word(race.port[i]), 0);
	}
}

static void a_hostile_guest_races(void **state)
{
	(void)state;
	run_race(true);
	assert_int_equal(d->lock.next, d->lock.owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_event_is_linked_and_told, clean),
		cmocka_unit_test_setup(events_keep_their_order, clean),
		cmocka_unit_test_setup(higher_priority_goes_first, clean),
		cmocka_unit_test_setup(a_masked_port_waits_for_unmask, clean),
		cmocka_unit_test_setup(nothing_is_lost_on_the_way, clean),
		cmocka_unit_test_setup(nothing_is_left_for_the_next, clean),
		cmocka_unit_test_setup(a_port_moves_between_queues, clean),
		cmocka_unit_test_setup(a_closed_port_stays_linked, clean),
		cmocka_unit_test_setup(what_is_wrong_is_refused, clean),
		cmocka_unit_test_setup(a_vcpu_without_a_block_is_not_told, clean),
		cmocka_unit_test_setup(nonsense_harms_nobody, clean),
		cmocka_unit_test_setup(events_and_their_taking_race, clean),
		cmocka_unit_test_setup(a_hostile_guest_races, clean),
		cmocka_unit_test_setup(the_way_back, clean),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
