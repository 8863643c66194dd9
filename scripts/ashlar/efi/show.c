// SPDX-License-Identifier: Apache-2.0
/* ashlar.efi for people: sections with what they may be, the hypervisor's place, the digest that is signed. */
#include <string.h>

#include "efi_file.h"

#define PE_X86_64 0x8664

static void show_section(const char *name, const char *access, const struct efi_bytes *b,
			 const struct file *f, int indent)
{
	printf("%*s%-8s %-3s at 0x%08zx  %9zu bytes\n", indent, "", name, access,
	       (size_t)(b->data - f->data), b->size);
}

static void show_hypervisor(const struct efi_contents *c, const struct file *f, int indent)
{
	show_section(".hyp", "r", &c->hypervisor, f, indent);
	show_section(".bundle", "r", &c->bundle, f, indent);
	printf("%*shypervisor goes to 0x%lx-0x%lx, entry 0x%lx\n", indent, "", c->hyp_base,
	       c->hyp_base + c->hyp_room, c->hyp_entry);
}

bool efi_file_show(const struct file *f, int indent)
{
	struct efi_contents c;
	size_t signed_bytes;
	uint8_t digest[SHA256_BYTES];
	char text[2 * SHA256_BYTES + 1];
	struct file bare;

	if (efi_parse(f, &c, &signed_bytes) != NULL) {
		return false;
	}
	bare = efi_compose(&c);
	efi_digest(&bare, digest);
	hex(text, digest, SHA256_BYTES);
	printf("%*sPE32+ file for UEFI, %s, %zu bytes\n", indent, "",
	       c.machine == PE_X86_64 ? "x86_64" : "AArch64", f->size);
	show_section(".text", "rx", &c.stub[0], f, indent + 2);
	show_section(".rodata", "r", &c.stub[1], f, indent + 2);
	show_section(".data", "rw", &c.stub[2], f, indent + 2);
	if (c.hypervisor.size > 0) {
		show_hypervisor(&c, f, indent + 2);
	}
	printf("%*ssha256 %s\n", indent + 2, "", text);
	if (efi_signature(f, signed_bytes).size > 0) {
		printf("%*sAuthenticode signature of %zu bytes\n", indent + 2, "",
		       efi_signature(f, signed_bytes).size);
	} else {
		printf("%*snot signed\n", indent + 2, "");
	}
	file_free(&bare);
	return true;
}
