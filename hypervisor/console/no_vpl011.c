// SPDX-License-Identifier: Apache-2.0
/* Where domains cannot have a PL011 (VPL011): the plan's reader refuses one that asks. */
#include <hyp/vpl011.h>

#include <hyp/errno.h>

int vpl011_create(struct domain *d)
{
	(void)d;
	return -ENODEV;
}

void vpl011_reset(struct domain *d)
{
	(void)d;
}

bool vpl011_is_listening(const struct vpl011 *u)
{
	(void)u;
	return false;
}

void vpl011_input(struct domain *d)
{
	(void)d;
}

void vpl011_room(struct domain *d)
{
	(void)d;
}
