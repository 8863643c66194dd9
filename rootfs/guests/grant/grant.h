/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grant guest: two domains with this program share pages as a front end and what serves it do, each in its own file.
 * What they agree on is here; the ring page of the store, which they have no use for, carries a word each way.
 */
#ifndef GRANT_H
#define GRANT_H

#include "guest.h"

#define PAGE	     4096u
#define RING_ADDR    0x39001000ull /* where Xen's layout has the store's page */
#define RING_REF     1u
#define REF_WRITE    8u
#define REF_READ     9u
#define REF_COPY     10u
#define PATTERN	     0x5aa50000u
#define ANSWER	     0x77cc0000u
#define WORDS	     (PAGE / sizeof(uint32_t))
#define READY	     0x600du
#define IS_REFUSED   (-8) /* GNTST_permission_denied */
#define FRONT_REBOOT 'r'

/** struct ring - how they use the store's page. */
struct ring {
	volatile uint32_t front_is_ready; /* READY: what is to be granted is */
	volatile uint32_t back_is_done;	  /* READY: mapped, copied, still mapped */
};

/** fill() - the words of a page. */
void fill(volatile uint32_t *page, uint32_t first);

/** has_words() - is it still what fill() made of it? */
bool has_words(const volatile uint32_t *page, uint32_t first);

/** grant_op() - one grant_table_op of one operation. */
int64_t grant_op(uint64_t op, void *arg);

/** take_key() - what was typed since it was asked last; -1: nothing. */
int take_key(void);

/** wait_a_while() - asleep until an interrupt came. */
void wait_a_while(void);

_Noreturn void front_main(const struct machine *m, uint32_t store_port);
_Noreturn void back_main(const struct machine *m, uint16_t front, uint32_t front_port);

#endif
