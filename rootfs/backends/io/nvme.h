/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver of one NVMe controller, a PCI function, and of its namespace 1, in sectors of 512 bytes.
 * Spec: NVM Express Base 1.4, sections 2.1 (PCI registers), 3.1 (controller registers), 4 (queues, PRPs), 7.6.1 (initialization).
 */
#ifndef IO_NVME_H
#define IO_NVME_H

#include "disk.h"

/** nvme_reset() - no controller is ours, as at the program's start. */
void nvme_reset(void);

/**
 * nvme_probe() - take the function whose configuration space is at @config, if it is an NVMe controller, and none was taken.
 * @regs, @bytes: where the plan puts its registers, and how many it may have. Return: it is ours now.
 */
bool nvme_probe(uint64_t config, uint64_t regs, uint64_t bytes);

/** nvme_sectors() - of the namespace, when it was found; 0: there is none. */
uint64_t nvme_sectors(void);

bool nvme_is_read_only(void);

/** nvme_submit(), nvme_poll() - as block.h's. A controller that fails is reset; one that fails too often is lost. */
enum disk_submitted nvme_submit(enum disk_op op, uint64_t sector, uint64_t sectors, void *buffer,
				uint32_t tag);

bool nvme_poll(void);

/** nvme_is_waited_for() - it is at work, and will not say when it has done it. */
bool nvme_is_waited_for(void);

#endif
