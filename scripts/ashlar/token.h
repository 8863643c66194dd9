/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys in PKCS#11 tokens. A key's file has a line with the token's URI (RFC 7512) and the public key in PEM form.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include "ashlar.h"

#define TOKEN_SCHEME "pkcs11:"
#define TOKEN_PIN    "ASHLAR_PIN"
#define TOKEN_PIN_FD "ASHLAR_PIN_FD"

struct token;

/** token_of() - what the first URI in @text leads to; nothing is opened. fail() unless it names module, token and object. */
struct token *token_of(const char *text, const char *path);

/**
 * token_sign() - PKCS#1 v1.5, or ECDSA as r and s, over @hash; the first call loads the module and asks for the PIN.
 * @sig: @bytes long. fail() if the token does not sign.
 */
void token_sign(struct token *t, bool is_ec, const uint8_t hash[SHA256_BYTES], uint8_t *sig,
		size_t bytes);

/** token_close() - NULL: nothing to close. */
void token_close(struct token *t);

#endif
