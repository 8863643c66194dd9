/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linux's system calls on a PC, for linux.h.
 *
 * Spec: Linux arch/x86/entry/syscalls/syscall_64.tbl; System V ABI, AMD64 supplement, A.2.1.
 */
#ifndef LINUX_CALLS_H
#define LINUX_CALLS_H

#define O_DIRECT 040000

#define SYS_IO_SETUP	 206
#define SYS_IO_SUBMIT	 209
#define SYS_IO_GETEVENTS 208
#define SYS_IOCTL	 16
#define SYS_OPENAT	 257
#define SYS_READ	 0
#define SYS_WRITE	 1
#define SYS_PREAD64	 17
#define SYS_PWRITE64	 18
#define SYS_EXIT	 60
#define SYS_NANOSLEEP	 35
#define SYS_SOCKET	 41
#define SYS_BIND	 49
#define SYS_CONNECT	 42
#define SYS_SENDTO	 44
#define SYS_RECVFROM	 45
#define SYS_SETSOCKOPT	 54
#define SYS_MMAP	 9

/* LINUX_START() - @name(stack): what the kernel leaves there, the number of arguments and the arguments; aligned as a call. */
#define LINUX_START(name)            \
	__asm__(".globl _start\n"    \
		"_start:\n"          \
		"	movq	%rsp, %rdi\n" \
		"	call	" #name "\n")

/** syscall6() - ask the kernel. Return: its answer, a negative error number where it refuses. */
static inline long syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "+a"(nr)
			 : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return nr;
}

#endif
