/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ashlar.efi: one PE32+ file with the stub, the hypervisor and the bundle. Its layout follows from these parts alone, as
 * does its signature from the file and the key: whoever has the parts can make the file again, and compare. Without a
 * hypervisor it is a program alone: the selector of a board with two slots.
 */
#ifndef EFI_FILE_H
#define EFI_FILE_H

#include "../../../arch/efi/parts.h"
#include "../ashlar.h"

#define EFI_STUB_SEGMENTS 3

/** struct efi_bytes - a piece of somebody else's memory. */
struct efi_bytes {
	const uint8_t *data;
	size_t size;
};

/** struct efi_contents - what the file is made of. */
struct efi_contents {
	uint16_t machine;			  /* of the PE specification */
	uint32_t entry;				  /* of the stub, from the file's first byte */
	struct efi_bytes stub[EFI_STUB_SEGMENTS]; /* text, rodata, data: whole pages */
	struct efi_bytes hypervisor;		  /* as it lies in memory */
	uint64_t hyp_base, hyp_room, hyp_entry;
	struct efi_bytes bundle;
	uint32_t version; /* of the bundle */
};

/** efi_compose() - the unsigned file, its checksum 0. */
struct file efi_compose(const struct efi_contents *c);

/**
 * efi_parse() - what @f is made of, pointing into it.
 * @signed_bytes: set to how many bytes come before the signature; all of them where there is none
 * Return: NULL; else why it is no ashlar.efi.
 */
const char *efi_parse(const struct file *f, struct efi_contents *c, size_t *signed_bytes);

/** efi_digest() - Authenticode's digest of an unsigned file, as efi_compose() makes it. */
void efi_digest(const struct file *unsigned_file, uint8_t out[SHA256_BYTES]);

/** efi_join() - @unsigned_file with @signature (DER) behind it, and its checksum. */
struct file efi_join(const struct file *unsigned_file, const struct file *signature);

/** efi_signature() - the DER bytes of a signed file's signature, without padding. Return: size 0: there is none. */
struct efi_bytes efi_signature(const struct file *f, size_t signed_bytes);

/**
 * authenticode() - PKCS#7 SignedData over @digest.
 * @certificate: of the signer, DER; @sign: signs the digest of the attributes into @sig, or, to make one again, copies it
 * Return: DER; deterministic.
 */
typedef void (*authenticode_sign_fn)(void *ctx, const uint8_t hash[SHA256_BYTES], uint8_t *sig);
struct file authenticode(const uint8_t digest[SHA256_BYTES], const struct file *certificate,
			 size_t sig_bytes, authenticode_sign_fn sign, void *ctx);

/** efi_stub_read() - machine, entry and segments of the stub's ELF file. fail() if it is none. */
void efi_stub_read(const struct file *elf, struct efi_contents *c);

#endif
