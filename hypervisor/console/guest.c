/* SPDX-License-Identifier: Apache-2.0 */
/* What the console tells a domain, to whichever of its console devices it has. */
#include <hyp/console.h>
#include <hyp/pv_console.h>
#include <hyp/vpl011.h>

/* The UART first: while it listens, the PV console leaves the input alone. */
static void on_rx(struct domain *d)
{
	vpl011_input(d);
	pv_console_input(d);
}

const struct console_client_ops guest_console_ops = { .rx = on_rx, .tx = vpl011_room };
