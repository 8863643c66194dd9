// SPDX-License-Identifier: Apache-2.0
/*
 * A store and its client: what the client is given before it runs, what the store is told of it, the channels that they
 * make, and what is left of those when one of them closes, dies or comes back. Three has no link to either.
 */
#include <unit.h>
#include <world.h>

#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/console.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>
#include <hyp/gnttab.h>

#include <libfdt.h>
#include <xen/io/xs_wire.h>

#define STORE_PORT 3U
#define STATIC	   20U
#define STOP_PORT  30U

static struct domain *client, *store, *three;

/* As a packed plan has it. Return: its node. */
static int write_net(void)
{
	static uint8_t tree[1024];
	int node;

	assert_int_equal(fdt_create_empty_tree(tree, sizeof(tree)), 0);
	node = fdt_add_subnode(tree, 0, "ashlar,net");
	assert_true(node > 0);
	assert_int_equal(fdt_setprop_string(tree, node, "bridge", "br0"), 0);
	assert_int_equal(fdt_setprop_string(tree, node, "mac", "00:16:3e:0a:0b:0c"), 0);
	assert_int_equal(fdt_setprop_string(tree, node, "vifname", "lan"), 0);
	assert_int_equal(fdt_setprop(tree, node, "ip", "10.0.0.9\0fd00::1", 17), 0);
	assert_int_equal(fdt_setprop_string(tree, node, PLAN_NET_RATE, "62500,50000"), 0);
	assert_int_equal(fdt_setprop_string(tree, node, PLAN_NET_PORT, "port"), 0);
	world_plan.fdt = tree;
	return node;
}

static int setup(void **state)
{
	struct plan_domain *p = world_plan.domains;

	(void)state;
	world_describe(3);
	p[0].pv.has_store = true;
	p[0].pv.store = 2;
	p[0].pv.store_port = STORE_PORT;
	p[0].pv.stop_port = STOP_PORT;
	p[0].pv.backends = PLAN_DOMAIN_BIT(2);
	p[0].evtchns[0] = (struct plan_evtchn){ STATIC, STATIC, 2, -1 };
	p[0].nr_evtchns = 1;
	p[1].pv.is_store = true;
	p[1].evtchns[0] = (struct plan_evtchn){ STATIC, STATIC, 1, -1 };
	p[1].nr_evtchns = 1;
	p[2].pv.is_io = true;
	world_plan.links[0] =
		(struct plan_link){ .front = 1,
				    .back = 3,
				    .number = 51712,
				    .disk = { .source = "PARTLABEL=data-a", .target = "xvda" } };
	world_plan.links[1] = (struct plan_link){
		.front = 1,
		.back = 2,
		.number = 51728,
		.disk = { .source = "RAM=1", .target = "xvdb", .is_writable = true }
	};
	world_plan.links[2] = (struct plan_link){
		.kind = PLAN_LINK_NET, .front = 1, .back = 3, .number = 4, .node = write_net()
	};
	world_plan.nr_links = 3;
	console_early_init();
	assert_int_equal(console_init(&world_plan), 0);
	assert_int_equal(domains_build(&world_plan), 0);
	client = domain_get(1);
	store = domain_get(2);
	three = domain_get(3);
	domains_start();
	return 0;
}

/* Everybody came back. */
static int fresh(void **state)
{
	struct domain *const all[] = { client, store, three };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		world_ports_die(all[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		evtchn_domain_rebind(all[i]);
		all[i]->nr_refused = 0;
	}
	evtchn_seed(client, STORE_PORT, 2);
	return 0;
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

static int64_t bind(struct domain *d, domid_t remote, evtchn_port_t port, evtchn_port_t *own)
{
	struct evtchn_bind_interdomain b = { .remote_dom = remote, .remote_port = port };
	int64_t rc = op(d, EVTCHNOP_bind_interdomain, &b, sizeof(b));

	*own = b.local_port;
	return rc;
}

static int64_t unbound(struct domain *d, domid_t remote, evtchn_port_t *own)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = remote };
	int64_t rc = op(d, EVTCHNOP_alloc_unbound, &a, sizeof(a));

	*own = a.port;
	return rc;
}

static struct evtchn_status status(struct domain *d, evtchn_port_t port)
{
	struct evtchn_status st = { .dom = DOMID_SELF, .port = port };

	assert_int_equal(op(d, EVTCHNOP_status, &st, sizeof(st)), 0);
	return st;
}

static bool is_pending(const struct domain *d, evtchn_port_t port)
{
	const struct shared_info *si = d->shared_info;

	return (si->evtchn_pending[port / 64] >> (port % 64) & 1) != 0;
}

static uint64_t param(struct domain *d, uint32_t index)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF, .index = index, .value = 77 };

	assert_int_equal(
		world_call(d->vcpus[0], __HYPERVISOR_hvm_op, HVMOP_get_param, &p, sizeof(p)), 0);
	return p.value;
}

static void the_client_finds_its_store(void **state)
{
	const struct xenstore_domain_interface *ring = world_ram(client, 0x39001000);
	const struct grant_entry_v1 *e = gnttab_frame(client, 0);

	(void)state;
	assert_int_equal(param(client, HVM_PARAM_STORE_PFN), 0x39001);
	assert_int_equal(param(client, HVM_PARAM_STORE_EVTCHN), STORE_PORT);
	assert_int_equal(param(three, HVM_PARAM_STORE_PFN), 0);
	assert_int_equal(param(three, HVM_PARAM_STORE_EVTCHN), 0);
	assert_int_equal(ring->connection, XENSTORE_RECONNECT);
	assert_int_equal(offsetof(struct xenstore_domain_interface, connection), 2068);
	assert_int_equal(e[0].flags, GTF_invalid);
	assert_int_equal(e[1].flags, GTF_permit_access);
	assert_int_equal(e[1].domid, 2);
	assert_int_equal(e[1].frame, 0x39001);
	assert_int_equal(status(client, STORE_PORT).status, EVTCHNSTAT_unbound);
	assert_int_equal(status(client, STORE_PORT).u.unbound.dom, 2);
}

static void version_one_keeps_what_was_seeded(void **state)
{
	struct gnttab_set_version s = { .version = 1 };

	(void)state;
	assert_int_equal(world_call(client->vcpus[0], __HYPERVISOR_grant_table_op,
				    GNTTABOP_set_version, &s, sizeof(s)),
			 0);
	the_client_finds_its_store(NULL);
}

static void the_store_is_told_of_its_clients(void **state)
{
	const void *tree = world_ram(store, store->restart.layout.info);
	int node = fdt_path_offset(tree, "/ashlar/store/client@1");
	const fdt32_t *cell;

	(void)state;
	assert_true(node > 0);
	assert_true(fdt_node_offset_by_compatible(tree, -1, "ashlar,store") > 0);
	assert_string_equal(fdt_getprop(tree, node, "name", NULL), "one");
	cell = fdt_getprop(tree, node, "reg", NULL);
	assert_int_equal(fdt32_to_cpu(*cell), 1);
	cell = fdt_getprop(tree, node, "port", NULL);
	assert_int_equal(fdt32_to_cpu(*cell), STORE_PORT);
	cell = fdt_getprop(tree, node, "grant", NULL);
	assert_int_equal(fdt32_to_cpu(*cell), 1);
	cell = fdt_getprop(tree, node, "stop-port", NULL);
	assert_int_equal(fdt32_to_cpu(*cell), STOP_PORT);
	assert_int_equal(status(store, STOP_PORT).status, EVTCHNSTAT_interdomain);
	assert_int_equal(status(store, STOP_PORT).u.interdomain.dom, DOMID_XEN);
	assert_true(fdt_path_offset(tree, "/ashlar/store/client@3") < 0);
	assert_true(fdt_path_offset(world_ram(client, client->restart.layout.info), "/ashlar") < 0);
}

static uint32_t cell_of(const void *tree, int node, const char *name)
{
	const fdt32_t *cell = fdt_getprop(tree, node, name, NULL);

	assert_non_null(cell);
	return fdt32_to_cpu(*cell);
}

static void says(const void *tree, int node, const char *prop, const char *name, const char *value)
{
	int at = fdt_stringlist_search(tree, node, prop, name);

	assert_true(at >= 0 && at % 2 == 0);
	assert_string_equal(fdt_stringlist_get(tree, node, prop, at + 1, NULL), value);
}

static void a_device_is_told_to_the_store_and_its_back_end(void **state)
{
	const void *tree = world_ram(store, store->restart.layout.info);
	int node = fdt_path_offset(tree, "/ashlar/store/device@0");

	(void)state;
	assert_true(node > 0);
	assert_string_equal(fdt_getprop(tree, node, "kind", NULL), "vbd");
	assert_int_equal(cell_of(tree, node, "front"), 1);
	assert_int_equal(cell_of(tree, node, "back"), 3);
	assert_int_equal(cell_of(tree, node, "number"), 51712);
	says(tree, node, "frontend", "virtual-device", "51712");
	says(tree, node, "backend", "params", "PARTLABEL=data-a");
	says(tree, node, "backend", "mode", "r");
	assert_true(fdt_path_offset(tree, "/ashlar/store/device@1") > 0);
	tree = world_ram(three, three->restart.layout.info);
	node = fdt_path_offset(tree, "/ashlar/io/device@0");
	assert_true(node > 0);
	says(tree, node, "backend", "params", "PARTLABEL=data-a");
	assert_true(fdt_path_offset(tree, "/ashlar/io/device@1") < 0);
	assert_true(fdt_path_offset(tree, "/ashlar/store") < 0);
}

static void a_network_is_told(void **state)
{
	const void *tree = world_ram(store, store->restart.layout.info);
	int node = fdt_path_offset(tree, "/ashlar/store/device@2"), len;

	(void)state;
	assert_true(node > 0);
	assert_string_equal(fdt_getprop(tree, node, "kind", NULL), "vif");
	assert_int_equal(cell_of(tree, node, "number"), 4);
	says(tree, node, "frontend", "handle", "4");
	says(tree, node, "frontend", "mac", "00:16:3e:0a:0b:0c");
	says(tree, node, "backend", "mac", "00:16:3e:0a:0b:0c");
	says(tree, node, "backend", "bridge", "br0");
	says(tree, node, "backend", "rate", "62500,50000");
	says(tree, node, "backend", "ip", "10.0.0.9 fd00::1");
	assert_null(fdt_getprop(tree, node, PLAN_NET_PORT, NULL));
	tree = world_ram(three, three->restart.layout.info);
	node = fdt_path_offset(tree, "/ashlar/io/device@2");
	assert_true(node > 0);
	assert_string_equal(fdt_getprop(tree, node, "vifname", NULL), "lan");
	assert_string_equal(fdt_getprop(tree, node, "bridge", NULL), "br0");
	assert_memory_equal(fdt_getprop(tree, node, PLAN_NET_PORT, &len), "port", 5);
	assert_int_equal(len, 5);
	assert_null(fdt_getprop(tree, node, PLAN_NET_IPS, NULL));
}

static void the_store_binds_and_they_ring(void **state)
{
	evtchn_port_t port;

	(void)state;
	assert_int_equal(on_port(client, EVTCHNOP_send, STORE_PORT), 0); /* nobody there yet */
	assert_int_equal(bind(store, 1, STORE_PORT, &port), 0);
	assert_true(is_pending(store, port)); /* what was sent before is not missed */
	assert_int_equal(status(store, port).status, EVTCHNSTAT_interdomain);
	assert_int_equal(status(store, port).u.interdomain.dom, 1);
	assert_int_equal(status(store, port).u.interdomain.port, STORE_PORT);
	assert_int_equal(status(client, STORE_PORT).u.interdomain.port, port);
	assert_false(is_pending(client, STORE_PORT));
	assert_int_equal(on_port(store, EVTCHNOP_send, port), 0);
	assert_true(is_pending(client, STORE_PORT));
	/* a second time it is taken */
	assert_int_equal(bind(store, 1, STORE_PORT, &port), -EINVAL);
}

static void either_side_may_offer(void **state)
{
	evtchn_port_t offered, bound;

	(void)state;
	assert_int_equal(unbound(client, 2, &offered), 0);
	assert_int_equal(bind(store, 1, offered, &bound), 0);
	assert_int_equal(unbound(store, 1, &offered), 0);
	assert_int_equal(bind(client, 2, offered, &bound), 0);
	assert_int_equal(on_port(client, EVTCHNOP_send, bound), 0);
	assert_true(is_pending(store, offered));
}

static void a_channel_to_oneself(void **state)
{
	evtchn_port_t offered, bound;

	(void)state;
	assert_int_equal(unbound(three, DOMID_SELF, &offered), 0);
	assert_int_equal(bind(three, DOMID_SELF, offered, &bound), 0);
	assert_int_not_equal(offered, bound);
	assert_int_equal(on_port(three, EVTCHNOP_send, bound), 0);
	assert_true(is_pending(three, offered));
	assert_int_equal(on_port(three, EVTCHNOP_close, bound), 0);
	assert_int_equal(status(three, offered).status, EVTCHNSTAT_unbound);
	assert_int_equal(on_port(three, EVTCHNOP_close, offered), 0);
}

static void who_has_no_link_is_refused(void **state)
{
	evtchn_port_t port;

	(void)state;
	assert_int_equal(unbound(three, 1, &port), -EPERM);
	assert_int_equal(bind(three, 2, 1, &port), -EPERM);
	assert_int_equal(bind(client, 3, 1, &port), -EPERM);
	assert_int_equal(bind(client, 99, 1, &port), -EPERM);
	assert_int_equal(bind(client, DOMID_XEN, 1, &port), -EPERM);
	assert_int_equal(three->nr_refused, 2);
	assert_int_equal(client->nr_refused, 3);
}

static void bad_ports_are_refused(void **state)
{
	static const evtchn_port_t bad[] = { 0,	    CONFIG_EVTCHN_PORTS, UINT32_MAX, 0x10003, 500,
					     STATIC };
	evtchn_port_t port;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(bind(store, 1, bad[i], &port), -EINVAL);
	}
	/* left for somebody else: the client's own */
	assert_int_equal(unbound(client, DOMID_SELF, &port), 0);
	assert_int_equal(bind(store, 1, port, &port), -EINVAL);
	/* a static end whose other side is gone is nobody's to bind */
	world_ports_die(store);
	world_ports_die(client);
	evtchn_domain_rebind(client);
	assert_int_equal(status(client, STATIC).status, EVTCHNSTAT_unbound);
	assert_int_equal(bind(store, 1, STATIC, &port), -EINVAL);
}

static void ports_run_out_and_nothing_is_half_bound(void **state)
{
	evtchn_port_t port;

	(void)state;
	while (unbound(store, DOMID_SELF, &port) == 0) {
	}
	assert_int_equal(bind(store, 1, STORE_PORT, &port), -ENOSPC);
	assert_int_equal(status(client, STORE_PORT).status, EVTCHNSTAT_unbound);
}

static void a_closed_end_is_left_for_the_same(void **state)
{
	evtchn_port_t port;

	(void)state;
	assert_int_equal(bind(store, 1, STORE_PORT, &port), 0);
	assert_int_equal(on_port(store, EVTCHNOP_close, port), 0);
	assert_int_equal(status(client, STORE_PORT).status, EVTCHNSTAT_unbound);
	assert_int_equal(status(client, STORE_PORT).u.unbound.dom, 2);
	assert_int_equal(bind(store, 1, STORE_PORT, &port), 0);
	assert_int_equal(on_port(client, EVTCHNOP_close, STORE_PORT), 0);
	assert_int_equal(status(store, port).status, EVTCHNSTAT_unbound);
	assert_int_equal(on_port(client, EVTCHNOP_close, STORE_PORT), -EINVAL);
}

static void a_new_store_binds_the_same_port(void **state)
{
	evtchn_port_t port;

	(void)state;
	assert_int_equal(bind(store, 1, STORE_PORT, &port), 0);
	world_ports_die(store);
	assert_int_equal(status(client, STORE_PORT).status, EVTCHNSTAT_unbound);
	assert_int_equal(status(client, STORE_PORT).u.unbound.dom, 2);
	assert_int_equal(on_port(client, EVTCHNOP_send, STORE_PORT), 0);
	evtchn_domain_rebind(store);
	assert_int_equal(bind(store, 1, STORE_PORT, &port), 0);
	assert_true(is_pending(store, port));
}

/* Its end is in pieces, and others are not held up: who binds to what is not closed yet loses it with the rest. */
static void a_port_bound_under_a_death_is_left_too(void **state)
{
	evtchn_port_t last = 0, mine;
	uint64_t done = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(unbound(client, 2, &last), 0);
	}
	assert_true(evtchn_domain_died(client, &done));
	assert_int_equal(status(client, STORE_PORT).status, EVTCHNSTAT_closed);
	assert_int_equal(bind(store, 1, last, &mine), 0);
	assert_int_equal(status(store, mine).status, EVTCHNSTAT_interdomain);
	while (evtchn_domain_died(client, &done)) {
	}
	assert_int_equal(status(store, mine).status, EVTCHNSTAT_unbound);
	assert_int_equal(status(store, mine).u.unbound.dom, 1);
	assert_int_equal(status(client, last).status, EVTCHNSTAT_closed);
}

static void a_new_client_has_the_same_port(void **state)
{
	evtchn_port_t port;

	(void)state;
	assert_int_equal(bind(store, 1, STORE_PORT, &port), 0);
	world_ports_die(client);
	assert_int_equal(status(store, port).status, EVTCHNSTAT_unbound);
	assert_int_equal(bind(store, 1, STORE_PORT, &port), -EINVAL); /* not yet */
	evtchn_domain_rebind(client);
	evtchn_seed(client, STORE_PORT, 2);
	assert_int_equal(bind(store, 1, STORE_PORT, &port), 0);
}

static void suspension_closes_what_the_guest_made(void **state)
{
	struct evtchn_bind_vcpu to = { .port = STORE_PORT, .vcpu = 1 };
	evtchn_port_t port, own;

	(void)state;
	assert_int_equal(bind(store, 1, STORE_PORT, &port), 0);
	assert_int_equal(unbound(client, 2, &own), 0);
	assert_int_equal(op(client, EVTCHNOP_bind_vcpu, &to, sizeof(to)), 0);
	assert_int_equal(status(client, STORE_PORT).vcpu, 1);
	evtchn_suspend(client);
	assert_int_equal(status(client, STORE_PORT).vcpu, 0);
	assert_int_equal(status(client, own).status, EVTCHNSTAT_closed);
	assert_int_equal(status(client, STORE_PORT).status, EVTCHNSTAT_interdomain);
	assert_int_equal(status(client, STATIC).status, EVTCHNSTAT_interdomain);
	evtchn_reset(client);
	assert_int_equal(status(client, STORE_PORT).status, EVTCHNSTAT_closed);
	assert_int_equal(status(store, port).status, EVTCHNSTAT_unbound);
}

static void only_the_store_hears_of_ends(void **state)
{
	struct evtchn_bind_virq b = { .virq = VIRQ_DOM_EXC };

	(void)state;
	assert_int_equal(op(client, EVTCHNOP_bind_virq, &b, sizeof(b)), -EPERM);
	assert_int_equal(op(store, EVTCHNOP_bind_virq, &b, sizeof(b)), 0);
	assert_int_equal(op(store, EVTCHNOP_bind_virq, &b, sizeof(b)), -EEXIST);
	b.vcpu = 1;
	assert_int_equal(op(store, EVTCHNOP_bind_virq, &b, sizeof(b)), -EINVAL);
}

/* XEN_DOMCTL_get_domain_state of Xen 4.21. */
struct state_op {
	uint32_t cmd;
	uint32_t version;
	uint16_t domain;
	uint16_t pad[3];
	uint16_t state;
	uint16_t caps;
	uint32_t pad0;
	uint64_t unique_id;
};

static int64_t state_op(struct domain *by, struct state_op *s)
{
	return world_call(by->vcpus[0], __HYPERVISOR_domctl, WORLD_SCRATCH, s, sizeof(*s));
}

static int64_t state_of(struct domain *by, domid_t domid, struct state_op *s)
{
	*s = (struct state_op){ .cmd = 90, .domain = domid };
	return state_op(by, s);
}

static void only_the_store_asks_for_states(void **state)
{
	struct state_op s, again;

	(void)state;
	assert_int_equal(state_of(client, 2, &s), -EPERM);
	assert_int_equal(state_of(three, 3, &s), -EPERM);
	assert_int_equal(state_of(store, 1, &s), 0);
	assert_int_equal(s.domain, 1);
	assert_int_equal(s.state, 1);
	assert_int_equal(s.caps, 0);
	assert_int_equal(state_of(store, 2, &again), 0);
	assert_int_equal(again.caps, 4);
	assert_int_not_equal(again.unique_id, s.unique_id);
	assert_int_equal(state_of(store, 0, &s), -ESRCH);
	assert_int_equal(state_of(store, 4, &s), -ESRCH);
	assert_int_equal(state_of(store, DOMID_SELF, &s), -ESRCH);
}

static void each_change_is_told_once(void **state)
{
	struct state_op s;
	uint16_t i;

	(void)state;
	for (i = 1; i <= 3; i++) {
		assert_int_equal(state_of(store, DOMID_INVALID, &s), 0);
		assert_int_equal(s.domain, i);
		assert_int_equal(s.state, 1);
	}
	assert_int_equal(state_of(store, DOMID_INVALID, &s), -ENOENT);
}

static void no_other_domctl_is_there(void **state)
{
	struct state_op s = { .cmd = 2, .domain = 1 }; /* destroydomain */

	(void)state;
	assert_int_equal(state_op(store, &s), -ENOSYS);
	s = (struct state_op){ .cmd = 90, .version = 0x17, .domain = 1 };
	assert_int_equal(state_op(store, &s), -EACCES);
	s = (struct state_op){ .cmd = 90, .domain = 1, .pad0 = 1 };
	assert_int_equal(state_op(store, &s), -EINVAL);
	assert_int_equal(client->state, DOMAIN_RUNNING);
}

static int64_t end(struct domain *by, domid_t domid)
{
	struct sched_remote_shutdown s = { .domain_id = domid, .reason = SHUTDOWN_reboot };

	return world_call(by->vcpus[0], __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &s,
			  sizeof(s));
}

/* Nobody but its store, and that only where the domain's plan says so. It ends the third domain. */
static void a_store_ends_who_lost_its_back_end(void **state)
{
	struct plan_domain *p = &world_plan.domains[2];

	(void)state;
	assert_int_equal(end(store, 3), -EPERM);
	assert_int_equal(store->nr_refused, 1);
	p->pv.store = 2;
	assert_int_equal(end(store, 3), -EPERM);
	assert_int_equal(store->nr_refused, 1);
	p->life.ends_on_loss = true;
	assert_int_equal(end(client, 3), -EPERM);
	assert_int_equal(end(three, 3), -EPERM);
	assert_int_equal(end(store, 0), -EPERM);
	assert_int_equal(end(store, DOMID_SELF), -EPERM);
	assert_int_equal(end(store, 99), -EPERM);
	assert_int_equal(three->state, DOMAIN_RUNNING);
	assert_int_equal(end(store, 3), 0);
	world_bury(three);
	assert_int_equal(three->state, DOMAIN_DEAD);
	assert_int_equal(end(store, 3), 0);
}

/* The last: it ends the client. */
static void the_store_hears_of_an_end(void **state)
{
	struct evtchn_bind_virq b = { .virq = VIRQ_DOM_EXC };
	struct sched_shutdown s = { .reason = SHUTDOWN_poweroff };
	struct state_op changed;

	(void)state;
	while (state_of(store, DOMID_INVALID, &changed) == 0) {
	}
	assert_int_equal(op(store, EVTCHNOP_bind_virq, &b, sizeof(b)), 0);
	assert_false(is_pending(store, b.port));
	assert_int_equal(world_call(client->vcpus[0], __HYPERVISOR_sched_op, SCHEDOP_shutdown, &s,
				    sizeof(s)),
			 0);
	world_bury(client);
	assert_true(is_pending(store, b.port));
	assert_int_equal(state_of(store, DOMID_INVALID, &changed), 0);
	assert_int_equal(changed.domain, 1);
	assert_int_equal(changed.state, 15); /* it exists, is shut down, dying and dead */
	assert_int_equal(state_of(store, DOMID_INVALID, &changed), -ENOENT);
	assert_int_equal(((struct grant_entry_v1 *)gnttab_frame(client, 0))[1].domid, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_client_finds_its_store),
		cmocka_unit_test(version_one_keeps_what_was_seeded),
		cmocka_unit_test(the_store_is_told_of_its_clients),
		cmocka_unit_test(a_device_is_told_to_the_store_and_its_back_end),
		cmocka_unit_test(a_network_is_told),
		cmocka_unit_test_setup(the_store_binds_and_they_ring, fresh),
		cmocka_unit_test_setup(either_side_may_offer, fresh),
		cmocka_unit_test_setup(a_channel_to_oneself, fresh),
		cmocka_unit_test_setup(who_has_no_link_is_refused, fresh),
		cmocka_unit_test_setup(bad_ports_are_refused, fresh),
		cmocka_unit_test_setup(ports_run_out_and_nothing_is_half_bound, fresh),
		cmocka_unit_test_setup(a_closed_end_is_left_for_the_same, fresh),
		cmocka_unit_test_setup(a_new_store_binds_the_same_port, fresh),
		cmocka_unit_test_setup(a_port_bound_under_a_death_is_left_too, fresh),
		cmocka_unit_test_setup(a_new_client_has_the_same_port, fresh),
		cmocka_unit_test_setup(suspension_closes_what_the_guest_made, fresh),
		cmocka_unit_test_setup(only_the_store_hears_of_ends, fresh),
		cmocka_unit_test(each_change_is_told_once),
		cmocka_unit_test(only_the_store_asks_for_states),
		cmocka_unit_test(no_other_domctl_is_there),
		cmocka_unit_test_setup(a_store_ends_who_lost_its_back_end, fresh),
		cmocka_unit_test_setup(the_store_hears_of_an_end, fresh),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
