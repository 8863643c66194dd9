/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network interfaces of front ends: each is plugged into the switch (../net) when its two ends have found each other in the
 * store. Front ends call it eth0 and so on.
 */
#ifndef IO_NIC_H
#define IO_NIC_H

#include "../net/net.h"
#include "xs.h"

/** nic_add() - an interface of the plan, before nic_init(). Return: false: too many. */
bool nic_add(uint16_t self, uint16_t domid, uint32_t number, const struct net_port_config *config);

/** nic_uplink() - what the network device of the board is plugged into, before nic_init(); virtio_net.h has the device. */
void nic_uplink(const struct net_port_config *config);

/** nic_reset() - as at the start of the program; for tests. */
void nic_reset(void);

/** nic_memory() - bytes that nic_init() takes for those that were added. */
size_t nic_memory(void);

/** nic_maps() - pages of space that it takes, where others' pages can be put. */
uint32_t nic_maps(void);

/**
 * nic_init() - begin. @memory: on a page; @maps: nic_maps() pages; @token: the first of as many bits of xs->events as
 * there are interfaces. The store must be ready.
 */
void nic_init(struct xs *xs, void *memory, void *maps, uint32_t token);

/** nic_serve() - move packets; the store is not asked. Return: whether there may be more to do. */
bool nic_serve(void);

/** nic_settle() - look at the store's news. Return: whether there were any. */
bool nic_settle(void);

/** nic_wake_us() - when to go on though nobody calls; UINT64_MAX: not. */
uint64_t nic_wake_us(void);

/** nic_say() - the counters, a line for each interface. */
void nic_say(void);

#endif
