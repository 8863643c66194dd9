/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The watchdog of Intel's chipsets, its second version (TCO): watchdog/tco.c, which the hypervisor has, and what UEFI firmware starts
 * before it (arch/efi). It waits twice the same time: after the first it only says so, after the second it resets.
 */
#ifndef ASM_TCO_H
#define ASM_TCO_H

#include <hyp/types.h>

/** struct tco - where it is. */
struct tco {
	uint16_t port; /* the first of its ports */
	uint64_t gcs;  /* machine address of the register that may forbid the reset */
};

/** tco_find() - ask the chipset. Context: nobody else asks for configuration space by ports. Return: false: there is none. */
bool __must_check tco_find(struct tco *t);

/**
 * tco_start() - from now on it resets after @timeout_s, or after the time that it can which is next to that; where it ran, too.
 * @gcs: where that register is mapped
 * Return: that time, in ms; 0: the chipset does not let it reset, or count.
 */
uint32_t __must_check tco_start(uint16_t port, volatile uint32_t *gcs, uint32_t timeout_s);

/** tco_feed() - the time begins anew. Context: any CPU. */
void tco_feed(uint16_t port);

#endif
