/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IOMMUs: between arch/x86_64/iommu's files, and what irq/ asks of them. iommu.c is the same for both kinds; vtd.c and amdvi.c
 * are the hardware; table.c builds the tables of either format.
 */
#ifndef ASM_IOMMU_H
#define ASM_IOMMU_H

#include <hyp/arch/pci.h>
#include <hyp/types.h>

/* Where interrupt messages are written. */
#define MSI_ADDRESS 0xfee00000UL

/** struct iommu_interrupt - what a message ends as: a vector of one CPU. */
struct iommu_interrupt {
	uint32_t apic_id;
	uint8_t vector;
	bool is_level;
};

#define IOMMU_MESSAGES 192U /* of functions: numbers below that */
#define IOMMU_LINES    8U   /* of I/O APICs */

/** struct iommu_format - entries of one kind's tables. Addresses are in bits 12 to 51 in both. */
struct iommu_format {
	uint64_t (*leaf)(unsigned int level);  /* readable and writable; level 1 is a page */
	uint64_t (*table)(unsigned int level); /* of an entry at @level that leads to a table */
	bool (*is_table)(uint64_t entry, unsigned int level);
};

/** struct iommu_tables - what a function of a domain reaches. */
struct iommu_tables {
	const struct iommu_format *format;
	uint64_t *root;
	unsigned int levels;	/* 3 or 4 */
	unsigned int max_level; /* of the largest block: 1 to 3 */
};

/** iommu_tables_init() - nothing is reached. Return: 0; -ENOMEM. */
int __must_check iommu_tables_init(struct iommu_tables *t);

/**
 * iommu_tables_map() - [@at, @at + @size) is [@pa, ...), in whole pages.
 * Return: 0; -EINVAL not in pages, or beyond what there is; -EEXIST; -ENOMEM. On error some of it may be mapped.
 */
int __must_check iommu_tables_map(struct iommu_tables *t, uint64_t at, uint64_t pa, uint64_t size);

/** iommu_tables_flush() - all of it to memory, for IOMMUs that do not look into caches. */
void iommu_tables_flush(const struct iommu_tables *t);

/** struct iommu_ops - a kind of IOMMU; all units of a machine are driven as one. */
struct iommu_ops {
	const char *name;
	int (*start)(void); /* on; nothing reaches anything. Return: 0; -errno, logged */
	void (*describe)(struct iommu_tables *t); /* all but the root, as the units take it */
	int (*attach)(uint16_t function, uint16_t domid, const struct iommu_tables *t);
	void (*block)(uint16_t function);
	/*
	 * @function's message @nr is @to, and no other message of its is an interrupt; @host: what it is to write.
	 * Return: 0; -ENODEV; -ENOMEM.
	 */
	int (*remap)(uint16_t function, unsigned int nr, const struct iommu_interrupt *to,
		     struct msi_message *host);
	/* what an I/O APIC's entry for line @nr is, so that it is @to */
	uint64_t (*line)(unsigned int nr, const struct iommu_interrupt *to);
	/* the faults since the last call. Context: interrupt */
	void (*faults)(void);
};

extern const struct iommu_ops vtd_ops, amdvi_ops;

/**
 * iommu_message() - message @nr of @function's as an interrupt, by the IOMMU that guards it.
 * Context: the builder. Return: 0, with what it is to write in @host; -ENODEV none guards it; -ENOMEM.
 */
int __must_check iommu_message(uint16_t function, unsigned int nr, const struct iommu_interrupt *to,
			       struct msi_message *host);
/** iommu_line() - the same for line @nr of an I/O APIC. Return: its entry; 0: no IOMMU is on. */
uint64_t iommu_line(unsigned int nr, const struct iommu_interrupt *to);
/** iommu_fault() - interrupt VECTOR_IOMMU. */
void iommu_fault(void);
/** iommu_say_fault() - in the log: @function was kept from @at. */
void iommu_say_fault(uint16_t function, uint64_t at, bool is_write, unsigned int reason);
/** msi_handle() - irq/msi.c: message @nr has arrived. */
void msi_handle(unsigned int nr);

#endif
