// SPDX-License-Identifier: Apache-2.0
/*
 * A guest's 16550 on an I/O APIC's pin, under any accesses to both, keys and a console that takes much or nothing.
 *
 * The guest's CPU takes what is pending and ends it, now and then. The oracle: what is typed comes out once and in order;
 * what was written while there was room is written once; the line says what the cause register says; a level-triggered
 * pin whose line is up is under way, unless it is masked, and an edge-triggered one never is.
 */
#include "../unit/vlapic_fake.h"

#include <asm/v16550.h>
#include <asm/vioapic.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_STEPS 600
#define RING	  64U

struct step {
	uint8_t what;
	uint8_t at;
	uint16_t value;
};

static struct v16550 u;
static struct vioapic io;
static uint8_t next_typed, next_read;
static size_t nr_waiting, room, nr_put;
static bool line;

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

unsigned long arch_irq_save(void)
{
	return 0;
}

void arch_irq_restore(unsigned long flags)
{
	(void)flags;
}

struct v16550_levels v16550_hw_levels(const struct v16550 *uart)
{
	(void)uart;
	return (struct v16550_levels){ room, nr_waiting };
}

void v16550_hw_put(struct v16550 *uart, char c)
{
	(void)c;
	must(uart == &u);
	nr_put++;
	room -= room > 0;
}

int v16550_hw_get(struct v16550 *uart)
{
	must(uart == &u);
	if (nr_waiting == 0) {
		return -1;
	}
	nr_waiting--;
	return next_read++;
}

void v16550_hw_line(struct v16550 *uart, bool is_up)
{
	must(uart == &u);
	line = is_up;
	vioapic_set_line(&io, V16550_PIN, is_up);
}

static void read_uart(unsigned int reg)
{
	uint8_t expected = next_read;
	size_t had = nr_waiting;
	bool is_data = reg == 0 && (u.lcr & 0x80) == 0 && (u.mcr & 0x10) == 0;
	uint8_t value = v16550_read(&u, reg);

	must(!is_data || value == (had > 0 ? expected : 0));
	must(nr_waiting == (is_data && had > 0 ? had - 1 : had));
}

static void write_uart(unsigned int reg, uint8_t value)
{
	size_t old = nr_put;
	bool is_data = reg == 0 && (u.lcr & 0x80) == 0 && (u.mcr & 0x10) == 0;

	v16550_write(&u, reg, value);
	must(nr_put == old + is_data);
}

static void guest_takes(unsigned int n)
{
	int vector = vlapic_pending(&apic[n]);

	if (vector >= 0) {
		vlapic_take(&apic[n], (uint8_t)vector);
	}
}

static void guest_ends(unsigned int n)
{
	unsigned int eois = fake[n].eois;

	vlapic_mmio_write(&apic[n], APIC_EOI, 4, 0);
	if (fake[n].eois != eois) {
		vioapic_eoi(&io, (uint8_t)fake[n].eoi);
	}
}

/* The redirection entry of the UART's pin. */
static void check(void)
{
	uint64_t e = io.entries[V16550_PIN];
	unsigned int vector = e & 0xff, mode = e >> 8 & 7, dest = (unsigned int)(e >> 56);

	must(((io.lines >> V16550_PIN & 1) != 0) == line);
	if (line && (e & (IOAPIC_LEVEL | IOAPIC_MASKED | IOAPIC_LOGICAL)) == IOAPIC_LEVEL &&
	    mode == APIC_FIXED && vector >= 16 && dest < NR_CPUS) {
		must((e & IOAPIC_REMOTE_IRR) != 0);
	}
	must((e & IOAPIC_REMOTE_IRR) == 0 || (e & IOAPIC_LEVEL) != 0);
}

static void do_step(const struct step *s)
{
	switch (s->what % 9) {
	case 0:
		read_uart(s->at & 7);
		break;
	case 1:
		write_uart(s->at & 7, (uint8_t)s->value);
		break;
	case 2:
		if (nr_waiting < RING) {
			nr_waiting++;
			next_typed++;
		}
		v16550_input(&u);
		break;
	case 3:
		room = s->value % RING;
		if (room >= V16550_FIFO) {
			v16550_room(&u);
		}
		break;
	case 4:
		vioapic_write(&io, 0, 4,
			      s->at % 4 == 0 ? s->value : 0x10 + 2 * V16550_PIN + (s->at & 1U));
		break;
	case 5:
		vioapic_write(&io, 0x10, 4,
			      (s->at & 1) != 0 ? (uint32_t)s->value << 24
					       : s->value | (s->at & 2U) << 15);
		break;
	case 6:
		must(vioapic_read(&io, s->at & 0x1f, 1U << (s->at >> 6)) <= UINT32_MAX);
		break;
	case 7:
		guest_takes(s->at % NR_CPUS);
		break;
	default:
		guest_ends(s->at % NR_CPUS);
		break;
	}
	must((uint8_t)(next_typed - next_read) == nr_waiting);
	check();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct step s;

	vlapic_fake_begin();
	for (unsigned int n = 0; n < NR_CPUS; n++) {
		vlapic_mmio_write(&apic[n], APIC_SVR, 4, 0x1ff);
	}
	vioapic_init(&io, &set);
	next_typed = next_read = 0;
	nr_waiting = nr_put = 0;
	room = RING;
	memset(&u, 0, sizeof(u));
	v16550_reset(&u);
	for (unsigned int n = 0; n < MAX_STEPS && size >= sizeof(s); n++) {
		memcpy(&s, data, sizeof(s));
		do_step(&s);
		data += sizeof(s);
		size -= sizeof(s);
	}
	return 0;
}
