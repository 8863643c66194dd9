/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupt messages of PCI functions that domains have. What a function writes to whom is the hypervisor's: each message
 * has an interrupt of the machine, and what arrives there goes on to the domain as the message that its guest wrote,
 * which the function never holds. Guests switch messages on and off, and mask them, in the function itself.
 *
 * MSI-X: pages with the table are not mapped; the table in them is the guest's copy, the rest of them the function's. A
 * function with more than PCI_MAX_VECTORS entries is seen with so many. MSI: one message.
 * Spec: PCI Local Bus 3.0, 6.8.1 (MSI), 6.8.2 (MSI-X).
 */
#include "pci.h"

#include <hyp/arch/mm.h>
#include <hyp/errno.h>

#define CAP_MSI	     0x05U
#define CAP_MSIX     0x11U
#define CAP_ID	     0xffU
#define CONTROL	     2U
#define MSI_ON	     0x0071U /* enabled, and how many */
#define MSI_ENABLE   0x0001U
#define MSI_MANY     0x007eU /* messages asked for, and given */
#define MSI_IS_64    0x0080U
#define MSI_CAN_MASK 0x0100U
#define MSI_ADDRESS  4U
#define MSIX_LAST    0x07ffU /* of the table's entries */
#define MSIX_ON	     0xc000U /* enabled, all masked */
#define MSIX_TABLE   4U
#define MSIX_PENDING 8U
#define MSIX_BYTES   12U
#define BAR_NUMBER   7U

/* An entry of the table. */
#define ENTRY_BYTES   16U
#define ENTRY_HIGH    4U
#define ENTRY_DATA    8U
#define ENTRY_CONTROL 12U
#define ENTRY_MASKED  1U

static bool is_64(const struct pci_function *f)
{
	return f->msi_data == f->msi + 12;
}

/* The bits @which of the control word of a capability. */
static void set_control(const struct pci_function *f, uint8_t cap, uint16_t which, uint32_t value)
{
	uint16_t old = pci_read16(f, cap + CONTROL);

	pci_write16(f, cap + CONTROL, (uint16_t)((old & ~which) | (value & which)));
}

static void measure_msi(struct pci_function *f)
{
	uint16_t control = pci_read16(f, f->msi + CONTROL);

	f->msi_data = (uint8_t)(f->msi + ((control & MSI_IS_64) != 0 ? 12 : 8));
	f->msi_end = (uint8_t)(f->msi_data + ((control & MSI_CAN_MASK) != 0 ? 12 : 2));
}

static int build_msi(struct pci_function *f)
{
	struct msi_message host;

	f->msi = pci_capability(f, CAP_MSI);
	if (f->msi == 0) {
		return 0;
	}
	measure_msi(f);
	set_control(f, f->msi, MSI_ON, 0);
	f->single.nr = arch_msi_alloc(f->domain, f->plan->function, &host);
	if (f->single.nr < 0) {
		return f->single.nr;
	}
	pci_write32(f, f->msi + MSI_ADDRESS, (uint32_t)host.address);
	if (is_64(f)) {
		pci_write32(f, f->msi + MSI_ADDRESS + 4, (uint32_t)(host.address >> 32));
	}
	pci_write16(f, f->msi_data, (uint16_t)host.data);
	return 0;
}

static volatile uint32_t *entry_word(const struct pci_function *f, uint32_t n, uint32_t at)
{
	return (volatile uint32_t *)(f->table + f->table_offset + n * ENTRY_BYTES + at);
}

/* Which of the plan's ranges holds the table; 0: none, and its domain has no MSI-X. */
static uint32_t range_of_table(const struct pci_function *f, uint32_t where, uint64_t *offset)
{
	uint32_t bar = PCI_BAR0 + 4 * (where & BAR_NUMBER), i;
	uint64_t bytes = (uint64_t)f->nr_entries * ENTRY_BYTES;

	*offset = where & ~BAR_NUMBER;
	for (i = 1; i < f->plan->nr_maps; i++) {
		if (f->plan->bars[i] == bar && *offset + bytes <= f->plan->regs[i].size) {
			return i;
		}
	}
	return 0;
}

static bool find_table(struct pci_function *f)
{
	uint64_t offset, page, end;
	uint32_t i = range_of_table(f, pci_read32(f, f->msix + MSIX_TABLE), &offset);

	if (i == 0) {
		return false;
	}
	page = ALIGN_DOWN(offset, PAGE_SIZE);
	end = ALIGN_UP(offset + (uint64_t)f->nr_entries * ENTRY_BYTES, PAGE_SIZE);
	f->table_at = f->plan->maps[i].at + page;
	f->table_bytes = end - page;
	f->table_offset = (uint32_t)(offset - page);
	f->table = arch_map(paddr(f->plan->regs[i].base + page), f->table_bytes, MAP_DEVICE);
	return f->table != NULL;
}

/* The function has to answer for that: what is there by its memory alone. */
static int build_entries(struct pci_function *f)
{
	uint32_t n;

	for (n = 0; n < f->nr_entries; n++) {
		*entry_word(f, n, ENTRY_CONTROL) = ENTRY_MASKED;
	}
	for (n = 0; n < f->nr_vectors; n++) {
		struct msi_message host;

		f->vector[n].nr = arch_msi_alloc(f->domain, f->plan->function, &host);
		if (f->vector[n].nr < 0) {
			return f->vector[n].nr;
		}
		*entry_word(f, n, 0) = (uint32_t)host.address;
		*entry_word(f, n, ENTRY_HIGH) = (uint32_t)(host.address >> 32);
		*entry_word(f, n, ENTRY_DATA) = host.data;
	}
	return 0;
}

static bool table_read(struct vcpu *v, void *dev, uint64_t offset, unsigned int size,
		       uint64_t *value);
static bool table_write(struct vcpu *v, void *dev, uint64_t offset, unsigned int size,
			uint64_t value);

static const struct mmio_ops table_ops = {
	.name = "MSI-X table",
	.read = table_read,
	.write = table_write,
};

static int build_msix(struct pci_function *f)
{
	int rc;

	f->msix = pci_capability(f, CAP_MSIX);
	if (f->msix == 0) {
		return 0;
	}
	set_control(f, f->msix, MSIX_ON, 0);
	f->nr_entries = (pci_read16(f, f->msix + CONTROL) & MSIX_LAST) + 1U;
	if (!find_table(f)) {
		return 0;
	}
	f->nr_vectors = MIN(f->nr_entries, PCI_MAX_VECTORS);
	pci_write16(f, PCI_COMMAND, PCI_COMMAND_NO_INTX | PCI_COMMAND_MEMORY);
	rc = build_entries(f);
	pci_write16(f, PCI_COMMAND, PCI_COMMAND_NO_INTX);
	return rc == 0 ? mmio_register(f->domain, f->table_at, f->table_bytes, &table_ops, f) : rc;
}

int pci_msi_build(struct pci_function *f)
{
	int rc = build_msi(f);

	rc = rc == 0 ? build_msix(f) : rc;
	if (rc == 0) {
		pci_msi_reset(f);
	}
	return rc;
}

static void forget(struct pci_vector *p)
{
	p->guest = (struct msi_message){ 0, 0 };
	p->is_masked = true;
	arch_msi_route(p->nr, NULL);
}

static void write_control(const struct pci_function *f, uint32_t n, bool is_masked)
{
	*entry_word(f, n, ENTRY_CONTROL) = is_masked ? ENTRY_MASKED : 0;
}

/* Entries are written where the function answers: its domain is off it. */
void pci_msi_reset(struct pci_function *f)
{
	if (f->msi != 0) {
		set_control(f, f->msi, MSI_ON, 0);
		forget(&f->single);
	}
	if (f->msix != 0) {
		set_control(f, f->msix, MSIX_ON, 0);
	}
	if (f->nr_vectors > 0) {
		pci_write16(f, PCI_COMMAND, PCI_COMMAND_NO_INTX | PCI_COMMAND_MEMORY);
		for (uint32_t n = 0; n < f->nr_vectors; n++) {
			write_control(f, n, true);
			forget(&f->vector[n]);
		}
		pci_write16(f, PCI_COMMAND, PCI_COMMAND_NO_INTX);
	}
}

/* Word @at of the guest's copy of entry @n. */
static uint32_t entry_get(const struct pci_function *f, uint32_t n, uint32_t at)
{
	const struct pci_vector *p = &f->vector[n];

	switch (at) {
	case 0:
		return (uint32_t)p->guest.address;
	case ENTRY_HIGH:
		return (uint32_t)(p->guest.address >> 32);
	case ENTRY_DATA:
		return p->guest.data;
	default:
		return p->is_masked ? ENTRY_MASKED : 0;
	}
}

static void entry_set(struct pci_function *f, uint32_t n, uint32_t at, uint32_t value)
{
	struct pci_vector *p = &f->vector[n];

	switch (at) {
	case 0:
		p->guest.address = (p->guest.address & ~(uint64_t)UINT32_MAX) | value;
		break;
	case ENTRY_HIGH:
		p->guest.address = (uint64_t)value << 32 | (uint32_t)p->guest.address;
		break;
	case ENTRY_DATA:
		p->guest.data = value;
		break;
	default:
		p->is_masked = (value & ENTRY_MASKED) != 0;
		write_control(f, n, p->is_masked);
		return;
	}
	arch_msi_route(p->nr, &p->guest);
}

/* Is the word at @offset the table's? Of entries that the domain does not have too. */
static bool is_entry(const struct pci_function *f, uint64_t offset)
{
	return offset >= f->table_offset &&
	       offset - f->table_offset < (uint64_t)f->nr_entries * ENTRY_BYTES;
}

static uint32_t table_get(const struct pci_function *f, uint64_t offset)
{
	uint32_t at = (uint32_t)(offset - f->table_offset), n = at / ENTRY_BYTES;

	if (!is_entry(f, offset)) {
		return *(volatile uint32_t *)(f->table + offset);
	}
	return n < f->nr_vectors ? entry_get(f, n, at % ENTRY_BYTES) : 0;
}

static void table_set(struct pci_function *f, uint64_t offset, uint32_t value)
{
	uint32_t at = (uint32_t)(offset - f->table_offset), n = at / ENTRY_BYTES;

	if (!is_entry(f, offset)) {
		*(volatile uint32_t *)(f->table + offset) = value;
	} else if (n < f->nr_vectors) {
		entry_set(f, n, at % ENTRY_BYTES, value);
	}
}

static bool table_read(struct vcpu *v, void *dev, uint64_t offset, unsigned int size,
		       uint64_t *value)
{
	struct pci_function *f = dev;
	unsigned long flags = spin_lock_irqsave(&f->lock);
	uint64_t whole = table_get(f, ALIGN_DOWN(offset, 4UL));

	(void)v;
	if (size == 8) {
		whole |= (uint64_t)table_get(f, offset + 4) << 32;
	}
	spin_unlock_irqrestore(&f->lock, flags);
	whole >>= 8 * (offset & 3);
	*value = size == 8 ? whole : whole & (BIT(8 * size) - 1);
	return true;
}

/* Narrower writes than of a word are undefined, and do nothing (6.8.2). */
static bool table_write(struct vcpu *v, void *dev, uint64_t offset, unsigned int size,
			uint64_t value)
{
	struct pci_function *f = dev;
	unsigned long flags = spin_lock_irqsave(&f->lock);

	(void)v;
	if (size >= 4) {
		table_set(f, offset, (uint32_t)value);
	}
	if (size == 8) {
		table_set(f, offset + 4, (uint32_t)(value >> 32));
	}
	spin_unlock_irqrestore(&f->lock, flags);
	return true;
}

/* Word @at of the MSI capability. */
static uint32_t msi_view(const struct pci_function *f, uint32_t at, uint32_t real)
{
	if (at == 0) {
		return real & ~(MSI_MANY << 16);
	}
	if (at == MSI_ADDRESS) {
		return (uint32_t)f->single.guest.address;
	}
	if (f->msi + at == f->msi_data) {
		return f->single.guest.data;
	}
	return is_64(f) && at == MSI_ADDRESS + 4 ? (uint32_t)(f->single.guest.address >> 32) : real;
}

uint32_t pci_msi_read(const struct pci_function *f, uint32_t at, uint32_t real)
{
	if (f->msi != 0 && at >= f->msi && at < f->msi_end) {
		return msi_view(f, at - f->msi, real);
	}
	if (f->msix == 0 || at < f->msix || at >= f->msix + MSIX_BYTES) {
		return real;
	}
	if (f->nr_vectors == 0) { /* a capability that is none */
		return at == f->msix ? real & 0xff00U : 0;
	}
	return at == f->msix ? (real & ~(MSIX_LAST << 16)) | (f->nr_vectors - 1) << 16 : real;
}

static void write_msi(struct pci_function *f, uint32_t at, unsigned int size, uint32_t value)
{
	struct msi_message *m = &f->single.guest;

	if (at == CONTROL && size == 2) {
		set_control(f, f->msi, MSI_ON, value & MSI_ENABLE);
	} else if (at == MSI_ADDRESS && size == 4) {
		m->address = (m->address & ~(uint64_t)UINT32_MAX) | value;
	} else if (f->msi + at == f->msi_data && size >= 2) {
		m->data = value & UINT16_MAX;
	} else if (is_64(f) && at == MSI_ADDRESS + 4 && size == 4) {
		m->address = (uint64_t)value << 32 | (uint32_t)m->address;
	} else if (f->msi + at == f->msi_data + 4U && size == 4) {
		pci_write32(f, f->msi_data + 4U, value & 1);
	}
	arch_msi_route(f->single.nr, m);
}

void pci_msi_write(struct pci_function *f, uint32_t at, unsigned int size, uint32_t value)
{
	if (size == 4 && (at == f->msi || at == f->msix) && at != 0) {
		at += CONTROL; /* what lies before that is constant */
		size = 2;
		value >>= 16;
	}
	if (f->msi != 0 && at >= f->msi && at < f->msi_end) {
		write_msi(f, at - f->msi, size, value);
	} else if (f->nr_vectors > 0 && at == f->msix + CONTROL && size == 2) {
		set_control(f, f->msix, MSIX_ON, value);
	}
}
