// SPDX-License-Identifier: Apache-2.0
/* The check before any tree from outside is read (hyp/fdt.h). */
#include <hyp/fdt.h>
#include <libfdt.h>

bool fdt_is_sound(const void *fdt, size_t len)
{
	if (!IS_ALIGNED((uintptr_t)fdt, 8) || len < FDT_V17_SIZE) {
		return false;
	}
	if (fdt_magic(fdt) != FDT_MAGIC || fdt_version(fdt) != FDT_LAST_SUPPORTED_VERSION) {
		return false;
	}
	if (!IS_ALIGNED(fdt_off_dt_struct(fdt), 4) || !IS_ALIGNED(fdt_size_dt_struct(fdt), 4) ||
	    !IS_ALIGNED(fdt_off_mem_rsvmap(fdt), 8)) {
		return false;
	}
	return fdt_check_full(fdt, len) == 0;
}
