// SPDX-License-Identifier: Apache-2.0
/*
 * Addresses and rates as a user of Xen's xl writes them.
 * Spec: Xen docs/man/xl-network-configuration.5.pod; RFC 4291, 2.2.
 */
#include <string.h>

#include "plan_reader.h"

#define MAC_LEN		17U
#define IPV6_GROUPS	8U
#define DEFAULT_US	50000U
#define US_PER_SECOND	1000000U
#define MAX_RATE_DIGITS 4294967295U

static int digit_of(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool plan_parse_mac(const char *s, uint64_t *mac)
{
	uint32_t i;

	*mac = 0;
	for (i = 0; i < MAC_LEN; i++) {
		int digit = digit_of(s[i]);

		if (i % 3 == 2 ? s[i] != ':' : digit < 0) {
			return false;
		}
		if (i % 3 != 2) {
			*mac = *mac << 4 | (uint32_t)digit;
		}
	}
	return s[MAC_LEN] == '\0';
}

/* Decimal, at most @max; moves on behind it. Return: false: no digit, or too large. */
static bool take_number(const char **s, uint32_t max, uint32_t *value)
{
	const char *begin = *s;
	uint64_t v = 0;

	for (; **s >= '0' && **s <= '9'; (*s)++) {
		v = v * 10 + (uint32_t)digit_of(**s);
		if (v > max) {
			return false;
		}
	}
	*value = (uint32_t)v;
	return *s != begin;
}

static bool parse_ipv4(const char *s, uint8_t *bytes)
{
	uint32_t i, value;

	for (i = 0; i < 4; i++) {
		if ((i > 0 && *s++ != '.') || !take_number(&s, 255, &value)) {
			return false;
		}
		bytes[i] = (uint8_t)value;
	}
	return *s == '\0';
}

/* Groups of hex digits up to the end or to "::". Return: how many; moves on behind them; 9: nonsense. */
static uint32_t take_groups(const char **s, uint16_t *groups)
{
	uint32_t n = 0, len;

	while (digit_of(**s) >= 0) {
		uint32_t v = 0;

		if (n == IPV6_GROUPS) {
			return IPV6_GROUPS + 1;
		}
		for (len = 0; digit_of(**s) >= 0 && len < 5; len++, (*s)++) {
			v = v << 4 | (uint32_t)digit_of(**s);
		}
		groups[n++] = (uint16_t)v;
		if (len == 5 || (**s != ':' && **s != '\0')) {
			return IPV6_GROUPS + 1;
		}
		if (**s == '\0' || (*s)[1] == ':') {
			return n;
		}
		(*s)++;
		if (**s == '\0') {
			return IPV6_GROUPS + 1;
		}
	}
	return n;
}

static bool parse_ipv6(const char *s, uint8_t *bytes)
{
	uint16_t head[IPV6_GROUPS], tail[IPV6_GROUPS];
	uint32_t nr_head = take_groups(&s, head), nr_tail = 0, i;
	bool has_gap = s[0] == ':' && s[1] == ':';

	if (has_gap) {
		s += 2;
		nr_tail = take_groups(&s, tail);
	}
	if (*s != '\0' || (has_gap ? nr_head + nr_tail >= IPV6_GROUPS : nr_head != IPV6_GROUPS)) {
		return false;
	}
	memset(bytes, 0, 2 * IPV6_GROUPS);
	for (i = 0; i < nr_head; i++) {
		bytes[2 * i] = (uint8_t)(head[i] >> 8);
		bytes[2 * i + 1] = (uint8_t)head[i];
	}
	for (i = 0; i < nr_tail; i++) {
		uint32_t at = 2 * (IPV6_GROUPS - nr_tail + i);

		bytes[at] = (uint8_t)(tail[i] >> 8);
		bytes[at + 1] = (uint8_t)tail[i];
	}
	return true;
}

bool plan_parse_ip(const char *s, struct plan_ip *ip)
{
	ip->len = strchr(s, ':') != NULL ? 16 : 4;
	return ip->len == 16 ? parse_ipv6(s, ip->bytes) : parse_ipv4(s, ip->bytes);
}

/* Bytes or bits in a second: "10Mb/s", "250KB/s". */
static bool take_bytes(const char **s, uint64_t *bytes)
{
	uint64_t scale = 1;
	uint32_t value;

	if (!take_number(s, MAX_RATE_DIGITS, &value) || value == 0) {
		return false;
	}
	if (**s == 'K' || **s == 'M' || **s == 'G') {
		scale = **s == 'K' ? 1000U : **s == 'M' ? 1000000U : 1000000000U;
		(*s)++;
	}
	if ((**s != 'b' && **s != 'B') || (*s)[1] != '/' || (*s)[2] != 's') {
		return false;
	}
	*bytes = value * scale / (**s == 'b' ? 8U : 1U);
	*s += 3;
	return true;
}

/* "@50ms": seconds, unless it says "ms" or "us". */
static bool take_interval(const char **s, uint32_t *us)
{
	uint64_t scale = US_PER_SECOND;
	uint32_t value;

	if (!take_number(s, MAX_RATE_DIGITS, &value) || value == 0) {
		return false;
	}
	if (**s == 'm' || **s == 'u') {
		scale = **s == 'm' ? 1000U : 1U;
		(*s)++;
	}
	if (**s == 's') {
		(*s)++;
	}
	*us = (uint32_t)(value * scale);
	return value * scale <= UINT32_MAX;
}

bool plan_parse_rate(const char *s, uint64_t *bytes, uint32_t *us)
{
	uint64_t in_second;

	*us = DEFAULT_US;
	if (!take_bytes(&s, &in_second)) {
		return false;
	}
	if (*s == '@') {
		s++;
		if (!take_interval(&s, us)) {
			return false;
		}
	}
	if (*s != '\0' || in_second > UINT64_MAX / *us) {
		return false;
	}
	*bytes = in_second * *us / US_PER_SECOND;
	return *bytes != 0;
}
