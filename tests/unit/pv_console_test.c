// SPDX-License-Identifier: Apache-2.0
/*
 * The PV console as a guest's driver uses it, and as one that lies does. One has it alone, two has a vPL011 too, three
 * has none.
 */
#include <unit.h>
#include <world.h>

#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/console.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>
#include <hyp/gnttab.h>
#include <hyp/pv_console.h>
#include <stdio.h>
#include <xen/io/console.h>

#define PORT	   7U
#define PAGE	   0x39000000UL
#define CONNECTION 3088 /* of newer headers: after the indices */
#define UART_DR	   0x00U
#define UART_IMSC  0x38U
#define UART_RX	   0x10U

static struct domain *one, *two, *three;

static int setup(void **state)
{
	struct plan_domain *p = world_plan.domains;

	(void)state;
	world_describe(3);
	for (int i = 0; i < 2; i++) {
		p[i].pv.has_console = true;
		p[i].pv.console_port = PORT;
	}
	p[0].vpl011 = false;
	console_early_init();
	assert_int_equal(console_init(&world_plan), 0);
	assert_int_equal(domains_build(&world_plan), 0);
	one = domain_get(1);
	two = domain_get(2);
	three = domain_get(3);
	domains_start();
	return 0;
}

static struct xencons_interface *ring(struct domain *d)
{
	return world_ram(d, PAGE);
}

static void drain_uart(void)
{
	host.uart_room = SIZE_MAX;
	for (int i = 0; i < 3; i++) {
		host_advance(1000000000UL);
		do {
			host_raise(WORLD_UART_IRQ);
		} while (host.uart_tx_irq);
	}
}

/* Each test begins a life, with all that was said gone. */
static int fresh(void **state)
{
	struct domain *const all[] = { one, two };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		world_ports_die(all[i]);
		evtchn_domain_rebind(all[i]);
		console_client_restart(all[i]->console);
		pv_console_begin_life(all[i]);
		evtchn_seed_own(all[i], PORT);
		all[i]->vcpus[0]->arch.agains = 0;
	}
	drain_uart();
	host.uart_len = 0;
	host.log_len = 0;
	memset(host.uart, 0, sizeof(host.uart));
	memset(host.log, 0, sizeof(host.log));
	return 0;
}

static int64_t op(struct domain *d, uint64_t cmd, void *arg, size_t size)
{
	return world_call(d->vcpus[0], __HYPERVISOR_event_channel_op, cmd, arg, size);
}

/* As the guest's CPU does, which comes again as long as it is told to. */
static void notify(struct domain *d)
{
	struct evtchn_send s = { .port = PORT };
	unsigned int before;

	do {
		before = d->vcpus[0]->arch.agains;
		(void)!op(d, EVTCHNOP_send, &s, sizeof(s));
	} while (d->vcpus[0]->arch.agains != before);
}

/* As much as fits; without a word to anybody. Return: bytes written. */
static uint32_t put(struct domain *d, const char *text, uint32_t len)
{
	struct xencons_interface *r = ring(d);
	uint32_t n = 0;

	while (n < len && r->out_prod - r->out_cons < sizeof(r->out)) {
		r->out[MASK_XENCONS_IDX(r->out_prod, r->out)] = text[n++];
		r->out_prod++;
	}
	return n;
}

static void print(struct domain *d, const char *text)
{
	put(d, text, (uint32_t)strlen(text));
	notify(d);
}

static void type(const char *keys)
{
	host.typed = keys;
	host_raise(WORLD_UART_IRQ);
	host.typed = NULL;
}

/* All that came in; consumed. */
static const char *read_all(struct domain *d)
{
	static char text[1025];
	struct xencons_interface *r = ring(d);
	size_t n = 0;

	while (r->in_cons != r->in_prod && n < sizeof(text) - 1) {
		text[n++] = r->in[MASK_XENCONS_IDX(r->in_cons, r->in)];
		r->in_cons++;
	}
	text[n] = '\0';
	return text;
}

static bool take_event(struct domain *d)
{
	struct shared_info *si = d->shared_info;
	bool was = (si->evtchn_pending[0] >> PORT & 1) != 0;

	si->evtchn_pending[0] &= ~(1UL << PORT);
	return was;
}

static void focus(const struct domain *d)
{
	char mark[64];

	snprintf(mark, sizeof(mark), "it goes to %s", d->name);
	for (int i = 0; i < 4; i++) {
		host.uart_len = 0;
		memset(host.uart, 0, sizeof(host.uart));
		type("\001\001\001");
		drain_uart();
		if (strstr(host.uart, mark) != NULL) {
			return;
		}
	}
	fail();
}

static int64_t param(struct domain *d, uint32_t index, uint64_t *value)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF, .index = index, .value = 77 };
	int64_t rc = world_call(d->vcpus[0], __HYPERVISOR_hvm_op, HVMOP_get_param, &p, sizeof(p));

	*value = p.value;
	return rc;
}

static void a_guest_finds_its_console(void **state)
{
	const struct grant_entry_v1 *e = gnttab_frame(one, 0);
	struct evtchn_status st = { .dom = DOMID_SELF, .port = PORT };
	uint64_t value;

	(void)state;
	assert_int_equal(param(one, HVM_PARAM_CONSOLE_PFN, &value), 0);
	assert_int_equal(value, 0x39000);
	assert_int_equal(param(one, HVM_PARAM_CONSOLE_EVTCHN, &value), 0);
	assert_int_equal(value, PORT);
	assert_int_equal(param(three, HVM_PARAM_CONSOLE_PFN, &value), -EINVAL);
	assert_int_equal(param(three, HVM_PARAM_CONSOLE_EVTCHN, &value), -EINVAL);
	assert_int_equal(e[0].flags, GTF_permit_access);
	assert_int_equal(e[0].domid, DOMID_XEN);
	assert_int_equal(e[0].frame, 0x39000);
	assert_int_equal(op(one, EVTCHNOP_status, &st, sizeof(st)), 0);
	assert_int_equal(st.status, EVTCHNSTAT_interdomain);
	assert_int_equal(st.u.interdomain.dom, DOMID_XEN);
	assert_int_equal(((const char *)ring(one))[CONNECTION], 0);
	assert_int_equal(ring(one)->out_prod | ring(one)->out_cons, 0);
}

static void what_it_writes_is_shown(void **state)
{
	(void)state;
	print(one, "hello, world\r\n");
	drain_uart();
	assert_string_equal(host.uart, "one: hello, world\r\n");
	assert_int_equal(ring(one)->out_cons, 14);
	assert_true(take_event(one));
	notify(one); /* nothing new: nothing to tell */
	assert_false(take_event(one));
}

/* The ring is larger than a piece: it is emptied in several calls, interrupts between. */
static void a_full_ring_is_emptied_in_pieces(void **state)
{
	char text[2048];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[2047] = '\n';
	assert_int_equal(put(one, text, 2048), 2048);
	assert_int_equal(put(one, "y", 1), 0);
	notify(one);
	assert_int_equal(one->vcpus[0]->arch.agains, 15);
	assert_int_equal(ring(one)->out_cons, 2048);
	print(one, "next\n");
	drain_uart();
	assert_non_null(strstr(host.uart, "one: next"));
}

/* A guest that finds the ring full waits by these calls, and never sends. */
static void who_yields_gets_room(void **state)
{
	static const uint64_t ops[] = { SCHEDOP_yield, SCHEDOP_block };
	struct sched_poll poll = { .nr_ports = 0, .timeout = 1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		assert_int_equal(put(one, "text\n", 5), 5);
		assert_int_equal(world_call(one->vcpus[0], __HYPERVISOR_sched_op, ops[i], &poll, 8),
				 0);
		assert_int_equal(ring(one)->out_cons, ring(one)->out_prod);
	}
	assert_int_equal(put(one, "text\n", 5), 5);
	assert_int_equal(world_call(one->vcpus[0], __HYPERVISOR_sched_op, SCHEDOP_poll, &poll,
				    sizeof(poll)),
			 0);
	assert_int_equal(ring(one)->out_cons, ring(one)->out_prod);
}

/* The board's UART takes nothing: the guest goes on, what has no room is lost and counted. */
static void it_never_waits_for_the_uart(void **state)
{
	char text[1024];
	uint32_t sent = 0;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[1023] = '\n';
	host.uart_room = 0;
	while (sent < 100 * 1024) {
		assert_int_equal(put(one, text, sizeof(text)), sizeof(text));
		notify(one);
		sent += (uint32_t)sizeof(text);
		assert_int_equal(ring(one)->out_cons, sent);
	}
	drain_uart();
	assert_non_null(strstr(host.uart, "one: "));
	assert_non_null(strstr(host.uart, " bytes of output dropped"));
	print(one, "still here\n");
	drain_uart();
	assert_non_null(strstr(host.uart, "one: still here"));
}

static void what_is_typed_arrives(void **state)
{
	(void)state;
	focus(one);
	(void)take_event(one);
	type("ls\r");
	assert_true(take_event(one));
	assert_string_equal(read_all(one), "ls\r");
	console_client_type(one->console, "poweroff");
	assert_string_equal(read_all(one), "poweroff\r");
}

/* What the in ring has no room for waits, and comes in order when there is some. */
static void input_waits_for_room(void **state)
{
	char keys[3][401];

	(void)state;
	focus(one);
	for (int i = 0; i < 3; i++) {
		memset(keys[i], 'a' + i, 400);
		keys[i][400] = '\0';
		host.typed = keys[i];
		while (*host.typed != '\0') {
			host_raise(WORLD_UART_IRQ);
			host_advance(1000000);
		}
		host.typed = NULL;
	}
	assert_int_equal(ring(one)->in_prod, 1024);
	assert_int_equal(strlen(read_all(one)), 1024);
	notify(one);
	assert_string_equal(read_all(one), keys[2] + 224);
}

/* A guest whose UART is open gets there what is typed; else here, once it has written here. */
static void both_print_one_has_the_input(void **state)
{
	uint64_t value = UART_RX;

	(void)state;
	focus(two);
	type("a");
	assert_string_equal(read_all(two), ""); /* never used: it waits for the UART's driver */
	print(two, "on the ring\n");
	value = 'u';
	assert_true(trap_mmio(two->vcpus[0], gpa(GUEST_PL011_BASE + UART_DR), 4, true, &value));
	value = '\n';
	assert_true(trap_mmio(two->vcpus[0], gpa(GUEST_PL011_BASE + UART_DR), 4, true, &value));
	drain_uart();
	assert_non_null(strstr(host.uart, "two: on the ring"));
	assert_non_null(strstr(host.uart, "two: u\r\n"));
	type("b");
	assert_string_equal(read_all(two), "ab");
	value = UART_RX;
	assert_true(trap_mmio(two->vcpus[0], gpa(GUEST_PL011_BASE + UART_IMSC), 4, true, &value));
	type("c");
	assert_string_equal(read_all(two), "");
	assert_true(two->arch.irq[GUEST_VPL011_SPI]);
	assert_true(trap_mmio(two->vcpus[0], gpa(GUEST_PL011_BASE + UART_DR), 4, false, &value));
	assert_int_equal(value, 'c');
	value = 0;
	assert_true(trap_mmio(two->vcpus[0], gpa(GUEST_PL011_BASE + UART_IMSC), 4, true, &value));
}

static unsigned int times(const char *text, const char *what)
{
	unsigned int n = 0;

	for (text = strstr(text, what); text != NULL; text = strstr(text + 1, what)) {
		n++;
	}
	return n;
}

/* An index that cannot be is no index: nothing is shown, nothing is given, it is said once, and the next life is new. */
static void a_liar_is_cut_off(void **state)
{
	static const uint32_t lies[] = { 2049, 0x80000000U, UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		(void)fresh(NULL);
		ring(one)->out_prod = lies[i];
		notify(one);
		assert_int_equal(ring(one)->out_cons, 0);
		ring(one)->out_prod = 0;
		print(one, "sorry\n");
		assert_int_equal(ring(one)->out_cons, 0);
		drain_uart();
		assert_null(strstr(host.uart, "sorry"));
		assert_int_equal(times(host.log, "cut off"), i == 0);
		assert_false(take_event(one));
	}
	(void)fresh(NULL);
	print(one, "hello again\n");
	drain_uart();
	assert_non_null(strstr(host.uart, "one: hello again"));
}

static void a_lie_about_the_input_too(void **state)
{
	(void)state;
	focus(one);
	ring(one)->in_cons = 1;
	type("x");
	assert_int_equal(ring(one)->in_prod, 0);
	print(one, "nothing\n");
	drain_uart();
	assert_null(strstr(host.uart, "one: nothing"));
}

/* What the guest writes over our own indices changes nothing. */
static void our_indices_are_ours(void **state)
{
	(void)state;
	print(one, "first\n");
	ring(one)->out_cons = 0x12345678;
	ring(one)->in_prod = 0x87654321;
	put(one, "", 0);
	ring(one)->out[6] = '!';
	ring(one)->out[7] = '\n';
	ring(one)->out_prod = 8;
	notify(one);
	assert_int_equal(ring(one)->out_cons, 8);
	drain_uart();
	assert_string_equal(host.uart, "one: first\r\none: !\r\n");
}

/* The page out of its view, another in its place: the guest's own loss. */
static void the_page_may_be_taken_away(void **state)
{
	struct xencons_interface *page = ring(one);
	struct xen_remove_from_physmap x = { .domid = DOMID_SELF, .gpfn = PAGE >> PAGE_SHIFT };

	(void)state;
	put(one, "before\n", 7);
	assert_int_equal(world_call(one->vcpus[0], __HYPERVISOR_memory_op,
				    XENMEM_remove_from_physmap, &x, sizeof(x)),
			 0);
	notify(one);
	assert_int_equal(page->out_cons, 7);
	assert_int_equal(arch_p2m_map(one, gpa(PAGE), paddr((uintptr_t)page), PAGE_SIZE, P2M_RAM),
			 0);
}

static void a_closed_port_is_deaf(void **state)
{
	struct evtchn_close c = { .port = PORT };
	struct evtchn_send s = { .port = PORT };

	(void)state;
	evtchn_suspend(one); /* what was seeded stays */
	print(one, "a\n");
	assert_int_equal(ring(one)->out_cons, 2);
	(void)take_event(one);
	assert_int_equal(op(one, EVTCHNOP_close, &c, sizeof(c)), 0);
	assert_int_equal(op(one, EVTCHNOP_send, &s, sizeof(s)), -EINVAL);
	focus(one);
	type("x");
	assert_false(take_event(one));
}

/* Nobody's grant, nobody's channel: another domain cannot get at either. */
static void nobody_else_gets_at_it(void **state)
{
	struct evtchn_bind_interdomain b = { .remote_dom = 1, .remote_port = PORT };

	(void)state;
	assert_int_equal(op(two, EVTCHNOP_bind_interdomain, &b, sizeof(b)), -EPERM);
	b.remote_dom = DOMID_SELF;
	assert_int_equal(op(two, EVTCHNOP_bind_interdomain, &b, sizeof(b)), -EINVAL);
}

/* The last: what one had written lines before its end is still on its way after it. */
static void the_log_is_kept_over_a_restart(void **state)
{
	(void)state;
	host.uart_room = 0;
	print(one, "last words");
	world_ports_die(one);
	console_client_restart(one->console);
	pv_console_begin_life(one);
	evtchn_domain_rebind(one);
	evtchn_seed_own(one, PORT);
	print(one, "first words\n");
	drain_uart();
	assert_string_equal(host.uart, "one: last words\r\none: first words\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_guest_finds_its_console, fresh),
		cmocka_unit_test_setup(what_it_writes_is_shown, fresh),
		cmocka_unit_test_setup(a_full_ring_is_emptied_in_pieces, fresh),
		cmocka_unit_test_setup(who_yields_gets_room, fresh),
		cmocka_unit_test_setup(it_never_waits_for_the_uart, fresh),
		cmocka_unit_test_setup(what_is_typed_arrives, fresh),
		cmocka_unit_test_setup(input_waits_for_room, fresh),
		cmocka_unit_test_setup(both_print_one_has_the_input, fresh),
		cmocka_unit_test_setup(a_liar_is_cut_off, fresh),
		cmocka_unit_test_setup(a_lie_about_the_input_too, fresh),
		cmocka_unit_test_setup(our_indices_are_ours, fresh),
		cmocka_unit_test_setup(the_page_may_be_taken_away, fresh),
		cmocka_unit_test_setup(a_closed_port_is_deaf, fresh),
		cmocka_unit_test_setup(nobody_else_gets_at_it, fresh),
		cmocka_unit_test_setup(the_log_is_kept_over_a_restart, fresh),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
