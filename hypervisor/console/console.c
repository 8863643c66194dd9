/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console's sources and its life: polled while booting, by interrupts afterwards, polled again at the very end.
 *
 * Lock: console.lock, below domain.lock and every device model's; nothing outside the console is called under it.
 * A client's callbacks run after it was given back. Output is never waited for once console_init() has run: what does
 * not fit a source's ring is dropped, counted and reported in one line.
 */
#include "internal.h"

#include <hyp/arch/mm.h>
#include <hyp/arch/time.h>
#include <hyp/arch/trap.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/percpu.h>
#include <hyp/pool.h>

#include <string.h>

#define HYP_RING_BYTES	  (16U * 1024)
#define DOMAIN_RING_ORDER 4U /* 64 KiB: a whole boot log of Linux */
#define WRITE_CHUNK	  256U
#define LAST_LOCK_NS	  (50ULL * 1000 * 1000)

static char hyp_ring[HYP_RING_BYTES];
static struct console_client hyp_source = {
	.name = "ashlar",
	.out = { .buf = hyp_ring, .size = HYP_RING_BYTES },
};

struct console console = {
	.is_polled = true,
	.source = { &hyp_source },
	.nr = 1,
	.held = -1,
	.credit = CONSOLE_PACE_BYTES,
};

struct console_guard {
	unsigned long flags;
	bool is_held;
};

/* At the end the lock's holder may be a CPU that was stopped: wait a while, then go on without it. */
static bool lock_in_time(void)
{
	uint64_t end = arch_now_ns() + LAST_LOCK_NS;

	do {
		if (spin_trylock(&console.lock)) {
			return true;
		}
	} while (arch_now_ns() < end);
	return false;
}

/* A CPU that comes here while it holds the lock broke down in the console itself and is about to say so. */
static struct console_guard console_lock(void)
{
	struct console_guard g = { .flags = arch_irq_save() };

	if (__atomic_load_n(&console.holder, __ATOMIC_RELAXED) == this_cpu()) {
		return g;
	}
	if (console.is_last) {
		g.is_held = lock_in_time();
	} else {
		spin_lock(&console.lock);
		g.is_held = true;
	}
	if (g.is_held) {
		__atomic_store_n(&console.holder, this_cpu(), __ATOMIC_RELAXED);
	}
	return g;
}

static void tell_clients(uint64_t rx, uint64_t tx, uint64_t said)
{
	unsigned int i;

	for (i = 1; (rx | tx | said) >> i != 0; i++) {
		struct console_client *c = console.source[i];

		if ((rx & BIT(i)) != 0 && c->ops->rx != NULL) {
			c->ops->rx(c->domain);
		}
		if ((tx & BIT(i)) != 0 && c->ops->tx != NULL) {
			c->ops->tx(c->domain);
		}
		if ((said & BIT(i)) != 0) {
			void (*fn)(struct domain * d) =
				__atomic_exchange_n(&c->await.fn, NULL, __ATOMIC_ACQ_REL);

			if (fn != NULL) {
				fn(c->domain);
			}
		}
	}
}

static void console_unlock(struct console_guard g)
{
	uint64_t rx = console.told_rx;
	uint64_t tx = console.told_tx;
	uint64_t said = console.told_said;

	console.told_rx = 0;
	console.told_tx = 0;
	console.told_said = 0;
	if (g.is_held) {
		__atomic_store_n(&console.holder, NULL, __ATOMIC_RELAXED);
		spin_unlock(&console.lock);
	}
	tell_clients(rx, tx, said);
	arch_irq_restore(g.flags);
}

static void send(void)
{
	if (console.is_polled) {
		mux_drain();
	} else {
		mux_pump();
	}
}

static uint32_t count_lines(const char *buf, size_t len)
{
	const char *end = buf + len, *at;
	uint32_t n = 0;

	if (len == 1) { /* most writes of most guests */
		return *buf == '\n';
	}
	for (; (at = memchr(buf, '\n', (size_t)(end - buf))) != NULL; buf = at + 1) {
		n++;
	}
	return n;
}

void console_put(struct console_client *c, const char *buf, size_t len)
{
	size_t taken = len == 1 ? ring_put(&c->out, *buf) : ring_write(&c->out, buf, len);

	c->lost += len - taken;
	c->nr_lines += count_lines(buf, taken);
	c->last_ns = arch_now_ns();
}

void console_say(const char *fmt, ...)
{
	char line[96];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = hyp_vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	console_say_bytes(line, MIN((size_t)n, sizeof(line) - 1));
}

void console_say_bytes(const char *buf, size_t len)
{
	console_put(&hyp_source, buf, len);
}

static unsigned int index_of(const struct console_client *c)
{
	unsigned int i = 0;

	while (i < console.nr - 1 && console.source[i] != c) {
		i++;
	}
	return i;
}

void console_write(struct console_client *c, const char *buf, size_t len)
{
	struct console_guard g;

	while (len > 0) {
		size_t n = MIN(len, (size_t)WRITE_CHUNK);

		g = console_lock();
		if (unlikely(__atomic_load_n(&c->await.fn, __ATOMIC_ACQUIRE) != NULL) &&
		    await_feed(c, buf, n)) {
			console.told_said |= BIT(index_of(c));
		}
		console_put(c, buf, n);
		send();
		console_unlock(g);
		buf += n;
		len -= n;
	}
}

void console_log(const char *buf, size_t len)
{
	console_write(&hyp_source, buf, len);
}

/* Too little room: ops->tx is promised, and that needs the lock. */
static __noinline struct console_levels promise_room(struct console_client *c)
{
	struct console_guard g = console_lock();
	struct console_levels is = { c->out.size - ring_used(&c->out), ring_used(&c->in) };

	if (is.room < c->out.size / 4) {
		c->wants_room = true;
	}
	console_unlock(g);
	return is;
}

struct console_levels console_levels(struct console_client *c)
{
	uint32_t used = ring_used(&c->out);

	if (used > c->out.size / 2) {
		return promise_room(c);
	}
	return (struct console_levels){ c->out.size - used, ring_used(&c->in) };
}

size_t console_room(struct console_client *c)
{
	return console_levels(c).room;
}

int console_getc(struct console_client *c)
{
	struct console_guard g = console_lock();
	int ch = ring_get(&c->in);

	console_unlock(g);
	return ch;
}

size_t console_input_pending(struct console_client *c)
{
	return ring_used(&c->in);
}

struct console_client *console_client_create(struct domain *d, const struct console_client_ops *ops)
{
	struct console_client *c = pool_alloc(sizeof(*c));
	char *ring = page_alloc(DOMAIN_RING_ORDER);
	struct console_guard g;

	if (c == NULL || ring == NULL || console.nr == CONSOLE_MAX_SOURCES) {
		return NULL;
	}
	c->domain = d;
	c->name = d->name;
	c->ops = ops;
	c->out.buf = ring;
	c->out.size = (uint32_t)(PAGE_SIZE << DOMAIN_RING_ORDER);
	c->in.buf = c->in_buf;
	c->in.size = CONSOLE_IN_BYTES;
	c->is_open = true;

	g = console_lock();
	console.source[console.nr++] = c;
	if (console.focus == 0) {
		input_focus_next();
	}
	send();
	console_unlock(g);
	return c;
}

void console_client_restart(struct console_client *c)
{
	struct console_guard g = console_lock();
	bool is_cut = ring_used(&c->out) > 0
			      ? c->out.buf[(c->out.head - 1) & (c->out.size - 1)] != '\n'
			      : c->part_len > 0 || console.owner == c;

	c->in.tail = c->in.head;
	c->wants_room = false;
	if (is_cut) {
		console_put(c, "\n", 1);
	}
	send();
	console_unlock(g);
}

void console_client_close(struct console_client *c)
{
	struct console_guard g = console_lock();

	c->is_open = false;
	if (console.source[console.focus] == c) {
		input_focus_next();
	}
	send();
	console_unlock(g);
}

void console_client_type(struct console_client *c, const char *text)
{
	struct console_guard g = console_lock();

	while (*text != '\0' && ring_put(&c->in, *text)) {
		text++;
	}
	(void)ring_put(&c->in, '\r');
	console.told_rx |= BIT(index_of(c));
	console_unlock(g);
}

void console_call_at(uint64_t deadline_ns)
{
	console.timer_armed = true;
	timer_set(TIMER_CONSOLE, deadline_ns, console_timer);
}

/*
 * What the UART has, a bounded piece at a time. With more left the UART need not interrupt again: a FIFO that never
 * came empty, or below its trigger level, has nothing new to say. So the rest is fetched by the timer.
 */
static void receive(void)
{
	unsigned int budget = CONSOLE_PACE_BYTES;
	int c;

	while ((c = console.uart->get(console.regs)) >= 0) {
		input_char((char)c);
		if (--budget == 0) {
			console_call_at(arch_now_ns() + CONSOLE_PACE_NS);
			return;
		}
	}
}

static void uart_irq(void *arg)
{
	struct console_guard g = console_lock();

	(void)arg;
	console.uart->irq_ack(console.regs);
	receive();
	send();
	console_unlock(g);
}

void console_timer(void)
{
	struct console_guard g = console_lock();

	console.timer_armed = false;
	receive();
	send();
	console_unlock(g);
}

static volatile void *uart_regs(uint64_t base, size_t size)
{
	return uart_ops.is_io ? (volatile void *)(uintptr_t)base
			      : arch_map(paddr(base), size, MAP_DEVICE);
}

void console_early_init(void)
{
	volatile void *regs = uart_regs(CONFIG_CONSOLE_UART_BASE, PAGE_SIZE);

	if (regs == NULL) {
		return; /* the log goes on into the ring; console_init() may do better */
	}
	uart_ops.init(regs);
	console.uart = &uart_ops;
	console.regs = regs;
}

static int console_move_to(const struct plan *plan)
{
	volatile void *regs;

	if (console.uart != NULL && plan->uart.regs.base == CONFIG_CONSOLE_UART_BASE) {
		return 0;
	}
	regs = uart_regs(plan->uart.regs.base, plan->uart.regs.size);
	if (regs == NULL) {
		return -ENOMEM;
	}
	uart_ops.init(regs);
	console.regs = regs;
	console.uart = &uart_ops;
	return 0;
}

int console_init(const struct plan *plan)
{
	struct console_guard g;
	int rc;

	if (plan->uart.type == PLAN_UART_NONE) {
		return -ENODEV;
	}
	g = console_lock();
	rc = console_move_to(plan);
	console_unlock(g);
	if (rc == 0) {
		rc = arch_irq_request(plan->uart.intid, uart_irq, NULL);
	}
	if (rc != 0) {
		return rc;
	}
	g = console_lock();
	console.is_polled = false;
	console.uart->irq_enable(console.regs, true, false);
	receive(); /* typed before: nothing new, so no interrupt speaks of it */
	send();
	console_unlock(g);
	return 0;
}

void console_flush_sync(void)
{
	struct console_guard g;

	console.is_last = true;
	console.is_polled = true;
	g = console_lock();
	mux_drain();
	if (console.uart != NULL) {
		console.uart->irq_enable(console.regs, false, false);
	}
	console_unlock(g);
}
