// SPDX-License-Identifier: Apache-2.0
/*
 * The device of io_world.h as a PCI function: its capabilities, and its registers, which are those of the other way under
 * other numbers. It sees our memory elsewhere. What a driver may not do there ends the program.
 * Spec: Virtio 1.2, section 4.1.
 */
#include "../../rootfs/backends/io/platform.h"
#include "io_world.h"

#include <stdlib.h>

#define BUS	    0x4000000000ull /* from our addresses to its */
#define BAR	    0x1e0000000ull
#define BAR_BYTES   0x4000u
#define DEVICE_AT   0x2000u
#define NOTIFY_AT   0x3000u
#define NOTIFY_STEP 4u
#define NOTIFY_OFF  3u

static uint32_t command, queue, nr_notified;

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

uint32_t iw_version(uint32_t asked)
{
	(void)asked;
	command = 0;
	return 2;
}

void *iw_cpu(uint64_t bus)
{
	return (void *)(uintptr_t)(bus - BUS);
}

uint64_t plat_bus(const volatile void *p)
{
	return (uintptr_t)p + BUS;
}

/* Words of configuration space that are not 0. A capability for ports, one for nothing known, and the three that count. */
static uint32_t config(uint32_t at)
{
	static const struct {
		uint32_t at, value;
	} words[] = {
		{ 0x00, 0x10421af4 }, { 0x04, 0x00100000 },
		{ 0x10, 0x0000c001 }, { 0x20, (uint32_t)BAR | 0xc },
		{ 0x24, BAR >> 32 },  { 0x34, 0x98 },
		{ 0x98, 0x00038411 }, { 0x84, 0x05147009 },
		{ 0x70, 0x02146009 }, { 0x74, 4 },
		{ 0x78, NOTIFY_AT },  { 0x80, NOTIFY_STEP },
		{ 0x60, 0x04105009 }, { 0x64, 4 },
		{ 0x68, DEVICE_AT },  { 0x50, 0x01104009 },
		{ 0x54, 4 },	      { 0x40, 0x01100009 },
		{ 0x44, 0 },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i].at == at) {
			return words[i].value | (at == 4 ? command : 0);
		}
	}
	return 0;
}

/* The register of the other way; 0: it has none. */
static uint32_t other(uint32_t at)
{
	static const struct {
		uint32_t at, other;
	} same[] = {
		{ 0x00, 0x014 }, { 0x04, 0x010 }, { 0x08, 0x024 }, { 0x0c, 0x020 },
		{ 0x14, 0x070 }, { 0x1c, 0x044 }, { 0x20, 0x080 }, { 0x24, 0x084 },
		{ 0x28, 0x090 }, { 0x2c, 0x094 }, { 0x30, 0x0a0 }, { 0x34, 0x0a4 },
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		if (same[i].at == at) {
			return same[i].other;
		}
	}
	return 0;
}

/* Where it is in the function's memory, which answers only when it was switched on. */
static uint32_t place(uint64_t addr)
{
	must(addr >= BAR && addr < BAR + BAR_BYTES && (command & 2) != 0);
	return (uint32_t)(addr - BAR);
}

uint32_t plat_read32(uint64_t addr)
{
	if (addr < IW_DEVICE) {
		return 0;
	}
	if (addr < IW_DEVICE + 0x100) {
		return config((uint32_t)(addr - IW_DEVICE));
	}
	if (place(addr) >= DEVICE_AT) {
		return model_read(0x100 + place(addr) - DEVICE_AT);
	}
	must(other(place(addr)) != 0);
	return model_read(other(place(addr)));
}

void plat_write32(uint64_t addr, uint32_t value)
{
	if (addr == IW_DEVICE + 4) {
		must((value & 0x400) != 0);
		command = value & 0x407;
		return;
	}
	must(other(place(addr)) != 0 && place(addr) != 0x14 && place(addr) != 0x1c);
	model_write(other(place(addr)), value);
}

uint16_t plat_read16(uint64_t addr)
{
	switch (place(addr)) {
	case 0x18:
		return queue == 0 ? (uint16_t)model_read(0x034) : 0;
	case 0x1e:
		return NOTIFY_OFF;
	default:
		abort();
	}
}

void plat_write16(uint64_t addr, uint16_t value)
{
	switch (place(addr)) {
	case 0x16:
		queue = value;
		break;
	case 0x18:
		model_write(0x038, value);
		break;
	case 0x1c:
		must((command & 4) != 0);
		model_write(0x044, value);
		break;
	case NOTIFY_AT + NOTIFY_OFF *NOTIFY_STEP:
		nr_notified++;
		break;
	default:
		abort();
	}
}

uint8_t plat_read8(uint64_t addr)
{
	must(place(addr) == 0x14);
	return (uint8_t)model_read(0x070);
}

void plat_write8(uint64_t addr, uint8_t value)
{
	must(place(addr) == 0x14);
	model_write(0x070, value);
}
