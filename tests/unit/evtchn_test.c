// SPDX-License-Identifier: Apache-2.0
/* Event channels, 2-level, as a guest uses them: by hypercall, with the bits in its shared pages. */
#include <unit.h>
#include <world.h>

#include <hyp/arch/trap.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>

static struct domain *d;
static struct vcpu *v0, *v1;

static int setup(void **state)
{
	(void)state;
	world_setup(2);
	d = domain_get(1);
	v0 = d->vcpus[0];
	v1 = d->vcpus[1];
	return 0;
}

static struct shared_info *shared(void)
{
	return d->shared_info;
}

static bool is_pending(evtchn_port_t port)
{
	return (shared()->evtchn_pending[port / 64] >> (port % 64) & 1) != 0;
}

/* Nothing bound, nothing pending, no upcall counted. */
static int clean(void **state)
{
	(void)state;
	evtchn_reset(d);
	memset(shared()->evtchn_pending, 0, sizeof(shared()->evtchn_pending));
	memset(shared()->evtchn_mask, 0, sizeof(shared()->evtchn_mask));
	for (uint32_t i = 0; i < d->nr_vcpus; i++) {
		if (d->vcpus[i]->vcpu_info != NULL) {
			memset(d->vcpus[i]->vcpu_info, 0, sizeof(struct vcpu_info));
		}
		d->vcpus[i]->arch.upcalls = 0;
	}
	return 0;
}

static int64_t op(struct vcpu *v, uint64_t cmd, void *arg, size_t size)
{
	return world_call(v, __HYPERVISOR_event_channel_op, cmd, arg, size);
}

static evtchn_port_t bind_ipi(uint32_t vcpu)
{
	struct evtchn_bind_ipi b = { .vcpu = vcpu };

	assert_int_equal(op(v0, EVTCHNOP_bind_ipi, &b, sizeof(b)), 0);
	return b.port;
}

static int64_t on_port(uint64_t cmd, evtchn_port_t port)
{
	struct evtchn_send s = { .port = port };

	return op(v0, cmd, &s, sizeof(s));
}

static void ipi_reaches_its_vcpu(void **state)
{
	struct vcpu_info *info = v0->vcpu_info;
	evtchn_port_t port = bind_ipi(0);

	(void)state;
	assert_int_equal(on_port(EVTCHNOP_send, port), 0);
	assert_true(is_pending(port));
	assert_int_equal(info->evtchn_pending_sel, 1UL << (port / 64));
	assert_int_equal(info->evtchn_upcall_pending, 1);
	assert_int_equal(v0->arch.upcalls, 1);
	/* still pending: no second edge */
	assert_int_equal(on_port(EVTCHNOP_send, port), 0);
	assert_int_equal(v0->arch.upcalls, 1);
}

static void guest_takes_it_and_gets_the_next(void **state)
{
	struct vcpu_info *info = v0->vcpu_info;
	evtchn_port_t port = bind_ipi(0);

	(void)state;
	for (unsigned int i = 1; i <= 3; i++) {
		assert_int_equal(on_port(EVTCHNOP_send, port), 0);
		assert_int_equal(v0->arch.upcalls, i);
		info->evtchn_upcall_pending = 0;
		info->evtchn_pending_sel = 0;
		shared()->evtchn_pending[port / 64] = 0;
	}
}

static void masked_port_waits_for_unmask(void **state)
{
	evtchn_port_t port = bind_ipi(0);

	(void)state;
	shared()->evtchn_mask[port / 64] |= 1UL << (port % 64);
	assert_int_equal(on_port(EVTCHNOP_send, port), 0);
	assert_true(is_pending(port));
	assert_int_equal(v0->arch.upcalls, 0);
	assert_int_equal(on_port(EVTCHNOP_unmask, port), 0);
	assert_int_equal(v0->arch.upcalls, 1);
	assert_int_equal(shared()->evtchn_mask[port / 64], 0);
	assert_int_equal(on_port(EVTCHNOP_unmask, port), 0);
	assert_int_equal(v0->arch.upcalls, 1);
}

static void closed_port_is_gone(void **state)
{
	evtchn_port_t port = bind_ipi(0);

	(void)state;
	assert_int_equal(on_port(EVTCHNOP_send, port), 0);
	assert_int_equal(on_port(EVTCHNOP_close, port), 0);
	assert_false(is_pending(port));
	assert_int_equal(on_port(EVTCHNOP_close, port), -EINVAL);
	assert_int_equal(on_port(EVTCHNOP_send, port), -EINVAL);
	assert_int_equal(bind_ipi(0), port);
}

static void bad_ports_are_refused(void **state)
{
	static const evtchn_port_t bad[] = {
		0, CONFIG_EVTCHN_PORTS, CONFIG_EVTCHN_PORTS + 1, 4096, 1U << 31, ~0U
	};
	static const uint64_t cmds[] = { EVTCHNOP_send, EVTCHNOP_close, EVTCHNOP_unmask };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct evtchn_status st = { .dom = DOMID_SELF, .port = bad[i] };
		struct evtchn_bind_vcpu b = { .port = bad[i], .vcpu = 0 };

		for (size_t c = 0; c < ARRAY_SIZE(cmds); c++) {
			assert_int_equal(on_port(cmds[c], bad[i]), -EINVAL);
		}
		assert_int_equal(op(v0, EVTCHNOP_status, &st, sizeof(st)), -EINVAL);
		assert_int_equal(op(v0, EVTCHNOP_bind_vcpu, &b, sizeof(b)), -EINVAL);
	}
}

static void virq_is_bound_once_a_vcpu(void **state)
{
	struct evtchn_bind_virq b = { .virq = VIRQ_DEBUG, .vcpu = 1 };
	struct evtchn_bind_virq bad_virq = { .virq = NR_VIRQS, .vcpu = 0 };
	struct evtchn_bind_virq bad_vcpu = { .virq = VIRQ_DEBUG, .vcpu = 2 };
	struct evtchn_status st = { .dom = DOMID_SELF };

	(void)state;
	assert_int_equal(op(v0, EVTCHNOP_bind_virq, &b, sizeof(b)), 0);
	st.port = b.port;
	assert_int_equal(op(v0, EVTCHNOP_bind_virq, &b, sizeof(b)), -EEXIST);
	b.vcpu = 0;
	assert_int_equal(op(v0, EVTCHNOP_bind_virq, &b, sizeof(b)), 0);
	assert_int_equal(op(v0, EVTCHNOP_bind_virq, &bad_virq, sizeof(bad_virq)), -EINVAL);
	assert_int_equal(op(v0, EVTCHNOP_bind_virq, &bad_vcpu, sizeof(bad_vcpu)), -ENOENT);
	assert_int_equal(op(v0, EVTCHNOP_status, &st, sizeof(st)), 0);
	assert_int_equal(st.status, EVTCHNSTAT_virq);
	assert_int_equal(st.vcpu, 1);
	assert_int_equal(st.u.virq, VIRQ_DEBUG);
	assert_int_equal(on_port(EVTCHNOP_send, b.port), -EINVAL);
}

static void unbound_port_moves_between_vcpus(void **state)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_vcpu b = { .vcpu = 1 };
	struct evtchn_status st = { .dom = DOMID_SELF };

	(void)state;
	assert_int_equal(op(v0, EVTCHNOP_alloc_unbound, &a, sizeof(a)), 0);
	b.port = st.port = a.port;
	assert_int_equal(op(v0, EVTCHNOP_bind_vcpu, &b, sizeof(b)), 0);
	assert_int_equal(op(v0, EVTCHNOP_status, &st, sizeof(st)), 0);
	assert_int_equal(st.status, EVTCHNSTAT_unbound);
	assert_int_equal(st.vcpu, 1);
	assert_int_equal(st.u.unbound.dom, 1);
	b.vcpu = 2;
	assert_int_equal(op(v0, EVTCHNOP_bind_vcpu, &b, sizeof(b)), -ENOENT);
	b.vcpu = 0;
	b.port = bind_ipi(1);
	assert_int_equal(op(v0, EVTCHNOP_bind_vcpu, &b, sizeof(b)), -EINVAL);
}

static void no_link_to_others_without_a_plan(void **state)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = 2 };
	struct evtchn_alloc_unbound for_other = { .dom = 2, .remote_dom = 1 };
	struct evtchn_bind_interdomain b = { .remote_dom = 2, .remote_port = 1 };
	struct evtchn_status st = { .dom = 2, .port = 1 };
	struct evtchn_reset r = { .dom = 2 };

	(void)state;
	assert_int_equal(op(v0, EVTCHNOP_alloc_unbound, &a, sizeof(a)), -EPERM);
	assert_int_equal(op(v0, EVTCHNOP_alloc_unbound, &for_other, sizeof(for_other)), -EPERM);
	assert_int_equal(op(v0, EVTCHNOP_bind_interdomain, &b, sizeof(b)), -EPERM);
	assert_int_equal(op(v0, EVTCHNOP_status, &st, sizeof(st)), -EPERM);
	assert_int_equal(op(v0, EVTCHNOP_reset, &r, sizeof(r)), -EPERM);
}

static void table_has_an_end(void **state)
{
	struct evtchn_bind_ipi b = { .vcpu = 0 };

	(void)state;
	for (int i = 1; i < CONFIG_EVTCHN_PORTS; i++) {
		assert_int_equal(op(v0, EVTCHNOP_bind_ipi, &b, sizeof(b)), 0);
	}
	assert_int_equal(b.port, CONFIG_EVTCHN_PORTS - 1);
	assert_int_equal(on_port(EVTCHNOP_send, b.port), 0);
	assert_true(is_pending(b.port));
	assert_int_equal(op(v0, EVTCHNOP_bind_ipi, &b, sizeof(b)), -ENOSPC);
	assert_int_equal(on_port(EVTCHNOP_close, 7), 0);
	assert_int_equal(op(v0, EVTCHNOP_bind_ipi, &b, sizeof(b)), 0);
	assert_int_equal(b.port, 7);
}

static void unknown_operations_do_not_exist(void **state)
{
	struct evtchn_init_control c = { .control_gfn = WORLD_SCRATCH >> 12 };

	(void)state;
	assert_int_equal(op(v0, EVTCHNOP_bind_pirq, &c, sizeof(c)), -ENOSYS);
	assert_int_equal(op(v0, 14, &c, sizeof(c)), -ENOSYS);
	assert_int_equal(op(v0, 99, &c, sizeof(c)), -ENOSYS);
	assert_int_equal(op(v0, UINT64_MAX, &c, sizeof(c)), -ENOSYS);
}

/* One for all vCPUs, on vCPU 0 first; it is found wherever it was moved. */
static void global_virq_moves(void **state)
{
	struct evtchn_bind_virq b = { .virq = VIRQ_ARGO, .vcpu = 1 };
	struct evtchn_bind_vcpu to = { .vcpu = 1 };

	(void)state;
	assert_int_equal(op(v0, EVTCHNOP_bind_virq, &b, sizeof(b)), -EINVAL);
	b.vcpu = 0;
	assert_int_equal(op(v0, EVTCHNOP_bind_virq, &b, sizeof(b)), 0);
	to.port = b.port;
	assert_int_equal(op(v0, EVTCHNOP_bind_vcpu, &to, sizeof(to)), 0);
	assert_int_equal(op(v0, EVTCHNOP_bind_virq, &b, sizeof(b)), -EEXIST);
	evtchn_raise_virq(d, VIRQ_ARGO);
	assert_true(is_pending(to.port));
	assert_int_equal(v0->arch.upcalls, 0);
	b.virq = VIRQ_TIMER;
	assert_int_equal(op(v0, EVTCHNOP_bind_virq, &b, sizeof(b)), 0);
	to.port = b.port;
	assert_int_equal(op(v0, EVTCHNOP_bind_vcpu, &to, sizeof(to)), -EINVAL);
}

/* The second vCPU has no place for its upcall before it registers one; what came before is not lost. */
static void registered_info_sees_what_came_before(void **state)
{
	const uint64_t gfn = (WORLD_SCRATCH >> 12) + 1;
	struct vcpu_register_vcpu_info r = { .mfn = gfn, .offset = 128 };
	const uint64_t args[5] = { VCPUOP_register_vcpu_info, 1, WORLD_SCRATCH };
	struct vcpu_info *info = (void *)((char *)world_ram(d, gfn << 12) + 128);
	evtchn_port_t port = bind_ipi(1);

	(void)state;
	assert_null(v1->vcpu_info);
	assert_int_equal(on_port(EVTCHNOP_send, port), 0);
	assert_true(is_pending(port));
	assert_int_equal(v1->arch.upcalls, 0);

	memcpy(world_ram(d, WORLD_SCRATCH), &r, sizeof(r));
	assert_int_equal(trap_hypercall(v0, __HYPERVISOR_vcpu_op, args), 0);
	assert_ptr_equal(v1->vcpu_info, info);
	assert_int_equal(info->evtchn_pending_sel, UINT64_MAX);
	assert_int_equal(info->evtchn_upcall_pending, 1);
	assert_int_equal(v1->arch.upcalls, 1);
	assert_int_equal(trap_hypercall(v0, __HYPERVISOR_vcpu_op, args), 0); /* it is there */
	assert_int_equal(v1->arch.upcalls, 1);
	r.offset = 192;
	memcpy(world_ram(d, WORLD_SCRATCH), &r, sizeof(r));
	assert_int_equal(trap_hypercall(v0, __HYPERVISOR_vcpu_op, args), -EINVAL);
	assert_ptr_equal(v1->vcpu_info, info);

	info->evtchn_pending_sel = 0;
	info->evtchn_upcall_pending = 0;
	assert_int_equal(on_port(EVTCHNOP_close, port), 0);
	port = bind_ipi(1);
	assert_int_equal(on_port(EVTCHNOP_send, port), 0);
	assert_int_equal(info->evtchn_pending_sel, 1UL << (port / 64));
	assert_int_equal(v1->arch.upcalls, 2);
}

/* A guest whose words have 32 bits: the same bits of pending ports, then 32 words of masks; and a selector for each 32 ports. */
static void words_of_32_bits(void **state)
{
	const uint32_t *select = (const uint32_t *)(const void *)v0->vcpu_info + 1;
	uint32_t *masks = (uint32_t *)(void *)shared()->evtchn_pending + 32;
	evtchn_port_t port = 0;

	(void)state;
	d->arch.is_narrow = true;
	while (port < 70) {
		port = bind_ipi(0);
	}
	masks[port / 32] |= 1U << (port % 32);
	assert_int_equal(on_port(EVTCHNOP_send, port), 0);
	assert_true(is_pending(port));
	assert_int_equal(v0->arch.upcalls, 0);
	assert_int_equal(on_port(EVTCHNOP_unmask, port), 0);
	assert_int_equal(masks[port / 32], 0);
	assert_int_equal(*select, 1U << (port / 32));
	assert_int_equal(v0->arch.upcalls, 1);
	assert_int_equal(on_port(EVTCHNOP_close, port), 0);
	assert_false(is_pending(port));
	memset(masks, 0, 32 * sizeof(masks[0]));
	d->arch.is_narrow = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ipi_reaches_its_vcpu, clean),
		cmocka_unit_test_setup(guest_takes_it_and_gets_the_next, clean),
		cmocka_unit_test_setup(masked_port_waits_for_unmask, clean),
		cmocka_unit_test_setup(closed_port_is_gone, clean),
		cmocka_unit_test_setup(bad_ports_are_refused, clean),
		cmocka_unit_test_setup(virq_is_bound_once_a_vcpu, clean),
		cmocka_unit_test_setup(unbound_port_moves_between_vcpus, clean),
		cmocka_unit_test_setup(no_link_to_others_without_a_plan, clean),
		cmocka_unit_test_setup(table_has_an_end, clean),
		cmocka_unit_test_setup(unknown_operations_do_not_exist, clean),
		cmocka_unit_test_setup(global_virq_moves, clean),
		cmocka_unit_test_setup(words_of_32_bits, clean),
		cmocka_unit_test_setup(registered_info_sees_what_came_before, clean),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
