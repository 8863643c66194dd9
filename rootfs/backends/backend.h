/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of a back end's program around its portable core share. */
#ifndef BACKEND_H
#define BACKEND_H

#include "limits.h"
#include "net/net.h"
#include "store/store.h"

#include "../guests/lib/guest.h"

/** struct link - the page and the channel that we share with a client. */
struct link {
	uint16_t domid;
	uint32_t remote_port;
	uint32_t grant;
	uint32_t stop_port; /* ours: the hypervisor sends there when the client is to stop */
	uint32_t port;	    /* ours, 0: the link is down */
	uint32_t handle;
	void *page; /* where it is when it is up */
};

/** link_up() - try to reach the client. Return: false: it is not there (yet). */
bool link_up(struct link *l);

/** link_is_alive() - whether the other end is still there. */
bool link_is_alive(const struct link *l);

/** link_down() - let go of what is left of it. */
void link_down(struct link *l);

/** struct plan - what the device tree says of our part. */
struct plan {
	uint64_t kept; /* memory that our restart leaves as it is */
	uint64_t kept_size;
	uint32_t nr_clients;
	struct link link[STORE_MAX_CLIENTS];
	char name[STORE_MAX_CLIENTS][STORE_NAME_LEN];
	uint32_t nr_devices;
	struct store_device device[STORE_MAX_DEVICES];
};

/** plan_read() - from /ashlar/store. Return: NULL, or what is missing. */
const char *plan_read(const void *fdt, uint64_t grants, struct plan *p);

#define IO_MAX_DEVICES 16u

/** struct io_net - a network interface of the plan, and the port of the switch that it is. */
struct io_net {
	uint16_t front, back;
	uint32_t number;
	struct net_port_config config;
};

/** struct io_device - a device that we drive. */
struct io_device {
	uint64_t base;
	uint64_t regs; /* of a PCI function, whose configuration space base is; else 0 */
	uint64_t regs_bytes;
	uint32_t intid;	  /* 0: it has none */
	bool is_card;	  /* an SD host controller; else virtio, or a function of either kind */
	bool is_coherent; /* it sees our caches */
	bool has_switch;  /* a card's, that protects it */
};

/** struct io_plan - what the device tree says of the devices that we drive and of those who use them. */
struct io_plan {
	uint32_t nr_disks;
	struct store_device disk[STORE_MAX_DEVICES];
	uint32_t nr_nets;
	struct io_net net[STORE_MAX_DEVICES];
	bool has_uplink;
	struct net_port_config uplink; /* of the board's network device */
	uint64_t bus_offset; /* what a device has to be told of our memory, beyond its address */
	uint32_t nr_devices;
	struct io_device device[IO_MAX_DEVICES];
};

/** io_plan_read() - from /ashlar/io and the device nodes. Return: NULL, or what is missing. */
const char *io_plan_read(const void *fdt, struct io_plan *p);

/** io_net_read() - what is particular to a network. Return: false: it lacks something. */
bool io_net_read(const void *fdt, int node, struct net_port_config *c);

/** io_uplink_read() - of /ashlar/io. Return: false: there is none, or it lacks something. */
bool io_uplink_read(const void *fdt, int node, struct net_port_config *c);

/** plan_is_io() - the plan gives this domain the part of io, not that of the store. */
bool plan_is_io(const void *fdt);

/** device_read() - a node of a PV device. Return: false: it lacks something. */
bool device_read(const void *fdt, int node, struct store_device *d);

/** store_main() - be the store, in @memory of @size bytes, kept over our restarts or not. Context: interrupts on. */
_Noreturn void store_main(const struct machine *m, struct plan *p, void *memory, size_t size);

/** store_interrupt() - take note of an interrupt. Context: interrupts masked. */
void store_interrupt(const struct machine *m, uint32_t intid);

/** io_main() - be the block back end, as /ashlar/io of @fdt says, in @memory of @size bytes. Context: as store_main(). */
_Noreturn void io_main(const struct machine *m, const struct io_plan *p, void *memory, size_t size);

/** io_key() - a key was typed: 's' asks for the counters. Context: interrupts masked. */
void io_key(int key);

/** io_interrupt() - as store_interrupt(). */
void io_interrupt(const struct machine *m, uint32_t intid);

/** environment_of_board - where U-Boot keeps its environment: first copy, second, size; zeros: nowhere. */
extern const uint32_t environment_of_board[3];

/** ends_on_key - for tests: keys at the console are our end, whatever is being done. */
extern const bool ends_on_key;

/** store_log_access() - a line for a request, or NULL when that is configured off. */
extern const bool store_logs_access;

#endif
