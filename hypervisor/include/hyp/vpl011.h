/* SPDX-License-Identifier: Apache-2.0 */
/* The UART a guest sees: Arm's SBSA generic UART, on the console's multiplexer. */
#ifndef HYP_VPL011_H
#define HYP_VPL011_H

#include <hyp/types.h>

struct domain;
struct vpl011;

/**
 * vpl011_create() - give @d a UART at GUEST_PL011_BASE with interrupt GUEST_VPL011_SPI; @d->console must exist.
 * Context: building. Return: 0; -ENOMEM; -ENOSPC or -EEXIST from mmio_register().
 */
int __must_check vpl011_create(struct domain *d);

/** vpl011_reset() - the UART as at power-on. Context: @d's vCPUs are off; nothing to do for a domain without one. */
void vpl011_reset(struct domain *d);

/** vpl011_is_listening() - has the guest the receive interrupt on, as a driver has whose terminal is open? */
bool vpl011_is_listening(const struct vpl011 *u);

/** vpl011_input() / vpl011_room() - something was typed; output has room again. Context: any CPU; harmless without a UART. */
void vpl011_input(struct domain *d);
void vpl011_room(struct domain *d);

#endif
