// SPDX-License-Identifier: Apache-2.0
/*
 * Keys of RSA and ECDSA from PEM files, and what is made of them: an id, a signature, numbers for U-Boot.
 * A certificate in the same file, or beside it (.crt for .key or .pem), gives the subject; it must be of the same key.
 */
#include <mbedtls/asn1.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>
#include <mbedtls/x509_crt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "ashlar.h"
#include "token.h"

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
	struct token *token; /* NULL: the private key is in the file, or nowhere */
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

bool key_is_ec(const struct key *k)
{
	return mbedtls_pk_get_type(&k->pk) == MBEDTLS_PK_ECKEY;
}

/* The point, x and then y, without the byte before it that says so (SEC 1 section 2.3.3). */
static void export_point(struct key *k)
{
	const mbedtls_ecp_keypair *pair = mbedtls_pk_ec(k->pk);
	uint8_t form[1 + 2 * 48];
	size_t n = 0;

	if (mbedtls_ecp_keypair_get_group_id(pair) != MBEDTLS_ECP_DP_SECP256R1 &&
	    mbedtls_ecp_keypair_get_group_id(pair) != MBEDTLS_ECP_DP_SECP384R1) {
		fail("key %s: on another curve than P-256 and P-384", k->path);
	}
	if (mbedtls_ecp_write_public_key(pair, MBEDTLS_ECP_PF_UNCOMPRESSED, &n, form,
					 sizeof(form)) != 0) {
		fail("key %s: cannot be read", k->path);
	}
	memcpy(k->modulus, form + 1, n - 1);
	k->pub.modulus = k->modulus;
	k->pub.modulus_bytes = n - 1;
}

static void export_rsa(struct key *k)
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
	if (mbedtls_pk_get_type(&crt.pk) != mbedtls_pk_get_type(&k->pk) ||
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
	if (strstr((const char *)f.data, TOKEN_SCHEME) != NULL) {
		k->token = token_of((const char *)f.data, path);
	}
	error = mbedtls_pk_parse_key(&k->pk, f.data, f.size + 1, NULL, 0, random_bytes, NULL);
	if (error != 0 && (!needs_private || k->token != NULL)) {
		error = mbedtls_pk_parse_public_key(&k->pk, f.data, f.size + 1);
	}
	if (error != 0) {
		fail("key %s: not a%s key of RSA, P-256 or P-384 in PEM form without password; one is made by: openssl genrsa -out KEY.pem 3072",
		     path, needs_private ? " private" : "");
	}
	if (key_is_ec(k)) {
		export_point(k);
	} else if (mbedtls_pk_get_type(&k->pk) == MBEDTLS_PK_RSA) {
		export_rsa(k);
	} else {
		fail("key %s: neither a key of RSA nor of ECDSA", path);
	}
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
	token_close(k->token);
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

bool key_is_token(const struct key *k)
{
	return k->token != NULL;
}

const char *key_kind(const struct key *k)
{
	static char kind[32];

	snprintf(kind, sizeof(kind), "%s%zu", key_is_ec(k) ? "ECDSA P-" : "RSA-",
		 k->pub.modulus_bytes * (key_is_ec(k) ? 4 : 8));
	return kind;
}

const char *key_algo(const struct key *k)
{
	static char algo[32];

	snprintf(algo, sizeof(algo), "sha256,%s%zu", key_is_ec(k) ? "ecdsa" : "rsa",
		 k->pub.modulus_bytes * (key_is_ec(k) ? 4 : 8));
	return algo;
}

static int sign_rsa(struct key *k, const uint8_t hash[SHA256_BYTES], uint8_t *sig)
{
	int ret = mbedtls_rsa_set_padding(rsa_of(k), MBEDTLS_RSA_PKCS_V15, MBEDTLS_MD_NONE);

	return ret != 0 ? ret
			: mbedtls_rsa_pkcs1_sign(rsa_of(k), random_bytes, NULL, MBEDTLS_MD_SHA256,
						 SHA256_BYTES, hash, sig);
}

/* Two numbers, each as long as a coordinate. */
static int put_pair(const struct key *k, const mbedtls_mpi *r, const mbedtls_mpi *s, uint8_t *sig)
{
	size_t half = k->pub.modulus_bytes / 2;
	int ret = mbedtls_mpi_write_binary(r, sig, half);

	return ret != 0 ? ret : mbedtls_mpi_write_binary(s, sig + half, half);
}

/* The secret number follows from key and digest: RFC 6979. */
static int sign_ecdsa(struct key *k, const uint8_t hash[SHA256_BYTES], uint8_t *sig)
{
	mbedtls_ecp_keypair *pair = mbedtls_pk_ec(k->pk);
	mbedtls_ecp_group grp;
	mbedtls_mpi d, r, s;
	int ret;

	mbedtls_ecp_group_init(&grp);
	mbedtls_mpi_init(&d);
	mbedtls_mpi_init(&r);
	mbedtls_mpi_init(&s);
	ret = mbedtls_ecp_export(pair, &grp, &d, NULL);
	if (ret == 0) {
		ret = mbedtls_ecdsa_sign_det_ext(&grp, &r, &s, &d, hash, SHA256_BYTES,
						 MBEDTLS_MD_SHA256, random_bytes, NULL);
	}
	if (ret == 0) {
		ret = put_pair(k, &r, &s, sig);
	}
	mbedtls_mpi_free(&s);
	mbedtls_mpi_free(&r);
	mbedtls_mpi_free(&d);
	mbedtls_ecp_group_free(&grp);
	return ret;
}

void key_sign(struct key *k, const uint8_t hash[SHA256_BYTES], uint8_t *sig)
{
	if (k->token != NULL) {
		token_sign(k->token, key_is_ec(k), hash, sig, k->pub.modulus_bytes);
	} else if ((key_is_ec(k) ? sign_ecdsa(k, hash, sig) : sign_rsa(k, hash, sig)) != 0) {
		fail("key %s: cannot sign", k->path);
	}
}

/* Others write ECDSA's pair as a SEQUENCE of two INTEGERs (RFC 3279 section 2.2.3). Return: false if it is none. */
static bool read_sequence(const struct key *k, const struct file *f, uint8_t *sig)
{
	unsigned char *p = f->data, *end = f->data + f->size;
	mbedtls_mpi r, s;
	bool is_good;
	size_t n;

	mbedtls_mpi_init(&r);
	mbedtls_mpi_init(&s);
	is_good = mbedtls_asn1_get_tag(&p, end, &n,
				       MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE) == 0 &&
		  p + n == end && mbedtls_asn1_get_mpi(&p, end, &r) == 0 &&
		  mbedtls_asn1_get_mpi(&p, end, &s) == 0 && p == end &&
		  put_pair(k, &r, &s, sig) == 0;
	mbedtls_mpi_free(&s);
	mbedtls_mpi_free(&r);
	return is_good;
}

void key_read_signature(const struct key *k, const char *path, uint8_t *sig)
{
	struct file f = file_read(path, "signature");

	if (f.size == k->pub.modulus_bytes) {
		memcpy(sig, f.data, f.size);
	} else if (!key_is_ec(k) || !read_sequence(k, &f, sig)) {
		fail("signature %s: %zu bytes, a signature by this key has %zu%s", path, f.size,
		     k->pub.modulus_bytes, key_is_ec(k) ? ", or is a SEQUENCE of two numbers" : "");
	}
	file_free(&f);
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
