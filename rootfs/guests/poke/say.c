/* SPDX-License-Identifier: Apache-2.0 */
/* The poke guest's console: its UART, polled. */
#include "poke.h"

void put(char c)
{
	while ((read32(UART + UART_FR) & FR_TXFF) != 0) {
	}
	write32(UART, (uint8_t)c);
}

void say(const char *text)
{
	while (*text != '\0') {
		put(*text++);
	}
}

void say_number(unsigned long n)
{
	char digits[20];
	unsigned int i = 0;

	do {
		digits[i++] = (char)('0' + n % 10);
		n /= 10;
	} while (n != 0);
	while (i > 0) {
		put(digits[--i]);
	}
}

void say_hex(unsigned long n)
{
	for (int shift = 60; shift >= 0; shift -= 4) {
		if (n >> shift != 0 || shift == 0) {
			put("0123456789abcdef"[n >> shift & 15]);
		}
	}
}

char get(void)
{
	while ((read32(UART + UART_FR) & FR_RXFE) != 0) {
		__asm__ volatile("yield");
	}
	return (char)read32(UART);
}
