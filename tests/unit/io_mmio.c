// SPDX-License-Identifier: Apache-2.0
/* The device of io_world.h behind memory-mapped registers; it sees memory as we do. */
#include "../../rootfs/backends/io/platform.h"
#include "io_world.h"

#include <stdlib.h>

uint32_t iw_version(uint32_t asked)
{
	return asked;
}

void *iw_cpu(uint64_t bus)
{
	return (void *)(uintptr_t)bus;
}

uint64_t plat_bus(const volatile void *p)
{
	return (uintptr_t)p;
}

uint32_t plat_read32(uint64_t addr)
{
	return addr >= IW_DEVICE ? model_read(addr - IW_DEVICE) : 0;
}

void plat_write32(uint64_t addr, uint32_t value)
{
	if (addr < IW_DEVICE) {
		abort();
	}
	model_write(addr - IW_DEVICE, value);
}
