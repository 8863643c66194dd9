/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the console share. All of it is under console.lock.
 *
 *   console.c  sources, their rings, the lock, initialisation
 *   escape.c   which escape sequences pass
 *   mux.c      which source's bytes go to the UART next
 *   await.c    who is waited for to say something
 *   input.c    who gets what is typed
 *   history.c  what a source said last
 */
#ifndef CONSOLE_INTERNAL_H
#define CONSOLE_INTERNAL_H

#include "escape.h"

#include <hyp/console.h>
#include <hyp/lock.h>
#include <hyp/plan.h>

#include <string.h>

/* The hypervisor itself is source 0; domains follow in the order they were built. */
#define CONSOLE_MAX_SOURCES (PLAN_MAX_DOMAINS + 1)
#define CONSOLE_IN_BYTES    512U

/*
 * After a break, others may cut in when a line's owner was quiet for this long; a part of a line waits for that long.
 * Long enough for a vCPU whose CPU an emulator's host left waiting: shorter ones cut words in two there.
 */
#define CONSOLE_QUIET_NS (250ULL * 1000 * 1000)
#define CONSOLE_PART_NS	 (1000ULL * 1000 * 1000)

/*
 * So much goes to the UART, and is taken from it, at most in this time: 128 KB/s, more than one of 1 Mbaud does. More than
 * any UART's FIFO holds, so that a real one is kept busy by its interrupts alone; and seldom enough that the
 * timer of it is no load for an emulator on a busy host.
 */
#define CONSOLE_PACE_BYTES 256U
#define CONSOLE_PACE_NS	   (2ULL * 1000 * 1000)

/* A line longer than this may be cut when another source has something to say. */
#define CONSOLE_LINE_BYTES 512U
#define CONSOLE_PART_BYTES 160U

/**
 * struct console_ring - free-running indices, a power of two of bytes. They change under console.lock only, but may be
 * looked at without: ring_used() then is at most a moment old, and never too little.
 */
struct console_ring {
	char *buf;
	uint32_t size;
	uint32_t head; /* written */
	uint32_t tail; /* read */
};

static inline uint32_t ring_used(const struct console_ring *r)
{
	/* first: what is taken meanwhile counts */
	uint32_t tail = __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE);

	return *(const volatile uint32_t *)&r->head - tail;
}

static inline bool ring_put(struct console_ring *r, char c)
{
	if (ring_used(r) >= r->size) {
		return false;
	}
	r->buf[r->head & (r->size - 1)] = c;
	__atomic_store_n(&r->head, r->head + 1, __ATOMIC_RELAXED);
	return true;
}

/* As much of @buf as there is room for. Return: how much. */
static inline size_t ring_write(struct console_ring *r, const char *buf, size_t len)
{
	size_t n = MIN(len, (size_t)(r->size - ring_used(r)));
	uint32_t at = r->head & (r->size - 1);
	size_t first = MIN(n, (size_t)(r->size - at));

	memcpy(r->buf + at, buf, first);
	memcpy(r->buf, buf + first, n - first);
	__atomic_store_n(&r->head, r->head + (uint32_t)n, __ATOMIC_RELAXED);
	return n;
}

static inline int ring_get(struct console_ring *r)
{
	unsigned char c;

	if (ring_used(r) == 0) {
		return -1;
	}
	c = (unsigned char)r->buf[r->tail & (r->size - 1)];
	__atomic_store_n(&r->tail, r->tail + 1, __ATOMIC_RELAXED);
	return c;
}

struct cpu;

struct console_client {
	struct domain *domain; /* NULL: the hypervisor */
	const char *name;
	const struct console_client_ops *ops;
	struct console_ring out;
	struct console_ring in;
	uint32_t nr_lines; /* line ends in @out */
	uint64_t lost;	   /* bytes dropped since the last report */
	uint64_t last_ns;  /* when it last wrote */
	bool wants_room;   /* console_room() said there was too little */
	bool is_open;
	bool has_cr; /* a carriage return waits for what follows it */
	struct escape escape;
	char part[CONSOLE_PART_BYTES + 1]; /* what is shown of its unfinished line */
	uint32_t part_len;
	bool is_part_lost; /* the line is longer than that */
	char in_buf[CONSOLE_IN_BYTES];
	struct {
		void (*fn)(struct domain *d); /* NULL: nothing is awaited */
		const char *text;
		size_t len;
		char seen[PLAN_MAX_TEXT]; /* the last characters, as many as the text has */
	} await;
};

struct console {
	spinlock_t lock;
	const struct cpu *holder; /* of the lock; atomic */
	const struct uart_ops *uart;
	volatile void *regs;
	bool is_polled;	  /* before interrupts, and at the end */
	bool is_last;	  /* console_flush_sync(): the lock may never come free */
	bool tx_irq;	  /* on */
	bool timer_armed; /* on some CPU */

	struct console_client *source[CONSOLE_MAX_SOURCES];
	unsigned int nr;
	unsigned int focus; /* index of the source that has the input; 0: nobody */
	unsigned int keys;  /* focus keys seen in a row */

	/* mux.c: */
	struct console_client *owner; /* whose line is open on the terminal */
	unsigned int turn;	      /* source served last */
	uint32_t line_len;	      /* characters of the open line */
	int held;		      /* character that the UART did not take; -1: none */
	uint64_t refill_ns;	      /* when credit was full */
	uint32_t credit;	      /* characters that may be sent before the next time */
	char lead[PLAN_NAME_LEN + CONSOLE_PART_BYTES +
		  4]; /* line end, prefix, cut line: on its way */
	uint32_t lead_len;
	uint32_t lead_pos;

	uint64_t told_rx; /* sources to be told once the lock is free, a bit each */
	uint64_t told_tx;
	uint64_t told_said; /* what they were awaited to say */
};

extern struct console console;

/** console_put() - into a source's ring, or counted as lost. Context: locked. */
void console_put(struct console_client *c, const char *buf, size_t len);

/** console_call_at() - send and receive again then, on this CPU; an earlier wish of it is forgotten. Context: locked. */
void console_call_at(uint64_t deadline_ns);

/** console_say() - one line of the hypervisor's own from inside the console. Context: locked. */
void console_say(const char *fmt, ...) __printf(1, 2);

/** console_say_bytes() - text of its own, as it is. Context: locked. */
void console_say_bytes(const char *buf, size_t len);

/** history_say() - what @c said last, again. Context: locked. */
void history_say(const struct console_client *c);

/** mux_pump() - give the UART what it takes without waiting; arranges for the rest. Context: locked. */
void mux_pump(void);

/** mux_drain() - give the UART everything, waiting, bounded per character. Context: locked. */
void mux_drain(void);

/** await_feed() - bytes that @c writes; is the awaited text among them? Context: locked. */
bool await_feed(struct console_client *c, const char *buf, size_t len);

/** input_char() - one character from the UART. Context: locked. */
void input_char(char c);

/** input_focus_next() - give the input to the next open source. Context: locked. */
void input_focus_next(void);

#endif
