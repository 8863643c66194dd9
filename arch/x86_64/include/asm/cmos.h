/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PC's clock, as its registers say the time: binary or BCD, of 24 or 12 hours, with or without the century.
 *
 * Spec: Intel I/O Controller Hub 9 datasheet (316972), 13.6 (RTC registers), which are the MC146818's.
 */
#ifndef ASM_CMOS_H
#define ASM_CMOS_H

#include <hyp/types.h>

#define CMOS_BINARY   BIT(2) /* of status register B */
#define CMOS_24_HOURS BIT(1)

/** struct cmos_time - as the registers have it. */
struct cmos_time {
	uint8_t second, minute, hour, day, month, year;
	uint8_t century; /* CMOS_NO_CENTURY: there is no such register */
	uint8_t status_b;
};

#define CMOS_NO_CENTURY 0xff

/** cmos_seconds() - taken as UTC; without a century the year is one of 2000 to 2099. Return: since 1970; 0: that is no time. */
uint64_t cmos_seconds(const struct cmos_time *t);

#endif
