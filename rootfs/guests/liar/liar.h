/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The liar: a front end of the back end's disks and networks that breaks the rules, each in turn, and the same program as
 * an honest one beside it. rootfs/guests/front has front ends as they should be, lies_*.c is what is done to them.
 */
#ifndef LIAR_H
#define LIAR_H

#include "../front/front.h"

#define REF_NOTHING 77u /* never granted */

/** struct lie - how one has to end, with which status where it is answered. No pointer is in it: nobody relocates the program. */
struct lie {
	enum outcome wanted;
	int16_t status;
	char name[48];
};

/* For a list EACH_LIE(LIE) of LIE(tell, wanted, status, name): a number each, a struct lie each, and who tells it to @dev. */
#define LIE_NUMBER(tell, wanted, status, name) LIE_##tell,
#define LIE_ROW(tell, wanted, status, name)    { wanted, status, name },
#define LIE_CASE(tell, wanted, status, name) \
	case LIE_##tell:                     \
		return tell(dev);

/** lie_ended() - say how @lie ended: with @o and @status; @is_served: the device was well used after it. Return: as it should? */
bool lie_ended(const struct lie *lie, enum outcome o, int16_t status, bool is_served);

/** disk_lies() / nic_lies() - all of them; after each the device is used well. Return: how many ended otherwise than they should. */
unsigned int disk_lies(struct disk *f);
unsigned int nic_lies(struct nic *n);

/** store_lie() - the last: to the store. */
void store_lie(struct xs *xs);

#endif
