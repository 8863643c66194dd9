// SPDX-License-Identifier: Apache-2.0
/*
 * The PV console with any guest at the other end of its rings.
 *
 * An honest guest keeps the rings' rules: what it writes comes out of the board's UART once and in order, and what is
 * typed comes in once and in order. A liar writes anything over the page between two calls: the hypervisor changes
 * nothing there but its own two indices and the bytes that it gives, never gives more than there is room for by the
 * indices that it saw, and the honest life that follows is served as ever.
 */
#include <hyp/arch/trap.h>
#include <hyp/console.h>
#include <hyp/evtchn.h>
#include <hyp/pv_console.h>
#include <stdlib.h>
#include <world.h>
#include <xen/io/console.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PORT	  2U
#define PAGE	  0x39000000UL
#define MAX_STEPS 1000
#define MAX_TYPED 480U /* fewer than the console keeps for a domain */
#define MAX_SENT  32768U

struct step {
	uint8_t what;
	uint8_t how;
	uint16_t where;
	uint32_t value;
};

static struct domain *one;
static struct xencons_interface *ring;

/* What the honest guest knows. */
static struct {
	char typed[MAX_TYPED];
	unsigned int nr_typed, nr_read;
	char sent[MAX_SENT];
	unsigned int nr_sent;
} know;

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
	world_plan.domains[0].vpl011 = false;
	world_plan.domains[0].pv.has_console = true;
	world_plan.domains[0].pv.console_port = PORT;
	console_early_init();
	must(console_init(&world_plan) == 0 && domains_build(&world_plan) == 0);
	domains_start();
	one = domain_get(1);
	ring = world_ram(one, PAGE);
	return 0;
}

static bool call(uint64_t nr, uint64_t op, uint32_t value)
{
	unsigned int before = one->vcpus[0]->arch.agains;
	uint32_t arg[8] = { value };

	must(world_call(one->vcpus[0], nr, op, arg, sizeof(arg)) <= (int64_t)op);
	must(host.irq_masked == 0 && !host.window_open);
	return one->vcpus[0]->arch.agains != before;
}

/* A call of the guest's that has its rings looked at. Return: it is to be made again. */
static bool call_some(uint8_t how)
{
	if (how % 4 == 0) {
		return call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
	}
	return call(__HYPERVISOR_event_channel_op, EVTCHNOP_send, PORT);
}

static void begin_life(void)
{
	world_ports_die(one);
	evtchn_domain_rebind(one);
	pv_console_begin_life(one);
	evtchn_seed_own(one, PORT);
}

static void drain(void)
{
	host.uart_room = SIZE_MAX;
	for (int i = 0; i < 2; i++) {
		host_advance(2000000000UL);
		do {
			host_raise(WORLD_UART_IRQ);
		} while (host.uart_tx_irq);
	}
}

static void type(char key)
{
	char keys[2] = { key, '\0' };

	host.typed = keys;
	host_raise(WORLD_UART_IRQ);
	must(*host.typed == '\0');
	host.typed = NULL;
}

static void honest_write(uint32_t value)
{
	for (uint32_t n = value % 300; n > 0 && know.nr_sent < MAX_SENT; n--) {
		char c = (n + value) % 16 == 0 ? '\n' : (char)('A' + (n * value) % 26);

		if (ring->out_prod - ring->out_cons == sizeof(ring->out)) {
			return;
		}
		ring->out[MASK_XENCONS_IDX(ring->out_prod, ring->out)] = c;
		ring->out_prod++;
		know.sent[know.nr_sent++] = c;
	}
}

static void honest_read(uint32_t value)
{
	must(ring->in_prod - ring->in_cons <= sizeof(ring->in));
	for (uint32_t n = value % 64; n > 0 && ring->in_cons != ring->in_prod; n--) {
		must(know.nr_read < know.nr_typed);
		must(ring->in[MASK_XENCONS_IDX(ring->in_cons, ring->in)] ==
		     know.typed[know.nr_read++]);
		ring->in_cons++;
	}
}

static void honest_step(const struct step *s)
{
	switch (s->what % 6) {
	case 0:
		honest_write(s->value);
		break;
	case 1:
		while (call_some(s->how)) {
		}
		must(ring->out_cons == ring->out_prod); /* never full for long */
		break;
	case 2:
		honest_read(s->value);
		break;
	case 3:
		if (know.nr_typed < MAX_TYPED) {
			char key = (char)(2 + s->value % 254);

			know.typed[know.nr_typed++] = key;
			type(key);
		}
		break;
	case 4:
		(void)call_some(s->how); /* and does not come again */
		break;
	default:
		host_advance(s->value);
		break;
	}
}

/* All that was sent came out, and nothing else of this guest's; the console adds names in small letters. */
static void check_output(void)
{
	size_t at = 0;

	for (unsigned int i = 0; i < know.nr_sent; i++) {
		while (at < host.uart_len && (host.uart[at] < 'A' || host.uart[at] > 'Z')) {
			at++;
		}
		if (know.sent[i] != '\n') {
			must(at < host.uart_len && host.uart[at] == know.sent[i]);
			at++;
		}
	}
	for (; at < host.uart_len; at++) {
		must(host.uart[at] < 'A' || host.uart[at] > 'Z');
	}
	must(strstr(host.uart, "dropped") == NULL && strstr(host.uart, "cut off") == NULL);
}

static void clear(void)
{
	drain();
	while (console_getc(one->console) >= 0) {
	}
	begin_life();
	memset(&know, 0, sizeof(know));
	memset(host.uart, 0, host.uart_len);
	host.uart_len = 0;
	host.log_len = 0;
}

static void be_honest(const uint8_t *data, size_t size)
{
	struct step s;

	clear();
	for (int i = 0; i < MAX_STEPS && size >= sizeof(s); i++) {
		memcpy(&s, data, sizeof(s));
		data += sizeof(s);
		size -= sizeof(s);
		honest_step(&s);
	}
	while (call_some(1)) {
	}
	while (know.nr_read < know.nr_typed) {
		honest_read(63);
		(void)call_some(1);
	}
	drain();
	check_output();
}

/* Anything anywhere, indices above all. */
static void scribble(const struct step *s)
{
	uint32_t *const index[] = { &ring->in_cons, &ring->in_prod, &ring->out_cons,
				    &ring->out_prod };

	if ((s->how & 1) != 0) {
		*index[s->where % 4] = s->value;
	} else if ((s->how & 2) != 0) {
		*index[s->where % 4] += s->value % 4096 - 1024;
	} else {
		memcpy((char *)ring + s->where % (PAGE_SIZE - 4), &s->value, 4);
	}
}

/* Bytes of @was that a look at the rings may change: those of the in ring that it gives, and its own indices. */
static void check_page(const struct xencons_interface *was, const uint8_t *rest)
{
	must(memcmp(was->out, ring->out, sizeof(was->out)) == 0);
	must(was->in_cons == ring->in_cons && was->out_prod == ring->out_prod);
	must(memcmp(rest, ring + 1, PAGE_SIZE - sizeof(*ring)) == 0);
}

static void lie(const uint8_t *data, size_t size)
{
	static uint8_t before[PAGE_SIZE];
	struct step s;

	clear();
	for (int i = 0; i < MAX_STEPS && size >= sizeof(s); i++) {
		memcpy(&s, data, sizeof(s));
		data += sizeof(s);
		size -= sizeof(s);
		switch (s.what % 4) {
		case 0:
		case 1:
			scribble(&s);
			break;
		default:
			memcpy(before, ring, PAGE_SIZE);
			if (s.what % 4 == 2) {
				(void)call_some(s.how);
			} else {
				type((char)(2 + s.value % 254));
			}
			check_page((struct xencons_interface *)before, before + sizeof(*ring));
		}
		host.uart_len = 0;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0) {
		return 0;
	}
	if ((data[0] & 1) != 0) {
		lie(data + 1, size - 1);
	}
	be_honest(data + 1, size - 1);
	return 0;
}
