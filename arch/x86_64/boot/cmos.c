// SPDX-License-Identifier: Apache-2.0
/* What a PC's clock says, in seconds: asm/cmos.h. */
#include <asm/cmos.h>

#define HOUR_PM	  0x80U
#define FIRST_DAY 719468U /* 1970-01-01, in days since 0000-03-01 */

/* Return: beyond 99: it is no number. */
static unsigned int number(const struct cmos_time *t, unsigned int value)
{
	unsigned int tens = value >> 4, ones = value & 0xf;

	if ((t->status_b & CMOS_BINARY) != 0) {
		return value;
	}
	return tens <= 9 && ones <= 9 ? tens * 10 + ones : 100;
}

/* Of twelve hours the first is called 12. */
static unsigned int hour_of(const struct cmos_time *t)
{
	bool is_pm = (t->hour & HOUR_PM) != 0;
	unsigned int hour = number(t, t->hour & ~HOUR_PM);

	if ((t->status_b & CMOS_24_HOURS) != 0) {
		return number(t, t->hour);
	}
	return hour >= 1 && hour <= 12 ? hour % 12 + (is_pm ? 12 : 0) : 100;
}

/* In the calendar whose years begin in March, so that a leap day is the last of its year. */
static uint64_t days_of(unsigned int year, unsigned int month, unsigned int day)
{
	uint64_t y = month > 2 ? year : year - 1;
	unsigned int m = (month + 9) % 12;

	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - FIRST_DAY;
}

uint64_t cmos_seconds(const struct cmos_time *t)
{
	unsigned int second = number(t, t->second), minute = number(t, t->minute),
		     hour = hour_of(t);
	unsigned int day = number(t, t->day), month = number(t, t->month),
		     year = number(t, t->year);
	unsigned int century = t->century == CMOS_NO_CENTURY ? 20 : number(t, t->century);

	if (second > 59 || minute > 59 || hour > 23 || day < 1 || day > 31 || month < 1 ||
	    month > 12 || year > 99 || century < 19 + (year < 70) || century > 99) {
		return 0;
	}
	return ((days_of(century * 100 + year, month, day) * 24 + hour) * 60 + minute) * 60 +
	       second;
}
