// SPDX-License-Identifier: Apache-2.0
/*
 * An NVMe namespace: nvme.h. A request is done by one command after the other, each as long as the controller takes them
 * (MDTS); its slot's number is the command's. A controller that fails, answers what nobody asked, or does not answer is reset,
 * which ends all that it had with an error. After NR_RESETS of these in an hour, or if it does not come back as it was, it is cut
 * off from our memory: the disk is lost.
 */
#include "nvme.h"

#include "block.h"
#include "nvmectl.h"
#include "platform.h"

#include <string.h>

/* Configuration space: 2.1. */
#define COMMAND	     0x04u
#define CLASS	     0x08u /* above the revision */
#define BAR	     0x10u
#define CLASS_NVME   0x010802u
#define COMMAND_ON   0x406u /* memory, bus master; no INTx */
#define COMMAND_OFF  0x402u /* no bus master */
#define BAR_IS_PORTS 1u
#define BAR_TYPE     6u
#define BAR_IS_64    4u

/* What the controller says of itself: 5.15.2.2. */
#define MDTS	  77u
#define CNTRLTYPE 111u
#define SQES	  512u
#define CQES	  513u
#define NN	  516u
#define VWC	  525u
#define IO_TYPE	  1u /* or 0: it does not say */
#define LOG_SQ	  6u
#define LOG_CQ	  4u

/* And of a namespace: 5.15.2.1. */
#define NSZE		   0u
#define NLBAF		   25u
#define FLBAS		   26u
#define DPS		   29u
#define NSATTR		   99u
#define LBAF		   128u
#define IS_WRITE_PROTECTED 1u
#define LOG_SECTOR	   9u
#define MAX_SECTORS	   (1ull << 54)

/* Commands: 6.8, 6.9, 6.15. */
#define FLUSH 0x00u
#define WRITE 0x01u
#define READ  0x02u

#define NAMESPACE 1u
#define NR_SLOTS  32u
#define LOG_LIST  5u
#define LIST	  (1u << LOG_LIST) /* pages of a command behind the first */
#define MAX_BYTES (LIST * NVME_PAGE)
#define NR_RESETS 3u
#define FORGET_US 3600000000u
#define LIMIT_US  30000000u /* for a command */

/** struct slot - a request. */
struct slot {
	bool is_busy;
	uint8_t opcode;
	uint32_t tag;
	uint64_t sector;
	uint64_t left; /* sectors, those that the command has among them */
	uint64_t sent; /* that it has */
	uint64_t at;   /* where the controller finds their memory */
	uint64_t since_us;
};

static struct slot slots[NR_SLOTS];
static uint64_t lists[NR_SLOTS][LIST] __attribute__((aligned(4096))); /* none crosses a page */

static struct {
	struct nvmectl ctl;
	uint64_t config; /* 0: no controller */
	uint64_t regs, bytes;
	uint64_t sectors;
	uint64_t max_sectors; /* of a command */
	uint32_t nr_slots;
	uint32_t nr_resets; /* of late */
	uint64_t failed_us; /* last */
	bool has_cache;
	bool is_read_only;
	bool is_lost;
} dev;

void nvme_reset(void)
{
	memset(&dev, 0, sizeof(dev));
	memset(slots, 0, sizeof(slots));
}

uint64_t nvme_sectors(void)
{
	return dev.sectors;
}

bool nvme_is_read_only(void)
{
	return dev.is_read_only;
}

/* ---- what it is ---- */

static uint64_t number(const uint8_t *at, size_t bytes)
{
	uint64_t n = 0;

	memcpy(&n, at, bytes);
	return n;
}

/* The least and the most of a size that it takes, as powers of two. */
static bool takes(uint8_t said, uint32_t log)
{
	return (said & 0xf) <= log && log <= said >> 4;
}

/* Sectors of a command: it says pages, as a power of two, or 0: any number. */
static uint64_t most(uint8_t mdts)
{
	return mdts == 0 || mdts > LOG_LIST ? MAX_BYTES / SECTOR : NVME_PAGE / SECTOR << mdts;
}

/* Return: NULL, or why it cannot be driven. */
static const char *read_controller(const uint8_t *said)
{
	if (said == NULL) {
		return "does not say what it is";
	}
	if (said[CNTRLTYPE] > IO_TYPE || number(said + NN, 4) < NAMESPACE ||
	    !takes(said[SQES], LOG_SQ) || !takes(said[CQES], LOG_CQ)) {
		return "is not one with namespaces, or has other queues";
	}
	dev.has_cache = (said[VWC] & 1) != 0;
	dev.max_sectors = most(said[MDTS]);
	return NULL;
}

/* 5.15.2.1: a format has bytes of metadata, and the sector's size as a power of two. */
static const char *read_namespace(const uint8_t *said)
{
	uint32_t format;

	if (said == NULL || number(said + NSZE, 8) == 0) {
		return "has no namespace 1";
	}
	format = said[FLBAS] & 0xf;
	if (format > said[NLBAF] || number(said + LBAF + 4 * format, 2) != 0 ||
	    (said[DPS] & 7) != 0 || number(said + NSZE, 8) > MAX_SECTORS) {
		return "has a namespace with metadata, or of a size that cannot be";
	}
	if (said[LBAF + 4 * format + 2] != LOG_SECTOR) {
		return said[LBAF + 4 * format + 2] == 12
			       ? "has sectors of 4096 bytes, and 512 are needed: format the namespace anew"
			       : "has sectors that are not of 512 bytes";
	}
	dev.sectors = number(said + NSZE, 8);
	dev.is_read_only = (said[NSATTR] & IS_WRITE_PROTECTED) != 0;
	return NULL;
}

/* From reset to where it takes commands. Return: false, said why. */
static bool begin(void)
{
	struct nvmectl *c = &dev.ctl;
	const char *why;

	if (!nvmectl_begin(c, dev.regs, dev.bytes)) {
		return false;
	}
	why = read_controller(nvmectl_identify(c, 0));
	why = why != NULL ? why : read_namespace(nvmectl_identify(c, NAMESPACE));
	if (why == NULL && !nvmectl_make_pair(c)) {
		why = "makes no queues";
	}
	if (why != NULL) {
		plat_say("NVMe controller: %s\n", why);
		return false;
	}
	dev.nr_slots = c->entries - 1 < NR_SLOTS ? c->entries - 1 : NR_SLOTS;
	return true;
}

/* 2.1.10: memory, of 64 bits as a rule. */
static uint64_t read_bar(uint64_t config)
{
	uint32_t low = plat_read32(config + BAR);
	uint64_t high = 0;

	if ((low & BAR_IS_PORTS) != 0) {
		return 0;
	}
	if ((low & BAR_TYPE) == BAR_IS_64) {
		high = plat_read32(config + BAR + 4);
	}
	return high << 32 | (low & ~15u);
}

bool nvme_probe(uint64_t config, uint64_t regs, uint64_t bytes)
{
	if (dev.config != 0 || plat_read32(config + CLASS) >> 8 != CLASS_NVME) {
		return false;
	}
	if (read_bar(config) != regs) {
		plat_say("NVMe controller: the plan has no place for its base register 0x10\n");
		return false;
	}
	nvme_reset();
	dev.config = config;
	dev.regs = regs;
	dev.bytes = bytes;
	plat_write32(config + COMMAND, COMMAND_ON);
	if (!begin()) {
		plat_write32(config + COMMAND, COMMAND_OFF);
		nvme_reset();
		return false;
	}
	return true;
}

/* ---- requests ---- */

static struct slot *find_slot(void)
{
	for (uint32_t i = 0; i < dev.nr_slots; i++) {
		if (!slots[i].is_busy) {
			return &slots[i];
		}
	}
	return NULL;
}

/* 4.3: the first page from where it begins; of the rest, one page, or a list of them. */
static void describe(struct nvme_command *command, const struct slot *s)
{
	uint64_t begin = s->at, end = begin + s->sent * SECTOR;
	uint64_t next = (begin | (NVME_PAGE - 1)) + 1;
	uint64_t *list = lists[s - slots];

	command->prp[0] = begin;
	if (end > next + NVME_PAGE) {
		command->prp[1] = plat_bus(list);
	} else if (end > next) {
		command->prp[1] = next;
	}
	for (uint32_t i = 0; next < end; next += NVME_PAGE) {
		list[i++] = next;
	}
}

static void send(struct slot *s)
{
	struct nvme_command command = {
		.opcode = s->opcode,
		.id = (uint16_t)(s - slots),
		.namespace = NAMESPACE,
	};

	s->sent = s->left < dev.max_sectors ? s->left : dev.max_sectors;
	s->since_us = plat_now_us();
	if (s->opcode != FLUSH) {
		describe(&command, s);
		command.arg[0] = (uint32_t)s->sector;
		command.arg[1] = (uint32_t)(s->sector >> 32);
		command.arg[2] = (uint32_t)(s->sent - 1);
	}
	nvmectl_send(&dev.ctl, NVME_IO, &command);
}

enum disk_submitted nvme_submit(enum disk_op op, uint64_t sector, uint64_t sectors, void *buffer,
				uint32_t tag)
{
	static const uint8_t opcodes[] = {
		[DISK_READ] = READ, [DISK_WRITE] = WRITE, [DISK_FLUSH] = FLUSH
	};
	struct slot *s = find_slot();

	if (op == DISK_DISCARD || (op == DISK_FLUSH && !dev.has_cache && !dev.is_lost) ||
	    (op != DISK_FLUSH && sectors == 0)) {
		return DISK_DONE;
	}
	if (s == NULL) {
		return DISK_FULL;
	}
	*s = (struct slot){
		.is_busy = true,
		.opcode = opcodes[op],
		.tag = tag,
		.sector = sector,
		.left = op == DISK_FLUSH ? 0 : sectors,
		.at = plat_bus(buffer),
	};
	if (!dev.is_lost) {
		send(s);
	}
	return DISK_GOES_ON;
}

/* A command came to its end: the next part, or it is done. */
static void go_on(struct slot *s, bool is_good)
{
	s->left -= s->sent;
	s->sector += s->sent;
	s->at += s->sent * SECTOR;
	if (is_good && s->left > 0) {
		send(s);
		return;
	}
	s->is_busy = false;
	block_done(s->tag, is_good);
}

/* ---- failure ---- */

/* Those of before a reset; what is submitted meanwhile is not among them. Return: whether there were any. */
static bool end_all(void)
{
	uint32_t tags[NR_SLOTS], nr = 0;

	for (uint32_t i = 0; i < NR_SLOTS; i++) {
		if (slots[i].is_busy) {
			tags[nr++] = slots[i].tag;
			slots[i].is_busy = false;
		}
	}
	for (uint32_t i = 0; i < nr; i++) {
		block_done(tags[i], false);
	}
	return nr > 0;
}

/* As before: those who use it know its size. */
static bool come_back(void)
{
	uint64_t sectors = dev.sectors;
	bool was_read_only = dev.is_read_only;
	bool is_back = begin() && dev.sectors == sectors && dev.is_read_only == was_read_only;

	dev.sectors = sectors;
	dev.is_read_only = was_read_only;
	return is_back;
}

static void fail(const char *why)
{
	uint64_t now = plat_now_us();

	plat_say("NVMe controller: %s\n", why);
	if (now - dev.failed_us > FORGET_US) {
		dev.nr_resets = 0;
	}
	dev.failed_us = now;
	if (dev.nr_resets++ == NR_RESETS || !come_back()) {
		plat_write32(dev.config + COMMAND, COMMAND_OFF);
		(void)plat_read32(dev.config + COMMAND); /* what it began is over */
		dev.is_lost = true;
		dev.nr_slots = NR_SLOTS;
		plat_say("block device: lost\n");
	}
	(void)end_all();
}

/* Nothing came: is it to be waited for? Return: NULL, or why not. */
static const char *look(void)
{
	uint64_t now = plat_now_us();
	bool is_busy = false;

	for (uint32_t i = 0; i < NR_SLOTS; i++) {
		is_busy = is_busy || slots[i].is_busy;
		if (slots[i].is_busy && now - slots[i].since_us > LIMIT_US) {
			return "does not answer";
		}
	}
	return is_busy && !nvmectl_is_well(&dev.ctl) ? "has failed" : NULL;
}

/* Return: false: it is none that was asked for. */
static bool finish(const struct nvme_end *end)
{
	if (end->id >= dev.nr_slots || !slots[end->id].is_busy) {
		return false;
	}
	go_on(&slots[end->id], end->is_good);
	return true;
}

bool nvme_is_waited_for(void)
{
	bool is_busy = dev.ctl.is_waiting;

	for (uint32_t i = 0; i < NR_SLOTS; i++) {
		is_busy = is_busy || slots[i].is_busy;
	}
	return is_busy;
}

bool nvme_poll(void)
{
	enum nvme_news news = NVME_NOTHING;
	const char *why = NULL;
	struct nvme_end end;
	bool is_busy = false;

	if (dev.config == 0 || dev.is_lost) {
		return end_all();
	}
	/* As many as may be in work, for one that never ends to answer is left again. */
	for (uint32_t i = 0; why == NULL && i < NVME_ENTRIES; i++) {
		news = nvmectl_take(&dev.ctl, NVME_IO, &end);
		if (news == NVME_NOTHING) {
			break;
		}
		is_busy = true;
		if (news == NVME_NONSENSE || !finish(&end)) {
			why = "answers what nobody asked";
		}
	}
	why = is_busy ? why : look();
	if (why != NULL) {
		fail(why);
	}
	return is_busy || why != NULL;
}
