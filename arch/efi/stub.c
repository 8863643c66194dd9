// SPDX-License-Identifier: Apache-2.0
/*
 * The first code of ashlar.efi: a UEFI firmware starts it, once it has verified the whole file. It puts the hypervisor,
 * which is a part of that file, into its place, ends the firmware's boot services and enters it, with the bundle, which
 * is another part, and what the firmware says of memory, ACPI and randomness.
 *
 * Nothing is configurable: load options are not looked at; a variable and a file can only forbid a version (lowest.c).
 * Spec: UEFI 2.10, 4.1 (entry point), 7.4.6 (ExitBootServices).
 */
#include <string.h>

#include "efi.h"
#include "handoff.h"
#include "lowest.h"
#include "parts.h"
#include "say.h"
#include "watchdog.h"

#define HIDDEN __attribute__((visibility("hidden")))

extern const char stub_file[] HIDDEN;		 /* first byte of the file, in memory */
extern const struct efi_parts stub_parts HIDDEN; /* behind the stub */

static const struct efi_guid acpi_20 = {
	0x8868e871, 0xe4f1, 0x11d3, { 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81 }
};
static const struct efi_guid acpi_10 = {
	0xeb9d2d30, 0x2d88, 0x11d3, { 0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d }
};
static const struct efi_guid rng = {
	0x3152bca5, 0xeade, 0x433d, { 0x86, 0x2e, 0xc0, 0x1c, 0xdc, 0x29, 0x1f, 0x44 }
};

static struct efi_handoff handoff;

static uint64_t fail(const struct efi_system_table *table, const char *why)
{
	efi_say(table, "ashlar.efi: refused: ");
	efi_say(table, why);
	efi_say(table, "\r\n");
	return EFI_LOAD_ERROR;
}

static uint64_t find_table(const struct efi_system_table *table, const struct efi_guid *guid)
{
	for (size_t i = 0; i < table->nr_tables; i++) {
		if (memcmp(&table->tables[i].guid, guid, sizeof(*guid)) == 0) {
			return (uint64_t)table->tables[i].at;
		}
	}
	return 0;
}

/* An input to the mixing of guests' seeds, which decides nothing; none is no error. */
static void read_seed(const struct efi_boot_services *boot)
{
	void *found = NULL;
	struct efi_rng *source;

	if (boot->locate_protocol(&rng, NULL, &found) != EFI_SUCCESS || found == NULL) {
		return;
	}
	source = found;
	if (source->get(source, NULL, sizeof(handoff.seed), handoff.seed) == EFI_SUCCESS) {
		handoff.seed_bytes = sizeof(handoff.seed);
	}
}

/* The page that the plan gives the hypervisor must be nobody's: while this code runs the firmware has memory of its own. */
static const char *take_place(const struct efi_boot_services *boot)
{
	uint64_t at = stub_parts.hyp_base;
	size_t pages = (size_t)(ALIGN_UP(stub_parts.hyp_room, EFI_PAGE_SIZE) / EFI_PAGE_SIZE);

	if (boot->allocate_pages(EFI_ALLOCATE_AT, EFI_LOADER_DATA, pages, &at) != EFI_SUCCESS) {
		return "the firmware uses the memory that the plan gives the hypervisor";
	}
	handoff.hyp = (struct efi_range){ stub_parts.hyp_base, pages * EFI_PAGE_SIZE };
	handoff.entry = stub_parts.hyp_entry;
	handoff.bundle = (struct efi_range){ (uint64_t)stub_file + stub_parts.bundle_at,
					     stub_parts.bundle_bytes };
	return NULL;
}

static void place_hypervisor(void)
{
	uint8_t *to = (uint8_t *)stub_parts.hyp_base; /* an address, as the firmware maps it */

	memcpy(to, stub_file + stub_parts.hyp_at, stub_parts.hyp_bytes);
	memset(to + stub_parts.hyp_bytes, 0, handoff.hyp.bytes - stub_parts.hyp_bytes);
}

/* The map is good for leaving only until the firmware changes it: then it is asked again. */
static const char *leave_firmware(const struct efi_boot_services *boot, void *image)
{
	size_t room = 0, bytes, key, line;
	uint32_t version;
	void *map = NULL;

	(void)boot->memory_map(&room, NULL, &key, &line, &version);
	room += 16 *
		line; /* the buffer itself splits lines, and so may what happens on the way out */
	if (boot->allocate_pool(EFI_LOADER_DATA, room, &map) != EFI_SUCCESS) {
		return "no memory for the memory map";
	}
	for (unsigned int tries = 0; tries < 8; tries++) {
		bytes = room;
		if (boot->memory_map(&bytes, map, &key, &line, &version) != EFI_SUCCESS) {
			return "the firmware's memory map cannot be read";
		}
		if (boot->exit_boot_services(image, key) == EFI_SUCCESS) {
			handoff.nr_ram = efi_free_ranges(map, bytes, line, handoff.ram);
			return NULL;
		}
	}
	return "the firmware does not end its boot services";
}

/** efi_main() - the file's entry point. */
uint64_t EFIAPI efi_main(void *image, struct efi_system_table *table);

uint64_t EFIAPI efi_main(void *image, struct efi_system_table *table)
{
	const char *why;

	if (stub_parts.magic != EFI_PARTS_MAGIC) {
		return fail(table, "the file was not made by ashlar sign");
	}
	handoff.rsdp = find_table(table, &acpi_20);
	handoff.rsdp = handoff.rsdp != 0 ? handoff.rsdp : find_table(table, &acpi_10);
	read_seed(table->boot);
	why = efi_lowest(table, image, (uint32_t)stub_parts.version, &handoff);
	why = why != NULL ? why : arch_efi_prepare(table->boot);
	why = why != NULL ? why : take_place(table->boot);
	if (why != NULL) {
		return fail(table, why);
	}
	place_hypervisor();
	efi_watchdog(table, "ashlar.efi"); /* from here on a failure is for it, too */
	efi_say(table, "ashlar.efi: starting the hypervisor\r\n");
	why = leave_firmware(table->boot, image);
	if (why != NULL) {
		return fail(table, why);
	}
	arch_efi_enter(&handoff);
}
