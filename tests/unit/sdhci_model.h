/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SD host controller with a card, or an eMMC chip, as its driver meets them. It believes nothing: a command that the
 * card's state does not allow, memory that was not cleaned for it, a register that is none of the driver's end the
 * program.
 */
#ifndef TESTS_SDHCI_MODEL_H
#define TESTS_SDHCI_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CARD_BASE    0xff170000u
#define CARD_SECTORS 4096u

enum card_kind {
	CARD_SDHC,
	CARD_SDSC_V1,
	CARD_EMMC,
};

/** struct card_model - what they are like, and what was asked of them. */
struct card_model {
	enum card_kind kind;
	bool is_absent, is_narrow, is_switched, is_for_good, is_coherent;
	bool has_no_adma, is_slow_to_wake;
	bool is_bad_once; /* the next transfer ends in a checksum error */
	bool is_refusing; /* writes: the card says no in its status */
	unsigned int nr_reads, nr_writes, nr_stops, nr_lines;
	uint32_t hz; /* of the card's clock */
	bool interrupts;
};

extern struct card_model card_model;
extern uint8_t card_disk[CARD_SECTORS * 512];

/** card_model_reset() - power was just switched on. */
void card_model_reset(void);

uint32_t card_model_read(uint64_t offset);
void card_model_write(uint64_t offset, uint32_t value);

/** card_model_work() - end the transfer that goes on. Return: false: there is none. */
bool card_model_work(void);

/** card_model_cleaned(), card_model_dropped() - what the driver did about caches. */
void card_model_cleaned(uint64_t addr, size_t size);
void card_model_dropped(uint64_t addr, size_t size);

/** card_model_is_stale() - memory that was written, and not dropped since. */
bool card_model_is_stale(void);

#endif
