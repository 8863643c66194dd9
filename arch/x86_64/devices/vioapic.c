// SPDX-License-Identifier: Apache-2.0
/* The virtual I/O APIC: asm/vioapic.h. */
#include <asm/vioapic.h>

#define IOREGSEL 0x00U
#define IOWIN	 0x10U

#define REG_ID	    0x00U
#define REG_VERSION 0x01U
#define REG_ARB	    0x02U
#define REG_ENTRIES 0x10U

#define VERSION	      (0x11U | (VIOAPIC_PINS - 1) << 16)
#define ID_BITS	      0x0f000000U
#define LOW_WRITABLE  0x0001afffUL /* neither delivery status nor remote IRR */
#define HIGH_WRITABLE 0xff000000UL

/* Sends what @pin's entry says, if it may be sent: not masked; and if by level, line up and not under way. */
static void send(struct vioapic *v, unsigned int pin)
{
	uint64_t e = v->entries[pin];
	bool is_level = (e & IOAPIC_LEVEL) != 0, is_taken;
	unsigned int mode = (unsigned int)(e >> 8) & 7;

	if ((e & IOAPIC_MASKED) != 0 ||
	    (mode != APIC_FIXED && mode != APIC_LOWEST && mode != APIC_NMI)) {
		return;
	}
	if (is_level && ((v->lines & 1U << pin) == 0 || (e & IOAPIC_REMOTE_IRR) != 0)) {
		return;
	}
	is_taken = vlapic_message(v->set, (uint32_t)(e >> 56), (e & IOAPIC_LOGICAL) != 0, mode,
				  (uint8_t)e, is_level);
	if (is_level && is_taken && mode != APIC_NMI) {
		v->entries[pin] |= IOAPIC_REMOTE_IRR;
	}
}

void vioapic_set_line(struct vioapic *v, unsigned int pin, bool is_up)
{
	unsigned long flags = spin_lock_irqsave(&v->lock);
	bool was_up = (v->lines & 1U << pin) != 0;

	v->lines = is_up ? v->lines | 1U << pin : v->lines & ~(1U << pin);
	if (is_up && !was_up) {
		send(v, pin);
	}
	spin_unlock_irqrestore(&v->lock, flags);
}

void vioapic_eoi(struct vioapic *v, uint8_t vector)
{
	unsigned long flags = spin_lock_irqsave(&v->lock);

	for (unsigned int pin = 0; pin < VIOAPIC_PINS; pin++) {
		uint64_t e = v->entries[pin];

		if ((e & IOAPIC_REMOTE_IRR) != 0 && (uint8_t)e == vector) {
			v->entries[pin] &= ~IOAPIC_REMOTE_IRR;
			send(v, pin);
		}
	}
	spin_unlock_irqrestore(&v->lock, flags);
}

static uint32_t read_register(const struct vioapic *v)
{
	uint32_t n = v->select - REG_ENTRIES;

	if (v->select >= REG_ENTRIES && n < 2 * VIOAPIC_PINS) {
		return (uint32_t)(v->entries[n / 2] >> (n % 2 * 32));
	}
	switch (v->select) {
	case REG_ID:
	case REG_ARB:
		return v->id;
	case REG_VERSION:
		return VERSION;
	default:
		return 0;
	}
}

/* An edge-triggered pin has nothing under way; a level-triggered one may have waited for what was written. */
static void write_entry(struct vioapic *v, uint32_t n, uint32_t value)
{
	uint64_t *e = &v->entries[n / 2];

	if (n % 2 != 0) {
		*e = (uint32_t)*e | (uint64_t)(value & HIGH_WRITABLE) << 32;
	} else {
		*e = (*e & ~LOW_WRITABLE) | (value & LOW_WRITABLE);
	}
	if ((*e & IOAPIC_LEVEL) == 0) {
		*e &= ~IOAPIC_REMOTE_IRR;
	} else {
		send(v, n / 2);
	}
}

static void write_register(struct vioapic *v, uint32_t value)
{
	uint32_t n = v->select - REG_ENTRIES;

	if (v->select == REG_ID) {
		v->id = value & ID_BITS;
	} else if (v->select >= REG_ENTRIES && n < 2 * VIOAPIC_PINS) {
		write_entry(v, n, value);
	}
}

uint64_t vioapic_read(struct vioapic *v, uint32_t offset, unsigned int bytes)
{
	unsigned long flags = spin_lock_irqsave(&v->lock);
	uint64_t value = 0;

	if (bytes == 4 && offset == IOREGSEL) {
		value = v->select;
	} else if (bytes == 4 && offset == IOWIN) {
		value = read_register(v);
	}
	spin_unlock_irqrestore(&v->lock, flags);
	return value;
}

void vioapic_write(struct vioapic *v, uint32_t offset, unsigned int bytes, uint64_t value)
{
	unsigned long flags = spin_lock_irqsave(&v->lock);

	if (bytes == 4 && offset == IOREGSEL) {
		v->select = value & 0xff;
	} else if (bytes == 4 && offset == IOWIN) {
		write_register(v, (uint32_t)value);
	}
	spin_unlock_irqrestore(&v->lock, flags);
}

void vioapic_reset(struct vioapic *v)
{
	unsigned long flags = spin_lock_irqsave(&v->lock);

	v->select = 0;
	v->id = 0;
	for (unsigned int pin = 0; pin < VIOAPIC_PINS; pin++) {
		v->entries[pin] = IOAPIC_MASKED;
	}
	spin_unlock_irqrestore(&v->lock, flags);
}

void vioapic_init(struct vioapic *v, struct vlapic_set *set)
{
	*v = (struct vioapic){ .set = set };
	vioapic_reset(v);
}
