/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A memory card behind an SD host controller, or an eMMC chip: found, and read and written one transfer at a time.
 * Spec: SD Physical Layer Simplified Specification 6.00, sections 4.2, 4.7, 5.3; JEDEC JESD84-B51, sections 6.4, 7.3, 7.4.
 */
#ifndef IO_SDCARD_H
#define IO_SDCARD_H

#include "disk.h"

/** sdcard_reset() - no card is ours, as at the program's start. */
void sdcard_reset(void);

/**
 * sdcard_probe() - take the card behind the controller at @base, if none was taken. @is_coherent: it sees our caches;
 * @has_switch: its socket has a switch that protects a card from being written. Return: it is ours now.
 */
bool sdcard_probe(uint64_t base, bool is_coherent, bool has_switch);

/** sdcard_sectors() - of the card; 0: there is none. */
uint64_t sdcard_sectors(void);

bool sdcard_is_read_only(void);

/** sdcard_submit(), sdcard_poll(), sdcard_quiet() - as block.h's. */
enum disk_submitted sdcard_submit(enum disk_op op, uint64_t sector, uint64_t sectors, void *buffer,
				  uint32_t tag);
bool sdcard_poll(void);
void sdcard_quiet(void);

#endif
