// SPDX-License-Identifier: Apache-2.0
/*
 * One program, two domains, by their command line: "liar" tells its lies and says what came of them; anything else is an
 * honest neighbour, which writes and reads its own disk, sends packets, and says if it ever finds something else.
 */
#include "liar.h"

#include "xen_guest.h"

#include "../../backends/io/platform.h"

#include <libfdt.h>
#include <string.h>
#include <xen/grant_table.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>

#define PRIORITY  0xa0u
#define XEN_PAGES 0x39000000ull /* where Xen's layout has the store's page */
#define BLOCKS	  200u
#define SAY_EVERY 500u

static struct machine machine;
static struct xs xs;
static struct disk disk;
static struct nic nic;
static volatile bool has_come; /* an interrupt, since the last sleep */

void plat_notify(uint32_t port)
{
	xen_event_send(port);
}

/* What came since the last sleep may not have been seen to: then there is no sleep. */
void io_wait(void)
{
	irq_mask(true);
	if (!has_come) {
		__asm__ volatile("wfi" : : : "memory");
	}
	has_come = false;
	irq_mask(false);
	isb();
	(void)xen_events_take();
}

void guest_irq(uint64_t counter)
{
	uint32_t intid = gic_ack();

	(void)counter;
	if (intid >= 1020) {
		return;
	}
	has_come = true;
	if (intid == machine.upcall_intid) {
		xen_events_quiet();
	}
	gic_eoi(intid);
}

void guest_exception(uint64_t esr, uint64_t elr, uint64_t far)
{
	print("unexpected exception: ESR 0x%x ELR 0x%x FAR 0x%x\n", esr, elr, far);
	machine_power_off(&machine, true);
}

static void boot(const void *fdt)
{
	const char *missing = machine_read(fdt, &machine);

	if (missing != NULL || !machine.has_xen) {
		machine_power_off(&machine, true);
	}
	mmu_memory(machine.grants);
	mmu_memory(XEN_PAGES);
	mmu_init(&machine);
	uart_init(&machine);
	if (!gic_init(&machine) || !xen_events_init()) {
		print("no redistributor or no shared info page\n");
		machine_power_off(&machine, true);
	}
	gic_enable(&machine, machine.upcall_intid, PRIORITY);
	irq_mask(false);
}

static bool open_devices(void)
{
	struct xen_add_to_physmap x = { .domid = DOMID_SELF,
					.space = XENMAPSPACE_grant_table,
					.gpfn = machine.grants / PAGE };
	uint64_t page = xen_hvm_param(HVM_PARAM_STORE_PFN) * PAGE;

	if (page == 0 || xen_hypercall2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x) != 0) {
		return false;
	}
	xs_init(&xs, (void *)(uintptr_t)page, (uint32_t)xen_hvm_param(HVM_PARAM_STORE_EVTCHN));
	while (!xs_is_ready(&xs)) {
		io_wait();
	}
	grants_are_at((void *)(uintptr_t)machine.grants);
	return disk_open(&disk, &xs) && nic_open(&nic, &xs);
}

bool lie_ended(const struct lie *lie, enum outcome o, int16_t status, bool is_served)
{
	bool is_right = is_served && o == lie->wanted && (o == CUT_OFF || status == lie->status);

	print("%s: %s%s\n", lie->name, o == CUT_OFF ? "cut off" : "answered",
	      is_right ? "" : ", WRONG");
	return is_right;
}

void store_lie(struct xs *store)
{
	store->ring->req_prod += 2 * XENSTORE_RING_SIZE;
	xen_event_send(store->port);
}

static void be_a_liar(void)
{
	unsigned int bad = disk_lies(&disk) + nic_lies(&nic);

	print("all lies told: %u ended otherwise than they should\n", (uint64_t)bad);
	store_lie(&xs);
	for (;;) {
		io_wait();
	}
}

static bool round_trip(uint64_t n)
{
	uint8_t byte = (uint8_t)(n * 37 + 11);
	uint64_t sector = n % BLOCKS * PAGE_SECTS;

	memset(disk.data, byte, PAGE);
	if (!disk_transfer(&disk, BLKIF_OP_WRITE, sector)) {
		return false;
	}
	memset(disk.data, 0, PAGE);
	if (!disk_transfer(&disk, BLKIF_OP_READ, sector)) {
		return false;
	}
	for (uint32_t i = 0; i < PAGE; i++) {
		if (disk.data[i] != byte) {
			return false;
		}
	}
	(void)nic_slot(&nic); /* whoever listens hears it */
	return nic_push(&nic) == ANSWERED && nic.status == NETIF_RSP_OKAY;
}

static void be_honest(void)
{
	uint64_t n = 0;

	if (!disk_connect(&disk, REF_RING) || !nic_connect(&nic, REF_TX)) {
		print("not connected\n");
		return;
	}
	while (round_trip(n)) {
		n++;
		if (n % SAY_EVERY == 0) {
			print("%u rounds\n", n);
		}
	}
	print("DAMAGE in round %u\n", n);
}

/* The tree is out of reach once the MMU is on. */
void guest_main(const void *fdt)
{
	const char *args = fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"), "bootargs", NULL);
	bool is_liar = args != NULL && strcmp(args, "liar") == 0;

	boot(fdt);
	if (!open_devices()) {
		print("no disk or no network\n");
	} else if (is_liar) {
		be_a_liar();
	} else {
		be_honest();
	}
	machine_power_off(&machine, true);
}
