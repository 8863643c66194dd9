/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An NVMe controller with a namespace, as its driver meets them, at addresses that are not those of our memory. It believes nothing:
 * a register that is none of the driver's, queues before they are made, memory that it was not given, a list that is none
 * end the program. What it answers may be wrong in any way that the test says.
 */
#ifndef TESTS_NVME_MODEL_H
#define TESTS_NVME_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NVME_CONFIG  0xb0020000ull
#define NVME_REGS    0x1e0000000ull
#define NVME_BYTES   0x4000u
#define NVME_SECTORS 4096u
#define NVME_NOBODY  0x100u /* no opcode */

/** struct nvme_model - what it is like, and what was asked of it. */
struct nvme_model {
	uint32_t class_code, bar;
	uint32_t cap_low, cap_high;
	uint32_t nr_looks_till_ready;
	uint32_t refused; /* an admin command's opcode */
	uint32_t bad_at;  /* sector at which reads and writes fail */
	bool is_gone, is_fatal, is_never_ready, never_goes_off;
	bool is_stuck;				    /* it takes commands and does nothing */
	bool is_backwards;			    /* the last command ends first */
	uint32_t wrong_id, wrong_queue, wrong_head; /* these bits of an answer are turned over */
	uint32_t command;			    /* register of configuration space */
	uint64_t now_us;
	unsigned int nr_reads, nr_writes, nr_flushes, nr_resets;
};

extern struct nvme_model nvme_model;
extern uint8_t nvme_disk[NVME_SECTORS * 512];
extern uint8_t nvme_controller[4096], nvme_namespace[4096]; /* what it says of itself */

/** nvme_model_reset() - power was just switched on. @memory: @bytes that the driver may name for data. */
void nvme_model_reset(uint8_t *memory, size_t bytes);

/** nvme_model_work() - do what there is to do. Return: false: nothing. */
bool nvme_model_work(void);

#endif
