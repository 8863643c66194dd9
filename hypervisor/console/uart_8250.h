/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The 8250 and its many descendants, apart from how their registers are reached: the file that is linked with uart_8250.c
 * knows that, and its struct uart_ops has these functions.
 * Spec: National Semiconductor PC16550D, "Universal Asynchronous Receiver/Transmitter with FIFOs", chapter 8.
 */
#ifndef CONSOLE_UART_8250_H
#define CONSOLE_UART_8250_H

#include <hyp/types.h>

/* Registers, by number. */
#define UART_8250_RBR 0U /* read */
#define UART_8250_THR 0U /* write */
#define UART_8250_IER 1U
#define UART_8250_IIR 2U /* read */
#define UART_8250_FCR 2U /* write */
#define UART_8250_LCR 3U
#define UART_8250_MCR 4U
#define UART_8250_LSR 5U
#define UART_8250_MSR 6U

#define UART_8250_FCR_ENABLE   0x01U
#define UART_8250_FCR_CLEAR_RX 0x02U
#define UART_8250_FCR_RX_8     0x80U /* of 16 */

/** uart_8250_read() / uart_8250_write() - register @number, however it is reached. */
uint8_t uart_8250_read(const volatile void *regs, unsigned int number);
void uart_8250_write(volatile void *regs, unsigned int number, uint8_t value);

/** uart_8250_init() - 8N1, interrupts off; @fcr: what its FIFO is told beside that it is used and has received nothing. */
void uart_8250_init(volatile void *regs, uint8_t fcr);

/** uart_8250_put() and its like - struct uart_ops. */
bool uart_8250_put(volatile void *regs, char c);
int uart_8250_get(volatile void *regs);
void uart_8250_irq_enable(volatile void *regs, bool rx, bool tx);

#endif
