// SPDX-License-Identifier: Apache-2.0
/*
 * rtos-watch [rounds]: a program for Linux that waits for rtos's event channel and prints what stands in the page that
 * both share.
 *
 * /dev/xen/evtchn binds a port of the plan's where the kernel has IOCTL_EVTCHN_BIND_STATIC (Linux 6.6 and later); an
 * older one has no way to wait for such a port, and the page is looked at each second. /dev/mem gives the page as
 * device memory, for it is none of Linux's own: only whole, aligned words may be read.
 * Spec: Linux include/uapi/xen/evtchn.h; asm-generic/unistd.h.
 */
#include "../linux/linux.h"
#include "../rtos/shared.h"

#include <stdbool.h>
#include <stddef.h>

/* _IOC(_IOC_NONE, 'E', 7, sizeof(struct ioctl_evtchn_bind)), which is a port */
#define EVTCHN_BIND_STATIC (4 << 16 | 'E' << 8 | 7)

/** struct line - what is printed at once. */
struct line {
	char text[160];
	size_t len;
};

void watch(const long *stack);

LINUX_START(watch);

static _Noreturn void leave(long status)
{
	for (;;) {
		(void)syscall6(SYS_EXIT, status, 0, 0, 0, 0, 0);
	}
}

static long open_path(const char *path, long flags)
{
	return syscall6(SYS_OPENAT, AT_FDCWD, (long)path, flags, 0, 0, 0);
}

static void add(struct line *l, const char *text)
{
	while (*text != '\0' && l->len < sizeof(l->text)) {
		l->text[l->len++] = *text++;
	}
}

static void add_number(struct line *l, uint64_t value)
{
	char digits[21];
	char *at = &digits[sizeof(digits) - 1];

	*at = '\0';
	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	add(l, at);
}

static void say(struct line *l)
{
	add(l, "\n");
	(void)syscall6(SYS_WRITE, 1, (long)l->text, (long)l->len, 0, 0, 0);
}

static void say_text(const char *text)
{
	struct line l;

	l.len = 0;
	add(&l, text);
	say(&l);
}

static const volatile struct rtos_statistics *map_page(void)
{
	long fd = open_path("/dev/mem", O_RDWR | O_SYNC);
	long at = fd < 0 ? fd
			 : syscall6(SYS_MMAP, 0, RTOS_SHARED_SIZE, PROT_READ, MAP_SHARED, fd,
				    RTOS_SHARED_LINUX);

	if (at < 0 && at > -4096) {
		say_text("rtos-watch: /dev/mem does not give the page of rtos");
		leave(1);
	}
	return (const volatile struct rtos_statistics *)at;
}

/* Return: what gives events, or below 0: looking each second has to do. */
static long bind(void)
{
	const uint32_t port = RTOS_PORT_LINUX;
	long fd = open_path("/dev/xen/evtchn", O_RDWR);

	if (fd < 0 || syscall6(SYS_IOCTL, fd, EVTCHN_BIND_STATIC, (long)&port, 0, 0, 0) < 0) {
		say_text("rtos-watch: no kernel 6.6 or later with xen-evtchn: looking each second");
		return -1;
	}
	return fd;
}

/* Until rtos rings. A port that was read is masked, and written back to be unmasked. */
static void wait_for(long fd)
{
	const long second[2] = { 1, 0 };
	uint32_t port;

	if (fd < 0) {
		(void)syscall6(SYS_NANOSLEEP, (long)second, 0, 0, 0, 0, 0);
	} else if (syscall6(SYS_READ, fd, (long)&port, sizeof(port), 0, 0, 0) == sizeof(port)) {
		(void)syscall6(SYS_WRITE, fd, (long)&port, sizeof(port), 0, 0, 0);
	}
}

/* All of one second. */
static struct rtos_statistics take(const volatile struct rtos_statistics *page)
{
	struct rtos_statistics s;

	do {
		s.version = page->version;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		s.seconds = page->seconds;
		s.ticks = page->ticks;
		s.worst_ns = page->worst_ns;
		s.mean_ns = page->mean_ns;
		s.late = page->late;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	} while ((s.version & 1) != 0 || s.version != page->version);
	return s;
}

static void show(const struct rtos_statistics *s)
{
	struct line l;

	l.len = 0;
	add(&l, "rtos, second ");
	add_number(&l, s->seconds);
	add(&l, ": ");
	add_number(&l, s->ticks);
	add(&l, " ticks, worst jitter ");
	add_number(&l, s->worst_ns);
	add(&l, " ns, mean ");
	add_number(&l, s->mean_ns);
	add(&l, " ns, late ");
	add_number(&l, s->late);
	say(&l);
}

static unsigned long number(const char *text)
{
	unsigned long n = 0;

	for (; *text >= '0' && *text <= '9'; text++) {
		n = n * 10 + (unsigned long)(*text - '0');
	}
	return n;
}

void watch(const long *stack)
{
	unsigned long left = stack[0] > 1 ? number((const char *)stack[2]) : 0;
	const bool is_endless = left == 0;
	const volatile struct rtos_statistics *page = map_page();
	long fd = bind();

	for (; is_endless || left > 0; left--) {
		struct rtos_statistics s;

		wait_for(fd);
		s = take(page);
		show(&s);
	}
	leave(0);
}
