/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own interrupts: the console's, by an I/O APIC to the boot CPU; each CPU's timer; the kick that makes a CPU look
 * for work; faults of the IOMMUs. Those of guests' devices are messages (msi.c); every other line is masked.
 *
 * Handlers run where interrupts are opened, which is before a guest is entered and while a CPU idles, so they find no
 * lock held.
 * Spec: Intel 82093AA (I/O APIC) chapter 3; Intel 8259A.
 */
#include <asm/arch.h>
#include <asm/hvm.h>
#include <asm/iommu.h>
#include <asm/mitigate.h>
#include <hyp/arch/cpu.h>
#include <hyp/arch/io.h>
#include <hyp/arch/irq.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/time.h>
#include <hyp/arch/trap.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/percpu.h>

#define MAX_HANDLERS IOMMU_LINES
#define ISA_IRQS     16U
#define PIC_MASTER   0x21
#define PIC_SLAVE    0xa1

#define IOAPIC_SELECT	0x00U
#define IOAPIC_DATA	0x10U
#define IOAPIC_VERSION	0x01U
#define IOAPIC_EOI	0x40U
#define IOAPIC_HAS_EOI	0x20U /* from this version on */
#define IOAPIC_ENTRY(n) (0x10U + 2 * (n))
#define IOAPIC_LEVEL	BIT(15)
#define IOAPIC_MASKED	BIT(16)
#define IOAPIC_DEST(id) ((uint32_t)(id) << 24)

static struct {
	volatile uint8_t *regs;
	uint32_t first_gsi;
	uint32_t nr;
	bool has_eoi;
} ioapics[ACPI_MAX_IOAPICS];

static struct {
	uint32_t irq;
	void (*handler)(void *arg);
	void *arg;
} handlers[MAX_HANDLERS];
static unsigned int nr_handlers;
static bool are_remapped;

uint8_t arch_io_read8(uint16_t port)
{
	return in8(port);
}

void arch_io_write8(uint16_t port, uint8_t value)
{
	out8(port, value);
}

unsigned long arch_irq_save(void)
{
	unsigned long flags;

	__asm__ volatile("pushfq\n\tpopq %0\n\tcli" : "=r"(flags) : : "memory");
	return flags;
}

void arch_irq_restore(unsigned long flags)
{
	if ((flags & RFLAGS_IF) != 0) {
		__asm__ volatile("sti" : : : "memory");
	}
}

static uint32_t ioapic_read(volatile uint8_t *regs, uint32_t at)
{
	*(volatile uint32_t *)(regs + IOAPIC_SELECT) = at;
	return *(volatile uint32_t *)(regs + IOAPIC_DATA);
}

static void ioapic_write(volatile uint8_t *regs, uint32_t at, uint64_t value)
{
	*(volatile uint32_t *)(regs + IOAPIC_SELECT) = at;
	*(volatile uint32_t *)(regs + IOAPIC_DATA) = (uint32_t)value;
}

static int ioapic_init(unsigned int i)
{
	volatile uint8_t *regs = arch_map(paddr(acpi.ioapics[i].address), PAGE_SIZE, MAP_DEVICE);

	if (regs == NULL) {
		return -ENOMEM;
	}
	ioapics[i].regs = regs;
	ioapics[i].first_gsi = acpi.ioapics[i].gsi_base;
	ioapics[i].nr = ((ioapic_read(regs, IOAPIC_VERSION) >> 16) & 0xff) + 1;
	ioapics[i].has_eoi = (ioapic_read(regs, IOAPIC_VERSION) & 0xff) >= IOAPIC_HAS_EOI;
	for (uint32_t n = 0; n < ioapics[i].nr; n++) {
		ioapic_write(regs, IOAPIC_ENTRY(n), IOAPIC_MASKED);
	}
	return 0;
}

int arch_irq_init(const struct plan *plan)
{
	int err = 0;

	(void)plan;
	if (acpi_why != NULL || !time_is_known()) {
		hyp_printf("PC: %s", acpi_why != NULL ? acpi_why : "time stands still");
		return -ENODEV;
	}
	out8(PIC_MASTER, 0xff);
	out8(PIC_SLAVE, 0xff);
	for (unsigned int i = 0; err == 0 && i < acpi.nr_ioapics; i++) {
		err = ioapic_init(i);
	}
	this_cpu()->arch.apic_id = apic_id();
	err = err == 0 ? hvm_choose() : err;
	hyp_printf("PC: %u CPUs, %u I/O APIC%s, counter at %lu MHz, %s", acpi.nr_cpus,
		   acpi.nr_ioapics, acpi.nr_ioapics == 1 ? "" : "s", arch_counter_hz() / 1000000,
		   hvm == NULL ? "no virtualization" : hvm->name);
	firmware_say();
	mitigate_say();
	return err;
}

static bool route(unsigned int nr)
{
	const struct iommu_interrupt to = { this_cpu()->arch.apic_id,
					    (uint8_t)(VECTOR_FIRST_IRQ + nr), true };
	uint32_t gsi = acpi_gsi_of(handlers[nr].irq);
	uint64_t entry = iommu_line(nr, &to);

	are_remapped = entry != 0;
	if (!are_remapped) {
		entry = (uint64_t)IOAPIC_DEST(to.apic_id) << 32 | IOAPIC_LEVEL | to.vector;
	}
	for (unsigned int i = 0; i < acpi.nr_ioapics; i++) {
		uint32_t n = gsi - ioapics[i].first_gsi;

		if (gsi >= ioapics[i].first_gsi && n < ioapics[i].nr) {
			ioapic_write(ioapics[i].regs, IOAPIC_ENTRY(n) + 1, entry >> 32);
			ioapic_write(ioapics[i].regs, IOAPIC_ENTRY(n), entry);
			return true;
		}
	}
	return false;
}

/* What comes meanwhile waits: a level. */
void irq_lines(bool on)
{
	for (unsigned int i = 0; !on && i < acpi.nr_ioapics; i++) {
		for (uint32_t n = 0; n < ioapics[i].nr; n++) {
			ioapic_write(ioapics[i].regs, IOAPIC_ENTRY(n), IOAPIC_MASKED);
		}
	}
	for (unsigned int i = 0; on && i < nr_handlers; i++) {
		(void)route(i);
	}
}

/*
 * @irq: a line of the ISA bus, the console's, which is the only one. Its level is looked at, so that none is missed while its
 * handler runs.
 */
int arch_irq_request(unsigned int irq, void (*handler)(void *arg), void *arg)
{
	irq = firmware_irq(irq);
	if (irq >= ISA_IRQS) {
		return -EINVAL;
	}
	if (nr_handlers == MAX_HANDLERS) {
		return -EBUSY;
	}
	handlers[nr_handlers].irq = irq;
	handlers[nr_handlers].handler = handler;
	handlers[nr_handlers].arg = arg;
	return route(nr_handlers++) ? 0 : -EINVAL;
}

/* Devices of a PC that have lines are not given to domains: `ashlar check` refuses those that ask. */
int arch_irq_assign(struct domain *d, unsigned int intid, bool is_edge)
{
	(void)d;
	(void)intid;
	(void)is_edge;
	return -EINVAL;
}

void arch_irq_quiesce(struct domain *d)
{
	(void)d;
}

/* An I/O APIC need not hear of it from the local APIC: an IOMMU may have made an edge of its level (QEMU's AMD-Vi). */
static void end_level(unsigned int vector)
{
	apic_eoi();
	for (unsigned int i = 0; are_remapped && i < acpi.nr_ioapics; i++) {
		if (ioapics[i].has_eoi) {
			*(volatile uint32_t *)(ioapics[i].regs + IOAPIC_EOI) = vector;
		}
	}
}

void irq_handle(unsigned int vector)
{
	if (vector == VECTOR_KICK) {
		apic_eoi();
		if (__atomic_load_n(&is_panicking, __ATOMIC_ACQUIRE)) {
			arch_cpu_stop();
		}
	} else if (vector == VECTOR_TIMER) {
		apic_eoi();
		trap_timer();
	} else if (vector >= VECTOR_FIRST_MSI && vector <= VECTOR_LAST_MSI) {
		apic_eoi();
		msi_handle(vector - VECTOR_FIRST_MSI);
	} else if (vector == VECTOR_IOMMU) {
		apic_eoi();
		iommu_fault();
	} else if (vector - VECTOR_FIRST_IRQ < nr_handlers) {
		handlers[vector - VECTOR_FIRST_IRQ].handler(
			handlers[vector - VECTOR_FIRST_IRQ].arg);
		end_level(vector); /* gone by now */
	}
}

void arch_cpu_kick(unsigned int cpu)
{
	apic_ipi(cpu_get(cpu)->arch.apic_id, IPI_FIXED | VECTOR_KICK);
}
