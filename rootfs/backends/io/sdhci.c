// SPDX-License-Identifier: Apache-2.0
/*
 * The controller: sdhci.h. All registers are accessed by 32 bits, which every controller takes: a write to command and
 * transfer mode together is what starts a command.
 */
#include "sdhci.h"

#include "platform.h"

#include <stddef.h>

/* Registers, those of 8 and 16 bits with their neighbours. */
#define BLOCK	 0x04u /* size; count << 16 */
#define ARGUMENT 0x08u
#define COMMAND	 0x0cu /* transfer mode; command << 16 */
#define ANSWER	 0x10u
#define PRESENT	 0x24u
#define HOST	 0x28u /* host control 1; power << 8 */
#define CLOCK	 0x2cu /* clock; time-out << 16; reset << 24 */
#define STATUS	 0x30u /* normal; errors << 16 */
#define SHOWN	 0x34u /* of STATUS: which are seen there */
#define SIGNAL	 0x38u /* ... and which interrupt us */
#define CAPS	 0x40u
#define ADMA_LOW 0x58u
#define ADMA_HI	 0x5cu

#define MODE_DMA    0x01u
#define MODE_COUNT  0x02u
#define MODE_STOP   0x04u
#define MODE_READ   0x10u
#define MODE_MANY   0x20u
#define CMD_DATA    0x20u
#define PRESENT_CMD 0x1u
#define PRESENT_DAT 0x2u
#define CARD	    0x10000u
#define WRITABLE    0x80000u

#define HOST_FOUR    0x02u
#define HOST_ADMA    0x10u
#define HOST_ADMA_64 0x18u
#define POWER_3V3    0x0f00u

#define CLOCK_RUNS   0x1u
#define CLOCK_STABLE 0x2u
#define CLOCK_OUT    0x4u
#define LONGEST	     0x0e0000u /* 2^27 clocks for data */
#define RESET_ALL    0x01000000u
#define RESET_LINES  0x06000000u

#define ANSWERED    0x1u
#define TRANSFERRED 0x2u
#define ERROR	    0x8000u
#define ERRORS	    0xffff0000u

#define CAPS_ADMA2 (1u << 19)
#define CAPS_64	   (1u << 28)

/* Card status, of R1, and what of it is an error. SD Physical Layer 4.10.1 */
#define CARD_ERRORS 0xfdf90008u

/* ADMA2: 1.13. Pieces stay well below the 64 KiB that the length field has. */
#define PIECE	 0x8000u
#define MAX_DESC (SDHCI_MAX_BYTES / PIECE)
#define D_VALID	 0x01u
#define D_END	 0x02u
#define D_TRAN	 0x20u

#define LIMIT_US 1000000u
#define SLOW_HZ	 400000u

/* Words of 32 bits, for a descriptor has two of them, or three. */
static uint32_t table[3 * MAX_DESC] __attribute__((aligned(64)));

static uint32_t get(const struct sdhci *h, uint32_t reg)
{
	return plat_read32(h->base + reg);
}

static void put(const struct sdhci *h, uint32_t reg, uint32_t value)
{
	plat_write32(h->base + reg, value);
}

/* Until all of @bits in @reg are as @value has them. */
static bool await(const struct sdhci *h, uint32_t reg, uint32_t bits, uint32_t value)
{
	uint64_t begin = plat_now_us();

	while ((get(h, reg) & bits) != value) {
		if (plat_now_us() - begin > LIMIT_US) {
			return false;
		}
	}
	return true;
}

static bool reset(const struct sdhci *h, uint32_t what)
{
	put(h, CLOCK, (get(h, CLOCK) & 0xffffffu) | what);
	return await(h, CLOCK, what, 0);
}

bool sdhci_begin(struct sdhci *h, uint64_t base, bool is_coherent)
{
	uint32_t caps;

	*h = (struct sdhci){ .base = base, .is_coherent = is_coherent };
	caps = get(h, CAPS);
	h->hz = (caps >> 8 & 0xff) * 1000000ull;
	h->is_wide = (caps & CAPS_64) != 0;
	if ((caps & CAPS_ADMA2) == 0 || h->hz == 0 || !reset(h, RESET_ALL)) {
		return false;
	}
	put(h, HOST, POWER_3V3 | (h->is_wide ? HOST_ADMA_64 : HOST_ADMA));
	put(h, SIGNAL, 0);
	put(h, SHOWN, ERRORS | TRANSFERRED | ANSWERED);
	return (get(h, PRESENT) & CARD) != 0 && sdhci_clock(h, SLOW_HZ);
}

/* Half the divider, in ten bits: 2.2.14 */
static uint32_t divider(uint64_t from, uint32_t hz)
{
	uint64_t n = hz >= from ? 0 : (from + 2ull * hz - 1) / (2ull * hz);
	uint32_t bits = n > 1023 ? 1023 : (uint32_t)n;

	return (bits & 0xff) << 8 | (bits >> 8) << 6;
}

bool sdhci_clock(struct sdhci *h, uint32_t hz)
{
	uint32_t clock = divider(h->hz, hz) | LONGEST | CLOCK_RUNS;

	put(h, CLOCK, LONGEST);
	put(h, CLOCK, clock);
	if (!await(h, CLOCK, CLOCK_STABLE, CLOCK_STABLE)) {
		return false;
	}
	put(h, CLOCK, clock | CLOCK_OUT);
	return true;
}

void sdhci_four_lines(struct sdhci *h)
{
	put(h, HOST, get(h, HOST) | HOST_FOUR);
}

bool sdhci_is_protected(const struct sdhci *h)
{
	return (get(h, PRESENT) & WRITABLE) == 0;
}

/* After an error: what was going on is forgotten. */
static void recover(const struct sdhci *h)
{
	(void)reset(h, RESET_LINES);
	put(h, STATUS, ERRORS | TRANSFERRED | ANSWERED);
}

/* An error ends the wait too: 0x8000 is set with each. */
static bool await_answer(const struct sdhci *h, uint32_t bits)
{
	uint64_t begin = plat_now_us();

	while ((get(h, STATUS) & (bits | ERROR)) == 0) {
		if (plat_now_us() - begin > LIMIT_US) {
			return false;
		}
	}
	return (get(h, STATUS) & ERROR) == 0;
}

bool sdhci_command(struct sdhci *h, uint32_t index, uint32_t arg, enum sd_answer kind,
		   uint32_t *answer)
{
	bool is_good = await(h, PRESENT, PRESENT_CMD | PRESENT_DAT, 0);

	if (is_good) {
		put(h, STATUS, ERRORS | TRANSFERRED | ANSWERED);
		put(h, ARGUMENT, arg);
		put(h, COMMAND, (index << 8 | kind) << 16);
		is_good = await_answer(h, ANSWERED) &&
			  (kind != SD_R1B || await_answer(h, TRANSFERRED));
	}
	for (uint32_t i = 0; answer != NULL && i < 4; i++) {
		answer[i] = get(h, ANSWER + 4 * i);
	}
	if (!is_good) {
		recover(h);
	}
	put(h, STATUS, TRANSFERRED | ANSWERED);
	return is_good;
}

/* The table for @bytes at @at. Return: its length in bytes. */
static uint32_t describe(bool is_wide, uint64_t at, uint32_t bytes)
{
	uint32_t *d = table;

	for (; bytes > 0; d += is_wide ? 3 : 2) {
		uint32_t piece = bytes < PIECE ? bytes : PIECE;

		bytes -= piece;
		d[0] = piece << 16 | D_TRAN | D_VALID | (bytes == 0 ? D_END : 0);
		d[1] = (uint32_t)at;
		if (is_wide) {
			d[2] = (uint32_t)(at >> 32);
		}
		at += piece;
	}
	return (uint32_t)(d - table) * 4;
}

static bool reaches(const struct sdhci *h, uint64_t at, uint32_t bytes)
{
	return h->is_wide || at + bytes <= 1ull << 32;
}

bool sdhci_transfer(struct sdhci *h, uint32_t index, uint32_t arg, void *buffer, uint32_t sectors,
		    bool is_read)
{
	uint64_t at = (uintptr_t)buffer, desc = (uintptr_t)table;
	uint32_t bytes = sectors * 512, mode = MODE_DMA | MODE_COUNT;

	if (bytes > SDHCI_MAX_BYTES || !reaches(h, at, bytes) || !reaches(h, desc, sizeof(table)) ||
	    !await(h, PRESENT, PRESENT_CMD | PRESENT_DAT, 0)) {
		return false;
	}
	h->buffer = at;
	h->bytes = bytes;
	h->is_read = is_read;
	h->has_stop = sectors > 1;
	h->is_transferring = true;
	if (!h->is_coherent) {
		plat_cache_clean((uintptr_t)table, describe(h->is_wide, at, bytes));
		plat_cache_clean(at, bytes);
	} else {
		(void)describe(h->is_wide, at, bytes);
	}
	mode |= (is_read ? MODE_READ : 0) | (sectors > 1 ? MODE_MANY | MODE_STOP : 0);
	put(h, ADMA_LOW, (uint32_t)desc);
	if (h->is_wide) {
		put(h, ADMA_HI, (uint32_t)(desc >> 32));
	}
	put(h, BLOCK, 512u | sectors << 16);
	put(h, STATUS, ERRORS | TRANSFERRED | ANSWERED);
	put(h, ARGUMENT, arg);
	put(h, COMMAND, (index << 8 | SD_R1 | CMD_DATA) << 16 | mode);
	return true;
}

/* What the card said of the command, and of the one that stopped it: 2.2.7 has the latter in the last word. */
static bool is_well(const struct sdhci *h)
{
	return (get(h, ANSWER) & CARD_ERRORS) == 0 &&
	       (!h->has_stop || (get(h, ANSWER + 12) & CARD_ERRORS) == 0);
}

enum sdhci_end sdhci_poll(struct sdhci *h)
{
	uint32_t status = get(h, STATUS);
	bool is_bad = (status & ERROR) != 0;

	if (!is_bad && (status & TRANSFERRED) == 0) {
		put(h, SIGNAL, ERRORS | TRANSFERRED);
		return SDHCI_GOES_ON;
	}
	put(h, SIGNAL, 0);
	is_bad = is_bad || !is_well(h);
	h->is_transferring = false;
	if (is_bad) {
		recover(h);
	}
	if (is_bad && h->has_stop) {
		(void)sdhci_command(h, 12, 0, SD_R1B, NULL); /* the card may still be sending */
	}
	put(h, STATUS, TRANSFERRED | ANSWERED);
	if (h->is_read && !h->is_coherent) {
		plat_cache_drop(h->buffer, h->bytes);
	}
	return is_bad ? SDHCI_BAD : SDHCI_GOOD;
}

void sdhci_quiet(struct sdhci *h)
{
	put(h, SIGNAL, 0);
}
