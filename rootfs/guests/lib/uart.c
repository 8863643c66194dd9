// SPDX-License-Identifier: Apache-2.0
/*
 * PL011 and its SBSA subset.
 * Spec: Arm PrimeCell UART (PL011) TRM (DDI 0183), 3.3; SBSA, appendix "Generic UART".
 */
#include "guest.h"

#define UART_DR	      0x00u
#define UART_FR	      0x18u
#define UART_LCRH     0x2cu
#define UART_CR	      0x30u
#define UART_IMSC     0x38u
#define UART_ICR      0x44u
#define FR_RXFE	      (1u << 4)
#define FR_TXFF	      (1u << 5)
#define LCRH_8N1_FIFO (3u << 5 | 1u << 4)
#define CR_ON	      (1u << 0 | 1u << 8 | 1u << 9)
#define INT_RX	      (1u << 4)
#define INT_TIMEOUT   (1u << 6)

static uint64_t base;

void uart_init(const struct machine *m)
{
	base = m->uart;
	if (!m->uart_is_sbsa) {
		*reg32(base, UART_LCRH) = LCRH_8N1_FIFO;
		*reg32(base, UART_CR) = CR_ON;
	}
	*reg32(base, UART_ICR) = 0x7ff;
	*reg32(base, UART_IMSC) = INT_RX | INT_TIMEOUT;
}

void uart_put(char c)
{
	while (*reg32(base, UART_FR) & FR_TXFF) {
	}
	*reg32(base, UART_DR) = (uint8_t)c;
}

int uart_get(void)
{
	if (*reg32(base, UART_FR) & FR_RXFE) {
		*reg32(base, UART_ICR) = INT_RX | INT_TIMEOUT;
		return -1;
	}
	return (int)(*reg32(base, UART_DR) & 0xff);
}
