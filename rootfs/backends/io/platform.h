/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the back end's core asks of the machine it runs on: ../io_platform.c in a domain, the tests' own on the build
 * host. Our memory is where we see it: its address is that which the hypervisor is given; plat_bus() says a device's.
 */
#ifndef IO_PLATFORM_H
#define IO_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gnttab_copy;

/** plat_map() - another domain's page at @at, which is in the space for that. Return: false: refused. */
bool plat_map(uint16_t domid, uint32_t ref, void *at, uint32_t *handle);
void plat_unmap(void *at, uint32_t handle);

/** plat_bind() - to a port that a domain left for us. Return: ours, 0: refused. */
uint32_t plat_bind(uint16_t domid, uint32_t port);
void plat_close(uint32_t port);

/** plat_is_bound() - the other end of our @port is there. */
bool plat_is_bound(uint32_t port);

/**
 * plat_is_alive() - the end of @domid, to which our @port leads if it is not 0, has not begun: what was seen of it was its own.
 * Of one that dies the grants go first, and its pages show nothing then; our port is unbound later.
 */
bool plat_is_alive(uint16_t domid, uint32_t port);
void plat_notify(uint32_t port);

/** plat_copy() - @nr copies between our pages and granted ones, in order. Return: false: one was refused. */
bool plat_copy(struct gnttab_copy *ops, uint32_t nr);

/** plat_sleep() - until something may have happened, or nic_wake_us(); it may be nothing. */
void plat_sleep(void);

/** plat_now_us() - microseconds since some time. */
uint64_t plat_now_us(void);

/** plat_read32(), plat_write32() and so on - a device's register; a write comes after all earlier writes to memory. */
uint32_t plat_read32(uint64_t addr);
void plat_write32(uint64_t addr, uint32_t value);
uint16_t plat_read16(uint64_t addr);
void plat_write16(uint64_t addr, uint16_t value);
uint8_t plat_read8(uint64_t addr);
void plat_write8(uint64_t addr, uint8_t value);

/** plat_bus() - where a device finds our memory at @p, which goes on there as long as it does here. */
uint64_t plat_bus(const volatile void *p);

/**
 * plat_cache_clean() - what we wrote at @addr, @size bytes, is in memory, for a device that does not see our caches;
 * plat_cache_drop() - what it wrote there is what we read. Both of whole cache lines.
 */
void plat_cache_clean(uint64_t addr, size_t size);
void plat_cache_drop(uint64_t addr, size_t size);

/** plat_say() - a line for whoever reads our console: %s, %u and %x (uint64_t). */
void plat_say(const char *fmt, ...);

#endif
