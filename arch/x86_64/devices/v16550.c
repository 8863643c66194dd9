// SPDX-License-Identifier: Apache-2.0
/* The virtual 16550: asm/v16550.h. */
#include <asm/v16550.h>

enum {
	RBR = 0,
	THR = 0,
	IER = 1,
	IIR = 2,
	FCR = 2,
	LCR = 3,
	MCR = 4,
	LSR = 5,
	MSR = 6,
	SCR = 7
};

#define IER_RX	 0x01U
#define IER_TX	 0x02U
#define IER_BITS 0x0fU

#define IIR_NONE    0x01U
#define IIR_TX	    0x02U
#define IIR_RX	    0x04U
#define IIR_TIMEOUT 0x0cU /* fewer than the trigger level, and nothing came for a while */
#define IIR_FIFO    0xc0U

#define FCR_ENABLE   0x01U
#define FCR_BITS     0xc9U /* the resets are over at once */
#define LCR_DLAB     0x80U
#define MCR_LOOP     0x10U
#define MCR_BITS     0x1fU
#define LSR_RX	     0x01U
#define LSR_TX_EMPTY 0x60U
#define MSR_THERE    0xb0U /* carrier, data set ready, clear to send */

static bool is_looped(const struct v16550 *u)
{
	return (u->mcr & MCR_LOOP) != 0;
}

static size_t waiting(const struct v16550 *u, const struct v16550_levels *l)
{
	return is_looped(u) ? u->has_loop : l->waiting;
}

static size_t trigger(const struct v16550 *u)
{
	static const uint8_t levels[4] = { 1, 4, 8, 14 };

	return (u->fcr & FCR_ENABLE) != 0 ? levels[u->fcr >> 6] : 1;
}

/* The cause with the highest priority. */
static uint8_t cause(const struct v16550 *u, const struct v16550_levels *l)
{
	size_t rx = waiting(u, l);

	if ((u->ier & IER_RX) != 0 && rx > 0) {
		return rx >= trigger(u) ? IIR_RX : IIR_TIMEOUT;
	}
	return (u->ier & IER_TX) != 0 && u->is_tx_raised ? IIR_TX : IIR_NONE;
}

/* Context: u->lock held, so that levels are set in the order in which they were computed. */
static void update_line(struct v16550 *u)
{
	struct v16550_levels l = v16550_hw_levels(u);

	v16550_hw_line(u, cause(u, &l) != IIR_NONE);
}

static uint8_t receive(struct v16550 *u)
{
	unsigned long flags;
	int c = 0;

	if (!is_looped(u)) {
		c = v16550_hw_get(u);
	}
	flags = spin_lock_irqsave(&u->lock);
	if (is_looped(u) && u->has_loop) {
		c = u->loop;
		u->has_loop = false;
	}
	update_line(u);
	spin_unlock_irqrestore(&u->lock, flags);
	return c < 0 ? 0 : (uint8_t)c;
}

static void transmit(struct v16550 *u, uint8_t c)
{
	bool is_loop = is_looped(u);
	struct v16550_levels l;
	unsigned long flags;

	if (!is_loop) {
		v16550_hw_put(u, (char)c);
	}
	flags = spin_lock_irqsave(&u->lock);
	if (is_loop) {
		u->loop = c;
		u->has_loop = true;
	}
	l = v16550_hw_levels(u);
	u->is_tx_raised = is_loop || l.room >= V16550_FIFO;
	update_line(u);
	spin_unlock_irqrestore(&u->lock, flags);
}

/* Reading the cause acknowledges an empty transmitter, if that is it. */
static uint8_t read_iir(struct v16550 *u)
{
	unsigned long flags = spin_lock_irqsave(&u->lock);
	struct v16550_levels l = v16550_hw_levels(u);
	uint8_t is = cause(u, &l);

	if (is == IIR_TX) {
		u->is_tx_raised = false;
		update_line(u);
	}
	is |= (u->fcr & FCR_ENABLE) != 0 ? IIR_FIFO : 0;
	spin_unlock_irqrestore(&u->lock, flags);
	return is;
}

static uint8_t read_lsr(const struct v16550 *u)
{
	struct v16550_levels l = v16550_hw_levels(u);

	return (waiting(u, &l) > 0 ? LSR_RX : 0) |
	       (is_looped(u) || l.room >= V16550_FIFO ? LSR_TX_EMPTY : 0);
}

/* In loopback, what the guest drives comes back: RTS, DTR, OUT1, OUT2 as CTS, DSR, RI, DCD. */
static uint8_t read_msr(const struct v16550 *u)
{
	uint8_t m = u->mcr;

	if (!is_looped(u)) {
		return MSR_THERE;
	}
	return (uint8_t)((m & 2) << 3 | (m & 1) << 5 | (m & 4) << 4 | (m & 8) << 4);
}

uint8_t v16550_read(struct v16550 *u, unsigned int reg)
{
	bool has_divisor = (u->lcr & LCR_DLAB) != 0;

	switch (reg) {
	case RBR:
		return has_divisor ? u->dll : receive(u);
	case IER:
		return has_divisor ? u->dlm : u->ier;
	case IIR:
		return read_iir(u);
	case LCR:
		return u->lcr;
	case MCR:
		return u->mcr;
	case LSR:
		return read_lsr(u);
	case MSR:
		return read_msr(u);
	default:
		return u->scr;
	}
}

/* A transmitter that is empty says so when its interrupt is switched on. */
static void write_ier(struct v16550 *u, uint8_t value)
{
	struct v16550_levels l = v16550_hw_levels(u);
	bool is_new = (value & ~u->ier & IER_TX) != 0;

	u->ier = value & IER_BITS;
	if (is_new && (is_looped(u) || l.room >= V16550_FIFO)) {
		u->is_tx_raised = true;
	}
}

static void write_mcr(struct v16550 *u, uint8_t value)
{
	u->mcr = value & MCR_BITS;
	if (!is_looped(u)) {
		u->has_loop = false;
	}
}

static void write_control(struct v16550 *u, unsigned int reg, uint8_t value)
{
	switch (reg) {
	case IER:
		write_ier(u, value);
		break;
	case FCR:
		u->fcr = (value & FCR_ENABLE) != 0 ? value & FCR_BITS : 0;
		break;
	case LCR:
		u->lcr = value;
		break;
	case MCR:
		write_mcr(u, value);
		break;
	case SCR:
		u->scr = value;
		break;
	default: /* line and modem status are read only */
		break;
	}
}

void v16550_write(struct v16550 *u, unsigned int reg, uint8_t value)
{
	bool has_divisor = (u->lcr & LCR_DLAB) != 0;
	unsigned long flags;

	if (reg == THR && !has_divisor) {
		transmit(u, value);
		return;
	}
	flags = spin_lock_irqsave(&u->lock);
	if (has_divisor && reg == THR) {
		u->dll = value;
	} else if (has_divisor && reg == IER) {
		u->dlm = value;
	} else {
		write_control(u, reg, value);
	}
	update_line(u);
	spin_unlock_irqrestore(&u->lock, flags);
}

void v16550_input(struct v16550 *u)
{
	unsigned long flags = spin_lock_irqsave(&u->lock);

	update_line(u);
	spin_unlock_irqrestore(&u->lock, flags);
}

void v16550_room(struct v16550 *u)
{
	unsigned long flags = spin_lock_irqsave(&u->lock);

	u->is_tx_raised = true;
	update_line(u);
	spin_unlock_irqrestore(&u->lock, flags);
}

bool v16550_is_listening(const struct v16550 *u)
{
	return (__atomic_load_n(&u->ier, __ATOMIC_RELAXED) & IER_RX) != 0;
}

void v16550_reset(struct v16550 *u)
{
	unsigned long flags = spin_lock_irqsave(&u->lock);

	u->ier = u->fcr = u->lcr = u->mcr = u->scr = u->dlm = 0;
	u->dll = 1; /* 115200 */
	u->is_tx_raised = u->has_loop = false;
	v16550_hw_line(u, false);
	spin_unlock_irqrestore(&u->lock, flags);
}
