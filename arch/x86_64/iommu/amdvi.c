/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AMD's IOMMU, AMD-Vi: a device table with an entry a function, which leads to a domain's tables. Every entry is valid from
 * the start and lets nothing through; one that is not valid would let everything. All units share the table. Changes are
 * made known by the command buffer of each unit, and waited for.
 *
 * A function's messages are numbers of a table of its own, whose entries are interrupts; one that has no table can send none. An I/O
 * APIC is such a function, and its numbers are its vectors: what ends a level is sent to it by vector.
 *
 * A function whose fault has been told has further ones left out (SA) until it is attached again.
 * Spec: AMD I/O Virtualization 3.08, 2.2.2 (device table), 2.4 (commands), 2.5 (events), 3.3 (capability), 3.4 (registers).
 */
#include <asm/arch.h>
#include <asm/iommu.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/pci.h>
#include <hyp/arch/time.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/percpu.h>
#include <hyp/pool.h>

#define REG_TABLE	 0x00U
#define REG_COMMANDS	 0x08U
#define REG_EVENTS	 0x10U
#define REG_CONTROL	 0x18U
#define REG_COMMAND_HEAD 0x2000U
#define REG_COMMAND_TAIL 0x2008U
#define REG_EVENT_HEAD	 0x2010U
#define REG_EVENT_TAIL	 0x2018U
#define REG_STATUS	 0x2020U
#define REGS_BYTES	 0x4000U

#define CONTROL_ON	 BIT(0)
#define CONTROL_EVENTS	 BIT(2)
#define CONTROL_TELLS	 BIT(3) /* of events, by interrupt */
#define CONTROL_COMMANDS BIT(12)
#define STATUS_OVERFLOW	 BIT(0)
#define STATUS_EVENT	 BIT(1)
#define BUFFER_256	 (8UL << 56) /* entries of a buffer: a page */
#define BUFFER_BYTES	 PAGE_SIZE
#define ENTRY_BYTES	 16U

#define DTE_BYTES     32U
#define DTE_VALID     3UL /* and what it says of translation too */
#define DTE_LEVELS(n) ((uint64_t)(n) << 9)
#define DTE_SILENT    BIT(34) /* of its second word: SA */
#define DTE_DOMAIN    0xffffUL
#define DTE_INTERRUPTS \
	(BIT(0) | 8UL << 1 | BIT(5)) /* of its third word: valid, 256 entries, not told of */
#define DTE_TABLE      0xfffffffffffc0UL
#define DTE_AS_IT_IS   (1UL << 60)
#define DTE_REMAPPED   (2UL << 60) /* 0: none goes through */
#define IRTE_VALID     BIT(0)
#define IRTE_CPU(id)   ((uint32_t)(id) << 8)
#define IRTE_VECTOR(v) ((uint32_t)(v) << 16)
#define LINE_LEVEL     BIT(15) /* of an I/O APIC's entry */
#define LINE_CPU(id)   ((uint64_t)(id) << 56)
#define ACCESS	       (3UL << 61) /* read and write, in entries of all tables */
#define PTE_PRESENT    BIT(0)
#define PTE_NEXT(l)    ((uint64_t)(l) << 9)
#define PTE_NEXT_LEVEL PTE_NEXT(7)

#define COMMAND(n)	 ((uint64_t)(n) << 60)
#define WAIT_STORE	 BIT(0)
#define FORGET_ENTRY	 COMMAND(2)
#define FORGET_PAGES	 COMMAND(3)
#define FORGET_MESSAGES	 COMMAND(5)
#define FORGET_OF(id)	 ((uint64_t)(id) << 32)
#define EVERY_PAGE	 0x7ffffffffffff003UL /* and the tables that lead there */
#define DONE		 1UL
#define TIMEOUT_NS	 100000000UL
#define LEVELS		 4U
#define MSI_CAPABILITY	 5U
#define EVENT_CODE(low)	 ((unsigned int)((low) >> 60))
#define EVENT_FAULT	 2U
#define EVENT_WRITE(low) (((low) >> 53 & 1) != 0)

static struct unit {
	volatile uint8_t *regs;
	uint64_t (*commands)[2];
	uint64_t (*events)[2];
	uint32_t tail;
} units[ACPI_MAX_IOMMUS];

static uint64_t (*entries)[4];
static uint32_t nr_entries;
static volatile uint64_t *answer;

static uint64_t read64(const struct unit *u, uint32_t at)
{
	return *(volatile uint64_t *)(u->regs + at);
}

static void write64(const struct unit *u, uint32_t at, uint64_t value)
{
	*(volatile uint64_t *)(u->regs + at) = value;
}

static void submit(struct unit *u, uint64_t low, uint64_t high)
{
	u->commands[u->tail / ENTRY_BYTES][0] = low;
	u->commands[u->tail / ENTRY_BYTES][1] = high;
	u->tail = (u->tail + ENTRY_BYTES) % BUFFER_BYTES;
}

static bool is_answered(void)
{
	uint64_t end = arch_now_ns() + TIMEOUT_NS;

	while (*answer != DONE) {
		if (arch_now_ns() > end) {
			return false;
		}
		cpu_relax();
	}
	return true;
}

/* An IOMMU that goes on with what it had could let through what nobody may reach any more. */
static void forget(uint16_t function, uint64_t domid)
{
	for (unsigned int i = 0; i < acpi.nr_iommus; i++) {
		struct unit *u = &units[i];

		*answer = 0;
		submit(u, FORGET_ENTRY | function, 0);
		submit(u, FORGET_PAGES | FORGET_OF(domid), EVERY_PAGE);
		submit(u, FORGET_MESSAGES | function, 0);
		submit(u,
		       COMMAND(1) | WAIT_STORE |
			       arch_virt_to_phys((const void *)(uintptr_t)answer).v,
		       DONE);
		write64(u, REG_COMMAND_TAIL, u->tail);
		if (!is_answered()) {
			panic("IOMMU %u does not forget", i);
		}
	}
}

static void set_entry(uint16_t function, uint64_t low, uint64_t high)
{
	uint64_t *e = entries[function], old = e[1] & DTE_DOMAIN;
	uint64_t messages = (e[2] & DTE_TABLE) | DTE_INTERRUPTS;

	if (low != DTE_VALID && (e[2] & DTE_TABLE) != 0) {
		messages |= DTE_REMAPPED;
	}
	__atomic_store_n(&e[0], DTE_VALID, __ATOMIC_RELEASE);
	__atomic_store_n(&e[2], messages, __ATOMIC_RELEASE);
	__atomic_store_n(&e[1], high, __ATOMIC_RELEASE);
	__atomic_store_n(&e[0], low, __ATOMIC_RELEASE);
	forget(function, old);
	if ((high & DTE_DOMAIN) != old) {
		forget(function, high & DTE_DOMAIN);
	}
}

/* As far as there are functions behind them; what is beyond the table is blocked. */
static int make_table(void)
{
	uint32_t last = 0;
	unsigned int order = 0;

	for (unsigned int i = 0; i < acpi.nr_guarded; i++) {
		last = MAX(last, (uint32_t)acpi.guarded[i].last);
	}
	for (unsigned int i = 0; i < acpi.nr_lines_by; i++) {
		last = MAX(last, (uint32_t)acpi.lines_by[i]);
	}
	while ((PAGE_SIZE << order) / DTE_BYTES <= last) {
		order++;
	}
	entries = page_alloc(order);
	nr_entries = entries == NULL ? 0 : (uint32_t)((PAGE_SIZE << order) / DTE_BYTES);
	for (uint32_t i = 0; i < nr_entries; i++) {
		entries[i][0] = DTE_VALID;
		entries[i][2] = DTE_INTERRUPTS;
	}
	return entries == NULL ? -ENOMEM : 0;
}

/* Events are told by the message of the function that the unit is itself. */
static void set_message(uint16_t function)
{
	uint64_t pa = arch_pci_config(function);
	volatile uint8_t *config = pa == 0 ? NULL : arch_map(paddr(pa), PAGE_SIZE, MAP_DEVICE);
	uint8_t at = config == NULL ? 0 : config[0x34] & 0xfcU;

	for (unsigned int n = 0; n < 48 && at >= 0x40 && config[at] != MSI_CAPABILITY; n++) {
		at = config[at + 1] & 0xfcU;
	}
	if (at >= 0x40 && config[at] == MSI_CAPABILITY) {
		bool is_64 = (*(volatile uint16_t *)(config + at + 2) & 0x80) != 0;

		*(volatile uint32_t *)(config + at + 4) = (uint32_t)MSI_ADDRESS |
							  this_cpu()->arch.apic_id << 12;
		if (is_64) {
			*(volatile uint32_t *)(config + at + 8) = 0;
		}
		*(volatile uint16_t *)(config + at + (is_64 ? 12 : 8)) = VECTOR_IOMMU;
		*(volatile uint16_t *)(config + at + 2) = 1;
	}
}

/* Firmware may have left it on. */
static int start_one(unsigned int i)
{
	struct unit *u = &units[i];

	u->regs = arch_map(paddr(acpi.iommus[i].base), REGS_BYTES, MAP_DEVICE);
	u->commands = page_alloc(0);
	u->events = page_alloc(0);
	if (u->regs == NULL || u->commands == NULL || u->events == NULL) {
		return -ENOMEM;
	}
	set_message(acpi.iommus[i].function);
	if (acpi.iommus[i].function < nr_entries) { /* its own faults */
		entries[acpi.iommus[i].function][2] |= DTE_AS_IT_IS;
	}
	write64(u, REG_CONTROL, 0);
	write64(u, REG_TABLE,
		arch_virt_to_phys(entries).v | (nr_entries * DTE_BYTES / PAGE_SIZE - 1));
	write64(u, REG_COMMANDS, arch_virt_to_phys(u->commands).v | BUFFER_256);
	write64(u, REG_EVENTS, arch_virt_to_phys(u->events).v | BUFFER_256);
	write64(u, REG_COMMAND_HEAD, 0);
	write64(u, REG_COMMAND_TAIL, 0);
	write64(u, REG_EVENT_HEAD, 0);
	write64(u, REG_EVENT_TAIL, 0);
	write64(u, REG_CONTROL, CONTROL_ON | CONTROL_EVENTS | CONTROL_TELLS | CONTROL_COMMANDS);
	return 0;
}

static int amdvi_start(void)
{
	int err = make_table();

	answer = page_alloc(0);
	err = err == 0 && answer == NULL ? -ENOMEM : err;
	for (unsigned int i = 0; err == 0 && i < acpi.nr_iommus; i++) {
		err = start_one(i);
	}
	if (err != 0) {
		hyp_printf("PC: AMD-Vi cannot be used (error %d)", err);
		return err;
	}
	forget(0, 0);
	return 0;
}

static uint64_t leaf(unsigned int level)
{
	(void)level;
	return PTE_PRESENT | ACCESS;
}

static uint64_t table(unsigned int level)
{
	return PTE_PRESENT | PTE_NEXT(level - 1) | ACCESS;
}

static bool is_table(uint64_t entry, unsigned int level)
{
	(void)level;
	return (entry & PTE_NEXT_LEVEL) != 0;
}

static const struct iommu_format format = { leaf, table, is_table };

static void amdvi_describe(struct iommu_tables *t)
{
	t->format = &format;
	t->levels = LEVELS;
	t->max_level = 3;
}

static int amdvi_attach(uint16_t function, uint16_t domid, const struct iommu_tables *t)
{
	if (function >= nr_entries) {
		return -ENODEV;
	}
	set_entry(function,
		  arch_virt_to_phys(t->root).v | DTE_LEVELS(t->levels) | DTE_VALID | ACCESS, domid);
	return 0;
}

static void amdvi_block(uint16_t function)
{
	if (function < nr_entries) {
		set_entry(function, DTE_VALID, 0);
	}
}

/* Return: -ENODEV: it is behind none; -ENOMEM. */
static int set_number(uint16_t function, unsigned int nr, const struct iommu_interrupt *to)
{
	uint64_t *e = function < nr_entries ? entries[function] : NULL;
	uint32_t *table;

	if (e == NULL) {
		return -ENODEV;
	}
	if ((e[2] & DTE_TABLE) == 0) {
		table = page_alloc(0);
		if (table == NULL) {
			return -ENOMEM;
		}
		__atomic_store_n(&e[2], e[2] | arch_virt_to_phys(table).v, __ATOMIC_RELEASE);
	}
	table = arch_phys_to_virt(paddr(e[2] & DTE_TABLE));
	__atomic_store_n(&table[nr], IRTE_VALID | IRTE_CPU(to->apic_id) | IRTE_VECTOR(to->vector),
			 __ATOMIC_RELEASE);
	return 0;
}

/* They go through from when the function is attached. */
static int amdvi_remap(uint16_t function, unsigned int nr, const struct iommu_interrupt *to,
		       struct msi_message *host)
{
	int err = set_number(function, nr, to);

	if (err == 0) {
		forget(function, entries[function][1] & DTE_DOMAIN);
		host->address = MSI_ADDRESS;
		host->data = nr;
	}
	return err;
}

/* Which of them has the line need not be known. */
static uint64_t amdvi_line(unsigned int nr, const struct iommu_interrupt *to)
{
	(void)nr;
	for (unsigned int i = 0; i < acpi.nr_lines_by; i++) {
		uint16_t function = acpi.lines_by[i];

		if (set_number(function, to->vector, to) != 0) {
			panic("an I/O APIC's interrupts cannot be remapped");
		}
		entries[function][2] |= DTE_REMAPPED;
		forget(function, 0);
	}
	return LINE_CPU(to->apic_id) | (to->is_level ? LINE_LEVEL : 0) | to->vector;
}

static void take_event(const uint64_t event[2])
{
	uint16_t function = (uint16_t)event[0];

	iommu_say_fault(function, event[1], EVENT_WRITE(event[0]), EVENT_CODE(event[0]));
	if (EVENT_CODE(event[0]) == EVENT_FAULT && function < nr_entries) {
		set_entry(function, entries[function][0], entries[function][1] | DTE_SILENT);
	}
}

/* A full log is begun anew: what it had no room for is lost. */
static void amdvi_faults(void)
{
	for (unsigned int i = 0; i < acpi.nr_iommus; i++) {
		const struct unit *u = &units[i];
		uint64_t head = read64(u, REG_EVENT_HEAD) % BUFFER_BYTES;
		uint64_t tail = read64(u, REG_EVENT_TAIL) % BUFFER_BYTES;

		write64(u, REG_STATUS, STATUS_EVENT | STATUS_OVERFLOW);
		if (head != tail) {
			take_event(u->events[head / ENTRY_BYTES]);
		}
		write64(u, REG_EVENT_HEAD, tail);
	}
}

const struct iommu_ops amdvi_ops = {
	.name = "IOMMU (AMD-Vi)",
	.start = amdvi_start,
	.describe = amdvi_describe,
	.attach = amdvi_attach,
	.block = amdvi_block,
	.remap = amdvi_remap,
	.line = amdvi_line,
	.faults = amdvi_faults,
};
