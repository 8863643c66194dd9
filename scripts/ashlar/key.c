// SPDX-License-Identifier: Apache-2.0
/*
 * RSA keys from PEM files, and what is made of them: an id, a signature, numbers for U-Boot.
 * A certificate in the same file, or beside it (.crt for .key or .pem), gives the subject; it must be of the same key.
 */
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>
#include <mbedtls/x509_crt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "ashlar.h"

#define MAX_KEY_BYTES 512
#define SUBJECT_LEN   128

struct key {
	mbedtls_pk_context pk;
	uint8_t modulus[MAX_KEY_BYTES];
	uint8_t exponent[MAX_KEY_BYTES];
	struct verify_key pub;
	char subject[SUBJECT_LEN];
	char hint[64];
	struct file certificate;
	const char *path;
};

/* For blinding while signing; it never shows in an output. */
static int random_bytes(void *ctx, unsigned char *out, size_t n)
{
	(void)ctx;
	while (n > 0) {
		ssize_t got = getrandom(out, n, 0);

		if (got <= 0) {
			return -1;
		}
		out += got;
		n -= (size_t)got;
	}
	return 0;
}

static mbedtls_rsa_context *rsa_of(const struct key *k)
{
	return mbedtls_pk_rsa(k->pk);
}

static void export_public(struct key *k)
{
	mbedtls_mpi n, e;

	mbedtls_mpi_init(&n);
	mbedtls_mpi_init(&e);
	if (mbedtls_rsa_export(rsa_of(k), &n, NULL, NULL, NULL, &e) != 0) {
		fail("key %s: cannot be read", k->path);
	}
	k->pub.modulus_bytes = mbedtls_mpi_size(&n);
	k->pub.exponent_bytes = mbedtls_mpi_size(&e);
	if (k->pub.modulus_bytes != 256 && k->pub.modulus_bytes != 384 &&
	    k->pub.modulus_bytes != 512) {
		fail("key %s: %zu bits, possible are 2048, 3072 and 4096", k->path,
		     mbedtls_mpi_bitlen(&n));
	}
	if (k->pub.exponent_bytes > 8 ||
	    mbedtls_mpi_write_binary(&n, k->modulus, k->pub.modulus_bytes) != 0 ||
	    mbedtls_mpi_write_binary(&e, k->exponent, k->pub.exponent_bytes) != 0) {
		fail("key %s: its exponent is too large", k->path);
	}
	k->pub.modulus = k->modulus;
	k->pub.exponent = k->exponent;
	mbedtls_mpi_free(&n);
	mbedtls_mpi_free(&e);
}

/* First 8 bytes of SHA-256 over modulus, then exponent (hyp/verify.h). */
static void make_id(struct key *k)
{
	uint8_t both[2 * MAX_KEY_BYTES], digest[SHA256_BYTES];

	memcpy(both, k->modulus, k->pub.modulus_bytes);
	memcpy(both + k->pub.modulus_bytes, k->exponent, k->pub.exponent_bytes);
	digest_sha256(both, k->pub.modulus_bytes + k->pub.exponent_bytes, digest);
	hex(k->pub.id, digest, 8);
}

static char *certificate_path(const char *key)
{
	const char *dot = strrchr(key, '.');
	const char *slash = strrchr(key, '/');
	int stem = dot != NULL && (slash == NULL || dot > slash) ? (int)(dot - key)
								 : (int)strlen(key);

	return xasprintf("%.*s.crt", stem, key);
}

static void copy_common_name(struct key *k, const mbedtls_x509_name *name)
{
	for (; name != NULL; name = name->next) {
		if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &name->oid) == 0) {
			snprintf(k->subject, sizeof(k->subject), "%.*s", (int)name->val.len,
				 (const char *)name->val.p);
			return;
		}
	}
}

static void parse_certificate(struct key *k, const struct file *f, const char *path)
{
	mbedtls_x509_crt crt;

	mbedtls_x509_crt_init(&crt);
	if (mbedtls_x509_crt_parse(&crt, f->data, f->size + 1) != 0) {
		fail("certificate %s: cannot be read", path);
	}
	if (mbedtls_pk_get_type(&crt.pk) != MBEDTLS_PK_RSA ||
	    mbedtls_pk_check_pair(&crt.pk, &k->pk, random_bytes, NULL) != 0) {
		fail("certificate %s: not of the key %s", path, k->path);
	}
	copy_common_name(k, &crt.subject);
	k->certificate.size = crt.raw.len;
	k->certificate.data = xalloc(crt.raw.len);
	memcpy(k->certificate.data, crt.raw.p, crt.raw.len);
	mbedtls_x509_crt_free(&crt);
}

static void read_certificate(struct key *k, const struct file *pem)
{
	char *path = certificate_path(k->path);
	struct file f;

	if (strstr((const char *)pem->data, "-----BEGIN CERTIFICATE-----") != NULL) {
		parse_certificate(k, pem, k->path);
	} else if (file_is_there(path)) {
		f = file_read(path, "certificate");
		parse_certificate(k, &f, path);
		file_free(&f);
	}
	free(path);
	k->pub.is_dev = strcmp(k->subject, DEV_KEY_SUBJECT) == 0;
}

struct key *key_read(const char *path, bool needs_private)
{
	struct key *k = xalloc(sizeof(*k));
	struct file f = file_read(path, "key");
	int error;

	k->path = path;
	mbedtls_pk_init(&k->pk);
	error = mbedtls_pk_parse_key(&k->pk, f.data, f.size + 1, NULL, 0, random_bytes, NULL);
	if (error != 0 && !needs_private) {
		error = mbedtls_pk_parse_public_key(&k->pk, f.data, f.size + 1);
	}
	if (error != 0) {
		fail("key %s: not a%s RSA key in PEM form without password; one is made by: openssl genrsa -out KEY.pem 3072",
		     path, needs_private ? " private" : "");
	}
	if (mbedtls_pk_get_type(&k->pk) != MBEDTLS_PK_RSA) {
		fail("key %s: not an RSA key; U-Boot verifies no other kind", path);
	}
	export_public(k);
	make_id(k);
	read_certificate(k, &f);
	memset(f.data, 0, f.size);
	file_free(&f);
	snprintf(k->hint, sizeof(k->hint), "%s-%s", k->pub.is_dev ? "insecure-dev-key" : "key",
		 k->pub.id);
	return k;
}

void key_free(struct key *k)
{
	mbedtls_pk_free(&k->pk);
	file_free(&k->certificate);
	free(k);
}

const struct verify_key *key_public(const struct key *k)
{
	return &k->pub;
}

const char *key_subject(const struct key *k)
{
	return k->subject;
}

struct file key_certificate(const struct key *k)
{
	return k->certificate;
}

const char *key_hint(const struct key *k)
{
	return k->hint;
}

void key_sign(struct key *k, const uint8_t hash[SHA256_BYTES], uint8_t *sig)
{
	if (mbedtls_rsa_set_padding(rsa_of(k), MBEDTLS_RSA_PKCS_V15, MBEDTLS_MD_NONE) != 0 ||
	    mbedtls_rsa_pkcs1_sign(rsa_of(k), random_bytes, NULL, MBEDTLS_MD_SHA256, SHA256_BYTES,
				   hash, sig) != 0) {
		fail("key %s: cannot sign", k->path);
	}
}

void key_montgomery(const struct key *k, uint8_t *r_squared, uint32_t *n0_inverse)
{
	const uint8_t *low = k->modulus + k->pub.modulus_bytes - 4;
	uint32_t n = (uint32_t)low[0] << 24 | (uint32_t)low[1] << 16 | (uint32_t)low[2] << 8 |
		     low[3];
	uint32_t x = 1;
	mbedtls_mpi m, r;
	int i;

	/* Newton: each step doubles the number of right bits of 1/n mod 2^32. */
	for (i = 0; i < 5; i++) {
		x *= 2 - n * x;
	}
	*n0_inverse = (uint32_t)-x;

	mbedtls_mpi_init(&m);
	mbedtls_mpi_init(&r);
	if (mbedtls_mpi_read_binary(&m, k->modulus, k->pub.modulus_bytes) != 0 ||
	    mbedtls_mpi_lset(&r, 1) != 0 ||
	    mbedtls_mpi_shift_l(&r, 2 * 8 * k->pub.modulus_bytes) != 0 ||
	    mbedtls_mpi_mod_mpi(&r, &r, &m) != 0 ||
	    mbedtls_mpi_write_binary(&r, r_squared, k->pub.modulus_bytes) != 0) {
		fail("key %s: cannot be computed with", k->path);
	}
	mbedtls_mpi_free(&m);
	mbedtls_mpi_free(&r);
}
