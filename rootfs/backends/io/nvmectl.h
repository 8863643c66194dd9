/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An NVMe controller: its registers, one pair of queues for administration, one for the namespace. It is looked at: no queue
 * interrupts. What it says is checked; it gets addresses of our own memory only.
 * Spec: NVM Express Base 1.4, sections 3.1 (registers), 4.1, 4.2, 4.6 (queues and their entries), 5 (admin commands), 7.6.1.
 */
#ifndef IO_NVMECTL_H
#define IO_NVMECTL_H

#include <stdbool.h>
#include <stdint.h>

#define NVME_ENTRIES 64u /* of a queue, at most */
#define NVME_PAGE    4096u

/** enum nvme_pair - a pair of queues, by its number. */
enum nvme_pair {
	NVME_ADMIN,
	NVME_IO,
	NVME_PAIRS,
};

/** struct nvme_command - 4.2, figure 104. */
struct nvme_command {
	uint8_t opcode;
	uint8_t flags;
	uint16_t id;
	uint32_t namespace;
	uint64_t reserved;
	uint64_t metadata;
	uint64_t prp[2];
	uint32_t arg[6]; /* CDW10 and so on */
};

/** struct nvme_end - of a command, as the controller has it. */
struct nvme_end {
	uint16_t id;
	bool is_good;
};

/** enum nvme_news - what a look into a completion queue finds. */
enum nvme_news {
	NVME_NOTHING,
	NVME_END,
	NVME_NONSENSE,
};

/** struct nvmectl - a controller. */
struct nvmectl {
	uint64_t regs;
	uint64_t limit_us; /* for getting ready: CAP.TO */
	uint64_t stride;   /* from a doorbell to the next */
	uint32_t entries;  /* of the pair NVME_IO; one fewer may be in work */
	bool is_waiting;
	struct {
		uint32_t entries;
		uint32_t tail; /* of the submission queue */
		uint32_t head; /* of the completion queue */
		bool phase;    /* of entries there that are new */
	} pair[NVME_PAIRS];
};

/**
 * nvmectl_begin() - reset the controller whose registers are at @regs, @bytes of them, and switch it on with its admin queues. What it
 * had in work is over then, and it writes nothing to our memory any more. Return: false, said why: it is not one that we can drive.
 */
bool nvmectl_begin(struct nvmectl *c, uint64_t regs, uint64_t bytes);

/** nvmectl_identify() - what it says of itself, or of @namespace (not 0). Return: NVME_PAGE bytes; NULL: nothing. */
const uint8_t *nvmectl_identify(struct nvmectl *c, uint32_t namespace);

/** nvmectl_make_pair() - NVME_IO. Return: false: it did not. */
bool nvmectl_make_pair(struct nvmectl *c);

/** nvmectl_send() - a command. Context: fewer than the pair's entries, less one, are in work. */
void nvmectl_send(struct nvmectl *c, enum nvme_pair which, const struct nvme_command *command);

/** nvmectl_take() - the next that has come to its end. */
enum nvme_news nvmectl_take(struct nvmectl *c, enum nvme_pair which, struct nvme_end *end);

/** nvmectl_is_well() - it works, as far as it says so: CSTS, 3.1.6. */
bool nvmectl_is_well(const struct nvmectl *c);

#endif
