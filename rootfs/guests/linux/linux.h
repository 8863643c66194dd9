/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What our programs for Linux need of its system calls, without a library; linux_calls.h is the architecture's.
 *
 * Spec: Linux include/uapi: linux/aio_abi.h, linux/in.h, asm-generic/socket.h.
 */
#ifndef GUEST_LINUX_H
#define GUEST_LINUX_H

#include <stddef.h>
#include <stdint.h>

#include <linux_calls.h>

#define AT_FDCWD    (-100)
#define O_RDWR	    2
#define O_SYNC	    04010000
#define PROT_READ   1
#define MAP_SHARED  1
#define AF_INET	    2
#define SOCK_DGRAM  2
#define SOL_SOCKET  1
#define SO_RCVTIMEO 20

/** struct io_request - linux/aio_abi.h, struct iocb. */
struct io_request {
	uint64_t data;
	uint32_t key;
	uint32_t rw_flags;
	uint16_t opcode; /* IO_PREAD, IO_PWRITE */
	int16_t priority;
	uint32_t fd;
	uint64_t buffer;
	uint64_t bytes;
	int64_t offset;
	uint64_t reserved;
	uint32_t flags;
	uint32_t event_fd;
};

#define IO_PREAD  0
#define IO_PWRITE 1

/** struct io_answer - linux/aio_abi.h, struct io_event. */
struct io_answer {
	uint64_t data;
	uint64_t request;
	int64_t result;
	int64_t result2;
};

/** struct address - linux/in.h, struct sockaddr_in; port and host in network order. */
struct address {
	uint16_t family;
	uint16_t port;
	uint32_t host;
	uint8_t zero[8];
};

/** struct duration - asm/posix_types.h, struct timeval. */
struct duration {
	int64_t seconds;
	int64_t us;
};

#endif
