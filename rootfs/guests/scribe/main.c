// SPDX-License-Identifier: Apache-2.0
/*
 * The scribe's lives: each looks, writes without a pause, and ends in its timer's interrupt, wherever it is then. Every
 * so many lives it waits for a key: g goes on; s sums up; d spoils a record, which the next life has to find.
 */
#include "scribe.h"

#include "xen_guest.h"

#include <string.h>
#include <xen/sched.h>

#define MAGIC	0x5c71be0000000001ull
#define PAUSE	50u /* lives */
#define KEPT_ID "scribe-kept"
#define MIN_US	2000u

static struct xs xs;
static struct disk disk;
static struct kept *kept;
static volatile int key = -1;

void front_key(int k)
{
	if (k > ' ') {
		key = k;
	}
}

uint32_t scribe_random(void)
{
	uint64_t x = kept->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	kept->random = x;
	return (uint32_t)(x >> 32);
}

/* The end, by its own hand, wherever it is. */
void front_timer(void)
{
	xen_shutdown(scribe_random() % 2 == 0 ? SHUTDOWN_crash : SHUTDOWN_reboot);
}

/* At a moment of four times what it takes to look at everything: most are among the writes. */
static void set_the_end(void)
{
	timer_at(time_us() + MIN_US + scribe_random() % (4 * (uint32_t)kept->usual_us + 1));
}

static void begin_life(void)
{
	if (kept->magic != MAGIC) {
		memset(kept, 0, sizeof(*kept));
		kept->random = 0x2545f4914f6cdd1dull;
		kept->magic = MAGIC;
	} else {
		kept->ended[kept->phase % NR_PHASES]++;
	}
	kept->life++;
	kept->phase = CONNECTING;
	if (kept->usual_us != 0 && kept->life % PAUSE != 0) {
		set_the_end();
	}
}

static bool look(uint64_t begun_us)
{
	uint64_t took_us;

	kept->phase = LOOKING;
	if (!records_look()) {
		return false;
	}
	took_us = time_us() - begun_us;
	kept->usual_us = kept->usual_us == 0 ? took_us : (3 * kept->usual_us + took_us) / 4;
	print("life %u: looked at %u, lost %u\n", (uint64_t)kept->life, kept->nr_looked,
	      kept->nr_lost);
	return true;
}

static void sum_up(void)
{
	print("%u lives, %u records flushed, %u looked at, %u lost; ended %u connecting, %u looking, %u writing\n",
	      (uint64_t)kept->life, kept->nr_flushed, kept->nr_looked, kept->nr_lost,
	      (uint64_t)kept->ended[CONNECTING], (uint64_t)kept->ended[LOOKING],
	      (uint64_t)kept->ended[WRITING]);
}

static void pause(void)
{
	print("life %u: waits\n", (uint64_t)kept->life);
	while (key != 'g') {
		if (key == 's') {
			key = -1;
			sum_up();
		} else if (key == 'd') {
			(void)records_spoil();
			xen_shutdown(SHUTDOWN_crash);
		}
		io_wait();
	}
}

static void live(void)
{
	uint64_t begun_us = time_us();
	bool has_end = kept->usual_us != 0 && kept->life % PAUSE != 0;

	if (!front_open(&xs) || !disk_open(&disk, &xs) || !disk_connect(&disk, REF_RING)) {
		print("NO DISK\n");
		return;
	}
	records_open(&disk, kept);
	if (!look(begun_us)) {
		return;
	}
	if (!has_end) {
		if (kept->life % PAUSE == 0) {
			pause();
		}
		set_the_end();
	}
	kept->phase = WRITING;
	while (records_write(1 + scribe_random() % BATCH)) {
	}
}

void guest_main(const void *fdt)
{
	uint64_t base = 0, size = 0;

	if (!shared_memory_find(fdt, KEPT_ID, &base, &size) || size < sizeof(*kept)) {
		xen_shutdown(SHUTDOWN_poweroff);
	}
	mmu_memory(base);
	kept = (struct kept *)(uintptr_t)base;
	front_begin(fdt);
	begin_life();
	live();
	timer_off();
	print("GIVEN UP\n");
	xen_shutdown(SHUTDOWN_poweroff);
	front_give_up();
}
