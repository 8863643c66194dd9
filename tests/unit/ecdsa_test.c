// SPDX-License-Identifier: Apache-2.0
/*
 * ECDSA as the target verifies it, its memory from the arena: the vectors of RFC 6979, A.2.5 and A.2.6, "sample" with
 * SHA-256; and what must not verify.
 */
#include <unit.h>

#include <hyp/arena.h>
#include <hyp/errno.h>

#include <stdlib.h>
#include <string.h>

#include "../../hypervisor/verify/fit.h"

#define SAMPLE "AF2BDBE1AA9B6EC1E2ADE1D694F41FC71A831D0268E9891562113D8A62ADD1BF"

struct vector {
	const char *algo, *point, *signature;
	size_t bytes;
};

static const struct vector p256 = {
	"sha256,ecdsa256",
	"60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
	"7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
	"EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
	"F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
	64,
};

static const struct vector p384 = {
	"sha256,ecdsa384",
	"EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64DEF8F0EA9055866064A254515480BC13"
	"8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264720",
	"21B13D1E013C7FA1392D03C5F99AF8B30C570C6F98D4EA8E354B63A21D3DAA33BDE1E888E63355D92FA2B3C36D8FB2CD"
	"F3AA443FB107745BF4BD77CB3891674632068A10CA67E3D45DB2266FA7D1FEEBEFDC63ECCD1AC42EC0CB8668A4FA0AB0",
	96,
};

struct state {
	uint8_t point[96], signature[96], hash[SHA256_BYTES];
	struct verify_key key;
};

static void from_hex(uint8_t *out, const char *digits)
{
	char pair[3] = { 0 };

	for (; *digits != '\0'; digits += 2) {
		memcpy(pair, digits, 2);
		*out++ = (uint8_t)strtoul(pair, NULL, 16);
	}
}

static struct state load(const struct vector *v)
{
	struct state s = { .key = { .modulus_bytes = v->bytes } };

	from_hex(s.point, v->point);
	from_hex(s.signature, v->signature);
	from_hex(s.hash, SAMPLE);
	return s;
}

static int verify(struct state *s)
{
	s->key.modulus = s->point;
	return ecdsa_verify(&s->key, s->hash, s->signature, s->key.modulus_bytes);
}

static void verifies(const struct vector *v)
{
	struct state s = load(v);

	assert_int_equal(verify(&s), 0);
	assert_true(ecdsa_algo_matches(v->algo, &s.key));
	assert_false(ecdsa_algo_matches(v == &p256 ? p384.algo : p256.algo, &s.key));
	assert_false(ecdsa_algo_matches("sha256,rsa2048", &s.key));
	assert_false(ecdsa_algo_matches(NULL, &s.key));
}

static void test_verifies(void **unused)
{
	(void)unused;
	verifies(&p256);
	verifies(&p384);
}

/* Each bit of the signature, and of the digest, counts. */
static void refuses_changes(const struct vector *v)
{
	struct state s = load(v);
	size_t i;

	for (i = 0; i < v->bytes; i += 5) {
		s.signature[i] ^= 1;
		assert_int_equal(verify(&s), -EACCES);
		s.signature[i] ^= 1;
	}
	s.hash[31] ^= 1;
	assert_int_equal(verify(&s), -EACCES);
	s.hash[31] ^= 1;
	assert_int_equal(verify(&s), 0);
}

static void test_refuses_changes(void **unused)
{
	(void)unused;
	refuses_changes(&p256);
	refuses_changes(&p384);
}

/* r or s of 0 must not divide, nor pass; a point off the curve is no key. */
static void test_refuses_nonsense(void **unused)
{
	struct state s = load(&p256);

	(void)unused;
	memset(s.signature, 0, sizeof(s.signature));
	assert_int_equal(verify(&s), -EACCES);
	memset(s.signature, 0xff, sizeof(s.signature));
	assert_int_equal(verify(&s), -EACCES);
	s = load(&p256);
	s.point[63] ^= 1;
	assert_int_equal(verify(&s), -EACCES);
	s = load(&p256);
	assert_int_equal(ecdsa_verify(&s.key, s.hash, s.signature, 63), -EACCES);
	s.key.exponent_bytes = 3; /* a key of RSA */
	assert_int_equal(verify(&s), -EACCES);
	assert_false(ecdsa_algo_matches(p256.algo, &s.key));
}

/* The arena is as large as this needs, with a quarter to spare. */
static void test_arena(void **unused)
{
	(void)unused;
	verifies(&p384);
	assert_true(arena_peak() > 1024);
	assert_true(arena_peak() <= ARENA_BYTES / 4 * 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verifies),
		cmocka_unit_test(test_refuses_changes),
		cmocka_unit_test(test_refuses_nonsense),
		cmocka_unit_test(test_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
