/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What our programs for Linux need of its system calls for AArch64, without a library.
 *
 * Spec: Linux include/uapi: asm-generic/unistd.h, linux/aio_abi.h, linux/in.h, asm-generic/socket.h.
 */
#ifndef GUEST_LINUX_H
#define GUEST_LINUX_H

#include <stddef.h>
#include <stdint.h>

#define SYS_IO_SETUP	 0
#define SYS_IO_SUBMIT	 2
#define SYS_IO_GETEVENTS 4
#define SYS_IOCTL	 29
#define SYS_OPENAT	 56
#define SYS_READ	 63
#define SYS_WRITE	 64
#define SYS_PREAD64	 67
#define SYS_PWRITE64	 68
#define SYS_EXIT	 93
#define SYS_NANOSLEEP	 101
#define SYS_SOCKET	 198
#define SYS_BIND	 200
#define SYS_CONNECT	 203
#define SYS_SENDTO	 206
#define SYS_RECVFROM	 207
#define SYS_SETSOCKOPT	 208
#define SYS_MMAP	 222

#define AT_FDCWD    (-100)
#define O_RDWR	    2
#define O_DIRECT    0200000
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

/** syscall6() - ask the kernel. Return: its answer, a negative error number where it refuses. */
static inline long syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}

#endif
