/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SD host controller with ADMA2: commands that are waited for, and one transfer at a time that is not.
 * Spec: SD Host Controller Simplified Specification 3.00 (SDHCI).
 */
#ifndef IO_SDHCI_H
#define IO_SDHCI_H

#include <stdbool.h>
#include <stdint.h>

/** struct sdhci - one. */
struct sdhci {
	uint64_t base; /* 0: there is none */
	uint64_t hz;   /* of its own clock */
	bool is_wide;  /* addresses of 64 bits */
	bool is_coherent;
	bool is_transferring;
	bool is_read;
	bool has_stop; /* the transfer ends by a CMD12 of the controller's */
	uint64_t buffer;
	uint32_t bytes;
};

/** enum sd_answer - to a command: 2.2.6, "Command Register". */
enum sd_answer {
	SD_NONE = 0x00,
	SD_R1 = 0x1a,
	SD_R1B = 0x1b, /* and the card may be busy after it */
	SD_R2 = 0x09,  /* 128 bits */
	SD_R3 = 0x02,  /* without a checksum */
};

/** enum sdhci_end - of a transfer. */
enum sdhci_end {
	SDHCI_GOES_ON,
	SDHCI_GOOD,
	SDHCI_BAD,
};

#define SDHCI_MAX_BYTES (128u * 1024) /* of a transfer */

/**
 * sdhci_begin() - reset the controller at @base and power the card; its clock is slow, one line carries data.
 * @is_coherent: it sees our caches. Return: false: it is not one that this driver knows, or there is no card.
 */
bool sdhci_begin(struct sdhci *h, uint64_t base, bool is_coherent);

/** sdhci_clock() - at most @hz for the card. Return: false: the clock did not get stable. */
bool sdhci_clock(struct sdhci *h, uint32_t hz);

/** sdhci_four_lines() - for data, as the card was told. */
void sdhci_four_lines(struct sdhci *h);

/** sdhci_is_protected() - the switch at the card's socket says so. */
bool sdhci_is_protected(const struct sdhci *h);

/** sdhci_command() - and wait for its answer, @answer (NULL: not wanted) gets four words. Return: false: none came. */
bool sdhci_command(struct sdhci *h, uint32_t index, uint32_t arg, enum sd_answer kind,
		   uint32_t *answer);

/**
 * sdhci_transfer() - begin command @index with @sectors of data at @buffer. Context: none is going on.
 * Return: false: the controller does not reach that memory, or its lines are not free.
 */
bool sdhci_transfer(struct sdhci *h, uint32_t index, uint32_t arg, void *buffer, uint32_t sectors,
		    bool is_read);

/** sdhci_poll() - how far the transfer is. It may interrupt us from now on, if it goes on. */
enum sdhci_end sdhci_poll(struct sdhci *h);

/** sdhci_quiet() - no interrupt until the next sdhci_poll(). */
void sdhci_quiet(struct sdhci *h);

#endif
