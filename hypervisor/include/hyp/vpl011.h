/* SPDX-License-Identifier: Apache-2.0 */
/* The UART a guest sees: Arm's SBSA generic UART, on the console's multiplexer. */
#ifndef HYP_VPL011_H
#define HYP_VPL011_H

#include <hyp/types.h>

struct domain;

/**
 * vpl011_create() - give @d a UART at GUEST_PL011_BASE with interrupt GUEST_VPL011_SPI; @d->console must exist.
 * Context: building. Return: 0; -ENOMEM; -ENOSPC or -EEXIST from mmio_register().
 */
int __must_check vpl011_create(struct domain *d);

/** vpl011_reset() - the UART as at power-on. Context: @d's vCPUs are off; nothing to do for a domain without one. */
void vpl011_reset(struct domain *d);

/** vpl011_console_ops - what the console tells a domain's UART; harmless for a domain without one. */
extern const struct console_client_ops vpl011_console_ops;

#endif
