// SPDX-License-Identifier: Apache-2.0
/* See say.h. Spec: UEFI 2.10, 12.4. */
#include "say.h"

void efi_say(const struct efi_system_table *table, const char *text)
{
	uint16_t wide[2] = { 0, 0 };

	for (; table->out != NULL && *text != '\0'; text++) {
		wide[0] = (uint16_t)*text;
		(void)table->out->output(table->out, wide);
	}
}

void efi_say_number(const struct efi_system_table *table, uint32_t n)
{
	char text[11] = { 0 };
	size_t at = sizeof(text) - 1;

	do {
		text[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	efi_say(table, text + at);
}
