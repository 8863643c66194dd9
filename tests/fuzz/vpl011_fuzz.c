// SPDX-License-Identifier: Apache-2.0
/*
 * The guests' UART against a second idea of what one is: any registers at any width in any order, keys that are typed
 * and a board's UART that takes much, little or nothing.
 *
 * The oracle knows what was typed, what was written and the mask. It asks: does each read say what the Generic UART's
 * would, is the interrupt's level right after every step, does what was typed arrive once and in order, and does what
 * was written while there was room come out of the board's UART once and in order, behind this domain's name.
 */
#include <hyp/arch/trap.h>
#include <hyp/console.h>
#include <stdlib.h>
#include <world.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DR     0x00U
#define FR     0x18U
#define IMSC   0x38U
#define RIS    0x3cU
#define MIS    0x40U
#define ICR    0x44U
#define ID     0xfe0U
#define RXFE   0x10U
#define TXFF   0x20U
#define RXFF   0x40U
#define TXFE   0x80U
#define INT_IN 0x50U /* receive, and its timeout */
#define INT_TX 0x20U
#define FIFO   32U

#define MAX_STEPS 2000
#define MAX_TYPED 480U /* fewer than the console keeps for a domain */
#define MAX_SENT  65536U

struct step {
	uint8_t what;
	uint8_t how;
	uint16_t reg;
	uint32_t value;
};

static struct domain *one;
static struct vcpu *v;

/* What the oracle knows. */
static struct {
	char typed[MAX_TYPED];
	unsigned int nr_typed, nr_read;
	char sent[MAX_SENT];
	unsigned int nr_sent;
	bool is_polite; /* never writes without room: nothing may be lost */
	uint32_t imsc;
} know;

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	world_setup(2);
	one = domain_get(1);
	v = one->vcpus[0];
	return 0;
}

static uint64_t mmio_read(uint64_t reg, unsigned int size)
{
	uint64_t value = UINT64_MAX;

	must(trap_mmio(v, gpa(GUEST_PL011_BASE + reg), size, false, &value));
	return value;
}

static void mmio_write(uint64_t reg, unsigned int size, uint64_t value)
{
	must(trap_mmio(v, gpa(GUEST_PL011_BASE + reg), size, true, &value));
}

static bool has_input(void)
{
	return know.nr_read < know.nr_typed;
}

/* Through the registers that a driver has: nothing here looks behind them. */
static void check_state(void)
{
	uint64_t fr = mmio_read(FR, 4), ris = mmio_read(RIS, 4), mis = mmio_read(MIS, 4);
	unsigned int waiting = know.nr_typed - know.nr_read;

	must(mmio_read(IMSC, 4) == know.imsc);
	must(((fr & RXFE) != 0) == !has_input());
	must(((fr & RXFF) != 0) == (waiting >= FIFO));
	must(((fr & TXFF) != 0) != ((fr & TXFE) != 0));
	must((fr & ~(uint64_t)(RXFE | RXFF | TXFF | TXFE)) == 0);
	must((ris & INT_IN) == (has_input() ? INT_IN : 0));
	must((ris & ~(uint64_t)(INT_IN | INT_TX)) == 0);
	must(mis == (ris & know.imsc));
	must(one->arch.irq[GUEST_VPL011_SPI] == (mis != 0));
	must(host.irq_masked == 0);
}

static void read_data(unsigned int size)
{
	bool is_there = has_input();
	uint64_t value = mmio_read(DR, size);

	must(value == (is_there ? (uint8_t)know.typed[know.nr_read] : 0));
	know.nr_read += is_there;
}

static void read_register(uint32_t reg, unsigned int size)
{
	static const uint8_t ids[8] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };
	uint64_t value;

	if (reg == DR) {
		read_data(size);
		return;
	}
	value = mmio_read(reg, size);
	if (reg >= ID && reg % 4 == 0) {
		must(value == ids[(reg - ID) / 4]);
	} else if (reg != FR && reg != IMSC && reg != RIS && reg != MIS) {
		must(value == 0);
	}
}

/* Letters and line ends alone, so that what comes out can be told from what the console adds. */
static void write_data(unsigned int size, uint32_t value)
{
	bool has_room = (mmio_read(FR, 4) & TXFF) == 0;
	char c = value % 16 == 0 ? '\n' : (char)('A' + value % 26);

	if (know.nr_sent == MAX_SENT || (know.is_polite && !has_room)) {
		return;
	}
	mmio_write(DR, size, (value & ~0xffU) | (uint8_t)c);
	must(((mmio_read(RIS, 4) & INT_TX) != 0) == ((mmio_read(FR, 4) & TXFF) == 0));
	know.sent[know.nr_sent++] = c;
}

static void write_register(uint32_t reg, unsigned int size, uint32_t value)
{
	if (reg == DR) {
		write_data(size, value);
		return;
	}
	mmio_write(reg, size, value);
	if (reg == IMSC) {
		know.imsc = value & 0x7ff;
	} else if (reg == ICR && (value & INT_TX) != 0) {
		must((mmio_read(RIS, 4) & INT_TX) == 0);
	}
}

static void type(uint32_t value)
{
	char keys[2] = { (char)(2 + value % 254), '\0' };

	if (know.nr_typed == MAX_TYPED) {
		return;
	}
	know.typed[know.nr_typed++] = keys[0];
	host.typed = keys;
	host_raise(WORLD_UART_IRQ);
	must(*host.typed == '\0');
	host.typed = NULL;
}

static void take_step(const struct step *s)
{
	static const uint32_t regs[] = { DR, DR, FR, IMSC, RIS, MIS, ICR, ID };
	unsigned int size = 1U << (s->how & 3);
	uint32_t reg = (s->how & 4) != 0 ? s->reg % 0x1000U & ~3U : regs[s->reg % 8];
	uint64_t value = s->value;

	if (size == 8) {
		must(!trap_mmio(v, gpa(GUEST_PL011_BASE + (reg & ~7U)), 8, (s->how & 8) != 0,
				&value));
		return;
	}
	switch (s->what % 8) {
	case 0:
	case 1:
		read_register(reg, size);
		break;
	case 2:
	case 3:
	case 4:
		write_register(reg, size, s->value);
		break;
	case 5:
		for (unsigned int i = 0; i <= s->how / 16U * 3U; i++) {
			type(s->value + i);
		}
		break;
	case 6:
		host.uart_room = s->value % 128;
		host_raise(WORLD_UART_IRQ);
		break;
	default:
		host_advance(s->value);
		break;
	}
}

/* All that waits goes out; an empty line tells what follows from what was. */
static void drain(void)
{
	host.uart_room = SIZE_MAX;
	mmio_write(DR, 4, '\n');
	for (int i = 0; i < 100; i++) {
		host_advance(1000000000UL);
		host_raise(WORLD_UART_IRQ);
	}
	while ((mmio_read(FR, 4) & RXFE) == 0) {
		(void)mmio_read(DR, 4);
	}
}

static void begin(void)
{
	drain();
	know.imsc = 0;
	know.nr_typed = 0;
	know.nr_read = 0;
	know.nr_sent = 0;
	mmio_write(IMSC, 4, 0);
	mmio_write(ICR, 4, 0x7ff);
	host.uart_len = 0;
	host.log_len = 0;
}

/* Only capitals are ever sent; the console adds names in small letters, and says nothing else unless something is lost. */
static void check_output(void)
{
	size_t at = 0;

	for (unsigned int i = 0; i < know.nr_sent; i++) {
		while (at < host.uart_len && (host.uart[at] < 'A' || host.uart[at] > 'Z')) {
			at++;
		}
		if (know.sent[i] != '\n') {
			must(at < host.uart_len && host.uart[at] == know.sent[i]);
			at++;
		}
	}
	for (; at < host.uart_len; at++) {
		must(host.uart[at] < 'A' || host.uart[at] > 'Z');
	}
	must(strstr(host.uart, "dropped") == NULL && strstr(host.uart, "two: ") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct step s;

	if (size == 0) {
		return 0;
	}
	begin();
	know.is_polite = (data[0] & 1) != 0;
	data++;
	size--;
	for (int i = 0; i < MAX_STEPS && size >= sizeof(s); i++) {
		memcpy(&s, data, sizeof(s));
		data += sizeof(s);
		size -= sizeof(s);
		take_step(&s);
		check_state();
	}
	drain();
	if (know.is_polite) {
		check_output();
	}
	return 0;
}
