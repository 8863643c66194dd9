/* SPDX-License-Identifier: Apache-2.0 */
/* The PV console a guest sees (Linux: hvc0): a page with two rings and a channel, served by the hypervisor itself. */
#ifndef HYP_PV_CONSOLE_H
#define HYP_PV_CONSOLE_H

#include <hyp/types.h>

struct domain;

/** pv_console_create() - the page of @d's PV console. Context: building. Return: 0; -ENOMEM. */
int __must_check pv_console_create(struct domain *d);

/** pv_console_page() - what @d must see at PV_CONSOLE_GFN; NULL: it has no PV console. */
void *pv_console_page(const struct domain *d);

/** pv_console_begin_life() - rings empty, connected, a liar forgiven. Context: no vCPU of @d runs. */
void pv_console_begin_life(struct domain *d);

/**
 * pv_console_serve() - take a piece of what @d wrote, give it what was typed, tell it of both.
 * Context: a hypercall of @d, no lock held. It never waits: what the console has no room for is lost, and counted.
 * Return:  true: there is more to take; come again once interrupts were taken. Always false without a PV console.
 * Spec:    Xen public io/console.h.
 */
bool pv_console_serve(struct domain *d);

/** pv_console_input() - something was typed for @d. Context: any CPU, no lock held; harmless without a PV console. */
void pv_console_input(struct domain *d);

#endif
