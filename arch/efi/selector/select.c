// SPDX-License-Identifier: Apache-2.0
/*
 * What a UEFI firmware starts on a board with two slots: a small signed program that counts a start of a slot on trial, and has
 * the firmware verify and start ashlar.efi of one slot, or else of the other. It verifies nothing itself, and decides between two
 * files that the firmware verifies each time, and that refuse to start below the lowest version: whatever the record says,
 * nothing unsigned and nothing older is started.
 *
 * Load options are not read. Every way through ends in the hypervisor, in power-off, or, should that fail, in a reset.
 * Spec: UEFI 2.10, 7.4 (LoadImage, StartImage), 8.5.1 (ResetSystem).
 */
#include <string.h>

#include "../say.h"
#include "../watchdog.h"
#include "disk.h"

static struct slot_disk disk;

static void say_slot(const struct efi_system_table *table, char slot, const char *what)
{
	const char name[] = { slot, '\0' };

	efi_say(table, "launcher: slot ");
	efi_say(table, name);
	efi_say(table, what);
}

/* A slot whose start cannot be counted would be tried for ever: it is not, and the other was started before. */
static void begin(const struct efi_system_table *table)
{
	bool was_on_trial = disk.record.is_on_trial;
	char was_first = disk.record.first;

	if (!record_begin(&disk.record)) {
		return;
	}
	if (was_on_trial && !disk.record.is_on_trial) {
		say_slot(table, was_first, " was started twice and never confirmed\r\n");
	}
	if (!slot_disk_write(&disk)) {
		efi_say(table, "launcher: the record of the slots cannot be written\r\n");
		(void)record_end_trial(&disk.record);
	}
}

static const char *reason(uint64_t status)
{
	if (status == EFI_NOT_FOUND) {
		return ": there is no ashlar.efi\r\n";
	}
	if (status == EFI_ACCESS_DENIED || status == EFI_SECURITY) {
		return ": the firmware refused ashlar.efi: it is not signed by whom it trusts\r\n";
	}
	return ": the firmware cannot load ashlar.efi\r\n";
}

/* Comes back if it was refused, by the firmware or by itself. */
static void start(const struct efi_system_table *table, void *self, char slot)
{
	const struct efi_boot_services *boot = table->boot;
	uint8_t path[PATH_ROOM];
	void *image = NULL;
	uint64_t status = EFI_NOT_FOUND;

	efi_watchdog(table, "launcher");
	say_slot(table, slot, ": loading ashlar.efi\r\n");
	if (slot_disk_path(&disk, slot, path)) {
		status = boot->load_image(0, self, path, NULL, 0, &image);
	}
	if (status == EFI_SUCCESS) {
		(void)boot->start_image(image, NULL, NULL);
		say_slot(table, slot, ": ashlar.efi refused to start, see above\r\n");
		return;
	}
	if (image != NULL) {
		(void)boot->unload_image(image);
	}
	say_slot(table, slot, reason(status));
}

/* One that is refused is left at once, and for good: a slot on trial that runs is the one that the record names. */
static void refuse(const struct efi_system_table *table, char slot)
{
	if (record_end_trial(&disk.record)) {
		say_slot(table, slot, " is no longer on trial\r\n");
		(void)slot_disk_write(&disk);
	}
}

static void __noreturn stop(const struct efi_system_table *table, const char *why)
{
	efi_say(table, "launcher: stopped: ");
	efi_say(table, why);
	efi_say(table, ", nothing was started\r\n");
	table->runtime->reset(EFI_POWER_OFF, EFI_SUCCESS, 0, NULL);
	for (;;) {
		table->runtime->reset(EFI_RESET_COLD, EFI_SUCCESS, 0, NULL);
	}
}

/** efi_main() - the file's entry point. */
uint64_t EFIAPI efi_main(void *image, struct efi_system_table *table);

uint64_t EFIAPI efi_main(void *image, struct efi_system_table *table)
{
	const char *why = slot_disk_open(&disk, table->boot, image);
	char first, second;

	if (why != NULL) {
		stop(table, why);
	}
	begin(table);
	first = disk.record.first;
	second = record_other(first);
	start(table, image, first);
	refuse(table, first);
	start(table, image, second);
	stop(table, "ashlar.efi of both slots was refused");
}
