// SPDX-License-Identifier: Apache-2.0
/*
 * The card: sdcard.h. It keeps nothing back that a flush would have to write: a transfer is over when the card has it
 * for good, and an eMMC's cache stays off, as it is after a reset.
 */
#include "sdcard.h"

#include "block.h"
#include "platform.h"
#include "sdhci.h"

#include <string.h>

#define GO_IDLE	     0u
#define SEND_OP_COND 1u /* eMMC */
#define ALL_SEND_CID 2u
#define SET_ADDRESS  3u
#define SWITCH	     6u
#define SELECT	     7u
#define SEND_IF_COND 8u /* SD */
#define SEND_EXT_CSD 8u /* eMMC */
#define SEND_CSD     9u
#define SET_BLOCKLEN 16u
#define READ_ONE     17u
#define READ_MANY    18u
#define WRITE_ONE    24u
#define WRITE_MANY   25u
#define APP_OP_COND  41u
#define APP_CMD	     55u

#define IF_COND	       0x1aau	   /* 2.7 to 3.6 V, and a pattern that comes back */
#define OCR_VOLTS      0x00ff8000u /* 2.7 to 3.6 V */
#define OCR_BLOCKS     0x40000000u /* addresses are sectors */
#define OCR_READY      0x80000000u
#define FOUR_LINES     2u
#define SWITCH_FOUR    0x03b70100u /* eMMC: byte 183, BUS_WIDTH, becomes 1 */
#define SEC_COUNT      212u
#define CSD_PROTECTED  0x30u /* for good, or for now */
#define FULL_HZ	       25000000u
#define READY_LIMIT_US 1000000u

static struct {
	struct sdhci host;
	bool is_sd;
	bool has_blocks; /* its addresses are sectors, not bytes */
	bool is_read_only;
	uint32_t address; /* RCA << 16 */
	uint64_t sectors;
	uint32_t tag;
	bool has_failed; /* what was submitted, before the card had it */
} card;

void sdcard_reset(void)
{
	memset(&card, 0, sizeof(card));
}

uint64_t sdcard_sectors(void)
{
	return card.sectors;
}

bool sdcard_is_read_only(void)
{
	return card.is_read_only;
}

static bool command(uint32_t index, uint32_t arg, enum sd_answer kind, uint32_t *answer)
{
	return sdhci_command(&card.host, index, arg, kind, answer);
}

static bool app_command(uint32_t index, uint32_t arg, enum sd_answer kind, uint32_t *answer)
{
	return command(APP_CMD, card.address, SD_R1, NULL) && command(index, arg, kind, answer);
}

static bool ask_ready(uint32_t arg, uint32_t *ocr)
{
	uint32_t answer[4];

	if (card.is_sd ? !app_command(APP_OP_COND, arg, SD_R3, answer)
		       : !command(SEND_OP_COND, arg, SD_R3, answer)) {
		return false;
	}
	*ocr = answer[0];
	return true;
}

/* It takes a card up to a second to get ready; one that does not answer at all is of the other kind. */
static bool await_ready(uint32_t arg)
{
	uint64_t begin = plat_now_us();
	uint32_t ocr;

	do {
		if (!ask_ready(arg, &ocr)) {
			return false;
		}
	} while ((ocr & OCR_READY) == 0 && plat_now_us() - begin <= READY_LIMIT_US);
	card.has_blocks = (ocr & OCR_BLOCKS) != 0;
	return (ocr & OCR_READY) != 0;
}

/* 4.2.3: a card of version 1 does not know CMD8, and is not asked whether its addresses are sectors. */
static bool wake(void)
{
	uint32_t answer[4];
	bool is_v2;

	(void)command(GO_IDLE, 0, SD_NONE, NULL);
	is_v2 = command(SEND_IF_COND, IF_COND, SD_R1, answer) && (answer[0] & 0xfff) == IF_COND;
	card.is_sd = true;
	if (await_ready(OCR_VOLTS | (is_v2 ? OCR_BLOCKS : 0))) {
		return true;
	}
	card.is_sd = false;
	(void)command(GO_IDLE, 0, SD_NONE, NULL);
	return await_ready(OCR_VOLTS | OCR_BLOCKS);
}

/* SD tells us its address, an eMMC is told. */
static bool name(void)
{
	uint32_t answer[4];

	if (!command(ALL_SEND_CID, 0, SD_R2, NULL) ||
	    !command(SET_ADDRESS, card.is_sd ? 0 : 1u << 16, SD_R1, answer)) {
		return false;
	}
	card.address = card.is_sd ? answer[0] & 0xffff0000u : 1u << 16;
	return true;
}

/* The controller leaves the checksum out: bit n of the CSD is bit n - 8 of the answer. */
static uint64_t csd_sectors(const uint32_t *csd)
{
	uint32_t size = (csd[2] & 0x3) << 10 | csd[1] >> 22;
	uint32_t shift = (csd[1] >> 7 & 0x7) + 2, block = csd[2] >> 8 & 0xf;

	if (card.is_sd && csd[3] >> 22 == 1) {
		return ((uint64_t)(csd[1] >> 8 & 0x3fffff) + 1) * 1024;
	}
	return block < 9 ? 0 : ((uint64_t)size + 1) << shift << (block - 9);
}

/* A sector of what the card says of itself. */
static bool read_register(uint32_t index, uint8_t *to)
{
	enum sdhci_end end;

	if (!sdhci_transfer(&card.host, index, 0, to, 1, true)) {
		return false;
	}
	while ((end = sdhci_poll(&card.host)) == SDHCI_GOES_ON) {
		plat_sleep();
	}
	return end == SDHCI_GOOD;
}

/* More than 2 GiB of an eMMC do not fit into its CSD. */
static uint64_t ext_csd_sectors(void)
{
	static uint8_t ext[SECTOR] __attribute__((aligned(64)));
	uint32_t sectors;

	if (!read_register(SEND_EXT_CSD, ext)) {
		return 0;
	}
	memcpy(&sectors, ext + SEC_COUNT, sizeof(sectors));
	return sectors;
}

static bool widen(void)
{
	bool is_told = card.is_sd ? app_command(SWITCH, FOUR_LINES, SD_R1, NULL)
				  : command(SWITCH, SWITCH_FOUR, SD_R1B, NULL);

	if (is_told) {
		sdhci_four_lines(&card.host);
	}
	return is_told;
}

static bool identify(bool has_switch)
{
	uint32_t csd[4];
	uint64_t sectors;

	if (!wake() || !name() || !command(SEND_CSD, card.address, SD_R2, csd) ||
	    !command(SELECT, card.address, SD_R1B, NULL) || !widen() ||
	    (!card.has_blocks && !command(SET_BLOCKLEN, SECTOR, SD_R1, NULL)) ||
	    !sdhci_clock(&card.host, FULL_HZ)) {
		return false;
	}
	sectors = !card.is_sd && card.has_blocks ? ext_csd_sectors() : csd_sectors(csd);
	card.is_read_only = (csd[0] & CSD_PROTECTED) != 0 ||
			    (has_switch && card.is_sd && sdhci_is_protected(&card.host));
	card.sectors = sectors;
	return sectors > 0;
}

bool sdcard_probe(uint64_t base, bool is_coherent, bool has_switch)
{
	if (card.host.base != 0) {
		return false;
	}
	if (!sdhci_begin(&card.host, base, is_coherent) || !identify(has_switch)) {
		sdcard_reset();
		return false;
	}
	return true;
}

enum disk_submitted sdcard_submit(enum disk_op op, uint64_t sector, uint64_t sectors, void *buffer,
				  uint32_t tag)
{
	bool is_read = op == DISK_READ, is_many = sectors > 1;
	uint32_t index = is_read ? (is_many ? READ_MANY : READ_ONE)
				 : (is_many ? WRITE_MANY : WRITE_ONE);
	uint64_t arg = card.has_blocks ? sector : sector * SECTOR;

	if (op == DISK_FLUSH || op == DISK_DISCARD || sectors == 0) {
		return DISK_DONE;
	}
	if (card.host.is_transferring || card.has_failed) {
		return DISK_FULL;
	}
	card.tag = tag;
	card.has_failed = !sdhci_transfer(&card.host, index, (uint32_t)arg, buffer,
					  (uint32_t)sectors, is_read);
	return DISK_GOES_ON;
}

bool sdcard_poll(void)
{
	enum sdhci_end end;

	if (card.has_failed) {
		card.has_failed = false;
		block_done(card.tag, false);
		return true;
	}
	if (!card.host.is_transferring) {
		return false;
	}
	end = sdhci_poll(&card.host);
	if (end != SDHCI_GOES_ON) {
		block_done(card.tag, end == SDHCI_GOOD);
	}
	return end != SDHCI_GOES_ON;
}

void sdcard_quiet(void)
{
	if (card.host.base != 0) {
		sdhci_quiet(&card.host);
	}
}
