/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PV front ends for bare-metal guests: a client of the store (that of io), a disk, a network, as they should be. What is
 * done with them is their user's: the liar's lies, the scribe's records.
 *
 * A guest brings main.c with guest_main(), which calls front_begin() and front_open(), and front_key() and front_timer().
 */
#ifndef FRONT_H
#define FRONT_H

#include "guest.h"

#include "../../backends/io/xs.h"

#include <xen/xen.h>

#include <xen/io/blkif.h>
#include <xen/io/netif.h>

#define PAGE	   4096u
#define SECTOR	   512u
#define PAGE_SECTS (PAGE / SECTOR)

/* Grants: rings, pages for data, one of them for reading alone. REF_FREE and those behind are the guest's own. */
#define REF_RING     8u
#define REF_DATA     9u
#define REF_READONLY 10u
#define REF_TX	     11u
#define REF_RX	     12u
#define REF_FRAME    13u
#define REF_BUFFER   14u
#define REF_FREE     16u

/** front_begin() - the machine, as the tree says it is; what else it says must have been read before. */
void front_begin(const void *fdt);

/** front_open() - wait for the store to know us; grants go to our table from now on. Return: false: there is no store. */
bool front_open(struct xs *xs);

/** front_give_up() - end as by a crash. */
_Noreturn void front_give_up(void);

/** front_key(), front_timer() - of the guest, in interrupts: @key was typed; the time of timer_at() has come. */
void front_key(int key);
void front_timer(void);

/** enum outcome - what became of a request. */
enum outcome {
	ANSWERED, /* well, or with an error */
	CUT_OFF,  /* the back end has left us */
};

/** struct bus - our end of a device, as the store knows it. */
struct bus {
	struct xs *xs;
	const char *node;
	char back_state[XS_VALUE]; /* where the back end's state stands */
	uint32_t token;		   /* of the watch of it */
	domid_t back;
	uint32_t port;
};

/** bus_open() - find the device whose directory in ours is @node. Return: false: there is none. */
bool bus_open(struct bus *b, struct xs *xs, const char *node, uint32_t token);

/** bus_begin() - as if nothing had been before: the back end waits for us, a new port is offered. */
bool bus_begin(struct bus *b);

/** bus_write() - a number, or a text, to what is called @name there. */
bool bus_write(struct bus *b, const char *name, uint32_t value);
bool bus_write_text(struct bus *b, const char *name, const char *value);

/** bus_connect() - all is said: @state, and wait. Return: false: the back end does not want us. */
bool bus_connect(struct bus *b, uint32_t state);

/** bus_is_cut() - has the back end left us? */
bool bus_is_cut(struct bus *b);

/** bus_rest() - sleep until the store has something to say, or the back end. */
void bus_rest(struct bus *b);

/** grant() - @page to domain @to. grants_are_at() - our table. */
void grant(grant_ref_t ref, domid_t to, const void *page, uint16_t flags);
void grants_are_at(volatile struct grant_entry_v1 *table);

/** struct disk - a disk of ours. */
struct disk {
	struct bus bus;
	blkif_sring_t *ring;
	uint8_t *data;
	uint32_t req_prod, rsp_cons; /* ours alone */
	uint64_t next_id;
	uint64_t id; /* of the last answer */
	int16_t status;
};

/** disk_open() - xvda. Return: false: there is none. */
bool disk_open(struct disk *f, struct xs *xs);

/** disk_connect() - from the beginning, whatever was before. @ring_ref: what is said of the ring. Return: is it connected? */
bool disk_connect(struct disk *f, uint32_t ring_ref);

/** disk_slot() - the request that disk_post() or disk_push() will send: empty, but for its id. */
struct blkif_request *disk_slot(struct disk *f);

/** disk_post() - one more is ready; disk_tell() - send those that are; disk_answer() - wait for the next answer. */
void disk_post(struct disk *f);
void disk_tell(struct disk *f);
enum outcome disk_answer(struct disk *f);

/** disk_push() - send it, and wait for what becomes of it. */
enum outcome disk_push(struct disk *f);

/** disk_transfer() - one page at @sector, well done: operation BLKIF_OP_READ or _WRITE. Return: was it? */
bool disk_transfer(struct disk *f, uint8_t operation, uint64_t sector);

/** struct nic - a network of ours; one packet at a time. */
struct nic {
	struct bus bus;
	netif_tx_sring_t *tx;
	netif_rx_sring_t *rx;
	uint8_t *frame;
	uint32_t tx_prod, tx_cons, rx_prod, rx_cons; /* ours alone */
	int16_t status;				     /* of the last answer */
};

/** nic_open(), nic_connect() - as for a disk: the first network. */
bool nic_open(struct nic *n, struct xs *xs);
bool nic_connect(struct nic *n, uint32_t tx_ref);

/** nic_slot() - the next that nic_push() will send: a whole broadcast frame of 60 bytes, to be spoiled. */
netif_tx_request_t *nic_slot(struct nic *n);

/** nic_push() - send them, and wait for the first answer. */
enum outcome nic_push(struct nic *n);

/** nic_receive() - @prod requests for a packet, into @ref; wait for a packet. */
enum outcome nic_receive(struct nic *n, uint32_t ref, uint32_t prod);

#endif
