/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of the xenstore, on its ring. One request at a time; while its answer is waited for the others' rings are
 * served (io_wait()). Events are kept as a bit for each token, which is a number: an event says "look again", and no more.
 * Spec: Xen docs/misc/xenstore.txt, xenstore-ring.txt.
 */
#ifndef IO_XS_H
#define IO_XS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

#define XS_VALUE 256u /* bytes of a value that are looked at */

struct xs {
	struct xenstore_domain_interface *ring;
	uint32_t port;
	uint32_t req_id;
	uint32_t events; /* tokens that fired */
	bool is_answered;
	bool is_broken; /* the store broke the ring's rules: nothing is asked any more */
	uint32_t in_used;
	uint8_t in[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX + 1];
};

/** xs_init() - on a page that the hypervisor gave us, and our end of its channel. */
void xs_init(struct xs *xs, struct xenstore_domain_interface *ring, uint32_t port);

/** xs_is_ready() - whether the store knows us. */
bool xs_is_ready(const struct xs *xs);

/** xs_read() - the text at @path, cut at @size. Return: false: there is none that we may read. */
bool xs_read(struct xs *xs, const char *path, char *value, size_t size);

/** xs_read_number() - the same for a decimal number up to UINT32_MAX. */
bool xs_read_number(struct xs *xs, const char *path, uint32_t *value);

/** xs_write() - Return: false: refused. */
bool xs_write(struct xs *xs, const char *path, const char *value);

/** xs_watch() - hear of @path by bit @token (0-31) of xs->events. */
bool xs_watch(struct xs *xs, const char *path, uint32_t token);

/** xs_take() - what the store has said so far. Return: whether there was anything. */
bool xs_take(struct xs *xs);

/** io_wait() - serve the rings once, sleep if there is nothing to do; xs.c calls it. */
void io_wait(void);

#endif
