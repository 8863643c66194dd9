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
 *     Device (PCI0) {
 *       Name (_HID, EisaId ("PNP0A08"))
 *       Name (_CID, EisaId ("PNP0A03"))
 *       Name (_BBN, bus)
 *       Name (_CRS, ResourceTemplate () {
 *         WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode, 0, bus, bus, 0, 1)
 *         DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite, 0, first, last, 0, length)
 *       })
 *     }
 *     Device (ECAM) {
 *       Name (_HID, EisaId ("PNP0C02"))
 *       Name (_CRS, ResourceTemplate () { Memory32Fixed (ReadWrite, base, 0x100000) })
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
 * Spec: ACPI 5.1, 20.2 (AML encoding), 6.4.2.5 (I/O port descriptor), 6.4.3.6 (extended interrupt descriptor), 6.4.3.4 (32-bit
 * fixed memory), 6.4.3.5 (address spaces).
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

/* EisaId(). */
#define PNP0501 0x0105d041U
#define PNP0A03 0x030ad041U
#define PNP0A08 0x080ad041U
#define PNP0C02 0x020cd041U

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

static void add_dword(struct aml *a, uint32_t value)
{
	const uint8_t bytes[5] = { OP_DWORD, (uint8_t)value, (uint8_t)(value >> 8),
				   (uint8_t)(value >> 16), (uint8_t)(value >> 24) };

	add(a, bytes, sizeof(bytes));
}

/* A device begins, with a name in ACPI's compressed form. Return: where its length goes. */
static unsigned int begin_device(struct aml *a, const char *name, uint32_t eisa_id)
{
	unsigned int at;

	add_byte(a, OP_EXT);
	add_byte(a, OP_DEVICE);
	at = begin(a);
	add(a, name, 4);
	add_name(a, "_HID");
	add_dword(a, eisa_id);
	return at;
}

/* Its resources: descriptors, and the one that ends them. */
static void add_resources(struct aml *a, const uint8_t *descriptors, unsigned int bytes)
{
	static const uint8_t last[2] = { 0x79, 0x00 };
	unsigned int at;

	add_name(a, "_CRS");
	add_byte(a, OP_BUFFER);
	at = begin(a);
	add_byte(a, OP_BYTE);
	add_byte(a, (uint8_t)(bytes + sizeof(last)));
	add(a, descriptors, bytes);
	add(a, last, sizeof(last));
	end(a, at);
}

static void put32(uint8_t *at, uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++) {
		at[i] = (uint8_t)(value >> (8 * i));
	}
}

static void add_bridge(struct aml *a, const struct guest_pci *pci)
{
	uint8_t windows[16 + 26] = { 0x88, 13, 0, 2, 0x0c, 0 };
	uint8_t *memory = windows + 16;
	unsigned int at = begin_device(a, "PCI0", PNP0A08);

	windows[8] = pci->bus;
	windows[10] = pci->bus;
	windows[14] = 1;
	memory[0] = 0x87;
	memory[1] = 23;
	memory[4] = 0x0c; /* both ends are fixed, positive decoding */
	memory[5] = 0x01; /* read and write */
	put32(memory + 10, pci->memory);
	put32(memory + 14, pci->memory_end - 1);
	put32(memory + 22, pci->memory_end - pci->memory);
	add_name(a, "_CID");
	add_dword(a, PNP0A03);
	add_name(a, "_BBN");
	add_byte(a, OP_BYTE);
	add_byte(a, pci->bus);
	add_resources(a, windows, sizeof(windows));
	end(a, at);
}

/* Whose configuration space is nothing else's: Linux believes MCFG only then. */
static void add_ecam(struct aml *a, const struct guest_pci *pci)
{
	uint8_t fixed[12] = { 0x86, 9, 0, 1 };
	unsigned int at = begin_device(a, "ECAM", PNP0C02);

	put32(fixed + 4, (uint32_t)pci->config + ((uint32_t)pci->bus << 20));
	put32(fixed + 8, 1U << 20);
	add_resources(a, fixed, sizeof(fixed));
	end(a, at);
}

static void add_uart(struct aml *a)
{
	/* flags of the line: consumer, edge; high and exclusive are zeroes */
	static const uint8_t resources[] = { 0x47, 0x01, 0xf8, 0x03, 0xf8, 0x03, 0x01, 0x08, 0x89,
					     0x06, 0x00, 0x03, 0x01, 0x04, 0x00, 0x00, 0x00 };
	unsigned int at = begin_device(a, "COM1", PNP0501);

	add_name(a, "_UID");
	add_byte(a, OP_ONE);
	add_resources(a, resources, sizeof(resources));
	end(a, at);
}

static void add_text(struct aml *a, const char *name, const char *text)
{
	add_name(a, name);
	add_byte(a, OP_TEXT);
	add(a, text, (unsigned int)strlen(text) + 1);
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
	if (g->pci != NULL) {
		add_bridge(&a, g->pci);
		add_ecam(&a, g->pci);
	}
	if (g->generation != 0) {
		add_generation(&a, g->generation);
	}
	end(&a, at);
	add_s5(&a);
	return a.len;
}
