// SPDX-License-Identifier: Apache-2.0
/*
 * A PVH guest's DSDT: asm/guest_acpi.h. As ASL it would be:
 *
 *   Scope (\_SB) {
 *     Device (COM1) {
 *       Name (_HID, EisaId ("PNP0501"))
 *       Name (_UID, 1)
 *       Name (_CRS, ResourceTemplate () {
 *         IO (Decode16, 0x3f8, 0x3f8, 1, 8)
 *         Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive) { 4 }
 *       })
 *     }
 *     Device (VGEN) {
 *       Name (_HID, "VMGENCTR")
 *       Name (_CID, "VM_Gen_Counter")
 *       Name (_DDN, "VM_Gen_Counter")
 *       Name (ADDR, Package (2) { low, high })
 *     }
 *   }
 *
 *   Name (\_S5, Package (2) { 5, 5 })
 *
 * and within the scope each only where there is such a thing. Lengths of packages are written in two bytes, and patched in.
 * Spec: ACPI 5.1, 20.2 (AML encoding), 6.4.2.5 (I/O port descriptor), 6.4.3.6 (extended interrupt descriptor).
 */
#include <asm/guest_acpi.h>

#include <string.h>

#define OP_NAME	   0x08
#define OP_BYTE	   0x0a
#define OP_DWORD   0x0c
#define OP_TEXT	   0x0d
#define OP_SCOPE   0x10
#define OP_BUFFER  0x11
#define OP_PACKAGE 0x12
#define OP_ONE	   0x01
#define OP_EXT	   0x5b
#define OP_DEVICE  0x82

struct aml {
	uint8_t *to;
	unsigned int len;
};

static void add(struct aml *a, const void *bytes, unsigned int n)
{
	memcpy(a->to + a->len, bytes, n);
	a->len += n;
}

static void add_byte(struct aml *a, uint8_t byte)
{
	add(a, &byte, 1);
}

/* Room for a package's length. Return: where. */
static unsigned int begin(struct aml *a)
{
	unsigned int at = a->len;

	a->len += 2;
	return at;
}

/* The low four bits in the first byte, whose top bits say that one more byte follows. */
static void end(struct aml *a, unsigned int at)
{
	unsigned int n = a->len - at;

	a->to[at] = (uint8_t)(0x40 | (n & 0xf));
	a->to[at + 1] = (uint8_t)(n >> 4);
}

static void add_name(struct aml *a, const char *name)
{
	add_byte(a, OP_NAME);
	add(a, name, 4);
}

static void add_resources(struct aml *a)
{
	static const uint8_t io[8] = { 0x47, 0x01, 0xf8, 0x03, 0xf8, 0x03, 0x01, 0x08 };
	/* flags: consumer, edge; high and exclusive are zeroes */
	static const uint8_t irq[9] = { 0x89, 0x06, 0x00, 0x03, 0x01, 0x04, 0x00, 0x00, 0x00 };
	static const uint8_t last[2] = { 0x79, 0x00 };
	unsigned int at;

	add_byte(a, OP_BUFFER);
	at = begin(a);
	add_byte(a, OP_BYTE);
	add_byte(a, sizeof(io) + sizeof(irq) + sizeof(last));
	add(a, io, sizeof(io));
	add(a, irq, sizeof(irq));
	add(a, last, sizeof(last));
	end(a, at);
}

static void add_uart(struct aml *a)
{
	static const uint8_t pnp0501[5] = { OP_DWORD, 0x41, 0xd0, 0x05, 0x01 };
	unsigned int at;

	add_byte(a, OP_EXT);
	add_byte(a, OP_DEVICE);
	at = begin(a);
	add(a, "COM1", 4);
	add_name(a, "_HID");
	add(a, pnp0501, sizeof(pnp0501));
	add_name(a, "_UID");
	add_byte(a, OP_ONE);
	add_name(a, "_CRS");
	add_resources(a);
	end(a, at);
}

static void add_text(struct aml *a, const char *name, const char *text)
{
	add_name(a, name);
	add_byte(a, OP_TEXT);
	add(a, text, (unsigned int)strlen(text) + 1);
}

static void add_dword(struct aml *a, uint32_t value)
{
	const uint8_t bytes[5] = { OP_DWORD, (uint8_t)value, (uint8_t)(value >> 8),
				   (uint8_t)(value >> 16), (uint8_t)(value >> 24) };

	add(a, bytes, sizeof(bytes));
}

/* Linux knows it by either name. */
static void add_generation(struct aml *a, uint64_t at)
{
	unsigned int device, package;

	add_byte(a, OP_EXT);
	add_byte(a, OP_DEVICE);
	device = begin(a);
	add(a, "VGEN", 4);
	add_text(a, "_HID", "VMGENCTR");
	add_text(a, "_CID", "VM_Gen_Counter");
	add_text(a, "_DDN", "VM_Gen_Counter");
	add_name(a, "ADDR");
	add_byte(a, OP_PACKAGE);
	package = begin(a);
	add_byte(a, 2);
	add_dword(a, (uint32_t)at);
	add_dword(a, (uint32_t)(at >> 32));
	end(a, package);
	end(a, device);
}

/* Soft off, whose number the sleep control register takes. */
static void add_s5(struct aml *a)
{
	static const uint8_t package[] = { OP_PACKAGE, 0x06, 0x02, OP_BYTE, 0x05, OP_BYTE, 0x05 };

	add_name(a, "_S5_");
	add(a, package, sizeof(package));
}

unsigned int guest_dsdt_write(const struct guest_acpi *g, uint8_t *aml)
{
	struct aml a = { .to = aml };
	unsigned int at;

	add_byte(&a, OP_SCOPE);
	at = begin(&a);
	add(&a, "\\_SB_", 5);
	if (g->has_uart) {
		add_uart(&a);
	}
	if (g->generation != 0) {
		add_generation(&a, g->generation);
	}
	end(&a, at);
	add_s5(&a);
	return a.len;
}
