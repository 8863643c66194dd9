/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual I/O APIC of a domain that has devices with lines: 24 pins, which send messages to its local APICs.
 *
 * Pins and registers are touched by any CPU, under the lock; below it nothing is locked, for a local APIC takes messages
 * without. A level-triggered pin is sent once, then again when its interrupt ended and the line is still up (remote IRR).
 *
 * Spec: Intel 82093AA data sheet, 3.0 (registers), 2.4 (messages); Intel SDM vol. 3A, 11.10.
 */
#ifndef ASM_VIOAPIC_H
#define ASM_VIOAPIC_H

#include <asm/vlapic.h>
#include <hyp/lock.h>
#include <hyp/types.h>

#define VIOAPIC_BASE 0xfec00000UL
#define VIOAPIC_SIZE 0x1000UL
#define VIOAPIC_PINS 24U

/* A redirection entry. */
#define IOAPIC_LOGICAL	  BIT(11)
#define IOAPIC_REMOTE_IRR BIT(14)
#define IOAPIC_LEVEL	  BIT(15)
#define IOAPIC_MASKED	  BIT(16)

struct vioapic {
	spinlock_t lock;
	struct vlapic_set *set; /* constant */
	uint32_t select;	/* all others under the lock */
	uint32_t id;
	uint32_t lines; /* inputs, a bit a pin: 1 is asserted, whatever the polarity */
	uint64_t entries[VIOAPIC_PINS];
};

/** vioapic_init() - an I/O APIC before @set, as at reset. */
void vioapic_init(struct vioapic *v, struct vlapic_set *set);

/** vioapic_reset() - every pin masked, nothing sent that did not end. Lines stay as their devices hold them. */
void vioapic_reset(struct vioapic *v);

/**
 * vioapic_read() / vioapic_write() - an access to the page at VIOAPIC_BASE: of 4 bytes at 0x00 (which register) and 0x10 (its
 * value). Others read as zero and write nothing.
 */
uint64_t vioapic_read(struct vioapic *v, uint32_t offset, unsigned int bytes);
void vioapic_write(struct vioapic *v, uint32_t offset, unsigned int bytes, uint64_t value);

/** vioapic_set_line() - a device's line, @pin < VIOAPIC_PINS. An edge that comes while its pin is masked is lost, as in hardware. */
void vioapic_set_line(struct vioapic *v, unsigned int pin, bool is_up);

/** vioapic_eoi() - a level-triggered @vector was ended by some local APIC: vlapic_hw_eoi(). */
void vioapic_eoi(struct vioapic *v, uint8_t vector);

#endif
