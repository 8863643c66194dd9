/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and paths as text. */
#ifndef IO_TEXT_H
#define IO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** text_number() - a decimal number and nothing else. Return: false: it is none, or more than UINT32_MAX. */
bool text_number(const char *text, uint32_t *value);

/** text_put_number() - decimal, with a zero byte, into at least 24 bytes. Return: digits. */
size_t text_put_number(char *out, uint64_t value);

/** text_put() - @text with its zero byte to @out, which has room. Return: its length. */
size_t text_put(char *out, const char *text);

/** text_starts() - what follows @with in @text, or NULL. */
const char *text_starts(const char *text, const char *with);

#endif
