/* SPDX-License-Identifier: Apache-2.0 */
/* A virtio network device on the build host: registers of version 1 or 2, and a wire that the test holds the end of. */
#ifndef TESTS_NET_DEVICE_H
#define TESTS_NET_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ND_BASE 0x0a003e00u

/** nd_reset() - a device of this version of the registers, 0: none there. */
void nd_reset(uint32_t version);

/** struct nd - how it behaves, what it has seen. */
struct nd {
	bool is_stuck; /* it sends nothing */
	uint32_t lie;  /* what it says that it has used instead, once; 0: the truth */
	uint32_t lie_len;
	uint32_t nr_sent;
	uint8_t sent[2048]; /* the last one */
	size_t sent_len;
	bool is_running;
};

extern struct nd nd;

/** nd_work() - send what waits. nd_come() - a frame has come. Return: false: no buffer for it. */
void nd_work(void);
bool nd_come(const void *frame, size_t len);

#endif
