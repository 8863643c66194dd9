// SPDX-License-Identifier: Apache-2.0
/* An NVMe controller: nvmectl.h. There is one, and so there is memory for the queues of one. */
#include "nvmectl.h"

#include "platform.h"

#include <string.h>

/* Registers: 3.1. */
#define CAP	  0x00u
#define CAP_HIGH  0x04u
#define CC	  0x14u
#define CSTS	  0x1cu
#define AQA	  0x24u
#define ASQ	  0x28u
#define ACQ	  0x30u
#define DOORBELLS 0x1000u

/* Of CAP: 3.1.1. */
#define CAP_MQES(low)	 (((low)&0xffff) + 1)
#define CAP_TO(low)	 ((low) >> 24)
#define CAP_DSTRD(high)	 ((high)&0xf)
#define CAP_NVM(high)	 ((high) >> 5 & 1)
#define CAP_MPSMIN(high) ((high) >> 16 & 0xf)
#define TO_US		 500000u

/* CC, 3.1.5: entries of 64 and of 16 bytes, pages of 4 KiB, the NVM command set. */
#define CC_ON 0x00460001u

/* CSTS: 3.1.6. */
#define CSTS_READY 1u
#define CSTS_FATAL 2u

#define GONE UINT32_MAX /* what is read of a function that is no longer there */

/* Commands: 5.3, 5.4, 5.15, 5.21. */
#define CREATE_SQ	 0x01u
#define CREATE_CQ	 0x05u
#define IDENTIFY	 0x06u
#define SET_FEATURES	 0x09u
#define OF_NAMESPACE	 0u
#define OF_CONTROLLER	 1u
#define NR_OF_QUEUES	 7u /* 5.21.1.7: one of each kind, as numbers that begin with 0 */
#define CONTIGUOUS	 1u
#define COMMAND_LIMIT_US 30000000u

/* An end's last word, 4.6: command, phase, status. */
#define END_ID(w)     ((uint16_t)(w))
#define END_PHASE(w)  (((w) >> 16 & 1) != 0)
#define END_STATUS(w) ((w) >> 17 & 0x7ff)

/** struct queues - memory of a pair. */
struct queues {
	struct nvme_command command[NVME_ENTRIES];
	struct {
		uint32_t result;
		uint32_t reserved;
		uint32_t queue; /* how far the submission queue was read, and which it is */
		uint32_t last;
	} end[NVME_ENTRIES];
} __attribute__((aligned(4096)));

static struct queues queues[NVME_PAIRS];
static uint8_t page[NVME_PAGE] __attribute__((aligned(4096)));

_Static_assert(sizeof(struct nvme_command) == 64 && sizeof(queues[0].end[0]) == 16,
	       "as CC_ON says");

static uint32_t get(const struct nvmectl *c, uint32_t reg)
{
	return plat_read32(c->regs + reg);
}

static void set(const struct nvmectl *c, uint32_t reg, uint32_t value)
{
	plat_write32(c->regs + reg, value);
}

static void set64(const struct nvmectl *c, uint32_t reg, const volatile void *where)
{
	uint64_t addr = plat_bus(where);

	set(c, reg, (uint32_t)addr);
	set(c, reg + 4, (uint32_t)(addr >> 32));
}

bool nvmectl_is_well(const struct nvmectl *c)
{
	uint32_t status = get(c, CSTS);

	return status != GONE && (status & (CSTS_FATAL | CSTS_READY)) == CSTS_READY;
}

/* 7.6.1: it says when it has switched itself on or off. One that fails meanwhile never will. */
static bool await_ready(struct nvmectl *c, bool is_on)
{
	uint64_t begin = plat_now_us();
	uint32_t status = get(c, CSTS);

	c->is_waiting = true;
	while (status != GONE && ((status & CSTS_READY) != 0) != is_on &&
	       !(is_on && (status & CSTS_FATAL) != 0) && plat_now_us() - begin <= c->limit_us) {
		plat_sleep();
		status = get(c, CSTS);
	}
	c->is_waiting = false;
	return status != GONE && ((status & CSTS_READY) != 0) == is_on;
}

/* Return: NULL, or why it cannot be driven. */
static const char *read_capabilities(struct nvmectl *c, uint64_t bytes)
{
	uint32_t low = get(c, CAP), high = get(c, CAP_HIGH);

	if (low == GONE && high == GONE) {
		return "does not answer";
	}
	c->limit_us = (CAP_TO(low) + 1) * (uint64_t)TO_US;
	c->entries = CAP_MQES(low) < NVME_ENTRIES ? CAP_MQES(low) : NVME_ENTRIES;
	c->stride = 4ull << CAP_DSTRD(high);
	if (CAP_NVM(high) == 0 || CAP_MPSMIN(high) != 0 || c->entries < 2) {
		return "lacks the NVM command set, pages of 4 KiB or a queue of two entries";
	}
	if (DOORBELLS + 2 * NVME_PAIRS * c->stride > bytes) {
		return "has doorbells beyond its registers";
	}
	return NULL;
}

static void clear_pair(struct nvmectl *c, enum nvme_pair which, uint32_t entries)
{
	memset(&queues[which], 0, sizeof(queues[which]));
	c->pair[which].entries = entries;
	c->pair[which].tail = c->pair[which].head = 0;
	c->pair[which].phase = true;
}

/* Return: NULL, or what it does not do. */
static const char *begin(struct nvmectl *c, uint64_t bytes)
{
	const char *why = read_capabilities(c, bytes);

	if (why != NULL) {
		return why;
	}
	set(c, CC, 0);
	if (!await_ready(c, false)) {
		return "cannot be reset";
	}
	clear_pair(c, NVME_ADMIN, NVME_ENTRIES);
	set(c, AQA, (NVME_ENTRIES - 1) << 16 | (NVME_ENTRIES - 1));
	set64(c, ASQ, queues[NVME_ADMIN].command);
	set64(c, ACQ, queues[NVME_ADMIN].end);
	set(c, CC, CC_ON);
	return await_ready(c, true) ? NULL : "does not get ready";
}

bool nvmectl_begin(struct nvmectl *c, uint64_t regs, uint64_t bytes)
{
	const char *why;

	memset(c, 0, sizeof(*c));
	c->regs = regs;
	why = bytes < DOORBELLS ? "has no room for registers in the plan" : begin(c, bytes);
	if (why != NULL) {
		plat_say("NVMe controller: %s\n", why);
	}
	return why == NULL;
}

static void ring(const struct nvmectl *c, uint32_t number, uint32_t value)
{
	plat_write32(c->regs + DOORBELLS + number * c->stride, value);
}

void nvmectl_send(struct nvmectl *c, enum nvme_pair which, const struct nvme_command *command)
{
	uint32_t tail = c->pair[which].tail;

	queues[which].command[tail] = *command;
	c->pair[which].tail = (tail + 1) % c->pair[which].entries;
	ring(c, 2 * which, c->pair[which].tail);
}

enum nvme_news nvmectl_take(struct nvmectl *c, enum nvme_pair which, struct nvme_end *end)
{
	uint32_t head = c->pair[which].head, entries = c->pair[which].entries, last, queue;

	last = __atomic_load_n(&queues[which].end[head].last, __ATOMIC_ACQUIRE);
	if (END_PHASE(last) != c->pair[which].phase) {
		return NVME_NOTHING;
	}
	queue = *(volatile uint32_t *)&queues[which].end[head].queue;
	c->pair[which].head = (head + 1) % entries;
	c->pair[which].phase ^= head + 1 == entries;
	ring(c, 2 * which + 1, c->pair[which].head);
	end->id = END_ID(last);
	end->is_good = END_STATUS(last) == 0;
	return queue >> 16 == which && (queue & 0xffff) < entries ? NVME_END : NVME_NONSENSE;
}

/* One at a time. Return: false: it refused, failed, or took too long. */
static bool do_admin(struct nvmectl *c, struct nvme_command *command)
{
	uint64_t begin = plat_now_us();
	enum nvme_news news;
	struct nvme_end end;

	command->id = (uint16_t)c->pair[NVME_ADMIN].tail;
	nvmectl_send(c, NVME_ADMIN, command);
	c->is_waiting = true;
	while ((news = nvmectl_take(c, NVME_ADMIN, &end)) == NVME_NOTHING && nvmectl_is_well(c) &&
	       plat_now_us() - begin <= COMMAND_LIMIT_US) {
		plat_sleep();
	}
	c->is_waiting = false;
	return news == NVME_END && end.id == command->id && end.is_good;
}

const uint8_t *nvmectl_identify(struct nvmectl *c, uint32_t namespace)
{
	struct nvme_command command = {
		.opcode = IDENTIFY,
		.namespace = namespace,
		.prp = { plat_bus(page) },
		.arg = { namespace != 0 ? OF_NAMESPACE : OF_CONTROLLER },
	};

	memset(page, 0, sizeof(page));
	return do_admin(c, &command) ? page : NULL;
}

/* 7.6.1: it is asked for as many queues as are made. No interrupts: IEN stays 0. */
bool nvmectl_make_pair(struct nvmectl *c)
{
	uint32_t size = (c->entries - 1) << 16 | NVME_IO;
	struct nvme_command number = { .opcode = SET_FEATURES, .arg = { NR_OF_QUEUES } };
	struct nvme_command cq = {
		.opcode = CREATE_CQ,
		.prp = { plat_bus(queues[NVME_IO].end) },
		.arg = { size, CONTIGUOUS },
	};
	struct nvme_command sq = {
		.opcode = CREATE_SQ,
		.prp = { plat_bus(queues[NVME_IO].command) },
		.arg = { size, NVME_IO << 16 | CONTIGUOUS },
	};

	clear_pair(c, NVME_IO, c->entries);
	return do_admin(c, &number) && do_admin(c, &cq) && do_admin(c, &sq);
}
