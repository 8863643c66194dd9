// SPDX-License-Identifier: Apache-2.0
/*
 * Static event channels: one and two ring each other, one has a channel to itself, and three, which the plan links to
 * nobody, reaches no one. What is left of a channel when an end dies and comes back.
 */
#include <unit.h>
#include <world.h>

#include <hyp/console.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>

#define PORT_ONE  10U
#define PORT_TWO  77U
#define PORT_HERE 3U
#define PORT_BACK 4U

static struct domain *one, *two, *three;

static void link_plan(void)
{
	struct plan_domain *p = world_plan.domains;

	p[0].evtchns[0] = (struct plan_evtchn){ PORT_ONE, PORT_TWO, 2, -1 };
	p[0].evtchns[1] = (struct plan_evtchn){ PORT_HERE, PORT_BACK, 1, -1 };
	p[0].evtchns[2] = (struct plan_evtchn){ PORT_BACK, PORT_HERE, 1, -1 };
	p[0].nr_evtchns = 3;
	p[1].evtchns[0] = (struct plan_evtchn){ PORT_TWO, PORT_ONE, 1, -1 };
	p[1].nr_evtchns = 1;
}

static int setup(void **state)
{
	(void)state;
	world_describe(3);
	link_plan();
	console_early_init();
	assert_int_equal(console_init(&world_plan), 0);
	assert_int_equal(domains_build(&world_plan), 0);
	one = domain_get(1);
	two = domain_get(2);
	three = domain_get(3);
	domains_start();
	return 0;
}

/* Every domain as it starts. */
static int fresh(void **state)
{
	struct domain *const all[] = { one, two, three };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		world_ports_die(all[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		evtchn_domain_rebind(all[i]);
		all[i]->vcpus[0]->arch.upcalls = 0;
	}
	return 0;
}

static bool is_pending(const struct domain *d, evtchn_port_t port)
{
	const struct shared_info *si = d->shared_info;

	return (si->evtchn_pending[port / 64] >> (port % 64) & 1) != 0;
}

static int64_t op(struct domain *d, uint64_t cmd, void *arg, size_t size)
{
	return world_call(d->vcpus[0], __HYPERVISOR_event_channel_op, cmd, arg, size);
}

static int64_t on_port(struct domain *d, uint64_t cmd, evtchn_port_t port)
{
	struct evtchn_send s = { .port = port };

	return op(d, cmd, &s, sizeof(s));
}

static struct evtchn_status status(struct domain *d, evtchn_port_t port)
{
	struct evtchn_status st = { .dom = DOMID_SELF, .port = port };

	assert_int_equal(op(d, EVTCHNOP_status, &st, sizeof(st)), 0);
	return st;
}

static void must_be_bound(struct domain *d, evtchn_port_t port, domid_t dom, evtchn_port_t other)
{
	struct evtchn_status st = status(d, port);

	assert_int_equal(st.status, EVTCHNSTAT_interdomain);
	assert_int_equal(st.u.interdomain.dom, dom);
	assert_int_equal(st.u.interdomain.port, other);
}

static void must_be_unbound(struct domain *d, evtchn_port_t port, domid_t dom)
{
	struct evtchn_status st = status(d, port);

	assert_int_equal(st.status, EVTCHNSTAT_unbound);
	assert_int_equal(st.u.unbound.dom, dom);
}

static void bound_before_they_run(void **state)
{
	(void)state;
	must_be_bound(one, PORT_ONE, 2, PORT_TWO);
	must_be_bound(two, PORT_TWO, 1, PORT_ONE);
	must_be_bound(one, PORT_HERE, 1, PORT_BACK);
	must_be_bound(one, PORT_BACK, 1, PORT_HERE);
	assert_int_equal(status(three, PORT_ONE).status, EVTCHNSTAT_closed);
}

static void rings_the_other_end_alone(void **state)
{
	struct vcpu_info *info = two->vcpus[0]->vcpu_info;

	(void)state;
	assert_int_equal(on_port(one, EVTCHNOP_send, PORT_ONE), 0);
	assert_true(is_pending(two, PORT_TWO));
	assert_false(is_pending(one, PORT_ONE));
	assert_int_equal(info->evtchn_pending_sel, 1UL << (PORT_TWO / 64));
	assert_int_equal(info->evtchn_upcall_pending, 1);
	assert_int_equal(two->vcpus[0]->arch.upcalls, 1);
	assert_int_equal(one->vcpus[0]->arch.upcalls, 0);
	assert_int_equal(on_port(two, EVTCHNOP_send, PORT_TWO), 0);
	assert_true(is_pending(one, PORT_ONE));
	assert_int_equal(one->vcpus[0]->arch.upcalls, 1);
	assert_int_equal(on_port(three, EVTCHNOP_send, PORT_TWO), -EINVAL);
}

static void rings_inside_a_domain(void **state)
{
	(void)state;
	assert_int_equal(on_port(one, EVTCHNOP_send, PORT_HERE), 0);
	assert_true(is_pending(one, PORT_BACK));
	assert_false(is_pending(one, PORT_HERE));
}

static void masked_end_waits_for_its_unmask(void **state)
{
	struct shared_info *si = two->shared_info;

	(void)state;
	si->evtchn_mask[PORT_TWO / 64] |= 1UL << (PORT_TWO % 64);
	assert_int_equal(on_port(one, EVTCHNOP_send, PORT_ONE), 0);
	assert_true(is_pending(two, PORT_TWO));
	assert_int_equal(two->vcpus[0]->arch.upcalls, 0);
	assert_int_equal(on_port(two, EVTCHNOP_unmask, PORT_TWO), 0);
	assert_int_equal(two->vcpus[0]->arch.upcalls, 1);
}

static void goes_to_the_vcpu_it_was_moved_to(void **state)
{
	struct evtchn_bind_vcpu b = { .port = PORT_ONE, .vcpu = 1 };

	(void)state;
	assert_int_equal(op(one, EVTCHNOP_bind_vcpu, &b, sizeof(b)), 0);
	assert_int_equal(on_port(two, EVTCHNOP_send, PORT_TWO), 0);
	assert_true(is_pending(one, PORT_ONE));
	assert_int_equal(one->vcpus[0]->arch.upcalls, 0);
}

static void guest_cannot_close_what_the_plan_linked(void **state)
{
	struct evtchn_reset r = { .dom = DOMID_SELF };
	struct evtchn_bind_ipi ipi = { .vcpu = 0 };

	(void)state;
	assert_int_equal(on_port(one, EVTCHNOP_close, PORT_ONE), 0);
	must_be_bound(one, PORT_ONE, 2, PORT_TWO);
	assert_int_equal(op(one, EVTCHNOP_bind_ipi, &ipi, sizeof(ipi)), 0);
	assert_int_equal(op(one, EVTCHNOP_reset, &r, sizeof(r)), 0);
	must_be_bound(one, PORT_ONE, 2, PORT_TWO);
	assert_int_equal(status(one, ipi.port).status, EVTCHNSTAT_closed);
}

static void dead_end_leaves_the_other_unbound(void **state)
{
	(void)state;
	world_ports_die(two);
	must_be_unbound(one, PORT_ONE, 2);
	assert_int_equal(on_port(one, EVTCHNOP_send, PORT_ONE), 0);
	assert_false(is_pending(two, PORT_TWO));
	assert_int_equal(two->vcpus[0]->arch.upcalls, 0);
	must_be_bound(one, PORT_HERE, 1, PORT_BACK);
	evtchn_domain_rebind(two);
	must_be_bound(one, PORT_ONE, 2, PORT_TWO);
	must_be_bound(two, PORT_TWO, 1, PORT_ONE);
	assert_int_equal(on_port(one, EVTCHNOP_send, PORT_ONE), 0);
	assert_true(is_pending(two, PORT_TWO));
}

static void both_dead_come_back_one_by_one(void **state)
{
	(void)state;
	world_ports_die(two);
	world_ports_die(one);
	evtchn_domain_rebind(one);
	must_be_unbound(one, PORT_ONE, 2);
	must_be_bound(one, PORT_HERE, 1, PORT_BACK);
	assert_int_equal(on_port(one, EVTCHNOP_send, PORT_ONE), 0);
	evtchn_domain_rebind(two);
	must_be_bound(one, PORT_ONE, 2, PORT_TWO);
	must_be_bound(two, PORT_TWO, 1, PORT_ONE);
}

/* The page that a guest registered is its own again; the next life starts from the shared info page. */
static void death_forgets_registered_info(void **state)
{
	const uint64_t gfn = (WORLD_SCRATCH >> 12) + 1;
	struct vcpu *v = two->vcpus[0];
	struct vcpu_info *own = world_ram(two, gfn << 12);

	(void)state;
	assert_int_equal(evtchn_register_vcpu_info(v, gfn, 0), 0);
	world_ports_die(two);
	evtchn_domain_rebind(two);
	memset(own, 0, sizeof(*own));
	assert_int_equal(on_port(one, EVTCHNOP_send, PORT_ONE), 0);
	assert_int_equal(own->evtchn_upcall_pending, 0);
	assert_int_equal(
		((struct shared_info *)two->shared_info)->vcpu_info[0].evtchn_upcall_pending, 1);
	assert_int_equal(evtchn_register_vcpu_info(v, gfn, 0), 0);
}

/* Last: it does not come back. */
static void shutdown_is_a_death(void **state)
{
	(void)state;
	domain_shutdown(two, SHUTDOWN_poweroff);
	world_bury(two);
	must_be_unbound(one, PORT_ONE, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bound_before_they_run),
		cmocka_unit_test_setup(rings_the_other_end_alone, fresh),
		cmocka_unit_test_setup(rings_inside_a_domain, fresh),
		cmocka_unit_test_setup(masked_end_waits_for_its_unmask, fresh),
		cmocka_unit_test_setup(goes_to_the_vcpu_it_was_moved_to, fresh),
		cmocka_unit_test_setup(guest_cannot_close_what_the_plan_linked, fresh),
		cmocka_unit_test_setup(dead_end_leaves_the_other_unbound, fresh),
		cmocka_unit_test_setup(both_dead_come_back_one_by_one, fresh),
		cmocka_unit_test_setup(death_forgets_registered_info, fresh),
		cmocka_unit_test_setup(shutdown_is_a_death, fresh),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
