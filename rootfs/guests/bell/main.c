// SPDX-License-Identifier: Apache-2.0
/*
 * The bell guest: two domains with this program ring each other by the static event channel that the plan gave them.
 *
 * It finds its port by asking for the status of each, says what the hypervisor told it (seed, wallclock), and
 * answers every ring until it has heard a thousand; the one with "first" in its boot arguments begins. Then it
 * waits for keys: s status, g ring again, r reboot, c crash, q power off. Where the two share memory each ring carries
 * a message through it. Interrupts only record; what is printed is printed by guest_main().
 */
#include "guest.h"

#include <libfdt.h>
#include <xen/event_channel.h>
#include <xen/memory.h>
#include <xen/xen.h>

#define NR_PORTS   4096u
#define RINGS	   1000u
#define PRIORITY   0xa0u
#define FIRST_PPI  16u
#define WORD_BITS  64u
#define SEED_WORDS 2

#define PSCI_SYSTEM_RESET 0x84000009u

/** struct told - what the device tree said. */
struct told {
	bool is_first;
	bool has_seed;
	uint64_t seed; /* its first bytes: enough to tell two apart */
	int seed_bytes;
	uint32_t upcall_intid;
};

static struct machine machine;
static struct told told;
static evtchn_port_t own_port;
static volatile unsigned int heard;
static volatile int key = -1;

/** struct shared_memory - of both; an element each, the one that rings first has the first. */
struct shared_memory {
	uint64_t lives[2];
	uint64_t message[2]; /* another with each ring */
};

static struct shared_memory *memory; /* NULL: none */
static uint64_t last_message;
static volatile unsigned int stale; /* rings without a message */
/* The shared info page takes the place of this one in our physical space. */
static union {
	volatile struct shared_info info;
	uint8_t page[4096];
} shared __attribute__((aligned(4096)));

static int64_t call(uint64_t number, uint64_t op, const void *arg)
{
	return (int64_t)xen_hypercall2(number, op, arg);
}

static int64_t send(void)
{
	struct evtchn_send s = { .port = own_port };

	return call(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &s);
}

static struct evtchn_status status(evtchn_port_t port)
{
	struct evtchn_status st = { .dom = DOMID_SELF, .port = port };

	if (call(__HYPERVISOR_event_channel_op, EVTCHNOP_status, &st) != 0) {
		st.status = EVTCHNSTAT_closed;
	}
	return st;
}

static unsigned int mine(void)
{
	return told.is_first ? 0 : 1;
}

static void take_message(void)
{
	uint64_t message;

	if (memory == NULL) {
		return;
	}
	message = __atomic_load_n(&memory->message[1 - mine()], __ATOMIC_ACQUIRE);
	stale = stale + (message == last_message);
	last_message = message;
}

static void send_message(void)
{
	if (memory != NULL) {
		__atomic_fetch_add(&memory->message[mine()], 1, __ATOMIC_RELEASE);
	}
	(void)send();
}

static void rung(void)
{
	take_message();
	heard = heard + 1;
	if (heard < RINGS || !told.is_first) {
		send_message(); /* whoever began hears the last answer and is content */
	}
}

static void take_events(void)
{
	volatile struct vcpu_info *info = &shared.info.vcpu_info[0];
	xen_ulong_t words;

	/* First, and seen before what follows: what comes later raises the interrupt again. */
	__atomic_store_n(&info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
	words = __atomic_exchange_n(&info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
	if ((words >> (own_port / WORD_BITS) & 1) != 0) {
		xen_ulong_t bit = 1UL << (own_port % WORD_BITS);

		if ((__atomic_fetch_and(&shared.info.evtchn_pending[own_port / WORD_BITS], ~bit,
					__ATOMIC_SEQ_CST) &
		     bit) != 0) {
			rung();
		}
	}
}

/* The ends of lines come with them and mean nothing. */
static void take_keys(void)
{
	int c;

	while ((c = uart_get()) >= 0) {
		if (c > ' ') {
			key = c;
		}
	}
}

void guest_irq(uint64_t counter)
{
	uint32_t intid = gic_ack();

	(void)counter;
	if (intid >= 1020) {
		return;
	}
	if (intid == told.upcall_intid) {
		take_events();
	} else if (intid == machine.uart_intid) {
		take_keys();
	}
	gic_eoi(intid);
}

void guest_exception(uint64_t esr, uint64_t elr, uint64_t far)
{
	print("unexpected exception: ESR 0x%x ELR 0x%x FAR 0x%x\n", esr, elr, far);
	machine_power_off(&machine, true);
}

/* xen,shared-memory-v1, below a node with addresses and sizes of two cells each. */
static void read_memory(const void *fdt)
{
	int node = fdt_node_offset_by_compatible(fdt, -1, "xen,shared-memory-v1");
	int len;
	const fdt32_t *reg = node < 0 ? NULL : fdt_getprop(fdt, node, "reg", &len);
	uint64_t at;

	if (reg != NULL && len == 16) {
		at = (uint64_t)fdt32_to_cpu(reg[0]) << 32 | fdt32_to_cpu(reg[1]);
		mmu_memory(at);
		memory = (struct shared_memory *)(uintptr_t)at;
	}
}

static void read_tree(const void *fdt)
{
	int chosen = fdt_path_offset(fdt, "/chosen");
	int xen = fdt_node_offset_by_compatible(fdt, -1, "xen,xen");
	const char *args = fdt_getprop(fdt, chosen, "bootargs", NULL);
	const fdt32_t *irq = fdt_getprop(fdt, xen, "interrupts", NULL);
	const fdt32_t *seed = fdt_getprop(fdt, chosen, "rng-seed", &told.seed_bytes);

	read_memory(fdt);
	told.is_first = args != NULL && strncmp(args, "first", 5) == 0;
	told.upcall_intid = irq != NULL ? fdt32_to_cpu(irq[1]) + FIRST_PPI : 0;
	told.has_seed = seed != NULL && told.seed_bytes >= 4 * SEED_WORDS;
	for (int i = 0; told.has_seed && i < SEED_WORDS; i++) {
		told.seed = told.seed << 32 | fdt32_to_cpu(seed[i]);
	}
}

static void boot(const void *fdt)
{
	const char *missing = machine_read(fdt, &machine);

	if (missing != NULL || !machine.has_xen) {
		machine_power_off(&machine, true);
	}
	read_tree(fdt);
	mmu_init(&machine);
	uart_init(&machine);
	if (!gic_init(&machine)) {
		print("this CPU has no redistributor\n");
		machine_power_off(&machine, true);
	}
	gic_enable(&machine, machine.uart_intid, PRIORITY);
}

static void map_shared_info(void)
{
	struct xen_add_to_physmap x = { .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info };

	x.gpfn = (uintptr_t)&shared >> 12;
	if (call(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x) != 0) {
		print("no shared info page\n");
		machine_power_off(&machine, true);
	}
}

static void find_port(void)
{
	for (evtchn_port_t port = 1; port < NR_PORTS; port++) {
		struct evtchn_status st = status(port);

		if (st.status == EVTCHNSTAT_interdomain) {
			own_port = port;
			print("port %u is bound to port %u of domain %u\n", (uint64_t)port,
			      (uint64_t)st.u.interdomain.port, (uint64_t)st.u.interdomain.dom);
			return;
		}
	}
	print("no port is bound\n");
}

/* The version is odd while the hypervisor writes; xen.h, struct shared_info. */
static uint64_t wallclock(void)
{
	uint64_t seconds;
	uint32_t version;

	do {
		version = __atomic_load_n(&shared.info.wc_version, __ATOMIC_ACQUIRE);
		seconds = (uint64_t)shared.info.wc_sec_hi << 32 | shared.info.wc_sec;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while ((version & 1) != 0 || version != shared.info.wc_version);
	return seconds;
}

static void say_status(void)
{
	struct evtchn_status st = status(own_port);

	if (st.status == EVTCHNSTAT_interdomain) {
		print("bound to domain %u, send gives %u\n", (uint64_t)st.u.interdomain.dom,
		      (uint64_t)send());
	} else if (st.status == EVTCHNSTAT_unbound) {
		print("unbound, kept for domain %u, send gives %u\n", (uint64_t)st.u.unbound.dom,
		      (uint64_t)send());
	} else {
		print("closed\n");
	}
}

static void say_memory(void)
{
	if (memory != NULL) {
		memory->lives[mine()]++;
		print("shared memory at 0x%x: life %u of mine\n", (uint64_t)(uintptr_t)memory,
		      memory->lives[mine()]);
	}
}

static void say_what_was_told(void)
{
	say_memory();
	if (told.has_seed) {
		print("seed of %u bytes: %x\n", (uint64_t)told.seed_bytes, told.seed);
	} else {
		print("no seed\n");
	}
	print("wallclock at start: %u\n", wallclock());
}

/* Asleep until an interrupt has come; it wakes for one that is masked too, so none is missed. */
static void wait_for(bool (*has_come)(void))
{
	irq_mask(true);
	while (!has_come()) {
		__asm__ volatile("wfi" : : : "memory");
		irq_mask(false);
		isb();
		irq_mask(true);
	}
	irq_mask(false);
}

static bool has_heard_all(void)
{
	return heard >= RINGS;
}

static bool has_key(void)
{
	return key >= 0;
}

static void ring(void)
{
	gic_enable(&machine, told.upcall_intid, PRIORITY);
	if (told.is_first) {
		send_message();
	}
	wait_for(has_heard_all);
	if (memory != NULL) {
		print("shared memory: %u of them without a message\n", (uint64_t)stale);
	}
	print("heard %u rings\n", (uint64_t)heard);
}

void guest_main(const void *fdt)
{
	boot(fdt);
	map_shared_info();
	say_what_was_told();
	find_port();
	if (own_port != 0) {
		ring();
	}
	for (;;) {
		int c;

		wait_for(has_key);
		c = key;
		key = -1;
		if (c == 's') {
			say_status();
		} else if (c == 'g') {
			heard = 0;
			ring();
		} else if (c == 'r') {
			psci_call(PSCI_SYSTEM_RESET, machine.psci_by_smc);
		} else if (c == 'q' || c == 'c') {
			machine_power_off(&machine, c == 'c');
		}
	}
}
