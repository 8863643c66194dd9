/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The 16550 that a guest without PV console sees at port 0x3f8: registers and interrupt, on somebody's rings.
 *
 * Transmit: the FIFO is empty while the console has a FIFO's worth of room, else full; a guest that writes all the same
 * loses what does not fit. Receive: what waits in the console. There is no line: speeds are remembered, modem lines say that
 * somebody is there, and nothing is ever garbled. In loopback, which drivers use to find the chip, one character comes back.
 * Resetting the FIFOs throws away nothing of the console's. The interrupt does not depend on MCR's OUT2.
 *
 * Lock: v16550.lock, above the I/O APIC's and the console's. Rings are written outside of it.
 * Spec: National Semiconductor PC16550D data sheet, 8 (registers).
 */
#ifndef ASM_V16550_H
#define ASM_V16550_H

#include <hyp/lock.h>
#include <hyp/types.h>

#define V16550_PORT  0x3f8U
#define V16550_PORTS 8U
#define V16550_PIN   4U
#define V16550_FIFO  16U

struct v16550 {
	spinlock_t lock;
	uint8_t ier, fcr, lcr, mcr, scr, dll, dlm;
	bool is_tx_raised; /* transmitter empty, and not acknowledged */
	bool has_loop;	   /* in loopback: a character waits */
	uint8_t loop;
};

/** struct v16550_levels - the console's rings. */
struct v16550_levels {
	size_t room;	/* output that is taken now without a loss */
	size_t waiting; /* input */
};

/** v16550_reset() - as at power-on. Context: the guest's vCPUs are off, or it never ran. */
void v16550_reset(struct v16550 *u);

/** v16550_read() / v16550_write() - an access of a byte to port V16550_PORT + @reg, @reg < V16550_PORTS. */
uint8_t v16550_read(struct v16550 *u, unsigned int reg);
void v16550_write(struct v16550 *u, unsigned int reg, uint8_t value);

/** v16550_input() / v16550_room() - something was typed; output has room again. Context: any CPU. */
void v16550_input(struct v16550 *u);
void v16550_room(struct v16550 *u);

/** v16550_is_listening() - has the guest the receive interrupt on? */
bool v16550_is_listening(const struct v16550 *u);

/* The console, and the line to pin V16550_PIN. */

struct v16550_levels v16550_hw_levels(const struct v16550 *u);
/** v16550_hw_put() - output. Context: no lock held. v16550_hw_get() - the next character of input, or -1. */
void v16550_hw_put(struct v16550 *u, char c);
int v16550_hw_get(struct v16550 *u);
/** v16550_hw_line() - the interrupt's level. Context: u->lock. */
void v16550_hw_line(struct v16550 *u, bool is_up);

#endif
