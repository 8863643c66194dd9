// SPDX-License-Identifier: Apache-2.0
/*
 * The machine's ACPI tables, any at all: the input is memory, with the RSDP at its beginning.
 *
 * Checksums are made right before it is read, each where its table's length says, so that it is the tables that are tried.
 * The oracle: no count beyond its room, no CPU twice, no window that makes no sense, and an end.
 */
#include "../unit/acpi_world.h"

#include <asm/acpi.h>
#include <hyp/errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASE	  0x1000U
#define MAX_INPUT 0x8000U
#define MAX_MAPS  1000U

static struct acpi_world w;

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

static uint64_t get(uint64_t at, unsigned int bytes)
{
	uint64_t value = 0;

	if (at > ACPI_WORLD_BYTES - 8) {
		return 0;
	}
	memcpy(&value, w.ram + at, bytes);
	return value;
}

static void mend_table(uint64_t at)
{
	uint32_t bytes = (uint32_t)get(at + 4, 4);

	if (at >= BASE + 36 && at < BASE + MAX_INPUT && bytes >= 36 && bytes < MAX_INPUT) {
		acpi_seal(&w, at, bytes, 9);
	}
}

static void mend_root(uint64_t at, unsigned int width)
{
	uint64_t bytes = get(at + 4, 4);

	for (uint64_t n = 36; n < bytes && n < 36 + 16 * width; n += width) {
		mend_table(get(at + n, width));
	}
	mend_table(at);
}

/* Tables may lie over each other: then some of them stay wrong, as they may. */
static void mend(void)
{
	mend_root(get(BASE + 16, 4), 4);
	mend_root(get(BASE + 24, 8), 8);
	acpi_seal(&w, BASE, 20, 8);
	acpi_seal(&w, BASE, 36, 32);
}

static void check(const struct acpi_facts *f)
{
	must(f->nr_cpus <= ACPI_MAX_CPUS && f->nr_ioapics <= ACPI_MAX_IOAPICS);
	must(f->nr_overrides <= ACPI_MAX_OVERRIDES && f->nr_mcfg <= ACPI_MAX_MCFG);
	for (unsigned int n = 0; n < f->nr_cpus; n++) {
		for (unsigned int m = 0; m < n; m++) {
			must(f->cpus[n] != f->cpus[m]);
		}
	}
	for (unsigned int n = 0; n < f->nr_mcfg; n++) {
		must(f->mcfg[n].base % (1U << 20) == 0 &&
		     f->mcfg[n].bus_start <= f->mcfg[n].bus_end);
		must(f->mcfg[n].base + ((uint64_t)f->mcfg[n].bus_end + 1) * (1U << 20) >
		     f->mcfg[n].base);
	}
	must(f->nr_iommus <= ACPI_MAX_IOMMUS && f->nr_guarded <= ACPI_MAX_GUARDED);
	for (unsigned int n = 0; n < f->nr_iommus; n++) {
		must(f->iommus[n].base != 0 && f->iommus[n].base % 4096 == 0);
	}
	for (unsigned int n = 0; n < f->nr_guarded; n++) {
		must(f->guarded[n].first <= f->guarded[n].last);
	}
	must((f->pm_timer.bits == 0) == (f->pm_timer.address == 0));
	must((f->uart.bits == 0) == (f->uart.address == 0) &&
	     (f->hpet.bits == 0) == (f->hpet.address == 0));
	must(f->s5_a <= 7 && f->s5_b <= 7 && (f->has_s5 || (f->s5_a | f->s5_b) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct acpi_facts f;

	memset(w.ram, 0, BASE + MAX_INPUT);
	memcpy(w.ram + BASE, data, size < MAX_INPUT ? size : MAX_INPUT);
	w.nr_maps = 0;
	mend();
	if (acpi_read(BASE, acpi_world_map, &w, &f) == 0) {
		check(&f);
	} else {
		must(f.nr_cpus == 0 && f.nr_mcfg == 0);
	}
	must(w.nr_maps < MAX_MAPS);
	return 0;
}
