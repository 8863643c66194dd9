/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which slot is started: the record that the updater, the domains by way of io, and the selector share. It lies on the disk
 * twice, in the form of U-Boot's environment, and is written into the older copy: a cut leaves the other.
 * Spec: U-Boot, include/env_internal.h: a CRC-32 of what is behind the next byte, a counter, name=value, each ended by 0, and one 0 more.
 */
#ifndef EFI_RECORD_H
#define EFI_RECORD_H

#include <hyp/types.h>

#define RECORD_TRIES 2U /* starts of a slot on trial that nobody confirmed */

/** struct record - what decides. */
struct record {
	char first; /* the slot that is started first, 'a' or 'b' */
	bool is_on_trial;
	uint32_t starts; /* so far, of one on trial */
};

/** record_other() - the other slot's letter. */
char record_other(char slot);

/**
 * record_read() - the newer of two copies of @bytes each that are whole.
 * @r: what it says; slot a, not on trial, where there is none
 * Return: 0 or 1: that copy; -1: there is none.
 */
int record_read(const uint8_t *const copies[2], size_t bytes, struct record *r);

/**
 * record_make() - a copy that says @r, and all else that @newest says.
 * @newest: a whole copy; @out: of @bytes too
 * Return: false: it does not fit.
 */
bool record_make(const uint8_t *newest, uint8_t *out, size_t bytes, const struct record *r);

/**
 * record_begin() - a machine starts: one on trial has one start more, or, had it all, its trial ends and the other is the first.
 * Return: whether @r has to be written before anything is started.
 */
bool record_begin(struct record *r);

/**
 * record_end_trial() - the slot on trial was refused, or cannot be counted: the other is the first.
 * Return: whether anything was on trial, and @r has to be written.
 */
bool record_end_trial(struct record *r);

#endif
