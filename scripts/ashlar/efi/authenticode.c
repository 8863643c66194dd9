// SPDX-License-Identifier: Apache-2.0
/*
 * Authenticode signatures of PE files: PKCS#7 SignedData (RFC 2315) around a digest of the file. No time is in it, and
 * RSA PKCS#1 v1.5 has no randomness: the same file and key give the same bytes.
 *
 * DER is written from its end to its beginning, for a length comes before what it counts.
 * Spec: Microsoft, Windows Authenticode Portable Executable Signature Format; UEFI 2.10, 32.2.4.
 */
#include <mbedtls/asn1write.h>
#include <mbedtls/oid.h>
#include <mbedtls/x509_crt.h>
#include <stdlib.h>
#include <string.h>

#include "efi_file.h"

#define ROOM 16384U

#define OID_SIGNED_DATA	   "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
#define OID_CONTENT_TYPE   "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03"
#define OID_MESSAGE_DIGEST "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04"
#define OID_INDIRECT_DATA  "\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04"
#define OID_PE_IMAGE_DATA  "\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x0f"

#define SEQUENCE   (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE)
#define SET	   (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SET)
#define CONTEXT(n) (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_CONTEXT_SPECIFIC | (n))

struct der {
	uint8_t *start, *at;
};

static void check(int written)
{
	if (written < 0) {
		fail("the signature of ashlar.efi has more than %u bytes: its certificate is too large",
		     ROOM);
	}
}

static void put_raw(struct der *d, const void *data, size_t bytes)
{
	check(mbedtls_asn1_write_raw_buffer(&d->at, d->start, data, bytes));
}

/* Everything since @end was taken becomes the content of @tag. */
static void wrap(struct der *d, unsigned int tag, const uint8_t *end)
{
	check(mbedtls_asn1_write_len(&d->at, d->start, (size_t)(end - d->at)));
	check(mbedtls_asn1_write_tag(&d->at, d->start, (unsigned char)tag));
}

static void put_oid(struct der *d, const char *oid, size_t bytes)
{
	check(mbedtls_asn1_write_oid(&d->at, d->start, oid, bytes));
}

#define PUT_OID(d, oid) put_oid(d, oid, sizeof(oid) - 1)

static void put_algorithm(struct der *d, const char *oid, size_t bytes)
{
	check(mbedtls_asn1_write_algorithm_identifier(&d->at, d->start, oid, bytes, 0));
}

#define PUT_ALGORITHM(d, oid) put_algorithm(d, oid, sizeof(oid) - 1)

static void put_octets(struct der *d, const void *data, size_t bytes)
{
	check(mbedtls_asn1_write_octet_string(&d->at, d->start, data, bytes));
}

/* SpcIndirectDataContent without its tag and length: that is what messageDigest is taken of. */
static void put_content(struct der *d, const uint8_t digest[SHA256_BYTES])
{
	/* SpcPeImageData: no flags, and a link to a file of no name */
	static const uint8_t image_data[] = { 0x30, 0x09, 0x03, 0x01, 0x00, 0xa0,
					      0x04, 0xa2, 0x02, 0x80, 0x00 };
	const uint8_t *end = d->at;

	put_octets(d, digest, SHA256_BYTES);
	PUT_ALGORITHM(d, MBEDTLS_OID_DIGEST_ALG_SHA256);
	wrap(d, SEQUENCE, end);
	end = d->at;
	put_raw(d, image_data, sizeof(image_data));
	PUT_OID(d, OID_PE_IMAGE_DATA);
	wrap(d, SEQUENCE, end);
}

/* The two signed attributes, in DER's order of a set, without the set's tag. */
static void put_attributes(struct der *d, const uint8_t content_digest[SHA256_BYTES])
{
	const uint8_t *end = d->at;

	put_octets(d, content_digest, SHA256_BYTES);
	wrap(d, SET, end);
	PUT_OID(d, OID_MESSAGE_DIGEST);
	wrap(d, SEQUENCE, end);
	end = d->at;
	PUT_OID(d, OID_INDIRECT_DATA);
	wrap(d, SET, end);
	PUT_OID(d, OID_CONTENT_TYPE);
	wrap(d, SEQUENCE, end);
}

/* Of the attributes as a set, which is how they are signed, though not how they are stored. */
static void attributes_digest(const uint8_t content_digest[SHA256_BYTES], uint8_t out[SHA256_BYTES])
{
	uint8_t room[256];
	struct der d = { room, room + sizeof(room) };

	put_attributes(&d, content_digest);
	wrap(&d, SET, room + sizeof(room));
	digest_sha256(d.at, (size_t)(room + sizeof(room) - d.at), out);
}

struct signer {
	const uint8_t *content_digest;
	const uint8_t *sig;
	size_t sig_bytes;
	mbedtls_x509_crt crt;
};

static void put_signer_info(struct der *d, const struct signer *s)
{
	const uint8_t *end = d->at, *inner;

	put_octets(d, s->sig, s->sig_bytes);
	PUT_ALGORITHM(d, MBEDTLS_OID_PKCS1_RSA);
	inner = d->at;
	put_attributes(d, s->content_digest);
	wrap(d, CONTEXT(0), inner);
	PUT_ALGORITHM(d, MBEDTLS_OID_DIGEST_ALG_SHA256);
	inner = d->at;
	put_raw(d, s->crt.serial.p, s->crt.serial.len);
	wrap(d, MBEDTLS_ASN1_INTEGER, inner);
	put_raw(d, s->crt.issuer_raw.p, s->crt.issuer_raw.len);
	wrap(d, SEQUENCE, inner);
	check(mbedtls_asn1_write_int(&d->at, d->start, 1));
	wrap(d, SEQUENCE, end);
}

static void put_signed_data(struct der *d, const uint8_t digest[SHA256_BYTES],
			    const struct signer *s)
{
	const uint8_t *end = d->at, *inner;

	put_signer_info(d, s);
	wrap(d, SET, end);
	inner = d->at;
	put_raw(d, s->crt.raw.p, s->crt.raw.len);
	wrap(d, CONTEXT(0), inner);
	inner = d->at;
	put_content(d, digest);
	wrap(d, SEQUENCE, inner);
	wrap(d, CONTEXT(0), inner);
	PUT_OID(d, OID_INDIRECT_DATA);
	wrap(d, SEQUENCE, inner);
	inner = d->at;
	PUT_ALGORITHM(d, MBEDTLS_OID_DIGEST_ALG_SHA256);
	wrap(d, SET, inner);
	check(mbedtls_asn1_write_int(&d->at, d->start, 1));
	wrap(d, SEQUENCE, end);
}

static void content_digest(const uint8_t digest[SHA256_BYTES], uint8_t out[SHA256_BYTES])
{
	uint8_t room[128];
	struct der d = { room, room + sizeof(room) };

	put_content(&d, digest);
	digest_sha256(d.at, (size_t)(room + sizeof(room) - d.at), out);
}

struct file authenticode(const uint8_t digest[SHA256_BYTES], const struct file *certificate,
			 size_t sig_bytes, authenticode_sign_fn sign, void *ctx)
{
	uint8_t content[SHA256_BYTES], attributes[SHA256_BYTES];
	uint8_t *room = xalloc(ROOM), *sig = xalloc(sig_bytes);
	struct der d = { room, room + ROOM };
	struct signer s = { .content_digest = content, .sig = sig, .sig_bytes = sig_bytes };
	struct file out;

	mbedtls_x509_crt_init(&s.crt);
	if (mbedtls_x509_crt_parse_der(&s.crt, certificate->data, certificate->size) != 0) {
		fail("the signer's certificate cannot be read");
	}
	content_digest(digest, content);
	attributes_digest(content, attributes);
	sign(ctx, attributes, sig);
	put_signed_data(&d, digest, &s);
	wrap(&d, CONTEXT(0), room + ROOM);
	PUT_OID(&d, OID_SIGNED_DATA);
	wrap(&d, SEQUENCE, room + ROOM);
	out.size = (size_t)(room + ROOM - d.at);
	out.data = xalloc(out.size + 1);
	memcpy(out.data, d.at, out.size);
	mbedtls_x509_crt_free(&s.crt);
	free(sig);
	free(room);
	return out;
}
