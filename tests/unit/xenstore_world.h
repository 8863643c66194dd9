/* SPDX-License-Identifier: Apache-2.0 */
/* A store with clients on the build host: domids 1, 2, ..., each with a ring that the test plays the guest on. */
#ifndef TESTS_XENSTORE_WORLD_H
#define TESTS_XENSTORE_WORLD_H

#include "../../rootfs/backends/store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SW_CLIENTS 4u

/** struct sw_message - one message from the store. */
struct sw_message {
	struct xsd_sockmsg head;
	char payload[XENSTORE_PAYLOAD_MAX + 1];
};

extern struct store sw;
extern struct xenstore_domain_interface sw_ring[SW_CLIENTS];
extern unsigned int sw_notified[SW_CLIENTS];
extern unsigned int sw_lost[SW_CLIENTS]; /* how often it was given up */

/** sw_limits() - the defaults of Kconfig, but nobody is held back for conflicts. */
struct store_limits sw_limits(void);

/** sw_setup() - a new store, all clients introduced. Return: never fails. */
void sw_setup(const struct store_limits *limits);

/** sw_new_store() - a new store for the same clients, whose rings stay as they are; nobody is introduced. */
void sw_new_store(void);

/** sw_come(), sw_go() - client @c's domain starts, and ends. */
void sw_come(unsigned int c);
void sw_go(unsigned int c);

/** sw_memory() - the store's. */
uint8_t *sw_memory(size_t *size);

/** sw_liar - a client who breaks the rules of its ring; SW_CLIENTS: nobody. */
extern unsigned int sw_liar;

/** sw_lives - how often the program began again since sw_setup(). */
extern unsigned int sw_lives;

/** sw_next_life() - the program ends here and begins again, with the memory as it is. Return: does it go on? */
bool sw_next_life(void);

/** sw_meet_again() - give those who are up their rings, in a next life; nobody must be new. */
void sw_meet_again(void);

/**
 * sw_end_in() - in a turn from now on, the program ends before its @points-th change of a cell, sum or bell, and goes on
 * in a next life; which ends after @points_of_next, and goes on. 0: it does not end.
 */
void sw_end_in(unsigned int points, unsigned int points_of_next);

/** sw_run() - turns until nothing is left to do. */
void sw_run(void);

/** sw_put() - a request into client @c's ring, as much as fits; turns in between when it does not. */
void sw_put(unsigned int c, uint32_t type, uint32_t tx, const void *payload, size_t len);

/** sw_get() - the next message out of client @c's ring. Return: false: none. */
bool sw_get(unsigned int c, struct sw_message *m);

/** sw_ask() - a request and its answer; events that come before it are put aside for sw_event(). */
const struct sw_message *sw_ask(unsigned int c, uint32_t type, uint32_t tx, const void *payload,
				size_t len);

/** sw_say() - the same, for text whose "|" are zero bytes. Return: the answer with "|" for zeros, "!" before an error. */
const char *sw_say(unsigned int c, uint32_t type, uint32_t tx, const char *text);

/** sw_start() - client @c starts a transaction. Return: its number. */
uint32_t sw_start(unsigned int c);

/** sw_event() - the next event as "path|token"; NULL: none. */
const char *sw_event(unsigned int c);

/** sw_check() - that the store's books balance: accounts, counts, links. Aborts if not. */
void sw_check(void);

#endif
