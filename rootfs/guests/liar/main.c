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

#define BLOCKS	  200u
#define SAY_EVERY 500u

static struct xs xs;
static struct disk disk;
static struct nic nic;

void front_key(int key)
{
	(void)key;
}

void front_timer(void)
{
}

static bool open_devices(void)
{
	return front_open(&xs) && disk_open(&disk, &xs) && nic_open(&nic, &xs);
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

	front_begin(fdt);
	if (!open_devices()) {
		print("no disk or no network\n");
	} else if (is_liar) {
		be_a_liar();
	} else {
		be_honest();
	}
	front_give_up();
}
