/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linux's system calls on arm64, for linux.h.
 *
 * Spec: Linux include/uapi/asm-generic/unistd.h.
 */
#ifndef LINUX_CALLS_H
#define LINUX_CALLS_H

#define O_DIRECT 0200000

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

/* LINUX_START() - @name(stack): what the kernel leaves there, the number of arguments and the arguments; no return address. */
#define LINUX_START(name)         \
	__asm__(".globl _start\n" \
		"_start:\n"       \
		"	mov	x0, sp\n"   \
		"	b	" #name "\n")

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
