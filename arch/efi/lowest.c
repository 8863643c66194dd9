// SPDX-License-Identifier: Apache-2.0
/*
 * The lowest version that may start (lowest.h). Only who has the key that wrote the variable first can write it again, and
 * with a later time only, which the firmware sees to; orders carry a time that follows from their number, so none goes back.
 *
 * An order is a file on the partition that we came from, ready for SetVariable(). It is passed on only if it raises, and not
 * above our own version: a board is never left without anything that it may start.
 * Spec: UEFI 2.10, 8.2 (GetVariable, SetVariable), 8.2.2 (EFI_VARIABLE_AUTHENTICATION_2), 9.1 (loaded image), 13.4, 13.5 (files).
 */
#include "lowest.h"

#include <string.h>

#include "say.h"

#define ORDER_MAX  8192U
#define TIME_BYTES 16U
#define READ_ONLY  1UL
#define KEPT	   1U
#define AT_BOOT	   2U
#define TIME_BASED 0x20U
#define WANTED	   (KEPT | AT_BOOT | TIME_BASED)

static const struct efi_guid ours = {
	0x6c687361, 0x7261, 0x6f4c, { 0x87, 0x73, 0x74, 0x76, 0x00, 0x00, 0x00, 0x01 }
};
static const struct efi_guid loaded_image = EFI_LOADED_IMAGE;
static const struct efi_guid file_system = EFI_FILE_SYSTEM;
static const uint16_t variable[] = {
	'A', 's', 'h', 'l', 'a', 'r', 'L', 'o', 'w', 'e', 's', 't', 0
};
static const uint16_t order_path[] = { '\\', 'E', 'F', 'I',  '\\', 'A', 'S', 'H',
				       'L',  'A', 'R', '\\', 'L',  'O', 'W', 'E',
				       'S',  'T', '.', 'A',  'U',  'T', 0 };

static uint8_t order[ORDER_MAX];

/* Return: NULL; a variable that is not there says 0. */
static const char *read_variable(const struct efi_runtime *rt, uint32_t *lowest)
{
	uint32_t attributes = 0;
	size_t bytes = sizeof(*lowest);
	uint64_t status = rt->get_variable(variable, &ours, &attributes, &bytes, lowest);

	if (status == EFI_NOT_FOUND) {
		*lowest = 0;
		return NULL;
	}
	if (status != EFI_SUCCESS || bytes != sizeof(*lowest) || (attributes & WANTED) != WANTED) {
		return "the variable AshlarLowest is not what was written there";
	}
	return NULL;
}

/* Return: bytes of the order; 0: there is none. */
static size_t read_order(const struct efi_boot_services *boot, void *image)
{
	void *self = NULL, *found = NULL;
	struct efi_file *root = NULL, *file = NULL;
	struct efi_file_system *fs;
	size_t bytes = sizeof(order);

	if (boot->handle_protocol(image, &loaded_image, &self) != EFI_SUCCESS ||
	    boot->handle_protocol(((struct efi_loaded_image *)self)->device, &file_system,
				  &found) != EFI_SUCCESS) {
		return 0;
	}
	fs = found;
	if (fs->open(fs, &root) != EFI_SUCCESS ||
	    root->open(root, &file, order_path, READ_ONLY, 0) != EFI_SUCCESS) {
		return 0;
	}
	return file->read(file, &bytes, order) == EFI_SUCCESS ? bytes : 0;
}

/* Behind the time and the certificate, whose length it says itself. Return: false: it is no order. */
static bool order_number(size_t bytes, uint32_t *number)
{
	uint32_t certificate;

	if (bytes < TIME_BYTES + sizeof(certificate)) {
		return false;
	}
	memcpy(&certificate, order + TIME_BYTES, sizeof(certificate));
	if (certificate > bytes - TIME_BYTES ||
	    bytes - TIME_BYTES - certificate != sizeof(*number)) {
		return false;
	}
	memcpy(number, order + TIME_BYTES + certificate, sizeof(*number));
	return true;
}

static void raise(const struct efi_system_table *table, void *image, uint32_t version,
		  uint32_t lowest)
{
	size_t bytes = read_order(table->boot, image);
	uint32_t number = 0;

	if (bytes == 0 || !order_number(bytes, &number) || number <= lowest) {
		return;
	}
	efi_say(table, "ashlar.efi: the lowest version is to be ");
	efi_say_number(table, number);
	if (number > version) {
		efi_say(table, ": not done, this is an older one\r\n");
	} else if (table->runtime->set_variable(variable, &ours, WANTED, bytes, order) !=
		   EFI_SUCCESS) {
		efi_say(table, ": not done, the firmware does not accept who signed it\r\n");
	} else {
		efi_say(table, ": done\r\n");
	}
}

const char *efi_lowest(const struct efi_system_table *table, void *image, uint32_t version,
		       struct efi_handoff *h)
{
	const char *why = read_variable(table->runtime, &h->lowest);

	if (why == NULL) {
		raise(table, image, version, h->lowest);
		why = read_variable(table->runtime, &h->lowest);
	}
	if (why == NULL && version < h->lowest) {
		efi_say(table, "ashlar.efi: version ");
		efi_say_number(table, version);
		efi_say(table, ", the lowest that may start is ");
		efi_say_number(table, h->lowest);
		efi_say(table, "\r\n");
		why = "it is too old";
	}
	return why;
}
