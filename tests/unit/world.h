/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A built set of domains on the fake machine, for the tests of what guests can do.
 *
 * A program builds its world once: domains are built once in a boot, and the core keeps them in its own variables.
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include <host.h>
#include <hyp/domain.h>
#include <hyp/plan.h>
#include <hyp/xen.h>
#include <string.h>

#define WORLD_UART_IRQ	    33U
#define WORLD_DOMAIN_BYTES  (12 * MIB)
#define WORLD_KERNEL_BYTES  (96 * KIB)
#define WORLD_RAMDISK_BYTES 10000UL
#define WORLD_IMAGES	    (HOST_RAM_BASE + 48 * MIB)

/* Guest memory that no image lies in, for hypercall arguments. */
#define WORLD_SCRATCH (GUEST_RAM0_BASE + 6 * MIB)

extern struct plan world_plan;

/** world_describe() - a plan of up to three domains: one (2 vCPUs), two, three (1 each); images in RAM. */
void world_describe(unsigned int nr_domains);

/** world_setup() - describe, start the console, build and start the domains. */
void world_setup(unsigned int nr_domains);

/** world_bury() - turns of @d's first vCPU until @d, which no CPU runs any more, is taken down. Return: how many. */
unsigned int world_bury(struct domain *d);

/** world_grants_die() and its like - gnttab_domain_died(), evtchn_domain_died(), gnttab_restart() to their ends. */
unsigned int world_grants_die(struct domain *d);
unsigned int world_ports_die(struct domain *d);
void world_grants_restart(struct domain *d);

/** world_ram() - the machine's own view of guest memory; the program ends if it is not RAM. */
void *world_ram(struct domain *d, uint64_t at);

/** world_call() - a hypercall with its arguments' structure at WORLD_SCRATCH as argument @where. */
int64_t world_call(struct vcpu *v, uint64_t nr, uint64_t op, void *arg, size_t size);

#endif
