/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's IOMMUs: switched on when the first PCI function is given to a domain; from then on a function reaches what
 * its domain's tables say, and one that nobody has reaches nothing. All units have the same tables, so that it need not
 * be known which of them a function is behind. Its messages are the interrupts that it was given, whatever it writes: an IOMMU that
 * cannot see to that guards nothing, for any CPU could be disturbed by them.
 *
 * Lock: iommu_lock, over the hardware; below it the pool's and the console's. Faults are taken by interrupt, on the boot CPU.
 */
#include <asm/arch.h>
#include <asm/iommu.h>
#include <hyp/arch/pci.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/pool.h>

static const struct iommu_ops *ops; /* NULL: not on */
static bool is_refused;
static spinlock_t iommu_lock;

static bool is_behind(uint16_t function)
{
	for (unsigned int i = 0; i < acpi.nr_guarded; i++) {
		if (function >= acpi.guarded[i].first && function <= acpi.guarded[i].last) {
			return true;
		}
	}
	return false;
}

static int start(void)
{
	static const struct iommu_ops *const kinds[] = {
		[ACPI_VTD] = &vtd_ops, [ACPI_AMDVI] = &amdvi_ops
	};
	const struct iommu_ops *o;

	if (ops != NULL || is_refused) {
		return ops != NULL ? 0 : -ENODEV;
	}
	o = acpi.iommu_kind < ARRAY_SIZE(kinds) ? kinds[acpi.iommu_kind] : NULL;
	if (o != NULL && !acpi.remaps_interrupts && acpi.nr_lines_by == 0) {
		hyp_printf("PC: %s does not remap interrupts: it guards nothing", o->name);
		o = NULL;
	}
	irq_lines(false);
	if (o != NULL && o->start() == 0) {
		ops = o;
		hyp_printf("PC: %u %s", acpi.nr_iommus, o->name);
	}
	is_refused = ops == NULL;
	irq_lines(true);
	return ops == NULL ? -ENODEV : 0;
}

/* @d's tables, once. */
static int make_tables(struct domain *d, bool is_machine)
{
	struct iommu_tables *t = pool_alloc(sizeof(*t));
	int err;

	if (t == NULL) {
		return -ENOMEM;
	}
	ops->describe(t);
	err = iommu_tables_init(t);
	for (unsigned int i = 0; err == 0 && i < d->nr_ram; i++) {
		err = iommu_tables_map(t, is_machine ? d->ram[i].pa : d->ram[i].gpa, d->ram[i].pa,
				       d->ram[i].size);
	}
	if (err == 0) {
		iommu_tables_flush(t);
		d->arch.iommu = t;
	}
	return err;
}

int arch_iommu_attach(struct domain *d, uint16_t function, bool is_machine)
{
	unsigned long flags;
	int err = is_behind(function) ? start() : -ENODEV;

	if (err == 0 && d->arch.iommu == NULL) {
		err = make_tables(d, is_machine);
	}
	if (err == 0) {
		flags = spin_lock_irqsave(&iommu_lock);
		err = ops->attach(function, d->id, d->arch.iommu);
		spin_unlock_irqrestore(&iommu_lock, flags);
	}
	return err;
}

void arch_iommu_block(uint16_t function)
{
	unsigned long flags;

	if (ops != NULL && is_behind(function)) {
		flags = spin_lock_irqsave(&iommu_lock);
		ops->block(function);
		spin_unlock_irqrestore(&iommu_lock, flags);
	}
}

int iommu_message(uint16_t function, unsigned int nr, const struct iommu_interrupt *to,
		  struct msi_message *host)
{
	unsigned long flags;
	int err = is_behind(function) ? start() : -ENODEV;

	if (err == 0) {
		flags = spin_lock_irqsave(&iommu_lock);
		err = ops->remap(function, nr, to, host);
		spin_unlock_irqrestore(&iommu_lock, flags);
	}
	return err;
}

uint64_t iommu_line(unsigned int nr, const struct iommu_interrupt *to)
{
	unsigned long flags;
	uint64_t entry;

	if (ops == NULL) {
		return 0;
	}
	flags = spin_lock_irqsave(&iommu_lock);
	entry = ops->line(nr, to);
	spin_unlock_irqrestore(&iommu_lock, flags);
	return entry;
}

void iommu_fault(void)
{
	unsigned long flags;

	if (ops != NULL) {
		flags = spin_lock_irqsave(&iommu_lock);
		ops->faults();
		spin_unlock_irqrestore(&iommu_lock, flags);
	}
}

void iommu_say_fault(uint16_t function, uint64_t at, bool is_write, unsigned int reason)
{
	hyp_printf(
		"PCI function %02x:%02x.%x was kept from %s 0x%lx (reason 0x%x); its next attempts are not told",
		function >> 8, function >> 3 & 31, function & 7,
		is_write ? "writing to" : "reading", at, reason);
}
