// SPDX-License-Identifier: Apache-2.0
/*
 * The controller and its card: sdhci_model.h.
 * Spec: SD Host Controller Simplified Specification 3.00; SD Physical Layer Simplified Specification 6.00, 4.8 (states);
 * JESD84-B51, 7.4.
 */
#include "sdhci_model.h"

#include <stdlib.h>
#include <string.h>

struct card_model card_model;
uint8_t card_disk[CARD_SECTORS * 512];

enum state {
	IDLE,
	READY,
	IDENT,
	STANDBY,
	TRAN,
	DATA, /* a transfer goes on, or was broken off */
};

#define RCA 0x4567u

static struct {
	uint32_t reg[64];
	enum state state;
	bool is_app, is_asked_if, has_four;
	unsigned int wakes;
	uint32_t transfer; /* the command that has data; 0: none */
	uint64_t cleaned[4][2];
	unsigned int nr_cleaned;
	uint64_t stale, stale_end;
} m;

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

void card_model_reset(void)
{
	memset(&m, 0, sizeof(m));
}

void card_model_cleaned(uint64_t addr, size_t size)
{
	m.cleaned[m.nr_cleaned % 4][0] = addr;
	m.cleaned[m.nr_cleaned++ % 4][1] = addr + size;
}

void card_model_dropped(uint64_t addr, size_t size)
{
	if (addr <= m.stale && addr + size >= m.stale_end) {
		m.stale = m.stale_end = 0;
	}
}

bool card_model_is_stale(void)
{
	return m.stale != m.stale_end;
}

/* A device that sees memory only: what the driver wrote there must have left the caches. */
static void must_be_clean(uint64_t addr, uint64_t size)
{
	bool is_clean = card_model.is_coherent;

	for (unsigned int i = 0; i < 4; i++) {
		is_clean |= m.cleaned[i][0] <= addr && addr + size <= m.cleaned[i][1];
	}
	must(is_clean);
}

static void answer(uint32_t value)
{
	m.reg[4] = value;
}

/* The card's registers of 128 bits, without their checksum: bit n is bit n - 8. */
static void answer_csd(void)
{
	uint32_t *a = &m.reg[4];

	a[0] = card_model.is_for_good ? 0x20 : 0;
	switch (card_model.kind) {
	case CARD_SDHC:
		a[3] = 1u << 22;
		a[1] = (CARD_SECTORS / 1024 - 1) << 8;
		break;
	case CARD_SDSC_V1: /* blocks of 1024 bytes, a multiplier of 4: 512 of those */
		a[3] = 0;
		a[2] = 10u << 8 | (CARD_SECTORS / 8 - 1) >> 10;
		a[1] = (CARD_SECTORS / 8 - 1) << 22;
		break;
	case CARD_EMMC: /* "look into EXT_CSD" */
		a[3] = 3u << 22;
		a[2] = 9u << 8 | 3;
		a[1] = 0xffc00000u | 7u << 7;
		break;
	}
}

static void complain(uint32_t errors)
{
	m.reg[12] |= errors << 16 | 0x8000;
}

static void not_known(void)
{
	complain(1); /* nobody answers in time */
}

static void op_cond(bool is_sd, uint32_t arg)
{
	bool wants_blocks = (arg & 0x40000000u) != 0;
	bool has_blocks = card_model.kind != CARD_SDSC_V1;

	if (is_sd == (card_model.kind == CARD_EMMC)) {
		not_known();
		return;
	}
	must(m.state == IDLE && (arg & 0x00ff8000u) != 0);
	must(!has_blocks || wants_blocks);
	must(!is_sd || has_blocks == m.is_asked_if);
	if (card_model.is_slow_to_wake && m.wakes++ < 5) {
		answer(0x00ff8000u);
		return;
	}
	m.state = READY;
	answer(0x80ff8000u | (has_blocks ? 0x40000000u : 0));
}

static void app_command(uint32_t index, uint32_t arg)
{
	m.is_app = false;
	if (index == 41) {
		op_cond(true, arg);
		return;
	}
	must(index == 6 && m.state == TRAN && arg == 2);
	m.has_four = true;
	answer(0x900);
}

static void select_lines(uint32_t arg)
{
	must(card_model.kind == CARD_EMMC && m.state == TRAN && arg == 0x03b70100u);
	m.has_four = true;
	m.reg[12] |= 2;
	answer(0x900);
}

static void command_8(uint32_t arg)
{
	if (card_model.kind == CARD_EMMC && m.state == TRAN) {
		m.state = DATA;
		m.transfer = 8;
		answer(0x900);
	} else if (card_model.kind == CARD_SDHC) {
		m.is_asked_if = true;
		answer(arg & 0xfff);
	} else {
		not_known();
	}
}

static void begin_transfer(uint32_t index)
{
	bool is_write = index == 24 || index == 25;

	must(m.state == TRAN);
	answer(is_write && card_model.is_refusing ? 0x04000900 : 0x900);
	m.state = DATA;
	m.transfer = index;
}

static void address(uint32_t arg)
{
	bool is_told = card_model.kind == CARD_EMMC;

	must(m.state == IDENT && arg == (is_told ? 1u << 16 : 0));
	m.state = STANDBY;
	answer(is_told ? 0x500 : RCA << 16 | 0x500);
}

static void command(uint32_t index, uint32_t arg)
{
	uint32_t rca = card_model.kind == CARD_EMMC ? 1u << 16 : RCA << 16;

	switch (index) {
	case 0:
		m.state = IDLE;
		break;
	case 1:
		op_cond(false, arg);
		break;
	case 2:
		must(m.state == READY);
		m.state = IDENT;
		break;
	case 3:
		address(arg);
		break;
	case 6:
		select_lines(arg);
		break;
	case 7:
		must(m.state == STANDBY && arg == rca);
		m.state = TRAN;
		m.reg[12] |= 2;
		break;
	case 8:
		command_8(arg);
		break;
	case 9:
		must(m.state == STANDBY && arg == rca);
		answer_csd();
		break;
	case 12:
		must(m.state == DATA);
		m.state = TRAN;
		m.reg[12] |= 2;
		card_model.nr_stops++;
		break;
	case 16:
		must(m.state == TRAN && arg == 512);
		break;
	case 17:
	case 18:
	case 24:
	case 25:
		begin_transfer(index);
		break;
	case 55:
		if (card_model.kind == CARD_EMMC) {
			not_known();
			break;
		}
		must(arg == (m.state < STANDBY ? 0 : rca));
		m.is_app = true;
		answer(0x920);
		break;
	default:
		abort();
	}
}

static void run_command(uint32_t value)
{
	uint32_t index = value >> 24 & 0x3f;

	must(m.transfer == 0 && (m.reg[11] & 4) != 0); /* and the card has a clock */
	memset(&m.reg[4], 0, 4 * sizeof(uint32_t));
	if (m.is_app) {
		app_command(index, m.reg[2]);
	} else {
		command(index, m.reg[2]);
	}
	if ((m.reg[12] & 0x8000) == 0) {
		m.reg[12] |= 1;
	}
}

static void control_clock(uint32_t value)
{
	uint32_t half = (value >> 8 & 0xff) | (value >> 6 & 3) << 8;

	if ((value >> 24 & 1) != 0) {
		memset(m.reg, 0, sizeof(m.reg));
		return;
	}
	if ((value >> 24 & 6) != 0) {
		m.transfer = 0;
	}
	m.reg[11] = (value & 0xffffffu) | ((value & 1) != 0 ? 2 : 0);
	card_model.hz = 100000000u / (half == 0 ? 1 : 2 * half);
}

uint32_t card_model_read(uint64_t offset)
{
	switch (offset) {
	case 0x24:
		return (card_model.is_absent ? 0 : 0x10000) |
		       (card_model.is_switched ? 0 : 0x80000);
	case 0x40:
		return 100u << 8 | (card_model.has_no_adma ? 0 : 1u << 19) |
		       (card_model.is_narrow ? 0 : 1u << 28);
	default:
		must(offset < 0x100 && offset % 4 == 0);
		return m.reg[offset / 4];
	}
}

void card_model_write(uint64_t offset, uint32_t value)
{
	must(offset < 0x100 && offset % 4 == 0);
	switch (offset) {
	case 0x0c:
		m.reg[3] = value;
		run_command(value);
		break;
	case 0x28:
		must((value & 0x18) == (card_model.is_narrow ? 0x10 : 0x18));
		m.reg[10] = value;
		card_model.nr_lines = (value & 2) != 0 ? 4 : 1;
		break;
	case 0x2c:
		control_clock(value);
		break;
	case 0x30:
		m.reg[12] &= ~value;
		if ((m.reg[12] & 0xffff0000u) == 0) {
			m.reg[12] &= ~0x8000u;
		}
		break;
	default:
		must(offset == 0x04 || offset == 0x08 || offset == 0x34 || offset == 0x38 ||
		     offset == 0x58 || offset == 0x5c);
		m.reg[offset / 4] = value;
		break;
	}
	card_model.interrupts = (m.reg[12] & m.reg[14]) != 0;
}

/* One piece of the table. Return: the length of its memory. */
static uint32_t piece(const uint32_t *d, uint8_t *card, bool is_read)
{
	uint64_t at = d[1] | (card_model.is_narrow ? 0 : (uint64_t)d[2] << 32);
	uint32_t len = d[0] >> 16 == 0 ? 65536 : d[0] >> 16;
	void *memory = (void *)(uintptr_t)at;

	must((d[0] & 0x3d) == 0x21 && at % 4 == 0);
	if (is_read) {
		memcpy(memory, card, len);
	} else {
		must_be_clean(at, len);
		memcpy(card, memory, len);
	}
	return len;
}

static void move(uint8_t *card, uint32_t bytes, bool is_read)
{
	uint64_t at = m.reg[22] | (card_model.is_narrow ? 0 : (uint64_t)m.reg[23] << 32);
	const uint32_t *d = (const uint32_t *)(uintptr_t)at;
	uint32_t words = card_model.is_narrow ? 2 : 3, len, first = d[1];

	must_be_clean(at, words * 4);
	do {
		len = piece(d, card, is_read);
		must(len <= bytes);
		bytes -= len;
		card += len;
		d += words;
	} while ((d[-(int)words] & 2) == 0);
	must(bytes == 0);
	m.stale = is_read ? first : 0;
	m.stale_end = is_read ? first + m.reg[1] / 65536 * 512 : 0;
}

static void transfer(uint32_t index)
{
	static uint8_t ext[512];
	uint32_t count = m.reg[1] >> 16, mode = m.reg[3] & 0xffff, sectors = CARD_SECTORS;
	uint32_t sector = card_model.kind == CARD_SDSC_V1 ? m.reg[2] / 512 : m.reg[2];
	bool is_many = index == 18 || index == 25, is_read = index != 24 && index != 25;

	must((m.reg[1] & 0xfff) == 512 && (mode & 3) == 3 && ((mode & 0x10) != 0) == is_read);
	must(((mode & 0x24) == 0x24) == is_many && (count > 1) == is_many);
	if (index == 8) {
		memcpy(ext + 212, &sectors, 4);
		move(ext, 512, true);
		return;
	}
	must(sector + count <= CARD_SECTORS);
	card_model.nr_reads += is_read;
	card_model.nr_writes += !is_read;
	if (!card_model.is_refusing || is_read) {
		move(card_disk + sector * 512, count * 512, is_read);
	}
}

bool card_model_work(void)
{
	uint32_t index = m.transfer;

	if (index == 0) {
		return false;
	}
	m.transfer = 0;
	must(card_model.nr_lines == (m.has_four ? 4 : 1));
	if (card_model.is_bad_once) {
		card_model.is_bad_once = false;
		complain(0x20);
		if (index == 17 || index == 24) {
			m.state = TRAN;
		}
	} else {
		transfer(index);
		m.state = TRAN;
		m.reg[12] |= 2;
	}
	card_model.interrupts = (m.reg[12] & m.reg[14]) != 0;
	return true;
}
