/* SPDX-License-Identifier: Apache-2.0 */
/* What rtos tells a Linux domain each second. */
#ifndef RTOS_SHARE_H
#define RTOS_SHARE_H

#include <stdbool.h>
#include <stdint.h>

/** share_find() - before mmu_init(): take the shared page from the device tree. Return: whether there is one. */
bool share_find(const void *fdt);

/** share_second() - write these into the page and ring; without a page nothing. */
void share_second(uint64_t ticks, uint64_t worst_ns, uint64_t mean_ns, uint64_t late);

#endif
