/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that read ACPI tables share. */
#ifndef ACPI_INTERNAL_H
#define ACPI_INTERNAL_H

#include <asm/acpi.h>

#define ACPI_HEADER 36U

/** struct acpi_table - a whole table that has been checked: @size >= ACPI_HEADER. */
struct acpi_table {
	const uint8_t *at;
	uint32_t size;
};

/** acpi_get() - @bytes at @at, little endian; 0 for what the table is too short for. */
uint64_t acpi_get(const struct acpi_table *t, uint32_t at, unsigned int bytes);

/** acpi_get_gas() - the generic address at @at; none if its address is 0. */
struct acpi_gas acpi_get_gas(const struct acpi_table *t, uint32_t at);

/** acpi_madt() / acpi_mcfg() / acpi_fadt() / acpi_spcr() / acpi_hpet() - the facts of one table. acpi_fadt(): *dsdt is where that is. */
void acpi_madt(const struct acpi_table *t, struct acpi_facts *f);
void acpi_mcfg(const struct acpi_table *t, struct acpi_facts *f);
void acpi_fadt(const struct acpi_table *t, struct acpi_facts *f, uint64_t *dsdt);
void acpi_spcr(const struct acpi_table *t, struct acpi_facts *f);
void acpi_hpet(const struct acpi_table *t, struct acpi_facts *f);

/** acpi_dmar() / acpi_ivrs() - IOMMUs and what is behind them. Nothing if the other kind was found before. */
void acpi_dmar(const struct acpi_table *t, struct acpi_facts *f);
void acpi_ivrs(const struct acpi_table *t, struct acpi_facts *f);

/** acpi_s5() - look for the package of soft off in the DSDT's AML. */
void acpi_s5(const struct acpi_table *t, struct acpi_facts *f);

#endif
