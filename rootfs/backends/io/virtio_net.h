/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver of one virtio network device: whole frames, no work left to the device. It gets addresses of our own memory
 * and no others.
 * Spec: Virtio 1.2, section 5.1 (network).
 */
#ifndef IO_VIRTIO_NET_H
#define IO_VIRTIO_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VIRTIO_NET_FRAME 1518u /* the longest, with a tag */

/** virtio_net_probe() - take the device at @base if it is a network device, and none was taken. Return: it is ours now. */
bool virtio_net_probe(uint64_t base);

/** virtio_net_reset() - forget it, as at the program's start. */
void virtio_net_reset(void);

/** virtio_net_is_there() - one was taken. */
bool virtio_net_is_there(void);

/** virtio_net_is_waited_for() - frames may come without a word of it. */
bool virtio_net_is_waited_for(void);

/** virtio_net_room() - memory for a frame to send; NULL: all of it is with the device. */
uint8_t *virtio_net_room(void);

/** virtio_net_send() - the @len bytes that were put there. */
void virtio_net_send(size_t len);

/** virtio_net_received() - the oldest frame that has come; NULL: none. It stays until virtio_net_next(). */
const uint8_t *virtio_net_received(size_t *len);
void virtio_net_next(void);

#endif
