/* SPDX-License-Identifier: Apache-2.0 */
/* The arch contract, I/O ports: where the architecture has some. A driver that uses them is linked there alone. */
#ifndef HYP_ARCH_IO_H
#define HYP_ARCH_IO_H

#include <hyp/types.h>

/** arch_io_read8() / arch_io_write8() - a byte at @port. */
uint8_t arch_io_read8(uint16_t port);
void arch_io_write8(uint16_t port, uint8_t value);

/**
 * arch_io_console() - the first port of the console's UART: @port, which the board's description has, unless the machine's
 * firmware says another. Then the interrupt that arch_irq_request() is asked for the console is the firmware's as well.
 * Context: boot CPU, before arch_irq_init().
 */
uint16_t arch_io_console(uint16_t port);

#endif
