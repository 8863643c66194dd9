/* SPDX-License-Identifier: Apache-2.0 */
/*
 * U-Boot's environment on the block device, twice: read once, and written for one purpose, to end a slot's trial.
 * Spec: U-Boot, include/env_internal.h: a CRC-32 of what is behind the next byte, a counter, name=value, each ended by 0, and one 0 more.
 */
#ifndef IO_ENVIRONMENT_H
#define IO_ENVIRONMENT_H

#include <stdbool.h>
#include <stdint.h>

/** environment_place() - bytes from the device's start, whole pages; @size 0: the board has none. */
void environment_place(uint32_t first, uint32_t second, uint32_t size);

/**
 * environment_read() - the newer copy that is whole. Context: nothing else is submitted.
 * @slot: the slot that is started first; @boot: its starts; @is_on_trial: whether nobody has confirmed it.
 * Return: false: there is none, or it is not understood.
 */
bool environment_read(char *slot, uint32_t *boot, bool *is_on_trial);

/** environment_end_trial() - write it anew, into the older copy: nothing is on trial, no starts, all else as it was read. */
bool environment_end_trial(void);

#endif
