// SPDX-License-Identifier: Apache-2.0
/*
 * The machine's own clock (arch_clock_seconds()), behind two ports. It is read once, before any guest runs.
 *
 * Spec: Intel I/O Controller Hub 9 datasheet (316972), 13.6; ACPI 6.4, 5.2.9 (CENTURY, IAPC_BOOT_ARCH).
 */
#include <asm/arch.h>
#include <asm/cmos.h>
#include <asm/regs.h>
#include <hyp/arch/time.h>

#include <string.h>

#define CMOS_INDEX 0x70 /* bit 7 masks NMIs: it stays clear */
#define CMOS_DATA  0x71

#define REG_SECOND    0x00U
#define REG_MINUTE    0x02U
#define REG_HOUR      0x04U
#define REG_DAY	      0x07U
#define REG_MONTH     0x08U
#define REG_YEAR      0x09U
#define REG_A	      0x0aU
#define REG_B	      0x0bU
#define LAST_REGISTER 0x7fU
#define IS_UPDATING   BIT(7)

#define TRIES 100000U /* of a port: an update takes 2 ms, a port's access 1 us */

static uint8_t get(unsigned int reg)
{
	out8(CMOS_INDEX, (uint8_t)reg);
	return in8(CMOS_DATA);
}

static bool is_quiet(void)
{
	for (unsigned int n = 0; n < TRIES; n++) {
		if ((get(REG_A) & IS_UPDATING) == 0) {
			return true;
		}
	}
	return false;
}

static struct cmos_time get_time(void)
{
	uint8_t century = acpi.cmos_century;

	return (struct cmos_time){ .second = get(REG_SECOND),
				   .minute = get(REG_MINUTE),
				   .hour = get(REG_HOUR),
				   .day = get(REG_DAY),
				   .month = get(REG_MONTH),
				   .year = get(REG_YEAR),
				   .century = century != 0 && century <= LAST_REGISTER
						      ? get(century)
						      : CMOS_NO_CENTURY,
				   .status_b = get(REG_B) };
}

/* Twice the same: no update came in between. */
uint64_t arch_clock_seconds(void)
{
	struct cmos_time first, second;

	if (!acpi.has_cmos_rtc || !is_quiet()) {
		return 0;
	}
	second = get_time();
	for (unsigned int n = 0; n < TRIES; n++) {
		first = second;
		second = get_time();
		if (memcmp(&first, &second, sizeof(first)) == 0) {
			return cmos_seconds(&first);
		}
	}
	return 0;
}
