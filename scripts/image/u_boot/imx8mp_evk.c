// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-or-later
/*
 * The board's own part of U-Boot, in the place of the one that image.cfg names: the memory that the hypervisor uses, and
 * an environment that is always on the card. U-Boot would ask the boot ROM where it was started from; the emulator has no boot ROM.
 * Facts: NXP IMX8MPRM, "Ultra Secured Digital Host Controller (uSDHC)", System Control.
 */
#include <asm/io.h>
#include <env_internal.h>
#include <linux/errno.h>
#include <linux/sizes.h>
#include <linux/types.h>

#define USDHC2_SYS_CTRL 0x30b5002c
#define SYS_CTRL_ONES	0xf

/* Four bits that are 1 after a reset of the real controller, and 0 in the emulator, whose clock they are. */
int board_init(void)
{
	setbits_le32(USDHC2_SYS_CTRL, SYS_CTRL_ONES);
	return 0;
}

int board_phys_sdram_size(phys_size_t *size)
{
	if (!size)
		return -EINVAL;
	*size = SZ_2G;
	return 0;
}

enum env_location env_get_location(enum env_operation op, int prio)
{
	return prio ? ENVL_UNKNOWN : ENVL_MMC;
}
